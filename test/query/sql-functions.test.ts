import { expect } from "chai";
import fc from "fast-check";
import { sql } from "kysely";
import pg from "pg";
import { primitiveTypes } from "../../src/edm/primitive-types.js";
import { canonicalDecimal } from "../../src/edm/primitives/index.js";
import { postgres } from "../../src/query/index.js";
import { decimalKey } from "../../src/query/sql/functions/sqlite/decimal.js";
import type { SqliteValue } from "../../src/query/sql/functions/sqlite/function.js";
import { sqliteAggregates, sqliteFunctions } from "../../src/query/sql/functions/sqlite/index.js";
import { postgresFunctions } from "../../src/query/sql/functions/postgres/index.js";
import { startPostgres } from "../support/postgres.js";
import type { PostgresStore } from "../support/postgres.js";

function call(name: string, ...values: SqliteValue[]): SqliteValue {
  return sqliteFunctions.find((candidate) => candidate.name === name)!.call(...values);
}

const digits = (most: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: most });

/** Canonical decimals of all sizes, many of them close to each other. */
const decimals = fc
  .tuple(fc.constantFrom("", "-"), digits(30), fc.option(digits(30), { nil: undefined }))
  .map(([sign, whole, fraction]) => canonicalDecimal(sign + whole + (fraction === undefined ? "" : `.${fraction}`))!);
const near = fc.oneof(
  decimals,
  fc
    .tuple(fc.integer({ min: -20, max: 20 }), fc.nat({ max: 3 }))
    .map(([units, scale]) => canonicalDecimal(`${units}e-${scale}`)!),
);

/** A decimal of up to 30 digits behind the point, in units of the last of them. */
function units(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(30, "0"));
}

/** Which of two canonical decimals is greater. */
function compareDecimals(left: string, right: string): number {
  const difference = units(left) - units(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const nines = "9".repeat(400);
const tiny = `0.${"0".repeat(399)}1`;

/** An operation, with operands that give as many digits as there may be, and with operands that give one more. */
const longDecimals: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["add", [nines, "0.5"], [nines, "1"]],
  ["sub", [`-${nines}`, "-1"], [`-${nines}`, "1"]],
  ["mul", ["1".repeat(200), "1".repeat(200)], ["9".repeat(201), "9".repeat(200)]],
  ["mul", [`0.${"1".repeat(200)}`, `0.${"1".repeat(200)}`], [tiny, "0.1"]],
  ["mul", [`0.${"0".repeat(299)}2`, `0.${"0".repeat(100)}5`], [`0.${"0".repeat(299)}2`, `0.${"0".repeat(100)}4`]],
  ["div", [nines, "1"], [nines, "0.1"]],
  ["mod", ["1", `0.${"0".repeat(397)}7`], ["1", `0.${"0".repeat(399)}07`]],
  ["round", [`${nines}.4`], [`${nines}.5`]],
  ["ceiling", [`-${nines}.4`], [`${nines}.1`]],
  ["floor", [`${nines}.4`], [`-${nines}.1`]],
  ["negate", [nines], [`${nines}0`]],
  ["sum", [nines, "1", "-1"], [nines, "1"]],
];

function results(name: string, operands: readonly (readonly string[])[]): SqliteValue[] {
  return operands.map((values) => call(`odatum_decimal_${name}`, ...values));
}

function sumOf(values: readonly string[]): SqliteValue {
  const sum = sqliteAggregates.find(({ name }) => name === "odatum_sum")!;
  return sum.result(values.reduce((state, value) => sum.step(state, value), sum.start()));
}

describe("functions for SQLite", () => {
  it("never throw, whatever they are called with", () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constant(null),
      fc.constantFrom("[1]", "{}", '{"a":[1,"x"]}', "null", "P1D", "2024-01-01", "1.5", "NaN", "Edm.Int32", "Edm.Date"),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sqliteFunctions), fc.array(value, { minLength: 5, maxLength: 5 }), (f, values) => {
        const given = values.slice(0, f.parameters === "any" ? 3 : f.parameters);
        const result = f.call(...given);
        expect(["string", "number", "bigint", "object"]).to.include(typeof result);
        if (typeof result === "number") expect(result).not.to.be.NaN;
      }),
    );
  });

  it("are null where an argument is, but for those that compare null", () => {
    for (const { name, parameters, call: work } of sqliteFunctions) {
      if (name === "odatum_double_equal" || name === "odatum_json_equal") continue;
      const values = Array.from({ length: parameters === "any" ? 2 : parameters }, () => null);
      expect(work(...values), name).to.equal(null);
    }
  });

  describe("decimals", () => {
    it("have keys that sort as the numbers do, and are equal for equal numbers", () => {
      fc.assert(
        fc.property(near, near, (left, right) => {
          const [a, b] = [decimalKey(left)!, decimalKey(right)!];
          expect(a < b ? -1 : a > b ? 1 : 0).to.equal(compareDecimals(left, right));
        }),
        { numRuns: 2_000 },
      );
    });

    it("have keys for hundreds of digits, for integers, and for what is no number", () => {
      const sorted = [
        ...['"-INF"', `-1${"0".repeat(399)}`, "-10", "-9.99", "-9.9", "-0.1", "-0.09", `-0.${"0".repeat(399)}1`, "0"],
        ...[`0.${"0".repeat(399)}1`, "0.09", "0.1", "1", "9.9", "9.99", "10", `1${"0".repeat(399)}`, '"INF"', '"NaN"'],
      ];
      const keys = sorted.map((text) => decimalKey(text)!);
      expect([...keys].sort()).to.deep.equal(keys);
      expect(decimalKey(10n)).to.equal(decimalKey("10"));
      expect(decimalKey("ten")).to.equal(null);
    });

    it("are computed exactly", () => {
      fc.assert(
        fc.property(decimals, decimals, (left, right) => {
          const sum = call("odatum_decimal_add", left, right) as string;
          expect(call("odatum_decimal_sub", sum, right)).to.equal(left);
          expect(call("odatum_decimal_mul", left, right)).to.equal(
            canonicalDecimal(`${units(left) * units(right)}e-60`),
          );
          if (right !== "0") {
            const whole = call("odatum_decimal_mul", right, "7");
            expect(call("odatum_decimal_mod", whole, right)).to.equal("0");
            expect(call("odatum_decimal_div", whole, right)).to.equal("7");
          }
          expect(call("odatum_decimal_negate", call("odatum_decimal_negate", left))).to.equal(left);
        }),
      );
    });

    it("are cut behind the twentieth digit when they are divided, and null when by zero", () => {
      expect(call("odatum_decimal_div", "2", "3")).to.equal("0.66666666666666666666");
      expect(call("odatum_decimal_div", "-2", "3")).to.equal("-0.66666666666666666666");
      expect(call("odatum_decimal_div", "1", "0")).to.equal(null);
      expect(call("odatum_decimal_mod", "1", "0")).to.equal(null);
    });

    it("are null with more than 400 digits before the point or behind it", () => {
      for (const [expression, ...values] of longDecimals) {
        const [most, more] =
          expression === "sum" ? [sumOf(values[0]!), sumOf(values[1]!)] : results(expression, values);
        expect(most, expression).to.be.a("string");
        expect(more, expression).to.equal(null);
      }
    });

    it("that are no numbers follow IEEE 754", () => {
      expect(call("odatum_decimal_add", '"INF"', "1")).to.equal('"INF"');
      expect(call("odatum_decimal_sub", '"INF"', '"INF"')).to.equal('"NaN"');
      expect(call("odatum_decimal_div", "1", '"-INF"')).to.equal("0");
      expect(call("odatum_decimal_mod", "5", '"INF"')).to.equal("5");
    });

    it("are summed up past 64 bits, with rows taken away again", () => {
      const sum = sqliteAggregates.find(({ name }) => name === "odatum_sum")!;
      let state = sum.start();
      expect(sum.result(state)).to.equal(null);
      for (const value of [2n ** 63n - 1n, "0.5", null, 1n]) state = sum.step(state, value);
      expect(sum.result(state)).to.equal("9223372036854775808.5");
      state = sum.inverse(state, "0.5");
      expect(sum.result(state)).to.equal("9223372036854775808");
    });
  });

  describe("collections", () => {
    it("are taken apart without a look at what is in their items", () => {
      const list = '["a,]","\\"[",{"x":[1,2],"y":"}"},[],null,1.50]';
      expect(call("odatum_list_length", list)).to.equal(6n);
      expect(call("odatum_list_slice", list, 2n, 2n)).to.equal('[{"x":[1,2],"y":"}"},[]]');
      expect(call("odatum_list_concat", list, "[]")).to.equal(list);
      expect(call("odatum_list_length", "[]")).to.equal(0n);
    });

    it("are equal by content: numbers by value, members in any order, null as if missing", () => {
      const equal = (left: string, right: string, type = "", doubles = "[]") =>
        call("odatum_json_equal", left, right, type, type, doubles) === 1n;
      expect(equal('{"a":1.50,"b":null}', '{"a":1.5}')).to.equal(true);
      expect(equal('{"a":1,"b":"x"}', '{"b":"x","a":1}')).to.equal(true);
      expect(equal('{"a":12345678901234567890}', '{"a":12345678901234567891}')).to.equal(false);
      expect(equal('["1"]', "[1]")).to.equal(false);
      expect(equal('{"@odata.type":"#B"}', "{}", "#A")).to.equal(false);
      expect(equal('{"@odata.type":"#A"}', "{}", "#A")).to.equal(true);
      expect(equal('{"@odata.type":"#B"}', "{}")).to.equal(true);
      expect(equal('{"d":"NaN"}', '{"d":"NaN"}')).to.equal(true);
      expect(equal('{"d":"NaN"}', '{"d":"NaN"}', "", '["d"]')).to.equal(false);
      expect(equal('["NaN"]', '["NaN"]', "", '[""]')).to.equal(false);
    });
  });
});

describe("functions for PostgreSQL", function () {
  this.timeout(60_000);
  let store: PostgresStore;
  let client: pg.Client;

  before(async function () {
    store = (await startPostgres()) ?? this.skip();
    client = new pg.Client({ connectionString: store.url });
    await client.connect();
    for (const statement of postgresFunctions) await client.query(statement);
  });

  after(async () => {
    await client?.end();
    await store?.stop();
  });

  /** The results of an expression over rows of arguments `a`, `b` and so on, which are texts. */
  async function over(expression: string, rows: readonly (readonly (string | null)[])[]): Promise<(string | null)[]> {
    const names = rows[0]!.map((_, index) => String.fromCharCode(97 + index));
    const arrays = names.map((_, index) => rows.map((row) => row[index]));
    const text = `select cast(${expression} as text) from unnest(${names.map((_, index) => `$${index + 1}::text[]`).join()}) with ordinality as rows(${names.join()}, n) order by n`;
    const { rows: results } = await client.query({ text, values: arrays, rowMode: "array" });
    return results.map(([result]: (string | null)[]) => result!);
  }

  const asText = (value: SqliteValue) => (value === null ? null : String(value));

  it("can be made again", async () => {
    for (const statement of postgresFunctions) await client.query(statement);
  });

  it("compute doubles as IEEE 754 does, without an error", async () => {
    const special = [0, -0, 1, -1, 0.1, 0.5, 1 - 2 ** -53, 1 + 2 ** -52, 5e-324, -5e-324, 2 ** -1022, 1e-300, 2 ** -51];
    const large = [3, 7.5, 2 ** 53, 1e21, 2 ** 511, 2 ** 512, 1e292, 2 ** 1023, Number.MAX_VALUE, Infinity, NaN];
    const all = [...special, ...large, ...large.map((value) => -value)];
    const pairs = [
      ...all.flatMap((a) => all.map((b) => [a, b] as const)),
      ...fc.sample(fc.tuple(fc.double(), fc.double()), { numRuns: 2_000, seed: 1 }),
    ];
    const text = (value: number) => (Object.is(value, -0) ? "-0" : String(value));
    const rows = pairs.map((pair) => pair.map(text));
    const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
      add: (a, b) => a + b,
      sub: (a, b) => a - b,
      mul: (a, b) => a * b,
      div: (a, b) => a / b,
      mod: (a, b) => a % b,
    };
    for (const [name, operation] of Object.entries(operations)) {
      const results = await over(`odatum_double_${name}(a::float8, b::float8)`, rows);
      results.forEach((result, index) => {
        const [a, b] = pairs[index]!;
        expect(Number(result) + 0, `${a} ${name} ${b}`).to.deep.equal(operation(a, b) + 0);
      });
    }
  });

  it("write doubles as JSON does", async () => {
    const values = [
      ...[0, 1, -1, 1e21, 1e20, 2 ** 66, 1e-6, 1e-7, 1.5e-7, 5e-324, Number.MAX_VALUE, 0.1, 100, 1.25],
      ...fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 2_000, seed: 2 }),
    ].map((value) => value + 0);
    const results = await over(
      "odatum_double_text(a::float8)",
      values.map((value) => [String(value)]),
    );
    results.forEach((result, index) => expect(result).to.equal(String(values[index])));
  });

  it("round doubles and make others of them as the functions for SQLite do", async () => {
    const values = [
      0.5,
      -0.5,
      2.5,
      0.49999999999999994,
      1e300,
      -3.7,
      4503599627370495.5,
      Infinity,
      NaN,
      0.1,
      3.5e38,
      1e-46,
    ];
    const rows = values.map((value) => [String(value)]);
    for (const name of ["double_round", "double_floor", "double_ceiling", "single"]) {
      const results = await over(`odatum_${name}(a::float8)`, rows);
      const expected = values.map((value) => call(`odatum_${name}`, Number.isNaN(value) ? "NaN" : value));
      expect(
        results.map((result) => (result === null ? null : Number(result) + 0)),
        name,
      ).to.deep.equal(expected.map((value) => (value === null ? null : Number(value) + 0)));
    }
    const integers = await over("odatum_double_integer(a::float8, '-128', '127')", rows);
    expect(integers).to.deep.equal(
      values.map((value) => asText(call("odatum_double_integer", Number.isNaN(value) ? "NaN" : value, "-128", "127"))),
    );
  });

  it("compute decimals as the functions for SQLite do", async () => {
    const pairs = fc.sample(fc.tuple(near, near), { numRuns: 500, seed: 3 });
    for (const name of ["add", "sub", "mul", "div", "mod"]) {
      const results = await over(`odatum_decimal_text(odatum_decimal_${name}(a::numeric, b::numeric))`, pairs);
      expect(results, name).to.deep.equal(pairs.map(([a, b]) => call(`odatum_decimal_${name}`, a, b)));
    }
    for (const name of ["negate", "floor", "ceiling", "round"]) {
      const results = await over(`odatum_decimal_text(odatum_decimal_${name}(a::numeric))`, pairs);
      expect(results, name).to.deep.equal(pairs.map(([a]) => call(`odatum_decimal_${name}`, a)));
    }
    const quotients = await over("odatum_decimal_text(odatum_integer_div(a::numeric, b::numeric))", pairs);
    expect(quotients).to.deep.equal(pairs.map(([a, b]) => call("odatum_integer_div", a, b)));
    const order = await over("sign(a::numeric - b::numeric)", pairs);
    expect(order).to.deep.equal(pairs.map(([a, b]) => String(compareDecimals(a, b))));
  });

  it("make null of decimals with too many digits, as the functions for SQLite do", async () => {
    for (const [name, ...operands] of longDecimals) {
      for (const values of operands) {
        if (name === "sum") {
          const text = postgres.sum(sql`cast(a as numeric)`, "decimal").compile(postgres.builder).sql;
          const { rows } = await client.query({
            text: `select odatum_decimal_text(${text}) from unnest($1::text[]) as rows(a)`,
            values: [values],
            rowMode: "array",
          });
          expect((rows as unknown[][])[0]![0]).to.equal(sumOf(values));
          continue;
        }
        const list = values.map((_, index) => `${String.fromCharCode(97 + index)}::numeric`).join();
        const [result] = await over(`odatum_decimal_text(odatum_decimal_${name}(${list}))`, [values]);
        expect(result, name).to.equal(call(`odatum_decimal_${name}`, ...values));
      }
    }
  });

  it("turn decimals of any size into doubles", async () => {
    const values = [
      "1e400",
      "-1e400",
      "1e-400",
      "0.1",
      "9007199254740993",
      "1.7976931348623157e308",
      "2.4703282292062328e-324",
    ];
    const rows = values.map((value) => [value]);
    const results = await over("odatum_decimal_double(a::numeric)", rows);
    expect(results.map(Number)).to.deep.equal(values.map(Number));
  });

  it("count with dates, instants and durations as the functions for SQLite do", async () => {
    const instant = fc
      .tuple(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), fc.option(digits(12), { nil: "" }))
      .map(([seconds, fraction]) => {
        const part = fraction.replace(/0+$/, "");
        return new Date(seconds * 1000).toISOString().replace(/^\+/, "").slice(0, 19) + (part === "" ? "" : `.${part}`);
      });
    const seconds = fc.oneof(near, fc.integer({ min: -4e11, max: 4e11 }).map(String), decimals);
    const rows = fc.sample(fc.tuple(instant, seconds), { numRuns: 1_000, seed: 4 });
    const expressions: Readonly<Record<string, [string, (a: string, b: string) => SqliteValue]>> = {
      seconds: ["odatum_decimal_text(odatum_instant_seconds(a))", (a) => call("odatum_instant_seconds", a)],
      days: [
        "odatum_decimal_text(odatum_instant_seconds(left(a, 10)))",
        (a) => call("odatum_instant_seconds", a.slice(0, 10)),
      ],
      add: ["odatum_instant_add(a, b::numeric)", (a, b) => call("odatum_instant_add", a, b)],
      "add to a date": [
        "odatum_date_add(left(a, 10), b::numeric)",
        (a, b) => call("odatum_date_add", a.slice(0, 10), b),
      ],
      duration: ["odatum_duration(b::numeric)", (_, b) => call("odatum_duration", b)],
      "duration and back": [
        "odatum_decimal_text(odatum_duration_seconds(odatum_duration(b::numeric)))",
        (_, b) => call("odatum_duration_seconds", call("odatum_duration", b)),
      ],
    };
    for (const [title, [expression, expected]] of Object.entries(expressions)) {
      const results = await over(expression, rows);
      expect(results, title).to.deep.equal(rows.map(([a, b]) => asText(expected(a, b))));
    }
  });

  /** Texts that are values of a type, nearly such, or none at all. */
  const written: fc.Arbitrary<string> = fc.oneof(
    fc.constantFrom(
      "",
      "true",
      "TRUE",
      "INF",
      "-INF",
      "NaN",
      "P",
      "PT",
      "P1DT",
      "-P1D",
      "P400D",
      "PT0S",
      "-PT0.0S",
      "PT36H",
    ),
    fc.constantFrom(
      "1",
      "+1",
      "-0",
      "01",
      "1.0",
      "1e2",
      "1.50",
      "1e400",
      "1e401",
      "-1e-400",
      "1e999999999",
      "0e999999999",
    ),
    fc.constantFrom(
      "255",
      "256",
      "-129",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775808",
      "1e18",
      ".",
    ),
    fc.constantFrom(
      "3.5e38",
      "1e-46",
      "4.9e-324",
      "1.7976931348623157e308",
      "1.8e308",
      "0x1",
      "1_000",
      " 1",
      "1 ",
      "۱",
    ),
    fc.constantFrom("2024-02-29", "2023-02-29", "2024-13-01", "0000-01-01", "-0001-01-01", "10000-01-01", "2024-1-01"),
    fc.constantFrom("2024-02-29T12:00:00Z", "2024-02-29t12:00z", "2024-02-29T12:00:60Z", "2024-02-29T24:00:00Z"),
    fc.constantFrom("0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59.5-00:01", "2024-02-29T12:00:00.500+23:59"),
    fc.constantFrom(
      "2024-02-29T12:00:00+24:00",
      "2024-02-29T12:00:00+01:60",
      "2024-02-29T12:00:00",
      "2024-02-29T12:00.5Z",
    ),
    fc.constantFrom("23:59", "23:59:59.120", "24:00", "12:60", "12:00:60", "1:00", "12:00:00.1234567890123"),
    fc.constantFrom(
      "T0RhdGE",
      "T0RhdGE=",
      "T0RhdGE==",
      "T0R+",
      "T0R-_",
      "T0RhdGF",
      "A",
      "AB",
      "AB=",
      "AB==",
      "A===",
      "!",
    ),
    fc.constantFrom("01234567-89AB-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef"),
    fc.stringMatching(/^-?P(\d{1,3}D)?(T(\d{1,3}H)?(\d{1,3}M)?(\d{1,3}(\.\d{1,3})?S)?)?$/),
    fc.stringMatching(/^[+-]?\d{1,25}(\.\d{1,25})?([eE][+-]?\d{1,3})?$/),
    fc.stringMatching(/^\d{4}-[01]\d-[0-3]\d(T[0-2]\d:[0-5]\d(:[0-6]\d(\.\d{1,13})?)?(Z|[+-]\d\d:\d\d))?$/),
    fc.stringMatching(/^[A-Za-z0-9+/_-]{0,9}={0,3}$/),
    fc.string({ unit: "binary", maxLength: 6 }).filter((text) => !text.includes("\0")),
  );

  const parsed = [
    ...["Binary", "Boolean", "Byte", "SByte", "Int16", "Int32", "Int64", "Decimal", "Double", "Single", "Guid", "Date"],
    ...["TimeOfDay", "DateTimeOffset", "Duration", "String"],
  ].map((name) => `Edm.${name}`);

  /** Both databases' way to write a result. */
  function normal(type: string, value: SqliteValue): string | null {
    if (value === null) return null;
    if (type === "Edm.Boolean") return String(value === 1n || value === "true");
    if (type !== "Edm.Double" && type !== "Edm.Single") return String(value);
    return String(Number(String(value).replace("INF", "Infinity")) + 0);
  }

  it("read texts as the readers of primitive types do", async () => {
    const texts = fc.sample(written, { numRuns: 3_000, seed: 5 });
    const rows = texts.map((text) => [text]);
    for (const type of parsed) {
      expect(primitiveTypes.has(type)).to.equal(true);
      const results = await over(`odatum_parse(a, '${type}')`, rows);
      results.forEach((result, index) => {
        const expected = normal(type, call("odatum_parse", texts[index]!, type));
        expect(normal(type, result), `${type} ${JSON.stringify(texts[index])}`).to.equal(expected);
      });
    }
  });

  it("read JSON as the readers of primitive types do", async () => {
    const json = fc.oneof(
      written.map((text) => JSON.stringify(text)),
      fc.constantFrom(
        "true",
        "false",
        "null",
        "0",
        "-1",
        "1.50",
        "1e2",
        "300",
        "[1]",
        '{"a":1}',
        "12345678901234567890",
      ),
      fc.integer().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    );
    const texts = fc.sample(json, { numRuns: 2_000, seed: 6 });
    const rows = texts.map((text) => [text]);
    for (const type of parsed) {
      const results = await over(`odatum_read(a, '${type}')`, rows);
      results.forEach((result, index) => {
        const expected = normal(type, call("odatum_read", texts[index]!, type));
        expect(normal(type, result), `${type} ${texts[index]}`).to.equal(expected);
      });
    }
    const scalars = await over("odatum_json_text(a)", rows);
    expect(scalars).to.deep.equal(texts.map((text) => call("odatum_json_text", text)));
  });

  it("read enumerations as the reader of enumerations does", async () => {
    const members = '{"none":0,"read":1,"write":2,"also":2,"all":7,"run":4,"far":4294967296,"less":-1}';
    const names = fc.constantFrom(
      "none",
      "read",
      "write",
      "also",
      "all",
      "run",
      "far",
      "less",
      "Read",
      "",
      " run ",
      "3",
      "5",
      "-1",
      "8",
      "+2",
      "x",
    );
    const texts = fc.sample(
      fc.array(names, { minLength: 1, maxLength: 3 }).map((all) => all.join()),
      { numRuns: 1_000, seed: 7 },
    );
    const rows = texts.map((text) => [text]);
    for (const flags of [true, false]) {
      const results = await over(`odatum_enum_parse(a, '${members}', ${flags})`, rows);
      expect(results).to.deep.equal(texts.map((text) => call("odatum_enum_parse", text, members, flags ? 1n : 0n)));
    }
    const canonical = texts.map((text) => call("odatum_enum_parse", text, members, 1n)).filter((text) => text !== null);
    const numbers = await over(
      `odatum_enum_number(a, '${members}')`,
      canonical.map((text) => [String(text)]),
    );
    expect(numbers).to.deep.equal(canonical.map((text) => String(call("odatum_enum_number", text, members))));
  });

  it("compare and take apart collections as the functions for SQLite do", async () => {
    const item = fc.constantFrom(
      "1",
      "1.0",
      "2",
      '"1"',
      '"a"',
      '"NaN"',
      "null",
      "true",
      '{"a":1,"b":null}',
      '{"a":1}',
      "[1]",
    );
    const list = fc.array(item, { maxLength: 4 }).map((items) => `[${items.join()}]`);
    const rows = fc.sample(fc.tuple(list, list), { numRuns: 1_000, seed: 8 });
    for (const doubles of ["[]", '[""]']) {
      for (const name of ["contains", "startswith", "endswith", "indexof", "hassubset", "hassubsequence"]) {
        const results = await over(`odatum_list_${name}(a, b, '${doubles}')`, rows);
        const expected = rows.map(([a, b]) => call(`odatum_list_${name}`, a, b, doubles));
        const texts = name === "indexof" ? expected.map(String) : expected.map((value) => String(value === 1n));
        expect(results, name).to.deep.equal(texts);
      }
      const equal = await over(`odatum_json_equal(a, b, '', '', '${doubles}')`, rows);
      expect(equal).to.deep.equal(
        rows.map(([a, b]) => String(call("odatum_json_equal", a, b, "", "", doubles) === 1n)),
      );
    }
    const concatenated = await over("odatum_list_concat(a, b)", rows);
    expect(concatenated).to.deep.equal(rows.map(([a, b]) => call("odatum_list_concat", a, b)));
    const sliced = await over("odatum_list_slice(a, 1, 2)", rows);
    expect(sliced).to.deep.equal(rows.map(([a]) => call("odatum_list_slice", a, 1n, 2n)));
  });

  it("cut texts by code points, with clamped places", async () => {
    const rows = fc.sample(
      fc.tuple(
        fc.string({ unit: fc.constantFrom("a", "é", "😀") }),
        fc.constantFrom("-9223372036854775808", "-1", "0", "1", "2", "9223372036854775807"),
        fc.constantFrom("-9223372036854775808", "-1", "0", "1", "2", "9223372036854775807"),
      ),
      { numRuns: 300, seed: 9 },
    );
    const both = await over("odatum_substring(a, b::bigint, c::bigint)", rows);
    expect(both).to.deep.equal(rows.map(([a, b, c]) => call("odatum_substring", a, BigInt(b), BigInt(c))));
    const start = await over("odatum_substring(a, b::bigint)", rows);
    expect(start).to.deep.equal(rows.map(([a, b]) => call("odatum_substring", a, BigInt(b))));
  });
});
