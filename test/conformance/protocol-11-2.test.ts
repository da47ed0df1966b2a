import { expect } from "chai";
import { conformance } from "./support.js";

conformance("Protocol 11.2, requesting data", ({ catalog, graph }) => {
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await catalog().get(path, { headers })).status;
  let laptop: string;
  let chair: string;

  before(async () => {
    laptop = await catalog().product("Laptop");
    chair = await catalog().product("Office Chair");
  });

  describe("11.2.1 system query options", () => {
    it("11.2.1 names: in any case, with the dollar and without", async () => {
      for (const query of ["$top=2", "top=2", "$TOP=2", "Top=2"])
        expect((await catalog().json(`/Products?${query}`)).value, query).to.have.lengthOf(2);
      const { value } = await catalog().json("/Products?filter=Name eq 'Laptop'&SELECT=Name&Expand=Category");
      expect(value).to.have.lengthOf(1);
    });

    it("11.2.1 names: the same option twice is refused, however it is written", async () => {
      for (const query of ["$top=1&$top=2", "$top=1&top=2", "$filter=true&$FILTER=true"])
        expect(await status(`/Products?${query}`), query).to.equal(400);
    });

    it("11.2.1 order of evaluation: search, filter, count, orderby, skip, top, whatever their order in the URL", async () => {
      const options = ["$top=1", "$skip=1", "$orderby=Price desc", "$count=true", "$filter=Price gt 100"];
      for (const query of [options, options.toReversed()]) {
        const json = await catalog().json(`/Products?${query.join("&")}`);
        expect(json["@odata.count"]).to.equal(5);
        expect(json.value.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["Laptop"]);
      }
    });

    it("11.2.1 order of evaluation: compute goes before filter and orderby", async () => {
      const { value } = await catalog().json(
        "/Products?$compute=Price mul 2 as Twice&$filter=Twice gt 1500&$orderby=Twice desc&$select=Name,Twice",
      );
      expect(value.map(({ Name, Twice }: { Name: string; Twice: number }) => [Name, Twice])).to.deep.equal([
        ["Premium Laptop Pro", 3999.98],
        ["Laptop", 1999.98],
        ["Smartphone", 1599.98],
      ]);
    });
  });

  describe("11.2.2 individual entities", () => {
    it("11.2.2 an entity is read by its key", async () => {
      const entity = await catalog().json(laptop);
      expect(entity).to.include({ Name: "Laptop", Price: 999.99 });
      expect(`/Products(${entity.ID})`).to.equal(laptop);
    });

    it("11.2.2 an entity is read by a key of several parts, in any order", async () => {
      const [, id] = /\((.*)\)/.exec(laptop)!;
      for (const key of [`ProductID=${id},LanguageKey='EN'`, `LanguageKey='EN',ProductID=${id}`])
        expect((await catalog().json(`/ProductDescriptions(${key})`)).LanguageKey).to.equal("EN");
      expect(await status(`/ProductDescriptions(ProductID=${id})`)).to.be.oneOf([400, 404]);
    });

    it("11.2.2 an entity that is not there: 404", async () => {
      expect(await status("/Products(00000000-0000-0000-0000-00000000000e)")).to.equal(404);
    });

    it("11.2.2 a key that is no value of its type: 400 or 404", async () => {
      expect(await status("/Products('text')")).to.be.oneOf([400, 404]);
    });

    it("11.2.2 $select and $expand say what comes with it", async () => {
      const entity = await catalog().json(`${laptop}?$select=Name&$expand=Category($select=Name)`);
      expect(entity.Name).to.equal("Laptop");
      expect(entity.Category.Name).to.equal("Electronics");
      expect(entity).not.to.have.any.keys("Price", "Rating");
    });
  });

  describe("11.2.3 media streams", () => {
    it("11.2.3 $value of a media entity is its stream, with the media type of the stream", async () => {
      const { value } = await catalog().json("/MediaItems?$filter=Name eq 'Sample Image'");
      const answer = await catalog().get(`/MediaItems(${value[0].ID})/$value`);
      expect([answer.status, answer.headers["content-type"]]).to.deep.equal([200, "image/png"]);
      expect(answer.text).to.have.length.greaterThan(0);
    });

    it("11.2.3 $value of an entity that is no media entity: 400", async () => {
      expect(await status(`${laptop}/$value`)).to.equal(400);
    });
  });

  describe("11.2.4 individual properties", () => {
    it("11.2.4 a property is read behind its entity, and a path goes into a complex one", async () => {
      expect((await catalog().json(`${laptop}/Name`)).value).to.equal("Laptop");
      expect((await catalog().json(`${laptop}/ShippingAddress`)).City).to.equal("Seattle");
      expect((await catalog().json(`${laptop}/ShippingAddress/City`)).value).to.equal("Seattle");
      expect((await catalog().json("/Company/CEO")).value).to.equal("Sarah Johnson");
    });

    it("11.2.4 a null property: 204", async () => {
      for (const name of ["Data", "ShippingAddress", "Description"])
        expect(await status(`${chair}/${name}`), name).to.equal(204);
    });

    it("11.2.4 a property that is not there, or whose entity is not: 404", async () => {
      expect(await status(`${laptop}/Nothing`)).to.equal(404);
      expect(await status("/Products(00000000-0000-0000-0000-00000000000e)/Name")).to.equal(404);
    });

    it("11.2.4 a stream property is its stream, whatever $format says", async () => {
      await catalog().put(`${laptop}/Photo`, Buffer.from("photo"), { headers: { "content-type": "image/png" } });
      for (const path of [`${laptop}/Photo`, `${laptop}/Photo?$format=json`]) {
        const { status, headers, text } = await catalog().get(path);
        expect([status, headers["content-type"], text], path).to.deep.equal([200, "image/png", "photo"]);
      }
    });

    it("11.2.4.1 raw values: text/plain, without quotes", async () => {
      for (const [name, value] of [
        ["Name", "Laptop"],
        ["Price", "999.99"],
        ["Rating", "200"],
        ["ReleaseDate", "2024-01-15"],
        ["OpenTime", "09:30:00"],
        ["CreatedAt", "2024-01-15T10:30:00Z"],
        ["ShippingTime", "P1D"],
        ["Status", "InStock,Featured"],
        ["ShippingAddress/City", "Seattle"],
      ] as const) {
        const answer = await catalog().get(`${laptop}/${name}/$value`);
        expect(answer.headers["content-type"], name).to.match(/^text\/plain/);
        expect(answer.text, name).to.equal(value);
      }
    });

    it("11.2.4.1 raw values: Edm.Binary has the media type of its annotation", async () => {
      const { headers, text } = await catalog().get("/Company/Logo/$value");
      expect(headers["content-type"]).to.match(/^image\/svg\+xml/);
      expect(text).to.match(/^<svg/);
    });

    it("11.2.4.1 raw values: geo values are well-known text", async () => {
      const { headers, text } = await catalog().get(`${laptop}/Location/$value`);
      expect(headers["content-type"]).to.match(/^text\/plain/);
      expect(text).to.match(/^SRID=4326;Point\(-122\.3321 47\.6062\)$/);
    });

    it("11.2.4.1 raw values: null is 204, a stream has none, a complex value has none", async () => {
      expect(await status(`${chair}/Data/$value`)).to.equal(204);
      expect(await status(`${laptop}/Photo/$value`)).to.equal(400);
      expect(await status(`${laptop}/ShippingAddress/$value`)).to.be.oneOf([400, 404]);
    });
  });

  describe("11.2.5 properties to return", () => {
    const keys = (entity: object) => Object.keys(entity).filter((name) => !name.includes("@"));

    it("11.2.5.1 $select: only what is selected comes", async () => {
      const { value } = await catalog().json("/Products?$select=Name,Price");
      for (const product of value) expect(keys(product)).to.have.members(["Name", "Price"]);
    });

    it("11.2.5.1 $select: the star means all structural properties and no navigation property", async () => {
      const [all] = (await catalog().json("/Products?$top=1&$orderby=Name")).value;
      const [star] = (await catalog().json("/Products?$select=*&$top=1&$orderby=Name")).value;
      expect(keys(star)).to.have.members(keys(all));
      expect(star).not.to.have.any.keys("Category", "Descriptions", "RelatedProducts");
    });

    it("11.2.5.1 $select: without it the keys come as well", async () => {
      for (const product of (await catalog().json("/Products")).value) expect(product.ID).to.be.a("string");
    });

    it("11.2.5.1 $select: a property within a complex one", async () => {
      for (const select of ["ShippingAddress/City", "ShippingAddress($select=City)"]) {
        const entity = await catalog().json(`${laptop}?$select=${select}`);
        expect(keys(entity.ShippingAddress), select).to.deep.equal(["City"]);
      }
    });

    it("11.2.5.1 $select: a navigation property means its link", async () => {
      const { value } = await catalog().json("/Products?$select=Name,Category&$top=1", {
        accept: "application/json;odata.metadata=full",
      });
      expect(value[0]["Category@odata.navigationLink"]).to.be.a("string");
      expect(value[0]).not.to.have.any.keys("Category");
    });

    it("11.2.5.1 $select: operations are asked for by their names, all of a schema by a star", async () => {
      for (const select of ["ComplianceService.GetTotalPrice", "ComplianceService.*"]) {
        const entity = await catalog().json(`${laptop}?$select=Name,${select}`);
        expect(entity, select).to.include.any.keys(
          "#ComplianceService.GetTotalPrice",
          "#ComplianceService.GetTotalPrice()",
          "#ComplianceService.GetTotalPrice(taxRate)",
        );
        expect(entity.Name, select).to.equal("Laptop");
      }
    });

    it("11.2.5.1 $select: what the type does not have is refused", async () => {
      expect(await status("/Products?$select=Nothing")).to.equal(400);
      expect(await status(`${laptop}?$select=Name/Nothing`)).to.equal(400);
    });

    it("11.2.5.2 $expand: related entities come inline, one or many", async () => {
      const { value } = await catalog().json("/Products?$expand=Category,Descriptions&$filter=Name eq 'Laptop'");
      expect(value[0].Category.Name).to.equal("Electronics");
      expect(value[0].Descriptions.map(({ LanguageKey }: { LanguageKey: string }) => LanguageKey).sort()).to.deep.equal(
        ["DE", "EN"],
      );
    });

    it("11.2.5.2 $expand: nothing related is null or an empty collection", async () => {
      const created = await catalog().post("/Products", { Name: "Lonely", Price: 1, Status: "None" });
      const entity = await catalog().json(`/Products(${created.json.ID})?$expand=Category,Descriptions`);
      expect(entity.Category).to.equal(null);
      expect(entity.Descriptions).to.deep.equal([]);
      await catalog().delete(`/Products(${created.json.ID})`);
    });

    it("11.2.5.2 $expand: references only", async () => {
      const { Descriptions } = await catalog().json(`${laptop}?$expand=Descriptions/$ref`);
      expect(Descriptions).to.have.lengthOf(2);
      for (const reference of Descriptions) expect(reference).to.have.all.keys("@odata.id");
    });

    it("11.2.5.2 $expand: the number only", async () => {
      const entity = await catalog().json(`${laptop}?$expand=Descriptions/$count`);
      expect(entity["Descriptions@odata.count"]).to.equal(2);
      expect(entity).not.to.have.any.keys("Descriptions");
    });

    it("11.2.5.2 $expand: the star means all navigation properties", async () => {
      const entity = await catalog().json(`${laptop}?$expand=*`);
      expect(entity).to.include.all.keys("Category", "Descriptions", "RelatedProducts");
    });

    it("11.2.5.2 $expand: a type cast in front of a navigation property, and behind it", async () => {
      const { value } = await catalog().json("/Products?$expand=ComplianceService.SpecialProduct/Category");
      for (const product of value) {
        if (product["@odata.type"] === "#ComplianceService.SpecialProduct")
          expect(product.Category.Name).to.be.a("string");
      }
      const { Products } = await catalog().json(
        `${await catalog().category("Electronics")}?$expand=Products/ComplianceService.SpecialProduct`,
      );
      expect(Products.map(({ Name }: { Name: string }) => Name).sort()).to.deep.equal([
        "Gaming Mouse Ultra",
        "Laptop",
        "Premium Laptop Pro",
      ]);
    });

    it("11.2.5.2 $expand: what is no navigation property is refused", async () => {
      expect(await status("/Products?$expand=Name")).to.equal(400);
      expect(await status("/Products?$expand=Nothing")).to.equal(400);
    });

    it("11.2.5.2.1 expand options: filter, orderby, skip, top, count, search, select, expand, compute", async () => {
      const category = await catalog().category("Electronics");
      const products = async (options: string) => catalog().json(`${category}?$expand=Products(${options})`);
      const names = ({ Products }: { Products: { Name: string }[] }) => Products.map(({ Name }) => Name);
      expect(names(await products("$filter=Price gt 900;$orderby=Name"))).to.deep.equal([
        "Laptop",
        "Premium Laptop Pro",
      ]);
      expect(names(await products("$orderby=Price desc"))[0]).to.equal("Premium Laptop Pro");
      expect(names(await products("$orderby=Price desc;$skip=1;$top=2"))).to.deep.equal(["Laptop", "Smartphone"]);
      expect((await products("$count=true;$top=1"))["Products@odata.count"]).to.equal(5);
      expect(names(await products("$search=mouse;$orderby=Name"))).to.deep.equal([
        "Gaming Mouse Ultra",
        "Wireless Mouse",
      ]);
      const nested = await products("$select=Name;$expand=Descriptions($select=LanguageKey);$filter=Name eq 'Laptop'");
      expect(nested.Products[0].Descriptions).to.have.lengthOf(2);
      const computed = await products("$compute=Price mul 2 as Twice;$select=Name,Twice;$filter=Name eq 'Laptop'");
      expect(computed.Products[0].Twice).to.be.closeTo(1999.98, 0.001);
    });

    it("11.2.5.2.1 expand options: options for collections are refused on a single entity", async () => {
      for (const option of ["$filter=Name eq 'a'", "$top=1", "$orderby=Name", "$count=true"])
        expect(await status(`/Products?$expand=Category(${option})`), option).to.equal(400);
    });

    it("11.2.5.2.1.1 $levels: so many levels, and max", async () => {
      const mouse = await catalog().product("Wireless Mouse");
      const link = await catalog().post(`${laptop}/RelatedProducts/$ref`, { "@odata.id": mouse.slice(1) });
      expect(link.status, link.text).to.equal(204);
      const back = await catalog().post(`${mouse}/RelatedProducts/$ref`, { "@odata.id": chair.slice(1) });
      expect(back.status, back.text).to.equal(204);
      const entity = await catalog().json(`${laptop}?$expand=RelatedProducts($levels=2)`);
      expect(entity.RelatedProducts[0].Name).to.equal("Wireless Mouse");
      expect(entity.RelatedProducts[0].RelatedProducts[0].Name).to.equal("Office Chair");
      const one = await catalog().json(`${laptop}?$expand=RelatedProducts($levels=1)`);
      expect(one.RelatedProducts[0]).not.to.have.any.keys("RelatedProducts");
      expect(await status(`${laptop}?$expand=RelatedProducts($levels=max)`)).to.be.oneOf([200, 400, 501]);
    });

    it("11.2.5.3 $compute: computed properties are in the answer, in $filter, $orderby and $select", async () => {
      const entity = await catalog().json(`${laptop}?$compute=Price mul 2 as Twice&$select=Twice`);
      expect(entity.Twice).to.be.closeTo(1999.98, 0.001);
      const whole = await catalog().json(`${laptop}?$compute=Price mul 2 as Twice`);
      expect(whole.Twice).to.be.closeTo(1999.98, 0.001);
      const star = await catalog().json(`${laptop}?$compute=Price mul 2 as Twice&$select=*`);
      expect(star.Twice).to.be.closeTo(1999.98, 0.001);
    });
  });

  describe("11.2.7 related entities", () => {
    it("11.2.7 a navigation property behind an entity leads to what is related", async () => {
      expect((await catalog().json(`${laptop}/Category`)).Name).to.equal("Electronics");
      expect((await catalog().json(`${laptop}/Descriptions`)).value).to.have.lengthOf(2);
      const { value } = await catalog().json(
        `${await catalog().category("Electronics")}/Products?$filter=Price gt 900`,
      );
      expect(value).to.have.lengthOf(2);
    });

    it("11.2.7 nothing related: an empty collection, or 204", async () => {
      expect((await catalog().json(`${chair}/Descriptions`)).value).to.deep.equal([]);
      const created = await catalog().post("/Products", { Name: "Lonely", Price: 1, Status: "None" });
      const path = `/Products(${created.json.ID})`;
      expect(await status(`${path}/Category`)).to.equal(204);
      await catalog().delete(path);
      expect(await status(`${path}/Category`)).to.equal(404);
    });

    it("11.2.7 a navigation property that the type does not have: 404", async () => {
      expect(await status(`${laptop}/Nothing`)).to.equal(404);
    });
  });

  describe("11.2.8 entity references", () => {
    it("11.2.8 $ref behind a collection and behind an entity", async () => {
      const { value } = await catalog().json(`${laptop}/Descriptions/$ref`);
      expect(value).to.have.lengthOf(2);
      const { "@odata.id": id } = await catalog().json(`${laptop}/Category/$ref`);
      expect((await catalog().json(catalog().path(id))).Name).to.equal("Electronics");
      expect((await catalog().json("/Products/$ref?$filter=Price gt 900")).value).to.have.lengthOf(2);
    });

    it("11.2.8 $ref behind nothing related: an empty collection, or 204 or 404", async () => {
      expect((await catalog().json(`${chair}/Descriptions/$ref`)).value).to.deep.equal([]);
      const created = await catalog().post("/Products", { Name: "Lonely", Price: 1, Status: "None" });
      expect(await status(`/Products(${created.json.ID})/Category/$ref`)).to.be.oneOf([204, 404]);
      await catalog().delete(`/Products(${created.json.ID})`);
    });

    it("11.2.8 $ref behind what is no entity: 404", async () => {
      expect(await status(`${laptop}/Name/$ref`)).to.equal(404);
    });
  });

  describe("11.2.9 resolving an entity-id", () => {
    it("11.2.9 $entity gives the entity of an id, absolute or relative to the service root", async () => {
      for (const id of [laptop.slice(1), laptop, `${catalog().root}${laptop.slice(1)}`]) {
        const entity = await catalog().json(`/$entity?$id=${encodeURIComponent(id)}`);
        expect(entity.Name, id).to.equal("Laptop");
      }
    });

    it("11.2.9 $entity with a type cast takes $select and $expand", async () => {
      const path = `/$entity/ComplianceService.SpecialProduct?$id=${laptop.slice(1)}&$select=Name&$expand=Category`;
      const entity = await catalog().json(path);
      expect([entity.Name, entity.Category.Name]).to.deep.equal(["Laptop", "Electronics"]);
    });

    it("11.2.9 $entity with the type of something else: 404", async () => {
      expect(await status(`/$entity/ComplianceService.SpecialProduct?$id=${chair.slice(1)}`)).to.equal(404);
      expect(await status(`/$entity/ComplianceService.Category?$id=${laptop.slice(1)}`)).to.equal(404);
    });
  });

  describe("11.2.10 the number of items", () => {
    const count = async (path: string) => {
      const { status, headers, text } = await catalog().get(path);
      expect(status, `${path}: ${text}`).to.equal(200);
      expect(headers["content-type"], path).to.match(/^text\/plain/);
      return text;
    };

    it("11.2.10 $count behind a collection is a plain number", async () => {
      expect(await count("/Products/$count")).to.equal("7");
      expect(await count(`${laptop}/Descriptions/$count`)).to.equal("2");
      expect(await count("/Products/ComplianceService.SpecialProduct/$count")).to.equal("3");
    });

    it("11.2.10 $count with $filter and $search, and behind a /$filter segment", async () => {
      expect(await count("/Products/$count?$filter=Price gt 900")).to.equal("2");
      expect(await count("/Products/$count?$search=mouse")).to.equal("2");
      expect(await count("/Products/$filter(Price gt 900)/$count")).to.equal("2");
      expect(await count("/Products/$filter(@f)/$count?@f=Price gt 900")).to.equal("2");
    });

    it("11.2.10 $count in expressions, of a filtered and of a searched collection as well", async () => {
      expect(await count("/Categories/$count?$filter=Products/$count gt 1")).to.equal("1");
      expect(await count("/Categories/$count?$filter=Products/$filter(Price gt 100)/$count gt 0")).to.equal("2");
      expect(await count("/Categories/$count?$filter=Products/$count($filter=Price gt 100) gt 0")).to.equal("2");
      expect(await count("/Categories/$count?$filter=Products/$count($search=mouse) gt 0")).to.equal("1");
    });

    it("11.2.10 $count: the preference for pages does not change it", async () => {
      const { text } = await catalog().get("/Products/$count", { headers: { prefer: "maxpagesize=1" } });
      expect(text).to.equal("7");
    });
  });

  describe("11.2.11 $format", () => {
    it("11.2.11 $format is stronger than Accept, with parameters and as an abbreviation", async () => {
      const full = await catalog().json("/Products?$top=1&$format=application/json;odata.metadata=full", {
        accept: "application/json;odata.metadata=none",
      });
      expect(full.value[0]).to.include.any.keys("@odata.editLink", "@odata.readLink");
      const short = await catalog().json("/Products?$top=1&$format=json", { accept: "text/html" });
      expect(short["@odata.context"]).to.be.a("string");
    });

    it("11.2.11 $format: an abbreviation takes no parameters", async () => {
      expect(await status("/Products?$format=json;odata.metadata=full")).to.be.oneOf([400, 406]);
    });
  });

  describe("11.2.12 $schemaversion", () => {
    it("11.2.12 $schemaversion: the star is the current version, on any request", async () => {
      for (const path of ["/", "/$metadata", "/Products", laptop, "/Products/$count", "/GetTopProducts()"])
        expect(await status(`${path}?$schemaversion=*`), path).to.equal(200);
    });

    it("11.2.12 $schemaversion: a version that there is not: 404", async () => {
      for (const path of ["/", "/$metadata", "/Products", laptop])
        expect(await status(`${path}?$schemaversion=unheard-of`), path).to.equal(404);
      expect((await graph().get("/deviceManagement?$schemaversion=7")).status).to.equal(404);
    });
  });
});
