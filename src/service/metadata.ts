import { writeCsdlJson } from "../edm/csdl/write-json.js";
import { writeCsdlXml } from "../edm/csdl/write-xml.js";
import type { Model } from "../edm/index.js";
import { negotiateMetadata } from "../format/media.js";
import type { JsonFormat } from "../format/media.js";
import { writeServiceDocument } from "../format/service-document.js";
import { jsonResponse } from "./exchange.js";
import { requireGet } from "./methods.js";
import type { ODataRequest, ODataResponse } from "./request.js";
import type { ODataVersion } from "./version.js";
import { negotiateVersion } from "./version.js";

/** What a service says of itself: Protocol 4.01, section 11.1. The texts of `$metadata` are written once. */
export class SelfDescription {
  readonly #model: Model;
  readonly #texts = new Map<string, string>();

  constructor(model: Model) {
    this.#model = model;
  }

  serviceDocument(request: ODataRequest, format: JsonFormat): ODataResponse {
    requireGet(request);
    const { response } = negotiateVersion(request.headers);
    const body = writeServiceDocument(this.#model, { serviceRoot: request.serviceRoot, metadataLevel: format.level });
    return jsonResponse(200, body, format, response);
  }

  /** @param asked `$format` */
  metadata(request: ODataRequest, asked: string | undefined): ODataResponse {
    requireGet(request);
    const { response } = negotiateVersion(request.headers);
    const format = negotiateMetadata(request.headers.accept, asked);
    const headers = {
      "content-type": format === "xml" ? "application/xml" : "application/json",
      "odata-version": response,
    };
    return { status: 200, headers, body: this.#text(format, response) };
  }

  #text(format: "xml" | "json", version: ODataVersion): string {
    const name = `${format} ${version}`;
    let text = this.#texts.get(name);
    if (text === undefined) {
      text = format === "xml" ? writeCsdlXml(this.#model, { version }) : writeCsdlJson(this.#model, { version });
      this.#texts.set(name, text);
    }
    return text;
  }
}
