import { badRequest } from "../errors/index.js";
import { parseVersion } from "../syntax/index.js";

export type ODataVersion = "4.0" | "4.01";

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * The protocol version of an answer, and of what the request's body means: Protocol 4.01, sections 8.1.5 and 8.2.7.
 *
 * @throws {ODataError} 400 where the client accepts no version that is offered, or writes one that is not
 */
export function negotiateVersion(headers: Headers): {
  response: ODataVersion;
  request: ODataVersion;
} {
  const max = headers["odata-maxversion"];
  const written = headers["odata-version"];
  if (max === undefined && written === undefined) return { response: "4.01", request: "4.01" };
  const request = written === undefined ? undefined : parseVersion(written, "OData-Version");
  if (request !== undefined && request !== 4 && request !== 4.01) {
    throw badRequest(`The request is written in OData ${written!.trim()}; this service reads 4.0 and 4.01.`, {
      target: "OData-Version",
    });
  }
  // A client that writes 4.0 and does not say what it reads is a 4.0 client.
  const greatest = max === undefined ? request! : parseVersion(max, "OData-MaxVersion");
  if (greatest < 4) {
    throw badRequest(
      `The client reads OData ${(max ?? written!).trim()} at most; this service answers in 4.0 and 4.01.`,
      { target: "OData-MaxVersion" },
    );
  }
  const response = greatest >= 4.01 ? "4.01" : "4.0";
  return { response, request: request === undefined ? response : request === 4 ? "4.0" : "4.01" };
}

/** The version of an error, whatever the request says: an error is answered also where nothing could be agreed on. */
export function errorVersion(headers: Headers): ODataVersion {
  try {
    return negotiateVersion(headers).response;
  } catch {
    return "4.01";
  }
}
