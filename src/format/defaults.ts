import type { ComplexType, PrimitiveType, Property } from "../edm/model.js";
import { isStream } from "../edm/model.js";
import {
  PrimitiveValueError,
  readEnumJson,
  readJson,
  readKeySegment,
  writeJson,
  zeroValue,
  type JsonScalar,
  type Scalar,
} from "../edm/primitives/index.js";
import type { AnnotationValue } from "../edm/source.js";
import { escapeJson } from "./json-text.js";

/** A model never changes, so neither do its defaults. */
const known = new WeakMap<Property, string>();

/**
 * Canonical JSON text of the value that a property takes when a client gives none: its declared default, else null where
 * it may be null, else the empty collection, the object of defaults, or the zero of its type.
 *
 * @throws Error where the model declares a default that its own type does not take
 * @example defaultText(displayName) // "null"
 */
export function defaultText(property: Property): string {
  let text = known.get(property);
  if (text === undefined) {
    text = makeDefault(property, []);
    known.set(property, text);
  }
  return text;
}

/** @param within the complex types that are being made, since a type may hold itself */
function makeDefault(property: Property, within: readonly ComplexType[]): string {
  const { type, collection, nullable, defaultValue } = property;
  if (!isStored(property)) return "null";
  // A null as a default says no more than that there is none.
  if (defaultValue !== undefined && defaultValue !== null) return declaredDefault(property, defaultValue);
  // `Nullable` of a collection speaks of its items; the collection itself is never null (CSDL 4.01, section 7.2.1).
  if (collection) return "[]";
  if (nullable) return "null";
  if (type.kind !== "complex") return zeroValue(type);
  const concrete = type.abstract ? type.derivedTypes.find((derived) => !derived.abstract) : type;
  return concrete === undefined || within.includes(concrete) ? "null" : complexText(concrete, type, within);
}

function complexText(type: ComplexType, declared: ComplexType, within: readonly ComplexType[]): string {
  const members: string[] = [];
  if (type !== declared) members.push(`"@odata.type":"#${type.qualifiedName}"`);
  for (const property of type.properties.values()) {
    if (!isStored(property)) continue;
    members.push(`${escapeJson(property.name)}:${makeDefault(property, [...within, type])}`);
  }
  return `{${members.join(",")}}`;
}

/** Streams live beside the document, at a URL of their own. */
export function isStored(property: Property): boolean {
  return !isStream(property);
}

function declaredDefault(property: Property, value: AnnotationValue): string {
  const { type, collection } = property;
  if (collection || type.kind === "complex" || typeof value === "object") return JSON.stringify(value);
  try {
    return constantText(type, value);
  } catch (error) {
    if (!(error instanceof PrimitiveValueError)) throw error;
    const where = `${property.declaringType.qualifiedName}/${property.name}`;
    throw new Error(`The default of the property '${where}' is wrong: ${error.message}.`, { cause: error });
  }
}

/**
 * The canonical JSON text of a constant that the model states.
 *
 * @throws PrimitiveValueError where it is none of the type
 */
export function constantText(
  type: Exclude<Property["type"], ComplexType>,
  value: Exclude<AnnotationValue, object | null>,
): string {
  const given: JsonScalar = typeof value === "number" ? { text: String(value) } : value;
  if (type.kind === "enum") return escapeJson(readEnumJson(type, given));
  const primitive = type.kind === "primitive" ? type : type.underlyingType;
  return writeJson(primitive, scalarDefault(primitive, given));
}

/** CSDL XML writes every default as text (`primitiveValue` of the ABNF), so text stands for numbers and Booleans, too. */
function scalarDefault(type: PrimitiveType, given: JsonScalar): Scalar {
  const fromText = typeof given === "string" ? readKeySegment(type, given) : undefined;
  return fromText ?? readJson(type, {}, given);
}
