import { expect } from "chai";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buildIfStale, odatum, Servers } from "./support.js";

const path = "/deviceConfigurationGroupAssignment/";

function claims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString("utf8")) as Record<string, unknown>;
}

describe("odatum token", () => {
  const servers = new Servers();
  before(async function () {
    this.timeout(120_000);
    await buildIfStale();
  });
  afterEach(() => servers.clear());

  it("prints a token that the running server accepts, and nothing else", async () => {
    const database = `sqlite:${join(servers.folder(), "store.db")}`;
    const { baseUrl } = await servers.start(["--database", database]);
    const { code, stdout, stderr } = await odatum(["token", "--database", database]);
    expect({ code, stderr }).to.eql({ code: 0, stderr: "" });
    expect(stdout).to.match(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const headers = { authorization: `Bearer ${stdout.trim()}`, "content-type": "application/json" };
    const body = JSON.stringify({ targetGroupId: "g", excludeGroup: true });
    expect((await fetch(`${baseUrl}${path}`, { method: "POST", headers, body })).status).to.equal(201);
  });

  it("--scope: what is only for reading cannot write", async () => {
    const database = `sqlite:${join(servers.folder(), "store.db")}`;
    const { baseUrl } = await servers.start(["--database", database]);
    const { stdout } = await odatum(["token", "--scope", "DeviceManagementConfiguration.Read.All"], {
      env: { ODATUM_DATABASE: database },
    });
    const headers = { authorization: `Bearer ${stdout.trim()}`, "content-type": "application/json" };
    expect((await fetch(`${baseUrl}${path}`, { headers })).status).to.equal(200);
    expect((await fetch(`${baseUrl}${path}`, { method: "POST", headers, body: "{}" })).status).to.equal(403);
  });

  it("has the scopes and the lifetime that were asked for", async () => {
    const folder = servers.folder();
    await (await servers.start([], { cwd: folder })).running.stop();
    const ordinary = claims((await odatum(["token"], { cwd: folder })).stdout);
    expect(ordinary["scp"]).to.equal("DeviceManagementConfiguration.ReadWrite.All");
    expect(Number(ordinary["exp"]) - Number(ordinary["iat"])).to.equal(3600);
    const [read, write] = ["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"];
    const flags = ["--scope", read!, "--scope", write!, "--lifetime", "60", "--key-file", "odatum.db.keys.json"];
    const special = claims((await odatum(["token", ...flags], { cwd: folder })).stdout);
    expect(special["scp"]).to.equal(`${read!} ${write!}`);
    expect(Number(special["exp"]) - Number(special["iat"])).to.equal(60);
  });

  const failures: readonly [args: string, message: RegExp][] = [
    ["--database sqlite::memory:", /A service with its store in memory keeps no key file; ask its token endpoint/],
    ["--database sqlite:other.db", /There is no key file 'other\.db\.keys\.json'; 'odatum serve' makes it/],
    ["--database other.db", /'other\.db' is no database URL/],
    ["--key-file /dev/null", /The key file '\/dev\/null' does not hold a signing key\./],
    ["--lifetime 0", /It must be a number of seconds from 1 to 31622400/],
    ["--lifetime soon", /It must be a number of seconds from 1 to 31622400/],
    ["--scope Everything", /argument 'Everything' is invalid\. Allowed choices are DeviceManagement/],
  ];
  for (const [args, message] of failures) {
    it(`${args}: one line, and no file is made`, async () => {
      const cwd = servers.folder();
      const { code, stdout, stderr } = await odatum(["token", ...args.split(" ")], { cwd });
      expect(stderr).to.match(/^odatum: .+\n$/);
      expect(stderr).to.match(message);
      expect({ code, stdout }).to.eql({ code: 1, stdout: "" });
      expect(readdirSync(cwd)).to.eql([]);
    });
  }
});

describe("odatum", () => {
  before(async function () {
    this.timeout(120_000);
    await buildIfStale();
  });

  it("--version", async () => {
    const { code, stdout, stderr } = await odatum(["--version"]);
    expect({ code, stderr }).to.eql({ code: 0, stderr: "" });
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("--help names the commands; those of a command, its flags and their variables", async () => {
    expect((await odatum(["--help"])).stdout).to.match(/^Usage: odatum .*serve .*token /s);
    const { code, stdout } = await odatum(["serve", "--help"]);
    expect(code).to.equal(0);
    for (const name of [
      "--service",
      "--host",
      "--port",
      "--database",
      "--auth",
      "--issuer",
      "--audience",
      "--jwks-uri",
      "--force-open",
    ]) {
      expect(stdout).to.contain(name);
    }
    expect(stdout).to.contain("ODATUM_DATABASE");
  });
});
