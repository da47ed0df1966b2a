import { expect } from "chai";
import type { BoundExpression } from "../../src/binding/bound.js";
import { bindContext } from "../../src/binding/context.js";
import { ExpressionBinder, typeOf } from "../../src/binding/expression.js";
import { measure } from "../../src/binding/measure.js";
import type { ODataError } from "../../src/errors/index.js";
import { parseExpression } from "../../src/syntax/index.js";
import type { Expression } from "../../src/syntax/index.js";
import { bindText, bindTree, entityType, model, refusal, samples, show } from "./expression-support.js";
import type { Setting } from "./expression-support.js";

describe("literals by themselves", () => {
  const table: readonly (readonly [string, string])[] = [
    ["null", "null"],
    ["true", "true:Boolean"],
    ["FALSE", "false:Boolean"],
    ["5", "5:Int32"],
    ["+5", "5:Int32"],
    ["-2147483648", "-2147483648:Int32"],
    ["2147483648", '"2147483648":Int64'],
    ["9223372036854775808", '"9223372036854775808":Decimal'],
    ["1.50", '"1.5":Decimal'],
    ["1e3", "1000:Double"],
    ["'x'", '"x":String'],
    ["2024-02-29", '"2024-02-29":Date'],
    ["10:20:30.5", '"10:20:30.5":TimeOfDay'],
    ["2024-02-29T10:20:30.5+01:00", '"2024-02-29T09:20:30.5Z":DateTimeOffset'],
    ["duration'P1DT2H'", '"P1DT2H":Duration'],
    ["binary'T0RhdGE'", '"T0RhdGE":Binary'],
    ["01234567-89AB-CDEF-0123-456789ABCDEF", '"01234567-89ab-cdef-0123-456789abcdef":Guid'],
    ["Shop.Colour'Green'", '"Green":Colour'],
    ["Shop.Colour'1'", '"Green":Colour'],
    ["geometry'SRID=0;Point(1 2)'", '"{\\"type\\":\\"Point\\",\\"coordinates\\":[1,2]}":GeometryPoint'],
    ["['a','b']", '["a":String, "b":String]:String*'],
    ["[1,2.5]", '[1:Int32, "2.5":Decimal]:Decimal*'],
    ["[]", "[]:?*"],
    ['{"a":1}', "{a: 1:Int32}:?"],
  ];

  for (const [text, shown] of table) {
    it(text, () => expect(show(bindText(text))).to.equal(shown));
  }

  it("that are out of the range of every type are refused with their place", () => {
    for (const text of [
      "flag and 2024-02-30 eq date",
      "flag and Shop.Colour'Nope' eq colour",
      "flag and 1e999 eq double",
    ]) {
      expect(refusal(text).status, text).to.equal(400);
      expect(refusal(text).message).to.match(/^Error in \$filter at character 10: '/);
    }
    expect(refusal(`int32 eq ${"9".repeat(500)}`).message).to.include("digits");
  });
});

describe("and, or, not", () => {
  it("take conditions, and give one", () => {
    expect(show(bindText("flag and not flag or name eq 'x'"))).to.equal(
      'or(and($it/flag, not($it/flag)), eq($it/name, ^"x":String))',
    );
    expect(show(bindText("flag and (flag or flag)"))).to.equal("and($it/flag, or($it/flag, $it/flag))");
    expect(show(bindText("null and bag/x"))).to.equal("and(null, $it/bag/?x:Boolean)");
    expect(show(bindText("not null"))).to.equal("not(null)");
  });

  it("take nothing else, and say where it stands", () => {
    for (const [type, property] of Object.entries(samples)) {
      if (type === "Edm.Boolean") continue;
      for (const text of [`flag and ${property}`, `flag or ${property}`, `flag and not ${property}`]) {
        const error = refusal(text);
        expect(error.status, text).to.equal(400);
        expect(error.message).to.include(`expected a condition, but found a value of type ${type}`);
      }
    }
    expect(refusal("flag and name").message).to.match(/^Error in \$filter at character 10: /);
    expect(refusal("flag and ['a']").status).to.equal(400);
    expect(refusal("flag and {}").status).to.equal(400);
  });

  it("may be chained as long as the parser allows", () => {
    const text = Array.from({ length: 900 }, (_, index) => (index % 3 === 0 ? "flag or flag" : "not flag")).join(
      " and ",
    );
    const bound = bindText(text);
    expect(bound).to.include({ kind: "logical", operator: "or" });
    expect(measure(bound).nodes).to.be.greaterThan(2_000);
  });
});

describe("conditions and sort keys", () => {
  it("a condition is Boolean, null or dynamic", () => {
    expect(show(bindText("flag", { as: "condition" }))).to.equal("$it/flag");
    expect(show(bindText("null", { as: "condition" }))).to.equal("null");
    expect(show(bindText("bag/x", { as: "condition" }))).to.equal("$it/bag/?x:Boolean");
    expect(refusal("name", { as: "condition" }).message).to.equal(
      "Error in $filter at character 1: expected a condition, but found a value of type Edm.String.",
    );
  });

  it("a sort key is of a type that has an order", () => {
    for (const [type, property] of Object.entries(samples)) {
      const ordered = !/Geo|Collection|Stream|Untyped|Shop\.(Address|Size|Bag|Thing)/.test(type);
      if (ordered) expect(show(bindText(property, { as: "sortKey" }))).to.equal(`$it/${property}`);
      else expect(refusal(property, { as: "sortKey" }).message).to.include(`values of type ${type} have no order`);
    }
    expect(show(bindText("bag/x", { as: "sortKey" }))).to.equal("$it/bag/?x:String");
    expect(show(bindText("parts/$count", { as: "sortKey" }))).to.equal("$it/parts/count()");
    expect(refusal("{}", { as: "sortKey" }).status).to.equal(400);
  });
});

describe("typeOf", () => {
  it("tells the type of anything", () => {
    expect(typeOf(bindText("name"))).to.include({ qualifiedName: "Edm.String" });
    expect(typeOf(bindText("name eq 'x'"))).to.include({ qualifiedName: "Edm.Boolean" });
    expect(typeOf(bindText("owner"))).to.equal(entityType("Thing"));
    expect(typeOf(bindText("null"))).to.equal(undefined);
    expect(typeOf(bindText("bag/x"))).to.equal(undefined);
  });
});

describe("parameter aliases", () => {
  const aliases = { "@a": "5", "@b": "@a", "@text": "'Red'", "@path": "owner/name", "@wrong": "name eq nothing" };

  it("stand for their expression, with the type of what each place asks for", () => {
    expect(show(bindText("int64 eq @a and decimal eq @a", { aliases }))).to.equal(
      'and(eq($it/int64, ^"5":Int64), eq($it/decimal, ^"5":Decimal))',
    );
    expect(show(bindText("colour eq @text or name eq @text", { aliases }))).to.equal(
      'or(eq($it/colour, "Red":Colour), eq($it/name, ^"Red":String))',
    );
    expect(show(bindText("name eq @path", { aliases }))).to.equal("eq($it/name, $it/owner/name)");
    expect(show(bindText("parts/any(p:p/int32 eq @a)", { aliases }))).to.equal(
      "$it/parts/any(p: eq(p/int32, ^5:Int32))",
    );
  });

  it("may stand for other aliases", () => {
    expect(show(bindText("int32 eq @b", { aliases }))).to.equal("eq($it/int32, ^5:Int32)");
  });

  it("are null where they have no value", () => {
    expect(show(bindText("name eq @none"))).to.equal("eq($it/name, null)");
  });

  it("must not stand for themselves", () => {
    const circle = { "@a": "@b", "@b": "int32 add @a" };
    const error = refusal("int32 eq @a", { aliases: circle });
    expect(error.status).to.equal(400);
    expect(error.message).to.equal("Error in @b at character 11: the alias '@a' stands for itself.");
  });

  it("have errors of their own text in it", () => {
    const error = refusal("flag and @wrong", { aliases });
    expect(error.message).to.match(/^Error in @wrong at character 9: the type 'Shop.Thing' has no property named/);
    expect(error.target).to.equal("@wrong");
  });

  it("that do not fit are an error where they stand", () => {
    expect(refusal("name eq @a", { aliases }).message).to.match(
      /^Error in \$filter at character 9: a value of type Edm.Int32/,
    );
  });

  it("are not followed by a path", () => {
    expect(refusal("@path/x eq 1", { aliases }).status).to.equal(501);
  });
});

describe("computed properties", () => {
  const computed = (): Map<string, BoundExpression> =>
    new Map([
      ["twice", bindText("int32 mul 2")],
      ["five", bindText("5")],
      ["free", bindText("bag/x")],
      ["boss", bindText("owner")],
    ]);

  it("are their expression, wherever the row's own properties may stand", () => {
    expect(show(bindText("twice gt 5", { computed: computed() }))).to.equal(
      'gt(mul($it/int32, 2:Int32):Int64, ^"5":Int64)',
    );
    expect(show(bindText("boss/name eq 'x'", { computed: computed() }))).to.equal('eq($it/owner/name, ^"x":String)');
  });

  it("are no members of anything else", () => {
    for (const text of ["owner/twice eq 1", "parts/any(p:p/twice eq 1)", "parts/$filter(twice eq 1)/any()"]) {
      expect(refusal(text, { computed: computed() }).message, text).to.include("no property named 'twice'");
    }
    expect(refusal("twise eq 1", { computed: computed() }).message).to.include("Did you mean 'twice'");
  });

  it("keep the type that they have", () => {
    expect(show(bindText("five eq int64", { computed: computed() }))).to.equal("eq(5:Int32, $it/int64)");
    expect(show(bindText("free eq 'x'", { computed: computed() }))).to.equal('eq($it/bag/?x:String, ^"x":String)');
  });
});

describe("literals that can be lifted out of a plan", () => {
  function lifted(text: string, setting: Setting = {}): string[] {
    const { bound, context } = bindTree(parseExpression(text), setting);
    const result = [...context.literals.result()].map(([literal, type]) => `${literal.value}:${type.name}`);
    const marked = show(bound).split("^").length - 1;
    expect(result.length, show(bound)).to.be.at.most(marked);
    return result;
  }

  it("are those of comparisons, of in, and of the functions that look for a text", () => {
    expect(lifted("name eq 'x' and 5 lt int32")).to.deep.equal(["x:String", "5:Int32"]);
    expect(lifted("name in ('a','b',null)")).to.deep.equal(["a:String", "b:String"]);
    for (const name of ["contains", "startswith", "endswith"]) {
      expect(lifted(`${name}(name,'x')`)).to.deep.equal(["x:String"]);
    }
    expect(lifted("indexof(name,'x') eq 1")).to.deep.equal(["x:String", "1:Int32"]);
    expect(lifted("parts/any(p:p/decimal gt 2)")).to.deep.equal(["2:Decimal"]);
    expect(lifted("duration gt 'PT1H' and instant lt 2024-02-29T00:00:00Z")).to.deep.equal([
      "PT1H:Duration",
      "2024-02-29T00:00:00Z:DateTimeOffset",
    ]);
  });

  it("are no others", () => {
    for (const text of [
      "flag eq true",
      "name eq null",
      "colour eq 'Red'",
      "binary eq binary'T0RhdGE'",
      "matchesPattern(name,'x')",
      "concat(name,'x') eq code",
      "substring(name,1) eq code",
      "int32 add 1 eq int64",
      "rights has 'Read'",
      "cast('5',Edm.Int32) eq int32",
      "'a' eq 'b'",
      "5 eq 5.0",
      'address eq {"zip":5}',
      "tags eq ['a']",
      "instant ge 2024-02-29",
      "int32 eq -(5)",
      "parts(5)/name eq code",
      "$root/Things(5)/name eq code",
      "case(flag:'a',true:'b') eq name",
    ]) {
      expect(lifted(text), text).to.deep.equal([]);
    }
  });

  it("are no integers with a type that follows from their size", () => {
    expect(lifted("int16 eq 500000")).to.deep.equal([]);
    expect(lifted("single lt 1e300")).to.deep.equal([]);
    expect(lifted("int16 eq 5")).to.deep.equal(["5:Int16"]);
    expect(lifted("int16 eq 1.5")).to.deep.equal(["1.5:Decimal"]);
  });

  it("have one type wherever they stand, and are values everywhere", () => {
    const aliases = { "@p": "5", "@t": "'x'" };
    expect(lifted("int32 eq @p and owner/int32 eq @p", { aliases })).to.deep.equal(["5:Int32"]);
    expect(lifted("int32 eq @p and int64 eq @p", { aliases })).to.deep.equal([]);
    expect(lifted("int32 eq @p and int32 add @p eq int64", { aliases })).to.deep.equal([]);
    expect(lifted("name eq @t and matchesPattern(name,@t)", { aliases })).to.deep.equal([]);
    expect(lifted("matchesPattern(name,@t) or name eq @t", { aliases })).to.deep.equal([]);
    expect(lifted("int32 eq @p and parts(@p)/flag", { aliases })).to.deep.equal([]);
    expect(lifted("int32 eq @p and int32 eq -(@p)", { aliases })).to.deep.equal([]);
  });

  it("can be refused by others", () => {
    const { context } = bindTree(parseExpression("name eq 'x'"));
    const [literal] = context.literals.result().keys();
    context.literals.refuse(literal!);
    expect([...context.literals.result()]).to.deep.equal([]);
  });

  it("are not those of a computed property that is used as it is", () => {
    const context = bindContext(model, new Map());
    const row = { name: "$it", type: entityType("Thing") };
    const five = new ExpressionBinder(row, "$compute", context).bind(parseExpression("5"));
    const nested = { ...context, computed: new Map([["five", five]]) };
    new ExpressionBinder(row, "$filter", nested).condition(parseExpression("five eq int32"));
    expect([...context.literals.result()]).to.deep.equal([]);
  });
});

describe("the size of an expression", () => {
  function refused(run: () => unknown): ODataError {
    try {
      run();
    } catch (error) {
      return error as ODataError;
    }
    throw new Error("bound");
  }

  it("is bounded with its aliases put in", () => {
    const many = Array.from({ length: 100 }, () => "int32 eq @p").join(" or ");
    const aliases = { "@p": Array.from({ length: 30 }, () => "int32").join(" add ") };
    const error = refusal(many, { aliases });
    expect(error.status).to.equal(400);
    expect(error.message).to.include("more than 5000 parts");
  });

  it("is bounded with computed properties put in, all options of a request together", () => {
    const context = bindContext(model, new Map());
    const row = { name: "$it", type: entityType("Thing") };
    const computed = new Map<string, BoundExpression>();
    const error = refused(() => {
      let last = "int32";
      for (let index = 0; index < 30; index++) {
        const binder = new ExpressionBinder(row, "$compute", { ...context, computed });
        computed.set(`c${index}`, binder.bind(parseExpression(`${last} mul ${last}`)));
        last = `c${index}`;
      }
    });
    expect(error.status).to.equal(400);
    expect(error.message).to.match(/^\$compute is too complex/);
  });

  it("is bounded by the service's own limit", () => {
    const context = bindContext(model, new Map(), { limits: { maxNodes: 10 } });
    const binder = new ExpressionBinder({ name: "$it", type: entityType("Thing") }, "$filter", context);
    expect(refused(() => binder.bind(parseExpression("1 add 2 add 3 add 4 add 5 add 6"))).message).to.include(
      "10 parts",
    );
  });

  const chains: Readonly<Record<string, (length: number) => string>> = {
    "a path": (length) => `${Array.from({ length }, () => "owner").join("/")}/name`,
    "a sum": (length) => Array.from({ length }, () => "int32").join(" add "),
    "a chain of comparisons": (length) => `flag${" eq flag".repeat(length)}`,
  };
  for (const [name, write] of Object.entries(chains)) {
    it(`is bounded in depth, where it is ${name}`, () => {
      expect(bindText(write(150)).kind).not.to.equal("constant");
      const error = refusal(write(1_200));
      expect(error.status).to.equal(400);
      expect(error.message).to.include("levels deep");
    });
  }

  it("is bounded in depth, where aliases stand for aliases", () => {
    const aliases: Record<string, string> = { "@a0": "flag" };
    for (let index = 1; index < 90; index++) {
      aliases[`@a${index}`] = `${"not(".repeat(60)}@a${index - 1}${")".repeat(60)}`;
    }
    const error = refusal("@a89", { aliases });
    expect(error.status).to.equal(400);
    expect(error.message).to.include("levels deep");
  });

  it("is bounded in depth, where trees are made by hand", () => {
    const place = { start: 0, end: 0 };
    let tree: Expression = { kind: "Member", root: undefined, segments: [], place };
    for (let index = 0; index < 100_000; index++) tree = { kind: "Unary", operator: "not", operand: tree, place };
    expect(refused(() => bindTree(tree)).status).to.equal(400);
  });

  it("is measured without recursion", () => {
    let bound: BoundExpression = bindText("flag");
    for (let index = 0; index < 100_000; index++) {
      bound = { kind: "not", operand: bound, type: bound.type as never, collection: false };
    }
    expect(measure(bound)).to.deep.equal({ nodes: 100_002, depth: 100_002 });
  });
});
