import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Client } from "../../support/client.js";

const register = new URL("../../register.mjs", import.meta.url).href;

/** A server that runs as a process of its own, so that it can be killed. */
export class ServerProcess {
  readonly client: Client;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, client: Client) {
    this.#child = child;
    this.client = client;
  }

  /**
   * Starts a program that writes its origin when it is ready.
   *
   * @param program a TypeScript file
   * @param base in front of every path that the client asks for: `/beta`
   */
  static async start(program: string, url: string, base = ""): Promise<ServerProcess> {
    const child = launch(program, url);
    let errors = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const line = await Promise.race([
      once(child.stdout!, "data").then(([data]) => String(data)),
      once(child, "exit").then(() => Promise.reject(new Error(`The server did not start: ${errors}`))),
    ]);
    return new ServerProcess(child, new Client(line.trim(), base));
  }

  /** Starts a program and kills it after some time, whether it is ready by then or not. */
  static async startAndKill(program: string, url: string, afterMs: number): Promise<void> {
    const child = launch(program, url);
    child.stderr!.resume();
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await kill(child);
  }

  get ended(): boolean {
    return hasEnded(this.#child);
  }

  kill(): Promise<void> {
    return kill(this.#child);
  }
}

function launch(program: string, url: string): ChildProcess {
  return spawn(process.execPath, ["--import", register, program, url], { stdio: ["ignore", "pipe", "pipe"] });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function kill(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Whether a request failed because the server is gone. */
export function isCutOff(error: unknown): boolean {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return ["ECONNRESET", "ECONNREFUSED", "EPIPE"].includes(code) || ["socket hang up", "aborted"].includes(message);
}
