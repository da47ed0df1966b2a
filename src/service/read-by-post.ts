import { isUtf8 } from "node:buffer";
import { badRequest, ODataError } from "../errors/index.js";
import { splitUrl } from "./canonical-query.js";
import type { ODataRequest } from "./request.js";

/** As long as the limits of the syntax allow a query to become, and then some. */
const LONGEST_BODY = 256 * 1024;

/** `text/plain`, with no other character set than those whose texts are UTF-8. */
const PLAIN_TEXT = /^\s*text\/plain\s*(?:;\s*charset\s*=\s*"?(?:utf-8|us-ascii)"?\s*|;(?!\s*charset\s*=)[^;]*)*$/;

/**
 * The `GET` that a `POST` to `.../$query` stands for: its body holds query options, beside those of the URL (URL
 * Conventions 4.01, section 4.17).
 *
 * @throws {ODataError} 415 for a body of another type than `text/plain` or in other characters than UTF-8, 413 for one that
 *   is too long, 400 for one that is not percent-encoded
 * @example readByPost({ method: "POST", url: "/Products/$query", body: "$top=5", ... }) // GET /Products?$top=5
 */
export function readByPost(request: ODataRequest): ODataRequest {
  const type = request.headers["content-type"]?.toLowerCase() ?? "";
  if (request.body !== undefined && !PLAIN_TEXT.test(type)) {
    throw new ODataError(
      415,
      "UnsupportedMediaType",
      "The query options in the body of '$query' are text/plain, in UTF-8.",
      {
        target: "Content-Type",
      },
    );
  }
  const [path, query] = splitUrl(request.url);
  const options = [query, optionsIn(request.body)].filter((part) => part !== "").join("&");
  let end = path.length;
  while (path.endsWith("/", end)) end--;
  // Whether or not the dollar sign is percent-encoded.
  const resource = path.slice(0, path.lastIndexOf("/", end - 1));
  return { ...request, method: "GET", url: options === "" ? resource : `${resource}?${options}`, body: undefined };
}

function optionsIn(body: ODataRequest["body"]): string {
  if (body === undefined) return "";
  if (body.length > LONGEST_BODY) {
    throw new ODataError(413, "RequestEntityTooLarge", `Query options in a body are at most ${LONGEST_BODY} bytes.`);
  }
  // Editors and command lines like to put a line end behind a text.
  if (typeof body !== "string" && !isUtf8(body))
    throw badRequest("The query options in the body are not UTF-8; what is no ASCII is best percent-encoded.");
  const text = body.toString("utf8").replace(/\r?\n$/, "");
  if (text.startsWith("?"))
    throw badRequest("The query options in the body begin with a question mark, which belongs into a URL only.");
  const blank = text.search(/\s/);
  if (blank >= 0) {
    throw badRequest(
      `The query options in the body have white space at character ${blank + 1}: they are percent-encoded as in a URL.`,
    );
  }
  return text;
}
