import { badRequest } from "../errors/index.js";

/** The most characters of one item with all that is expanded in it: an item is made, and rewritten, in one piece. */
const LONGEST_ITEM = 32 * 1024 * 1024;
/** From so many characters on, items that are at hand are too much for one text. */
const LARGE = 32 * 1024 * 1024;
/** The most characters that the items of a page may have together, since a page is made in memory. */
const LARGEST_PAGE = 128 * 1024 * 1024;

/** @throws {ODataError} 400 for an item that is too long; a few levels of `$expand` may make it so */
export function checkItem(...texts: readonly (string | null | undefined)[]): void {
  let length = 0;
  for (const text of texts) length += text?.length ?? 0;
  if (length <= LONGEST_ITEM) return;
  throw badRequest(
    `An item of the answer has more than ${LONGEST_ITEM} characters, with what is expanded in it; expand or select less at once.`,
  );
}

/** Whether rows are better sent one after the other than made one text. */
export function isLarge(rows: readonly (readonly unknown[])[]): boolean {
  return charactersOf(rows) > LARGE;
}

/** @throws {ODataError} 400 for a page that is too large to be made */
export function checkPage(rows: readonly (readonly unknown[])[]): void {
  if (charactersOf(rows) <= LARGEST_PAGE) return;
  throw badRequest(
    `A page with ${rows.length} items has more than ${LARGEST_PAGE} characters; ask for smaller pages, or expand or select less.`,
  );
}

function charactersOf(rows: readonly (readonly unknown[])[]): number {
  let characters = 0;
  for (const row of rows) for (const value of row) if (typeof value === "string") characters += value.length;
  return characters;
}
