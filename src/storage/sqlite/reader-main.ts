/**
 * The program of a reading process ({@link ReaderProcess}): statements come as messages, their rows go back as messages.
 * It ends when the process that started it does, or wants it to.
 */
import { BetterSqlite3Connection } from "./better-sqlite3.js";
import type { ReaderAnswer, ReaderRequest } from "./reader-messages.js";

const [, , file, ...limits] = process.argv;
const [busyTimeoutMs, statementTimeoutMs] = limits.map(Number) as [number, number];
const open = (): BetterSqlite3Connection =>
  BetterSqlite3Connection.openReader(file!, { busyTimeoutMs, statementTimeoutMs });

const connection = open();
/** Connections that give no stream now. */
const idle: BetterSqlite3Connection[] = [];
const streams = new Map<
  number,
  { readonly on: BetterSqlite3Connection; readonly batches: Iterator<unknown[][], void, undefined> }
>();

function answer(request: Exclude<ReaderRequest, { readonly kind: "end" }>): unknown[][] | undefined {
  switch (request.kind) {
    case "rows":
      return connection.rows(request.sql, request.parameters);
    case "open": {
      const on = idle.pop() ?? open();
      streams.set(request.stream, { on, batches: on.stream(request.sql, request.parameters) });
      return next(request.stream);
    }
    case "next":
      return next(request.stream);
  }
}

function next(number: number): unknown[][] | undefined {
  try {
    const batch = streams.get(number)!.batches.next();
    if (batch.done !== true) return batch.value;
    end(number);
    return undefined;
  } catch (error) {
    end(number);
    throw error;
  }
}

function end(number: number): void {
  const stream = streams.get(number);
  if (stream === undefined) return;
  streams.delete(number);
  stream.batches.return?.();
  idle.push(stream.on);
}

process.on("message", (request: ReaderRequest) => {
  if (request.kind === "end") return end(request.stream);
  let message: ReaderAnswer;
  try {
    message = { id: request.id, rows: answer(request) };
  } catch (error) {
    // The driver's own error, which is translated where it arrives.
    const cause = (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error);
    const { code } = cause as { readonly code?: unknown };
    message = { id: request.id, error: { message: cause.message, code: typeof code === "string" ? code : undefined } };
  }
  process.send!(message);
});
process.on("disconnect", () => process.exit());
