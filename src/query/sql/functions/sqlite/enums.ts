import type { EnumType } from "../../../../edm/index.js";
import { primitiveTypes } from "../../../../edm/primitive-types.js";
import { enumNumber, readEnumJson } from "../../../../edm/primitives/index.js";
import type { SqliteFunction, SqliteValue } from "./function.js";
import { lenient } from "./function.js";

/** Enumerations that are kept read; there are as many as the model has. */
const MOST_KEPT = 1_000;

const types = new Map<string, EnumType>();

/** An enumeration as its members' JSON text tells it, `{"Red":1,"Green":2}`. */
function typeOf(members: SqliteValue, flags: boolean): EnumType {
  const key = `${flags}${String(members)}`;
  let type = types.get(key);
  if (type === undefined) {
    const numbers = new Map(Object.entries(JSON.parse(String(members)) as Readonly<Record<string, number>>));
    const names = new Map<number, string>();
    for (const [name, number] of numbers) if (!names.has(number)) names.set(number, name);
    const name = { name: "", namespace: "", qualifiedName: "", annotations: [] };
    const underlyingType = primitiveTypes.get("Edm.Int64")!;
    type = { kind: "enum", ...name, underlyingType, flags, members: numbers, names };
    if (types.size >= MOST_KEPT) types.clear();
    types.set(key, type);
  }
  return type;
}

/** Enumerations with more members than fit into a `case`, and texts and numbers that become one. */
export const enumFunctions: readonly SqliteFunction[] = [
  lenient("odatum_enum_number", 2, (text, members) => enumNumber(typeOf(members, true), String(text))),
  lenient("odatum_enum_parse", 3, (text, members, flags) =>
    readEnumJson(typeOf(members, Number(flags) === 1), String(text)),
  ),
];
