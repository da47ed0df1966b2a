import { badRequest } from "../errors/index.js";
import { deletedEntity } from "../format/deleted-entity.js";
import { readEntityObject, readObject } from "../format/entity-reader.js";
import { requireJsonBody } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import type { Transaction } from "../storage/index.js";
import { withSavepoint } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { contextFragment } from "./context-url.js";
import { EntityWriter } from "./entity-writer.js";
import type { Terms } from "./exchange.js";
import { appliedPreferences, emptyResponse, jsonResponse } from "./exchange.js";
import { exceptionMember, failureOf } from "./failed-change.js";
import type { Located } from "./locate.js";
import { keyScalars } from "./locate.js";
import { checkSetConditions } from "./preconditions.js";
import { contextMember } from "./reading.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ResourceRequest } from "./route.js";
import { keyMembers, MemberReader, membersOf } from "./set-based-members.js";
import { currentValue, storedValues } from "./values.js";
import { placeAt } from "./write-restrictions.js";

/** What a handler of a request for the members of a collection is given. */
interface SetRequest {
  readonly resource: ResourceRequest;
  readonly request: ODataRequest;
  readonly format: JsonFormat;
  readonly terms: Terms;
  readonly context: ServiceContext;
}

/** What became of the members, each in its turn. */
interface Outcome {
  readonly texts: readonly string[];
  readonly hasFailed: boolean;
}

/**
 * `PATCH .../$each`: the body is a change of each member of the collection (Protocol 4.01, section 11.4.13). All of it is done
 * or nothing; with `Prefer: continue-on-error` what fails is left as it is, and said.
 */
export async function updateMembers(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  requireJsonBody(request.headers["content-type"]);
  const body = readObject(request.body ?? "");
  const { bodyVersion: version } = terms;
  const place = placeAt(resource, context);
  const set: SetRequest = { resource, request, format, terms, context };
  return context.store.transaction(async (transaction) => {
    const writer = new EntityWriter({ request, version, context, transaction, place });
    const reader = new MemberReader(resource, request, format, terms, context, transaction);
    const outcome = await eachMember(set, transaction, "update", reader, async (member) => {
      const stored = storedValues(member.type, member.mapping, member.values);
      const payload = readEntityObject(body, resource.path.type, {
        model: context.model,
        operation: "update",
        current: member.type,
        currentValue: currentValue(stored, "merge"),
        version,
        notWritable: place?.capabilities.update.nonUpdatable,
      });
      await writer.update(member, stored, payload, "merge");
      return wantsMembers(set) ? reader.text(member) : undefined;
    });
    return answer(set, outcome, contextMember(reader.collection()));
  });
}

/**
 * `DELETE .../$each`: Protocol 4.01, section 11.4.14. The answer, where it is wanted, is a delta payload with the deleted
 * entities.
 */
export async function deleteMembers(
  resource: ResourceRequest,
  request: ODataRequest,
  format: JsonFormat,
  terms: Terms,
  context: ServiceContext,
): Promise<ODataResponse> {
  // Whoever writes it here means those that are to be deleted, and would lose all.
  if (resource.options.filter !== undefined)
    throw badRequest("Say which members are to be deleted with '/$filter(...)' in the path.", { target: "$filter" });
  const { bodyVersion: version } = terms;
  const set: SetRequest = { resource, request, format, terms, context };
  const { serviceRoot } = request;
  const fragment = contextFragment(resource.path, { expand: [] }, context.urls, terms.version);
  return context.store.transaction(async (transaction) => {
    const writer = new EntityWriter({ request, version, context, transaction });
    const reader = new MemberReader(resource, request, format, terms, context, transaction);
    const outcome = await eachMember(set, transaction, "delete", reader, async (member) => {
      const id = `${serviceRoot}${context.urls.entityPath(member.type, keyScalars(member), resource.path.segments)}`;
      // It may have gone with another member; then nothing is left to do.
      await writer.remove(member);
      if (!wantsMembers(set)) return undefined;
      const deleted = `${serviceRoot}$metadata#${fragment}/$deletedEntity`;
      const key = keyMembers(member, format);
      return deletedEntity({ id, key, reason: "deleted", context: deleted }, terms.version, format);
    });
    const member = format.level === "none" ? "" : `"@odata.context":"${serviceRoot}$metadata#${fragment}/$delta"`;
    return answer(set, outcome, member);
  });
}

/**
 * Does something with each member.
 *
 * @param work gives the text that stands for the member in the answer, where it is wanted
 * @throws {ODataError} what is wrong with the first that fails, unless the client wants to go on
 */
async function eachMember(
  { resource, request, terms, context }: SetRequest,
  transaction: Transaction,
  operation: "update" | "delete",
  reader: MemberReader,
  work: (member: Located) => Promise<string | undefined>,
): Promise<Outcome> {
  const members = await membersOf(resource, context, transaction);
  checkSetConditions(resource, request, context);
  const goesOn = terms.preferences.continueOnError === true;
  const texts: string[] = [];
  let hasFailed = false;
  for (const member of members) {
    try {
      const text = await (goesOn ? withSavepoint(transaction, () => work(member)) : work(member));
      if (text !== undefined) texts.push(text);
    } catch (thrown) {
      const error = goesOn ? failureOf(thrown, context) : undefined;
      if (error === undefined) throw thrown;
      hasFailed = true;
      texts.push(await reader.failed(member, exceptionMember(error, operation)));
    }
  }
  return { texts, hasFailed };
}

/** Options that shape the members in an answer ask for one: Protocol 4.01, section 11.4.1.5. */
function wantsMembers({ resource: { options }, terms }: SetRequest): boolean {
  const { return: wanted } = terms.preferences;
  if (wanted !== undefined) return wanted === "representation";
  return options.select !== undefined || options.expand.length > 0 || options.filter !== undefined;
}

function answer(set: SetRequest, { texts, hasFailed }: Outcome, context: string): ODataResponse {
  const { format, terms } = set;
  const { return: wanted, continueOnError } = terms.preferences;
  const applied = appliedPreferences({
    return: wanted === "minimal" && hasFailed ? undefined : wanted,
    continueOnError: hasFailed ? continueOnError : undefined,
  });
  if (!wantsMembers(set) && !hasFailed) return emptyResponse(204, terms.version, applied);
  const members = [...(context === "" ? [] : [context]), `"value":[${texts.join(",")}]`];
  return jsonResponse(200, `{${members.join(",")}}`, format, terms.version, applied);
}
