import type { PrimitiveType } from "../../../../edm/index.js";
import { primitiveTypes } from "../../../../edm/primitive-types.js";
import { canonicalDecimal, readGeoJson, readJson, readKeySegment } from "../../../../edm/primitives/index.js";
import type { JsonScalar, Scalar } from "../../../../edm/primitives/index.js";
import { parseExact, subtract } from "./decimal.js";
import { ofDouble } from "./double.js";
import type { SqliteFunction, SqliteValue } from "./function.js";
import { lenient } from "./function.js";
import { clamped, placeAmong } from "./text.js";
import { kindOf } from "../../values.js";

/** A value of a primitive type in the form in which SQLite compares such. */
function toSqlite(type: PrimitiveType, value: Scalar): SqliteValue {
  switch (kindOf(type)) {
    case "boolean":
      return value === true ? 1n : 0n;
    case "integer":
      return BigInt(value);
    case "number":
      return ofDouble(Number(value));
    case "instant":
      return String(value).replace(/Z$/, "");
    default:
      return String(value);
  }
}

/** Reads what need not be a value of the type; throws, or gives nothing, where it is none. */
function read(typeName: SqliteValue, from: (type: PrimitiveType) => Scalar | undefined): SqliteValue {
  const type = primitiveTypes.get(String(typeName));
  const value = type === undefined ? undefined : from(type);
  return value === undefined ? null : toSqlite(type!, value);
}

const NUMBER = /^-?\d/;

function scalarOf(json: string): JsonScalar | undefined {
  if (json.startsWith('"')) return JSON.parse(json) as string;
  if (json === "true" || json === "false") return json === "true";
  return NUMBER.test(json) ? { text: json } : undefined;
}

function readAs(type: PrimitiveType, json: string): Scalar | undefined {
  if (type.qualifiedName.startsWith("Edm.Geo")) {
    return json.startsWith("{") ? readGeoJson(type.qualifiedName, { srid: "variable" }, json) : undefined;
  }
  const scalar = scalarOf(json);
  return scalar === undefined ? undefined : readJson(type, {}, scalar);
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Strings begin with `s`, numbers are strings that begin with `n` and have all of their digits in canonical form. */
function parseExactly(json: string): unknown {
  return JSON.parse(
    json.replace(TOKEN, (token) => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${canonicalNumber(token)}"`)),
  );
}

function canonicalNumber(text: string): string {
  try {
    return canonicalDecimal(text) ?? text;
  } catch {
    return text;
  }
}

/** Makes texts that are the same for values of the same content. */
class ContentKeys {
  /** The names of members that are doubles; the empty name for the values themselves. */
  readonly #doubles: ReadonlySet<string>;
  #unequal = 0;

  constructor(doubles: SqliteValue) {
    this.#doubles = new Set(JSON.parse(String(doubles)) as readonly string[]);
  }

  /**
   * Members that are null count as missing; their order and annotations do not count.
   *
   * @param declared the name of the type that a value is of which does not name its own; absent where types do not count
   * @param name of the member that the value is
   */
  of(value: unknown, declared: string | undefined, name = ""): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.of(item, declared, name)).join(",")}]`;
    // NaN equals nothing, not even itself.
    if (value === "sNaN" && this.#doubles.has(name)) return `NaN${++this.#unequal}`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const within = declared === undefined ? undefined : "";
    const members = Object.entries(value)
      .filter(([key, member]) => !key.includes("@") && member !== null)
      .map(([key, member]) => `${JSON.stringify(key)}:${this.of(member, within, key.slice(1))}`)
      .sort();
    if (declared === undefined) return `{${members.join(",")}}`;
    const named = (value as Readonly<Record<string, unknown>>)["s@odata.type"];
    return `${typeof named === "string" ? named.slice(1) : declared}{${members.join(",")}}`;
  }
}

function isEqual(
  left: SqliteValue,
  right: SqliteValue,
  ofLeft: SqliteValue,
  ofRight: SqliteValue,
  doubles: SqliteValue,
): boolean {
  if (left === null || right === null) return left === right;
  // Where the type of one is not known, types do not count.
  const typed = ofLeft !== "" && ofRight !== "";
  const keys = new ContentKeys(doubles);
  const [a, b] = [
    [left, ofLeft],
    [right, ofRight],
  ].map(([json, type]) => keys.of(parseExactly(String(json)), typed ? String(type) : undefined));
  return a === b;
}

/** The JSON texts of an array's items, as they stand there. */
export function itemTexts(json: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},]/g)) {
    if (token === "[" || token === "{") {
      if (depth++ === 0) start = index + 1;
    } else if (token === "]" || token === "}") {
      if (--depth === 0 && json.slice(start, index).trim() !== "") texts.push(json.slice(start, index));
    } else if (token === "," && depth === 1) {
      texts.push(json.slice(start, index));
      start = index + 1;
    }
  }
  return texts;
}

/** Keys of an array's items, the same for items of the same content. */
function itemKeys(json: SqliteValue, keys: ContentKeys): string[] {
  return (parseExactly(String(json)) as readonly unknown[]).map((item) => keys.of(item, undefined));
}

function isRun(all: readonly string[], part: readonly string[], from: number): boolean {
  return from >= 0 && from + part.length <= all.length && part.every((key, index) => key === all[from + index]);
}

function runAt(all: readonly string[], part: readonly string[]): number {
  for (let at = 0; at + part.length <= all.length; at++) if (isRun(all, part, at)) return at;
  return -1;
}

function hasSubset(all: readonly string[], part: readonly string[]): boolean {
  const counts = new Map<string, number>();
  for (const key of all) counts.set(key, (counts.get(key) ?? 0) + 1);
  return part.every((key) => {
    const left = counts.get(key) ?? 0;
    counts.set(key, left - 1);
    return left > 0;
  });
}

function hasSubsequence(all: readonly string[], part: readonly string[]): boolean {
  let found = 0;
  for (const key of all) if (found < part.length && key === part[found]) found++;
  return found === part.length;
}

function ofLists(name: string, work: (all: string[], part: string[]) => boolean | number): SqliteFunction {
  return lenient(`odatum_list_${name}`, 3, (all, part, doubles) => {
    const keys = new ContentKeys(doubles);
    return BigInt(work(itemKeys(all, keys), itemKeys(part, keys)));
  });
}

/** The order of JSON values of one kind: numbers, texts, truth values. */
function compareJson(left: string, right: string): bigint | null {
  const [a, b] = [scalarOf(left), scalarOf(right)];
  if (typeof a === "string" && typeof b === "string") return BigInt(Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (typeof a === "boolean" && typeof b === "boolean") return BigInt(a) - BigInt(b);
  if (typeof a !== "object" || typeof b !== "object") return null;
  const [x, y] = [parseExact(canonicalNumber(a.text)), parseExact(canonicalNumber(b.text))];
  if (x === undefined || y === undefined) return null;
  const { units } = subtract(x, y);
  return units < 0n ? -1n : units > 0n ? 1n : 0n;
}

/** JSON text, and values of which only a request knows what they are read as. */
export const jsonFunctions: readonly SqliteFunction[] = [
  lenient("odatum_read", 2, (json, type) => read(type, (primitive) => readAs(primitive, String(json)))),
  lenient("odatum_parse", 2, (text, type) => read(type, (primitive) => readKeySegment(primitive, String(text)))),
  lenient("odatum_json_text", 1, (json) => {
    const scalar = scalarOf(String(json));
    return scalar === undefined ? null : typeof scalar === "object" ? canonicalNumber(scalar.text) : String(scalar);
  }),
  // `eq` by content: null equals null.
  {
    name: "odatum_json_equal",
    parameters: 5,
    deterministic: true,
    call(left = null, right = null, ofLeft = "", ofRight = "", doubles = "[]") {
      try {
        return isEqual(left, right, ofLeft, ofRight, doubles) ? 1n : 0n;
      } catch {
        return 0n;
      }
    },
  },
  lenient("odatum_json_compare", 2, (left, right) => compareJson(String(left), String(right))),
  ofLists("contains", (all, part) => runAt(all, part) >= 0),
  ofLists("startswith", (all, part) => isRun(all, part, 0)),
  ofLists("endswith", (all, part) => isRun(all, part, all.length - part.length)),
  ofLists("indexof", runAt),
  ofLists("hassubset", hasSubset),
  ofLists("hassubsequence", hasSubsequence),
  lenient("odatum_list_length", 1, (json) => BigInt(itemTexts(String(json)).length)),
  lenient("odatum_list_concat", 2, (a, b) => `[${[...itemTexts(String(a)), ...itemTexts(String(b))].join(",")}]`),
  lenient("odatum_list_slice", "any", (json, start, length) => {
    const texts = itemTexts(String(json));
    const from = placeAmong(start, texts.length);
    return `[${texts.slice(from, length === undefined ? undefined : from + clamped(length, texts.length)).join(",")}]`;
  }),
];
