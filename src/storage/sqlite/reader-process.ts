import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { SqlValue } from "../../query/index.js";
import type { RowStream } from "../batches.js";
import { StoreUnavailable } from "../errors.js";
import { translateSqliteError } from "./errors.js";
import type { ReaderAnswer, ReaderLimits, ReaderRequest } from "./reader-messages.js";

interface Waiting {
  readonly resolve: (rows: unknown[][] | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Reads an SQLite file through `better-sqlite3` in a process of its own, which is started when it is first needed.
 *
 * A second driver brings a second copy of SQLite, and two copies must not have a file open in one process: the locks of
 * POSIX, by which they keep out of each other's way, belong to the process, so neither would see the other's
 * (sqlite.org/howtocorrupt.html, section 2.2).
 */
export class ReaderProcess {
  readonly #file: string;
  readonly #limits: ReaderLimits;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #last = 0;

  constructor(file: string, limits: ReaderLimits) {
    this.#file = file;
    this.#limits = limits;
  }

  /** All rows of a statement. */
  async rows(sql: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    return (await this.#ask({ kind: "rows", id: ++this.#last, sql, parameters }))!;
  }

  /** The rows of a statement, batch by batch; all see the same state of the file. */
  async *stream(sql: string, parameters: readonly SqlValue[]): RowStream {
    const stream = ++this.#last;
    try {
      let batch = await this.#ask({ kind: "open", id: ++this.#last, stream, sql, parameters });
      while (batch !== undefined) {
        yield batch;
        batch = await this.#ask({ kind: "next", id: ++this.#last, stream });
      }
    } finally {
      if (this.#child?.connected === true) this.#child.send({ kind: "end", stream } satisfies ReaderRequest);
    }
  }

  /** Ends the process and waits until it has. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child?.connected !== true) return;
    const exited = once(child, "exit");
    child.ref();
    child.disconnect();
    await exited;
  }

  #ask(request: Exclude<ReaderRequest, { readonly kind: "end" }>): Promise<unknown[][] | undefined> {
    return new Promise((resolve, reject) => {
      const child = (this.#child ??= this.#start());
      this.#waiting.set(request.id, { resolve, reject });
      // While an answer is due, it keeps this process alive.
      child.channel?.ref();
      child.send(request);
    });
  }

  #start(): ChildProcess {
    // The program lies beside this module, built or not, and is run by the same loaders.
    const program = fileURLToPath(new URL(`./reader-main${extname(import.meta.url)}`, import.meta.url));
    const { busyTimeoutMs, statementTimeoutMs } = this.#limits;
    const child = fork(program, [this.#file, String(busyTimeoutMs), String(statementTimeoutMs)], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: process.execArgv.filter((argument) => !argument.startsWith("--inspect")),
    });
    child.unref();
    child.channel?.unref();
    child.on("message", (answer: ReaderAnswer) => this.#answered(answer, child));
    // It is told by `exit`, too, where the process was running.
    child.on("error", (error) => this.#lost(child, error));
    child.on("exit", () => this.#lost(child, undefined));
    return child;
  }

  #answered(answer: ReaderAnswer, child: ChildProcess): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) child.channel?.unref();
    if ("rows" in answer) waiting?.resolve(answer.rows);
    else waiting?.reject(translateSqliteError(Object.assign(new Error(answer.error.message), answer.error)));
  }

  #lost(child: ChildProcess, cause: Error | undefined): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    for (const { reject } of this.#waiting.values())
      reject(new StoreUnavailable("The process that reads the store has ended.", { cause }));
    this.#waiting.clear();
  }
}
