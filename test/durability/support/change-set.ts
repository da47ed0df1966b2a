import { expect } from "chai";
import type { Client } from "../../support/client.js";
import { answeredParts, changeSet, multipart, part } from "../../service/support/batch.js";
import type { HttpAnswer } from "../../service/support/http-text.js";

/** A request of a change set. */
export interface Change {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** The answer to one of them. */
export interface Changed {
  readonly status: number;
  readonly body: Record<string, unknown> | undefined;
}

/** How batches are written. */
export type BatchFormat = "json" | "multipart";

/**
 * Sends a batch of change sets.
 *
 * @returns for each change set, in their order, the answers to its requests; for one that failed, that of the failure alone;
 *   those behind a failure are missing
 */
export async function sendChangeSets(
  client: Client,
  format: BatchFormat,
  sets: readonly (readonly Change[])[],
): Promise<Changed[][] | undefined> {
  return format === "json" ? sendJson(client, sets) : sendMultipart(client, sets);
}

async function sendJson(client: Client, sets: readonly (readonly Change[])[]): Promise<Changed[][] | undefined> {
  const requests = sets.flatMap((changes, index) =>
    changes.map((change) => ({ ...change, atomicityGroup: `set${index}` })),
  );
  const answer = await client.post("/$batch", { requests });
  if (answer.status === 503) return undefined;
  expect(answer.status, answer.text).to.equal(200);
  const responses = answer.json.responses as (Changed & { atomicityGroup: string })[];
  return sets.flatMap((_, index) => {
    const own = responses.filter(({ atomicityGroup }) => atomicityGroup === `set${index}`);
    // Those that have not failed themselves say that another one has.
    const failed = own.filter(({ status }) => status >= 400 && status !== 424);
    return own.length === 0 ? [] : [failed.length > 0 ? failed : own];
  });
}

async function sendMultipart(client: Client, sets: readonly (readonly Change[])[]): Promise<Changed[][] | undefined> {
  const body = multipart(
    "b",
    sets.map((changes, index) =>
      changeSet(
        `c${index}`,
        changes.map((change) => part(requestText(change), change.id)),
      ),
    ),
  );
  const headers = { "content-type": "multipart/mixed; boundary=b" };
  const answer = await client.post("/$batch", body, { headers });
  if (answer.status === 503) return undefined;
  expect(answer.status, answer.text).to.equal(200);
  return answeredParts(answer.headers["content-type"]!, answer.text).map((one) =>
    ("status" in one ? [one] : (one as readonly HttpAnswer[])).map(({ status, text }) => ({
      status,
      body: text.trim() === "" ? undefined : (JSON.parse(text) as Record<string, unknown>),
    })),
  );
}

function requestText({ method, url, headers = {}, body }: Change): string {
  const own = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}\n`);
  return `${method} ${url} HTTP/1.1\n${lines.join("")}\n${body === undefined ? "" : JSON.stringify(body)}`;
}
