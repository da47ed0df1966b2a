import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { writeCsdlJson } from "../edm/csdl/write-json.js";
import { writeCsdlXml } from "../edm/csdl/write-xml.js";
import type { Model } from "../edm/index.js";
import type { ContentCoding } from "../format/content-coding.js";
import { acceptedCoding } from "../format/content-coding.js";
import { negotiateMetadata } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import { writeServiceDocument } from "../format/service-document.js";
import { isNotModified } from "./etag.js";
import { agree, emptyResponse, jsonResponse } from "./exchange.js";
import { requireGet } from "./methods.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ODataVersion } from "./version.js";

/** A text of `$metadata`, its ETag, and what was made of it for clients that take it encoded. */
interface Description {
  readonly text: string;
  readonly etag: string;
  readonly encoded: Map<ContentCoding, Buffer>;
}

/**
 * What a service says of itself: Protocol 4.01, section 11.1. The texts of `$metadata` are written once, and encoded once.
 * Both documents have an ETag (section 8.3.2), so that clients may ask whether they are still as they were.
 */
export class SelfDescription {
  readonly #model: Model;
  readonly #descriptions = new Map<string, Description>();

  constructor(model: Model) {
    this.#model = model;
  }

  serviceDocument(request: ODataRequest, format: JsonFormat): ODataResponse {
    requireGet(request);
    const { version } = agree(request);
    const body = writeServiceDocument(this.#model, { serviceRoot: request.serviceRoot, metadataLevel: format.level });
    const etag = etagOfText(`${version} ${body}`);
    if (isNotModified(request, etag)) return emptyResponse(304, version, { etag });
    return jsonResponse(200, body, format, version, { etag });
  }

  /** @param asked `$format` */
  metadata(request: ODataRequest, asked: string | undefined): ODataResponse {
    requireGet(request);
    const { version } = agree(request);
    const format = negotiateMetadata(request.headers.accept, asked);
    const description = this.#description(format, version);
    const { etag, text } = description;
    if (isNotModified(request, etag)) return emptyResponse(304, version, { etag });
    const headers = {
      "content-type": format === "xml" ? "application/xml" : "application/json",
      "odata-version": version,
      etag,
    };
    const coding = acceptedCoding(request.headers["accept-encoding"]);
    if (coding === undefined) return { status: 200, headers, body: text };
    return { status: 200, headers: { ...headers, "content-encoding": coding }, body: encodedText(description, coding) };
  }

  #description(format: "xml" | "json", version: ODataVersion): Description {
    const name = `${format} ${version}`;
    let description = this.#descriptions.get(name);
    if (description === undefined) {
      const text = format === "xml" ? writeCsdlXml(this.#model, { version }) : writeCsdlJson(this.#model, { version });
      description = { text, etag: etagOfText(text), encoded: new Map() };
      this.#descriptions.set(name, description);
    }
    return description;
  }
}

function encodedText({ text, encoded }: Description, coding: ContentCoding): Buffer {
  let body = encoded.get(coding);
  if (body === undefined) {
    // The slowest qualities take seconds for a large model, and save little.
    body =
      coding === "gzip"
        ? gzipSync(text)
        : brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
    encoded.set(coding, body);
  }
  return body;
}

/** A weak ETag: it does not depend on the content coding. */
function etagOfText(text: string): string {
  return `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}
