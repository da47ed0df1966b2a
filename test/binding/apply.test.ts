import { expect } from "chai";
import fc from "fast-check";
import { bindApply } from "../../src/binding/apply.js";
import type {
  BoundAggregate,
  BoundApply,
  BoundTransformation,
  BoundVariable,
  RowMember,
  RowShape,
} from "../../src/binding/bound.js";
import { bindContext } from "../../src/binding/context.js";
import { QueryBudget } from "../../src/binding/limits.js";
import type { EntityType, PropertySource } from "../../src/edm/index.js";
import { ODataError } from "../../src/errors/index.js";
import { parseExpression, parseQuery } from "../../src/syntax/index.js";
import { build, entity, many, one, type } from "../edm/support/model.js";
import { show } from "./expression-support.js";

function properties(types: Readonly<Record<string, string>>): PropertySource[] {
  return Object.entries(types).map(([name, written]) => {
    const item = /^Collection\((.*)\)$/.exec(written)?.[1];
    return item === undefined ? { name, type: written } : { name, type: item, collection: true };
  });
}

const model = build(
  {
    enumTypes: [{ name: "Colour", members: [{ name: "Red", value: 0 }] }],
    typeDefinitions: [{ name: "Weight", underlyingType: "Edm.Decimal" }],
    complexTypes: [
      type("Address", {
        properties: properties({ city: "Edm.String", lines: "Collection(Edm.String)" }),
        navigationProperties: [one("land", "Shop.Customer")],
      }),
    ],
    entityTypes: [
      entity("Sale", {
        properties: properties({
          amount: "Edm.Decimal",
          pieces: "Edm.Int32",
          ratio: "Edm.Double",
          single: "Edm.Single",
          weight: "Shop.Weight",
          note: "Edm.String",
          flag: "Edm.Boolean",
          day: "Edm.Date",
          span: "Edm.Duration",
          colour: "Shop.Colour",
          photo: "Edm.Stream",
          point: "Edm.GeographyPoint",
          address: "Shop.Address",
          tags: "Collection(Edm.String)",
          numbers: "Collection(Edm.Int32)",
          addresses: "Collection(Shop.Address)",
        }),
        navigationProperties: [one("customer", "Shop.Customer"), one("product", "Shop.Product")],
      }),
      type("GiftSale", { baseType: "Shop.Sale", properties: properties({ ribbon: "Edm.String" }) }),
      entity("Customer", {
        properties: [
          { name: "name", type: "Edm.String", searchable: true },
          ...properties({ country: "Edm.String", limit: "Edm.Int32" }),
        ],
        navigationProperties: [many("sales", "Shop.Sale"), many("friends", "Shop.Customer")],
      }),
      entity("Product", {
        properties: properties({ name: "Edm.String", taxRate: "Edm.Decimal" }),
        navigationProperties: [many("sales", "Shop.Sale")],
      }),
      type("DigitalProduct", { baseType: "Shop.Product", properties: properties({ region: "Edm.String" }) }),
      entity("Thing", { open: true, properties: properties({ known: "Edm.String" }) }),
    ],
  },
  { Sales: "Shop.Sale", Customers: "Shop.Customer", Products: "Shop.Product" },
);

function entityType(name: string): EntityType {
  const found = model.types.get(`Shop.${name}`);
  if (found?.kind !== "entity") throw new Error(`no entity type ${name}`);
  return found;
}

interface Setting {
  readonly on?: string;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly it?: BoundVariable;
}

function bind(text: string, { on = "Sale", aliases = {}, it }: Setting = {}): BoundApply {
  const parsed = new Map(Object.entries(aliases).map(([name, value]) => [name, parseExpression(value)]));
  const { apply = [] } = parseQuery(`$apply=${text}`);
  return bindApply(apply, entityType(on), { ...bindContext(model, parsed), it });
}

function refusal(text: string, setting?: Setting): ODataError {
  try {
    bind(text, setting);
  } catch (error) {
    if (error instanceof ODataError) return error;
    throw error;
  }
  throw new Error(`bound: ${text}`);
}

function typeName(found: BoundAggregate["type"]): string {
  return found === undefined ? "?" : found.qualifiedName.replace(/^(Edm|Shop)\./, "");
}

/** A shape as `Sale{Total:Decimal, customer{country:String}}`. */
function shape({ entity: row, members }: RowShape): string {
  return `${row?.name ?? ""}{${[...members.values()].map(member).join(", ")}}`;
}

function member(one_: RowMember): string {
  if (one_.kind === "nested") return `${one_.name}${shape(one_.shape)}`;
  return `${one_.name}:${typeName(one_.type)}${one_.collection ? "*" : ""}`;
}

function aggregate({ name, method, expression, entities, over, type: made }: BoundAggregate): string {
  const what = expression === undefined ? "" : show(expression);
  const items = over === undefined ? "" : ` over ${show(over.collection)}`;
  const reached = entities === undefined ? "" : ` once ${show(entities.collection)}`;
  return `${name}=${method}(${what}${items}${reached}):${typeName(made)}`;
}

function step(one_: BoundTransformation): string {
  switch (one_.kind) {
    case "filter":
      return `filter ${show(one_.condition)}`;
    case "compute":
      return `compute ${one_.items.map(({ name, expression }) => `${name}=${show(expression)}`).join(" ")}`;
    case "orderby":
      return `orderby ${one_.items.map(({ expression, descending }) => show(expression) + (descending ? "-" : "+")).join(" ")}`;
    case "skip":
    case "top":
      return `${one_.kind} ${one_.count}`;
    case "rank":
      return `${one_.from} ${one_.by} ${show(one_.amount)} ${show(one_.value)}`;
    case "aggregate":
      return one_.items.map(aggregate).join(" ");
    case "groupby":
      return `groupby ${one_.sets
        .map(({ groups, apply }) => {
          const by = groups.map(({ path, expression }) => `${path.join(".")}=${show(expression)}`).join(" ");
          return `[${by}]${apply.length === 0 ? "" : `{${steps(apply)}}`}`;
        })
        .join(" ")}`;
    case "concat":
      return `concat ${one_.sequences.map((sequence) => `{${steps(sequence)}}`).join(" ")}`;
    default:
      return one_.kind;
  }
}

function steps(list: readonly BoundTransformation[]): string {
  return list.map(step).join(" / ");
}

const bound = (text: string, setting?: Setting): string => steps(bind(text, setting).transformations);
const made = (text: string, setting?: Setting): string => shape(bind(text, setting).shape);

describe("binding $apply", () => {
  describe("aggregate", () => {
    const table: readonly (readonly [written: string, expected: string])[] = [
      ["amount with sum as T", "T=sum($it/amount):Decimal"],
      ["pieces with sum as T", "T=sum($it/pieces):Int64"],
      ["single with sum as T", "T=sum($it/single):Double"],
      ["weight with sum as T", "T=sum($it/weight):Decimal"],
      ["span with sum as T", "T=sum($it/span):Duration"],
      ["pieces with average as T", "T=average($it/pieces):Double"],
      ["amount with average as T", "T=average($it/amount):Decimal"],
      ["ratio with average as T", "T=average($it/ratio):Double"],
      ["note with min as T", "T=min($it/note):String"],
      ["pieces with max as T", "T=max($it/pieces):Int32"],
      ["colour with max as T", "T=max($it/colour):Colour"],
      ["weight with min as T", "T=min($it/weight):Weight"],
      ["note with countdistinct as T", "T=countdistinct($it/note):Int64"],
      ["customer with countdistinct as T", "T=countdistinct($it/customer):Int64"],
      ["address with countdistinct as T", "T=countdistinct($it/address):Int64"],
      ["$it with countdistinct as T", "T=countdistinct($it):Int64"],
      ["$count as N", "N=count():Int64"],
      ["customer/limit with sum as T", "T=sum($this/limit once $it/customer):Int64"],
      ["product/Shop.DigitalProduct/region with min as T", "T=min($it/product/<DigitalProduct>/region):String"],
      [
        "(amount sub 1) mul product/taxRate with sum as T",
        "T=sum(mul(sub($it/amount, 1:Decimal):Decimal, $it/product/taxRate):Decimal):Decimal",
      ],
      ["amount sub $it/weight with sum as T", "T=sum(sub($it/amount, $it/weight):Decimal):Decimal"],
      ["customer/sales/$count mul 2 with sum as T", "T=sum(mul($it/customer/sales/count(), 2:Int32):Int64):Int64"],
      ["customer/sales(5)/pieces with sum as T", "T=sum($it/customer/sales[id=5:Int32]/pieces):Int64"],
    ];
    for (const [written, expected] of table) {
      it(written, () => {
        const text = bound(`aggregate(${written})`);
        // That constants may be lifted is another test's matter.
        expect(text.replaceAll("^", "").replaceAll('"', "")).to.equal(expected);
      });
    }

    it("makes rows that have nothing but the results", () => {
      expect(made("aggregate(amount with sum as T,$count as N)")).to.equal("{T:Decimal, N:Int64}");
    });

    it("aggregates what was aggregated", () => {
      const text = "groupby((note),aggregate(amount with sum as T))/aggregate(T with average as A)";
      expect(bound(text)).to.equal("groupby [note=$it/note]{T=sum($it/amount):Decimal} / A=average($it/.T):Decimal");
      expect(made(text)).to.equal("{A:Decimal}");
    });
  });

  describe("aggregate over collections", () => {
    const table: readonly (readonly [written: string, expected: string])[] = [
      ["sales/amount with sum as T", "T=sum($this/amount once $it/sales):Decimal"],
      ["sales/product/taxRate with max as T", "T=max($this/product/taxRate over $it/sales):Decimal"],
      ["sales/tags with countdistinct as T", "T=countdistinct($this over $it/sales/tags):Int64"],
      ["friends/sales/amount with sum as T", "T=sum($this/amount once $it/friends/sales):Decimal"],
      ["sales/product/sales/pieces with sum as T", "T=sum($this/pieces once $it/sales/product/sales):Int64"],
      ["sales/Shop.GiftSale/ribbon with min as T", "T=min($this/ribbon over $it/sales/<GiftSale>):String"],
      ["sales/addresses/city with max as T", "T=max($this/city over $it/sales/addresses):String"],
      ["sales with countdistinct as T", "T=countdistinct($this over $it/sales):Int64"],
      ["$it/sales/amount with sum as T", "T=sum($this/amount once $it/sales):Decimal"],
      ["sales/$count as N", "N=count( once $it/sales):Int64"],
      ["sales/Shop.GiftSale/$count as N", "N=count( once $it/sales/<GiftSale>):Int64"],
      ["sales/tags/$count as N", "N=count( over $this/tags once $it/sales):Int64"],
      ["sales/amount/$count as N", "N=count( once $it/sales/filter($this: ne($this/amount, null))):Int64"],
    ];
    for (const [written, expected] of table) {
      it(written, () => expect(bound(`aggregate(${written})`, { on: "Customer" })).to.equal(expected));
    }

    it("binds the value about an item, and the collection about the row", () => {
      const [one_] = bind("aggregate(friends/sales/amount with sum as T)", { on: "Customer" }).transformations;
      const item = one_?.kind === "aggregate" ? one_.items[0] : undefined;
      expect(item?.entities?.collection).to.include({ kind: "navigation", collection: true });
      expect(item?.entities?.variable.type).to.equal(entityType("Sale"));
      const value = item?.expression;
      const source = value?.kind === "property" ? value.source : undefined;
      expect(source?.kind === "variable" && source.variable).to.equal(item?.entities?.variable);
    });

    it("takes the entity of a single-valued navigation property once, too, as a collection", () => {
      expect(bound("aggregate(customer/limit with sum as T)")).to.equal("T=sum($this/limit once $it/customer):Int64");
      expect(bound("aggregate(customer/$count as N)")).to.equal("N=count( once $it/customer):Int64");
      expect(bound("aggregate(customer/limit/$count as N)")).to.equal(
        "N=count( once $it/customer/filter($this: ne($this/limit, null))):Int64",
      );
      expect(bound("aggregate(sales/customer/limit with average as T)", { on: "Customer" })).to.equal(
        "T=average($this/limit once $it/sales/customer):Double",
      );
      const [one_] = bind("aggregate(customer/limit with sum as T)").transformations;
      const item = one_?.kind === "aggregate" ? one_.items[0] : undefined;
      expect(item?.entities?.collection).to.include({ kind: "navigation", collection: true });
    });

    it("takes repetitions as they come where they make no difference, and in expressions", () => {
      expect(bound("aggregate(customer/limit with max as T)")).to.equal("T=max($it/customer/limit):Int32");
      expect(bound("aggregate(sales/amount with countdistinct as T)", { on: "Customer" })).to.equal(
        "T=countdistinct($this/amount over $it/sales):Int64",
      );
      expect(bound("aggregate(customer/limit mul 2 with sum as T)")).to.equal(
        "T=sum(mul($it/customer/limit, 2:Int32):Int64):Int64",
      );
    });

    it("takes collections of values, and those that were computed", () => {
      expect(bound("aggregate(numbers with sum as T)")).to.equal("T=sum($this over $it/numbers):Int64");
      expect(bound("compute(tags as x)/aggregate(x with max as T)")).to.equal(
        "compute x=$it/tags / T=max($this over $it/.x):String",
      );
    });

    it("starts from the outermost row where the path says $it", () => {
      const it_: BoundVariable = { name: "outer", type: entityType("Customer") };
      expect(bound("aggregate($it/sales/amount with sum as T)", { it: it_ })).to.equal(
        "T=sum($this/amount once outer/sales):Decimal",
      );
    });
  });

  describe("groupby", () => {
    it("groups by paths, which become members of members", () => {
      const text =
        "groupby((customer/country,product/Shop.DigitalProduct/region,customer/name,note),aggregate($count as N))";
      expect(bound(text)).to.equal(
        "groupby [customer.country=$it/customer/country product.region=$it/product/<DigitalProduct>/region " +
          "customer.name=$it/customer/name note=$it/note]{N=count():Int64}",
      );
      expect(made(text)).to.equal(
        "{customer{country:String, name:String}, product{region:String}, note:String, N:Int64}",
      );
    });

    it("takes a path once", () => {
      expect(bound("groupby((note,flag,note))")).to.equal("groupby [note=$it/note flag=$it/flag]");
    });

    it("keeps entities where the transformations of the groups do", () => {
      expect(made("groupby((note),topcount(1,amount))")).to.equal("Sale{note:String}");
      expect(made("groupby((note))")).to.equal("{note:String}");
    });

    it("groups by what was computed, aggregated and grouped by before", () => {
      const text = "groupby((customer/country,note),aggregate($count as N))/groupby((customer/country,N))";
      expect(bound(text)).to.contain("/ groupby [customer.country=$it/.customer/.country N=$it/.N]");
      expect(made(text)).to.equal("{customer{country:String}, N:Int64}");
      expect(made("compute(year(day) as y)/groupby((y),aggregate($count as N))")).to.equal("{y:Int32, N:Int64}");
    });

    it("leaves entities all that they have, whatever they are grouped by", () => {
      const text = "groupby((customer/country,note),top(1))/filter(customer/name eq note)";
      expect(bound(text)).to.contain("/ filter eq($it/customer/name, $it/note)");
      expect(made(text)).to.equal("Sale{customer{country:String}, note:String}");
    });

    it("aggregates members of members", () => {
      const text =
        "groupby((customer/country,note))/groupby((note),aggregate(customer/country with countdistinct as C))";
      expect(bound(text)).to.contain("{C=countdistinct($it/.customer/.country):Int64}");
    });

    it("rolls up to grouping sets, the finest first, each element's levels with each of the others", () => {
      const sets = (text: string) =>
        bound(text)
          .replace(/=\S*?(?=[ \]])/g, "")
          .replace(/^groupby /, "");
      expect(sets("groupby((rollup(customer/country,customer/name)))")).to.equal(
        "[customer.country customer.name] [customer.country]",
      );
      expect(sets("groupby((rollup($all,note)))")).to.equal("[note] []");
      expect(sets("groupby((flag,rollup(note,day),rollup($all,pieces)))")).to.equal(
        "[flag note day pieces] [flag note day] [flag note pieces] [flag note]",
      );
      expect(made("groupby((rollup(customer/country,note)),aggregate($count as N))")).to.equal(
        "{customer{country:String}, note:String, N:Int64}",
      );
    });
  });

  describe("the other transformations", () => {
    const table: readonly (readonly [written: string, expected: string, shape: string])[] = [
      ["identity", "identity", "Sale{}"],
      ["filter(amount gt 3)/skip(2)/top(3)", 'filter gt($it/amount, ^"3":Decimal) / skip 2 / top 3', "Sale{}"],
      [
        "compute(pieces mul 2 as x,tags as y)",
        "compute x=mul($it/pieces, 2:Int32):Int64 y=$it/tags",
        "Sale{x:Int64, y:String*}",
      ],
      [
        "compute(note as x)/filter(x eq 'a' and note eq 'b')",
        'compute x=$it/note / filter and(eq($it/.x, ^"a":String), eq($it/note, ^"b":String))',
        "Sale{x:String}",
      ],
      ["orderby(amount desc,customer/name)", "orderby $it/amount- $it/customer/name+", "Sale{}"],
      ["topcount(2,amount)", "top count 2:Int32 $it/amount", "Sale{}"],
      ["bottomsum(-1.5,ratio)", 'bottom sum "-1.5":Decimal $it/ratio', "Sale{}"],
      ["toppercent(100,pieces mul 2)", "top percent 100:Int32 mul($it/pieces, 2:Int32):Int64", "Sale{}"],
      [
        "concat(identity,aggregate(amount with sum as T))",
        "concat {identity} {T=sum($it/amount):Decimal}",
        "Sale{T:Decimal}",
      ],
      [
        "concat(groupby((note)),groupby((flag),aggregate($count as N)))",
        "concat {groupby [note=$it/note]} {groupby [flag=$it/flag]{N=count():Int64}}",
        "{note:String, flag:Boolean, N:Int64}",
      ],
      [
        "concat(aggregate(pieces with sum as T),aggregate(amount with sum as T))",
        "concat {T=sum($it/pieces):Int64} {T=sum($it/amount):Decimal}",
        "{T:Decimal}",
      ],
      [
        "concat(groupby((customer/name)),groupby((customer/country)))",
        "concat {groupby [customer.name=$it/customer/name]} {groupby [customer.country=$it/customer/country]}",
        "{customer{name:String, country:String}}",
      ],
    ];
    for (const [written, expected, rows] of table) {
      it(written, () => {
        expect(bound(written)).to.equal(expected);
        expect(made(written)).to.equal(rows);
      });
    }

    it("search where entities have something to search in", () => {
      expect(bound("search(Joe)/filter(limit gt 1)", { on: "Customer" })).to.match(/^search \/ filter/);
      expect(refusal("search(Joe)")).to.include({ status: 501, target: "$apply" });
      expect(refusal("groupby((name))/search(Joe)", { on: "Customer" }).message).to.equal(
        "Error in $apply at character 17: only entities can be searched; put search(...) first.",
      );
    });

    it("range over the rows that the one before makes", () => {
      const { transformations } = bind("filter(flag)/compute(note as x)/groupby((x),aggregate($count as N))/top(1)");
      const shapes = transformations.map(({ variable }) => variable.type);
      expect(shapes.slice(1)).to.deep.equal(transformations.slice(0, -1).map((one_) => one_.shape));
      expect(new Set(transformations.map(({ variable }) => variable)).size).to.equal(4);
    });

    it("take parameter aliases, in amounts too", () => {
      expect(bound("topcount(@n,@v)", { aliases: { "@n": "3", "@v": "amount" } })).to.equal(
        "top count 3:Int32 $it/amount",
      );
    });

    it("fix the numbers that a plan depends on", () => {
      const context = bindContext(model, new Map());
      const { apply = [] } = parseQuery("$apply=topcount(2,amount)/filter(note eq 'a')");
      bindApply(apply, entityType("Sale"), context);
      expect([...context.literals.result().keys()].map(({ value }) => value)).to.deep.equal(["a"]);
    });
  });

  describe("errors", () => {
    const table: readonly (readonly [written: string, status: number, character: number, message: RegExp])[] = [
      ["filter(amont gt 3)", 400, 8, /no property named 'amont'\. Did you mean 'amount'/],
      ["filter(amount)", 400, 8, /expected a condition/],
      ["groupby((note))/filter(amount gt 3)", 400, 24, /the rows at this point have no property named 'amount'/],
      ["aggregate(amount with sum as T)/filter(t gt 3)", 400, 40, /no property named 't'\. Did you mean 'T'/],
      // Names
      [
        "aggregate(amount with sum as note)",
        400,
        11,
        /the name 'note' is taken: it is that of a property of 'Shop.Sale'/,
      ],
      ["aggregate(amount with sum as ribbon)", 400, 11, /'ribbon' is taken/],
      ["aggregate(amount with sum as customer)", 400, 11, /'customer' is taken/],
      ["aggregate($count as N,amount with sum as N)", 400, 23, /'N' is taken: it is that of another result here/],
      ["aggregate(amount with sum as T)/compute(T as T)", 400, 41, /'T' is taken: it is that of a member of the rows/],
      ["groupby((note),aggregate($count as note))", 400, 26, /'note' is taken/],
      ["compute(amount as x,amount as x)", 400, 21, /'x' is taken/],
      ["compute(amount as x)/aggregate(x with sum as x)", 400, 32, /'x' is taken/],
      ["aggregate(amount with sum as T)/aggregate(T with max as amount)", 400, 43, /'amount' is taken/],
      // What is aggregated
      ["aggregate(note with sum as T)", 400, 11, /'sum' takes numbers and durations, but no Edm.String/],
      ["aggregate(day with average as T)", 400, 11, /'average' takes numbers/],
      ["aggregate(address with max as T)", 400, 11, /values of type Shop.Address have no order/],
      ["aggregate(point with min as T)", 400, 11, /no order/],
      ["aggregate(customer with sum as T)", 400, 11, /'sum' takes numbers/],
      ["aggregate(null with max as T)", 400, 11, /nobody knows the type of this value/],
      ["aggregate(photo with countdistinct as T)", 501, 11, /media streams/],
      ["aggregate(amount sub tags with sum as T)", 400, 22, /./],
      [
        "aggregate(customer/sales/amount sub customer/sales/pieces with sum as T)",
        400,
        26,
        /'amount' follows a collection/,
      ],
      ["aggregate(customer/sales/amont with sum as T)", 400, 26, /no property named 'amont'/],
      ["aggregate(amount as T)", 400, 11, /'amount' needs an aggregation method/],
      ["aggregate(amount)", 400, 11, /'amount' needs an aggregation method/],
      ["aggregate(Forecast)", 501, 11, /custom aggregates, such as 'Forecast'/],
      ["aggregate(customer/Budget as b)", 501, 11, /custom aggregates, such as 'Budget'/],
      ["aggregate(amount with n.median as T)", 501, 11, /the aggregation method 'n.median'/],
      ["aggregate(amount with sum from note with average as T)", 501, 27, /'from'.*groupby/],
      ["aggregate(amount from note with average as T)", 501, 18, /'from'/],
      ["aggregate(note/$count as N)", 501, 16, /\$count behind a single value.*filter/],
      ["aggregate(customer/sales/$count($filter=flag) as N)", 400, 26, /\$count takes no options here/],
      ["aggregate($these/aggregate(amount with sum) with sum as T)", 501, 11, /\$these/],
      // What is grouped by
      ["groupby((tags))", 400, 10, /'tags' is a collection/],
      ["groupby((customer/sales/note))", 400, 25, /'note' follows a collection/],
      ["groupby((amount/pieces))", 400, 17, /has no property 'pieces'/],
      ["groupby((customer))", 501, 10, /to group by 'customer' as a whole.*groupby\(\(customer\/id\)\)/],
      ["groupby((note,address))", 501, 15, /to group by values of type Shop.Address/],
      ["groupby((point))", 501, 10, /to group by values of type Edm.GeographyPoint/],
      ["groupby((rollup(Levels)))", 501, 10, /'rollup' of a named hierarchy/],
      ["groupby((rolluprecursive($root/Sales,Q,id)))", 501, 10, /no recursive hierarchies/],
      ["groupby((customer/name))/groupby((customer))", 400, 35, /no value, but a row of several: name/],
      // Amounts
      ["topcount(0,amount)", 400, 10, /a whole number greater than 0/],
      ["topcount(1.5,amount)", 400, 10, /a whole number greater than 0/],
      ["topcount('2',amount)", 400, 10, /a whole number/],
      ["topcount(null,amount)", 400, 10, /a whole number/],
      ["toppercent(101,amount)", 400, 12, /a number above 0, up to 100/],
      ["bottomsum(INF,amount)", 400, 11, /a number/],
      ["topcount(pieces,amount)", 501, 10, /anything but a number/],
      ["topcount($these/$count,amount)", 501, 10, /\$these/],
      ["topsum(1,note)", 400, 10, /'topsum' adds up numbers, but no Edm.String/],
      ["topcount(1,address)", 400, 12, /no order/],
      ["orderby(tags)", 400, 9, /no order/],
      ["compute(customer as x)", 400, 9, /which is no value/],
      // What does not go together
      [
        "concat(aggregate(note with max as T),aggregate(amount with sum as T))",
        501,
        1,
        /'T' has values of different types/,
      ],
      [
        "concat(identity,groupby((note)))",
        501,
        1,
        /entities together with rows grouped by their properties, such as 'note'/,
      ],
      // What is not offered
      ["nest(identity as x)", 501, 1, /'nest' in \$apply/],
      ["addnested(customer,identity as x)", 501, 1, /'addnested'/],
      ["join(customer as x)", 501, 1, /'join'/],
      ["outerjoin(customer as x)", 501, 1, /'outerjoin'/],
      ["ancestors($root/Sales,Q,id,identity)", 501, 1, /'ancestors', as there are no recursive hierarchies/],
      ["traverse($root/Sales,Q,id,preorder)", 501, 1, /'traverse'/],
      ["top(1)/n.f(a=1)", 501, 8, /the function 'n.f' as a transformation/],
    ];
    for (const [written, status, character, message] of table) {
      it(`${written} is ${status}`, () => {
        const error = refusal(written);
        expect(error).to.include({ status, target: "$apply" });
        expect(error.message).to.match(message);
        expect(error.message).to.contain(`at character ${character}`);
      });
    }

    it("dynamic properties have to be given a type", () => {
      expect(refusal("aggregate(x with sum as T)", { on: "Thing" }).message).to.match(/nobody knows the type/);
      expect(refusal("groupby((x))", { on: "Thing" })).to.include({ status: 501 });
      expect(bound("aggregate(cast(x,Edm.Decimal) with sum as T)", { on: "Thing" })).to.match(/^T=sum\(/);
    });
  });

  describe("limits", () => {
    it("takes 50 transformations, those in others included", () => {
      const sequence = (length: number) => Array<string>(length).fill("identity").join("/");
      expect(bind(sequence(50)).transformations).to.have.length(50);
      for (const text of [
        sequence(51),
        `concat(${sequence(25)},${sequence(25)})`,
        `groupby((note),${sequence(50)})`,
        `groupby((rollup(note,flag)),${sequence(25)})`,
      ]) {
        expect(refusal(text)).to.include({ status: 400 });
        expect(refusal(text).message).to.match(/more than 50 transformations/);
      }
    });

    it("bounds grouping sets and members", () => {
      const paths = ["note", "flag", "day", "pieces", "amount", "ratio"].join(",");
      expect(bind(`groupby((rollup(${paths}),rollup(colour,id)))`).transformations).to.have.length(1);
      expect(refusal(`groupby((rollup(${paths}),rollup(colour,id,span),rollup($all,weight)))`).message).to.match(
        /more than 32 grouping sets/,
      );
      const items = (count: number) => Array.from({ length: count }, (_, at) => `$count as n${at}`).join(",");
      expect(bind(`aggregate(${items(200)})`).shape.members.size).to.equal(200);
      expect(refusal(`aggregate(${items(201)})`).message).to.match(/more than 200 members/);
    });

    it("counts terms to sort by with the others of a request", () => {
      const context = { ...bindContext(model, new Map()), counts: new QueryBudget({ maxOrderTerms: 2 }) };
      const { apply = [] } = parseQuery("$apply=orderby(note)/topcount(1,amount)/orderby(flag)");
      expect(() => bindApply(apply.slice(0, 2), entityType("Sale"), context)).not.to.throw();
      expect(() => bindApply(apply.slice(2), entityType("Sale"), context)).to.throw(ODataError, /more than 2 terms/);
    });
  });

  it("binds or refuses whatever is written of names and numbers", () => {
    const name = fc.constantFrom(
      "amount",
      "note",
      "tags",
      "customer",
      "sales",
      "product",
      "T",
      "Shop.GiftSale",
      "address",
      "city",
    );
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
    const item = fc.oneof(
      fc.tuple(path, fc.constantFrom("sum", "max", "countdistinct")).map(([one_, how]) => `${one_} with ${how} as T`),
      path.map((one_) => `${one_}/$count as T`),
    );
    const one_ = fc.oneof(
      item.map((text) => `aggregate(${text})`),
      path.map((text) => `groupby((${text}),aggregate($count as N))`),
      path.map((text) => `compute(${text} as U)`),
      path.map((text) => `topcount(1,${text})`),
      fc.tuple(path, item).map(([by, what]) => `groupby((${by}),aggregate(${what}))`),
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(one_, { minLength: 1, maxLength: 3 }), (list) => {
        const text = list.join("/");
        // A path may end in a type cast, which the grammar does not let stand everywhere.
        fc.pre(!/GiftSale[),]|Shop.GiftSale as/.test(text));
        try {
          bind(text);
          taken++;
        } catch (error) {
          expect(error, text).to.be.instanceOf(ODataError);
          expect([400, 501], text).to.include((error as ODataError).status);
        }
      }),
      { numRuns: 1000 },
    );
    expect(taken).to.be.greaterThan(10);
  });
});
