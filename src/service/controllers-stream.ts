import { Readable } from "node:stream";
import * as serverEdm from "odata-v4-server/build/lib/edm.js";
import type { BoundPath } from "../binding/index.js";
import { notFound } from "../errors/index.js";
import type { GivenEntity, ControllerRequest } from "./controllers-data.js";
import { javaScriptKeys } from "./controllers-data.js";
import type { SetController } from "./controllers.js";
import type { Terms } from "./exchange.js";
import { emptyResponse } from "./exchange.js";
import type { Given } from "./invoke-result.js";
import type { Method } from "./invoke.js";
import { methodNotAllowed } from "./methods.js";
import type { Reading } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";

const BYTES = "application/octet-stream";

/** What a path to a stream leads to: the entity that has it, and where its methods are found. */
interface StreamPlace {
  readonly entity: GivenEntity;
  readonly controller: SetController | undefined;
  /** What stands behind the verb: `/$value`, `/Image/$value`, `/Image`. */
  readonly behind: readonly string[];
  readonly contentType: string | undefined;
  /** The property, where it is no media entity. */
  readonly property: string | undefined;
}

/** `GET` of a media stream or a stream property that a method of a controller gives: Protocol 4.01, section 11.2.4. */
export async function readStream(reading: Reading, walking: ControllerRequest): Promise<ODataResponse> {
  const { resource, terms } = reading;
  const place = await placeOf(resource.path, walking);
  const method = methodFor("get", place);
  const given: Pick<Given, "value" | "contentType"> =
    method === undefined
      ? { value: place.property === undefined ? undefined : place.entity.data[place.property], contentType: undefined }
      : await callStream(method, place, walking, undefined);
  const type = place.contentType ?? given.contentType ?? BYTES;
  const own = await walking.http.response.own(terms.version, type);
  if (own !== undefined) return own;
  if (given.value === undefined || given.value === null) return emptyResponse(204, terms.version);
  const headers = { "content-type": type, "odata-version": terms.version };
  return walking.http.response.shape({ status: 200, headers, body: bodyOf(given.value) });
}

/** `PUT`, `POST` or `DELETE` of a media stream or a stream property: the method takes its bytes as a stream. */
export async function writeStream(
  path: BoundPath,
  request: ODataRequest,
  terms: Terms,
  walking: ControllerRequest,
): Promise<ODataResponse> {
  const place = await placeOf(path, walking);
  const verb = request.method.toLowerCase();
  const method = methodFor(verb, place) ?? (verb === "put" ? methodFor("post", place) : undefined);
  if (method === undefined) {
    const offered = ["get", "put", "post", "delete"].filter((known) => methodFor(known, place) !== undefined);
    throw methodNotAllowed(request.method, offered.map((name) => name.toUpperCase()).join(", "));
  }
  const bytes = typeof request.body === "string" ? Buffer.from(request.body) : (request.body ?? Buffer.alloc(0));
  await callStream(method, place, walking, Readable.from(bytes.length === 0 ? [] : [bytes]));
  const own = await walking.http.response.own(terms.version, undefined);
  return own ?? walking.http.response.shape(emptyResponse(204, terms.version));
}

async function placeOf(path: BoundPath, walking: ControllerRequest): Promise<StreamPlace> {
  const { tail } = path;
  const walked = await walking.walk(path, false);
  if (walked === undefined || Array.isArray(walked.found) || walked.rest.length > 0)
    throw notFound("There is no such entity.");
  const data = walked.found as GivenEntity["data"];
  const type = walking.typeOf(data, walked.type);
  const { controllers } = walking.context;
  const owner = controllers.classFor(type);
  const property = tail.kind === "stream" ? tail.property.name : undefined;
  const contentType = owner === undefined ? undefined : contentTypeOf(owner, property);
  return {
    entity: walking.entity(data, type),
    controller: controllers.ofType(type),
    behind: property === undefined ? ["/$value"] : [`/${property}`, `/${property}/$value`],
    contentType,
    property,
  };
}

function contentTypeOf(owner: object, property: string | undefined): string | undefined {
  const found: unknown =
    property === undefined
      ? serverEdm.getContentType(owner as never)
      : serverEdm.getContentType((owner as { readonly prototype: never }).prototype, property);
  return typeof found === "string" ? found : undefined;
}

function methodFor(verb: string, { controller, behind, entity }: StreamPlace): Method | undefined {
  for (const part of behind) {
    const method = controller?.handler(`${verb}${part}`, entity.key.size);
    if (method !== undefined) return method;
  }
  return undefined;
}

function callStream(
  method: Method,
  { controller, entity }: StreamPlace,
  walking: ControllerRequest,
  body: Readable | undefined,
): Promise<Given> {
  const inputs = { keys: javaScriptKeys(entity), result: () => entity.data, body: () => body };
  return controller!.call(method, walking.inputs(inputs));
}

function bodyOf(value: unknown): Readable | Buffer | string {
  if (value instanceof Readable || Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  const { stream, pipe } = Object(value) as { readonly stream?: unknown; readonly pipe?: unknown };
  if (stream instanceof Readable) return stream;
  // A stream of another library: it is read by its own events.
  if (typeof pipe === "function") return new Readable().wrap(value as NodeJS.ReadableStream);
  return String(value);
}
