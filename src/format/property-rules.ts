import { RE2JS, RE2JSException } from "re2js";
import type { AnnotationValue, Model, Property, StructuredType } from "../edm/index.js";
import { annotationOf, annotationValue, ModelError, terms } from "../edm/index.js";
import { Decimal, Temporal } from "../query/memory/index.js";
import type { TemporalKind } from "../query/memory/index.js";
import { constantText } from "./defaults.js";

/**
 * Says what is wrong with a value.
 *
 * @param text canonical JSON text, not null
 * @returns what goes on after "The value of 'x' is wrong: ", or `undefined` where nothing is
 */
export type ValueCheck = (text: string) => string | undefined;

/** What annotations say of the values of a property, worked out once. */
export interface PropertyRules {
  /** Whether a client may give the value at creation, and change it later. Other values are passed over. */
  readonly insertable: boolean;
  readonly updatable: boolean;
  /** Of a single value, or of each item of a collection. */
  readonly checks: readonly ValueCheck[];
  /** Bounds of the number of items of a collection. */
  readonly minItems: number;
  readonly maxItems: number;
}

/** A model never changes, so neither do its rules. */
const known = new WeakMap<Property, PropertyRules>();

/**
 * What a client may write to a property: `Core.Computed`, `Core.Immutable`, `Core.Permissions`, and the terms of
 * `Org.OData.Validation.V1`, on the property or on the type definition that is its type.
 *
 * @throws {ModelError} where an annotation is not written as its term asks for
 * @example rulesOf(price).checks[0]?.("-1") // "-1 is less than 0, which is the least that is allowed"
 */
export function rulesOf(property: Property): PropertyRules {
  let rules = known.get(property);
  if (rules === undefined) known.set(property, (rules = readRules(property)));
  return rules;
}

/**
 * Reads the rules of all properties of a model, so that an annotation that makes no sense is told at the start.
 *
 * @throws {ModelError}
 */
export function checkRules({ schemas }: Model): void {
  const types: readonly StructuredType[] = schemas.flatMap(({ complexTypes, entityTypes }) => [
    ...complexTypes,
    ...entityTypes,
  ]);
  for (const { ownProperties } of types) ownProperties.forEach(rulesOf);
}

/**
 * Whether the client's value goes before the one that the service would make: `Core.ComputedDefaultValue` beside a
 * generated value.
 */
export function isDefaultOnly({ annotations }: Property): boolean {
  return annotations.length > 0 && isTrue(annotationValue(annotations, terms.computedDefaultValue));
}

function readRules(property: Property): PropertyRules {
  const { annotations, type } = property;
  const isMade = property.generated !== undefined || property.computed;
  const writable = (!isMade || isDefaultOnly(property)) && isPermitted(property);
  const read: Reader = (term) =>
    annotationValue(annotations, term) ??
    (type.kind === "typeDefinition" ? annotationValue(type.annotations, term) : undefined);
  return {
    insertable: writable,
    // What counts changes, or says when they were made, is the service's even where a client may begin it.
    updatable: writable && property.generated === undefined && !isTrue(annotationValue(annotations, terms.immutable)),
    checks: CHECKS.flatMap(([term, make]) => {
      const value = read(term);
      return value === undefined || value === null ? [] : [make(value, property, term)];
    }),
    minItems: itemCount(property, read, terms.minItems, 0),
    maxItems: itemCount(property, read, terms.maxItems, Infinity),
  };
}

type Reader = (term: string) => AnnotationValue | undefined;

function isTrue(value: AnnotationValue | undefined): boolean {
  return value !== undefined && value !== false;
}

/** `Core.Permissions`: members of a flags enumeration, in CSDL JSON as text or as their number. */
function isPermitted({ annotations }: Property): boolean {
  const value = annotationValue(annotations, terms.permissions);
  if (value === undefined || value === null) return true;
  if (typeof value === "number") return (value & WRITE) !== 0;
  return String(value)
    .split(/[\s,]+/)
    .some((name) => WRITING.has(name.slice(name.lastIndexOf("/") + 1)));
}

/** `Permission/Write` */
const WRITE = 2;
const WRITING: ReadonlySet<string> = new Set(["Write", "ReadWrite"]);

type Maker = (value: AnnotationValue, property: Property, term: string) => ValueCheck;

const CHECKS: readonly (readonly [term: string, make: Maker])[] = [
  [terms.pattern, patternCheck],
  [terms.minimum, boundCheck(-1, ["less than", "greater than"], "the least")],
  [terms.maximum, boundCheck(1, ["greater than", "less than"], "the greatest")],
  [terms.multipleOf, multipleCheck],
  [terms.allowedValues, allowedCheck],
];

/** Matched in linear time, whatever the pattern and the value are. */
function patternCheck(value: AnnotationValue, property: Property, term: string): ValueCheck {
  if (typeof value !== "string") throw wrong(property, term, "it takes a text");
  let pattern: RE2JS;
  try {
    // The pattern is ECMAScript's, which writes some characters in other ways.
    pattern = RE2JS.compile(RE2JS.translateRegExp(value));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw wrong(property, term, error.message);
  }
  return (text) => {
    const written = plain(text);
    return pattern.matcher(written).find() ? undefined : `${shown(written)} does not match the pattern ${value}`;
  };
}

function boundCheck(side: -1 | 1, [beyond, within]: readonly [string, string], most: string): Maker {
  return (value, property, term) => {
    const order = orderOf(property);
    if (order === undefined) throw wrong(property, term, "values of its type have no order");
    const bound = constant(value, property, term);
    if (/^"-?INF"$|^"NaN"$/.test(bound)) throw wrong(property, term, "it takes a finite number");
    const compare = order(bound);
    const exclusive = isExclusive(property, term);
    return (text) => {
      const found = Math.sign(compare(text));
      if (found === side) return `${shown(plain(text))} is ${beyond} ${plain(bound)}, which is ${most} that is allowed`;
      return found === 0 && exclusive ? `${shown(plain(text))} has to be ${within} ${plain(bound)}` : undefined;
    };
  };
}

/** `Validation.Exclusive` on the bound's own annotation: the bound itself is not allowed. */
function isExclusive({ annotations, type }: Property, term: string): boolean {
  const declared =
    annotationOf(annotations, term) ??
    (type.kind === "typeDefinition" ? annotationOf(type.annotations, term) : undefined);
  return isTrue(annotationValue(declared?.annotations ?? [], terms.exclusive));
}

/** How a value stands to a bound: less than, equal to or greater than 0. */
type Order = (bound: string) => (text: string) => number;

function orderOf(property: Property): Order | undefined {
  const { qualifiedName } = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
  const kind = TEMPORAL.get(qualifiedName);
  if (kind !== undefined) {
    return (bound) => {
      const limit = Temporal.parse(kind, plain(bound)).picoseconds;
      return (text) => Number(Temporal.parse(kind, plain(text)).picoseconds - limit);
    };
  }
  if (!NUMERIC.has(qualifiedName)) return undefined;
  return (bound) => {
    const limit = Decimal.parse(bound);
    // Infinities and NaN are texts; NaN is neither less than anything nor greater.
    return (text) => (text.startsWith('"') ? infinite(plain(text)) : Decimal.parse(text).compare(limit));
  };
}

function infinite(text: string): number {
  return text === "INF" ? 1 : text === "-INF" ? -1 : 0;
}

const TEMPORAL: ReadonlyMap<string, TemporalKind> = new Map([
  ["Edm.Date", "date"],
  ["Edm.TimeOfDay", "timeOfDay"],
  ["Edm.DateTimeOffset", "instant"],
  ["Edm.Duration", "duration"],
]);

const NUMERIC: ReadonlySet<string> = new Set(
  ["Byte", "SByte", "Int16", "Int32", "Int64", "Decimal", "Single", "Double"].map((name) => `Edm.${name}`),
);

function multipleCheck(value: AnnotationValue, property: Property, term: string): ValueCheck {
  const text = String(value);
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw wrong(property, term, "it takes a positive number");
  const divisor = Decimal.parse(text);
  if (divisor.isZero) throw wrong(property, term, "it takes a positive number");
  return (given) =>
    !given.startsWith('"') && Decimal.parse(given).remainder(divisor).isZero
      ? undefined
      : `${shown(plain(given))} is no multiple of ${text}`;
}

/** A collection of records with the member `Value`. */
function allowedCheck(value: AnnotationValue, property: Property, term: string): ValueCheck {
  if (!Array.isArray(value)) throw wrong(property, term, "it takes a collection");
  const allowed = (value as readonly AnnotationValue[]).map((item) => {
    const record = typeof item === "object" && item !== null && !Array.isArray(item) ? item : {};
    const { Value: one } = record as { readonly [name: string]: AnnotationValue };
    if (one === undefined) throw wrong(property, term, "its items are records with a member 'Value'");
    return one === null ? "null" : constant(one, property, term);
  });
  const texts = new Set(allowed);
  const names = allowed.slice(0, MOST_NAMED).map(plain).join(", ");
  const others = allowed.length > MOST_NAMED ? ` and ${allowed.length - MOST_NAMED} more` : "";
  return (text) =>
    texts.has(text) ? undefined : `${shown(plain(text))} is not among the allowed values ${names}${others}`;
}

const MOST_NAMED = 10;

function itemCount(property: Property, read: Reader, term: string, otherwise: number): number {
  const value = read(term);
  if (value === undefined || value === null) return otherwise;
  const count = Number(value);
  if (Number.isInteger(count) && count >= 0) return count;
  throw wrong(property, term, "it takes a whole number from 0");
}

/** The canonical JSON text of a constant of the property's type. */
function constant(value: AnnotationValue, property: Property, term: string): string {
  const { type } = property;
  if (type.kind !== "complex" && typeof value !== "object") {
    try {
      return constantText(type, value);
    } catch (error) {
      throw wrong(property, term, error instanceof Error ? error.message : String(error));
    }
  }
  throw wrong(property, term, "it takes a value of the property's type");
}

/** A value as messages show it. */
function plain(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

function shown(text: string): string {
  return `'${text.slice(0, 100)}'`;
}

function wrong({ declaringType, name }: Property, term: string, why: string): ModelError {
  return new ModelError(
    `The annotation ${term} of '${declaringType.qualifiedName}/${name}' cannot be read: ${why.replace(/\.$/, "")}.`,
  );
}
