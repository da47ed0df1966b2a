import { badRequest } from "../errors/index.js";

export type ODataVersion = "4.0" | "4.01";

/**
 * The protocol version of an answer, and of what the request's body means: Protocol 4.01, sections 8.1.5 and 8.2.7.
 *
 * @throws {ODataError} 400 where the client accepts no version that is offered, or writes one that is not
 */
export function negotiateVersion(headers: Readonly<Record<string, string | undefined>>): {
  response: ODataVersion;
  request: ODataVersion;
} {
  const max = headers["odata-maxversion"];
  const written = headers["odata-version"];
  if (max === undefined && written === undefined) return { response: "4.01", request: "4.01" };
  const request = written === undefined ? undefined : parse(written, "OData-Version");
  if (request !== undefined && request !== 4 && request !== 4.01) {
    throw badRequest(`The request is written in OData ${show(written!)}; this service reads 4.0 and 4.01.`, {
      target: "OData-Version",
    });
  }
  // A client that writes 4.0 and does not say what it reads is a 4.0 client.
  const greatest = max === undefined ? request! : parse(max, "OData-MaxVersion");
  if (greatest < 4) {
    throw badRequest(`The client reads OData ${show(max ?? written!)} at most; this service answers in 4.0 and 4.01.`, {
      target: "OData-MaxVersion",
    });
  }
  const response = greatest >= 4.01 ? "4.01" : "4.0";
  return { response, request: request === undefined ? response : request === 4 ? "4.0" : "4.01" };
}

function parse(value: string, header: string): number {
  if (!/^\d{1,3}\.\d{1,3}$/.test(value.trim())) {
    throw badRequest(`The header ${header} holds a version such as 4.0 or 4.01, not '${show(value)}'.`, {
      target: header,
    });
  }
  return Number(value);
}

function show(value: string): string {
  return value.slice(0, 20).replace(/[^\x20-\x7e]/g, "?");
}
