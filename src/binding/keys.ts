import type { AlternateKey, EntityType, NavigationProperty, Property } from "../edm/index.js";
import { PrimitiveValueError, readEnumLiteral, readKeySegment, readLiteral } from "../edm/primitives/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { badRequest, didYouMean } from "../errors/index.js";
import type { Expression, LiteralForm, SegmentArguments } from "../syntax/index.js";
import type { EntitySegment, KeySegment } from "./bound.js";
import type { LiteralCollector } from "./literals.js";
import { short } from "./short.js";

/** What the parameter aliases in keys stand for. */
export interface KeyAliases {
  /** By name with the `@`; none where absent. */
  readonly aliases?: ReadonlyMap<string, Expression>;
  /** Is told of literals that are keys: a plan that leaves a literal open must not have it in its path. */
  readonly literals?: Pick<LiteralCollector, "refuse">;
}

/** The collection that a key picks an entity of, and what its path tells of the key already. */
export interface KeyedCollection {
  readonly type: EntityType;
  /** Of the entity set, beside those of the type. */
  readonly alternateKeys: readonly AlternateKey[];
  /** Values of key properties that the path in front of the collection fixes: see {@link impliedKey}. */
  readonly implied: ReadonlyMap<Property, Scalar>;
}

/**
 * Reads a key predicate: `('a')`, `(ID=1,Language='de')`, `(SKU='x')` of an alternate key, `(@k)` (URL Conventions 4.01,
 * sections 4.3 and 5.3).
 *
 * @throws {ODataError} 400 where it is no key of the type
 */
export function bindKey(
  { type, alternateKeys, implied }: KeyedCollection,
  predicate: SegmentArguments,
  target: string,
  aliases: KeyAliases,
): KeySegment {
  const open = type.key.filter((property) => !implied.has(property));
  const segment = (values: ReadonlyMap<Property, Scalar>): KeySegment => ({
    kind: "key",
    type,
    properties: type.key,
    values: type.key.map((property) => values.get(property) ?? implied.get(property)!),
  });
  if (predicate.value !== undefined) {
    const [single, ...others] = open;
    if (single === undefined || others.length > 0) throw notAKey(type, alternateKeys, target);
    return segment(new Map([[single, keyLiteral(single, predicate.value, aliases)]]));
  }
  const given = new Map(predicate.named.map((argument) => [argument.name, argument.value]));
  if (given.size !== predicate.named.length || given.size === 0) throw notAKey(type, alternateKeys, target);
  const names = [...given.keys()];
  const key = new Map(type.key.map((property) => [property.name, property]));
  if (names.every((name) => key.has(name)) && open.every((property) => given.has(property.name))) {
    return segment(
      new Map(names.map((name) => [key.get(name)!, keyLiteral(key.get(name)!, given.get(name)!, aliases)])),
    );
  }
  const alternate = [...alternateKeys, ...type.alternateKeys].find(
    ({ properties }) => properties.size === given.size && names.every((name) => properties.has(name)),
  );
  if (alternate === undefined) throw notAKey(type, alternateKeys, target, names);
  return {
    kind: "key",
    type,
    properties: [...alternate.properties.values()],
    values: [...alternate.properties].map(([name, property]) => keyLiteral(property, given.get(name)!, aliases)),
  };
}

/** How many segments of a path make a key where it stands without parentheses. */
export function keySegmentCount({ type, implied }: KeyedCollection): number {
  return type.key.filter((property) => !implied.has(property)).length;
}

/**
 * Reads keys that stand as path segments of their own (URL Conventions 4.01, section 4.3.6). Properties that the path
 * fixes have no segment.
 *
 * @param texts as many as {@link keySegmentCount} says
 */
export function bindKeySegments({ type, implied }: KeyedCollection, texts: readonly string[]): KeySegment {
  let next = 0;
  const values = type.key.map((property) => implied.get(property) ?? keyValue(property, texts[next++]!));
  return { kind: "key", type, properties: type.key, values };
}

/**
 * The key values of related entities that a referential constraint ties to the entity that a path comes from (URL
 * Conventions 4.01, section 4.3.3), where that entity's own key stands in the path.
 *
 * @param bound the path up to the navigation property, which is not part of it
 */
export function impliedKey(
  navigation: NavigationProperty,
  bound: readonly EntitySegment[],
): ReadonlyMap<Property, Scalar> {
  const { partner, type } = navigation;
  const constraints = partner === undefined ? [] : type.navigationProperties.get(partner)?.referentialConstraints;
  const principal = bound.findLast((segment) => segment.kind !== "cast");
  const values = new Map<Property, Scalar>();
  if (principal?.kind !== "key") return values;
  for (const { property, referencedProperty } of constraints ?? []) {
    const dependent = type.key.find(({ name }) => name === property);
    const at = principal.properties.findIndex(({ name }) => name === referencedProperty);
    if (dependent !== undefined && at >= 0) values.set(dependent, principal.values[at]!);
  }
  // A key of which nothing is left could not be written.
  return values.size < type.key.length ? values : new Map();
}

/** How a key of a type is written: `(value)`, `(ID=value,Language=value)`. */
export function keyPattern(type: EntityType): string {
  return type.key.length === 1 ? "(value)" : namedPattern(type.key.map(({ name }) => name));
}

function namedPattern(names: Iterable<string>): string {
  return `(${[...names].map((name) => `${name}=value`).join(",")})`;
}

function notAKey(
  type: EntityType,
  alternateKeys: readonly AlternateKey[],
  target: string,
  written: readonly string[] = [],
) {
  const alternates = [...alternateKeys, ...type.alternateKeys];
  const patterns = [keyPattern(type), ...alternates.map(({ properties }) => namedPattern(properties.keys()))];
  const known = [
    ...type.key.map(({ name }) => name),
    ...alternates.flatMap(({ properties }) => [...properties.keys()]),
  ];
  const unknown = written.find((name) => !known.includes(name));
  return badRequest(
    `A key of '${type.qualifiedName}' is written ${patterns.join(" or ")}.${unknown === undefined ? "" : didYouMean(unknown, known)}`,
    { target: short(target) },
  );
}

function keyLiteral(property: Property, expression: Expression, { aliases, literals }: KeyAliases): Scalar {
  const value = expression.kind === "Alias" ? aliases?.get(expression.name) : expression;
  if (expression.kind === "Alias" && value === undefined) {
    throw badRequest(`The parameter alias '${short(expression.name)}' of a key has no value.`, {
      target: expression.name,
    });
  }
  if (value?.kind === "Unary" && value.operator === "-" && value.operand.kind === "Literal") {
    const { form, value: text } = value.operand;
    literals?.refuse(value.operand);
    return keyValue(property, `-${text}`, form);
  }
  if (value?.kind !== "Literal" || value.form === "null") {
    throw badRequest(`The key '${property.name}' must be a literal that is not null.`, { target: property.name });
  }
  literals?.refuse(value);
  return keyValue(property, value.value, value.form);
}

/** @param form how the value is written; absent where it is a path segment of its own */
function keyValue(property: Property, text: string, form?: LiteralForm): Scalar {
  const type = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
  let value: Scalar | undefined;
  try {
    if (type.kind === "enum") value = readEnumLiteral(type, form ?? "string", text);
    if (type.kind === "primitive") {
      value = form === undefined ? readKeySegment(type, text) : readLiteral(type, form, text);
    }
  } catch (error) {
    if (!(error instanceof PrimitiveValueError)) throw error;
    throw badRequest(`The key '${short(text)}' ${error.message}`, { target: property.name });
  }
  if (value !== undefined) return value;
  const example = type.qualifiedName === "Edm.String" ? " Put a text in single quotes." : "";
  throw badRequest(`The key '${short(text)}' is no value of type ${property.type.qualifiedName}.${example}`, {
    target: property.name,
  });
}
