import type { Service } from "../../../src/index.js";
import type { Json } from "./bookshop.js";
import { root } from "./bookshop.js";

/** An answer of a service, its body read. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: Json;
  /** The names of the items of a collection. */
  readonly names: readonly string[];
}

/** Calls a service in the same process. */
export interface Client {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<ReadAnswer>;
  call(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ReadAnswer>;
}

export function answering(service: Service): Client {
  const call: Client["call"] = async (method, url, body, headers = {}) => {
    const {
      status,
      headers: answered,
      body: content,
    } = await service.handle({
      method,
      url: url.replaceAll(" ", "%20"),
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      serviceRoot: root,
    });
    let text = "";
    if (typeof content === "string" || Buffer.isBuffer(content)) text = content.toString();
    else if (content !== undefined) for await (const chunk of content) text += String(chunk);
    return {
      status,
      headers: answered,
      text,
      get json() {
        return JSON.parse(text) as Json;
      },
      get names() {
        return (JSON.parse(text) as { value: { Name: string }[] }).value.map(({ Name }) => Name);
      },
    };
  };
  return { call, get: (url, headers) => call("GET", url, undefined, headers) };
}
