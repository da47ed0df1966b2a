import type { WholeResponse } from "../format/http-message.js";
import { parseJson, writeJsonValue } from "../format/json-text.js";
import { decodeContent, isEncoded } from "../format/content-coding.js";
import { badRequest } from "../errors/index.js";
import type { AnswerBudget } from "./answer-body.js";
import { wholeAnswer } from "./answer-body.js";
import { Cancelled } from "./async-store.js";
import { failedDependency, Outcomes } from "./batch-references.js";
import type { Batch, BatchBody, BatchGroup, BatchRequest } from "./batch-payload.js";
import { batchUrl } from "./batch-url.js";
import type { ServiceContext } from "./context.js";
import { within } from "./context.js";
import type { ErrorContext } from "./error-response.js";
import { errorResponse, toODataError } from "./error-response.js";
import type { ODataRequest } from "./request.js";
import { serviceResource } from "./request.js";
import { translateStoreError } from "./store-errors.js";
import { errorVersion } from "./version.js";

/** A request of a batch with its answer. */
export interface RequestAnswer {
  readonly kind: "request";
  readonly request: BatchRequest;
  readonly response: WholeResponse;
}

/** The answers to an item of a batch. */
export type BatchAnswer =
  | RequestAnswer
  | {
      readonly kind: "group";
      readonly name: string | undefined;
      /** One for each request; where one failed, the others say so. */
      readonly answers: readonly RequestAnswer[];
      /** The answer of the request that failed, where one did. */
      readonly failure: WholeResponse | undefined;
    };

/** How a batch is carried out. */
export interface BatchTerms {
  /** The batch request itself. */
  readonly request: ODataRequest;
  /** Headers that requests have which do not have them themselves. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly continueOnError: boolean;
  readonly budget: AnswerBudget;
  /** How large the body of a request may become where it is encoded. */
  readonly maxBodyBytes: number;
  /** What the bodies of errors say of the request. */
  readonly errors: ErrorContext;
}

/** How long a batch may keep the process to itself, in milliseconds: reads can be answered without a turn of the event loop. */
const TURN = 10;

/** Headers that requests of a batch must not have: Protocol 4.01, section 11.7.7.1. */
const FORBIDDEN = ["authorization", "proxy-authorization", "expect", "from", "max-forwards", "range", "te"];

/** Headers of the batch that its requests inherit, besides `Accept` and `Prefer`: Protocol 4.01, section 8. */
const OF_THE_ENVELOPE = ["content-id", "content-length", "content-transfer-encoding", "host"];

/** Carries out the requests of a batch one after the other: Protocol 4.01, section 11.7.7.4, and JSON Format 4.01, section 19.5. */
export class BatchRun {
  readonly #batch: Batch;
  readonly #terms: BatchTerms;
  readonly #context: ServiceContext;
  readonly #outcomes = new Outcomes();
  #turn = performance.now();

  constructor(batch: Batch, terms: BatchTerms, context: ServiceContext) {
    this.#batch = batch;
    this.#terms = terms;
    this.#context = context;
  }

  /** @returns the answers in the order of the requests; those behind an error are missing where the batch ends with it */
  async run(): Promise<BatchAnswer[]> {
    const answers: BatchAnswer[] = [];
    for (const item of this.#batch.items) {
      const answer = item.kind === "group" ? await this.#group(item) : await this.#single(item.request);
      answers.push(answer);
      const hasFailed = answer.kind === "group" ? answer.failure !== undefined : answer.response.status >= 400;
      if (hasFailed && !this.#terms.continueOnError) return answers;
      if (performance.now() - this.#turn > TURN) await this.#yield();
    }
    return answers;
  }

  /** Lets others have their turn. */
  async #yield(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#turn = performance.now();
  }

  async #single(request: BatchRequest): Promise<RequestAnswer> {
    let response: WholeResponse;
    try {
      this.#checkDependencies(request);
      response = await this.#carryOut(request, this.#context, this.#outcomes);
    } catch (error) {
      response = this.#errorOf(error);
    }
    if (!isSuccess(response)) this.#outcomes.fail(request.id);
    return { kind: "request", request, response };
  }

  /**
   * All requests of a group in one transaction. Where the store has to begin it anew, all of them are carried out again, so
   * nothing that they have come to is kept outside of it.
   */
  async #group({ name, requests }: BatchGroup): Promise<BatchAnswer> {
    try {
      for (const request of requests) this.#checkDependencies(request);
      const done = await this.#context.store.transaction(async (transaction) => {
        const outcomes = new Outcomes(this.#outcomes);
        const context = within(transaction, this.#context);
        const answers: RequestAnswer[] = [];
        const { left } = this.#terms.budget;
        try {
          for (const request of requests) answers.push(await this.#member(request, context, outcomes));
        } catch (error) {
          this.#terms.budget.left = left;
          throw error;
        }
        return { outcomes, answers };
      });
      this.#outcomes.addAll(done.outcomes);
      return { kind: "group", name, answers: done.answers, failure: undefined };
    } catch (error) {
      return this.#failedGroup(name, requests, error);
    }
  }

  async #member(request: BatchRequest, context: ServiceContext, outcomes: Outcomes): Promise<RequestAnswer> {
    try {
      const response = await this.#carryOut(request, context, outcomes);
      // Whatever is answered without being thrown fails the group as well.
      if (response.status >= 400) throw new FailedMember(request, response);
      return { kind: "request", request, response };
    } catch (error) {
      if (error instanceof FailedMember || error instanceof Cancelled) throw error;
      throw new FailedMember(request, error);
    }
  }

  #failedGroup(name: string | undefined, requests: readonly BatchRequest[], error: unknown): BatchAnswer {
    if (error instanceof Cancelled) throw error;
    const member = error instanceof FailedMember ? error : undefined;
    const reason = member === undefined ? error : member.reason;
    const failure = isResponse(reason) ? reason : this.#errorOf(reason);
    const others = this.#errorOf(
      member === undefined ? error : failedDependency("Another request of the same group has failed."),
    );
    for (const { id } of requests) this.#outcomes.fail(id);
    this.#outcomes.fail(name);
    return {
      kind: "group",
      name,
      answers: requests.map((request) => ({
        kind: "request",
        request,
        response: request === member?.request ? failure : others,
      })),
      failure,
    };
  }

  /** @throws {ODataError} 424 where a request is not to be carried out */
  #checkDependencies({ dependsOn, condition }: BatchRequest): void {
    const failed = dependsOn.find((id) => this.#outcomes.hasFailed(id));
    if (condition !== undefined) {
      throw failedDependency("Conditions ('if') are not offered here, so the request is not carried out.");
    }
    if (failed !== undefined)
      throw failedDependency(`The request or group '${failed}', on which this one depends, has failed.`);
  }

  async #carryOut(part: BatchRequest, context: ServiceContext, outcomes: Outcomes): Promise<WholeResponse> {
    const request = await this.#requestOf(part, outcomes);
    request.client?.authorize(request.method, request.url);
    const answer = context.answer(request, context);
    const whole = wholeAnswer(
      answer instanceof Promise ? await answer : answer,
      this.#terms.budget,
      part.method === "GET",
    );
    const response = whole instanceof Promise ? await whole : whole;
    outcomes.add(part.id, { request, response });
    return response;
  }

  async #requestOf(part: BatchRequest, outcomes: Outcomes): Promise<ODataRequest> {
    const { request, inherited } = this.#terms;
    this.#checkReference(part);
    const url = batchUrl(outcomes.url(part.url), part.headers.host, { request, context: this.#context });
    if (serviceResource(url)?.kind === "batch") throw badRequest("A batch holds no other batches.");
    const headers: Record<string, string | undefined> = { ...inherited, ...part.headers };
    for (const name of FORBIDDEN) {
      if (part.headers[name] !== undefined) {
        throw badRequest(`The header ${name} is for the batch, not for the requests in it.`, { target: name });
      }
    }
    for (const name of OF_THE_ENVELOPE) delete headers[name];
    for (const name of ["if-match", "if-none-match"]) {
      const written = headers[name];
      if (written !== undefined && written.includes("$")) headers[name] = outcomes.etag(written);
    }
    const prefer = [part.headers.prefer, inherited.prefer].filter((text) => text !== undefined && text !== "");
    headers.prefer = prefer.length === 0 ? undefined : prefer.join(", ");
    let body = part.body;
    if (body?.kind === "bytes" && isEncoded(headers["content-encoding"])) {
      const bytes = await decodeContent(body.bytes, headers["content-encoding"], this.#terms.maxBodyBytes);
      body = { kind: "bytes", bytes };
    }
    delete headers["content-encoding"];
    return {
      method: part.method,
      url,
      headers,
      body: body === undefined ? undefined : bodyText(body, headers["content-type"], outcomes),
      serviceRoot: request.serviceRoot,
      client: request.client,
    };
  }

  /** In a JSON batch requests may be carried out in any order but for what they depend on: JSON Format 4.01, section 19.1. */
  #checkReference({ url, dependsOn, id }: BatchRequest): void {
    const referred = Outcomes.idIn(url);
    if (this.#batch.format !== "application/json" || referred === undefined || dependsOn.includes(referred)) return;
    for (const item of this.#batch.items) {
      if (item.kind !== "group" || !item.requests.some((request) => request.id === referred)) continue;
      // Those of a group are carried out in their order.
      if (dependsOn.includes(item.name!) || item.requests.some((request) => request.id === id)) return;
    }
    throw badRequest(`'$${referred}' refers to a request that is not listed in 'dependsOn'.`, { target: "dependsOn" });
  }

  #errorOf(thrown: unknown): WholeResponse {
    if (thrown instanceof Cancelled) throw thrown;
    const { request, errors } = this.#terms;
    const error = toODataError(translateStoreError(thrown, this.#context));
    if (error.status >= 500 && error.cause !== undefined) request.client?.report(error.cause);
    const { status, headers, body } = errorResponse(error, errors);
    return { status, headers: { "odata-version": errorVersion(request.headers), ...headers }, body: body as string };
  }
}

/** A request that makes its group fail. */
class FailedMember extends Error {
  override readonly name = "FailedMember";
  readonly request: BatchRequest;
  /** What it was answered, or what was thrown. */
  readonly reason: unknown;

  constructor(request: BatchRequest, reason: unknown) {
    super("A request of a group has failed.");
    this.request = request;
    this.reason = reason;
  }
}

function isResponse(reason: unknown): reason is WholeResponse {
  return (
    typeof reason === "object" &&
    reason !== null &&
    "status" in reason &&
    "headers" in reason &&
    !(reason instanceof Error)
  );
}

function isSuccess({ status }: WholeResponse): boolean {
  return status >= 200 && status < 300;
}

/** A body with its references replaced. */
function bodyText(body: BatchBody, type: string | undefined, outcomes: Outcomes): string | Buffer {
  if (body.kind === "json") return writeJsonValue(outcomes.body(body.value));
  // A parser costs more than a look.
  if (type?.includes("json") !== true || !body.bytes.includes('"$')) return body.bytes;
  return writeJsonValue(outcomes.body(parseJson(body.bytes.toString("utf8"))));
}
