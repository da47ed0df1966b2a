import { badRequest } from "../errors/index.js";
import type { PageRequest } from "../query/index.js";
import { canonicalRequest, splitUrl, withoutOptions } from "./canonical-query.js";
import type { Reading } from "./reading.js";
import type { RouteRequest, SlotInput } from "./route.js";
import type { PageStart } from "./skip-token.js";

/** The most items of a page: a page is made in memory. */
const MAX_PAGE = 5_000;
/** A next link that is much longer is refused by many a server, ours included. */
export const LONGEST_REQUEST = 8_000;

/** A page of a collection that is answered part by part: Protocol 4.01, section 11.2.6.7. */
export class Page {
  /** How many items it has at most. */
  readonly size: number;
  /** What the statement has to know. */
  readonly request: PageRequest;
  /** What the statement's slots take. */
  readonly values: SlotInput;
  /** See {@link PageStart.since}. */
  readonly since: string | undefined;
  /** Whether another page goes before this one. */
  readonly continues: boolean;
  readonly #reading: Reading<RouteRequest>;
  readonly #bound: string;
  readonly #remaining: number | undefined;
  readonly #passed: number;

  constructor(
    reading: Reading<RouteRequest>,
    size: number,
    pageable: "keyset" | "offset",
    start: PageStart | undefined,
    bound: string,
  ) {
    const { values } = reading.resource;
    this.size = size;
    this.#reading = reading;
    this.#bound = bound;
    this.#remaining = start === undefined ? values.top : start.remaining;
    this.#passed = start?.passed ?? values.skip ?? 0;
    this.since = start?.since;
    this.continues = start !== undefined;
    const after = start?.after;
    const keyset = start === undefined ? pageable === "keyset" : after !== undefined;
    this.request = { keyset, after: after?.map((value) => value === null) };
    // One more than the page has tells whether there is another.
    const limit = this.#remaining === undefined ? size + 1 : Math.min(size + 1, this.#remaining);
    this.values = values.forPage(limit, this.#passed, after);
  }

  /**
   * The next link, where there are more items than those of this page.
   *
   * @param rows those that were read, the one too many among them
   * @param order where the values start that the rows are sorted by; absent where there are none
   * @param since where the answer began, where it is tracked
   */
  nextLink(
    rows: readonly (readonly unknown[])[],
    order: number | undefined,
    since: string | undefined,
  ): string | undefined {
    if (rows.length <= this.size) return undefined;
    const { request, context } = this.#reading;
    const start: PageStart = {
      size: this.size,
      remaining: this.#remaining === undefined ? undefined : this.#remaining - this.size,
      passed: this.#passed + this.size,
      after: order === undefined ? undefined : (rows[this.size - 1]!.slice(order) as PageStart["after"]),
      since,
    };
    const token = context.skipTokens.write(start, this.#bound);
    const [path, query] = splitUrl(request.url);
    const others = withoutOptions(query, "skiptoken");
    return `${request.serviceRoot}${path.replace(/^\/+/, "")}?${others === "" ? "" : `${others}&`}$skiptoken=${token}`;
  }
}

/**
 * The page that a request for a collection is answered with.
 *
 * @param most how many items a page has where the service says so
 * @returns `undefined` where the whole of it is
 * @throws {ODataError} 400 for a `$skiptoken` that was not made for this request
 */
export function pageOf(
  reading: Reading<RouteRequest>,
  pageable: "keyset" | "offset",
  most: number | undefined,
): Page | undefined {
  const { resource, request, terms, context } = reading;
  const { skiptoken } = resource.values;
  const asked = terms.preferences.maxpagesize;
  if (skiptoken === undefined) {
    const size = Math.min(asked ?? MAX_PAGE, most ?? MAX_PAGE, MAX_PAGE);
    // What fits into one page needs none.
    if (asked === undefined && resource.values.top !== undefined && resource.values.top <= size) return undefined;
    // A request that is too long to be repeated as a link is answered whole.
    if ((asked ?? most) === undefined || request.url.length > LONGEST_REQUEST) return undefined;
    return new Page(reading, size, pageable, undefined, canonicalRequest(request.url));
  }
  const bound = canonicalRequest(request.url);
  const start = context.skipTokens.read(skiptoken, bound);
  const size = Math.min(asked ?? start.size, most ?? MAX_PAGE, MAX_PAGE);
  return new Page(reading, size, pageable, start, bound);
}

/** Refuses `$skiptoken` where there are no pages. */
export function refuseSkipToken({ values }: Pick<RouteRequest, "values">): void {
  if (values.skiptoken === undefined) return;
  throw badRequest("$skiptoken is for reading collections that are answered page by page; this is none.", {
    target: "$skiptoken",
  });
}
