import { expect } from "chai";
import type { EntityType, Property } from "../../src/edm/index.js";
import { propertyIndexes } from "../../src/query/index.js";
import { ODataError } from "../../src/errors/index.js";
import { databases } from "./support/query-store.js";
import { SqlLab } from "./support/sql-lab.js";

for (const kind of databases) {
  describe(`statements of expressions on ${kind}`, function () {
    this.timeout(60_000);
    let lab: SqlLab;

    before(async function () {
      lab = (await SqlLab.open(kind)) ?? this.skip();
    });

    after(() => lab?.close());

    /** Makes the indexes of a property and gives their names. */
    async function index(type: EntityType, path: string): Promise<string[]> {
      const { mapping, dialect } = lab.store.context;
      let properties: ReadonlyMap<string, Property> = type.properties;
      const way = path.split("/").map((name) => {
        const property = properties.get(name)!;
        if (property.type.kind === "complex") properties = property.type.properties;
        return property;
      });
      const indexes = propertyIndexes(type, way, false, mapping, dialect);
      const names = indexes.map((_, number) => `test_${path.replace("/", "_").toLowerCase()}_${number}`);
      const { table } = mapping.entity(type);
      await lab.store.database.transaction(async (transaction) => {
        for (const [number, { columns, where }] of indexes.entries()) {
          const condition = where === undefined ? "" : ` where ${where}`;
          await transaction.run(`create index "${names[number]!}" on "${table}" (${columns})${condition}`, []);
        }
      });
      return names;
    }

    async function planOf(condition: string): Promise<string> {
      // A table without rows is read from end to end, whatever its indexes.
      if (kind === "postgres") {
        await lab.store.database.reader.rows("select set_config('enable_seqscan', 'off', false)", []);
        await lab.store.database.reader.rows("select set_config('enable_bitmapscan', 'off', false)", []);
      }
      return lab.plan(condition);
    }

    describe("use an index of", () => {
      const conditions: Readonly<Record<string, readonly string[]>> = {
        String: ["? eq 'x'", "? gt 'x'", "? in ('x','y')", "startswith(?,'x')"],
        Int32: ["? eq 5", "? ge 5", "5 lt ?", "? in (1,2)"],
        Int64: ["? eq 9007199254740993"],
        Boolean: ["? eq true"],
        Double: ["? eq 5", "? gt 5", "? lt 5.5e0"],
        Guid: ["? eq 01234567-89ab-cdef-0123-456789abcdef"],
        Date: ["? eq 2024-01-01", "? lt 2024-01-01"],
        TimeOfDay: ["? eq 10:00:00"],
        DateTimeOffset: ["? eq 2024-01-01T00:00:00Z", "? ge 2024-01-01T00:00:00Z"],
        Colour: ["? eq 'red'", "? gt 'red'"],
        Decimal: ["? eq 1.5"],
        Duration: ["? eq duration'PT1H'"],
      };
      for (const [name, all] of Object.entries(conditions)) {
        for (const place of ["c", "d"]) {
          it(`${place}${name}`, async () => {
            const names = await index(lab.store.type("Item"), `${place}${name}`);
            for (const condition of all) {
              const text = condition.replace("?", `${place}${name}`);
              const plan = await planOf(text);
              expect(
                names.some(
                  (candidate) =>
                    plan.toLowerCase().includes(`index ${candidate}`) || plan.includes(`using ${candidate}`),
                ),
                `${text}\n${plan}`,
              ).to.equal(true);
            }
          });
        }
      }

      it("a member of a complex value", async () => {
        const [name] = await index(lab.store.type("Item"), "dPlace/city");
        expect(await planOf("dPlace/city eq 'Rome'")).to.contain(name);
      });

      it("a property behind a type cast that nothing else has", async () => {
        const [column] = await index(lab.store.type("Widget"), "wColumn");
        expect(await planOf("Lab.Widget/wColumn eq 5 and isof('Lab.Widget')")).to.contain(column);
        const [member] = await index(lab.store.type("Widget"), "wDocument");
        expect(await planOf("Lab.Widget/wDocument eq 'x' and isof('Lab.Widget')")).to.contain(member);
      });

      it("the foreign key and the links of related entities", async () => {
        const tables = await planOf("parts/any(p:p/size gt 1) and related/any(r:r/id eq 2) and owner/rank eq 3");
        expect(tables).not.to.match(/SCAN (?!e\b)/);
        if (kind === "postgres") expect(tables).not.to.contain("Seq Scan on part");
      });
    });

    describe("stay in bounds:", () => {
      /** The length of a condition's SQL text. */
      const lengthOf = (condition: string): number => {
        const { expression, compiler, type } = lab.bind(condition);
        return lab.statement(undefined, type, undefined, compiler.condition(expression)).text.length;
      };

      const nestings: Readonly<Record<string, (inner: string, level: number) => string>> = {
        "startswith and endswith": (inner) =>
          `cast(startswith(cast(endswith(${inner},'x'),'Edm.String'),cString),'Edm.String')`,
        "comparisons of doubles": (inner) => `case(${inner} gt 0.5e0:1e0,true:cDouble)`,
        "equal doubles": (inner) => `case(${inner} eq cDouble:1e0,true:cDouble)`,
        "lists with null": (inner) => `case(${inner} in (1,null,3):1,true:cInt32)`,
        "casts to shorter integers": (inner) => `cast(${inner},'Edm.Byte')`,
        flags: (inner) => `case(${inner} has 'read':Lab.rights'read',true:cRights)`,
        "texts of doubles": (inner) => `cast(cast(${inner},'Edm.Double'),'Edm.String')`,
        lambdas: (inner, level) => `case(cDoubles/any(x${level}:x${level} gt ${inner}):1e0,true:2e0)`,
      };
      const innermost: Readonly<Record<string, string>> = {
        "comparisons of doubles": "cDouble",
        "equal doubles": "cDouble",
        "lists with null": "cInt32",
        "casts to shorter integers": "cInt32",
        flags: "cRights",
        lambdas: "cDouble",
      };
      for (const [title, nest] of Object.entries(nestings)) {
        it(`${title} in each other make a text that grows by the same with each level`, async () => {
          const nested = (levels: number) => {
            let text = innermost[title] ?? "cString";
            for (let level = 0; level < levels; level++) text = nest(text, level);
            return `(${text}) ne null`;
          };
          // The parser and the binder bound how many levels there can be.
          const most = title === "lambdas" ? 7 : title === "startswith and endswith" ? 23 : 45;
          const step = lengthOf(nested(4)) - lengthOf(nested(3));
          expect(lengthOf(nested(most)) - lengthOf(nested(most - 1))).to.be.lessThan(step + 40);
          expect(await lab.keys(nested(most))).to.deep.equal([]);
        });
      }

      it("a thousand conditions, and thousands of items in a list", async () => {
        const numbers = Array.from({ length: 2_000 }, (_, index) => index);
        const some = numbers.slice(0, 1_000);
        expect(await lab.keys(some.map((number) => `cInt32 eq ${number}`).join(" or "))).to.deep.equal([]);
        expect(await lab.keys(some.map((number) => `cInt32 ne ${number}`).join(" and "))).to.deep.equal([]);
        expect(await lab.keys(`cInt32 in (${numbers.join()})`)).to.deep.equal([]);
        expect(await lab.keys(`cInt32s eq [${numbers.join()}]`)).to.deep.equal([]);
      });

      it("what nests deeper than a database takes is refused", () => {
        const { expression, compiler } = lab.bind("cInt32 add 1");
        let deep = expression;
        if (expression.kind !== "arithmetic") throw new Error("An addition was expected.");
        for (let level = 0; level < 5_000; level++) deep = { ...expression, left: deep };
        expect(() => compiler.value(deep))
          .to.throw(ODataError, /nests more than/)
          .with.property("status", 400);
      });

      it("what nests as deep as the binder lets it is carried out", async () => {
        const chains = ["cInt32 add 1", "cInt64 mul 3", "cDouble mul 2", "cDecimal sub 1", "cDecimal div 3"];
        for (const chain of chains) {
          const [operand, ...step] = chain.split(" ");
          const text = `${operand!}${` ${step.join(" ")}`.repeat(190)} gt 0`;
          expect(await lab.keys(text), chain).to.deep.equal([]);
        }
        expect(await lab.keys(`${"not (".repeat(49)}cBoolean${")".repeat(49)}`)).to.deep.equal([]);
      });

      it("nothing that a client writes is in the text but the shape of its expression", () => {
        const { expression, compiler, type } = lab.bind(
          `cString eq 'N33dle' and contains(dString,'N33dle') and matchesPattern(cString,'N33dle')
            and cPlace eq {"city":"N33dle"} and cStrings eq ['N33dle'] and owner/N33dle eq 'N33dle' and cDecimal gt 777.7
            and owner/N33dleToo/N33dleThree eq 5 and $root/Owners('N33dle')/rank eq 7777 and cInt32 in (7777,7778)`.replace(
            /\s+/g,
            " ",
          ),
        );
        const { text } = lab.statement(undefined, type, undefined, compiler.condition(expression));
        expect(text).not.to.match(/N33dle|7777|777\.7/);
      });
    });
  });
}
