import type { SqlStatement } from "./plan.js";

/** Where the values stand in the rows of a read. */
export interface ReadColumns {
  /** The number of all entities, whatever the page: with `$count=true`. */
  readonly count: number | undefined;
  /** The text, as `wholeText` takes it; NULL in the only row of an empty page that is counted. */
  readonly text: number;
  /** The document that belongs to the text. */
  readonly document: number | undefined;
  /** The values that the row is sorted by, from here to the end of the row: with a keyset. */
  readonly order: number | undefined;
}

/** A statement that reads a resource, each row a text. */
export interface ReadStatement extends SqlStatement {
  readonly columns: ReadColumns;
}

/**
 * The layout of a statement.
 *
 * @param length how many columns there are for the text and what belongs to it
 */
export function readColumns(
  length: number,
  has: { readonly counted: boolean; readonly document: boolean; readonly keyset: boolean },
): ReadColumns {
  const text = has.counted ? 1 : 0;
  return {
    count: has.counted ? 0 : undefined,
    text,
    document: has.document ? text + 1 : undefined,
    order: has.keyset ? text + length : undefined,
  };
}
