import type { ComplexType, EntityType, EnumType } from "../../edm/index.js";
import type { Decimal } from "./decimal.js";
import type { Temporal } from "./temporal.js";

/**
 * What an expression gives.
 *
 * - Edm.Boolean: a boolean; Edm.String, Edm.Guid, Edm.Binary: canonical text
 * - integers and Edm.Decimal: a {@link Decimal}; Edm.Single and Edm.Double: a number
 * - dates, times, instants, durations: a {@link Temporal}
 * - everything else: a class of this module
 */
export type Value = null | boolean | string | number | Decimal | Temporal | EnumValue | Geo | Structured | Collection;

export type Collection = readonly Value[];

/** What has members. */
export type Structured = Instance | Row | JsonObject;

/** A value of an enumeration type: the sum of its members' numbers. */
export class EnumValue {
  readonly type: EnumType;
  readonly number: bigint;

  constructor(type: EnumType, number: bigint) {
    this.type = type;
    this.number = number;
  }
}

/** A geo value as canonical GeoJSON text. */
export class Geo {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** How an {@link Instance} gets at its members; `data.ts` carries it out. */
export interface Members {
  /** Of a declared structural property. */
  property(name: string): Value;
  /** What a declared navigation property leads to. */
  navigation(name: string): Value;
  /** The names of the dynamic properties: those of an open type that it does not declare. */
  readonly dynamic: readonly string[];
  /** A dynamic property or an annotation of one, as it came. */
  raw(name: string): unknown;
}

/** An entity or a complex value. */
export class Instance {
  /** The actual type. */
  readonly type: EntityType | ComplexType;
  readonly members: Members;

  constructor(type: EntityType | ComplexType, members: Members) {
    this.type = type;
    this.members = members;
  }
}

/** A row that `$apply` made: an entity with members beside its properties, or members alone. */
export class Row {
  readonly entity: Instance | undefined;
  readonly members: ReadonlyMap<string, Value>;

  constructor(entity: Instance | undefined, members: ReadonlyMap<string, Value>) {
    this.entity = entity;
    this.members = members;
  }
}

/** A JSON object of an expression, or a dynamic value of an open type. */
export class JsonObject {
  readonly members: ReadonlyMap<string, Value>;
  /** The complex type that an expression gives it. */
  readonly type: ComplexType | undefined;
  /** The dynamic value of which it was made. */
  readonly raw: Readonly<Record<string, unknown>> | undefined;

  constructor(
    members: ReadonlyMap<string, Value>,
    { type, raw }: { readonly type?: ComplexType | undefined; readonly raw?: Readonly<Record<string, unknown>> },
  ) {
    this.members = members;
    this.type = type;
    this.raw = raw;
  }
}

export function isCollection(value: Value): value is Collection {
  return Array.isArray(value);
}

/** The entity that a value is, or that a row still is; null for everything else. */
export function entityOf(value: Value): Instance | null {
  if (value instanceof Row) return value.entity ?? null;
  return value instanceof Instance ? value : null;
}
