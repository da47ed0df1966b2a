import { expect } from "chai";
import type { CatalogClient } from "./support.js";
import { conformance } from "./support.js";

conformance(
  "OData 4.01 URL Conventions, sections 5.1.2 to 5.3: query options",
  ({ catalog }) => {
    it("5.1 option names are understood without $ and in any case, and only once", async () => {
      for (const url of ["top=1&select=Name", "$TOP=1&$Select=Name", "Top=1&SELECT=Name"]) {
        const { value } = await catalog().json(`/Products?${url}`);
        expect(value, url).to.have.length(1);
        expect(value[0], url).not.to.have.property("Price");
      }
      for (const url of ["$top=1&$top=2", "$top=1&top=1", "$filter=true&FILTER=true"])
        expect((await catalog().get(`/Products?${url}`)).status, url).to.equal(400);
    });

    it("5.1 options that are not known are refused, and those that the resource does not take", async () => {
      expect((await catalog().get("/Products?$foo=1")).status).to.equal(400);
      const laptop = await catalog().product("Laptop");
      for (const option of ["$filter=true", "$orderby=Name", "$top=1", "$skip=1", "$count=true", "$search=x"])
        expect((await catalog().get(`${laptop}?${option}`)).status, option).to.equal(400);
    });

    it("5.1.2 $filter keeps what the expression is true for, neither false nor null", async () => {
      expect(await names(catalog(), "$filter=Price lt 20")).to.deep.equal(["Coffee Mug"]);
      expect(await names(catalog(), "$filter=contains(Description,'x')")).to.deep.equal([]);
    });

    it("5.1.3 $expand includes what is related, of one or of many, over several levels", async () => {
      const { value } = await catalog().json(
        "/Categories?$filter=Name eq 'Kitchen'&$expand=Products($expand=Descriptions,Category)",
      );
      const [mug] = value[0].Products;
      expect(mug.Name).to.equal("Coffee Mug");
      expect(mug.Descriptions.map((item: { LanguageKey: string }) => item.LanguageKey)).to.deep.equal(["EN"]);
      expect(mug.Category.Name).to.equal("Kitchen");
    });

    it("5.1.3 what is expanded is there though $select does not name it", async () => {
      const laptop = await one(catalog(), "$select=Name&$expand=Category");
      expect(laptop.Category.Name).to.equal("Electronics");
    });

    it("5.1.3 an empty collection is [], nothing related null", async () => {
      const laptop = await one(catalog(), "$expand=RelatedProducts");
      expect(laptop.RelatedProducts).to.deep.equal([]);
      const created = await catalog().post("/Products", { Name: "Alone", Price: 1, Status: "None" });
      expect(created.status).to.equal(201);
      const { Category } = await catalog().json(`/Products(${created.json.ID})?$expand=Category`);
      expect(Category).to.equal(null);
    });

    it("5.1.3 * expands all navigation properties, and what is named explicitly goes before it", async () => {
      const every = await one(catalog(), "$expand=*");
      expect(every).to.include.keys("Category", "Descriptions", "RelatedProducts");
      const references = await one(catalog(), "$expand=*/$ref,Category($select=Name)");
      expect(references.Category.Name).to.equal("Electronics");
      for (const item of references.Descriptions) expect(Object.keys(item)).to.deep.equal(["@odata.id"]);
    });

    it("5.1.3 /$ref expands references, /$count the number only, both with $filter and $search", async () => {
      const references = await one(catalog(), "$expand=Descriptions/$ref($filter=LanguageKey eq 'EN')");
      expect(references.Descriptions).to.have.length(1);
      expect(Object.keys(references.Descriptions[0])).to.deep.equal(["@odata.id"]);
      const counted = await one(catalog(), "$expand=Descriptions/$count");
      expect(counted["Descriptions@odata.count"]).to.equal(2);
      expect(counted).not.to.have.property("Descriptions");
      const some = await one(catalog(), "$expand=Descriptions/$count($filter=LanguageKey eq 'EN')");
      expect(some["Descriptions@odata.count"]).to.equal(1);
      const found = await one(catalog(), "$expand=Descriptions/$count($search=gaming)");
      expect(found["Descriptions@odata.count"]).to.equal(2);
    });

    it("5.1.3 a type-cast segment expands entities of that type only", async () => {
      const { value } = await catalog().json(
        "/Categories?$orderby=Name&$expand=Products/ComplianceService.SpecialProduct($select=Name)",
      );
      expect(value.map(({ Products }: { Products: unknown[] }) => Products.length)).to.deep.equal([3, 0, 0]);
    });

    it("5.1.3 the same path twice, an unknown one, and a property that leads nowhere are refused", async () => {
      for (const expand of ["Category,Category", "Nope", "Name", "Category($foo=1)", "Category($filter=true)", ""])
        expect((await catalog().get(`/Products?$expand=${expand}`)).status, expand).to.equal(400);
    });

    it("5.1.3.1 expand options: $filter, $orderby, $skip, $top, $count, $search, $select, $compute", async () => {
      const sorted = await one(
        catalog(),
        "$expand=Descriptions($orderby=LanguageKey desc;$skip=1;$top=1;$count=true;$select=LanguageKey)",
      );
      expect(sorted["Descriptions@odata.count"]).to.equal(2);
      expect(sorted.Descriptions).to.have.length(1);
      expect(sorted.Descriptions[0]).to.include({ LanguageKey: "DE" }).and.not.have.property("Description");
      const filtered = await one(catalog(), "$expand=Descriptions($filter=LanguageKey eq 'EN')");
      expect(filtered.Descriptions).to.have.length(1);
      const searched = await one(catalog(), "$expand=Descriptions($search=Grafikkarte)");
      expect(searched.Descriptions).to.have.length(1);
      const computed = await one(catalog(), "$expand=Descriptions($compute=length(LanguageKey) as Long;$select=Long)");
      expect(computed.Descriptions.map(({ Long }: { Long: number }) => Long)).to.deep.equal([2, 2]);
      expect((await catalog().get("/Products?$expand=Descriptions($top=1;$top=2)")).status).to.equal(400);
      expect((await catalog().get("/Products?$expand=Descriptions($top=1;TOP=1)")).status).to.equal(400);
    });

    it("5.1.3.1 $levels: a number of levels, or max; for relationships that come back to their type", async () => {
      const mug = await catalog().product("Coffee Mug");
      const laptop = await catalog().product("Laptop");
      const relate = async (from: string, to: string) => {
        const reference = { "@odata.id": to.slice(1) };
        expect((await catalog().post(`${from}/RelatedProducts/$ref`, reference)).status).to.equal(204);
      };
      await relate(mug, laptop);
      await relate(laptop, mug);
      const single = await catalog().json(`${mug}?$expand=RelatedProducts($levels=1)`);
      expect(single.RelatedProducts[0].Name).to.equal("Laptop");
      expect(single.RelatedProducts[0]).not.to.have.property("RelatedProducts");
      const twice = await catalog().json(`${mug}?$expand=RelatedProducts($levels=2)`);
      expect(twice.RelatedProducts[0].RelatedProducts[0].Name).to.equal("Coffee Mug");
      expect(twice.RelatedProducts[0].RelatedProducts[0]).not.to.have.property("RelatedProducts");
      const most = await catalog().json(`${mug}?$expand=RelatedProducts($levels=max;$select=Name)`);
      expect(most.RelatedProducts[0].RelatedProducts[0].RelatedProducts[0].Name).to.equal("Laptop");
      const wide = await catalog().json(`${mug}?$expand=*($levels=2)`);
      expect(wide.RelatedProducts[0].Category.Name).to.equal("Electronics");
      for (const levels of ["0", "-1", "x"])
        expect((await catalog().get(`${mug}?$expand=RelatedProducts($levels=${levels})`)).status, levels).to.equal(400);
    });

    it("5.1.4 $select gives the properties that it names, * all of them, in complex values, too", async () => {
      expect(data(await one(catalog(), "$select=Rating,ReleaseDate"))).to.deep.equal({
        Rating: 200,
        ReleaseDate: "2024-01-15",
      });
      expect(data(await one(catalog(), "$select=ShippingAddress/City"))).to.deep.equal({
        ShippingAddress: { City: "Seattle" },
      });
      expect(data(await one(catalog(), "$select=ShippingAddress($select=City)"))).to.deep.equal({
        ShippingAddress: { City: "Seattle" },
      });
      const everything = await one(catalog(), "$select=*");
      expect(data(everything)).to.deep.equal(data(await one(catalog(), "")));
    });

    it("5.1.4 properties of derived types are prefixed with the type, and appear where the entity has them", async () => {
      const { value } = await catalog().json(
        "/Products?$orderby=Name&$select=Name,ComplianceService.SpecialProduct/SpecialFeature&$filter=Name in ('Coffee Mug','Laptop')",
      );
      expect(value.map(data)).to.deep.equal([
        { Name: "Coffee Mug" },
        { Name: "Laptop", SpecialFeature: "Premium support" },
      ]);
      expect((await catalog().get("/Products?$select=SpecialFeature")).status).to.equal(400);
    });

    it("5.1.4 a complex value that is null is null where one of its properties is selected", async () => {
      const { value } = await catalog().json("/Products?$filter=Name eq 'Office Chair'&$select=ShippingAddress/City");
      expect(data(value[0])).to.deep.equal({ ShippingAddress: null });
    });

    it("5.1.4 operations are told where they are selected, by name or by namespace", async () => {
      const named = await one(catalog(), "$select=Name,ComplianceService.IncreasePrice");
      expect(Object.keys(named).filter((name) => name.startsWith("#"))).to.deep.equal([
        "#ComplianceService.IncreasePrice",
      ]);
      const target = named["#ComplianceService.IncreasePrice"].target as string;
      expect(catalog().path(target)).to.equal(`${await catalog().product("Laptop")}/ComplianceService.IncreasePrice`);
      const every = await one(catalog(), "$select=ComplianceService.*");
      expect(every).to.include.keys("#ComplianceService.IncreasePrice", "#ComplianceService.GetInfo");
      const none = await one(catalog(), "$select=Name");
      expect(Object.keys(none).filter((name) => name.startsWith("#"))).to.deep.equal([]);
    });

    it("5.1.4 the union of all items; what is no property is refused", async () => {
      expect(data(await one(catalog(), "$select=Name,Name,Rating"))).to.deep.equal({ Name: "Laptop", Rating: 200 });
      for (const select of ["Nope", "Category/Nope", "", "Name,", "Name Price"])
        expect((await catalog().get(`/Products?$select=${select}`)).status, select).to.equal(400);
    });

    it("5.1.5 $orderby sorts by several expressions, ascending by default, null first", async () => {
      expect((await names(catalog(), "$orderby=Price desc"))[0]).to.equal("Premium Laptop Pro");
      expect((await names(catalog(), "$orderby=Price"))[0]).to.equal("Coffee Mug");
      const byCategory = await names(catalog(), "$orderby=Category/Name desc,Price asc");
      expect(byCategory.slice(0, 3)).to.deep.equal(["Coffee Mug", "Office Chair", "Wireless Mouse"]);
      expect((await names(catalog(), "$orderby=length(Name) desc"))[0]).to.match(
        /^(Gaming Mouse Ultra|Premium Laptop Pro)$/,
      );
      expect((await names(catalog(), "$orderby=Descriptions/$count desc,Name"))[0]).to.equal("Laptop");
      const byCity = await names(catalog(), "$orderby=ShippingAddress/City");
      expect(byCity[0]).to.equal("Office Chair");
      expect((await names(catalog(), "$orderby=ShippingAddress/City desc")).at(-1)).to.equal("Office Chair");
      for (const orderby of ["Nope", "Price foo", "Price asc desc", "", "Descriptions"])
        expect((await catalog().get(`/Products?$orderby=${orderby}`)).status, orderby).to.equal(400);
    });

    it("5.1.6 $top and $skip cut a page out of what is sorted", async () => {
      const sorted = await names(catalog(), "$orderby=Name");
      expect(await names(catalog(), "$orderby=Name&$skip=2&$top=3")).to.deep.equal(sorted.slice(2, 5));
      expect(await names(catalog(), "$top=0")).to.deep.equal([]);
      expect(await names(catalog(), "$skip=1000")).to.deep.equal([]);
      for (const option of ["$top=-1", "$skip=-1", "$top=x", "$skip=1.5", "$top="])
        expect((await catalog().get(`/Products?${option}`)).status, option).to.equal(400);
    });

    it("5.1.7 $count=true includes the number of all that match, whatever $top and $skip are", async () => {
      const answer = await catalog().json("/Products?$count=true&$filter=Price gt 100&$top=1&$skip=1");
      expect(answer["@odata.count"]).to.equal(5);
      expect(answer.value).to.have.length(1);
      expect(await catalog().json("/Products?$count=false")).not.to.have.property("@odata.count");
      expect((await catalog().get("/Products?$count=x")).status).to.equal(400);
    });

    it("5.1.8 $search: terms, phrases, NOT, AND, OR in this order of precedence, groups", async () => {
      const found: Readonly<Record<string, readonly string[]>> = {
        laptop: ["Laptop", "Premium Laptop Pro"],
        '"coffee mug"': ["Coffee Mug"],
        '"mug coffee"': [],
        "laptop pro": ["Premium Laptop Pro"],
        "laptop AND pro": ["Premium Laptop Pro"],
        "laptop OR mug": ["Coffee Mug", "Laptop", "Premium Laptop Pro"],
        "NOT laptop AND wireless OR mug": ["Coffee Mug", "Wireless Mouse"],
        "(laptop OR mug) AND NOT premium": ["Coffee Mug", "Laptop"],
        "laptop and pro": [],
        " laptop ": ["Laptop", "Premium Laptop Pro"],
      };
      for (const [search, expected] of Object.entries(found)) {
        const option = `$search=${encodeURIComponent(search)}`;
        expect(await names(catalog(), `$orderby=Name&${option}`), search).to.deep.equal(expected);
      }
      for (const search of ["", "(laptop", '"laptop', "laptop)"])
        expect((await catalog().get(`/Products?$search=${encodeURIComponent(search)}`)).status, search).to.equal(400);
    });

    it("5.1.8 $search and $filter both have to match", async () => {
      expect(await names(catalog(), "$search=laptop&$filter=Price gt 1000")).to.deep.equal(["Premium Laptop Pro"]);
    });

    it("5.1.9 $format goes before Accept", async () => {
      const headers = { accept: "application/xml" };
      const answer = await catalog().get("/Products?$format=json", { headers });
      expect(answer.status).to.equal(200);
      expect(answer.headers["content-type"]).to.match(/^application\/json/);
      const full = await catalog().get("/Products?$format=application/json;odata.metadata=full&$top=1");
      expect(full.json.value[0]).to.have.property("@odata.editLink");
      expect((await catalog().get("/Products?$format=application/atom%2Bxml")).status).to.be.oneOf([406, 415]);
      expect((await catalog().get("/$metadata?$format=json")).json).to.have.property("$Version");
      expect((await catalog().get("/$metadata?$format=xml")).text).to.match(/^<\?xml/);
    });

    it("5.1.10 $compute adds properties for $select, $filter and $orderby; their names must be new", async () => {
      const compute = "$compute=Price mul 2 as Twice,length(Name) as Long";
      const { value } = await catalog().json(
        `/Products?${compute}&$select=Name,Twice&$filter=Twice gt 1500&$orderby=Long desc,Twice`,
      );
      expect(value.map(data)).to.deep.equal([
        { Name: "Premium Laptop Pro", Twice: 3999.98 },
        { Name: "Smartphone", Twice: 1599.98 },
        { Name: "Laptop", Twice: 1999.98 },
      ]);
      const everything = await one(catalog(), "$compute=Price mul 2 as Twice&$select=*");
      expect(everything).to.include({ Name: "Laptop", Twice: 1999.98 });
      expect((await catalog().get("/Products?$compute=Price mul 2 as Name")).status).to.equal(400);
      expect((await catalog().get("/Products?$compute=Price mul 2")).status).to.equal(400);
    });

    it("5.1.11 $index is for collections that are ordered, and refused elsewhere", async () => {
      expect((await catalog().get("/Products?$index=0")).status).to.be.oneOf([400, 501]);
    });

    it("5.1.12 $schemaversion: * is any version; a version that is not there is 404", async () => {
      expect((await catalog().get("/Products?$schemaversion=*")).status).to.equal(200);
      expect((await catalog().get("/$metadata?$schemaversion=*")).status).to.equal(200);
      expect((await catalog().get("/Products?$schemaversion=none")).status).to.equal(404);
      expect((await catalog().get("/$metadata?$schemaversion=none")).status).to.equal(404);
    });

    it("5.1 $apply: aggregates, groups and transformations one after the other", async () => {
      const total = await catalog().json("/Products?$apply=filter(Price lt 20)/aggregate(Price with sum as total)");
      expect(total.value).to.deep.equal([{ total: 15.5 }]);
      const grouped = await catalog().json(
        "/Products?$apply=groupby((Category/Name),aggregate($count as n,Price with max as top))&$orderby=n desc",
      );
      expect(grouped.value[0]).to.deep.include({ Category: { Name: "Electronics" }, n: 5, top: 1999.99 });
      const filtered = await catalog().json(
        "/Products?$apply=groupby((Category/Name),aggregate(Price with average as mean))&$filter=mean lt 20",
      );
      expect(filtered.value).to.deep.equal([{ Category: { Name: "Kitchen" }, mean: 15.5 }]);
      const distinct = await catalog().json("/Products?$apply=aggregate(CategoryID with countdistinct as n)");
      expect(distinct.value[0].n).to.equal(3);
      expect((await catalog().get("/Products?$apply=nope(Price)")).status).to.equal(400);
    });

    it("5.2 custom query options are ignored unless they begin with $ or @", async () => {
      expect(await names(catalog(), "debug-mode=true&$filter=Price lt 20")).to.deep.equal(["Coffee Mug"]);
    });

    it("5.3 parameter aliases stand for values in keys, functions, $filter and $orderby", async () => {
      expect(await names(catalog(), "$filter=contains(Name,@w) and Price lt @p&@w='Mouse'&@p=100")).to.deep.equal([
        "Wireless Mouse",
      ]);
      expect(
        await names(catalog(), `$orderby=Name&$filter=Name in @n&@n=${encodeURIComponent('["Laptop","x"]')}`),
      ).to.deep.equal(["Laptop"]);
      expect((await names(catalog(), "$orderby=@o&@o=Name"))[0]).to.equal("Coffee Mug");
      const id = (await catalog().product("Laptop")).slice("/Products(".length, -1);
      expect((await catalog().json(`/Products(@id)?@id=${id}`)).Name).to.equal("Laptop");
      expect((await catalog().json("/Calculate(a=@a,b=@a)?@a=4")).value).to.equal(8);
    });

    it("5.3 an alias without a value is null, one that stands for itself is refused", async () => {
      expect(await names(catalog(), "$filter=Name eq @nothing")).to.deep.equal([]);
      expect((await catalog().get("/Products?$filter=@a&@a=@b&@b=@a")).status).to.equal(400);
      expect((await catalog().get("/Products?$filter=Name eq @a&@a='x'&@a='y'")).status).to.equal(400);
    });
  },
  { reseed: true },
);

async function names(catalog: CatalogClient, options: string): Promise<string[]> {
  const { value } = await catalog.json(`/Products?$select=Name&${options}`);
  return value.map(({ Name }: { Name: string }) => Name);
}

/** The laptop of the seed. */
async function one(catalog: CatalogClient, options: string): Promise<any> {
  const { value } = await catalog.json(`/Products?$filter=Name eq 'Laptop'&${options}`.replace(/&$/, ""));
  expect(value).to.have.length(1);
  return value[0];
}

/** An object without what tells of it. */
function data(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.includes("@")));
}
