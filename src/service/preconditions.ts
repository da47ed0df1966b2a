import { ODataError } from "../errors/index.js";
import type { ODataRequest } from "./request.js";

/**
 * Checks `If-Match` of a request that changes an entity: Protocol 4.01, section 8.2.4. Entities have no ETag so far, so
 * whoever names one wants an entity that is not there: the change must not be made (RFC 9110, section 13.1.1).
 *
 * @throws {ODataError} 412 where the header holds anything but `*`
 */
export function checkPreconditions(request: ODataRequest): void {
  const expected = request.headers["if-match"];
  if (expected === undefined || expected.trim() === "*") return;
  throw new ODataError(412, "PreconditionFailed", "The entity has no ETag, so none of those in If-Match is its own.", {
    target: "If-Match",
  });
}
