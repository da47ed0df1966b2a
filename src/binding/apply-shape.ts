import type { EdmType, EntityType } from "../edm/index.js";
import type { BoundAggregate, BoundExpression, BoundGroup, RowMember, RowShape } from "./bound.js";
import { commonType, isType, primitive } from "./expression-types.js";
import { measure } from "./measure.js";

/** Rows that are entities as they are. */
export function entityRows(type: EntityType): RowShape {
  return { kind: "shape", entity: type, members: new Map() };
}

/** Rows that have nothing but what was made for them. */
export function madeRows(members: Iterable<RowMember>): RowShape {
  return { kind: "shape", entity: undefined, members: byName(members) };
}

/** The same rows with further members. */
export function extendedRows({ entity, members }: RowShape, further: Iterable<RowMember>): RowShape {
  return { kind: "shape", entity, members: new Map([...members, ...byName(further)]) };
}

/** @param made what its values are made of; absent where they are no larger than a number */
export function valueMember(
  name: string,
  type: EdmType | undefined,
  made: BoundExpression | undefined,
  collection = false,
): Extract<RowMember, { readonly kind: "value" }> {
  return { kind: "value", name, type, collection, parts: made === undefined ? 1 : measure(made).nodes };
}

/**
 * The member that an aggregate makes. Counts, and sums of integers, which may need more than 64 bits, are answered as whole
 * Decimals (Data Aggregation 4.0, section 3.2.1): one type for all rows that is able to hold them.
 */
export function aggregateMember({ name, method, type, expression }: BoundAggregate): RowMember {
  const member = valueMember(name, type, expression);
  const isWhole = method === "count" || method === "countdistinct" || (method === "sum" && isType(type, "Edm.Int64"));
  return isWhole ? { ...member, answered: primitive("Edm.Decimal") } : member;
}

function byName(members: Iterable<RowMember>): Map<string, RowMember> {
  return new Map([...members].map((member) => [member.name, member]));
}

/**
 * What groups have in common, in front of what comes of each group: Data Aggregation 4.0, section 3.2.3.1.
 *
 * @param inner what the transformations of each group make; absent where each group makes one row with nothing else
 */
export function groupedRows(groups: readonly BoundGroup[], inner: RowShape | undefined): RowShape {
  let members: ReadonlyMap<string, RowMember> = new Map();
  for (const { path, expression } of groups) {
    const type = expression.type?.kind === "shape" ? undefined : expression.type;
    members = within(members, path, type, expression);
  }
  return { kind: "shape", entity: inner?.entity, members: merged(members, inner?.members ?? new Map()) };
}

function within(
  members: ReadonlyMap<string, RowMember>,
  [name = "", ...rest]: readonly string[],
  type: EdmType | undefined,
  made: BoundExpression,
): ReadonlyMap<string, RowMember> {
  const known = members.get(name);
  const nested = known?.kind === "nested" ? known.shape.members : new Map<string, RowMember>();
  const member: RowMember =
    rest.length === 0
      ? valueMember(name, type, made)
      : { kind: "nested", name, shape: madeRows(within(nested, rest, type, made).values()) };
  return new Map([...members, [name, member]]);
}

function merged(
  groups: ReadonlyMap<string, RowMember>,
  inner: ReadonlyMap<string, RowMember>,
): ReadonlyMap<string, RowMember> {
  const result = new Map(groups);
  for (const [name, member] of inner) {
    const group = groups.get(name);
    const both = group?.kind === "nested" && member.kind === "nested";
    const members = both ? merged(group.shape.members, member.shape.members) : undefined;
    result.set(name, members === undefined ? member : { kind: "nested", name, shape: madeRows(members.values()) });
  }
  return result;
}

/** Rows of several shapes together; a text where they do not go together. */
export function unitedRows(shapes: readonly RowShape[]): RowShape | string {
  const entity = shapes.find((shape) => shape.entity !== undefined)?.entity;
  const members = new Map<string, RowMember>();
  for (const shape of shapes) {
    for (const [name, member] of shape.members) {
      if (shape.entity === undefined && entity !== undefined && declares(entity, name)) {
        return `entities together with rows grouped by their properties, such as '${name}'`;
      }
      const known = members.get(name);
      const together = known === undefined ? member : unitedMember(known, member);
      if (together === undefined) return `rows together in which '${name}' has values of different types`;
      members.set(name, together);
    }
  }
  return { kind: "shape", entity, members };
}

function unitedMember(one: RowMember, other: RowMember): RowMember | undefined {
  if (one.kind === "nested" && other.kind === "nested") {
    const shape = unitedRows([one.shape, other.shape]);
    return typeof shape === "string" ? undefined : { ...one, shape };
  }
  if (one.kind === "nested" || other.kind === "nested" || one.collection !== other.collection) return undefined;
  const parts = Math.max(one.parts ?? 1, other.parts ?? 1);
  if (one.type === other.type) return { ...one, answered: one.answered ?? other.answered, parts };
  const type = one.type === undefined || other.type === undefined ? undefined : commonType(one.type, other.type);
  return type === undefined ? undefined : { ...one, type, answered: undefined, parts };
}

/** True for the names of properties, those of derived types too. */
export function declares(type: EntityType, name: string): boolean {
  return [type, ...type.derivedTypes].some(
    ({ properties, navigationProperties }) => properties.has(name) || navigationProperties.has(name),
  );
}
