import type { Load, Measurement } from "./measure.js";
import { measure } from "./measure.js";
import type { ServerProcess } from "./server-process.js";
import type { WorkRequest } from "./work.js";

/** The same reads as batches, and one after the other, in each round. */
export interface Share {
  readonly batches: readonly Measurement[];
  readonly singles: readonly Measurement[];
}

/** What batches of reads take beside the same reads as requests of their own: over one connection, which is kept. */
export async function measureShare(
  server: ServerProcess,
  requests: { readonly batches: readonly WorkRequest[]; readonly singles: readonly WorkRequest[] },
  options: Load & { readonly rounds: number },
): Promise<Share> {
  const load = { ...options, connections: 1 };
  const batches: Measurement[] = [];
  const singles: Measurement[] = [];
  const path = (request: WorkRequest): string => request.path;
  for (const each of [requests.batches, requests.singles]) await measure(server, each, path, { ...load, seconds: 2 });
  for (let round = 0; round < options.rounds; round++) {
    batches.push(await measure(server, requests.batches, path, load));
    singles.push(await measure(server, requests.singles, path, load));
  }
  return { batches, singles };
}
