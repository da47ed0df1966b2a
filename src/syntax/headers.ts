import { badRequest } from "../errors/index.js";
import { clip } from "./characters.js";

/**
 * `odata-version` and `odata-maxversion`: the value of the header `OData-Version` or `OData-MaxVersion`, `1*DIGIT "." 1*DIGIT`.
 *
 * @returns the version as a number: 4.01 is greater than 4.0
 * @throws ODataError 400 where it is no version
 * @example parseVersion("4.01", "OData-MaxVersion") // 4.01
 */
export function parseVersion(value: string, header: "OData-Version" | "OData-MaxVersion"): number {
  const text = value.trim();
  if (/^[0-9]+\.[0-9]+$/.test(text)) return Number(text);
  throw badRequest(`The header ${header} holds a version such as 4.0 or 4.01, not '${clip(text)}'.`, {
    target: header,
  });
}

/**
 * `isolation`: the value of the header `Isolation` or `OData-Isolation` (Protocol 4.01, section 8.2.6).
 *
 * @throws ODataError 400 where it is anything but `snapshot`, the only isolation there is
 * @example parseIsolation("Snapshot") // "snapshot"
 */
export function parseIsolation(value: string): "snapshot" {
  const text = value.trim();
  if (text.toLowerCase() === "snapshot") return "snapshot";
  throw badRequest(`The header Isolation holds 'snapshot', not '${clip(text)}'.`, { target: "Isolation" });
}

/**
 * `request-id`: the value of the header `Content-ID` in a batch, and the `id` of a request in a JSON batch.
 *
 * @throws ODataError 400 where it has characters that a reference to it in a URL could not have
 * @example parseRequestId("First-Insert~Customer_1.1") // "First-Insert~Customer_1.1"
 */
export function parseRequestId(value: string): string {
  const text = value.trim();
  if (/^[\w.~-]+$/.test(text)) return text;
  throw badRequest(
    `The identifier of a request has letters, digits, '-', '.', '_' and '~' only; '${clip(text)}' has something else.`,
    { target: "Content-ID" },
  );
}
