import { expect } from "chai";
import type { CatalogClient } from "./support.js";
import { conformance, productNames } from "./support.js";

/** The products of the seed, in the order of their names. */
const all = productNames;
const special = ["Gaming Mouse Ultra", "Laptop", "Premium Laptop Pro"];
const without = (...names: string[]) => all.filter((name) => !names.includes(name));

/** What an expression keeps of the products. */
type Example = readonly [filter: string, expected: readonly string[]];

const point = "geography'SRID=4326;Point(-122.6765 45.5231)'";
const square = "geography'SRID=4326;Polygon((-123.0 45.0,-122.0 45.0,-122.0 46.0,-123.0 46.0,-123.0 45.0))'";

const examples: Readonly<Record<string, readonly Example[]>> = {
  "5.1.1.1.1 eq: equal values, null only to itself": [
    ["Price eq 15.5", ["Coffee Mug"]],
    ["Status eq ComplianceService.ProductStatus'Discontinued'", ["Office Chair"]],
    ["Status eq 'InStock,Featured'", ["Laptop", "Premium Laptop Pro"]],
    ["ReleaseDate eq null", ["Gaming Mouse Ultra", "Premium Laptop Pro", "Smartphone"]],
    ["null eq null", all],
    ["ShippingAddress eq null", ["Office Chair"]],
    ["INF eq INF", all],
    ["NaN eq NaN", []],
  ],
  "5.1.1.1.2 ne: the null value is not equal to any value but itself": [
    ["Price ne 15.5", without("Coffee Mug")],
    ["ReleaseDate ne 2024-12-31", without("Office Chair")],
    ["ReleaseDate ne null", ["Coffee Mug", "Laptop", "Office Chair", "Wireless Mouse"]],
    ["null ne null", []],
    ["NaN ne NaN", all],
  ],
  "5.1.1.1.3 gt: false where an operand is null": [
    ["Price gt 999.99", ["Premium Laptop Pro"]],
    ["Price gt -INF", all],
    ["Name gt 'Premium'", ["Premium Laptop Pro", "Smartphone", "Wireless Mouse"]],
    ["ReleaseDate gt 2024-01-15", ["Office Chair", "Wireless Mouse"]],
    ["true gt false", all],
    ["Price gt null", []],
    ["not (Description gt null)", all],
  ],
  "5.1.1.1.4 ge": [
    ["Price ge 999.99", ["Laptop", "Premium Laptop Pro"]],
    ["OpenTime ge 09:30:00", ["Laptop", "Office Chair"]],
  ],
  "5.1.1.1.5 lt: false where an operand is null": [
    ["Price lt 29.99", ["Coffee Mug"]],
    ["Price lt INF", all],
    ["ReleaseDate lt 2024-01-15", ["Coffee Mug"]],
    ["null lt Price", []],
  ],
  "5.1.1.1.6 le": [
    ["Price le 29.99", ["Coffee Mug", "Wireless Mouse"]],
    ["CreatedAt le 2023-11-05T10:15:00+01:00", ["Coffee Mug", "Office Chair"]],
  ],
  "5.1.1.1.7 and: null is unknown": [
    ["Rating eq 255 and Temperature eq 127", ["Office Chair"]],
    ["(null and false) eq false", all],
    ["(null and true) eq null", all],
    ["null and true", []],
  ],
  "5.1.1.1.8 or: null is unknown": [
    ["Rating eq 255 or Name eq 'Laptop'", ["Laptop", "Office Chair"]],
    ["null or true", all],
    ["(null or false) eq null", all],
  ],
  "5.1.1.1.9 not: not null is null": [
    ["not (Price gt 100)", ["Coffee Mug", "Wireless Mouse"]],
    ["not contains(Name,'o')", ["Office Chair"]],
    ["not null", []],
    ["(not null) eq null", all],
  ],
  "5.1.1.1.10 has: all flags of the right operand": [
    ["Status has ComplianceService.ProductStatus'OnSale'", ["Gaming Mouse Ultra", "Smartphone", "Wireless Mouse"]],
    ["Status has 'InStock,Featured'", ["Laptop", "Premium Laptop Pro", "Smartphone"]],
    ["not (Status has 'InStock')", ["Office Chair"]],
  ],
  "5.1.1.1.11 in: a list of values, or a collection": [
    ["Name in ('Laptop', 'Coffee Mug')", ["Coffee Mug", "Laptop"]],
    ['Name in ["Laptop","Coffee Mug"]', ["Coffee Mug", "Laptop"]],
    ["not (Name in ('Laptop','Coffee Mug'))", without("Coffee Mug", "Laptop")],
    ["Price in (15.5,249.99)", ["Coffee Mug", "Office Chair"]],
    ["ReleaseDate in (null,2024-12-31)", ["Gaming Mouse Ultra", "Office Chair", "Premium Laptop Pro", "Smartphone"]],
    ["Status in ('Discontinued','OnSale')", ["Office Chair"]],
    ["Name in ()", []],
  ],
  "5.1.1.2.1 add, also with dates and durations": [
    ["Price add 0.5 eq 16", ["Coffee Mug"]],
    ["CreatedAt add duration'P1D' eq 2023-11-06T09:15:00Z", ["Coffee Mug"]],
    ["ShippingTime add duration'PT1H' eq duration'PT3H'", ["Wireless Mouse"]],
    ["ReleaseDate add duration'P1D' eq 2025-01-01", ["Office Chair"]],
    ["ReleaseDate add duration'PT23H' eq 2024-12-31", ["Office Chair"]],
    ["(Price add null) eq null", all],
  ],
  "5.1.1.2.2 sub, also with dates and durations": [
    ["Price sub 0.5 eq 15", ["Coffee Mug"]],
    ["CreatedAt sub duration'P1D' eq 2023-11-04T09:15:00Z", ["Coffee Mug"]],
    ["CreatedAt sub 2023-11-05T08:15:00Z eq duration'PT1H'", ["Coffee Mug"]],
    ["ShippingTime sub duration'PT1H' eq duration'PT1H'", ["Wireless Mouse"]],
    ["ReleaseDate sub duration'P1D' eq 2024-12-30", ["Office Chair"]],
    ["ReleaseDate sub 2024-01-14 eq duration'P1D'", ["Laptop"]],
  ],
  "5.1.1.2.3 negation, of numbers and durations": [
    ["-Price lt -1000", ["Premium Laptop Pro"]],
    ["-Offset eq duration'P1D'", ["Wireless Mouse"]],
    ["-(Quantity) eq 200", ["Coffee Mug"]],
  ],
  "5.1.1.2.4 mul": [
    ["Price mul 2 eq 31", ["Coffee Mug"]],
    ["ShippingTime mul 2 eq duration'PT4H'", ["Wireless Mouse"]],
  ],
  "5.1.1.2.5 div: whole for integers, INF and NaN for Double": [
    ["Quantity div 7 eq 171", ["Laptop"]],
    ["-5 div 2 eq -2", all],
    ["5.0 div 2 eq 2.5", all],
    ["ShippingTime div 2 eq duration'PT1H'", ["Wireless Mouse"]],
    ["Price div 0 eq INF", all],
    ["-Price div 0 eq -INF", all],
  ],
  "5.1.1.2.5 divby: may yield a fractional result": [["Rating divby 4 eq 63.75", ["Office Chair"]]],
  "5.1.1.2.6 mod: the sign of the left operand": [
    ["Quantity mod 7 eq 3", ["Laptop"]],
    ["-5 mod 3 eq -2", all],
  ],
  "5.1.1.3 grouping": [
    ["(4 add 5) mod (4 sub 1) eq 0", all],
    ["(Price add 1) mul 2 eq 33", ["Coffee Mug"]],
  ],
  "5.1.1.4 a function with null gives null": [
    ["contains(Description,'x') eq null", all],
    ["concat(Name,null) eq null", all],
    ["year(ReleaseDate) eq null", ["Gaming Mouse Ultra", "Premium Laptop Pro", "Smartphone"]],
  ],
  "5.1.1.4 operators and functions in any case": [
    ["Name EQ 'Laptop' OR Price Lt 20", ["Coffee Mug", "Laptop"]],
    ["CONTAINS(Name,'Mouse')", ["Gaming Mouse Ultra", "Wireless Mouse"]],
    ["Descriptions/ANY(d:d/LanguageKey eq 'DE')", ["Laptop"]],
  ],
  "5.1.1.5.1 concat": [
    ["concat(concat(Name,', '),ShippingAddress/City) eq 'Laptop, Seattle'", ["Laptop"]],
    ["length(concat([1,2],[3])) eq 3", all],
  ],
  "5.1.1.5.2 contains, case-sensitively": [
    ["contains(Name,'Mouse')", ["Gaming Mouse Ultra", "Wireless Mouse"]],
    ["contains(Name,'mouse')", []],
    ["contains([1,2,3],[2,3])", all],
  ],
  "5.1.1.5.3 endswith": [["endswith(Name,'Mug')", ["Coffee Mug"]]],
  "5.1.1.5.4 indexof": [
    ["indexof(Name,'aptop') eq 1", ["Laptop"]],
    ["indexof(Name,'Mouse') eq -1", without("Gaming Mouse Ultra", "Wireless Mouse")],
  ],
  "5.1.1.5.5 length": [["length(Name) eq 10", ["Coffee Mug", "Smartphone"]]],
  "5.1.1.5.6 startswith": [["startswith(Name,'Co')", ["Coffee Mug"]]],
  "5.1.1.5.7 substring, zero-based": [
    ["substring(Name,1) eq 'aptop'", ["Laptop"]],
    ["substring(Name,1,2) eq 'ap'", ["Laptop"]],
    ["substring(Name,100) eq ''", all],
    ["substring(Name,4,100) eq 'op'", ["Laptop"]],
  ],
  "5.1.1.6.1 hassubset": [
    ["hassubset([4,1,3],[3,1])", all],
    ["hassubset([4,1,3,1],[1,1])", all],
    ["hassubset([1,2],[1,1,2])", []],
  ],
  "5.1.1.6.2 hassubsequence": [
    ["hassubsequence([4,1,3],[4,3])", all],
    ["hassubsequence([4,1,3],[3,1])", []],
    ["hassubsequence([1,2],[1,1,2])", []],
  ],
  "5.1.1.7.1 matchesPattern": [
    ["matchesPattern(Name,'^.*Pro$')", ["Premium Laptop Pro"]],
    ["matchesPattern(Name,'M[ou]')", ["Coffee Mug", "Gaming Mouse Ultra", "Wireless Mouse"]],
  ],
  "5.1.1.7.2 tolower": [["tolower(Name) eq 'laptop'", ["Laptop"]]],
  "5.1.1.7.3 toupper": [["toupper(Name) eq 'LAPTOP'", ["Laptop"]]],
  "5.1.1.7.4 trim": [
    ["trim(' Laptop ') eq Name", ["Laptop"]],
    ["trim(Name) eq Name", all],
  ],
  "5.1.1.8.1 date": [["date(CreatedAt) eq 2023-11-05", ["Coffee Mug"]]],
  "5.1.1.8.2 day": [
    ["day(CreatedAt) eq 5", ["Coffee Mug"]],
    ["day(ReleaseDate) eq 31", ["Office Chair"]],
  ],
  "5.1.1.8.3 fractionalseconds": [
    ["fractionalseconds(CreatedAt) eq 0", all],
    ["fractionalseconds(07:59:59.25) eq 0.25", all],
  ],
  "5.1.1.8.4 hour": [
    ["hour(CreatedAt) eq 9", ["Coffee Mug"]],
    ["hour(OpenTime) eq 23", ["Office Chair"]],
  ],
  "5.1.1.8.5 maxdatetime": [["CreatedAt lt maxdatetime()", all]],
  "5.1.1.8.6 mindatetime": [["CreatedAt gt mindatetime()", all]],
  "5.1.1.8.7 minute": [
    ["minute(CreatedAt) eq 45", ["Wireless Mouse"]],
    ["minute(OpenTime) eq 15", ["Wireless Mouse"]],
  ],
  "5.1.1.8.8 month": [
    ["month(CreatedAt) eq 11", ["Coffee Mug"]],
    ["month(ReleaseDate) eq 12", ["Office Chair"]],
  ],
  "5.1.1.8.9 now": [
    ["CreatedAt lt now()", all],
    ["CreatedAt gt now()", []],
  ],
  "5.1.1.8.10 second": [
    ["second(OpenTime) eq 59", ["Office Chair"]],
    ["second(2024-01-01T00:00:07Z) eq 7", all],
  ],
  "5.1.1.8.11 time": [["time(CreatedAt) eq 09:15:00", ["Coffee Mug"]]],
  "5.1.1.8.12 totaloffsetminutes": [["totaloffsetminutes(CreatedAt) eq 0", all]],
  "5.1.1.8.13 totalseconds": [
    ["totalseconds(ProcessingTime) eq 1.5", ["Wireless Mouse"]],
    ["totalseconds(ShippingTime) eq 95400", ["Office Chair"]],
  ],
  "5.1.1.8.14 year": [
    ["year(CreatedAt) eq 2023", ["Coffee Mug", "Office Chair"]],
    ["year(ReleaseDate) eq 2024", ["Coffee Mug", "Laptop", "Office Chair", "Wireless Mouse"]],
  ],
  "5.1.1.9.1 ceiling": [["ceiling(Price) eq 250", ["Office Chair"]]],
  "5.1.1.9.2 floor": [["floor(Price) eq 249", ["Office Chair"]]],
  "5.1.1.9.3 round: halves away from zero": [
    ["round(Price) eq 16", ["Coffee Mug"]],
    ["round(-0.5) eq -1 and round(2.5) eq 3", all],
  ],
  "5.1.1.10.1 cast": [
    ["cast(Price,Edm.String) eq '15.5'", ["Coffee Mug"]],
    ["cast('15.5',Edm.Double) eq Price", ["Coffee Mug"]],
    ["cast(Price,Edm.Int32) eq 249 or cast(Price,Edm.Int32) eq 250", ["Office Chair"]],
    ["cast(Status,Edm.Int32) eq 4", ["Office Chair"]],
    ["cast(4,ComplianceService.ProductStatus) eq Status", ["Office Chair"]],
    ["cast('no number',Edm.Int32) eq null", all],
    ["cast(null,Edm.String) eq null", all],
  ],
  "5.1.1.10.2 isof": [
    ["isof(ComplianceService.SpecialProduct)", special],
    ["isof($it,ComplianceService.SpecialProduct)", special],
    ["isof(ComplianceService.Product)", all],
    ["isof(Category,ComplianceService.Category)", all],
    ["isof(Name,Edm.String)", all],
  ],
  "5.1.1.11.1 geo.distance": [[`geo.distance(Location,${point}) lt 1000`, ["Coffee Mug"]]],
  "5.1.1.11.2 geo.intersects": [[`geo.intersects(Location,${square})`, ["Coffee Mug"]]],
  "5.1.1.11.3 geo.length": [["geo.length(Route) gt 30000", ["Laptop"]]],
  "5.1.1.12.1 case: the first condition that is true, and null without one": [
    ["case(Price gt 1000:'high',true:'low') eq 'high'", ["Premium Laptop Pro"]],
    ["case(Price gt 1000:1,Price lt 20:2) eq null", without("Premium Laptop Pro", "Coffee Mug")],
  ],
  "5.1.1.13.1 any": [
    ["Descriptions/any(d:d/LanguageKey eq 'DE')", ["Laptop"]],
    ["Descriptions/any()", ["Coffee Mug", "Laptop", "Smartphone", "Wireless Mouse"]],
    ["not Descriptions/any()", ["Gaming Mouse Ultra", "Office Chair", "Premium Laptop Pro"]],
    ["Category/Products/any(p:p/Price lt $it/Price div 50)", ["Premium Laptop Pro"]],
    ["Category/Products/any(Name:Name/Name eq 'Laptop') and startswith(Name,'S')", ["Smartphone"]],
    ["Descriptions/any(d:contains(d/Description,'mug') and Price lt 20)", ["Coffee Mug"]],
  ],
  "5.1.1.13.2 all: true for an empty collection": [
    ["Descriptions/all(d:d/LanguageKey eq 'EN')", without("Laptop", "Smartphone", "Wireless Mouse")],
    ["Category/Products/all(p:p/Price gt 15.5)", ["Office Chair", ...without("Coffee Mug", "Office Chair")].sort()],
  ],
  "5.1.1.14.1 primitive literals": [
    ["true", all],
    ["false", []],
    ["Data eq binary'AQID'", ["Wireless Mouse"]],
    ["Temperature lt -9", ["Laptop"]],
    ["Price eq 1.55e1", ["Coffee Mug"]],
    ["Weight eq 3.14", ["Laptop"]],
    ["Name eq 'O''Neil'", []],
    ["ReleaseDate eq 2024-12-31", ["Office Chair"]],
    ["CreatedAt eq 2023-11-05T09:15:00Z", ["Coffee Mug"]],
    ["ShippingTime eq duration'P1DT2H30M'", ["Office Chair"]],
    ["OpenTime eq 23:59:59", ["Office Chair"]],
    ["ID eq 01234567-89ab-cdef-0123-456789abcdef", []],
    ["Price lt 9223372036854775807", all],
  ],
  "5.1.1.14.1 durations and enumerations without their type": [
    ["ShippingTime eq 'P1DT2H30M'", ["Office Chair"]],
    ["Status eq 'Discontinued'", ["Office Chair"]],
  ],
  "5.1.1.14.2 complex and collection literals": [
    [
      '{"Street":"789 Home St","City":"Portland","State":"OR","PostalCode":"97201","Country":"USA"} eq ShippingAddress',
      ["Coffee Mug"],
    ],
    ['[Name,ShippingAddress/City] eq ["Laptop","Seattle"]', ["Laptop"]],
  ],
  "5.1.1.14.3 null": [
    ["ReleaseDate eq null and Location ne null", ["Gaming Mouse Ultra", "Premium Laptop Pro", "Smartphone"]],
  ],
  "5.1.1.14.4 $it": [["$it/Name eq 'Laptop'", ["Laptop"]]],
  "5.1.1.15 paths: complex values, related entities, derived types, counts": [
    ["ShippingAddress/City eq 'Portland'", ["Coffee Mug"]],
    ["ShippingAddress/City eq null", ["Office Chair"]],
    ["Category/Name eq 'Kitchen'", ["Coffee Mug"]],
    ["ComplianceService.SpecialProduct/SpecialFeature eq 'Premium support'", ["Laptop"]],
    ["ComplianceService.SpecialProduct/SpecialFeature eq null", without(...special)],
    ["$it/ComplianceService.SpecialProduct/SpecialFeature ne null", special],
    ["Descriptions/$count gt 1", ["Laptop", "Smartphone", "Wireless Mouse"]],
    ["Descriptions/$count($filter=LanguageKey eq 'FR') eq 1", ["Wireless Mouse"]],
    ["Descriptions/$count($search=mug) eq 1", ["Coffee Mug"]],
    ["Descriptions/$filter(LanguageKey eq 'FR')/$count eq 1", ["Wireless Mouse"]],
    ["Category/Products/$count eq 1", ["Coffee Mug", "Office Chair"]],
  ],
  "5.1.1.17 precedence: navigation, unary, multiplicative, additive, relational, equality, and, or": [
    ["1 add 2 mul 3 eq 7", all],
    ["10 sub 4 sub 3 eq 3", all],
    ["-2 add 3 eq 1", all],
    ["1 lt 2 eq true", all],
    ["true or false and false", all],
    ["not false and false", []],
    ["Price gt 100 and Price lt 200 or Name eq 'Laptop'", ["Gaming Mouse Ultra", "Laptop"]],
    ["Name in ('Laptop') eq true", ["Laptop"]],
  ],
  "5.1.1.18 numbers of different types are compared without a cast": [
    ["Rating eq 255.0", ["Office Chair"]],
    ["Quantity gt Price", ["Laptop", "Office Chair", "Wireless Mouse"]],
    ["Rating add Price gt 1199 and Rating add Price lt 1200", ["Laptop"]],
  ],
};

conformance("OData 4.01 URL Conventions, section 5.1.1: common expressions", ({ catalog }) => {
  for (const [paragraph, filters] of Object.entries(examples)) {
    it(paragraph, async () => {
      for (const [filter, expected] of filters) expect(await kept(catalog(), filter), filter).to.deep.equal(expected);
    });
  }

  it("5.1.1.2.5 and 5.1.1.2.6: whole numbers cannot be divided by zero", async () => {
    for (const filter of ["Quantity div 0 eq 1", "Quantity mod 0 eq 1"])
      expect((await asked(catalog(), filter)).status, filter).to.equal(400);
  });

  it("5.1.1.8: a service that keeps instants in UTC fails functions of the time zone of a literal in another", async () => {
    const instant = "2024-01-01T00:00:00+02:00";
    for (const name of ["date", "day", "hour", "minute", "month", "time", "totaloffsetminutes", "year"]) {
      expect((await asked(catalog(), `${name}(${instant}) ne null`)).status, name).to.equal(400);
      expect((await asked(catalog(), `${name}(@i) ne null`, `&@i=${encodeURIComponent(instant)}`)).status).to.equal(
        400,
      );
    }
    expect(await kept(catalog(), "year(2024-01-01T00:00:00Z) eq 2024")).to.deep.equal(all);
  });

  it("5.1.1.14.5 $root: resources of the same service", async () => {
    const laptop = await catalog().product("Laptop");
    expect(await kept(catalog(), `Price gt $root${laptop}/Price`)).to.deep.equal(["Premium Laptop Pro"]);
    const kitchen = await catalog().category("Kitchen");
    expect(await kept(catalog(), `Category eq $root${kitchen}`)).to.deep.equal(["Coffee Mug"]);
  });

  it("5.1.1.14.6 $this: the current instance of an expanded collection, $it the one outside", async () => {
    const filter = "$it/Name eq 'Electronics' and $this/Price gt 900";
    const { value } = await catalog().json(
      `/Categories?$select=Name&$orderby=Name&$expand=Products($filter=${filter};$select=Name;$orderby=Name)`,
    );
    const names = value.map(({ Products }: { Products: { Name: string }[] }) => Products.map(({ Name }) => Name));
    expect(names).to.deep.equal([["Laptop", "Premium Laptop Pro"], [], []]);
  });

  it("5.1.1.15 a property that the type does not have makes the request malformed", async () => {
    for (const filter of ["Nope eq 1", "Category/Nope eq 1", "SpecialFeature ne null", "ShippingAddress/Nope eq 1"])
      expect((await asked(catalog(), filter)).status, filter).to.equal(400);
  });

  it("5.1.1 expressions that are not well-formed, or mix types that cannot be compared, are 400", async () => {
    const wrong = [
      "",
      "Name eq",
      "Name eq 'Laptop",
      "(Name eq 'Laptop'",
      "Name foo 'Laptop'",
      "foo(Name) eq 'x'",
      "contains(Name)",
      "Descriptions/all()",
      "Price eq 'x'",
      'Name eq "Laptop"',
      "Name",
    ];
    for (const filter of wrong) expect((await asked(catalog(), filter)).status, filter).to.equal(400);
  });
});

function asked(catalog: CatalogClient, filter: string, more = "") {
  return catalog.get(`/Products?$select=Name&$orderby=Name&$filter=${encodeURIComponent(filter)}${more}`);
}

async function kept(catalog: CatalogClient, filter: string): Promise<string[]> {
  const answer = await asked(catalog, filter);
  expect(answer.status, `${filter}: ${answer.text}`).to.equal(200);
  return answer.json.value.map(({ Name }: { Name: string }) => Name);
}
