import autocannon from "autocannon";
import type { ServerProcess } from "./server-process.js";
import type { WorkRequest } from "./work.js";

/** What one server did in one round. */
export interface Measurement {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server's process a request, in microseconds. */
  readonly cpu: number;
}

export interface Load {
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Sends requests for some seconds, each connection one after the other, and counts the answers.
 *
 * @throws Error where an answer was no success: there is nothing to compare then
 */
export async function measure(
  server: ServerProcess,
  requests: readonly WorkRequest[],
  path: (request: WorkRequest) => string,
  load: Load,
): Promise<Measurement> {
  const times: number[] = [];
  const before = await server.usage();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: server.origin,
        connections: load.connections,
        duration: load.seconds,
        requests: requests.map((request) => ({
          method: request.method,
          path: path(request),
          headers: server.headers(request),
          ...(request.body === undefined ? {} : { body: request.body }),
        })),
      },
      (error: unknown, done) => (error === null || error === undefined ? resolve(done) : reject(error as Error)),
    );
    // Its own histogram counts whole milliseconds.
    instance.on("response", (_client, _status, _bytes, time) => times.push(time));
  });
  const after = await server.usage();
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(
      `${String(result.errors)} errors and ${String(result.non2xx)} answers without success from ${server.origin}.`,
    );
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))]!;
  return {
    perSecond: times.length / result.duration,
    p50: at(0.5),
    p99: at(0.99),
    cpu: (after.cpu - before.cpu) / times.length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
