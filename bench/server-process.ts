import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { fileURLToPath } from "node:url";
import type { Started, Usage } from "./servers/report.js";
import type { WorkRequest } from "./work.js";

/** The host that all servers are addressed by: it is part of their answers, which are to be the same. */
export const HOST = "bench.test";

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A server in a process of its own. */
export class ServerProcess {
  readonly started: Started;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, started: Started) {
    this.#child = child;
    this.started = started;
  }

  /** @param name of a file in `servers`, without its ending */
  static async start(name: string, args: readonly string[], execArgv: readonly string[] = []): Promise<ServerProcess> {
    const file = fileURLToPath(new URL(`servers/${name}.js`, import.meta.url));
    const child = fork(file, [...args], { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [...execArgv] });
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`The server '${name}' ended with ${String(code)} before it listened.`);
    });
    const [started] = (await Promise.race([once(child, "message"), failed])) as [Started];
    failed.catch(() => undefined);
    return new ServerProcess(child, started);
  }

  get origin(): string {
    return `http://127.0.0.1:${String(this.started.port)}`;
  }

  headers(request: WorkRequest): Record<string, string> {
    const { token } = this.started;
    return {
      host: HOST,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...request.headers,
    };
  }

  async usage(): Promise<Usage> {
    const answered = once(this.#child, "message");
    this.#child.send("usage");
    const [usage] = (await answered) as [Usage];
    return usage;
  }

  /** One request outside any measurement. */
  call(request: WorkRequest, path: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { method, body } = request;
      const headers = {
        ...this.headers(request),
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      };
      const sent = httpRequest(`${this.origin}${path}`, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }
}
