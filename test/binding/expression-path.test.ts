import { expect } from "chai";
import type { BoundVariable, RowShape } from "../../src/binding/bound.js";
import { primitiveTypes } from "../../src/edm/primitive-types.js";
import { bindText, entityType, refusal, show } from "./expression-support.js";

describe("paths", () => {
  const table: readonly (readonly [string, string])[] = [
    ["name", "$it/name"],
    ["$it/name", "$it/name"],
    ["$this/name", "$it/name"],
    ["$it", "$it"],
    ["address/street", "$it/address/street"],
    ["owner/name", "$it/owner/name"],
    ["owner/owner/address/zip", "$it/owner/owner/address/zip"],
    ["address/country/name", "$it/address/country/name"],
    ["parts", "$it/parts"],
    ["owner/parts", "$it/owner/parts"],
    ["tags", "$it/tags"],
    ["owner/tags", "$it/owner/tags"],
    ["Shop.Special/extra", "$it/<Special>/extra"],
    ["owner/Shop.Special/extra", "$it/owner/<Special>/extra"],
    ["owner/Shop.Thing/name", "$it/owner/name"],
    ["Shop.Special/Shop.Thing/name", "$it/<Special>/name"],
    ["address/Shop.HomeAddress/floor", "$it/address/<HomeAddress>/floor"],
    ["Shop.Special/friends", "$it/<Special>/friends"],
    ["parts/Shop.Special", "$it/parts/<Special>"],
    ["parts/Shop.Special/any(p:p/extra eq 1)", "$it/parts/<Special>/any(p: eq(p/extra, ^1:Int32))"],
    ["addresses/Shop.HomeAddress/$count", "$it/addresses/<HomeAddress>/count()"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("have the type of what they lead to", () => {
    expect(bindText("owner/weight").type).to.include({ qualifiedName: "Shop.Weight" });
    expect(bindText("owner/tags")).to.include({ collection: true });
    expect(bindText("parts")).to.include({ collection: true, type: entityType("Thing") });
    expect(bindText("owner/Shop.Special")).to.include({ collection: false, type: entityType("Special") });
  });

  it("refuse unknown names with their place, and suggest near ones", () => {
    expect(refusal("flag and owner/nmae eq 'x'").message).to.equal(
      "Error in $filter at character 16: the type 'Shop.Thing' has no property named 'nmae'. Did you mean 'name'?",
    );
    expect(refusal("ownr/name").message).to.include("Did you mean 'owner'?");
    expect(refusal("address/stret").message).to.include("the type 'Shop.Address' has no property named 'stret'");
  });

  it("refuse what cannot go on", () => {
    expect(refusal("name/x").message).to.include("a value of type Edm.String has no property 'x'");
    expect(refusal("colour/x").status).to.equal(400);
    expect(refusal("parts/name").message).to.equal(
      "Error in $filter at character 7: 'name' follows a collection; what can follow one is any, all, $count, $filter(...) " +
        "and a type cast.",
    );
    expect(refusal("tags/x").status).to.equal(400);
    expect(refusal("addresses/street").status).to.equal(400);
  });

  it("refuse casts that cannot be", () => {
    for (const [text, at] of [
      ["Shop.Country/name", 1],
      ["owner/Shop.Country/name", 7],
      ["address/Shop.Size/width", 9],
      ["owner/Shop.Address/zip", 7],
      ["owner/Edm.String/x", 7],
      ["name/Edm.String/x", 6],
      ["parts/Shop.Country/$count", 7],
      ["Shop.Specail/extra", 1],
    ] as const) {
      expect(refusal(text).status, text).to.equal(400);
      expect(refusal(text).message, text).to.include(`at character ${at}: `);
    }
    expect(refusal("Shop.Specail/extra").message).to.include("Did you mean 'Shop.Special'?");
  });

  it("do not offer annotations", () => {
    for (const text of ["@Core.Description eq 'x'", "name/@Core.Description eq 'x'", "@a#b eq 'x'"]) {
      expect(refusal(text).status, text).to.equal(501);
    }
  });
});

describe("properties that only derived types declare", () => {
  const derivedNavigation = true;

  it("need a cast where the service does not say otherwise", () => {
    expect(refusal("extra eq 1").status).to.equal(400);
    expect(refusal("friends/any()").status).to.equal(400);
  });

  it("need none where it does", () => {
    expect(show(bindText("extra eq 1", { derivedNavigation }))).to.equal("eq($it/extra, ^1:Int32)");
    expect(show(bindText("owner/extra", { derivedNavigation }))).to.equal("$it/owner/extra");
    expect(show(bindText("address/floor", { derivedNavigation }))).to.equal("$it/address/floor");
    expect(show(bindText("friends/any(f:f/name eq 'x')", { derivedNavigation }))).to.equal(
      '$it/friends/any(f: eq(f/name, ^"x":String))',
    );
  });

  it("may be declared by several types, if they agree on the type", () => {
    const bound = bindText("shared", { derivedNavigation });
    expect(show(bound)).to.equal("$it/shared");
    expect(bound.type).to.include({ qualifiedName: "Edm.String" });
    const error = refusal("flag or torn eq 1", { derivedNavigation });
    expect(error.status).to.equal(400);
    expect(error.message).to.match(/^Error in \$filter at character 9: types derived from 'Shop.Thing' declare 'torn'/);
    expect(error.message).to.match(/put a type-cast segment before it, such as 'Shop\.(Special|Other)\/torn'/);
  });

  it("are among the names that are suggested", () => {
    expect(refusal("extr eq 1", { derivedNavigation }).message).to.include("Did you mean 'extra'?");
    expect(refusal("freinds/any()", { derivedNavigation }).message).to.include("Did you mean 'friends'?");
  });
});

describe("any and all", () => {
  const table: readonly (readonly [string, string])[] = [
    ["tags/any()", "$it/tags/any()"],
    ["tags/any(t:t eq 'a')", '$it/tags/any(t: eq(t, ^"a":String))'],
    ["numbers/all(n:n gt 5)", "$it/numbers/all(n: gt(n, ^5:Int32))"],
    ["addresses/any(a:a/zip eq 1)", "$it/addresses/any(a: eq(a/zip, ^1:Int32))"],
    ["parts/any(p:p/name eq name)", "$it/parts/any(p: eq(p/name, $it/name))"],
    ["parts/any(p:p/flag)", "$it/parts/any(p: p/flag)"],
    ["owner/parts/all(p:p eq $it)", "$it/owner/parts/all(p: eq(p, $it))"],
    [
      "parts/any(p:p/tags/any(t:t eq p/name and t ne name))",
      "$it/parts/any(p: p/tags/any(t: and(eq(t, p/name), ne(t, $it/name))))",
    ],
    ["parts/any(p:p/Shop.Special/extra eq 1)", "$it/parts/any(p: eq(p/<Special>/extra, ^1:Int32))"],
    ["parts/any(name:name/name eq 'x')", '$it/parts/any(name: eq(name/name, ^"x":String))'],
    [
      "parts/any(a:true) and parts/any(a:false)",
      "and($it/parts/any(a: true:Boolean), $it/parts/any(a: false:Boolean))",
    ],
    ["tags/any(t:null)", "$it/tags/any(t: null)"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("need a collection and a condition", () => {
    expect(refusal("name/any(x:true)").message).to.equal(
      "Error in $filter at character 6: 'any' needs a collection before it, not a value of type Edm.String.",
    );
    expect(refusal("owner/all(x:true)").status).to.equal(400);
    expect(refusal("tags/any(t:t)").message).to.match(/^Error in \$filter at character 12: expected a condition/);
  });

  it("know their variable only inside", () => {
    expect(refusal("tags/any(t:true) and t eq 'x'").message).to.include("no property named 't'");
  });

  it("refuse a variable of a name that is taken by one around, and suggest variables", () => {
    const error = refusal("parts/any(p:p/tags/any(p:true))");
    expect(error.status).to.equal(400);
    expect(error.message).to.match(/^Error in \$filter at character 20: a variable named 'p' is there already/);
    expect(refusal("parts/any(piece:pice/name eq 'x')").message).to.include("Did you mean 'piece'?");
  });

  it("are bound 8 deep, and no deeper", () => {
    const nested = (depth: number): string => {
      let text = "true";
      for (let level = depth; level > 0; level--) {
        text = `${level === 1 ? "" : `v${level - 1}/`}parts/any(v${level}:${text})`;
      }
      return text;
    };
    expect(bindText(nested(8))).to.include({ kind: "quantifier" });
    expect(refusal(nested(9)).message).to.include("nested 8 deep");
  });
});

describe("$count", () => {
  const table: readonly (readonly [string, string])[] = [
    ["tags/$count eq 2", 'eq($it/tags/count(), ^"2":Int64)'],
    ["parts/$count($filter=name eq 'x') gt 1", 'gt($it/parts/count(eq($this/name, ^"x":String)), ^"1":Int64)'],
    ["parts/$count($filter=name eq $it/name)", "$it/parts/count(eq($this/name, $it/name))"],
    ["numbers/$count($filter=$this gt 1)", "$it/numbers/count(gt($this, ^1:Int32))"],
    ["parts/any(p:p/parts/$count gt 1)", '$it/parts/any(p: gt(p/parts/count(), ^"1":Int64))'],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("needs a collection, and something to search for $search", () => {
    expect(refusal("name/$count eq 1").message).to.match(
      /^Error in \$filter at character 6: \$count needs a collection/,
    );
    expect(refusal("parts/$count($search=blue) gt 1").status).to.equal(501);
    expect(refusal("tags/$count($search=blue) gt 1").status).to.equal(501);
  });
});

describe("$filter in a path", () => {
  const table: readonly (readonly [string, string])[] = [
    ["parts/$filter(name eq 'x')/any()", '$it/parts/filter($this: eq($this/name, ^"x":String))/any()'],
    ["tags/$filter($this eq 'x')/$count", '$it/tags/filter($this: eq($this, ^"x":String))/count()'],
    [
      "parts/$filter($this/name eq $it/name)/any(p:p/flag)",
      "$it/parts/filter($this: eq($this/name, $it/name))/any(p: p/flag)",
    ],
    [
      "parts/$filter(flag)/$filter(int32 gt 1)/$count",
      "$it/parts/filter($this: $this/flag)/filter($this: gt($this/int32, ^1:Int32))/count()",
    ],
    [
      "parts/any(p:p/parts/$filter(name eq p/name)/any())",
      "$it/parts/any(p: p/parts/filter($this: eq($this/name, p/name))/any())",
    ],
    ["parts/$filter(flag)(5)/name", "$it/parts/filter($this: $this/flag)[id=5:Int32]/name"],
    ["parts/$filter(flag)/Shop.Special/$count", "$it/parts/filter($this: $this/flag)/<Special>/count()"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("needs a collection and a condition", () => {
    expect(refusal("owner/$filter(flag)").status).to.equal(400);
    expect(refusal("parts/$filter(name)/any()").message).to.match(
      /^Error in \$filter at character 15: expected a cond/,
    );
    expect(refusal("parts/$filter(flag=true)/any()").status).to.equal(400);
  });
});

describe("keys in expressions", () => {
  const table: readonly (readonly [string, string])[] = [
    ["parts(5)/name", "$it/parts[id=5:Int32]/name"],
    ["parts(id=5)/name", "$it/parts[id=5:Int32]/name"],
    ["parts(@k)/name", "$it/parts[id=7:Int32]/name"],
    ["parts(5)/parts(6)/name", "$it/parts[id=5:Int32]/parts[id=6:Int32]/name"],
    ["lines_(position='a',order=1)/quantity", '$it/lines_[order=1:Int32, position="a":String]/quantity'],
    ["parts/Shop.Special(5)/extra", "$it/parts/<Special>[id=5:Int32]/extra"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text, { aliases: { "@k": "7" } }))).to.equal(shown));
  }

  it("must be keys of the type, and stand behind a collection of entities", () => {
    expect(refusal("parts('a')/name").message).to.match(
      /^Error in \$filter at character 7: the key 'id' is of type Edm.Int32/,
    );
    expect(refusal("parts(null)/name").message).to.include("a literal that is not null");
    expect(refusal("parts(int32)/name").status).to.equal(400);
    expect(refusal("parts(@k)/name", { aliases: { "@k": "int32" } }).message).to.include("a literal that is not null");
    expect(refusal("parts(ident=5)/name").message).to.include("is written (value)");
    expect(refusal("lines_(5)/quantity").message).to.include("is written (order=value,position=value)");
    expect(refusal("lines_(order=5)/quantity").status).to.equal(400);
    expect(refusal("owner(5)/name").status).to.equal(400);
    expect(refusal("tags('a')").status).to.equal(400);
    expect(refusal("parts(5)(6)/name").message).to.include("two keys");
  });
});

describe("$root", () => {
  const table: readonly (readonly [string, string])[] = [
    ["$root/Things(5)/name eq name", "eq($root/Things/[5]/name, $it/name)"],
    ["$root/Things/5/name", "$root/Things/[5]/name"],
    ["$root/Things(@k)/owner/name", "$root/Things/[7]/owner/name"],
    ["$root/Lines(order=1,position='a')/quantity", '$root/Lines/[1,"a"]/quantity'],
    ["$root/Me/name", "$root/Me/name"],
    ["$root/Things/$count", "$root/Things/count()"],
    ["$root/Things/any(t:t/name eq name)", "$root/Things/any(t: eq(t/name, $it/name))"],
    ["$root/Things/Shop.Special/$count", "$root/Things/<Special>/count()"],
    ["$root/Things/$filter(flag)/$count", "$root/Things/filter($this: $this/flag)/count()"],
    ["$root/Things/5/parts/6/name", "$root/Things/[5]/parts[id=6:Int32]/name"],
    ["$root/Things/5/parts(6)/name", "$root/Things/[5]/parts[id=6:Int32]/name"],
    ["$it in $root/Things", "in($it, $root/Things)"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text, { aliases: { "@k": "7" } }))).to.equal(shown));
  }

  it("leads to entity sets and singletons, by keys of their types", () => {
    expect(refusal("$root/Thing(5)/name").message).to.equal(
      "Error in $filter at character 7: there is no entity set or singleton named 'Thing'. Did you mean 'Things'?",
    );
    expect(refusal("$root/Things/abc/name").message).to.equal(
      "Error in $filter at character 14: 'abc' is no key of type Edm.Int32.",
    );
    expect(refusal("$root/Things('a')/name").status).to.equal(400);
    expect(refusal("$root/Me(5)/name").status).to.equal(400);
    expect(refusal("$root/Lines/5/quantity").message).to.include("in parentheses");
  });
});

describe("$it and $this", () => {
  const row: BoundVariable = { name: "row", type: entityType("Thing") };
  const item: BoundVariable = { name: "item", type: primitiveTypes.get("Edm.String")! };

  it("$it is the row of the request in nested options, paths start from the item", () => {
    expect(
      show(bindText("name eq $it/name and $this/flag", { on: { name: "part", type: entityType("Thing") }, it: row })),
    ).to.equal("and(eq(part/name, row/name), part/flag)");
  });

  it("$this may be a primitive value", () => {
    expect(show(bindText("$this eq 'x' and contains($it/name,$this)", { on: item, it: row }))).to.equal(
      'and(eq(item, ^"x":String), contains(row/name, item):Boolean)',
    );
    expect(refusal("name eq 'x'", { on: item }).message).to.include(
      "a value of type Edm.String has no property 'name'",
    );
  });

  it("other variables may be there, such as the sets of a cross join", () => {
    const variables = new Map([["Things", row]]);
    const on: BoundVariable = { name: "pair", type: { kind: "shape", entity: undefined, members: new Map() } };
    expect(show(bindText("Things/name eq 'x'", { on, variables }))).to.equal('eq(row/name, ^"x":String)');
    expect(refusal("Thing/name eq 'x'", { on, variables }).message).to.include("Did you mean 'Things'?");
  });
});

describe("open types", () => {
  it("have dynamic properties beside the declared ones", () => {
    expect(show(bindText("known eq 'x'", { on: "Open" }))).to.equal('eq($it/known, ^"x":String)');
    expect(show(bindText("other eq 'x'", { on: "Open" }))).to.equal('eq($it/?other:String, ^"x":String)');
    expect(show(bindText("bag/label eq bag/x"))).to.equal("eq($it/bag/label, $it/bag/?x:String)");
  });
});

describe("rows that $apply made", () => {
  const string = primitiveTypes.get("Edm.String")!;
  const decimal = primitiveTypes.get("Edm.Decimal")!;
  const nested: RowShape = {
    kind: "shape",
    entity: undefined,
    members: new Map([["City", { kind: "value", name: "City", type: string, collection: false }]]),
  };
  const shape: RowShape = {
    kind: "shape",
    entity: undefined,
    members: new Map([
      ["Total", { kind: "value", name: "Total", type: decimal, collection: false }],
      ["Anything", { kind: "value", name: "Anything", type: undefined, collection: false }],
      ["Customer", { kind: "nested", name: "Customer", shape: nested }],
    ]),
  };
  const on: BoundVariable = { name: "row", type: shape };

  it("have the members of their shape, nested ones too", () => {
    expect(show(bindText("Total gt 5", { on }))).to.equal('gt(row/.Total, ^"5":Decimal)');
    expect(show(bindText("Customer/City eq 'Rome'", { on }))).to.equal('eq(row/.Customer/.City, ^"Rome":String)');
    expect(show(bindText("Anything eq 5", { on }))).to.equal("eq(row/.Anything, 5:Int32)");
  });

  it("have no others", () => {
    expect(refusal("Totl gt 5", { on }).message).to.equal(
      "Error in $filter at character 1: the rows at this point have no property named 'Totl'. Did you mean 'Total'?",
    );
    expect(refusal("Customer/Total gt 5", { on }).status).to.equal(400);
    expect(refusal("Total/x gt 5", { on }).status).to.equal(400);
  });

  it("that are entities still have the properties of their type beside them", () => {
    const rows: BoundVariable = { name: "row", type: { ...shape, entity: entityType("Thing") } };
    expect(show(bindText("Total gt decimal and owner/name eq Customer/City", { on: rows }))).to.equal(
      "and(gt(row/.Total, row/decimal), eq(row/owner/name, row/.Customer/.City))",
    );
    expect(show(bindText("Shop.Special/extra eq 1", { on: rows }))).to.equal("eq(row/<Special>/extra, ^1:Int32)");
  });

  it("nested rows are no values", () => {
    for (const text of [
      "Customer eq 'x'",
      "Customer eq null",
      "length(Customer)",
      "Customer add 1",
      "Customer in ('a')",
    ]) {
      expect(refusal(text, { on }).status, text).to.be.oneOf([400, 501]);
    }
  });
});
