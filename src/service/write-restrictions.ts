import type { Capabilities, NavigationProperty, Place } from "../edm/index.js";
import { placeBehind, placeOf } from "../edm/index.js";
import { badRequest, notImplemented } from "../errors/index.js";
import type { EntityPayload, EntityReadContext } from "../format/entity-reader.js";
import type { ServiceContext } from "./context.js";
import { within } from "./entity-rows.js";
import { allowedMethods, methodNotAllowed } from "./methods.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest, ResourceRoute } from "./route.js";

/** What follows from the path of a route is worked out once. */
const places = new WeakMap<ResourceRoute, { readonly place: Place | undefined }>();

/** Where the entities that a request addresses live; `undefined` behind a call of an operation, where nobody can say. */
export function placeAt(
  { route }: Pick<ResourceRequest, "route">,
  { model }: Pick<ServiceContext, "model">,
): Place | undefined {
  let found = places.get(route);
  if (found === undefined) {
    let place: Place | undefined;
    for (const segment of route.request.path.segments) {
      if (segment.kind === "entitySet") place = placeOf(segment.set, model.container);
      else if (segment.kind === "singleton") place = placeOf(segment.singleton, model.container);
      else if (segment.kind === "navigation" && place !== undefined)
        place = placeBehind(place, segment.alternatives[0]!, model.container);
    }
    places.set(route, (found = { place }));
  }
  return found.place;
}

/**
 * Whose values a body is read for: those that its place does not let clients write are passed over, but not where a rule has
 * made it.
 *
 * @param notWritable names of properties that clients cannot write there
 */
export function writtenBy(
  { byRule }: Pick<ServiceContext, "byRule">,
  notWritable: ReadonlySet<string> | undefined,
): Pick<EntityReadContext, "byRule" | "notWritable"> {
  return byRule === true ? { byRule } : { notWritable };
}

/**
 * Refuses a method that `InsertRestrictions`, `UpdateRestrictions` or `DeleteRestrictions` do not let clients use on an entity
 * or a collection of entities.
 *
 * @throws {ODataError} 405 with the methods that are left in `Allow`
 */
export function checkMethod(
  resource: ResourceRequest,
  request: Pick<ODataRequest, "method">,
  context: Pick<ServiceContext, "model">,
): void {
  if (!isOffered(request.method, resource, context))
    throw methodNotAllowed(request.method, offeredMethods(resource, context));
}

/** The methods that a resource takes where it is, for the header `Allow`. */
export function offeredMethods(resource: ResourceRequest, context: Pick<ServiceContext, "model">): string {
  return allowedMethods(resource)
    .split(", ")
    .filter((method) => isOffered(method, resource, context))
    .join(", ");
}

function isOffered(method: string, resource: ResourceRequest, context: Pick<ServiceContext, "model">): boolean {
  const { tail, collection } = resource.path;
  if (tail.kind !== "entity" && tail.kind !== "each") return true;
  const capabilities = placeAt(resource, context)?.capabilities;
  return capabilities === undefined || offers(capabilities, method, collection && tail.kind === "entity");
}

function offers({ insert, update, delete: remove }: Capabilities, method: string, collection: boolean): boolean {
  switch (method) {
    case "POST":
      return insert.insertable;
    case "PATCH":
      return collection ? update.delta : update.patch;
    case "PUT":
      return collection ? update.put && insert.insertable && remove.deletable : update.put;
    case "DELETE":
      return remove.deletable;
    default:
      return true;
  }
}

/** Where an entity of a payload stands. */
export interface Position {
  /** How many entities it stands in. */
  readonly depth: number;
  readonly place: Place | undefined;
}

/** The position of what a navigation property leads to. */
export function behind(
  { depth, place }: Position,
  property: NavigationProperty,
  { model }: Pick<ServiceContext, "model">,
): Position {
  return { depth: depth + 1, place: place === undefined ? undefined : placeBehind(place, property, model.container) };
}

/**
 * Checks a new entity against what its place asks for.
 *
 * @throws {ODataError} 400 for what is missing, or must not be there; 501 where it may hold no others
 */
export function checkInsert(payload: EntityPayload, { depth, place }: Position): void {
  if (place === undefined) return;
  const { insert, deepInsert } = place.capabilities;
  // What a request addresses itself was refused by its method.
  if (depth > 0 && !insert.insertable) throw refused(payload, "created");
  for (const path of insert.required) {
    const [name = ""] = path.split("/");
    if (!isGiven(payload, name)) throw badRequest(`'${name}' must have a value.`, { target: within(payload, name) });
  }
  checkNavigation(payload, insert.nonInsertableNavigation, "given to a new entity");
  if (!deepInsert) refuseDeep(payload);
}

/** The same for an entity that is changed, or replaced. */
export function checkUpdate(payload: EntityPayload, mode: "merge" | "replace", { depth, place }: Position): void {
  if (place === undefined) return;
  const { insert, update, deepUpdate } = place.capabilities;
  if (depth > 0 && !(mode === "merge" ? update.patch : update.put)) throw refused(payload, "changed");
  // What a new entity must have, one that replaces another has no default for either.
  const required = mode === "merge" ? update.required : [...update.required, ...insert.required];
  for (const path of required) {
    const [name = ""] = path.split("/");
    const property = payload.type.properties.get(name);
    if (property === undefined || update.nonUpdatable.has(name) || payload.type.key.includes(property)) continue;
    if (!isGiven(payload, name)) throw badRequest(`'${name}' must have a value.`, { target: within(payload, name) });
  }
  checkNavigation(payload, update.nonUpdatableNavigation, "changed");
  if (!deepUpdate) refuseDeep(payload);
}

function isGiven({ type, properties, bindings, related }: EntityPayload, name: string): boolean {
  const property = type.properties.get(name);
  if (property !== undefined) return properties.has(property);
  const navigation = type.navigationProperties.get(name);
  // A path may be about a derived type, of which this entity is none.
  return navigation === undefined || bindings.has(navigation) || related?.has(navigation) === true;
}

function checkNavigation(payload: EntityPayload, names: ReadonlySet<string>, what: string): void {
  if (names.size === 0) return;
  for (const { name } of [...payload.bindings.keys(), ...(payload.related?.keys() ?? [])]) {
    if (!names.has(name)) continue;
    throw badRequest(`'${name}' cannot be ${what} here, as the metadata of the service says.`, {
      target: within(payload, name),
    });
  }
}

function refuseDeep(payload: EntityPayload): void {
  const [property] = payload.related?.keys() ?? [];
  if (property === undefined) return;
  throw notImplemented("Entities within others are not taken here, as the metadata of the service says.", {
    target: within(payload, property.name),
  });
}

function refused({ path = "" }: EntityPayload, what: string): Error {
  return badRequest(`'${path}' cannot be ${what} here, as the metadata of the service says.`, { target: path });
}
