import { expect } from "chai";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildIfStale, odatum, Servers } from "./support.js";

/** Whoever may do everything is denied nothing. */
const isRoot = process.getuid?.() === 0;

describe("odatum, where something is wrong", () => {
  const servers = new Servers();
  before(async function () {
    this.timeout(120_000);
    await buildIfStale();
  });
  afterEach(() => servers.clear());

  /** Runs `odatum serve` in a folder of its own and expects one line on standard error and nothing else. */
  async function fails(
    args: readonly string[],
    message: RegExp,
    env: Readonly<Record<string, string>> = {},
    cwd = servers.folder(),
  ): Promise<void> {
    const { code, stdout, stderr } = await odatum(args, { cwd, env: { ODATUM_PORT: "0", ...env } });
    expect(stderr).to.match(/^odatum: .+\n$/);
    expect(stderr).to.match(message);
    expect({ code, stdout }).to.eql({ code: 1, stdout: "" });
  }

  describe("flags", () => {
    const cases: readonly [args: string, message: RegExp, env?: Readonly<Record<string, string>>][] = [
      ["serve --prot 80", /unknown option '--prot' \(Did you mean --port\?\)/],
      ["serve here", /too many arguments/],
      ["srve", /unknown command 'srve' \(Did you mean serve\?\)/],
      ["serve --port 65536", /It must be an integer from 0 to 65535\./],
      ["serve --port -1", /It must be an integer from 0 to 65535\./],
      ["serve --port 80.5", /It must be an integer from 0 to 65535\./],
      ["serve --port http", /It must be an integer from 0 to 65535\./],
      ["serve --port", /argument missing/],
      ["serve", /value 'http' from env 'ODATUM_PORT' is invalid\. It must be an integer/, { ODATUM_PORT: "http" }],
      ["serve --service mail", /argument 'mail' is invalid\. Allowed choices are graph\./],
      ["serve --auth basic", /argument 'basic' is invalid\. Allowed choices are dev, jwt, none\./],
      ["serve --auth jwt", /--auth jwt needs --issuer/],
      ["serve --auth jwt --issuer login.example.com", /--issuer.*It must be a URL with http or https\./],
      ["serve --auth jwt --issuer http://i --jwks-uri file:///x", /--jwks-uri.*It must be a URL with http or https\./],
      ["serve --issuer https://login.example.com", /--issuer has a meaning with --auth jwt only; this is --auth dev\./],
      ["serve --auth none --audience a", /--audience has a meaning with --auth jwt only; this is --auth none\./],
      ["serve --auth none --host 0.0.0.0", /--auth none on '0\.0\.0\.0' would let everyone .* --force-open/],
      ["serve --auth none --host ::", /--auth none on '::' would let everyone/],
      ["serve --log loud", /Allowed choices are off, error, warn, info\./],
    ];
    for (const [args, message, env] of cases) it(args, () => fails(args.split(" "), message, env));

    it("--force-open serves without tokens to everyone", async () => {
      const { baseUrl } = await servers.start(["--auth", "none", "--host", "0.0.0.0", "--force-open"]);
      expect((await fetch(`${baseUrl}/deviceConfigurationGroupAssignment/`)).status).to.equal(200);
    });
  });

  describe("the address", () => {
    it("a host that is not known", () =>
      fails(["serve", "--host", "no-such-host.invalid"], /The host 'no-such-host\.invalid' is not known\./));
    it("a host that is not this machine", () =>
      fails(["serve", "--host", "192.0.2.1"], /The host '192\.0\.2\.1' is not an address of this machine\./));
    it("a port without permission", async function () {
      // Root has it, and in many containers everybody.
      const setting = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
      if (isRoot || !existsSync(setting) || Number(readFileSync(setting, "utf8")) <= 81) this.skip();
      await fails(["serve", "--port", "81"], /No permission to listen on port 81/);
    });
  });

  describe("the database, postgres:", () => {
    const serve = (url: string): readonly string[] => ["serve", "--database", url];

    it("on a server that is not there", () =>
      fails(
        serve("postgres://u:pass-word@localhost/x?host=/nowhere"),
        /^odatum: The PostgreSQL database cannot be opened: .*\/nowhere/,
      ));

    it("with a URL that is none; its password is not shown", async () => {
      await fails(
        serve("postgres://u:pass-word@h/x?sslmode=maybe"),
        /^odatum: 'postgres:\/\/u:\*\*\*@h\/x\?sslmode=maybe': sslmode is/,
      );
    });
  });

  for (const scheme of ["sqlite", "sqlite3"]) {
    describe(`the database, ${scheme}:`, () => {
      const serve = (file: string): readonly string[] => ["serve", "--database", `${scheme}:${file}`];

      it("in a folder that does not exist; it is not made", async () => {
        const cwd = servers.folder();
        await fails(serve("no/such/store.db"), /The folder '.*no\/such' for the database does not exist\./, {}, cwd);
        expect(readdirSync(cwd)).to.eql([]);
      });

      it("below a file", async () => {
        const cwd = servers.folder();
        writeFileSync(join(cwd, "file"), "");
        await fails(serve("file/store.db"), /'.*file' is not a folder; the database cannot lie in it\./, {}, cwd);
      });

      it("is a folder", async () => {
        const cwd = servers.folder();
        mkdirSync(join(cwd, "store.db"));
        await fails(serve("store.db"), /'.*store\.db' is a folder, not a database file\./, {}, cwd);
      });

      it("is a device", () => fails(serve("/dev/null"), /'\/dev\/null' is not a regular file\./));

      it("is another kind of file, and stays what it is", async () => {
        const cwd = servers.folder();
        writeFileSync(join(cwd, "store.db"), "Dear diary, ".repeat(200));
        await fails(serve("store.db"), /The database '.*store\.db' is not an SQLite database\./, {}, cwd);
        expect(readdirSync(cwd)).to.eql(["store.db"]);
      });

      it("cannot be written", async function () {
        // Nothing is denied to root.
        if (isRoot) this.skip();
        const cwd = servers.folder();
        writeFileSync(join(cwd, "store.db"), "");
        chmodSync(join(cwd, "store.db"), 0o400);
        await fails(serve("store.db"), /No permission to read and write '.*store\.db' for the database\./, {}, cwd);
      });
    });
  }

  it("a database of an unknown kind", () => fails(["serve", "--database", "mysql:x"], /'mysql:x' is no database URL/));
  it("a database without a file", () => fails(["serve", "--database", "sqlite:"], /'sqlite:' names no file/));

  it("keys that are none; the text of the file is not shown", async () => {
    const cwd = servers.folder();
    writeFileSync(join(cwd, "odatum.db.keys.json"), '{"kid":"secret"');
    const { code, stdout, stderr } = await odatum(["serve", "--port", "0"], { cwd });
    expect(stderr).to.match(/^odatum: The key file 'odatum\.db\.keys\.json' does not hold a signing key\. .*\n$/);
    expect(stderr).not.to.contain("secret");
    expect({ code, stdout }).to.eql({ code: 1, stdout: "" });
  });
});
