import { isDeepStrictEqual } from "node:util";
import type { ServerProcess } from "./server-process.js";
import type { WorkRequest } from "./work.js";

/** How many requests of a row are compared before it is measured. */
const COMPARED = 20;

/**
 * Checks that a server answers as another does, byte for byte; of what was written all but what is made anew each time: keys,
 * instants and versions.
 *
 * @throws Error with the first answer that differs
 */
export async function checkSame(
  reference: ServerProcess,
  server: ServerProcess,
  requests: readonly WorkRequest[],
): Promise<void> {
  for (const request of requests.slice(0, COMPARED)) {
    const [expected, given] = await Promise.all([
      reference.call(request, request.path),
      server.call(request, request.path),
    ]);
    if (expected.status !== given.status || comparable(expected.text, request) !== comparable(given.text, request)) {
      throw new Error(`${request.method} ${request.path}: ${show(expected)}\nis not\n${show(given)}`);
    }
  }
}

/**
 * Checks that another implementation's answers hold the same values: annotations are let be, for there the two may differ.
 *
 * @throws Error with the first answer that differs
 */
export async function checkSameValues(
  reference: ServerProcess,
  peer: ServerProcess,
  requests: readonly WorkRequest[],
): Promise<void> {
  for (const request of requests.slice(0, COMPARED)) {
    const [expected, given] = await Promise.all([
      reference.call(request, request.path),
      peer.call(request, request.peerPath!),
    ]);
    const values = (text: string): unknown => plain(JSON.parse(comparable(text, request)));
    if (expected.status !== given.status || !isDeepStrictEqual(values(given.text), values(expected.text))) {
      throw new Error(`${request.method} ${request.peerPath!}: ${show(expected)}\nis not\n${show(given)}`);
    }
  }
}

function comparable(text: string, { method, body }: WorkRequest): string {
  if (method === "GET" || body?.includes('"method":"GET"') === true) return text;
  return (
    text
      .replace(/"id":"[0-9a-f-]{36}"/g, '"id":""')
      .replace(/\('[0-9a-f-]{36}'\)/g, "('')")
      .replace(/"(createdDateTime|lastModifiedDateTime)":"[^"]*"/g, '"$1":""')
      .replace(/"version":\d+/g, '"version":0')
      // Their order is that of their keys.
      .replace(/"groupAssignments":\[\{(.*?)\}\]/, (_, items: string) => items.split("},{").sort().join("},{"))
  );
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !name.includes("@"));
  return Object.fromEntries(kept.map(([name, member]) => [name, plain(member)]));
}

function show({ status, text }: { status: number; text: string }): string {
  return `${String(status)} ${text.slice(0, 3_000)}`;
}
