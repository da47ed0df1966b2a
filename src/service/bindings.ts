import type { BoundPath, EntitySegment } from "../binding/index.js";
import { bindPath } from "../binding/index.js";
import type { EntityType, NavigationProperty } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { badRequest, ODataError } from "../errors/index.js";
import type { Transaction } from "../storage/index.js";
import { parsePath } from "../syntax/index.js";
import type { ServiceContext } from "./context.js";
import { relativePath } from "./entity-id.js";
import type { Located } from "./locate.js";
import { locate } from "./locate.js";
import type { ODataRequest } from "./request.js";

/** Where a reference stands, for messages. */
interface Reference {
  readonly uri: string;
  readonly target: string;
}

/** What references in a request are resolved with. */
export type ReferenceBase = Pick<ODataRequest, "serviceRoot">;

/**
 * The entity that a reference in a request means: an absolute URL of this service, or one relative to its root
 * (JSON Format 4.01, section 8.5).
 *
 * @throws {ODataError} 400 where it means no entity, or none that is there, or one of a type that does not fit
 */
export async function resolveReference(
  reference: Reference,
  property: NavigationProperty,
  request: ReferenceBase,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Located> {
  const { type, name } = property;
  const { located } = await followReference(reference, type, `'${name}'`, request, context, transaction);
  if (located === undefined) throw wrongReference(reference, "leads to no entity.");
  return located;
}

/** What a reference leads to. */
export interface Followed {
  /** `undefined` where it names an entity that is not there. */
  readonly located: Located | undefined;
  readonly segments: readonly EntitySegment[];
}

/**
 * The same where it may lead to nothing.
 *
 * @param expected the type that the entity must have
 * @param where what expects it, for the message
 * @throws {ODataError} 400 where it is no URL of an entity, or of one of a type that does not fit
 */
export async function followReference(
  reference: Reference,
  expected: EntityType,
  where: string,
  request: ReferenceBase,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Followed> {
  const { uri } = reference;
  let located: Located | undefined;
  let path: BoundPath;
  try {
    path = bindPath(parsePath(relativePath(uri, request.serviceRoot, context)), context.model, context.behaviour);
    const isEntity = path.tail.kind === "entity" && !path.collection;
    if (!isEntity) throw wrongReference(reference, "is not the URL of a single entity.");
    located = await locate(path.segments, context, transaction);
  } catch (error) {
    if (!(error instanceof ODataError) || error.target === reference.target) throw error;
    throw wrongReference(reference, `is no URL of an entity of this service: ${error.message}`);
  }
  const type = located?.type ?? path.type;
  if (located === undefined || isOrDerivesFrom(type, expected)) return { located, segments: path.segments };
  throw wrongReference(reference, `is a '${type.qualifiedName}'; ${where} leads to '${expected.qualifiedName}'.`);
}

function wrongReference({ uri, target }: Reference, why: string): ODataError {
  return badRequest(`'${uri.slice(0, 200)}' in '${target}' ${why}`, { target });
}

/**
 * A relationship that is part of an entity's key is what it is for as long as the entity is there (Protocol 4.01, section
 * 11.4.6.3).
 *
 * @throws {ODataError} 400
 */
export function checkChangeable({ mapping }: Located, property: NavigationProperty, context: ServiceContext): void {
  const how = context.mapping.navigation(property);
  if (how.kind === "sourceColumn" && mapping.key.includes(how.column)) {
    throw badRequest(`'${property.name}' is part of the entity's key and cannot be changed.`, {
      target: property.name,
    });
  }
}
