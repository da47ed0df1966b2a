import { randomUUID } from "node:crypto";
import { badRequest, ODataError } from "../errors/index.js";
import { mediaType, negotiateType } from "../format/media.js";
import { parseUri } from "../syntax/index.js";
import { AnswerBudget } from "./answer-body.js";
import { readJsonBatch, writeJsonBatch } from "./batch-json.js";
import { batchBoundary, readMultipartBatch, writeMultipartBatch } from "./batch-multipart.js";
import type { Batch, BatchFormat } from "./batch-payload.js";
import type { BatchAnswer, BatchTerms } from "./batch-run.js";
import { BatchRun } from "./batch-run.js";
import type { ServiceContext } from "./context.js";
import { within } from "./context.js";
import { errorContextOf } from "./error-response.js";
import { agree, appliedPreferences } from "./exchange.js";
import { noSnapshot, wantsSnapshot } from "./isolation.js";
import { methodNotAllowed } from "./methods.js";
import type { ODataRequest, ODataResponse } from "./request.js";

/** What a service takes of batch requests; each member has a default. */
export interface BatchBehaviour {
  /** How many requests a batch may have, those of change sets included. Default 1000. */
  readonly maxRequests?: number;
  /** How many bytes the bodies of all answers of a batch may have together; they are kept in memory. Default 67108864 (64 MiB). */
  readonly maxAnswerBytes?: number;
  /**
   * Whether an absolute path (`/Products`) that does not lie below the service root is taken as relative to it, as Microsoft
   * Graph does. By the standard it is relative to the host. Default false.
   */
  readonly pathsFromServiceRoot?: boolean;
}

const DEFAULTS = { maxRequests: 1_000, maxAnswerBytes: 64 * 1024 * 1024 };

/** How large an encoded body within a batch may become, where whoever takes the requests in does not say how large one may be. */
const MAX_DECODED = 4 * 1024 * 1024;

/**
 * Checks the behaviour that a service is started with.
 *
 * @throws {RangeError} for a bound that is no whole number from 1
 */
export function checkBatchBehaviour(behaviour: BatchBehaviour = {}): void {
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = behaviour[name] ?? DEFAULTS[name];
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`batch.${name} must be a whole number from 1, not ${String(value)}.`);
  }
}

/**
 * Answers a batch request (Protocol 4.01, section 11.7): the requests in it are read first, all of them, and then carried
 * out one after the other. What goes wrong with one of them is its own answer; the batch is 200.
 *
 * @throws {ODataError} 400 for a batch that is malformed, 406 and 415 for formats other than JSON and multipart/mixed, 412 where
 *   snapshot isolation cannot be held; nothing is carried out then
 */
export async function answerBatch(request: ODataRequest, context: ServiceContext): Promise<ODataResponse> {
  if (request.method !== "POST") throw methodNotAllowed(request.method, "POST");
  const { version, preferences } = agree(request);
  refuseHeaders(request, preferences.return);
  const written = request.headers["content-type"];
  const format = formatOf(written);
  const answered = negotiateType(request.headers.accept, formatOption(request), [
    format,
    format === "application/json" ? "multipart/mixed" : "application/json",
  ]);
  const { maxRequests, maxAnswerBytes } = { ...DEFAULTS, ...context.behaviour.batch };
  const body = request.body ?? "";
  const batch =
    format === "application/json"
      ? readJsonBatch(body.toString("utf8"), maxRequests)
      : readMultipartBatch(typeof body === "string" ? Buffer.from(body) : body, written!, maxRequests);
  const { continueOnError } = preferences;
  const terms: BatchTerms = {
    request,
    inherited: inheritedHeaders(request),
    // Multipart batches end with the first error, JSON batches go on, unless the client says otherwise.
    continueOnError: format === "application/json" ? continueOnError !== false : continueOnError === true,
    budget: new AnswerBudget(maxAnswerBytes),
    maxBodyBytes: request.client?.maxBodyBytes ?? MAX_DECODED,
    errors: errorContextOf(request.client),
  };
  const answers = await carryOut(batch, terms, context);
  const id = randomUUID();
  return {
    status: 200,
    headers: {
      "content-type": answered === "application/json" ? answered : `multipart/mixed; boundary=${batchBoundary(id)}`,
      "odata-version": version,
      ...appliedPreferences({ continueOnError }),
    },
    body: answered === "application/json" ? writeJsonBatch(answers, format) : writeMultipartBatch(answers, format, id),
  };
}

/** @throws {ODataError} 400 for headers that are for single requests: Protocol 4.01, sections 8.2.4, 8.2.5 and 8.2.8.7 */
function refuseHeaders({ headers }: ODataRequest, preferred: string | undefined): void {
  for (const name of ["If-Match", "If-None-Match"]) {
    if (headers[name.toLowerCase()] !== undefined)
      throw badRequest(`${name} is for single requests, not for a batch of them.`, { target: name });
  }
  if (preferred !== undefined)
    throw badRequest(`The preference return=${preferred} is for single requests, not for a batch of them.`, {
      target: "Prefer",
    });
}

function formatOf(contentType: string | undefined): BatchFormat {
  const type = contentType === undefined ? undefined : mediaType(contentType).type;
  if (type === "application/json" || type === "multipart/mixed") return type;
  throw new ODataError(
    415,
    "UnsupportedMediaType",
    "The Content-Type of a batch is application/json, or multipart/mixed with a boundary.",
    { target: "Content-Type" },
  );
}

/** `$format`, the only option that a batch request takes. */
function formatOption({ url }: ODataRequest): string | undefined {
  if (!url.includes("?")) return undefined;
  const { format, schemaversion: _ofItsRequests, aliases: _none, custom: _custom, ...others } = parseUri(url).options;
  const [option] = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (option === undefined) return format;
  throw badRequest(`$${option} is for single requests, not for a batch of them.`, { target: `$${option}` });
}

/** What the requests of a batch have from it where they say nothing themselves: Protocol 4.01, section 8. */
const INHERITED = [
  "odata-version",
  "odata-maxversion",
  "accept-charset",
  "accept-language",
  "isolation",
  "odata-isolation",
];

function inheritedHeaders(request: ODataRequest): BatchTerms["inherited"] {
  const { headers } = request;
  const inherited: Record<string, string | undefined> = {};
  for (const name of INHERITED) if (headers[name] !== undefined) inherited[name] = headers[name];
  const accept = inheritedAccept(headers.accept);
  if (accept !== undefined) inherited.accept = accept;
  const { includeAnnotations } = agree(request).preferences;
  if (includeAnnotations !== undefined) inherited.prefer = `include-annotations="${includeAnnotations}"`;
  return inherited;
}

/**
 * The formats that a batch accepts, for its requests. The format of the batch itself is among them, so what is not JSON, as
 * a count or the value of a property, is let pass.
 */
function inheritedAccept(accept: string | undefined): string | undefined {
  const ranges = (accept ?? "").split(",").filter((range) => !/^\s*(?:multipart\/|application\/http|$)/i.test(range));
  return ranges.length === 0 ? undefined : `${ranges.join(",")}, */*;q=0.1`;
}

/** @throws {ODataError} 412 for a batch under snapshot isolation that changes something */
async function carryOut(batch: Batch, terms: BatchTerms, context: ServiceContext): Promise<BatchAnswer[]> {
  if (!wantsSnapshot(terms.request)) return new BatchRun(batch, terms, context).run();
  const requests = batch.items.flatMap((item) => (item.kind === "group" ? item.requests : [item.request]));
  if (requests.some(({ method }) => method !== "GET")) {
    throw noSnapshot(
      "it changes something; a batch sees one state of the store only where all of its requests are GET.",
    );
  }
  // A serialisable transaction sees one state from its beginning to its end.
  return context.store.transaction((transaction) => new BatchRun(batch, terms, within(transaction, context)).run());
}
