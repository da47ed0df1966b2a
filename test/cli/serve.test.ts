import { expect } from "chai";
import { existsSync, readdirSync } from "node:fs";
import { request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startPostgres } from "../support/postgres.js";
import { buildIfStale, has, odatum, Servers, shell } from "./support.js";

const path = "/deviceConfigurationGroupAssignment/";
const body = { targetGroupId: "a group", excludeGroup: true };

interface Assignment {
  readonly id: string;
  readonly targetGroupId: string;
}

function post(baseUrl: string, token: string | undefined): Promise<Response> {
  return fetch(`${baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
}

function get(url: string, token?: string): Promise<Response> {
  return fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}

/** A request whose body is not yet complete: it is in flight until `finish` is called. */
function begin(baseUrl: string, token: string): { finish(): Promise<number>; request: ClientRequest } {
  const text = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "content-length": text.length,
  };
  const begun = request(`${baseUrl}${path}`, { method: "POST", headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => begun.on("response", resolve).on("error", reject));
  answer.catch(() => undefined);
  begun.write(text.slice(0, 10));
  const finish = async (): Promise<number> => {
    begun.end(text.slice(10));
    const response = await answer;
    response.resume();
    return response.statusCode!;
  };
  return { finish, request: begun };
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("odatum serve", () => {
  const servers = new Servers();
  before(async function () {
    this.timeout(120_000);
    await buildIfStale();
  });
  afterEach(() => servers.clear());

  describe("when it is ready", () => {
    it("says where it is, and ends with a command for curl", async () => {
      const { running, baseUrl, lastLine } = await servers.start();
      expect(baseUrl).to.match(/^http:\/\/127\.0\.0\.1:[1-9][0-9]*\/beta$/);
      expect(running.stdout.split("\n")).to.have.length(5);
      expect(lastLine.startsWith(`curl -sS -i -X POST '${baseUrl}${path}' -H 'Authorization: Bearer `)).to.equal(true);
      expect((await get(new URL("/healthz", baseUrl).href)).status).to.equal(200);
    });

    it("the command works when it is pasted into a shell", async function () {
      if (!(await has("curl"))) this.skip();
      const { baseUrl, lastLine, token } = await servers.start();
      const answer = await shell(lastLine);
      expect(answer).to.match(/^HTTP\/1\.1 201 Created\r\n/);
      const created = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))) as Assignment & Record<string, unknown>;
      expect(created["excludeGroup"]).to.equal(false);
      const read = await get(`${baseUrl}${path}${created.id}`, token);
      expect(((await read.json()) as Assignment).targetGroupId).to.equal(created.targetGroupId);
    });

    it("--auth none: the command has no header, and works", async function () {
      if (!(await has("curl"))) this.skip();
      const { lastLine } = await servers.start(["--auth", "none"]);
      expect(lastLine).not.to.contain("Authorization");
      expect(await shell(lastLine)).to.match(/^HTTP\/1\.1 201 /);
    });

    it("--auth none: answers only to names of this machine", async () => {
      const { baseUrl } = await servers.start(["--auth", "none"]);
      const status = await new Promise((resolve) => {
        request(`${baseUrl}/`, { headers: { host: "rebound.example" } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
      expect(status).to.equal(421);
    });

    it("--auth jwt: says what to call it with, and refuses other tokens", async () => {
      const own = await servers.start();
      const { baseUrl, lastLine } = await servers.start(["--auth", "jwt", "--issuer", "https://login.example.com/t"]);
      expect(lastLine).to.match(
        /^Call it with a token of https:\/\/login\.example\.com\/t for https:\/\/graph\.microsoft\.com /,
      );
      expect((await get(`${baseUrl}${path}`)).status).to.equal(401);
      expect((await get(`${baseUrl}/`)).status).to.equal(200);
      expect((await get(new URL("/odatum/discovery/v2.0/keys", own.baseUrl).href)).status).to.equal(200);
      expect((await get(new URL("/odatum/discovery/v2.0/keys", baseUrl).href)).status).to.equal(404);
    });

    it("--auth jwt: takes the tokens of the issuer whose keys it is told", async () => {
      const issuer = await servers.start();
      const keys = new URL("/odatum/discovery/v2.0/keys", issuer.baseUrl).href;
      const { baseUrl } = await servers.start([
        "--auth",
        "jwt",
        "--issuer",
        "https://sts.odatum.local/odatum/v2.0",
        "--jwks-uri",
        keys,
      ]);
      expect((await post(baseUrl, issuer.token)).status).to.equal(201);
    });

    it("takes its settings from the environment", async () => {
      const folder = servers.folder();
      const env = {
        ODATUM_HOST: "localhost",
        ODATUM_PORT: "0",
        ODATUM_DATABASE: `sqlite:${join(folder, "env.db")}`,
        ODATUM_AUTH: "none",
        ODATUM_SERVICE: "graph",
      };
      const { baseUrl } = await servers.start([], { env });
      expect(baseUrl).to.match(/^http:\/\/localhost:[1-9]/);
      expect((await post(baseUrl, undefined)).status).to.equal(201);
      expect(existsSync(join(folder, "env.db"))).to.equal(true);
    });

    it("a flag goes before the environment", async () => {
      const { lastLine } = await servers.start(["--auth", "none"], { env: { ODATUM_AUTH: "jwt" } });
      expect(lastLine).to.match(/^curl /);
    });

    it("--log info has a line for each request, without its query", async () => {
      const { running, baseUrl, token } = await servers.start(["--log", "info"]);
      await get(`${baseUrl}${path}?$filter=targetGroupId eq 'secret'`, token);
      const { stderr } = await running.stop();
      expect(stderr).to.match(
        /^\S+ info request method=GET path=\/beta\/deviceConfigurationGroupAssignment\/ status=200 /,
      );
      expect(stderr).not.to.contain("secret");
    });
  });

  describe("its store", () => {
    for (const scheme of ["sqlite", "sqlite3"]) {
      it(`${scheme}: rows and keys outlive a restart`, async () => {
        const args = ["--database", `${scheme}:${join(servers.folder(), "store.db")}`];
        const first = await servers.start(args);
        const created = (await (await post(first.baseUrl, first.token)).json()) as Assignment;
        expect((await first.running.stop()).code).to.equal(0);
        const second = await servers.start(args);
        const read = await get(`${second.baseUrl}${path}${created.id}`, first.token);
        expect(read.status).to.equal(200);
        expect(((await read.json()) as Assignment).targetGroupId).to.equal(body.targetGroupId);
      });
    }

    it("is odatum.db in the current folder where none is named, with the keys beside it", async () => {
      const cwd = servers.folder();
      const { running } = await servers.start([], { cwd });
      expect(readdirSync(cwd)).to.include.members(["odatum.db", "odatum.db.keys.json"]);
      await running.stop();
      expect(readdirSync(cwd)).to.have.members(["odatum.db", "odatum.db.keys.json"]);
    });

    it("may be on PostgreSQL; the keys lie in the current folder", async function () {
      this.timeout(90_000);
      const store = (await startPostgres()) ?? this.skip();
      try {
        const cwd = servers.folder();
        const args = ["--database", store.url];
        const first = await servers.start(args, { cwd });
        const created = (await (await post(first.baseUrl, first.token)).json()) as Assignment;
        await first.running.stop();
        expect(readdirSync(cwd)).to.eql(["odatum.keys.json"]);
        const second = await servers.start(args, { cwd });
        const read = await get(`${second.baseUrl}${path}${created.id}`, first.token);
        expect(read.status).to.equal(200);
        expect(((await read.json()) as Assignment).targetGroupId).to.equal(body.targetGroupId);
        await second.running.stop();
      } finally {
        await store.stop();
      }
    });

    it("in memory it is forgotten, keys and all, and leaves no file", async () => {
      const cwd = servers.folder();
      const args = ["--database", "sqlite::memory:"];
      const first = await servers.start(args, { cwd });
      expect((await post(first.baseUrl, first.token)).status).to.equal(201);
      await first.running.stop();
      const second = await servers.start(args, { cwd });
      expect((await get(`${second.baseUrl}${path}`, first.token)).status).to.equal(401);
      const list = await get(`${second.baseUrl}${path}`, second.token);
      expect(((await list.json()) as { value: unknown[] }).value).to.eql([]);
      expect(readdirSync(cwd)).to.eql([]);
    });
  });

  describe("when it is told to stop", () => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      it(`${signal}: ends at once where nothing is in flight, and says nothing more`, async () => {
        const { running } = await servers.start();
        const before = running.stdout;
        const { code, stdout, stderr } = await running.stop(signal);
        expect(code).to.equal(0);
        expect(stdout).to.equal(before);
        expect(stderr).to.equal("");
      });
    }

    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it(`${signal}: takes no new requests, and finishes what is in flight`, async () => {
        const args = ["--database", `sqlite:${join(servers.folder(), "store.db")}`];
        const { running, baseUrl, token } = await servers.start(args);
        const { finish } = begin(baseUrl, token);
        await wait(100);
        running.process.kill(signal);
        await wait(100);
        const refused = await get(`${baseUrl}/`).then(
          () => false,
          () => true,
        );
        expect(refused).to.equal(true);
        expect(await finish()).to.equal(201);
        expect((await running.ended).code).to.equal(0);
        const again = await servers.start(args);
        const list = await get(`${again.baseUrl}${path}`, token);
        expect(((await list.json()) as { value: unknown[] }).value).to.have.length(1);
      });
    }

    for (const [second, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      it(`a second signal, ${second}, ends it at once with ${String(code)}`, async () => {
        const { running, baseUrl, token } = await servers.start();
        begin(baseUrl, token);
        await wait(100);
        running.process.kill("SIGTERM");
        await wait(400);
        expect(running.process.exitCode).to.equal(null);
        expect((await running.stop(second)).code).to.equal(code);
      });
    }

    it("the same signal twice in a moment is one: npm hands on what the terminal has sent already", async () => {
      const { running, baseUrl, token } = await servers.start();
      const { finish } = begin(baseUrl, token);
      await wait(100);
      running.process.kill("SIGINT");
      await wait(20);
      running.process.kill("SIGINT");
      await wait(100);
      expect(await finish()).to.equal(201);
      expect((await running.ended).code).to.equal(0);
    });
  });

  it("two cannot have the same port", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const port = String((taken.address() as AddressInfo).port);
    try {
      const database = `sqlite:${join(servers.folder(), "store.db")}`;
      const { code, stdout, stderr } = await odatum(["serve", "--port", port, "--database", database]);
      expect({ code, stdout }).to.eql({ code: 1, stdout: "" });
      expect(stderr).to.equal(
        `odatum: Port ${port} on '127.0.0.1' is in use by another program; choose another with --port.\n`,
      );
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });
});
