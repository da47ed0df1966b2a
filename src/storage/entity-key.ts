import type { EntityMapping, SqlValue } from "../query/index.js";

/** An entity as its table and key. Only an entity that holds a foreign key has a key of several values. */
export interface EntityKey {
  readonly mapping: EntityMapping;
  readonly key: readonly SqlValue[];
}

/** The key as links hold it: as text, whatever its type. */
export function keyText({ key }: Pick<EntityKey, "key">): string {
  return String(key[0]);
}
