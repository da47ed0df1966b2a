import type { BoundExpand, BoundOptions, BoundSelect } from "../binding/index.js";
import type { EntityType } from "../edm/index.js";

/** The parts of a request's options that shape an entity. */
export type EntityShape = Pick<BoundOptions, "select" | "expand">;

/** Whether `$select`, where there is one, asks for a property of an entity or complex value. */
export function isSelected(select: BoundSelect | undefined, name: string): boolean {
  return (
    select === undefined ||
    select.all ||
    select.items.some((item) => item.kind === "property" && item.property.name === name && item.cast === undefined)
  );
}

/** Whether `$select` leaves out a part of the key, so that only `@odata.id` tells which entity it is. */
export function leavesOutKey({ select }: EntityShape, type: EntityType): boolean {
  return type.key.some((property) => !isSelected(select, property.name));
}

/** Whether the entities that `$expand` adds, at any depth, are left without their key or are to be references. */
export function expandsWithoutKey({ expand }: EntityShape): boolean {
  return expand.some(
    ({ navigation, what, options }) =>
      what === "references" ||
      (what === "entities" && (leavesOutKey(options, navigation.type) || expandsWithoutKey(options))),
  );
}

/** The same options, but all keys are read: an entity's URL is made of them. {@link isSelected} tells which were asked for. */
export function withKeysSelected<T extends EntityShape>(options: T, type: EntityType): T {
  const { select, expand } = options;
  return {
    ...options,
    select: select === undefined ? undefined : withKey(select, type),
    expand: expand.map((item): BoundExpand => ({
      ...item,
      options: withKeysSelected(item.options, item.navigation.type),
    })),
  };
}

function withKey(select: BoundSelect, type: EntityType): BoundSelect {
  const missing = type.key.filter((property) => !isSelected(select, property.name));
  if (missing.length === 0) return select;
  const items = missing.map((property) => ({
    kind: "property" as const,
    property,
    cast: undefined,
    select: undefined,
    options: undefined,
  }));
  const names = new Set(missing.map((property) => property.name));
  const others = select.items.filter((item) => item.kind !== "property" || !names.has(item.property.name));
  return { ...select, items: [...items, ...others] };
}
