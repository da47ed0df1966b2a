import type { BoundOptions } from "../binding/index.js";
import type { EntityType, Model } from "../edm/index.js";
import { ODataError } from "../errors/index.js";
import { compileRead, parameterValues } from "../query/index.js";
import type { ServiceBehaviour, ServiceContext } from "./context.js";
import { etagOf, isKnown, matches } from "./etag.js";
import type { Reads } from "./locate.js";
import { typeAt } from "./locate.js";
import { isGet } from "./methods.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest } from "./route.js";

/** What of a request says which entity its conditions are about. */
export type Conditional = Pick<ResourceRequest, "path" | "route" | "values">;

/**
 * Checks `If-Match` and `If-None-Match` of a request that changes an entity that is there, or something of it: Protocol 4.01,
 * sections 8.2.4 and 8.2.5. Where the entity has no ETag, whoever names one wants an entity that is not there: the change
 * must not be made (RFC 9110, section 13.1.1).
 *
 * To be called within the transaction of the change: nobody else changes the entity between the one and the other.
 *
 * @param length how many of the path's segments lead to the entity; all of them where absent
 * @throws {ODataError} 412 where a condition does not hold, 428 where one is required and none is there
 * @example await checkPreconditions(resource, request, context, transaction)
 */
export async function checkPreconditions(
  resource: Conditional,
  request: ODataRequest,
  context: ServiceContext,
  reads: Reads,
  length = resource.path.segments.length,
): Promise<void> {
  const { "if-match": expected, "if-none-match": known } = request.headers;
  const required = expected === undefined && requiresMatch(resource, context, length);
  // Nobody asks, or what is asked is known without reading: the entity is there.
  if (!required && known === undefined && (expected === undefined || expected.trim() === "*")) return;
  const etag = await etagAt(resource, context, reads, length);
  if (required && etag !== undefined) throw preconditionRequired();
  checkConditions(request, etag);
}

/**
 * The same for a resource whose ETag is at hand.
 *
 * @param etag of the resource, which is there; `undefined` where it has none
 * @throws {ODataError} 412 where a condition does not hold
 */
export function checkConditions({ headers }: Pick<ODataRequest, "headers">, etag: string | undefined): void {
  const { "if-match": expected, "if-none-match": known } = headers;
  if (expected !== undefined && !matches(etag, expected)) throw changed(etag);
  if (known !== undefined && isKnown(etag, known))
    throw preconditionFailed("What If-None-Match excludes is there.", "If-None-Match");
}

/**
 * Checks the conditions of a request that changes all members of a collection, which has no ETag of its own: only `If-Match: *`
 * holds for them.
 *
 * @throws {ODataError} 412 or 428 as {@link checkPreconditions}
 */
export function checkSetConditions(resource: Conditional, request: ODataRequest, context: ServiceContext): void {
  const { type, segments } = resource.path;
  const required = request.headers["if-match"] === undefined && requiresMatch(resource, context, segments.length);
  if (required && hasEtags(type)) throw preconditionRequired();
  checkConditions(request, undefined);
}

/**
 * Checks the conditions of a request for an entity that is not there and would be created: `If-Match`, `*` included, says that
 * it must be there (Protocol 4.01, section 11.4.4). `If-None-Match` is always met.
 *
 * @throws {ODataError} 412
 */
export function checkCreatable({ headers }: Pick<ODataRequest, "headers">): void {
  if (headers["if-match"] !== undefined)
    throw preconditionFailed("There is no entity that If-Match could name.", "If-Match");
}

/**
 * Checks `If-Match` of a request that reads: whoever names a state wants no other (RFC 9110, section 13.1.1).
 *
 * @param etag of a resource that is there; `undefined` where it has none
 * @throws {ODataError} 412
 */
export function checkUnchanged(request: Pick<ODataRequest, "method" | "headers">, etag: string | undefined): void {
  const expected = request.headers["if-match"];
  if (expected !== undefined && isGet(request) && !matches(etag, expected)) throw changed(etag);
}

/**
 * The ETag of the entity that a path, or its first segments, lead to.
 *
 * @returns `undefined` where there is no entity, or its type has none
 */
export async function etagAt(
  { route, path, values }: Conditional,
  context: ServiceContext,
  reads: Reads,
  length = path.segments.length,
): Promise<string | undefined> {
  const type = typeAt(path.segments, length);
  if (!hasEtags(type)) return undefined;
  const segments = path.segments.slice(0, length);
  const statement = route.statement(`etag ${length}`, () =>
    compileRead({ segments, type, collection: false, tail: { kind: "entity" } }, nothing(type), context.sql),
  );
  const [row] = await reads.rows(statement.text, parameterValues(statement, values), statement.functions);
  return row === undefined ? undefined : etagOf(row[statement.columns.text] as string);
}

/** True where entities of a type, or of one that derives from it, may have an ETag. */
export function hasEtags(type: EntityType): boolean {
  return [type, ...type.derivedTypes].some(({ concurrency }) => concurrency.length > 0);
}

function nothing(type: EntityType): BoundOptions {
  return { variable: { name: "$it", type }, select: { all: false, items: [], text: [] }, expand: [] };
}

/**
 * Checks what the options of a service say of conditional and set-based changes.
 *
 * @throws {RangeError} for a name that no entity set and no singleton has, or a number that is none from 1
 */
export function checkWriteBehaviour(
  { requireIfMatch = false, maxSetMembers }: ServiceBehaviour,
  { container: { entitySets, singletons } }: Model,
): void {
  for (const name of typeof requireIfMatch === "boolean" ? [] : requireIfMatch) {
    if (!entitySets.has(name) && !singletons.has(name))
      throw new RangeError(`There is no entity set or singleton '${name}' that could require If-Match.`);
  }
  if (maxSetMembers !== undefined && (!Number.isSafeInteger(maxSetMembers) || maxSetMembers < 1))
    throw new RangeError(`'maxSetMembers' must be a whole number from 1, not ${String(maxSetMembers)}.`);
}

/** Whether a change has to name the state that it starts from: `requireIfMatch` of the service. */
export function requiresMatch({ path }: Conditional, { behaviour, urls }: ServiceContext, length: number): boolean {
  const { requireIfMatch = false } = behaviour;
  if (typeof requireIfMatch === "boolean") return requireIfMatch;
  const segments = path.segments.slice(0, length);
  const last = segments.findLast(({ kind }) => kind === "navigation" || kind === "entitySet" || kind === "singleton");
  // What nothing contains is at home elsewhere; the way that leads there does not matter.
  const contained = last?.kind === "navigation" && last.alternatives[0]!.containsTarget;
  const home = last?.kind === "navigation" && !contained ? urls.home(last.type)?.segments : segments;
  const root = home?.[0];
  const name =
    root?.kind === "entitySet" ? root.set.name : root?.kind === "singleton" ? root.singleton.name : undefined;
  return name !== undefined && requireIfMatch.includes(name);
}

function changed(etag: string | undefined): ODataError {
  const message =
    etag === undefined
      ? "What is there has no ETag, so none of those in If-Match is its own."
      : "What is there has changed: its ETag is none of those in If-Match.";
  return preconditionFailed(message, "If-Match");
}

function preconditionFailed(message: string, target: string): ODataError {
  return new ODataError(412, "PreconditionFailed", message, { target });
}

/** Protocol 4.01, section 11.4.1.1. */
export function preconditionRequired(): ODataError {
  return new ODataError(
    428,
    "PreconditionRequired",
    "A change here has to name the state that it starts from: send the entity's ETag in If-Match, or '*' for any state.",
    { target: "If-Match" },
  );
}
