import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { request as httpRequest } from "node:http";
import type { Agent, IncomingHttpHeaders } from "node:http";
import { createServer } from "../../src/http/index.js";
import type { Logger, MountedService, ODatumServer, RequestContext, ServerOptions } from "../../src/http/index.js";
import type { ODataRequest, ODataResponse } from "../../src/service/request.js";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: any;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
}

/** One request through node:http; `url` is absolute. */
export function call(url: string, options: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = httpRequest(url, {
      method: options.method ?? "GET",
      headers: options.headers ?? {},
      agent: options.agent ?? false,
    });
    req.on("error", reject);
    req.on("response", (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("error", reject);
      res.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json });
      });
    });
    req.end(options.body);
  });
}

/** Bytes over a plain socket; resolves with everything that came back once the server closes or `until` matches. */
export function raw(port: number, bytes: string | Buffer, until?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (until?.test(text) === true) socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (text === "") reject(error);
    });
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface LogLine {
  level: string;
  message: string;
  fields: Record<string, unknown>;
}

export function memoryLogger(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields: fields as Record<string, unknown> });
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

export type Handle = (request: ODataRequest, context: RequestContext) => ODataResponse | Promise<ODataResponse>;

/** A service that says what it was asked, or does as told. It keeps the requests it saw. */
export function fakeService(
  handle?: Handle,
  more: Partial<MountedService> = {},
): MountedService & { seen: ODataRequest[] } {
  const seen: ODataRequest[] = [];
  return {
    path: "/beta",
    ...more,
    seen,
    handle(request, context) {
      seen.push(request);
      if (handle !== undefined) return handle(request, context);
      return json({
        method: request.method,
        url: request.url,
        root: request.serviceRoot,
        body: request.body?.toString(),
      });
    },
  };
}

export function json(value: unknown, status = 200): ODataResponse {
  return {
    status,
    headers: { "content-type": "application/json", "odata-version": "4.01" },
    body: JSON.stringify(value),
  };
}

/** Starts a server for the tests of one file, and closes all of them. */
export function servers(): {
  start(options?: Partial<ServerOptions>): Promise<{ url: string; port: number; server: ODatumServer }>;
  stop(): Promise<void>;
} {
  const running: ODatumServer[] = [];
  return {
    async start(options = {}) {
      const server = createServer({ host: "127.0.0.1", port: 0, services: [fakeService()], ...options });
      running.push(server);
      return { ...(await server.listen()), server };
    },
    async stop() {
      await Promise.all(running.splice(0).map((server) => server.close(0)));
    },
  };
}
