import { expect } from "chai";
import type { Answer } from "../support/client.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";

export const configurations = "/deviceManagement/deviceConfigurations";
export const graphType = (name: string) => `#microsoft.graph.${name}`;

/** The least that makes a profile. */
export const root = {
  "@odata.type": graphType("iosTrustedRootCertificate"),
  displayName: "Root",
  trustedRootCertificate: "AQID",
};
export const scep = { "@odata.type": graphType("iosScepCertificateProfile"), displayName: "Scep" };
export const vpn = { "@odata.type": graphType("iosVpnConfiguration"), displayName: "Vpn" };

/** Words that only come from the inside. */
const INSIDE =
  /\bat (?:async )?[\w.#<>]+ \(|node_modules|\/src\/|\.[jt]s:\d|SQLITE_|\\"device_configuration|odata_link|\/tmp\/|Error:/;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What an error must be besides its status. */
export interface Expected {
  readonly target?: string | RegExp;
  /** Parts of the message. */
  readonly says?: string | readonly string[];
  readonly code?: string;
}

/** Checks that an answer is an error in Graph's form, and gives its `error` object. */
export function expectError(answer: Answer, status: number, expected: Expected = {}): any {
  expect(answer.status, answer.text).to.equal(status);
  expect(answer.headers["content-type"]).to.equal("application/json");
  expect(answer.headers["request-id"]).to.match(GUID);
  expect(Object.keys(answer.json)).to.deep.equal(["error"]);
  const { error } = answer.json;
  const { code, message, target, details, innerError, ...others } = error;
  expect(others).to.deep.equal({});
  expect(code)
    .to.be.a("string")
    .and.match(/^[A-Za-z_]+$/);
  expect(message).to.be.a("string").and.not.equal("");
  if (target !== undefined) expect(target).to.be.a("string");
  for (const detail of details ?? []) expect(detail).to.include.all.keys("code", "message");
  expect(Object.keys(innerError)).to.deep.equal(["date", "request-id", "client-request-id"]);
  expect(innerError.date).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  expect(innerError["request-id"]).to.equal(answer.headers["request-id"]);
  expect(answer.text, "something from the inside").to.not.match(INSIDE);
  expect(answer.text.length, "a short answer").to.be.lessThan(20_000);
  if (expected.code !== undefined) expect(code).to.equal(expected.code);
  if (expected.target instanceof RegExp) expect(target).to.match(expected.target);
  else if (expected.target !== undefined) expect(target).to.equal(expected.target);
  for (const part of [expected.says ?? []].flat()) expect(message).to.contain(part);
  return error;
}

/** Everything that is stored, as one text. */
export async function stored(graph: GraphServer): Promise<string> {
  const { dataSource } = graph.service.database;
  const tables = (await dataSource.query("select name from sqlite_master where type = 'table' order by name")) as {
    name: string;
  }[];
  const contents: string[] = [];
  for (const { name } of tables) contents.push(name, JSON.stringify(await dataSource.query(`select * from "${name}"`)));
  return contents.join("\n");
}

/** Checks that a request is refused and that nothing is stored by it. */
export async function expectRefused(
  graph: GraphServer,
  call: () => Promise<Answer>,
  status: number,
  expected: Expected = {},
): Promise<any> {
  const before = await stored(graph);
  const error = expectError(await call(), status, expected);
  expect(await stored(graph)).to.equal(before);
  return error;
}

/** Creates something and gives its id. */
export async function created(graph: GraphServer, path: string, body: unknown): Promise<string> {
  const answer = await graph.client.post(path, body);
  expect(answer.status, answer.text).to.equal(201);
  return answer.json.id as string;
}

/** The service with a few profiles that nothing may change, for requests that only read. */
export interface ReadOnlyGraph {
  /** Sends a `GET`; `{id}` stands for a profile that is there, spaces and double quotes go out encoded. */
  get(path: string): Promise<Answer>;
  /** The same for the collection of profiles with a query. */
  ask(query: string): Promise<Answer>;
  readonly graph: GraphServer;
  readonly id: string;
}

/** Starts the service for the suite around the call, and checks at the end that nothing has changed. */
export function readOnlyGraph(): () => ReadOnlyGraph {
  let found: ReadOnlyGraph;
  let before_: string;
  before(async () => {
    const graph = await startGraph();
    const id = await created(graph, configurations, root);
    await created(graph, configurations, scep);
    before_ = await stored(graph);
    const get = (path: string) => graph.client.get(url(path, id));
    found = { graph, id, get, ask: (query) => get(`${configurations}?${query}`) };
  });
  after(async () => {
    expect(await stored(found.graph), "none of these requests may change anything").to.equal(before_);
    await found.graph.close();
  });
  return () => found;
}

function url(path: string, id: string): string {
  return path
    .replaceAll("{id}", id)
    .replaceAll(" ", "%20")
    .replaceAll('"', "%22")
    .replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}

/** A query of the collection of profiles that is refused: with which status and target, and what the message says. */
export type BadQuery = readonly [
  query: string,
  status: number,
  target: string | undefined,
  says: string | readonly string[],
];

/** Each of the queries is refused as it should be, in a URL as in the body of a `POST` to `$query`. */
export function itRefuses(graph: () => ReadOnlyGraph, queries: readonly BadQuery[]): void {
  for (const [query, status, target, says] of queries) {
    it(`${query}: ${status}`, async () => {
      const expected = { ...(target === undefined ? {} : { target }), says };
      const { message } = expectError(await graph().ask(query), status, expected) as { message: string };
      const posted = await graph().graph.client.post(`${configurations}/$query`, url(query, graph().id), {
        headers: { "content-type": "text/plain" },
      });
      expectError(posted, status, { ...expected, says: message });
    });
  }
}
