import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { parseDatabaseUrl } from "../../src/storage/index.js";
import { DatabaseUrlError } from "../../src/index.js";

describe("parseDatabaseUrl", () => {
  for (const [url, expected] of Object.entries({
    "sqlite:odatum.db": { driver: "better-sqlite3", file: "odatum.db" },
    "sqlite:/var/lib/odatum.db": { driver: "better-sqlite3", file: "/var/lib/odatum.db" },
    "sqlite:///var/lib/odatum.db": { driver: "better-sqlite3", file: "/var/lib/odatum.db" },
    "sqlite::memory:": { driver: "better-sqlite3", file: ":memory:" },
    "better-sqlite3:a b.db": { driver: "better-sqlite3", file: "a b.db" },
    "sqlite3:odatum.db": { driver: "sqlite3", file: "odatum.db" },
    "sqlite3::memory:": { driver: "sqlite3", file: ":memory:" },
  })) {
    it(`reads ${url}`, () => expect(parseDatabaseUrl(url)).to.deep.equal(expected));
  }

  for (const url of ["", "odatum.db", "sqlite:", "SQLITE:x", "constructor:x", ":x"]) {
    it(`refuses '${url}' and says what would be right`, () => {
      expect(() => parseDatabaseUrl(url)).to.throw(DatabaseUrlError, /sqlite:FILE/);
    });
  }
});

describe("parseDatabaseUrl of PostgreSQL", () => {
  const address = (url: string) => {
    const parsed = parseDatabaseUrl(url);
    if (parsed.driver !== "postgres") throw new Error(`It is ${parsed.driver}.`);
    // What is absent is as good as undefined.
    return Object.fromEntries(Object.entries(parsed.address).filter(([, value]) => value !== undefined));
  };

  for (const [url, expected] of Object.entries({
    "postgres://localhost/x": { host: "localhost", database: "x" },
    "postgresql://u:p@db.example:6543/x": { host: "db.example", port: 6543, user: "u", password: "p", database: "x" },
    "postgres://u%40corp:p%2Fw%3A1@h/a%20b": { host: "h", user: "u@corp", password: "p/w:1", database: "a b" },
    "postgres://[::1]:5432/x": { host: "::1", port: 5432, database: "x" },
    "postgres:///x?host=/run/postgresql": { host: "/run/postgresql", database: "x" },
    "postgres://%2Frun%2Fpostgresql/x": { host: "/run/postgresql", database: "x" },
    "postgres://u@/x?host=%2Ftmp%2Fa&port=1": { host: "/tmp/a", port: 1, user: "u", database: "x" },
    "postgres://": {},
    "postgres://h/x?sslmode=disable": { host: "h", database: "x", ssl: false },
    "postgres://h/x?sslmode=no-verify&application_name=a": {
      host: "h",
      database: "x",
      ssl: { rejectUnauthorized: false, ca: undefined, cert: undefined, key: undefined },
      applicationName: "a",
    },
    "postgres://h/x?options=-c%20search_path%3Da": { host: "h", database: "x", options: "-c search_path=a" },
  })) {
    it(`reads ${url}`, () => expect(address(url)).to.deep.equal(expected));
  }

  for (const mode of ["require", "verify-ca", "verify-full"]) {
    it(`always checks the server's certificate (${mode})`, () => {
      expect(address(`postgres://h/x?sslmode=${mode}`).ssl).to.include({ rejectUnauthorized: true });
    });
  }

  it("reads the files of certificates and keys", () => {
    const folder = mkdtempSync(join(tmpdir(), "odatum-url-"));
    try {
      for (const name of ["ca", "cert", "key"]) writeFileSync(join(folder, name), `the ${name}`);
      const file = (name: string) => encodeURIComponent(join(folder, name));
      expect(
        address(`postgres://h/x?sslrootcert=${file("ca")}&sslcert=${file("cert")}&sslkey=${file("key")}`).ssl,
      ).to.deep.equal({ rejectUnauthorized: true, ca: "the ca", cert: "the cert", key: "the key" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const [url, message] of [
    ["postgres:x", /write postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/],
    ["postgres:/h/x", /write postgres:/],
    ["postgres://h/x/y", /write postgres:/],
    ["postgres://h/x#y", /write postgres:/],
    ["postgres://h:99999/x", /'99999' is no port/],
    ["postgres://h:0/x", /'0' is no port/],
    ["postgres://a,b/x", /several hosts/],
    ["postgres://h/x?sslmode=prefer", /disable, no-verify, require or verify-full/],
    ["postgres://h/x?sslrootcert=/nowhere/ca", /'sslrootcert' names cannot be read/],
    ["postgres://h/x?sslMode=require", /'sslMode' is not known; there are .*sslmode/],
    ["postgres://%zz/x", /percent sign/],
  ] as const) {
    it(`refuses ${url}`, () => expect(() => parseDatabaseUrl(url)).to.throw(DatabaseUrlError, message));
  }

  it("never shows a password in what it says", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9+.!~]{8,20}$/),
        fc.constantFrom(
          (p: string) => `postgres://u:${p}@h:99999/x`,
          (p: string) => `postgres://u:${p}@h/x/y/z`,
          (p: string) => `postgres://u:${p}@a,b/x`,
          (p: string) => `postgres://h/x?password=${p}&nothing=1`,
          (p: string) => `postgres://h/x?nothing=1&password=${p}`,
          (p: string) => `postgresql://u:${p}@h/x?sslmode=none`,
        ),
        (password, url) => {
          try {
            parseDatabaseUrl(url(password));
          } catch (error) {
            expect(error).to.be.instanceOf(DatabaseUrlError);
            expect((error as Error).message)
              .to.contain("***")
              .and.not.contain(password);
            return;
          }
          throw new Error("It was read.");
        },
      ),
    );
  });
});
