import { expect } from "chai";
import { conformance } from "./support.js";

/** What the conformance levels ask for beyond the sections before. */
conformance(
  "Protocol 13, conformance",
  ({ catalog, graph }) => {
    const names = async (query: string): Promise<string[]> =>
      (await catalog().json(`/Products?${query}`)).value.map(({ Name }: { Name: string }) => Name).sort();
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await catalog().get(path, { headers })).status;

    it("13.1 the level of conformance is advertised", async () => {
      for (const client of [catalog(), graph()])
        expect((await client.get("/$metadata")).text).to.match(/Term="[\w.]*\.ConformanceLevel"/);
    });

    it("13.1.1 enumeration and duration literals with the name of their type", async () => {
      expect(await names("$filter=Status eq ComplianceService.ProductStatus'InStock'")).to.deep.equal(["Coffee Mug"]);
      expect(await names("$filter=ShippingTime eq duration'P1D'")).to.deep.equal(["Laptop"]);
    });

    it("13.1.1 the answer of an asynchronous request as an HTTP message for clients of 4.0", async () => {
      const headers = { prefer: "respond-async", "odata-maxversion": "4.0" };
      const accepted = await catalog().get("/Products?$top=1", { headers });
      expect(accepted.status).to.equal(202);
      const monitor = catalog().path(String(accepted.headers.location));
      const ask = { accept: "application/http", "odata-maxversion": "4.0" };
      let answer = await catalog().get(monitor, { headers: ask });
      while (answer.status === 202) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        answer = await catalog().get(monitor, { headers: ask });
      }
      expect(answer.headers["content-type"]).to.match(/^application\/http/);
      expect(answer.text).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    });

    it("13.1.1 edit links are there for clients who ask for all metadata", async () => {
      const { value } = await catalog().json("/Products", { accept: "application/json;odata.metadata=full" });
      for (const product of value) expect(product["@odata.editLink"]).to.be.a("string");
    });

    it("13.1.2 type casts in paths, in $filter and in $select", async () => {
      const special = ["Gaming Mouse Ultra", "Laptop", "Premium Laptop Pro"];
      const { value } = await catalog().json("/Products/ComplianceService.SpecialProduct");
      expect(value.map(({ Name }: { Name: string }) => Name).sort()).to.deep.equal(special);
      expect(await names("$filter=ComplianceService.SpecialProduct/SpecialFeature ne null")).to.deep.equal(special);
      expect(await status(`${await catalog().product("Coffee Mug")}/ComplianceService.SpecialProduct`)).to.equal(404);
    });

    it("13.1.3 /$count behind navigation and collection properties", async () => {
      const category = await catalog().category("Electronics");
      expect((await catalog().get(`${category}/Products/$count`)).text).to.equal("5");
      const profile = await graph().post("/deviceManagement/deviceConfigurations", {
        "@odata.type": "#microsoft.graph.windows81VpnConfiguration",
        displayName: "counted",
        roleScopeTagIds: ["0", "1"],
      });
      expect(profile.status, profile.text).to.equal(201);
      const path = `/deviceManagement/deviceConfigurations/${profile.json.id}`;
      expect((await graph().get(`${path}/roleScopeTagIds/$count`)).text).to.equal("2");
    });

    it("13.1.3 cross-joins", async () => {
      const { value } = await catalog().json(
        "/$crossjoin(Products,Categories)?$filter=Products/CategoryID eq Categories/ID&$expand=Products($select=Name),Categories($select=Name)",
      );
      expect(value).to.have.lengthOf(7);
      expect(value[0].Products.Name).to.be.a("string");
    });

    it("13.2.1 headers and preferences with the prefix and without", async () => {
      for (const prefer of ["maxpagesize=2", "odata.maxpagesize=2"])
        expect((await catalog().json("/Products", { prefer })).value, prefer).to.have.lengthOf(2);
      for (const name of ["isolation", "odata-isolation"])
        expect(await status("/Products", { [name]: "snapshot" }), name).to.equal(200);
    });

    it("13.2.1 an incompatible $schemaversion is refused", async () => {
      expect(await status("/Products?$schemaversion=2001")).to.equal(404);
    });

    it("13.2.1 options, operators and functions in any case", async () => {
      expect(await names("FILTER=CONTAINS(Name,'Laptop') AND Price LT 1000&$Select=Name")).to.deep.equal(["Laptop"]);
    });

    it("13.2.1 identifiers in the case of $metadata", async () => {
      const product = (await catalog().json("/Products?$select=Name,Price&$top=1")).value[0];
      expect(product).to.include.all.keys("Name", "Price");
    });

    it("13.2.1 the syntax of 4.01 is understood from clients that read 4.0", async () => {
      const headers = { "odata-maxversion": "4.0" };
      for (const path of [
        "/Products?filter=Name in ('Laptop')",
        "/Products?$filter=Status eq 'InStock'",
        "/GetTopProducts",
        "/Products?$select=ShippingAddress($select=City)",
      ])
        expect(await status(path, headers), path).to.equal(200);
    });

    it("13.2.1 strings are cast to primitive types in URLs", async () => {
      expect(await names("$filter=ReleaseDate eq cast('2024-01-15',Edm.Date)")).to.deep.equal(["Laptop"]);
      expect(await names("$filter=cast('999.99',Edm.Double) eq Price")).to.deep.equal(["Laptop"]);
    });

    it("13.2.1 enumeration and duration literals without the name of their type", async () => {
      expect(await names("$filter=Status eq 'InStock'")).to.deep.equal(["Coffee Mug"]);
      expect(await names("$filter=Status has 'Discontinued'")).to.deep.equal(["Office Chair"]);
      expect(await names("$filter=ShippingTime eq 'P1D'")).to.deep.equal(["Laptop"]);
    });

    it("13.2.1 function imports without parameters, with parentheses and without", async () => {
      for (const path of ["/GetTopProducts()", "/GetTopProducts"])
        expect((await catalog().json(path)).value, path).to.have.lengthOf(7);
    });

    it("13.2.1 an action without parameters takes an empty object and no body at all", async () => {
      const laptop = await catalog().product("Laptop");
      expect((await catalog().post(`${laptop}/Activate`, {})).status).to.equal(204);
      expect((await catalog().post(`${laptop}/Activate`, undefined)).status).to.equal(204);
      expect((await catalog().post("/ResetAllPrices", {})).status).to.equal(204);
      expect((await catalog().post("/ResetAllPrices", undefined)).status).to.equal(204);
    });

    it("13.2.1 operations of a default namespace with the namespace and without", async () => {
      for (const name of ["GetAveragePrice", "ComplianceService.GetAveragePrice"])
        expect((await catalog().json(`/Products/${name}()`)).value, name).to.be.a("number");
    });

    it("13.2.1 aliases for keys and parameters, with slashes and backslashes in their values", async () => {
      const { value } = await catalog().json("/Convert(input=@i)?@i='a/b%5Cc'");
      expect(value).to.equal("String: a/b\\c");
      const [, id] = /\((.*)\)/.exec(await catalog().product("Laptop"))!;
      expect((await catalog().json(`/Products(@k)?@k=${id}`)).Name).to.equal("Laptop");
    });

    it("13.2.1 implicit aliases of parameters", async () => {
      expect((await catalog().json("/Calculate?a=2&b=3")).value).to.equal(5);
      expect((await catalog().json("/FindProducts?name='Laptop'&maxPrice=1000")).value).to.have.lengthOf(1);
    });

    it("13.2.1 null comparison of navigation properties, in, divby, and negative places in substring", async () => {
      expect(await names("$filter=Category eq null")).to.deep.equal([]);
      expect(await names("$filter=Name in ('Laptop','Coffee Mug')")).to.deep.equal(["Coffee Mug", "Laptop"]);
      expect(await names("$filter=Quantity divby 8 eq 37.5")).to.deep.equal(["Wireless Mouse"]);
      expect(await names("$filter=substring(Name,-3) eq 'top'")).to.deep.equal(["Laptop"]);
    });

    it("13.2.1 keys as segments beside keys in parentheses", async () => {
      const [, id] = /\((.*)\)/.exec(await catalog().product("Laptop"))!;
      expect((await catalog().json(`/Products/${id}`)).Name).to.equal("Laptop");
      expect((await catalog().json(`/Products/${id}/Category`)).Name).to.equal("Electronics");
    });

    it("13.2.1 names within one scope do not differ by case alone", async () => {
      for (const client of [catalog(), graph()]) {
        const document = (await client.json("/$metadata?$format=json")) as Record<string, Record<string, object>>;
        const check = (scope: object) => {
          const own = Object.keys(scope).filter((name) => !name.includes("@") && !name.startsWith("$"));
          expect(new Set(own.map((name) => name.toLowerCase())).size).to.equal(own.length);
        };
        for (const [name, schema] of Object.entries(document)) {
          if (name.startsWith("$")) continue;
          check(schema);
          for (const child of Object.values(schema))
            if (typeof child === "object" && !Array.isArray(child)) check(child);
        }
      }
    });

    it("13.2.1 versions and capabilities are reported", async () => {
      const { text } = await catalog().get("/$metadata");
      expect(text).to.match(/Term="[\w.]*\.ODataVersions"/);
      for (const term of [
        "InsertRestrictions",
        "UpdateRestrictions",
        "DeleteRestrictions",
        "BatchSupported",
        "FilterFunctions",
      ])
        expect(text, term).to.match(new RegExp(`Term="[\\w.]*\\.${term}"`));
    });

    it("13.2.2 structural comparison", async () => {
      const dimensions = encodeURIComponent('{"Length":8,"Width":8,"Height":10,"Unit":"cm"}');
      expect(await names(`$filter=Dimensions eq @d&@d=${dimensions}`)).to.deep.equal(["Coffee Mug"]);
    });

    it("13.2.2 $select within $select", async () => {
      const { value } = await catalog().json(
        "/Products?$select=ShippingAddress($select=City)&$filter=Name eq 'Laptop'",
      );
      expect(value[0].ShippingAddress).to.deep.equal({ City: "Seattle" });
    });

    it("13.2.3 options on selected collections: filter, orderby, count, top, skip and aliases", async () => {
      const created = await graph().post("/deviceManagement/deviceConfigurations", {
        "@odata.type": "#microsoft.graph.windows81VpnConfiguration",
        displayName: "selected",
        roleScopeTagIds: ["3", "1", "2"],
      });
      expect(created.status, created.text).to.equal(201);
      const path = `/deviceManagement/deviceConfigurations/${created.json.id}`;
      const tags = async (options: string) => graph().json(`${path}?$select=roleScopeTagIds(${options})`);
      expect((await tags("$filter=$this ne '1'")).roleScopeTagIds).to.deep.equal(["3", "2"]);
      expect((await tags("@t='1';$filter=$this ne @t")).roleScopeTagIds).to.deep.equal(["3", "2"]);
      expect((await tags("$orderby=$this desc")).roleScopeTagIds).to.deep.equal(["3", "2", "1"]);
      expect((await tags("$skip=1;$top=1")).roleScopeTagIds).to.deep.equal(["1"]);
      expect((await tags("$count=true"))["roleScopeTagIds@odata.count"]).to.equal(3);
    });

    it("13.2.3 a /$filter segment narrows a collection", async () => {
      const { value } = await catalog().json("/Products/$filter(Price gt 900)?$orderby=Name");
      expect(value.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["Laptop", "Premium Laptop Pro"]);
    });

    it("13.2.3 aliases that are given a value within $expand", async () => {
      const category = await catalog().category("Electronics");
      const { Products } = await catalog().json(
        `${category}?$expand=Products(@p=900;$filter=Price gt @p;$orderby=Name)`,
      );
      expect(Products.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["Laptop", "Premium Laptop Pro"]);
    });
  },
  { reseed: true },
);
