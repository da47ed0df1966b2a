import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import type { BoundPath, EntitySegment, NavigationSegment, PropertyTail } from "../binding/index.js";
import { bindPath } from "../binding/index.js";
import type { EntityType, NavigationProperty, Property } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { badRequest, notFound, notImplemented, ODataError } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import { readEntity } from "../format/entity-reader.js";
import { writeJsonValue } from "../format/json-text.js";
import { requireJsonBody } from "../format/media.js";
import { parsePath } from "../syntax/index.js";
import type { GivenEntity, Walked } from "./controllers-data.js";
import { ControllerRequest, javaScriptKeys, valuesOf } from "./controllers-data.js";
import { writeStream } from "./controllers-stream.js";
import type { SetController } from "./controllers.js";
import { refuseCollectionOptions } from "./create.js";
import { relativePath } from "./entity-id.js";
import { appliedPreferences, emptyResponse } from "./exchange.js";
import { objectIn, plainBody } from "./invoke-body.js";
import type { Given } from "./invoke-result.js";
import type { PlainObject } from "./invoke-values.js";
import { keyOf, plainObject } from "./invoke-values.js";
import type { Inputs } from "./invoke.js";
import { methodNotAllowed } from "./methods.js";
import { answerGiven } from "./read-memory.js";
import type { Reading } from "./reading.js";
import { readingBack } from "./reading.js";
import type { ODataResponse } from "./request.js";
import { keySegment, SlotInput } from "./route.js";

/**
 * A request that changes something of an entity set whose controller is written by hand: its body is checked against the
 * model, the method that is decorated for it called, and what that gives answered as the standard asks for.
 *
 * @throws {ODataError} 405 where no method is decorated for it
 */
export async function writeToController(reading: Reading): Promise<ODataResponse> {
  const { resource, request, terms, context } = reading;
  const writing = new ControllerWrite(reading, new ControllerRequest(request, context));
  const { tail, collection } = resource.path;
  switch (tail.kind) {
    case "entity":
      if (collection) return request.method === "POST" ? writing.create() : writing.refuse("");
      return request.method === "POST" ? writing.refuse("") : writing.change();
    case "ref":
      return writing.reference();
    case "media":
    case "stream":
      return writeStream(resource.path, request, terms, writing.walking);
    case "property":
      return writing.property(tail);
    default:
      throw methodNotAllowed(request.method, "GET, HEAD");
  }
}

class ControllerWrite {
  readonly walking: ControllerRequest;
  readonly #reading: Reading;

  constructor(reading: Reading, walking: ControllerRequest) {
    this.#reading = reading;
    this.walking = walking;
  }

  /** `POST` to a collection: Protocol 4.01, section 11.4.2. */
  async create(): Promise<ODataResponse> {
    const { resource, request, terms, context } = this.#reading;
    requireJsonBody(request.headers["content-type"]);
    refuseCollectionOptions(resource);
    const { path } = resource;
    const payload = this.#payload("create", path.type);
    const body = await this.#body(payload, path.type);
    const parent = await this.#parent(path);
    const given = await this.#create(body, payload, parent);
    const own = await this.walking.http.response.own(terms.version, undefined);
    if (own !== undefined) return own;
    const { return: preference } = terms.preferences;
    const applied = appliedPreferences({ return: preference });
    const made = typeof given.value === "object" && given.value !== null ? given.value : undefined;
    const data = await plainObject(made ?? body, path.type, context);
    const type = this.walking.typeOf(data, path.type);
    const key = keyOf(data, type);
    const location =
      key === undefined ? undefined : `${request.serviceRoot}${context.urls.entityPath(type, key, path.segments)}`;
    const headers = { ...applied, ...(location !== undefined && { location }) };
    if (made === undefined || preference === "minimal" || given.status === 204) {
      const id = location === undefined ? {} : { "odata-entityid": location };
      return this.walking.http.response.shape(emptyResponse(204, terms.version, { ...headers, ...id }));
    }
    return this.#answer(data, key ?? [], given.status ?? 201, headers);
  }

  async #create(body: PlainObject, payload: EntityPayload, parent: Parent | undefined): Promise<Given> {
    const { context, resource } = this.#reading;
    const inputs: Inputs = { body: () => body, type: () => payload.type.qualifiedName };
    if (parent !== undefined) {
      const { controller, entity, navigation } = parent;
      const method = controller?.handler(`post/${navigation.name}`, 0);
      if (method !== undefined) {
        const own = { ...inputs, keys: javaScriptKeys(entity), result: () => entity.data };
        return controller!.call(method, this.walking.inputs(own));
      }
      const values = [...javaScriptKeys(entity).values()];
      context.controllers.foreignKeys(navigation).forEach((name, n) => (body[name] = values[n]));
    }
    const controller = this.#controllerOf(resource.path);
    const method = controller?.handler("post", 0);
    if (method === undefined) return this.refuse("");
    return controller!.call(method, this.walking.inputs({ ...inputs, keys: keysIn(body, payload.type) }));
  }

  /** `PATCH`, `PUT` and `DELETE` of an entity: Protocol 4.01, sections 11.4.3 to 11.4.5. */
  async change(): Promise<ODataResponse> {
    const { resource, request } = this.#reading;
    const { path } = resource;
    const verb = request.method.toLowerCase();
    const method = this.#controllerOf(path)?.handler(verb, path.type.key.length);
    if (method === undefined) return this.refuse("");
    if (verb !== "delete") requireJsonBody(request.headers["content-type"]);
    const place = await this.#place(path);
    if (place.current === undefined && verb !== "put") throw notFound("There is no such entity.");
    // Nobody has made an ETag for these entities, so one that a client names is of another state.
    const expected = request.headers["if-match"];
    if (expected !== undefined && (expected.trim() !== "*" || place.current === undefined))
      throw new ODataError(412, "PreconditionFailed", "The entity has none of the ETags in If-Match.", {
        target: "If-Match",
      });
    const inputs: Inputs = { keys: place.key, result: () => place.current };
    if (verb === "delete") {
      await place.controller!.call(method, this.walking.inputs(inputs));
      return this.#done();
    }
    const type = place.current === undefined ? path.type : this.walking.typeOf(place.current, path.type);
    const payload = this.#payload(verb === "put" ? "create" : "update", path.type, type);
    const body = await this.#body(payload, path.type);
    const given = await place.controller!.call(
      method,
      this.walking.inputs({ ...inputs, body: () => body, type: () => payload.type.qualifiedName }),
    );
    return this.#changed(given, place, verb);
  }

  /** What `PATCH` gives may be anything, such as how many entities it has changed; what `PUT` gives is the entity. */
  async #changed(given: Given, place: Place, verb: string): Promise<ODataResponse> {
    const { terms, resource, context, request } = this.#reading;
    const own = await this.walking.http.response.own(terms.version, undefined);
    if (own !== undefined) return own;
    const { return: preference } = terms.preferences;
    const applied = appliedPreferences({ return: preference });
    const isEntity = typeof given.value === "object" && given.value !== null && !Array.isArray(given.value);
    const isGiven = isEntity && given.status !== 204 && (verb === "put" || given.status !== undefined);
    if (preference === "minimal" || (!isGiven && preference !== "representation")) return this.#done(applied);
    const data = isGiven ? await plainObject(given.value, resource.path.type, context) : (await this.#again())?.found;
    if (data === undefined || Array.isArray(data)) return this.#done();
    const found = data as PlainObject;
    const key = keyOf(found, resource.path.type) ?? [];
    const isNew = verb === "put" && place.current === undefined && place.isKnown;
    if (!isNew) return this.#answer(found, key, given.status ?? 200, applied);
    const location = `${request.serviceRoot}${context.urls.entityPath(resource.path.type, key, resource.path.segments)}`;
    return this.#answer(found, key, given.status ?? 201, { ...applied, location });
  }

  #again(): Promise<Walked | undefined> {
    const { request, context, resource } = this.#reading;
    return new ControllerRequest({ ...request, method: "GET" }, context).walk(resource.path, false);
  }

  /** A structural property: a method of its own, or the one that changes the entity (Protocol 4.01, section 11.4.9). */
  async property(tail: PropertyTail): Promise<ODataResponse> {
    const { resource, request, terms } = this.#reading;
    const { path } = resource;
    const verb = request.method.toLowerCase();
    const [property] = tail.path;
    if (verb === "post" || tail.path.length !== 1 || tail.count || tail.narrowing.length > 0)
      throw methodNotAllowed(request.method, "GET, HEAD");
    const { name, nullable, collection } = property!;
    const place = await this.#place(path);
    if (place.current === undefined) throw notFound("There is no such entity.");
    const keys = place.key.size;
    const find = (part: string) => place.controller?.handler(part, keys);
    const method = find(`${verb}/${name}`) ?? find(`${verb}/${name}/$value`) ?? find("patch");
    if (method === undefined) throw methodNotAllowed(request.method, "GET, HEAD");
    if (verb === "delete" && (!nullable || collection))
      throw badRequest(`'${name}' must have a value.`, { target: name });
    const text = `{${JSON.stringify(name)}:${verb === "delete" ? "null" : this.#propertyText(property!, tail.raw)}}`;
    const type = this.walking.typeOf(place.current, path.type);
    const payload = readEntity(text, type, {
      model: this.#reading.context.model,
      operation: "update",
      current: type,
      version: terms.bodyVersion,
    });
    const body = await this.#body(payload, type, text);
    const inputs = { keys: place.key, result: () => place.current, body: () => body };
    await place.controller!.call(method, this.walking.inputs(inputs));
    return this.#done();
  }

  /** The JSON text of the new value of a property: JSON Format 4.01, section 11; of `/$value` it is the text itself. */
  #propertyText({ type }: Property, raw: boolean): string {
    const { headers, body = "" } = this.#reading.request;
    if (raw) {
      const text = body.toString();
      const { qualifiedName } = type.kind === "typeDefinition" ? type.underlyingType : type;
      return BARE.has(qualifiedName) ? text : JSON.stringify(text);
    }
    requireJsonBody(headers["content-type"]);
    const object = objectIn(body);
    const value = object.members.get("value");
    if (value !== undefined) return writeJsonValue(value);
    if (type.kind === "complex") return writeJsonValue(object);
    throw badRequest(`The body must be an object with the value: {"value": ...}.`, { target: "value" });
  }

  /** `POST`, `PUT` and `DELETE` of `$ref`: Protocol 4.01, section 11.4.6. */
  async reference(): Promise<ODataResponse> {
    const { resource, request, context } = this.#reading;
    const { segments } = resource.path;
    const verb = request.method.toLowerCase();
    const at = segments.findLastIndex(({ kind }) => kind === "navigation");
    const navigation = segments[at];
    if (navigation?.kind !== "navigation") {
      // `DELETE Products(1)/$ref` is the same as without `$ref`.
      if (verb === "delete" && !resource.path.collection) return this.change();
      throw methodNotAllowed(request.method, "GET, HEAD");
    }
    const walked = await this.walking.walk({ segments: segments.slice(0, at) }, false);
    if (walked === undefined || Array.isArray(walked.found)) throw notFound("There is no such entity.");
    const data = walked.found as PlainObject;
    const entity = this.walking.entity(data, this.walking.typeOf(data, walked.type));
    const controller = context.controllers.ofType(entity.type);
    const behind = `/${navigation.name}/$ref`;
    const method = controller?.handler(`${verb}${behind}`, entity.key.size);
    if (method === undefined) throw methodNotAllowed(request.method, allow(controller, behind));
    const { id, links } = this.#target(segments, at, navigation, verb);
    const keys = javaScriptKeys(entity);
    const inputs = { keys, links, result: () => data, id: () => id, body: () => ({ "@odata.id": id }) };
    await controller!.call(method, this.walking.inputs(inputs));
    return this.#done();
  }

  /** The entity that is to be tied or untied: it stands in the path, in `$id` or in the body. */
  #target(segments: readonly EntitySegment[], at: number, navigation: NavigationSegment, verb: string): Target {
    const { resource, request } = this.#reading;
    const key = segments.slice(at + 1).find((segment) => segment.kind === "key");
    if (key?.kind === "key") return { id: request.url.split("?", 1)[0]!.replace(/\/\$ref$/, ""), links: valuesOf(key) };
    let id = resource.route.id;
    if (verb !== "delete") {
      requireJsonBody(request.headers["content-type"]);
      const { members } = objectIn(request.body);
      const written = members.get("@odata.id") ?? members.get("@id");
      if (written?.kind !== "string")
        throw badRequest(`The body must be a reference: {"@odata.id": "URL of the entity"}.`, { target: "@odata.id" });
      id = written.value;
    }
    if (id !== undefined) return { id, links: this.#keyIn(id, verb === "delete" ? "$id" : "@odata.id") };
    if (navigation.collection) throw badRequest("Say with $id which reference is to be removed.", { target: "$id" });
    return { id: undefined, links: undefined };
  }

  #keyIn(id: string, target: string): ReadonlyMap<string, Scalar> {
    const { request, context } = this.#reading;
    try {
      const path = bindPath(
        parsePath(relativePath(id, request.serviceRoot, context)),
        context.model,
        context.behaviour,
      );
      const key = path.segments.at(-1);
      if (key?.kind === "key") return valuesOf(key);
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
    }
    throw badRequest(`'${id.slice(0, 200)}' is not the URL of an entity of this service.`, { target });
  }

  refuse(behind: string): never {
    const { resource, request, context } = this.#reading;
    const [root] = resource.path.segments;
    const controller = root?.kind === "entitySet" ? context.controllers.sets.get(root.set) : undefined;
    const verbs = controller?.verbs(behind) ?? [];
    const own = resource.path.collection ? ["post"] : ["patch", "put", "delete"];
    throw methodNotAllowed(request.method, allowed(verbs.filter((verb) => own.includes(verb))));
  }

  #payload(operation: "create" | "update", expected: EntityType, current?: EntityType): EntityPayload {
    const { request, terms, context } = this.#reading;
    const { model } = context;
    const payload = readEntity(request.body ?? "", expected, { model, operation, current, version: terms.bodyVersion });
    if ((payload.related?.size ?? 0) > 0) {
      const [navigation] = payload.related!.keys();
      throw notImplemented(`Related entities ('${navigation!.name}') are to be written in requests of their own.`, {
        target: navigation!.name,
      });
    }
    return payload;
  }

  /** The body as the method takes it; what it binds is put into the properties that hold the foreign keys. */
  async #body(
    payload: EntityPayload,
    expected: EntityType,
    text: string | Buffer | undefined = this.#reading.request.body,
  ): Promise<PlainObject> {
    const { controllers, model } = this.#reading.context;
    const body = plainBody(text, payload, expected, "number", model);
    const owner = controllers.classFor(payload.type);
    for (const [navigation, binding] of payload.bindings) {
      const names = navigation.collection ? [] : controllers.foreignKeys(navigation);
      if (names.length === 0) continue;
      const values =
        binding === null ? undefined : [...this.#keyIn(binding.uris[0]!.uri, binding.uris[0]!.target).values()];
      names.forEach((name, n) => (body[name] = values?.[n] ?? null));
      for (const member of [navigation.name, `${navigation.name}@odata.bind`]) Reflect.deleteProperty(body, member);
    }
    for (const { name } of owner === undefined ? [] : payload.properties.keys()) {
      const convert: unknown = serverEdm.getDeserializer(owner as never, name);
      if (typeof convert === "function")
        body[name] = await (convert as (...args: unknown[]) => unknown)(body[name], name);
    }
    return body;
  }

  /** The controller and the key of the entity that a path leads to, and the entity where it can be read. */
  async #place(path: BoundPath): Promise<Place> {
    const walked = await this.walking.walk(path, false).catch((error: unknown) => {
      if (isUnreadable(error)) return "unreadable" as const;
      throw error;
    });
    const { segments } = path;
    const last = segments.findLast(({ kind }) => kind !== "cast")!;
    const controller = this.#controllerOf(path);
    if (walked === "unreadable") {
      if (last.kind !== "key") throw notFound("There is no such entity.");
      return { controller, key: valuesOf(last), current: {}, isKnown: false };
    }
    const current = walked === undefined || walked.rest.length > 0 ? undefined : (walked.found as PlainObject);
    if (last.kind === "key") return { controller, key: valuesOf(last), current, isKnown: true };
    if (current === undefined) throw notFound("There is no such entity.");
    const entity = this.walking.entity(current, this.walking.typeOf(current, path.type));
    return { controller, key: javaScriptKeys(entity), current, isKnown: true };
  }

  /** The controller that has the methods for the entities that a path leads to. */
  #controllerOf({ segments, type }: BoundPath): SetController | undefined {
    const { controllers } = this.#reading.context;
    const [root] = segments;
    const isOfRoot = root?.kind === "entitySet" && segments.every(({ kind }) => kind !== "navigation");
    return isOfRoot ? controllers.sets.get(root.set) : controllers.ofType(type);
  }

  async #parent({ segments }: BoundPath): Promise<Parent | undefined> {
    const at = segments.findLastIndex(({ kind }) => kind === "navigation");
    const segment = segments[at];
    if (segment?.kind !== "navigation") return undefined;
    const walked = await this.walking.walk({ segments: segments.slice(0, at) }, false);
    if (walked === undefined || Array.isArray(walked.found)) throw notFound("There is no such entity.");
    const data = walked.found as PlainObject;
    const entity = this.walking.entity(data, this.walking.typeOf(data, walked.type));
    const navigation = entity.type.navigationProperties.get(segment.name);
    if (navigation === undefined) throw notFound(`The entity has no navigation property '${segment.name}'.`);
    return { entity, navigation, controller: this.#reading.context.controllers.ofType(entity.type) };
  }

  async #answer(
    data: PlainObject,
    key: readonly Scalar[],
    status: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<ODataResponse> {
    const { resource, request, format, terms, context, reads } = this.#reading;
    const { path } = resource;
    const type = this.walking.typeOf(data, path.type);
    const segments = path.collection ? [...path.segments, keySegment(path.type, key)] : path.segments;
    const own = {
      ...resource,
      path: { ...path, segments, collection: false },
      values: SlotInput.of(segments, resource.values),
    };
    const reading = readingBack(own, request, format, terms, context, reads);
    const walked: Walked = {
      found: data,
      type: path.type === type ? type : path.type,
      rest: [],
      done: "nothing",
      count: undefined,
    };
    const answer = await answerGiven(reading, walked, this.walking);
    return this.walking.http.response.shape({ ...answer, status, headers: { ...answer.headers, ...headers } });
  }

  async #done(headers: Readonly<Record<string, string>> = {}): Promise<ODataResponse> {
    const { version } = this.#reading.terms;
    const { response } = this.walking.http;
    return (await response.own(version, undefined)) ?? response.shape(emptyResponse(204, version, headers));
  }
}

/** Types whose values stand in JSON as they stand in text. */
const BARE: ReadonlySet<string> = new Set([
  ...["Edm.Boolean", "Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Decimal"],
  ...["Edm.Single", "Edm.Double"],
]);

interface Place {
  readonly controller: SetController | undefined;
  readonly key: ReadonlyMap<string, Scalar>;
  /** Absent where there is none; empty where no method reads it. */
  readonly current: PlainObject | undefined;
  /** Whether it was asked for. */
  readonly isKnown: boolean;
}

interface Parent {
  readonly controller: SetController | undefined;
  readonly entity: GivenEntity;
  readonly navigation: NavigationProperty;
}

interface Target {
  readonly id: string | undefined;
  readonly links: ReadonlyMap<string, Scalar> | undefined;
}

function isUnreadable(error: unknown): boolean {
  return error instanceof ODataError && error.status === 501;
}

/** The keys that a new entity says itself, for methods that take them. */
function keysIn(body: PlainObject, { key }: EntityType): Map<string, unknown> {
  return new Map(key.map(({ name }) => [name, body[name]]));
}

function allow(controller: SetController | undefined, behind: string): string {
  return allowed((controller?.verbs(behind) ?? []).filter((verb) => verb !== "get"));
}

function allowed(verbs: readonly string[]): string {
  return ["GET", "HEAD", ...verbs.map((verb) => verb.toUpperCase())].join(", ");
}
