import type { EntityType, PrimitiveType, Property } from "../edm/index.js";
import { readKeySegment } from "../edm/primitives/index.js";
import type { Scalar } from "../edm/primitives/index.js";

/*
 * Keys as most clients write them, read without the parser. What is written in any other way, or is no value of the key's
 * type, is undefined: the long way reads it, or says what is wrong with it.
 */

/** A key-as-segment: URL Conventions 4.01, section 4.3.6. */
export function readSegment(type: EntityType, segment: string): readonly Scalar[] | undefined {
  if (type.key.length !== 1 || !isPlain(segment)) return undefined;
  const value = readText(type.key[0]!, segment);
  return value === undefined ? undefined : [value];
}

/**
 * What stands in the parentheses of a key predicate (section 4.3.1).
 *
 * @example readPredicate(product, "'a'") // ["a"]
 * @example readPredicate(translation, "term=1,language='de'") // [1, "de"]
 */
export function readPredicate(type: EntityType, text: string): readonly Scalar[] | undefined {
  const { key } = type;
  if (key.length === 1 && !text.includes("=")) {
    const value = readValue(key[0]!, text);
    return value === undefined ? undefined : [value];
  }
  const parts = text.split(",");
  if (parts.length !== key.length) return undefined;
  const values: Scalar[] = [];
  for (const property of key) {
    const start = `${property.name}=`;
    const part = parts.find((candidate) => candidate.startsWith(start));
    const value = part === undefined ? undefined : readValue(property, part.slice(start.length));
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Types whose literals, plain as they are, are written in parentheses as in a segment of their own. */
const UNQUOTED: ReadonlySet<string> = new Set([
  "Edm.Byte",
  "Edm.SByte",
  "Edm.Int16",
  "Edm.Int32",
  "Edm.Int64",
  "Edm.Guid",
  "Edm.Date",
]);

function readValue(property: Property, text: string): Scalar | undefined {
  const type = primitiveType(property);
  if (text.startsWith("'")) {
    const inner = text.slice(1, -1);
    const isText = text.length > 1 && text.endsWith("'") && type?.qualifiedName === "Edm.String" && isPlain(inner);
    return isText ? readText(property, inner) : undefined;
  }
  return type !== undefined && UNQUOTED.has(type.qualifiedName) && isPlain(text) ? readText(property, text) : undefined;
}

function readText(property: Property, text: string): Scalar | undefined {
  const type = primitiveType(property);
  return type === undefined ? undefined : readKeySegment(type, text);
}

function primitiveType({ type }: Property): PrimitiveType | undefined {
  if (type.kind === "typeDefinition") return type.underlyingType;
  return type.kind === "primitive" ? type : undefined;
}

/** Letters, digits, `-` and `_` only: nothing that is encoded, quoted, a system segment or a qualified name. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const plain = (c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c === 45 || (c >= 65 && c <= 90) || c === 95;
    if (!plain) return false;
  }
  return text.length > 0;
}
