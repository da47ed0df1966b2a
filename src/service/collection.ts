import type { ODataError } from "../errors/index.js";
import { BodyWriter } from "../format/body-writer.js";
import type { PageRequest, ReadColumns, ReadStatement } from "../query/index.js";
import { parameterValues, wholeText } from "../query/index.js";
import { checkPage, isLarge } from "./answer-size.js";
import type { AppliedPreferences } from "./exchange.js";
import type { Tracked } from "./delta-tracking.js";
import { appliedPreferences, jsonResponse } from "./exchange.js";
import type { Page } from "./paging.js";
import { pageOf } from "./paging.js";
import type { Reading } from "./reading.js";
import { rowsOf } from "./reading.js";
import type { ODataResponse } from "./request.js";
import type { RouteRequest } from "./route.js";
import { RowStream } from "./row-stream.js";
import { translateStoreError } from "./store-errors.js";

/** A collection that a request reads. */
export interface CollectionSource {
  /** How its pages can follow each other. */
  readonly pageable: "keyset" | "offset";
  /** How many items a page has where the service says so. */
  readonly pageSize: number | undefined;
  /** The statement of a page, or of the whole collection. */
  statement(page: PageRequest | undefined): ReadStatement;
  /** What the values of the order are needed for beside paging; then the statement has them always. */
  readonly ordered: boolean;
  /** The member `@odata.context`, or the empty text. */
  readonly context: string;
  /** Whether a row is an item; that of an empty page which is counted is none. */
  isItem(row: readonly unknown[], columns: ReadColumns): boolean;
  /** The JSON text of an item. */
  write(row: readonly unknown[], columns: ReadColumns): string;
  /** Whether an item's text is its row's text and document as they are. */
  readonly isAsStored: boolean;
  /** Why there is nothing, where that is an error. */
  missing(): Promise<ODataError | undefined>;
  /** The preferences that its items were written by. */
  readonly applied: AppliedPreferences;
  /** Changes of it are to be told, whether the client prefers that or not. */
  readonly isTracked?: boolean;
  /**
   * Begins to track it. Absent where it cannot be.
   *
   * @param since where its first page began
   */
  track?(since: string | undefined): Promise<Tracked | undefined>;
}

/** A collection with at most so many items is read at once; a larger one comes bit by bit. */
const AT_ONCE = 500;

/** From so many characters on a body is made in a buffer. */
const LONG = 16 * 1024;

/** Answers a request with a collection: whole in one text, as one page of several, or as a stream where it is large. */
export async function answerCollection(
  reading: Reading<RouteRequest>,
  source: CollectionSource,
): Promise<ODataResponse> {
  const page = pageOf(reading, source.pageable, source.pageSize);
  // A preference for changes counts on the first page only: Protocol 4.01, section 8.2.8.9.
  const isFirst = page?.continues !== true || page.since !== undefined;
  const trackChanges = isFirst ? reading.terms.preferences.trackChanges : undefined;
  const isTracked = trackChanges === true || source.isTracked === true || page?.since !== undefined;
  const tracked = isTracked ? await source.track?.(page?.since) : undefined;
  return answer(reading, trackChanges && tracked ? applying(source, { trackChanges }) : source, page, tracked);
}

function applying(source: CollectionSource, applied: AppliedPreferences): CollectionSource {
  return { ...source, applied: { ...source.applied, ...applied } };
}

async function answer(
  reading: Reading<RouteRequest>,
  source: CollectionSource,
  page: Page | undefined,
  tracked: Tracked | undefined,
): Promise<ODataResponse> {
  if (page !== undefined) return answerPage(reading, source, page, tracked);
  const { values } = reading.resource;
  if (values.top !== undefined && values.top <= AT_ONCE) {
    const statement = wholeStatement(source);
    const rows = await rowsOf(statement, reading);
    return isLarge(rows) ? stream(reading, source, tracked) : whole(reading, source, rows, statement.columns, tracked);
  }
  // Most collections are small, and a stream is more work for the store than a few rows.
  const beginning = source.statement({ keyset: source.ordered });
  const rows = await rowsOf(beginning, reading, values.forPage(AT_ONCE + 1, values.skip ?? 0, undefined));
  const isWhole = rows.length <= AT_ONCE && !isLarge(rows);
  return isWhole ? whole(reading, source, rows, beginning.columns, tracked) : stream(reading, source, tracked);
}

/** The statement of a collection that is not cut into pages. */
export function wholeStatement(source: CollectionSource): ReadStatement {
  return source.statement(source.ordered ? { keyset: true } : undefined);
}

async function stream(
  reading: Reading<RouteRequest>,
  source: CollectionSource,
  tracked: Tracked | undefined,
): Promise<ODataResponse> {
  const { context, resource, format, terms } = reading;
  const statement = wholeStatement(source);
  const { columns } = statement;
  const parameters = parameterValues(statement, resource.values);
  const batches = context.store.cursor(statement.text, parameters, statement.functions);
  try {
    // What goes wrong at once is still an answer of its own; behind the first byte only a broken connection tells.
    const beginning = await batches.next();
    const first = beginning.done === true ? [] : beginning.value;
    const count = columns.count === undefined ? undefined : first[0]![columns.count];
    const body = new RowStream(batches, {
      head: head(reading, source, count),
      first,
      write: (row, index) => `${index === 0 ? "" : ","}${source.write(row, columns)}`,
      tail: () => `]${deltaMember(tracked)}}`,
      explain: (error) => translateStoreError(error, context),
    });
    return jsonResponse(200, body, format, terms.version, appliedPreferences(source.applied));
  } catch (error) {
    await batches.return?.();
    throw error;
  }
}

async function whole(
  reading: Reading<RouteRequest>,
  source: CollectionSource,
  rows: readonly unknown[][],
  columns: ReadColumns,
  tracked: Tracked | undefined,
): Promise<ODataResponse> {
  const count = columns.count === undefined ? undefined : rows[0]![columns.count];
  return answerRows(reading, source, await itemsOf(source, rows, columns), undefined, { columns, count }, tracked);
}

async function answerPage(
  reading: Reading<RouteRequest>,
  source: CollectionSource,
  page: Page,
  tracked: Tracked | undefined,
): Promise<ODataResponse> {
  const statement = source.statement(page.request);
  const { columns } = statement;
  const rows = await rowsOf(statement, reading, page.values);
  checkPage(rows);
  const count = columns.count === undefined ? undefined : rows[0]![columns.count];
  return answerRows(reading, source, await itemsOf(source, rows, columns), page, { columns, count }, tracked);
}

/**
 * The answer with items that are all at hand.
 *
 * @param items those of a page, and one more where there is another page
 * @param page absent where the items are all that there are
 * @param found where the values stand in the items' rows, and how many items there are altogether, where that was asked for
 * @param tracked what stands behind the last item, where changes of the collection are to be told
 */
export function answerRows(
  reading: Reading<RouteRequest>,
  source: Pick<CollectionSource, "context" | "write" | "isAsStored" | "applied">,
  items: readonly (readonly unknown[])[],
  page: Page | undefined,
  { columns, count }: { readonly columns: ReadColumns; readonly count: unknown },
  tracked?: Tracked,
): ODataResponse {
  const { format, terms } = reading;
  const next = page?.nextLink(items, columns.order, tracked?.since);
  const shown = page === undefined || items.length <= page.size ? items : items.slice(0, page.size);
  const link = next === undefined ? deltaMember(tracked) : `,"@odata.nextLink":${JSON.stringify(next)}`;
  const asked = page !== undefined && terms.preferences.maxpagesize !== undefined;
  const applied = asked ? { ...source.applied, maxpagesize: page.size } : source.applied;
  const [start, end] = [head(reading, source, count), `]${link}}`];
  const body = source.isAsStored
    ? storedBody(start, shown, columns, end)
    : `${start}${shown.map((row) => source.write(row, columns)).join(",")}${end}`;
  return jsonResponse(200, body, format, terms.version, appliedPreferences(applied));
}

/** The delta link, in the place of a next link (Protocol 4.01, section 11.3). */
function deltaMember(tracked: Tracked | undefined): string {
  return tracked === undefined ? "" : `,"@odata.deltaLink":${JSON.stringify(tracked.deltaLink)}`;
}

/** A body whose items are as they are stored; long ones go into a buffer without being made one text first. */
function storedBody(
  start: string,
  rows: readonly (readonly unknown[])[],
  { text, document }: ReadColumns,
  end: string,
): string | Buffer {
  const documentOf = (row: readonly unknown[]) =>
    document === undefined ? undefined : ((row[document] as string | null) ?? undefined);
  let length = 0;
  for (const row of rows) length += (row[text] as string).length + (documentOf(row)?.length ?? 0) + 1;
  if (length < LONG)
    return `${start}${rows.map((row) => wholeText(row[text] as string, documentOf(row))).join(",")}${end}`;
  const writer = new BodyWriter(length).write(start);
  rows.forEach((row, index) => {
    if (index > 0) writer.write(",");
    const rest = documentOf(row);
    if (rest === undefined) writer.write(row[text] as string);
    else writer.writeObject(row[text] as string, rest);
  });
  return writer.write(end).end();
}

/** The rows that are items. */
async function itemsOf(
  source: CollectionSource,
  rows: readonly unknown[][],
  columns: ReadColumns,
): Promise<readonly unknown[][]> {
  const items = columns.count === undefined ? rows : rows.filter((row) => source.isItem(row, columns));
  if (items.length > 0) return items;
  // Whether nothing is there, or the path leads nowhere, is asked only where it matters.
  const error = await source.missing();
  if (error !== undefined) throw error;
  return items;
}

/** What stands in front of the items. */
function head({ format }: Reading<RouteRequest>, source: Pick<CollectionSource, "context">, count: unknown): string {
  const context = source.context === "" ? "" : `${source.context},`;
  if (count === undefined) return `{${context}"value":[`;
  return `{${context}"@odata.count":${format.ieee754 ? `"${String(count)}"` : String(count)},"value":[`;
}
