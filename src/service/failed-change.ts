import { ODataError } from "../errors/index.js";
import { escapeJson } from "../format/json-text.js";
import { StoreUnavailable } from "../storage/index.js";
import type { ServiceContext } from "./context.js";
import { translateStoreError } from "./store-errors.js";

/** What a client can mend; whatever else goes wrong is the end of the request. */
export function failureOf(thrown: unknown, context: ServiceContext): ODataError | undefined {
  // The store may have to begin the whole transaction anew.
  if (thrown instanceof StoreUnavailable) return undefined;
  const error = translateStoreError(thrown, context);
  return error instanceof ODataError && error.status < 500 ? error : undefined;
}

/** `Core.DataModificationException`, with the name that its vocabulary gives it. */
export function exceptionMember({ status, code, message, target }: ODataError, operation: string): string {
  const details = [
    `"code":${escapeJson(code)}`,
    `"message":${escapeJson(message)}`,
    `"severity":"error"`,
    ...(target === undefined ? [] : [`"target":${escapeJson(target)}`]),
  ];
  const members = [`"failedOperation":"${operation}"`, `"responseCode":${status}`, `"info":{${details.join(",")}}`];
  return `"@Org.OData.Core.V1.DataModificationException":{${members.join(",")}}`;
}
