import { randomBytes } from "node:crypto";
import { notFound, ODataError } from "../errors/index.js";
import { mediaType } from "../format/media.js";
import { joinPieces, writeHttpResponse } from "../format/http-message.js";
import type { WholeResponse } from "../format/http-message.js";
import type { Preferences } from "../syntax/index.js";
import type { Awaitable } from "../storage/index.js";
import { AnswerBudget, wholeAnswer } from "./answer-body.js";
import { CancellableStore, Cancelled } from "./async-store.js";
import type { ServiceContext } from "./context.js";
import { errorContextOf, errorResponse, toODataError } from "./error-response.js";
import { agree, appliedPreferences, emptyResponse } from "./exchange.js";
import { methodNotAllowed } from "./methods.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import { MONITORS } from "./request.js";
import { translateStoreError } from "./store-errors.js";
import { errorVersion } from "./version.js";

/** What a service lets clients do who would rather not wait; each member has a default. */
export interface AsyncBehaviour {
  /**
   * How many requests may be under way or finished and not yet expired. Past that the preference is not applied, and requests
   * are answered when they are done. Default 100; 0 where no request is to be carried out asynchronously.
   */
  readonly maxRequests?: number;
  /** How many bytes the bodies of all answers that are kept may have together. Default 67108864 (64 MiB). */
  readonly maxAnswerBytes?: number;
  /** How long an answer is kept, in seconds; then its status monitor is gone. Default 3600. */
  readonly expirySeconds?: number;
  /** How long a client may let itself be kept waiting at most before its request becomes an asynchronous one, in seconds. Default 60. */
  readonly maxWaitSeconds?: number;
}

const DEFAULTS = { maxRequests: 100, maxAnswerBytes: 64 * 1024 * 1024, expirySeconds: 3_600, maxWaitSeconds: 60 };

/** Timers of Node hold 31 bits of milliseconds. */
const LONGEST_SECONDS = 2_000_000;

/** A request that is carried out while its client does something else. */
interface Job {
  readonly id: string;
  /** Whose request it is; nobody else gets to see its answer. */
  readonly owner: string | undefined;
  readonly store: CancellableStore;
  response: WholeResponse | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Carries out requests asynchronously: Protocol 4.01, section 11.6. Answers are kept in the memory of this process: a status
 * monitor is gone when the process ends, and another process on the same store does not know it.
 */
export class AsyncRequests {
  readonly #limits: typeof DEFAULTS;
  readonly #budget: AnswerBudget;
  readonly #jobs = new Map<string, Job>();

  /** @throws {RangeError} for a bound that is no whole number, or out of range */
  constructor(behaviour: AsyncBehaviour = {}) {
    const limits = { ...DEFAULTS };
    for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
      const value = behaviour[name] ?? DEFAULTS[name];
      const least = name === "maxRequests" || name === "maxWaitSeconds" ? 0 : 1;
      const most = name.endsWith("Seconds") ? LONGEST_SECONDS : Number.MAX_SAFE_INTEGER;
      if (!Number.isSafeInteger(value) || value < least || value > most)
        throw new RangeError(`async.${name} must be a whole number from ${least} to ${most}, not ${String(value)}.`);
      limits[name] = value;
    }
    this.#limits = limits;
    this.#budget = new AnswerBudget(limits.maxAnswerBytes);
  }

  /**
   * Answers a request whose client prefers `respond-async`: with 202 and the URL of a status monitor, or, where the client
   * says how long it waits and the request is done by then, with the request's own answer.
   *
   * @param work carries the request out
   */
  async answer(
    request: ODataRequest,
    { wait }: Preferences,
    context: ServiceContext,
    work: (context: ServiceContext) => Awaitable<ODataResponse>,
  ): Promise<ODataResponse> {
    const { version } = agree(request);
    if (this.#jobs.size >= this.#limits.maxRequests) return work(context);
    const id = randomBytes(24).toString("base64url");
    const store = new CancellableStore(context.store);
    const job: Job = { id, owner: request.client?.identity, store, response: undefined, timer: undefined };
    this.#jobs.set(id, job);
    const done = this.#carryOut(job, request, context, () => work({ ...context, store }));
    if (wait !== undefined && (await isDoneWithin(done, Math.min(wait, this.#limits.maxWaitSeconds)))) {
      this.#forget(job);
      const { status, headers, body } = job.response!;
      const applied = [headers["preference-applied"], `wait=${wait}`].filter((text) => text !== undefined).join(", ");
      return { status, headers: { ...headers, "preference-applied": applied }, body };
    }
    return emptyResponse(202, version, {
      ...monitorHeaders(request, job),
      ...appliedPreferences({ respondAsync: true, wait }),
    });
  }

  /**
   * Answers a request to a status monitor.
   *
   * @throws {ODataError} 404 for one that is not there (any more) or another client's; 409 where a request that has changed
   *   something is to be cancelled
   */
  monitor(request: ODataRequest, id: string): ODataResponse {
    const { version } = agree(request);
    const job = this.#jobs.get(id);
    if (job === undefined || job.owner !== request.client?.identity) {
      throw notFound("There is no such status monitor; it was cancelled, or its answer was not fetched in time.");
    }
    switch (request.method) {
      case "GET":
      case "HEAD":
        return job.response === undefined
          ? emptyResponse(202, version, monitorHeaders(request, job))
          : finished(job.response, request);
      case "DELETE":
        if (job.store.hasChanged) {
          throw new ODataError(
            409,
            "Conflict",
            "The request has changed something already, so it cannot be cancelled; its answer can still be read here.",
          );
        }
        this.#forget(job);
        job.store.cancel();
        return emptyResponse(204, version);
      default:
        throw methodNotAllowed(request.method, "GET, HEAD, DELETE");
    }
  }

  /** Gives up what is under way and forgets all answers. */
  close(): void {
    for (const job of [...this.#jobs.values()]) {
      job.store.cancel();
      this.#forget(job);
    }
  }

  async #carryOut(
    job: Job,
    request: ODataRequest,
    context: ServiceContext,
    work: () => Awaitable<ODataResponse>,
  ): Promise<void> {
    // The client is answered first: with a synchronous driver all the work may be one piece.
    await new Promise((resolve) => setImmediate(resolve));
    let response: WholeResponse;
    try {
      const isRead = request.method === "GET" || request.method === "HEAD";
      response = await wholeAnswer(await work(), this.#budget, isRead);
    } catch (thrown) {
      if (thrown instanceof Cancelled) return;
      const error = toODataError(translateStoreError(thrown, context));
      if (error.status >= 500 && error.cause !== undefined) request.client?.report(error.cause);
      const { status, headers, body } = errorResponse(error, errorContextOf(request.client));
      const text = body as string;
      this.#budget.left -= text.length;
      response = { status, headers: { "odata-version": errorVersion(request.headers), ...headers }, body: text };
    }
    job.response = response;
    // It was cancelled in the meantime.
    if (!this.#jobs.has(job.id)) this.#release(job);
    else job.timer = setTimeout(() => this.#forget(job), this.#limits.expirySeconds * 1_000).unref();
  }

  #forget(job: Job): void {
    if (!this.#jobs.delete(job.id)) return;
    clearTimeout(job.timer);
    this.#release(job);
  }

  #release({ response }: Job): void {
    this.#budget.left += response?.body?.length ?? 0;
  }
}

/** Seconds until a client should ask again. */
const RETRY_AFTER = 1;

function monitorHeaders({ serviceRoot }: ODataRequest, { id }: Job): Readonly<Record<string, string>> {
  return { location: `${serviceRoot}${MONITORS}/${id}`, "retry-after": String(RETRY_AFTER) };
}

async function isDoneWithin(done: Promise<void>, seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeOut = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1_000);
  });
  const isDone = await Promise.race([done.then(() => true), timeOut]);
  clearTimeout(timer);
  return isDone;
}

/**
 * The answer of a status monitor whose request is done. 4.0 has the whole answer in the body of this one, as a message of
 * its own; 4.01 the answer itself, with its status in a header, unless the client accepts such messages (Protocol 4.01,
 * section 11.6).
 */
function finished(response: WholeResponse, request: ODataRequest): ODataResponse {
  const { accept } = request.headers;
  const { version } = agree(request);
  const asyncResult = { asyncresult: String(response.status) };
  const takesMessages = accept === undefined ? version === "4.0" : acceptsMessages(accept);
  if (takesMessages) {
    const headers = { "content-type": "application/http", "odata-version": version, ...asyncResult };
    return { status: 200, headers, body: joinPieces(writeHttpResponse(response)) };
  }
  return { ...response, status: 200, headers: { ...response.headers, ...asyncResult } };
}

function acceptsMessages(accept: string): boolean {
  return accept
    .slice(0, 2_000)
    .split(",")
    .some((range) => mediaType(range).type === "application/http");
}
