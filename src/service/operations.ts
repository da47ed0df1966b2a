import { Transform } from "node:stream";
import type { BoundPath, OperationSegment } from "../binding/index.js";
import type { DecoratedClass, EntityType, Operation } from "../edm/index.js";
import type { OperationMethod } from "../edm/index.js";
import { isDeltaFunction } from "../edm/index.js";
import { notFound, notImplemented, ODataError } from "../errors/index.js";
import { isAvailable } from "../format/advertised.js";
import { parsePath, printPath } from "../syntax/index.js";
import { splitUrl } from "./canonical-query.js";
import type { ServiceContext } from "./context.js";
import { within } from "./context.js";
import { ControllerRequest } from "./controllers-data.js";
import { readDeltaFunction, refuseDeltaToken } from "./delta.js";
import { emptyResponse } from "./exchange.js";
import type { Given } from "./invoke-result.js";
import type { PlainObject } from "./invoke-values.js";
import type { Method } from "./invoke.js";
import { invoke, readMethod } from "./invoke.js";
import { isGet, methodNotAllowed } from "./methods.js";
import type { Arguments } from "./operations-arguments.js";
import { actionArguments, functionArguments } from "./operations-arguments.js";
import { answerResult } from "./operations-result.js";
import { checkPreconditions } from "./preconditions.js";
import { checkReading } from "./read.js";
import { Reading } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRoute } from "./route.js";
import { Route, SlotInput } from "./route.js";
import { RuleCall } from "./rules-call.js";
import { Session } from "./session.js";

/** A method that carries out an operation. */
interface Implementation extends Pick<OperationMethod, "place" | "owner"> {
  readonly method: Method;
}

/** The methods that carry out the operations of a service. */
export class Operations {
  readonly #methods = new Map<string, Implementation>();
  readonly #service: object | undefined;

  constructor(service: DecoratedClass, methods: ReadonlyMap<string, OperationMethod>) {
    for (const [name, { place, owner, method, parameters }] of methods)
      this.#methods.set(name, { place, owner, method: readMethod(owner, method, parameters) });
    this.#service = [...methods.values()].some(({ place }) => place === "service") ? instanceOf(service) : undefined;
  }

  /** @throws {ODataError} 501 for an operation that the model has and no method carries out */
  of({ implementation, qualifiedName }: Operation): Implementation {
    const found = implementation === undefined ? undefined : this.#methods.get(implementation);
    if (found === undefined)
      throw notImplemented(`'${qualifiedName}' cannot be called here.`, { target: qualifiedName });
    return found;
  }

  /** `this` of a method: the entity that it is bound to, the controller of its entity set, or the service. */
  target({ place, owner }: Implementation, entity: PlainObject | undefined, context: ServiceContext): object {
    switch (place) {
      case "entity":
        return Object.assign(Object.create(owner.prototype as object) as object, entity);
      case "service":
        return this.#service!;
      case "controller": {
        const own = [
          ...[...context.controllers.sets.values()].map(({ instance }) => instance),
          ...context.rules.controllers.values(),
        ].find((instance) => instance.constructor === owner);
        return own ?? instanceOf(owner);
      }
    }
  }
}

/** A service of `odata-v4-server` is a stream, which is of no use here and would want to know its requests. */
function instanceOf(owner: DecoratedClass): object {
  const { prototype } = owner as { readonly prototype: object };
  return prototype instanceof Transform ? (Object.create(prototype) as object) : new (owner as new () => object)();
}

/**
 * A request for a path that begins with the call of an operation: Protocol 4.01, section 11.5. A function is called by
 * `GET` and reads; an action by `POST`, and all that it does is one transaction.
 *
 * @throws {ODataError} 405 for another method
 */
export async function carryOut(reading: Reading, segment: OperationSegment): Promise<ODataResponse> {
  const { operation } = segment;
  const { request, context } = reading;
  const isFunction = operation.kind === "function";
  if (isFunction ? !isGet(request) : request.method !== "POST")
    throw methodNotAllowed(request.method, isFunction ? "GET, HEAD" : "POST");
  if (isDeltaFunction(operation)) return readDeltaFunction(reading);
  refuseDeltaToken(reading.resource);
  if (isFunction) {
    checkReading(reading);
    return call(reading, segment, context);
  }
  return context.store.transaction((transaction) => {
    const inner = within(transaction, context);
    const { resource, terms, format } = reading;
    const own = new Reading(resource, request, terms, inner, inner.store.reader, { of: () => format });
    return call(own, segment, inner);
  });
}

async function call(reading: Reading, segment: OperationSegment, context: ServiceContext): Promise<ODataResponse> {
  const { request, terms } = reading;
  const { operation, binding } = segment;
  const implementation = context.operations.of(operation);
  const isFunction = operation.kind === "function";
  const session = new Session(request, context, isFunction);
  const walking = new ControllerRequest(request, context);
  if (binding !== undefined && !isFunction) await checkBinding(binding, request, context);
  const bound = binding === undefined ? undefined : await boundTo(segment, binding, reading, walking);
  const entities = isCalledForEach(segment) ? (bound as PlainObject[]) : [bound];
  const given: Given[] = [];
  const values = isFunction ? functionArguments(segment, reading) : await actionArguments(operation, reading, session);
  for (const one of entities) {
    refuseUnavailable(operation, one);
    given.push(
      await callMethod(implementation, { type: binding?.type, value: one }, values, reading, walking, session),
    );
    const own = await walking.http.response.own(terms.version, undefined);
    if (own !== undefined) return own;
  }
  const result = isCalledForEach(segment)
    ? { ...given[0]!, value: given.map(({ value }) => value).flat(), status: undefined }
    : given[0]!;
  const answer =
    operation.returnType === undefined
      ? emptyResponse(204, terms.version)
      : await answerResult(result ?? NOTHING, segment, reading);
  return walking.http.response.shape(answer);
}

const NOTHING: Given = { value: [], status: undefined, count: undefined, contentType: undefined };

function isCalledForEach({ binding }: OperationSegment): boolean {
  return binding?.tail.kind === "each";
}

function callMethod(
  implementation: Implementation,
  { type, value: bound }: Bound,
  values: Arguments,
  { request, context }: Reading,
  walking: ControllerRequest,
  session: Session,
): Promise<Given> {
  const { operations, rules } = context;
  const entity =
    typeof bound === "object" && bound !== null && !Array.isArray(bound) ? (bound as PlainObject) : undefined;
  const target = operations.target(implementation, entity, context);
  const keys = entity === undefined ? undefined : new Map(type?.key.map((key) => [key.name, entity[key.name]]));
  const inputs = walking.inputs({
    arguments: values,
    keys,
    session: () => session,
    result: () => bound,
    body: () => Object.fromEntries(values),
    id: () => (keys === undefined ? undefined : [...keys.values()][0]),
  });
  const isEntity = (value: object) => context.controllers.classOf(value) !== undefined;
  const run = () => invoke(target, implementation.method, inputs, isEntity);
  // A method of the controller of stored entities has these at hand by its own methods.
  for (const [set, controller] of rules.controllers) {
    if (controller !== target) continue;
    return new RuleCall(set, { request: { ...request, method: "GET" }, key: undefined }, context, session).run(run);
  }
  return run();
}

/** What the binding parameter is. */
interface Bound {
  readonly type: EntityType | undefined;
  readonly value: unknown;
}

/** Conditions of the request are about the entity that an action is bound to: Protocol 4.01, section 11.5.5.2. */
async function checkBinding(binding: BoundPath, request: ODataRequest, context: ServiceContext): Promise<void> {
  const [root] = binding.segments;
  if (binding.collection || binding.tail.kind !== "entity" || root?.kind === "operation") return;
  if (root?.kind === "entitySet" && context.controllers.sets.has(root.set)) return;
  const bound = {
    kind: "resource",
    path: binding,
    options: { variable: undefined as never, expand: [] },
    literals: new Map(),
  } as const;
  const route: ResourceRoute = new Route(bound, { format: undefined, id: undefined });
  const conditional = { path: binding, route, values: SlotInput.of(binding.segments) };
  await checkPreconditions(conditional, request, context, context.store.reader);
}

/** What the binding parameter is: the engine reads it as any client would, by the part of the URL in front of the call. */
async function boundTo(
  segment: OperationSegment,
  binding: BoundPath,
  { request, context }: Reading,
  walking: ControllerRequest,
): Promise<unknown> {
  const [root] = binding.segments;
  if (root?.kind === "entitySet" && context.controllers.sets.has(root.set) && binding.tail.kind === "entity") {
    const walked = await walking.walk(binding, false);
    if (walked === undefined) throw notFound("There is no entity that the operation could be bound to.");
    if (walked.rest.length === 0) return walked.found;
  }
  const url = urlBefore(segment, request.url).replace(/\/\$each\/*(?=$|\?)/, "");
  const session = new Session(request, context);
  const isCollection = binding.tail.kind === "property" ? isCollectionTail(binding) : binding.collection;
  if (isCollection) return session.list(url);
  const found = await session.request({ url });
  if (found.body === undefined) throw notFound("There is nothing that the operation could be bound to.");
  const { "@odata.context": _, ...rest } = found.body as PlainObject;
  return binding.tail.kind === "property" && "value" in rest ? rest.value : rest;
}

function isCollectionTail({ tail }: BoundPath): boolean {
  if (tail.kind !== "property") return false;
  const { path, narrowing } = tail;
  return path.at(-1)!.collection && !narrowing.some(({ kind, at }) => kind === "ordinal" && at === path.length);
}

/** The part of a URL in front of the call of an operation, with the parameter aliases of its query. */
function urlBefore({ operation: { qualifiedName, name } }: OperationSegment, url: string): string {
  const [path, query] = splitUrl(url);
  const { segments } = parsePath(path);
  const isCall = (written: string | undefined) => written === qualifiedName || written?.split(".").at(-1) === name;
  const at = segments.findLastIndex((segment) => isCall(segment.name));
  const before = printPath({ kind: "ResourcePath", segments: segments.slice(0, at) });
  const aliases = query.split("&").filter((option) => /^(?:@|%40)/.test(option));
  return aliases.length === 0 ? before : `${before}?${aliases.join("&")}`;
}

/**
 * `Core.OperationAvailable`: `false`, or a path to a property of the entity that says it.
 *
 * @throws {ODataError} 409 for an operation that is not available now
 */
function refuseUnavailable(operation: Operation, bound: unknown): void {
  if (isAvailable(operation, (name) => (bound as PlainObject | undefined)?.[name])) return;
  throw new ODataError(409, "Conflict", `'${operation.qualifiedName}' is not available now.`, {
    target: operation.qualifiedName,
  });
}
