import { expect } from "chai";
import { conformance, productNames } from "./support.js";

conformance("Protocol 11.2.6, querying collections", ({ catalog, graph }) => {
  const status = async (path: string) => (await catalog().get(path)).status;
  const names = async (query: string): Promise<string[]> =>
    (await catalog().json(`/Products?${query}`)).value.map(({ Name }: { Name: string }) => Name);
  /** The names of the products that a condition is true for. */
  const where = async (condition: string) => (await names(`$filter=${encodeURIComponent(condition)}`)).sort();
  const all = productNames;

  it("11.2.6 what collections of values hold is queried as well", async () => {
    const { value } = await graph().json(
      "/deviceManagement/deviceConfigurations?$filter=roleScopeTagIds/any(t:t eq '0')",
    );
    expect(value).to.be.an("array");
  });

  describe("11.2.6.1 $filter", () => {
    it("11.2.6.1.1 comparisons: eq, ne, gt, ge, lt, le", async () => {
      expect(await where("Name eq 'Laptop'")).to.deep.equal(["Laptop"]);
      expect(await where("Name ne 'Laptop'")).to.deep.equal(all.filter((name) => name !== "Laptop"));
      expect(await where("Price gt 999.99")).to.deep.equal(["Premium Laptop Pro"]);
      expect(await where("Price ge 999.99")).to.deep.equal(["Laptop", "Premium Laptop Pro"]);
      expect(await where("Price lt 29.99")).to.deep.equal(["Coffee Mug"]);
      expect(await where("Price le 29.99")).to.deep.equal(["Coffee Mug", "Wireless Mouse"]);
    });

    it("11.2.6.1.1 comparisons: has and in", async () => {
      expect(await where("Status has ComplianceService.ProductStatus'OnSale'")).to.deep.equal([
        "Gaming Mouse Ultra",
        "Smartphone",
        "Wireless Mouse",
      ]);
      expect(await where("Name in ('Laptop','Smartphone')")).to.deep.equal(["Laptop", "Smartphone"]);
      expect(await where("ShippingAddress/City in ('Seattle','Portland')")).to.deep.equal(["Coffee Mug", "Laptop"]);
    });

    it("11.2.6.1.1 logic: and, or, not, with their precedence and with parentheses", async () => {
      expect(await where("Name eq 'Laptop' or Name eq 'Smartphone' and Price lt 1")).to.deep.equal(["Laptop"]);
      expect(await where("(Name eq 'Laptop' or Name eq 'Smartphone') and Price lt 800")).to.deep.equal(["Smartphone"]);
      expect(await where("not (Price lt 900)")).to.deep.equal(["Laptop", "Premium Laptop Pro"]);
      expect(await where("not contains(Name,'o')")).to.deep.equal(["Office Chair"]);
    });

    it("11.2.6.1.1 arithmetic: add, sub, mul, div, divby, mod, and the minus sign", async () => {
      expect(await where("Quantity add 1 eq 301")).to.deep.equal(["Wireless Mouse"]);
      expect(await where("Quantity sub 1 eq 299")).to.deep.equal(["Wireless Mouse"]);
      expect(await where("Quantity mul 2 eq 600")).to.deep.equal(["Wireless Mouse"]);
      expect(await where("Quantity div 7 eq 42")).to.deep.equal(["Wireless Mouse"]);
      expect(await where("Quantity divby 8 eq 37.5")).to.deep.equal(["Wireless Mouse"]);
      expect(await where("Quantity mod 7 eq 6 and Quantity eq 300")).to.deep.equal(["Wireless Mouse"]);
      expect(await where("-Quantity eq 200")).to.deep.equal(["Coffee Mug"]);
    });

    it("11.2.6.1.1 null: eq and ne, on properties and on single related entities", async () => {
      expect(await where("Data eq null"))
        .to.include("Office Chair")
        .and.not.to.include("Laptop");
      expect(await where("ShippingAddress eq null")).to.deep.equal(["Office Chair"]);
      expect(await where("Category ne null")).to.deep.equal(all);
      expect(await where("Category eq null")).to.deep.equal([]);
      expect(await where("ShippingAddress/City eq null")).to.deep.equal(["Office Chair"]);
    });

    it("11.2.6.1.1 operators: in any case", async () => {
      expect(await where("Name EQ 'Laptop' OR NOT (Price Lt 1999)")).to.deep.equal(["Laptop", "Premium Laptop Pro"]);
      expect(await where("Name IN ('Laptop')")).to.deep.equal(["Laptop"]);
    });

    it("11.2.6.1.1 lambda operators: any and all", async () => {
      expect(await where("Descriptions/any(d:d/LanguageKey eq 'DE')")).to.deep.equal(["Laptop"]);
      expect(await where("Descriptions/all(d:d/LanguageKey eq 'EN') and Descriptions/any()")).to.deep.equal([
        "Coffee Mug",
      ]);
    });

    it("11.2.6.1.2 string functions", async () => {
      for (const [condition, found] of [
        ["concat(concat(ShippingAddress/City,', '),ShippingAddress/Country) eq 'Seattle, USA'", ["Laptop"]],
        ["contains(Name,'Mouse')", ["Gaming Mouse Ultra", "Wireless Mouse"]],
        ["endswith(Name,'top')", ["Laptop"]],
        ["indexof(Name,'Laptop') eq 8", ["Premium Laptop Pro"]],
        ["length(Name) eq 6", ["Laptop"]],
        ["startswith(Name,'Lap')", ["Laptop"]],
        ["substring(Name,1) eq 'aptop'", ["Laptop"]],
        ["substring(Name,1,3) eq 'apt'", ["Laptop"]],
        ["substring(Name,-3) eq 'top'", ["Laptop"]],
        ["matchesPattern(Name,'^L.*p$')", ["Laptop"]],
        ["tolower(Name) eq 'laptop'", ["Laptop"]],
        ["toupper(Name) eq 'LAPTOP'", ["Laptop"]],
        ["trim(concat('  ',Name)) eq 'Laptop'", ["Laptop"]],
      ] as const)
        expect(await where(condition), condition).to.deep.equal(found);
    });

    it("11.2.6.1.2 date and time functions", async () => {
      for (const [condition, found] of [
        ["year(CreatedAt) eq 2023", ["Coffee Mug", "Office Chair"]],
        ["month(CreatedAt) eq 8", ["Office Chair"]],
        ["day(CreatedAt) eq 12", ["Office Chair"]],
        ["hour(CreatedAt) eq 16", ["Office Chair"]],
        ["minute(CreatedAt) eq 20", ["Office Chair"]],
        ["second(CreatedAt) eq 0", all],
        ["fractionalseconds(CreatedAt) eq 0", all],
        ["date(CreatedAt) eq 2024-01-15", ["Laptop"]],
        ["time(CreatedAt) eq 10:30:00", ["Laptop"]],
        ["totaloffsetminutes(CreatedAt) eq 0", all],
        ["CreatedAt lt now()", all],
        ["CreatedAt gt mindatetime() and CreatedAt lt maxdatetime()", all],
        ["totalseconds(ShippingTime) eq 86400", ["Laptop"]],
        ["year(ReleaseDate) eq 2024 and month(ReleaseDate) eq 12", ["Office Chair"]],
        ["hour(OpenTime) eq 9", ["Laptop"]],
      ] as const)
        expect(await where(condition), condition).to.deep.equal(found);
    });

    it("11.2.6.1.2 arithmetic functions", async () => {
      expect(await where("round(Price) eq 1000")).to.deep.equal(["Laptop"]);
      expect(await where("floor(Price) eq 999")).to.deep.equal(["Laptop"]);
      expect(await where("ceiling(Price) eq 16")).to.deep.equal(["Coffee Mug"]);
    });

    it("11.2.6.1.2 type functions", async () => {
      const special = ["Gaming Mouse Ultra", "Laptop", "Premium Laptop Pro"];
      expect(await where("isof(ComplianceService.SpecialProduct)")).to.deep.equal(special);
      expect(await where("isof(Name,Edm.String)")).to.deep.equal(all);
      expect(await where("cast(Rating,Edm.String) eq '200'")).to.deep.equal(["Laptop"]);
    });

    it("11.2.6.1.2 conditional function", async () => {
      expect(await where("case(Price gt 1000:'dear',Price gt 100:'fair',true:'cheap') eq 'dear'")).to.deep.equal([
        "Premium Laptop Pro",
      ]);
    });

    it("11.2.6.1.2 geo functions", async () => {
      const seattle = "geography'SRID=4326;Point(-122.3321 47.6062)'";
      expect(await where(`geo.distance(Location,${seattle}) lt 1000`)).to.deep.equal(["Laptop"]);
      expect(await where(`geo.intersects(${seattle},Area)`)).to.deep.equal(["Laptop"]);
      expect(await where("geo.length(Route) gt 0")).to.include("Laptop");
    });

    it("11.2.6.1.2 functions: in any case", async () => {
      expect(await where("CONTAINS(Name,'Mouse') and StartsWith(Name,'W')")).to.deep.equal(["Wireless Mouse"]);
    });

    it("11.2.6.1.2 functions and operators that there are not fail the request", async () => {
      for (const condition of ["unheardof(Name) eq 1", "Name like 'a'", "Nothing eq 1", "Name eq", "(Name eq 'a'"])
        expect(await status(`/Products?$filter=${encodeURIComponent(condition)}`), condition).to.be.oneOf([400, 501]);
    });

    it("11.2.6.1.3 parameter aliases: stand for values, several times; without a value they are null", async () => {
      expect(await names("$filter=Name eq @n or contains(Name,@n)&@n='Laptop'&$orderby=Name")).to.deep.equal([
        "Laptop",
        "Premium Laptop Pro",
      ]);
      expect(await names("$filter=ShippingAddress/City eq @city")).to.deep.equal(["Office Chair"]);
      expect(await status("/Products?$filter=Name eq @n&@n='a'&@n='b'")).to.equal(400);
    });

    it("11.2.6.1.3 parameter aliases: stand for keys, for parameters of functions, and in $orderby and $compute", async () => {
      const [, id] = /\((.*)\)/.exec(await catalog().product("Laptop"))!;
      expect((await catalog().json(`/Products(@id)?@id=${id}`)).Name).to.equal("Laptop");
      expect((await catalog().json("/Calculate(a=@a,b=@b)?@a=2&@b=3")).value).to.equal(5);
      expect((await names("$orderby=Price mul @s&@s=-1"))[0]).to.equal("Premium Laptop Pro");
      const { value } = await catalog().json("/Products?$compute=Price mul @f as Twice&@f=2&$filter=Name eq 'Laptop'");
      expect(value[0].Twice).to.be.closeTo(1999.98, 0.001);
    });
  });

  describe("11.2.6.2 $orderby", () => {
    it("11.2.6.2 asc is the default, desc turns it round, in any case", async () => {
      expect(await names("$orderby=Name")).to.deep.equal(all);
      expect(await names("$orderby=Name asc")).to.deep.equal(all);
      expect(await names("$orderby=Name desc")).to.deep.equal(all.toReversed());
      expect(await names("$orderby=Name DESC")).to.deep.equal(all.toReversed());
    });

    it("11.2.6.2 the next expression decides between equal values", async () => {
      expect(await names("$orderby=Category/Name,Price desc")).to.deep.equal([
        "Premium Laptop Pro",
        "Laptop",
        "Smartphone",
        "Gaming Mouse Ultra",
        "Wireless Mouse",
        "Office Chair",
        "Coffee Mug",
      ]);
    });

    it("11.2.6.2 null goes before values in ascending order, behind them in descending order", async () => {
      expect((await names("$orderby=ShippingAddress/City"))[0]).to.equal("Office Chair");
      expect((await names("$orderby=ShippingAddress/City desc")).at(-1)).to.equal("Office Chair");
    });

    it("11.2.6.2 false goes before true", async () => {
      expect((await names("$orderby=Price gt 1000,Name")).at(-1)).to.equal("Premium Laptop Pro");
    });

    it("11.2.6.2 expressions, counts, properties of derived types", async () => {
      expect((await names("$orderby=length(Name) desc"))[0]).to.have.lengthOf(18);
      const { value } = await catalog().json("/Categories?$orderby=Products/$count desc");
      expect(value[0].Name).to.equal("Electronics");
      expect((await names("$orderby=ComplianceService.SpecialProduct/SpecialProperty desc"))[0]).to.equal(
        "Gaming Mouse Ultra",
      );
    });

    it("11.2.6.2 streams, geo values and complex values cannot be sorted", async () => {
      for (const name of ["Photo", "Location", "ShippingAddress", "Nothing", "Descriptions"])
        expect(await status(`/Products?$orderby=${name}`), name).to.be.oneOf([400, 501]);
    });
  });

  describe("11.2.6.3 $top and 11.2.6.4 $skip", () => {
    it("11.2.6.3 $top: so many items, none for 0, no more than there are", async () => {
      expect(await names("$orderby=Name&$top=2")).to.deep.equal(all.slice(0, 2));
      expect(await names("$top=0")).to.deep.equal([]);
      expect(await names("$top=1000")).to.have.lengthOf(7);
    });

    it("11.2.6.3 $top and $skip: the order is the same for each request without $orderby", async () => {
      const whole = await names("$top=7");
      const parts = [];
      for (let skip = 0; skip < 7; skip++) parts.push(...(await names(`$top=1&$skip=${skip}`)));
      expect(parts).to.deep.equal(whole);
    });

    it("11.2.6.4 $skip: without so many first ones, and before $top", async () => {
      expect(await names("$orderby=Name&$skip=5")).to.deep.equal(all.slice(5));
      expect(await names("$orderby=Name&$top=2&$skip=3")).to.deep.equal(all.slice(3, 5));
      expect(await names("$skip=100")).to.deep.equal([]);
    });

    it("11.2.6.3 $top and $skip: are whole numbers that are not negative", async () => {
      for (const value of ["-1", "1.5", "x", ""]) {
        expect(await status(`/Products?$top=${value}`), value).to.equal(400);
        expect(await status(`/Products?$skip=${value}`), value).to.equal(400);
      }
    });
  });

  describe("11.2.6.5 $count", () => {
    it("11.2.6.5 true gives the number of all that match, whatever $top, $skip and $expand say", async () => {
      for (const query of ["$count=true", "$count=true&$top=1", "$count=true&$skip=6", "$count=true&$expand=Category"])
        expect((await catalog().json(`/Products?${query}`))["@odata.count"], query).to.equal(7);
      expect((await catalog().json("/Products?$count=true&$filter=Price gt 900"))["@odata.count"]).to.equal(2);
      expect((await catalog().json("/Products?$count=true&$search=mouse"))["@odata.count"]).to.equal(2);
    });

    it("11.2.10 the segment /$count is not affected by $top, $skip, $orderby and $expand", async () => {
      for (const query of ["$top=1", "$skip=6", "$orderby=Name desc", "$expand=Category", "$top=0"])
        expect((await catalog().get(`/Products/$count?${query}`)).text, query).to.equal("7");
    });

    it("11.2.6.5 the number is that of all pages", async () => {
      const first = await catalog().json("/Products?$count=true", { prefer: "maxpagesize=3" });
      expect([first["@odata.count"], first.value.length]).to.deep.equal([7, 3]);
    });

    it("11.2.6.5 false gives no number, anything else is refused", async () => {
      expect(await catalog().json("/Products?$count=false")).not.to.have.any.keys("@odata.count");
      for (const value of ["1", "yes", ""]) expect(await status(`/Products?$count=${value}`), value).to.equal(400);
    });
  });

  describe("11.2.6.6 $search", () => {
    const found = async (search: string) => (await names(`$search=${encodeURIComponent(search)}`)).sort();

    it("11.2.6.6 a word, a phrase, AND, OR, NOT and parentheses", async () => {
      expect(await found("mouse")).to.deep.equal(["Gaming Mouse Ultra", "Wireless Mouse"]);
      expect(await found('"Premium Laptop"')).to.deep.equal(["Premium Laptop Pro"]);
      expect(await found("mouse wireless")).to.deep.equal(["Wireless Mouse"]);
      expect(await found("mouse AND wireless")).to.deep.equal(["Wireless Mouse"]);
      expect(await found("chair OR smartphone")).to.deep.equal(["Office Chair", "Smartphone"]);
      expect(await found("laptop AND NOT premium")).to.deep.equal(["Laptop"]);
      expect(await found("(mouse OR laptop) AND NOT (premium OR wireless)")).to.deep.equal([
        "Gaming Mouse Ultra",
        "Laptop",
      ]);
    });

    it("11.2.6.6 NOT goes before AND, and AND before OR", async () => {
      expect(await found("chair OR mouse AND wireless")).to.deep.equal(["Office Chair", "Wireless Mouse"]);
      expect(await found("NOT mouse AND laptop")).to.deep.equal(["Laptop", "Premium Laptop Pro"]);
    });

    it("11.2.6.6 with $filter both have to be met", async () => {
      expect(await names("$search=mouse&$filter=Price gt 100")).to.deep.equal(["Gaming Mouse Ultra"]);
    });

    it("11.2.6.6 what is no search expression is refused", async () => {
      for (const search of ["", "(mouse", '"mouse'])
        expect(await status(`/Products?$search=${encodeURIComponent(search)}`), search).to.equal(400);
    });
  });

  describe("11.2.6.7 server-driven paging", () => {
    it("11.2.6.7 each part has a next link, the last one has none, and together they are the whole", async () => {
      const seen: string[] = [];
      let page = await catalog().json("/Products?$orderby=Name", { prefer: "maxpagesize=3" });
      for (let pages = 1; ; pages++) {
        seen.push(...page.value.map(({ Name }: { Name: string }) => Name));
        const next = page["@odata.nextLink"];
        if (next === undefined) {
          expect(pages).to.equal(3);
          break;
        }
        page = await catalog().json(catalog().path(next), { prefer: "maxpagesize=3" });
      }
      expect(seen).to.deep.equal(all);
    });

    it("11.2.6.7 a next link keeps what the request has asked for", async () => {
      const first = await catalog().json(
        "/Products?$orderby=Price desc&$filter=Price gt 20&$select=Name&$expand=Category($select=Name)&$top=5",
        { prefer: "maxpagesize=3" },
      );
      const second = await catalog().json(catalog().path(first["@odata.nextLink"]));
      const both = [...first.value, ...second.value];
      expect(both.map(({ Name }) => Name)).to.deep.equal([
        "Premium Laptop Pro",
        "Laptop",
        "Smartphone",
        "Office Chair",
        "Gaming Mouse Ultra",
      ]);
      expect(second).not.to.have.any.keys("@odata.nextLink");
      for (const product of both) {
        expect(product).not.to.have.any.keys("Price");
        expect(product.Category.Name).to.be.a("string");
      }
    });

    it("11.2.6.7 a next link with a token of somebody's own making is refused", async () => {
      expect(await status("/Products?$skiptoken=unheard-of")).to.be.oneOf([400, 404, 410]);
    });
  });

  it("11.2.6 an option that is unknown is refused, one that is known is never ignored", async () => {
    expect(await status("/Products?$unheardof=1")).to.be.oneOf([400, 501]);
    for (const option of ["$filter=true", "$top=1", "$orderby=Name", "$search=a", "$count=true", "$expand=Category"])
      expect(await status(`/Company?${option}`), option).to.be.oneOf([400, 501]);
  });
});
