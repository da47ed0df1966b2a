import type { Readable } from "node:stream";
import { createService, ODataError } from "../../../src/index.js";
import type { ODataResponse, Service } from "../../../src/index.js";
import { Lab } from "./lab.js";
import { asRequests } from "./lab-world.js";
import type { World } from "./lab-world.js";

/** What a service says to a request. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The lab as a service on a database. */
export class LabStore {
  readonly #service: Service;

  private constructor(service: Service) {
    this.#service = service;
  }

  /** @param url of an empty database */
  static async open(url: string): Promise<LabStore> {
    const service = await createService(Lab, { database: { url, synchronous: "NORMAL" } });
    return new LabStore(service);
  }

  async fill(world: World): Promise<void> {
    for (const { method, path, body } of asRequests(world)) {
      const answer = await this.#ask(method, `/${path}`, JSON.stringify(body));
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    }
  }

  /** @param url path and options, not percent-encoded */
  get(url: string): Promise<Answer> {
    return this.#ask("GET", `/${encoded(url)}`);
  }

  async #ask(method: string, url: string, body?: string): Promise<Answer> {
    const headers: Record<string, string> =
      body === undefined ? {} : { "content-type": "application/json", "if-match": "*" };
    if (method === "POST") delete headers["if-match"];
    try {
      const bytes = body === undefined ? {} : { body: Buffer.from(body) };
      const response = await this.#service.handle({ method, url, headers, serviceRoot: "http://lab/", ...bytes });
      return { status: response.status, body: await textOf(response.body) };
    } catch (error) {
      if (error instanceof ODataError) return { status: error.status, body: error.message };
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#service.close();
  }
}

/** A URL as it is sent. */
export function encoded(url: string): string {
  return encodeURI(url).replaceAll("+", "%2B").replaceAll("#", "%23");
}

async function textOf(body: ODataResponse["body"]): Promise<string> {
  if (body === undefined) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString("utf8");
  const chunks: Buffer[] = [];
  for await (const chunk of body as Readable) chunks.push(Buffer.from(chunk as string | Buffer));
  return Buffer.concat(chunks).toString("utf8");
}
