import { STATUS_CODES } from "node:http";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ODataVersion } from "./version.js";
import type { ODataRequest, ODataResponse } from "./request.js";

/**
 * What `@odata.context` gives: the request and a response, as far as methods written for `odata-v4-server` use them. They
 * are not those of Express, since a request may come from a batch or from the same process.
 */
export interface MethodContext {
  readonly url: string;
  readonly method: string;
  readonly protocol: string;
  readonly host: string;
  /** The path of the service root, without a trailing slash. */
  readonly base: string;
  readonly request: MethodRequest;
  readonly response: MethodResponse;
}

/** The request that a method carries out. */
export interface MethodRequest {
  readonly method: string;
  readonly url: string;
  readonly originalUrl: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it came. */
  readonly body: Buffer | string | undefined;
  get(name: string): string | undefined;
  header(name: string): string | undefined;
}

/** @param url relative to the service root */
export function methodContext(request: ODataRequest): MethodContext {
  const root = new URL(request.serviceRoot);
  const base = root.pathname.replace(/\/$/, "");
  const header = (name: string) => request.headers[name.toLowerCase()];
  const { method, url, headers, body } = request;
  return {
    url,
    method,
    protocol: root.protocol.replace(":", ""),
    host: root.host,
    base,
    request: { method, url, originalUrl: `${base}${url}`, headers, body, get: header, header },
    response: new MethodResponse(),
  };
}

/**
 * A response that a method may shape: a status and headers for the answer, or a body of its own, which then is the answer.
 * It has what methods use of Express's: `status`, `sendStatus`, `set`, `setHeader`, `type`, `send`, `json`, `write`, `end`,
 * and streams may be piped into it.
 */
export class MethodResponse extends Writable {
  statusCode = 200;
  readonly locals: Record<string, unknown> = {};
  readonly #headers = new Map<string, string>();
  readonly #chunks: Buffer[] = [];
  #isPiped = false;

  constructor() {
    super();
    this.on("pipe", () => (this.#isPiped = true));
  }

  get headersSent(): boolean {
    return this.#chunks.length > 0 || this.writableEnded;
  }

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  sendStatus(code: number): this {
    return this.status(code)
      .type("text/plain")
      .send(STATUS_CODES[code] ?? String(code));
  }

  /** @throws {TypeError} for a name or a value that no header can have */
  setHeader(name: string, value: number | string | readonly string[]): this {
    const text = Array.isArray(value) ? value.join(", ") : String(value);
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(text))
      throw new TypeError(`'${name}' cannot be set as a header.`);
    this.#headers.set(name.toLowerCase(), text);
    return this;
  }

  set(name: string | Readonly<Record<string, string>>, value?: number | string | readonly string[]): this {
    if (typeof name === "string") return this.setHeader(name, value ?? "");
    for (const [key, text] of Object.entries(name)) this.setHeader(key, text);
    return this;
  }

  header(name: string | Readonly<Record<string, string>>, value?: number | string | readonly string[]): this {
    return this.set(name, value);
  }

  getHeader(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  get(name: string): string | undefined {
    return this.getHeader(name);
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  writeHead(code: number, headers: Readonly<Record<string, string>> = {}): this {
    return this.status(code).set(headers);
  }

  type(contentType: string): this {
    return this.setHeader("content-type", contentType);
  }

  contentType(contentType: string): this {
    return this.type(contentType);
  }

  json(value: unknown): this {
    if (this.getHeader("content-type") === undefined) this.type("application/json");
    return this.send(JSON.stringify(value));
  }

  send(body?: unknown): this {
    if (typeof body === "object" && body !== null && !(body instanceof Uint8Array)) return this.json(body);
    if (body === undefined || body === null) this.end();
    else this.end(typeof body === "object" ? body : String(body));
    return this;
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#chunks.push(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
    done();
  }

  /**
   * The answer that the method has made itself, where it has.
   *
   * @param contentType of a body for which the method has set none
   */
  async own(version: ODataVersion, contentType: string | undefined): Promise<ODataResponse | undefined> {
    if (!this.headersSent && !this.#isPiped) return undefined;
    if (!this.writableFinished) await finished(this);
    const body = Buffer.concat(this.#chunks);
    const type = contentType === undefined || body.length === 0 ? {} : { "content-type": contentType };
    const headers = { ...type, "odata-version": version, ...Object.fromEntries(this.#headers) };
    return body.length === 0 ? { status: this.statusCode, headers } : { status: this.statusCode, headers, body };
  }

  /** An answer with the status and the headers that the method has set. */
  shape(answer: ODataResponse): ODataResponse {
    if (this.statusCode === 200 && this.#headers.size === 0) return answer;
    const status = this.statusCode === 200 ? answer.status : this.statusCode;
    return { ...answer, status, headers: { ...answer.headers, ...Object.fromEntries(this.#headers) } };
  }
}
