import type { EntitySegment } from "../binding/index.js";
import type { EntityType, NavigationProperty } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { ODataError } from "../errors/index.js";
import { notFound } from "../errors/index.js";
import type { EntityMapping, SqlValue } from "../query/index.js";
import { compileRow, parameterValues } from "../query/index.js";
import type { EntityKey, Transaction } from "../storage/index.js";
import { toSql } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import type { ResourceRequest, Route } from "./route.js";
import { SlotInput } from "./route.js";

/** A stored entity: what it is and which row it has. */
export interface Located {
  readonly type: EntityType;
  readonly mapping: EntityMapping;
  readonly key: readonly SqlValue[];
  /** Values of the further columns that were asked for. */
  readonly values: readonly unknown[];
}

/** Reads rows: the committed store, or a transaction. */
export type Reads = Pick<Transaction, "rows">;

/** Which part of a path is meant, and what is wanted of the row. */
export interface LocateOptions {
  /** How many of the path's segments; all where absent. */
  readonly length?: number;
  /** Further columns of the row. */
  readonly columns?: readonly string[];
  /** The route of the path, which keeps the statement for the next request; for a path that has one. */
  readonly route?: Route;
  /** What the request brings for the path's statement; made of the path's keys where absent. */
  readonly values?: SlotInput;
}

/** The entity that a path, or its first segments, lead to. */
export async function locate(
  segments: readonly EntitySegment[],
  context: ServiceContext,
  reads: Reads,
  { length = segments.length, columns = [], route, values }: LocateOptions = {},
): Promise<Located | undefined> {
  const declared = typeAt(segments, length);
  const mapping = context.mapping.entity(declared);
  const discriminator = mapping.discriminator === undefined ? [] : [mapping.discriminator.column];
  const compile = () => compileRow({ segments }, context.sql, [...mapping.key, ...discriminator, ...columns], length);
  const compiled = route === undefined ? compile() : route.statement(`row ${length} ${columns.join()}`, compile);
  const parameters = parameterValues(compiled, values ?? SlotInput.of(segments));
  const [row] = await reads.rows(compiled.text, parameters, compiled.functions);
  if (row === undefined) return undefined;
  const key = declared.key.map((property, index) => {
    const value = row[index] as SqlValue;
    // Integers come as texts: see compileRow.
    return mapping.columns.get(property.name)!.kind === "integer" ? toSql(value as string, "integer") : value;
  });
  const type =
    mapping.discriminator === undefined
      ? declared
      : mapping.discriminator.typeOf.get(row[mapping.key.length] as string)!;
  return { type, mapping, key, values: row.slice(mapping.key.length + discriminator.length) };
}

/** The type that the first segments of a path lead to. */
export function typeAt(segments: readonly EntitySegment[], length: number): EntityType {
  const typed = segments
    .slice(0, length)
    .findLast((segment) => segment.kind !== "filter" && segment.kind !== "ordinal");
  return (typed as Exclude<EntitySegment, { readonly kind: "filter" | "ordinal" }>).type;
}

/** The end of a tie that an entity makes. */
export function entityKey(located: Located): EntityKey {
  return { mapping: located.mapping, key: located.key };
}

/** A located entity's key as the values of its key properties. */
export function keyScalars(located: Located): Scalar[] {
  return keyScalarsOf(located.type, located.key);
}

/** The values of a type's key columns as those of its key properties. */
export function keyScalarsOf(type: EntityType, values: readonly unknown[]): Scalar[] {
  return type.key.map((property, index) => {
    const value = values[index] as Exclude<SqlValue, null>;
    const { qualifiedName } = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
    if (qualifiedName === "Edm.Boolean") return value === true || value === 1;
    if (qualifiedName === "Edm.DateTimeOffset") return `${String(value)}Z`;
    return typeof value === "bigint" ? String(value) : value;
  });
}

/**
 * Finds out why a path led to nothing, segment by segment. Only for requests that failed, so it may ask the store often.
 *
 * @returns the error, or `undefined` where only the last segment, a single-valued navigation property, leads to nothing:
 *   that is no error (Protocol 4.01, section 11.2.6)
 */
export async function explainMissing(
  { path: { segments }, values }: Pick<ResourceRequest, "path" | "values">,
  context: ServiceContext,
  reads: Reads,
): Promise<ODataError | undefined> {
  let owner: Located | undefined;
  for (let length = 1; length <= segments.length; length++) {
    const segment = segments[length - 1]!;
    const last = length === segments.length;
    switch (segment.kind) {
      case "entitySet":
      case "operation":
        break;
      case "singleton":
        owner = await locate(segments, context, reads, { length, values });
        if (owner === undefined) return notFound(`The singleton '${segment.singleton.name}' is not there.`);
        break;
      case "key": {
        owner = await locate(segments, context, reads, { length, values });
        if (owner === undefined) {
          const key = segment.values.map(String).join(", ").slice(0, 100);
          return notFound(`There is no '${segment.type.qualifiedName}' with the key '${key}' here.`, { target: key });
        }
        break;
      }
      case "filter":
      case "ordinal":
        break;
      case "cast":
        if (owner !== undefined && !isOrDerivesFrom(owner.type, segment.type)) {
          return notFound(`The entity is a '${owner.type.qualifiedName}', not a '${segment.type.qualifiedName}'.`, {
            target: segment.type.qualifiedName,
          });
        }
        break;
      case "navigation":
        if (owner !== undefined && declaredFor(owner.type, segment.alternatives) === undefined) {
          return noSuchNavigation(owner.type, segment.name);
        }
        if (segment.collection) {
          owner = undefined;
          break;
        }
        owner = await locate(segments, context, reads, { length, values });
        if (owner === undefined) {
          return last
            ? undefined
            : notFound(`The navigation property '${segment.name}' leads to no entity.`, { target: segment.name });
        }
    }
  }
  return undefined;
}

/** The declaration that an entity of a type has, out of those that a name can mean. */
export function declaredFor(
  type: EntityType,
  alternatives: readonly NavigationProperty[],
): NavigationProperty | undefined {
  return alternatives.find((alternative) => isOrDerivesFrom(type, alternative.declaringType));
}

/** 404 for a navigation property that some types have, but not the entity's own. */
export function noSuchNavigation(type: EntityType, name: string): ODataError {
  return notFound(`The entity is a '${type.qualifiedName}', which has no navigation property '${name}'.`, {
    target: name,
  });
}
