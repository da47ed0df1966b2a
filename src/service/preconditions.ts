import type { BoundOptions } from "../binding/index.js";
import { ODataError } from "../errors/index.js";
import { compileRead, parameterValues } from "../query/index.js";
import type { ServiceContext } from "./context.js";
import { etagOf, isAmong } from "./etag.js";
import type { Reads } from "./locate.js";
import type { ODataRequest } from "./request.js";
import type { ResourceRequest } from "./route.js";

/**
 * Checks `If-Match` of a request that changes an entity: Protocol 4.01, section 8.2.4. Where the entity has no ETag, whoever
 * names one wants an entity that is not there: the change must not be made (RFC 9110, section 13.1.1).
 *
 * @throws {ODataError} 412 where the header names none of the entity's ETags
 */
export async function checkPreconditions(
  resource: ResourceRequest,
  request: ODataRequest,
  context: ServiceContext,
  reads: Reads,
): Promise<void> {
  const expected = request.headers["if-match"];
  if (expected === undefined || expected.trim() === "*") return;
  const etag = await currentEtag(resource, context, reads);
  if (etag !== undefined && isAmong(etag, expected)) return;
  const message =
    etag === undefined
      ? "The entity has no ETag, so none of those in If-Match is its own."
      : "The entity has changed: its ETag is none of those in If-Match.";
  throw new ODataError(412, "PreconditionFailed", message, { target: "If-Match" });
}

async function currentEtag(
  { route, path, options, values }: ResourceRequest,
  context: ServiceContext,
  reads: Reads,
): Promise<string | undefined> {
  const nothing: BoundOptions = { variable: options.variable, select: { all: false, items: [], text: [] }, expand: [] };
  const statement = route.statement("etag", () => compileRead(path, nothing, context.sql));
  const [row] = await reads.rows(statement.text, parameterValues(statement, values), statement.functions);
  return row === undefined ? undefined : etagOf(row[statement.columns.text] as string);
}
