import { ODataError } from "../errors/index.js";
import { parseIsolation } from "../syntax/index.js";
import { splitUrl } from "./canonical-query.js";
import { AnswerBudget, wholeAnswer } from "./answer-body.js";
import type { ServiceContext } from "./context.js";
import { within } from "./context.js";
import type { Terms } from "./exchange.js";
import type { ODataRequest, ODataResponse } from "./request.js";

/**
 * Whether a request asks for a snapshot (Protocol 4.01, section 8.2.6); 4.0 had the header with a prefix, and the one without
 * goes before it.
 *
 * @throws {ODataError} 400 for another isolation than `snapshot`
 */
export function wantsSnapshot({ headers }: Pick<ODataRequest, "headers">): boolean {
  const isolation = headers["isolation"] ?? headers["odata-isolation"];
  return isolation !== undefined && parseIsolation(isolation) === "snapshot";
}

/**
 * What a single request under snapshot isolation is answered with. A read is one statement, a write one serialisable
 * transaction, so both see one state of the store. Pages would not: they are separate requests, so none are cut.
 *
 * @throws {ODataError} 412 for a page that is asked for, and for changes since an earlier state: snapshots are not kept
 */
export function underSnapshot(request: ODataRequest, context: ServiceContext): ServiceContext {
  const [, query] = splitUrl(request.url);
  // Written in any case, with or without the dollar sign, plain or percent-encoded.
  if (/(?:skip|delta)token/i.test(query) || query.includes("%"))
    for (const name of optionNames(query))
      if (/^\$?(?:skip|delta)token$/i.test(name))
        throw noSnapshot(`'${name}' continues what an earlier request began.`);
  return { ...context, pageSize: () => undefined };
}

function optionNames(query: string): string[] {
  return query.split("&").map((option) => {
    const [name] = option.split("=", 1) as [string];
    try {
      return decodeURIComponent(name);
    } catch {
      return name;
    }
  });
}

/** The terms of a request under snapshot isolation: a page size that a client prefers is passed over. */
export function withoutPages(terms: Terms): Terms {
  const { maxpagesize: _passedOver, ...preferences } = terms.preferences;
  return { ...terms, preferences };
}

/** How much of an answer is read under a snapshot that has to be over when it is sent. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A read that takes several statements, in one transaction, so that all of them see the same; it is read to its end there. */
export function readAtOnce(
  context: ServiceContext,
  read: (context: ServiceContext) => Promise<ODataResponse>,
): Promise<ODataResponse> {
  return context.store.transaction(async (transaction) =>
    wholeAnswer(await read(within(transaction, context)), new AnswerBudget(MOST_BYTES), true),
  );
}

/** 412: a request under snapshot isolation that would not see one state of the store must not be carried out. */
export function noSnapshot(why: string): ODataError {
  return new ODataError(412, "PreconditionFailed", `Snapshot isolation cannot be held for this request: ${why}`, {
    target: "Isolation",
  });
}
