import type { EdmType, PrimitiveTypeName } from "../../../src/edm/index.js";
import type { Random } from "./random.js";

/** Kinds of values, as the operators of expressions tell them apart. */
export type Kind =
  | "boolean"
  | "number"
  | "text"
  | "guid"
  | "binary"
  | "date"
  | "time"
  | "instant"
  | "duration"
  | "enum"
  | "geo"
  | "complex"
  | "entity"
  | "untyped";

export const primitiveKinds: readonly Kind[] = [
  ...(["boolean", "number", "number", "text", "text", "guid", "binary", "date", "time", "instant"] as const),
  ...(["duration", "enum", "geo", "complex"] as const),
];

const kinds: Readonly<Partial<Record<PrimitiveTypeName, Kind>>> = {
  "Edm.Boolean": "boolean",
  "Edm.String": "text",
  "Edm.Guid": "guid",
  "Edm.Binary": "binary",
  "Edm.Date": "date",
  "Edm.TimeOfDay": "time",
  "Edm.DateTimeOffset": "instant",
  "Edm.Duration": "duration",
  "Edm.Untyped": "untyped",
  "Edm.Stream": "untyped",
};

export function kindOf(type: EdmType): Kind {
  switch (type.kind) {
    case "typeDefinition":
      return kindOf(type.underlyingType);
    case "primitive":
      return kinds[type.qualifiedName] ?? (/Geo/.test(type.qualifiedName) ? "geo" : "number");
    default:
      return type.kind;
  }
}

/** What somebody may try who wants more than an answer. */
export const injections: readonly string[] = [
  "' or 1=1 --",
  "'; drop table device_configuration; --",
  "x' union select * from sqlite_master --",
  '" or "1"="1',
  "\\' or 1=1",
  "%' or '1'='1",
  "*/ or 1=1 /*",
  "$1",
  "?",
  "?1",
  ":name",
  "$$; select 1; $$",
  "E'\\x27'",
  "{{7*7}}",
  "${7*7}",
  "')) or 1=1 --",
  "]]>",
  "\\",
  '$."a"',
  "$.a",
  "[0]",
  "a]b",
  "\u0000",
];

const texts = [
  "",
  "a",
  "R",
  "root",
  "Straße",
  "é",
  "e\u0301",
  "😀",
  "\uffff",
  "it's",
  " ",
  "\t",
  "0",
  "null",
  "🏳️‍🌈",
  "İ",
  "ǅ",
];

/** A text of an expression, with its quotes. */
export function textLiteral(random: Random): string {
  const text = random.chance(0.1)
    ? random.pick(injections)
    : random.chance(0.03)
      ? "x".repeat(random.below(3_000))
      : random.pick(texts);
  return `'${text.replaceAll("'", "''")}'`;
}

const numbers = [
  "0",
  "1",
  "2",
  "-1",
  "-0",
  "+1",
  "7",
  "255",
  "256",
  "-32769",
  "2147483647",
  "2147483648",
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "18446744073709551616",
  `1${"0".repeat(40)}`,
  "1.5",
  "-0.001",
  "0.1",
  "1.50",
  `0.${"3".repeat(40)}`,
  "12345678901234567890.123456789",
  `${"9".repeat(300)}.5`,
  "1e0",
  "1.5e3",
  "-2.5e-3",
  "1e308",
  "1e-324",
  "5e-324",
  "INF",
  "-INF",
  "NaN",
  "1e21",
  "1E+5",
  "1e400",
  "0e0",
];
const dates = [
  "2024-02-29",
  "1999-12-31",
  "0001-01-01",
  "9999-12-31",
  "-0001-01-01",
  "0000-01-01",
  "2024-02-30",
  "12024-01-01",
];
const times = ["00:00", "23:59:59.999999999999", "12:30:00", "24:00:00", "10:20:30.5"];
const instants = [
  "2024-02-29T12:00:00Z",
  "2024-01-01T00:00:00.1234567+01:00",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
  "0000-01-01T00:00:00+14:00",
  "2024-12-31T23:59:60Z",
  "1970-01-01T00:00Z",
  "9999-12-31T23:59:59-14:00",
];
const durations = [
  "P1D",
  "PT0S",
  "-P1DT2H3M4.5S",
  "PT0.000000000001S",
  "P999999999D",
  "PT1M",
  "P100000000000000000000D",
  "PT",
  "P1Y",
];
const geo = [
  "geography'SRID=4326;Point(1 2)'",
  "geography'SRID=4326;LineString(0 0,1 1)'",
  "geography'SRID=4326;Point(1e308 -1e308)'",
  "geography'SRID=4326;Polygon((0 0,4 0,4 4,0 4,0 0))'",
  "geometry'SRID=0;Point(4 1)'",
  "geometry'SRID=0;MultiPoint()'",
  "geometry'SRID=0;Polygon((0 0,4 0,4 4,0 4,0 0))'",
  "geography'SRID=0;Collection(Point(1 1))'",
  "geography'SRID=4326;Point()'",
];

/** A literal of a kind, now and then one that is none. `type` is the enumeration of an enumeration's member. */
export function literal(kind: Kind, random: Random, type?: EdmType): string {
  if (random.chance(0.06)) return "null";
  switch (kind) {
    case "boolean":
      return random.pick(["true", "false", "TRUE"]);
    case "number":
      return random.pick(random.chance(0.6) ? numbers.slice(0, 8) : numbers);
    case "text":
      return textLiteral(random);
    case "guid":
      return random.pick([
        "01234567-89ab-cdef-0123-456789abcdef",
        "00000000-0000-0000-0000-000000000000",
        "ABCDEF01-0123-0123-0123-0123456789AB",
      ]);
    case "binary":
      return random.pick([
        "binary'T0RhdGE'",
        "binary''",
        "binary'AA'",
        "binary'AA=='",
        `binary'${"QUFB".repeat(100)}'`,
      ]);
    case "date":
      return random.pick(dates);
    case "time":
      return random.pick(times);
    case "instant":
      return random.pick(instants);
    case "duration":
      return `duration'${random.pick(durations)}'`;
    case "enum": {
      if (type?.kind !== "enum") return random.pick(["'x'", "n.E'x'"]);
      const members = random.some(2, () => random.pick([...type.members.keys(), "1", "99"])).join(",");
      return random.chance(0.5) ? `'${members}'` : `${type.qualifiedName}'${members}'`;
    }
    case "geo":
      return random.pick(geo);
    default:
      return json(random, 2);
  }
}

const members = ["a", "city", "address", "@odata.type", "__proto__", "constructor", "", "x y", "name", "zip"];

/** JSON as expressions can hold it. */
export function json(random: Random, depth: number): string {
  if (depth <= 0 || random.chance(0.3))
    return random.pick(['"a"', "1", "1.5", "true", "null", '"it\'s"', '"\\u0041"', '"\\ud800"', "2024-01-01", "-1e3"]);
  const items = Array.from({ length: random.below(4) }, () => json(random, depth - 1));
  if (random.chance(0.4)) return `[${items.join(",")}]`;
  const names = items.map((item) => `${JSON.stringify(random.pick(members))}:${item}`);
  return `{${names.join(",")}}`;
}
