import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const main = join(root, "dist", "cli", "main.js");

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiles what is stale: the command is tested as it is shipped. */
export async function buildIfStale(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, "scripts", "build.js"), "--if-stale"]);
}

export interface RunOptions {
  /** Added to the environment, from which `ODATUM_*` is taken away. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `odatum` to its end. */
export async function odatum(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Running(args, options).ended;
}

/** A running `odatum`. */
export class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], { env = {}, cwd = root }: RunOptions = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("ODATUM_"));
    this.process = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout!.on("data", (chunk: Buffer) => (this.#stdout += chunk.toString("utf8")));
    this.process.stderr!.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString("utf8")));
    this.ended = new Promise((resolve, reject) => {
      this.process.on("error", reject);
      this.process.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Resolves when the output on standard output matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stdout);
      if (found !== null) return found;
      const more = new Promise<boolean>((resolve) => this.process.stdout!.once("data", () => resolve(true)));
      const ended = this.ended.then(() => false);
      if (!(await Promise.race([more, ended])) && !pattern.test(this.#stdout)) {
        throw new Error(`odatum ended before it said ${String(pattern)}: ${this.#stdout}${this.#stderr}`);
      }
    }
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }
}

/** A server that is ready. */
export interface Server {
  readonly running: Running;
  /** `http://127.0.0.1:1234/beta` */
  readonly baseUrl: string;
  /** The last line of its output. */
  readonly lastLine: string;
  /** The token of that line, where it has one. */
  readonly token: string;
}

/** Starts servers and has temporary folders, and clears up after each test. */
export class Servers {
  readonly #running = new Set<Running>();
  readonly #folders: string[] = [];

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), "odatum-cli-"));
    this.#folders.push(folder);
    return folder;
  }

  /** Starts `odatum serve` on a free port; a database in a new folder where `args` and `options` name none. */
  async start(args: readonly string[] = [], options: RunOptions = {}): Promise<Server> {
    const named = args.includes("--database") || options.env?.["ODATUM_DATABASE"] !== undefined || options.cwd;
    const database = named ? [] : ["--database", `sqlite:${join(this.folder(), "store.db")}`];
    const port = args.includes("--port") || options.env?.["ODATUM_PORT"] !== undefined ? [] : ["--port", "0"];
    const running = new Running(["serve", ...port, ...database, ...args], options);
    this.#running.add(running);
    // Three lines, of which the last may be followed by one more.
    const [, baseUrl] = await running.says(/^Ready at (\S+)\n(?:Create .*\n.*|Call .*)\n$/m);
    const lastLine = running.stdout.trimEnd().split("\n").at(-1)!;
    return { running, baseUrl: baseUrl!, lastLine, token: /Bearer ([^']+)/.exec(lastLine)?.[1] ?? "" };
  }

  async clear(): Promise<void> {
    for (const running of this.#running) await running.stop("SIGKILL");
    this.#running.clear();
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a command is on this machine. */
export async function has(command: string): Promise<boolean> {
  return promisify(execFile)(command, ["--version"]).then(
    () => true,
    () => false,
  );
}

/** Lets a shell carry out a line. */
export async function shell(line: string): Promise<string> {
  return (await promisify(execFile)("bash", ["-c", line])).stdout;
}
