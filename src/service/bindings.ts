import { bindPath } from "../binding/index.js";
import type { NavigationProperty } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { badRequest, ODataError } from "../errors/index.js";
import type { EntityPayload } from "../format/entity-reader.js";
import type { SqlValue } from "../query/index.js";
import type { EntityKey, ForeignKeys, Transaction } from "../storage/index.js";
import { parsePath } from "../syntax/index.js";
import type { ServiceContext } from "./context.js";
import { relativePath } from "./entity-id.js";
import type { Located } from "./locate.js";
import { entityKey, locate } from "./locate.js";
import type { ODataRequest } from "./request.js";

/** Where a reference stands, for messages. */
interface Reference {
  readonly uri: string;
  readonly target: string;
}

/**
 * The entity that a reference in a request means: an absolute URL of this service, or one relative to its root
 * (JSON Format 4.01, section 8.5).
 *
 * @throws {ODataError} 400 where it means no entity, or none that is there, or one of a type that does not fit
 */
export async function resolveReference(
  reference: Reference,
  property: NavigationProperty,
  request: ODataRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<Located> {
  const { uri, target } = reference;
  const wrong = (why: string) => badRequest(`'${uri.slice(0, 200)}' in '${target}' ${why}`, { target });
  let located: Located | undefined;
  let isEntity: boolean;
  try {
    const path = bindPath(parsePath(relativePath(uri, request.serviceRoot, context)), context.model, context.behaviour);
    isEntity = path.tail.kind === "entity" && !path.collection;
    if (isEntity) located = await locate(path.segments, context, transaction);
  } catch (error) {
    if (!(error instanceof ODataError)) throw error;
    throw wrong(`is no URL of an entity of this service: ${error.message}`);
  }
  if (!isEntity) throw wrong("is not the URL of a single entity.");
  if (located === undefined) throw wrong("leads to no entity.");
  if (!isOrDerivesFrom(located.type, property.type)) {
    throw wrong(`is a '${located.type.qualifiedName}'; '${property.name}' leads to '${property.type.qualifiedName}'.`);
  }
  return located;
}

type Bindings = EntityPayload["bindings"];

/**
 * The foreign keys that a new entity's bindings give its row, which must be there when it is inserted where the table
 * asks for them; and the bindings that are written afterwards.
 */
export async function foreignKeysOf(
  payload: EntityPayload,
  request: ODataRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<{ readonly foreignKeys: ForeignKeys; readonly others: Bindings }> {
  const foreignKeys = new Map<string, SqlValue>();
  const others = new Map(payload.bindings);
  for (const [property, binding] of payload.bindings) {
    const how = context.mapping.navigation(property);
    if (how.kind !== "sourceColumn" || binding === null) continue;
    const target = await resolveReference(binding.uris[0]!, property, request, context, transaction);
    foreignKeys.set(how.column, target.key[0]!);
    others.delete(property);
  }
  return { foreignKeys, others };
}

/** Ties and unties an entity as a payload says. */
export async function applyBindings(
  source: EntityKey,
  bindings: Bindings,
  request: ODataRequest,
  context: ServiceContext,
  transaction: Transaction,
): Promise<void> {
  for (const [property, binding] of bindings) {
    if (binding === null) {
      await context.links.untieAll(transaction, source, property);
      continue;
    }
    const targets: Located[] = [];
    for (const reference of binding.uris)
      targets.push(await resolveReference(reference, property, request, context, transaction));
    if (binding.replaces) await context.links.untieAll(transaction, source, property);
    for (const target of targets) await context.links.tie(transaction, source, property, entityKey(target));
  }
}
