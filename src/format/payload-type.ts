import { isOrDerivesFrom, type Model, type StructuredType } from "../edm/model.js";
import { didYouMean } from "../errors/index.js";
import type { JsonValue } from "./json-text.js";

/** `@odata.type`, or `@type` as 4.01 has it: JSON Format 4.01, section 4.6.3. Both are understood in both versions. */
export function typeAnnotation(members: ReadonlyMap<string, JsonValue>): JsonValue | undefined {
  return members.get("@odata.type") ?? members.get("@type");
}

/**
 * The name of a type out of `#ns.T`, `ns.T` and `http://host/service/$metadata#ns.T`.
 *
 * @example typeName("#sales.customer") // "sales.customer"
 */
export function typeName(written: string): string {
  return written.slice(written.lastIndexOf("#") + 1);
}

/**
 * The type that a value says it has.
 *
 * @param annotation the value of `@odata.type`
 * @param expected a type of the same kind, for the message
 * @returns the type, or the message that says why it is none
 */
export function namedType<T extends StructuredType>(model: Model, annotation: JsonValue, expected: T): T | string {
  if (annotation.kind !== "string") {
    return `The value of '@odata.type' must be a string with the name of a type, for example '#${expected.qualifiedName}'.`;
  }
  const name = typeName(annotation.value);
  const type = model.types.get(name);
  if (type === undefined) {
    return `There is no type '${name.slice(0, 200)}'.${didYouMean(name, namesOf(model, expected.kind))}`;
  }
  if (type.kind === expected.kind) return type as T;
  return `The type '${name}' is no ${expected.kind} type; '${expected.qualifiedName}' or a type derived from it is expected.`;
}

function* namesOf(model: Model, kind: string): Iterable<string> {
  // By the types' own names: the map holds them under the alias of their schema as well.
  for (const [name, type] of model.types) if (type.kind === kind && type.qualifiedName === name) yield name;
}

/**
 * The actual type of a value: what it says, or else what it must be.
 *
 * @param expected the declared type
 * @param implied the type where the value says none: that of the value it changes, or the declared one
 * @param subject begins the message: `The body`, `The value of 'address'`
 * @returns a type that is not abstract, or the message that says what is wrong
 */
export function actualType<T extends StructuredType>(
  model: Model,
  members: ReadonlyMap<string, JsonValue>,
  expected: T,
  implied: T,
  subject: string,
): T | string {
  const annotation = typeAnnotation(members);
  if (annotation === undefined) {
    if (!implied.abstract) return implied;
    return (
      `${subject} must say its type with '@odata.type', because '${implied.qualifiedName}' is abstract` +
      `${examples(implied, "; for example '#", "' or '#", "'")}.`
    );
  }
  const type = namedType(model, annotation, expected);
  if (typeof type === "string") return type;
  if (!isOrDerivesFrom(type, expected)) {
    return `The type '${type.qualifiedName}' is not '${expected.qualifiedName}', which is expected here, nor derived from it.`;
  }
  if (!type.abstract) return type;
  return `The type '${type.qualifiedName}' is abstract and has no values${examples(type, "; use a type derived from it, for example '", "' or '", "'")}.`;
}

/** Up to three concrete types for a message, or nothing where there are none. */
function examples(type: StructuredType, before: string, between: string, after: string): string {
  const names = type.derivedTypes.filter((derived) => !derived.abstract).slice(0, 3);
  return names.length === 0 ? "" : before + names.map((derived) => derived.qualifiedName).join(between) + after;
}
