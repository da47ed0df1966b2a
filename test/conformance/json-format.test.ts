import { expect } from "chai";
import type { CatalogClient } from "./support.js";
import { conformance } from "./support.js";

conformance(
  "OData 4.01 JSON Format",
  ({ catalog, graph }) => {
    it("3 JSON is asked for by Accept or $format, with parameters in any case and with or without odata.", async () => {
      for (const format of [
        "json",
        "JSON",
        "application/json",
        "application/json;metadata=full",
        "application/json;ODATA.METADATA=Full",
      ])
        expect((await catalog().get(`/Products?$format=${format}`)).status, format).to.equal(200);
      expect((await catalog().get("/Products?$format=json;metadata=full")).status).to.be.oneOf([400, 406]);
      expect((await typeFor(catalog(), "application/json;metadata=none")).toLowerCase()).to.contain("metadata=none");
      expect((await catalog().get("/Products", { headers: { accept: "application/xml" } })).status).to.equal(406);
    });

    it("3.1 minimal by default, also where the client says which version it reads", async () => {
      for (const headers of [{}, { "odata-maxversion": "4.01" }, { "odata-maxversion": "4.0", accept: "*/*" }]) {
        const answer = await catalog().get("/Products?$top=1", { headers });
        expect(answer.headers["content-type"]).to.contain("metadata=minimal");
        expect(answer.json).to.have.property("@odata.context");
      }
    });

    it("3.1.1 minimal: context, etag, count, nextLink, and no link that can be computed", async () => {
      const { value, ...around } = await catalog().json("/Products?$count=true");
      expect(around).to.have.all.keys("@odata.context", "@odata.count");
      for (const product of value) {
        expect(product["@odata.etag"]).to.match(/^W\/"/);
        const names = Object.keys(product).filter((name) => name.includes("@"));
        expect(names.filter((name) => /Link$/.test(name))).to.deep.equal([]);
        expect(product).not.to.have.property("@odata.id");
      }
      const page = await catalog().json("/Products", { prefer: "odata.maxpagesize=3" });
      expect(page.value).to.have.length(3);
      expect((await catalog().json(catalog().path(page["@odata.nextLink"]))).value).to.have.length(3);
    });

    it("3.1.2 full: all control information is there", async () => {
      const laptop = await catalog().product("Laptop");
      const entity = await catalog().json(laptop, full);
      expect(entity["@odata.context"]).to.equal(`${catalog().root}$metadata#Products/$entity`);
      expect(catalog().path(entity["@odata.id"])).to.equal(laptop);
      expect(entity["@odata.type"]).to.equal("#ComplianceService.SpecialProduct");
      expect(entity["@odata.etag"]).to.match(/^W\/"/);
      expect((await catalog().json(catalog().path(entity["@odata.editLink"]))).Name).to.equal("Laptop");
      for (const name of ["Category", "Descriptions", "RelatedProducts"]) {
        expect(catalog().path(entity[`${name}@odata.navigationLink`])).to.equal(`${laptop}/${name}`);
        expect(catalog().path(entity[`${name}@odata.associationLink`])).to.equal(`${laptop}/${name}/$ref`);
      }
      expect(entity["Photo@odata.mediaReadLink"] ?? entity["Photo@odata.mediaEditLink"]).to.be.a("string");
    });

    it("3.1.3 none: only nextLink and count", async () => {
      const headers = { accept: "application/json;odata.metadata=none", prefer: "odata.maxpagesize=2" };
      const answer = await catalog().json("/Products?$count=true&$expand=Category", headers);
      expect(Object.keys(answer)).to.have.members(["@odata.count", "@odata.nextLink", "value"]);
      expect(JSON.stringify(answer.value)).not.to.contain("@");
      const entity = await catalog().json(await catalog().product("Laptop"), headers);
      expect(JSON.stringify(entity)).not.to.contain("@odata");
    });

    it("3.2 IEEE754Compatible=true writes Int64, Decimal and counts as strings, and says so", async () => {
      const accept = "application/json;IEEE754Compatible=true";
      const answer = await catalog().get("/DecimalSamples?$count=true", { headers: { accept } });
      expect(answer.headers["content-type"]).to.match(/IEEE754Compatible=true/i);
      expect(answer.json["@odata.count"]).to.equal("1");
      expect(answer.json.value[0].Amount).to.match(/^123\.45/);
      expect((await catalog().json("/MediaItems", { accept })).value[0].Size).to.match(/^\d+$/);
      expect((await catalog().json("/Calculate(value=4503599627370496)", { accept })).value).to.equal(
        "9007199254740992",
      );
      const plain = await catalog().get("/DecimalSamples?$count=true");
      expect(plain.headers["content-type"]).not.to.match(/IEEE754Compatible=true/i);
      expect(plain.json["@odata.count"]).to.equal(1);
      expect(plain.json.value[0].Amount).to.equal(123.45);
      expect((await catalog().get("/Calculate(value=4503599627370497)")).text).to.contain('"value":9007199254740994');
    });

    it("3.2 a body of such numbers as strings says so in its content type", async () => {
      const amount = "12345678901234567890.123456789012345678";
      const body = `{"Name":"Exact","Amount":"${amount}"}`;
      const headers = { "content-type": "application/json;IEEE754Compatible=true" };
      expect((await catalog().post("/DecimalSamples", body, { headers })).status).to.equal(201);
      const { text } = await catalog().get("/DecimalSamples?$filter=Name eq 'Exact'&$select=Amount");
      expect(text).to.contain(`"Amount":${amount}`);
      expect((await catalog().post("/DecimalSamples", `{"Name":"Number","Amount":${amount}}`)).status).to.equal(201);
      expect((await catalog().post("/DecimalSamples", '{"Name":"e","Amount":1.5e3}')).status).to.equal(201);
    });

    it("4.1 content types name the metadata level; a body may name its character set", async () => {
      expect((await catalog().get("/Products")).headers["content-type"]).to.match(
        /^application\/json;.*metadata=minimal/,
      );
      const headers = { "content-type": "application/json;charset=UTF-8;odata.metadata=minimal" };
      expect((await catalog().post("/Categories", { Name: "Ünïcode" }, { headers })).json.Name).to.equal("Ünïcode");
      expect(
        (await catalog().post("/Categories", "Name=x", { headers: { "content-type": "text/plain" } })).status,
      ).to.equal(415);
    });

    it("4.2 a body is one object; what is no structure or a collection stands in value", async () => {
      const laptop = await catalog().product("Laptop");
      expect(await catalog().json(`${laptop}/Name`)).to.deep.include({ value: "Laptop" });
      expect(await catalog().json(`${laptop}/ShippingAddress`)).to.include({ City: "Seattle" });
      expect((await catalog().json("/Products")).value).to.be.an("array");
    });

    it("4.4 context first, type next, id and etag before properties, annotations right before what they annotate", async () => {
      const accept = "application/json;metadata=full;streaming=true";
      const answer = await catalog().get(`${await catalog().product("Laptop")}?$expand=Descriptions($count=true)`, {
        headers: { accept },
      });
      expect(answer.headers["content-type"]).to.match(/streaming=true/);
      checkOrder(answer.json);
      for (const description of answer.json.Descriptions) checkOrder(description);
      const collection = await catalog().json("/Products?$count=true", { accept });
      expect(Object.keys(collection)[0]).to.equal("@odata.context");
      for (const product of collection.value) checkOrder(product);
    });

    it("4.4 4.0: what concerns navigation properties comes after all structural properties", async () => {
      const accept = "application/json;odata.metadata=full;odata.streaming=true";
      const entity = await catalog().json(`${await catalog().product("Laptop")}?$expand=Category`, {
        accept,
        "odata-maxversion": "4.0",
      });
      const names = Object.keys(entity).filter((name) => !name.startsWith("@") && !name.startsWith("#"));
      const isNavigation = (name: string) => /^(Category|Descriptions|RelatedProducts)(@|$)/.test(name);
      const first = names.findIndex(isNavigation);
      expect(names.slice(first).filter((name) => !isNavigation(name))).to.deep.equal([]);
    });

    it("4.5 unknown annotations and control information in requests are no errors", async () => {
      const body = {
        "@odata.unknown": 1,
        "@my.annotation": { a: 1 },
        "Name@my.annotation": "x",
        Name: "Annotated",
        "Description@odata.unknown": null,
      };
      expect((await catalog().post("/Categories", body)).status).to.equal(201);
    });

    it("4.5 control information of requests is understood with and without odata.", async () => {
      for (const type of ["@odata.type", "@type"]) {
        const body = { [type]: "#ComplianceService.SpecialProduct", ...product, SpecialFeature: "yes" };
        const created = await catalog().post("/Products", body, { headers: { "odata-version": "4.01" } });
        expect(created.status, type).to.equal(201);
        expect(created.json.SpecialFeature, type).to.equal("yes");
      }
      const category = (await catalog().category("Kitchen")).slice(1);
      for (const bound of [
        { "Category@odata.bind": category },
        { "Category@bind": category },
        { Category: { "@odata.id": category } },
        { Category: { "@id": category } },
      ]) {
        const created = await catalog().post("/Products?$expand=Category", { ...product, ...bound }, v401);
        expect(created.status, JSON.stringify(bound)).to.equal(201);
        expect(created.json.Category.Name).to.equal("Kitchen");
      }
    });

    it("4.5.1 the context URL tells what is in the answer", async () => {
      const laptop = await catalog().product("Laptop");
      const contexts: Readonly<Record<string, string>> = {
        "/": "",
        "/Products": "#Products",
        [laptop]: "#Products/$entity",
        "/Products?$select=Name,Price": "#Products(Name,Price)",
        "/Products?$select=Name&$expand=Category($select=Name)": "#Products(Name,Category(Name))",
        [`${laptop}/Name`]: `#${laptop.slice(1)}/Name`,
        [`${laptop}/Category`]: "#Categories/$entity",
        [`${laptop}/Descriptions/$ref`]: "#Collection($ref)",
        [`${laptop}/Category/$ref`]: "#$ref",
        "/Company": "#Company",
        "/Calculate(value=1)": "#Edm.Int64",
        "/GetProductStats()": "#ComplianceService.ProductStats",
      };
      for (const [path, fragment] of Object.entries(contexts))
        expect((await catalog().json(path))["@odata.context"], path).to.equal(`${catalog().root}$metadata${fragment}`);
    });

    it("4.5.3 the type is there for derived types, and for values whose type nobody declares", async () => {
      const { value } = await catalog().json("/Products?$filter=Name eq 'Laptop'");
      expect(value[0]["@odata.type"]).to.equal("#ComplianceService.SpecialProduct");
      const computed = await catalog().json(
        "/Products?$top=1&$filter=ReleaseDate ne null&$compute=year(ReleaseDate) as Year,ReleaseDate add duration'P1D' as Next",
        v40.headers,
      );
      expect(computed.value[0]).to.include({ "Year@odata.type": "#Int32", "Next@odata.type": "#Date" });
    });

    it("4.5.7 a delta link comes with the last page, and never beside a next link", async () => {
      const prefer = "track-changes,maxpagesize=4";
      const first = await catalog().json("/Products?$select=Name", { prefer });
      expect(first).to.have.property("@odata.nextLink");
      expect(first).not.to.have.property("@odata.deltaLink");
      const last = await catalog().json(catalog().path(first["@odata.nextLink"]));
      expect(last).to.have.property("@odata.deltaLink");
      expect(last).not.to.have.property("@odata.nextLink");
    });

    it("4.5.8 the id is there where the key is not selected, and never for a collection", async () => {
      const { value, ...around } = await catalog().json("/Products?$select=Name&$filter=Name eq 'Laptop'");
      expect(catalog().path(value[0]["@odata.id"])).to.equal(await catalog().product("Laptop"));
      expect(around).not.to.have.property("@odata.id");
      const whole = await catalog().json("/Products", full);
      expect(whole).not.to.have.any.keys("@odata.id", "@odata.editLink");
    });

    it("4.5.9 entities that can be changed have an edit link at full, those that cannot a read link", async () => {
      const { value } = await catalog().json("/ReadOnlyItems", full);
      for (const item of value) {
        expect(item).not.to.have.property("@odata.editLink");
        expect((await catalog().json(catalog().path(item["@odata.readLink"]))).ID).to.equal(item.ID);
      }
      const category = await catalog().json(await catalog().category("Kitchen"), full);
      expect(category).to.have.property("@odata.editLink");
    });

    it("4.5.10 the ETag in the payload is the one of the header", async () => {
      const answer = await catalog().get(await catalog().product("Laptop"));
      expect(answer.json["@odata.etag"]).to.equal(answer.headers.etag);
    });

    it("4.5.12 media entities have links at full metadata, and their media type", async () => {
      const { value } = await catalog().json("/MediaItems", full);
      for (const item of value) {
        const content = await catalog().get(catalog().path(item["@odata.mediaReadLink"]));
        expect(content.headers["content-type"]).to.equal(item["@odata.mediaContentType"]);
        expect(content.headers.etag).to.equal(item["@odata.mediaEtag"]);
        expect(item).to.have.property("@odata.mediaEditLink");
      }
    });

    it("5 the service document lists sets, singletons and function imports with their kind", async () => {
      const answer = await catalog().json("/");
      expect(answer["@odata.context"]).to.equal(`${catalog().root}$metadata`);
      const kinds = new Map(answer.value.map(({ name, kind }: Record<string, string>) => [name, kind ?? "EntitySet"]));
      expect(kinds.get("Products")).to.equal("EntitySet");
      expect(kinds.get("Company")).to.equal("Singleton");
      expect(kinds.get("GetTopProducts")).to.equal("FunctionImport");
      for (const element of answer.value) {
        expect(element).to.have.any.keys("name", "url", "kind", "title");
        expect((await catalog().get(`/${element.url}`)).status, element.url).to.equal(200);
      }
      const none = await catalog().json("/", { accept: "application/json;odata.metadata=none" });
      expect(none.value).to.deep.equal(answer.value);
    });

    it("7.1 primitive values: numbers, texts, dates, durations, binary as base64url, enumerations, geo as GeoJSON", async () => {
      const laptop = await catalog().json(await catalog().product("Laptop"));
      expect(laptop).to.deep.include({
        Price: 999.99,
        Rating: 200,
        Temperature: -10,
        Quantity: 1200,
        Weight: 3.14,
        Data: "dGVzdA",
        ReleaseDate: "2024-01-15",
        OpenTime: "09:30:00",
        ShippingTime: "P1D",
        ProcessingTime: "PT45S",
        Status: "InStock,Featured",
        CreatedAt: "2024-01-15T10:30:00Z",
        SerialNumber: null,
        Location: { type: "Point", coordinates: [-122.3321, 47.6062] },
      });
    });

    it("7.1 special numbers are strings, and are read as such", async () => {
      for (const Price of ["INF", "-INF", "NaN"]) {
        const created = await catalog().post("/Products", { ...product, Price });
        expect(created.status, created.text).to.equal(201);
        expect(created.json.Price).to.equal(Price);
      }
      expect((await catalog().post("/Products", { ...product, Price: "1.5" })).status).to.equal(400);
    });

    it("8.3 what is expanded: an object, null, or an array", async () => {
      const laptop = await catalog().json(`${await catalog().product("Laptop")}?$expand=Category,Descriptions`);
      expect(laptop.Category).to.be.an("object");
      expect(laptop.Descriptions).to.be.an("array");
    });

    it("11 an individual property is value and its context; a null one is 204", async () => {
      const laptop = await catalog().product("Laptop");
      expect(Object.keys(await catalog().json(`${laptop}/Price`))).to.deep.equal(["@odata.context", "value"]);
      expect((await catalog().get(`${laptop}/SerialNumber`)).status).to.equal(204);
    });

    it("13 a collection of entities is an array, empty where nothing is there", async () => {
      expect((await catalog().json("/Products?$filter=false")).value).to.deep.equal([]);
    });

    it("14 an entity reference has the id and no property", async () => {
      const { value } = await catalog().json("/Products/$ref?$top=1");
      expect(Object.keys(value[0])).to.deep.equal(["@odata.id"]);
    });

    it("15 a delta response tells added, changed and deleted entities, 4.01 and 4.0 each in its way", async () => {
      for (const version of ["4.01", "4.0"]) {
        const headers = { "odata-maxversion": version };
        const tracked = await catalog().json("/Products?$select=Name", { ...headers, prefer: "track-changes" });
        const laptop = await catalog().product("Laptop");
        const mug = await catalog().product("Coffee Mug");
        expect((await catalog().patch(laptop, { Name: `Laptop ${version}` })).status).to.be.oneOf([200, 204]);
        expect((await catalog().delete(mug)).status).to.equal(204);
        const delta = await catalog().json(catalog().path(tracked["@odata.deltaLink"]), headers);
        expect(delta["@odata.context"]).to.match(/#Products(\(Name\))?\/\$delta$/);
        const changed = delta.value.find(({ Name }: { Name?: string }) => Name === `Laptop ${version}`);
        expect(changed, version).to.be.an("object");
        if (version === "4.01") {
          const removed = delta.value.find((item: Record<string, unknown>) => "@removed" in item);
          expect(removed["@removed"].reason).to.equal("deleted");
          expect(catalog().path(removed["@odata.id"])).to.equal(mug);
        } else {
          const removed = delta.value.find((item: Record<string, unknown>) => "reason" in item);
          expect(removed["@odata.context"]).to.match(/#Products\/\$deletedEntity$/);
          expect(removed).to.include({ reason: "deleted" });
          expect(catalog().path(removed.id)).to.equal(mug);
        }
        expect(delta).to.have.property("@odata.deltaLink");
        await catalog().reseed();
      }
    });

    it("15.6 a delta payload changes a collection of entities", async () => {
      const mug = await catalog().json(await catalog().product("Coffee Mug"));
      const laptop = await catalog().json(await catalog().product("Laptop"));
      const answer = await catalog().patch(
        "/Products",
        {
          "@context": "#$delta",
          value: [
            { ID: laptop.ID, Rating: 7 },
            { "@removed": { reason: "deleted" }, ID: mug.ID },
          ],
        },
        v401,
      );
      expect(answer.status, answer.text).to.be.oneOf([200, 204]);
      expect((await catalog().json(`/Products(${laptop.ID})/Rating`)).value).to.equal(7);
      expect((await catalog().get(`/Products(${mug.ID})`)).status).to.equal(404);
    });

    it("16 and 17 bound functions and actions are told at full metadata, with targets that work", async () => {
      const laptop = await catalog().json(await catalog().product("Laptop"), full);
      const total = catalog().path(laptop["#ComplianceService.GetTotalPrice"].target);
      expect((await catalog().json(`${total}?@taxRate=0.5`)).value).to.equal(1499.99);
      const activate = catalog().path(laptop["#ComplianceService.Activate"].target);
      expect((await catalog().post(activate, {})).status).to.equal(204);
      expect(laptop["#ComplianceService.Activate"].title).to.be.a("string");
      const whole = await catalog().json("/Products", full);
      expect(whole).to.include.keys("#ComplianceService.GetAveragePrice", "#ComplianceService.MarkAllAsReviewed");
    });

    it("18 the parameters of an action are the members of its body", async () => {
      const path = `${await catalog().product("Laptop")}/ComplianceService.ApplyDiscount`;
      expect((await catalog().post(path, { percentage: 10 })).json.Price).to.equal(899.99);
      expect((await catalog().post(path, {})).status).to.equal(400);
      expect((await catalog().post(path, { percentage: "x" })).status).to.equal(400);
      expect((await catalog().post(path, { percentage: 1, other: 2 })).status).to.equal(400);
    });

    it("19 a JSON batch answers each request, in atomicity groups together or not at all", async () => {
      const create = (id: string, Name: unknown) => ({
        id,
        method: "POST",
        url: "Categories",
        atomicityGroup: "g",
        headers: { "content-type": "application/json" },
        body: { Name },
      });
      const good = await catalog().post("/$batch", {
        requests: [
          create("1", "A"),
          create("2", "B"),
          { id: "3", method: "GET", url: "/Categories/$count", dependsOn: ["g"] },
        ],
      });
      const responses = new Map(good.json.responses.map((item: { id: string }) => [item.id, item])) as Map<string, any>;
      expect([...responses.keys()]).to.have.members(["1", "2", "3"]);
      expect(responses.get("1").status).to.equal(201);
      expect(responses.get("1").body.Name).to.equal("A");
      expect(String(responses.get("3").body)).to.equal("5");
      const bad = await catalog().post("/$batch", { requests: [create("1", "C"), create("2", 7)] });
      expect(bad.json.responses.every(({ status }: { status: number }) => status >= 400)).to.equal(true);
      expect((await catalog().get("/Categories/$count")).text).to.equal("5");
    });

    it("19.2 a request refers to what an earlier one creates", async () => {
      const headers = { "content-type": "application/json" };
      const answer = await catalog().post("/$batch", {
        requests: [
          { id: "1", method: "POST", url: "Categories", headers, body: { Name: "New" } },
          { id: "2", dependsOn: ["1"], method: "POST", url: "$1/Products", headers, body: product },
        ],
      });
      expect(answer.json.responses.map(({ status }: { status: number }) => status)).to.deep.equal([201, 201]);
    });

    it("20 annotations of a request's values are passed over", async () => {
      const body = { ...product, "Data@my.note": "n", ShippingAddress: { City: "Ulm", "@my.note": 1 } };
      expect((await catalog().post("/Products", body)).json.ShippingAddress.City).to.equal("Ulm");
    });

    it("21.1 an error is one object with code and message, target and details where there are any", async () => {
      const failing = [
        await catalog().get("/Products?$filter=Nope eq 1"),
        await catalog().get("/Nope"),
        await catalog().post("/Products", { Name: 7 }),
        await catalog().post("/Products", "{"),
        await graph().get("/nope"),
      ];
      for (const answer of failing) {
        expect(answer.status).to.be.within(400, 404);
        expect(answer.headers["content-type"]).to.match(/^application\/json/);
        expect(Object.keys(answer.json)).to.deep.equal(["error"]);
        expect(answer.json.error.code).to.be.a("string").and.not.equal("");
        expect(answer.json.error.message).to.be.a("string").and.not.equal("");
        expect(answer.headers["content-language"]).to.be.a("string");
        for (const detail of answer.json.error.details ?? []) expect(detail).to.include.keys("code", "message");
      }
      expect((await catalog().get("/Products?$filter=Nope eq 1")).json.error.target).to.equal("$filter");
    });
  },
  { reseed: true },
);

const full = { accept: "application/json;odata.metadata=full" };
const v401 = { headers: { "odata-version": "4.01" } };
const v40 = { headers: { "odata-maxversion": "4.0" } };
const product = { Name: "Thing", Price: 1, Status: "InStock" };

async function typeFor(catalog: CatalogClient, accept: string): Promise<string> {
  return (await catalog.get("/Products?$top=1", { headers: { accept } })).headers["content-type"]!;
}

/** JSON Format 4.01, section 4.4. */
function checkOrder(object: Record<string, unknown>): void {
  const names = Object.keys(object);
  const own = ["@odata.context", "@odata.type"].filter((name) => name in object);
  expect(names.slice(0, own.length)).to.deep.equal(own);
  const firstProperty = names.findIndex((name) => !name.startsWith("@") && !name.startsWith("#"));
  for (const name of ["@odata.id", "@odata.etag"])
    if (name in object) expect(names.indexOf(name), name).to.be.lessThan(firstProperty);
  for (const [index, name] of names.entries()) {
    const owner = name.split("@")[0]!;
    if (owner === name || owner === "" || !(owner in object) || name.endsWith("nextLink")) continue;
    const between = names.slice(index, names.indexOf(owner));
    expect(
      between.every((other) => other.startsWith(`${owner}@`)),
      `${name} right before ${owner}`,
    ).to.equal(true);
  }
}
