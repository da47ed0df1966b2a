import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Answer } from "../../support/client.js";
import type { Random } from "./random.js";
import { literals } from "./mutation.js";
import type { ReadRequest, RequestMaker } from "./requests.js";
import type { FuzzServer } from "./servers.js";

/** What an answer to a request that only reads can be. */
const possible = [200, 204, 304, 400, 404, 405, 406, 413, 414, 415, 501, 504];
/** Words that only come from the inside. */
const INSIDE =
  /SQLITE_|node_modules|\/src\/|syntax error at or near|no such (?:column|function|table)|odatum_|\bat \w+ \(/;

/** Throws requests at a server and looks at each answer. */
export class Thrower {
  readonly statuses = new Map<number, number>();
  /** The longest that a request took, in milliseconds, and which it was. */
  slowest: readonly [time: number, what: string] = [0, ""];
  readonly #server: FuzzServer;
  readonly #random: Random;
  readonly #maker: RequestMaker;

  constructor(server: FuzzServer, random: Random, maker: RequestMaker) {
    this.#server = server;
    this.#random = random;
    this.#maker = maker;
  }

  /** @param harm how often a request is changed at random places once it is made */
  async throwAll(count: number, harm: number): Promise<void> {
    for (let sent = 0; sent < count; sent += 10)
      await Promise.all(Array.from({ length: 10 }, () => this.throwOne(harm)));
    // Whatever came before, a server has to answer still.
    expect((await this.#server.client.get("/$metadata")).status).to.equal(200);
  }

  /** Sends one request, and some more that have to do with it. */
  async throwOne(harm: number): Promise<void> {
    const random = this.#random;
    const request = this.#maker.request(harm);
    const answer = await this.send(request);
    // The second time, the service may have a plan for it.
    if (random.chance(0.15)) expect((await this.send(request)).status, what(request)).to.equal(answer.status);
    if (random.chance(0.15)) await this.send({ ...request, path: literals(request.path, random) });
    if (answer.status !== 200 || !random.chance(0.5)) return;
    const link = /"@odata\.nextLink":"([^"]*)"/.exec(answer.text)?.[1];
    if (link === undefined) return;
    const next = link.slice(link.indexOf("/s/") + 2);
    await this.send({ method: "GET", path: next, headers: {} });
    const at = next.length - 1 - random.below(40);
    const tampered = `${next.slice(0, at)}${random.pick(["A", "-", "", "%"])}${next.slice(at + 1)}`;
    await this.send({ method: "GET", path: tampered, headers: {} });
  }

  /** What becomes of a request that is answered later. */
  async #result({ headers }: Answer): Promise<Answer> {
    const monitor = String(headers.location);
    const path = monitor.slice(monitor.indexOf("/s/") + 2);
    for (;;) {
      const answer = await this.#server.client.get(path);
      // Whether the text is JSON is known when somebody asks for it.
      const status = Number(answer.headers["asyncresult"] ?? answer.status);
      if (answer.status !== 202) return Object.create(answer, { status: { value: status } }) as Answer;
      await sleep(10);
    }
  }

  /** Sends a request and fails where the answer is none that may be. */
  async send(request: ReadRequest): Promise<Answer> {
    const { method, path, headers, body } = request;
    const started = performance.now();
    let answer: Answer;
    try {
      answer = await this.#server.client.call(method, path, { headers, ...(body === undefined ? {} : { body }) });
      if (answer.status === 202) answer = await this.#result(answer);
    } catch (error) {
      throw new Error(`${what(request)}\n${String(error)}\n${this.#server.failures().join("\n")}`, { cause: error });
    }
    const time = performance.now() - started;
    if (time > this.slowest[0]) this.slowest = [time, what(request)];
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    if (!possible.includes(answer.status))
      expect.fail(`${what(request)}\n${answer.status} ${answer.text}\n${this.#server.failures().join("\n")}`);
    if (answer.status >= 400) {
      const { code, message } = (answer.json as { error: { code: unknown; message: unknown } }).error;
      expect(code, what(request)).to.be.a("string").and.not.equal("");
      expect(message, what(request)).to.be.a("string").and.not.equal("");
      expect(answer.text, what(request)).to.not.match(INSIDE);
      expect(answer.text.length, what(request)).to.be.lessThan(5_000);
    } else if (answer.headers["content-type"]?.startsWith("application/json") === true) {
      expect(() => answer.json as unknown, what(request)).to.not.throw();
    }
    return answer;
  }

  /** How many answers of each kind there were. */
  get summary(): string {
    return [...this.statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${count} x ${status}`)
      .join(", ");
  }
}

/** A request as it can be sent again. */
function what({ method, path, headers, body }: ReadRequest): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${body ?? ""}`.slice(0, 8_000);
}
