import { expect } from "chai";
import fc from "fast-check";
import pg from "pg";
import { compilePattern, PatternError } from "../../src/binding/pattern.js";
import { ODataError } from "../../src/errors/index.js";
import { translatePattern } from "../../src/query/sql/postgres-pattern.js";
import { startPostgres } from "../support/postgres.js";
import type { PostgresStore } from "../support/postgres.js";

describe("patterns on PostgreSQL", function () {
  this.timeout(60_000);

  it("have nothing in them but what means the same there", () => {
    const translated: Readonly<Record<string, string>> = {
      "^a.*\\d$": "^a[^\\u000a]*[0-9]$",
      "[^\\w-]x{2,3}?": "[^0-9A-Za-z_\\u002d]x{2,3}",
      "(?<n>a|b)*": "(?:a|b)*",
      "a{": "a\\u007b",
      "\\u{1F600}+": "\\U0001f600+",
      "a/b": "a\\u002fb",
      "[\\u00e0-\\u00ff\\s]": "[\\u00e0-\\u00ff\\u0009\\u000a\\u000c\\u000d\\u0020]",
      "\\$\\[": "\\u0024\\u005b",
      "": "(?:)",
    };
    for (const [pattern, expected] of Object.entries(translated)) {
      expect(translatePattern(pattern), pattern).to.equal(expected);
    }
  });

  it("are refused where the database has no such thing", () => {
    const refused = [
      "\\bfoo",
      "(?i)a",
      "\\p{L}",
      "[[:alpha:]]",
      "a{256}",
      "(a{100}){100}",
      "^*",
      "\\0",
      "\\Qa\\E",
      "[\\D]",
    ];
    for (const pattern of refused) {
      expect(() => translatePattern(pattern), pattern)
        .to.throw(ODataError)
        .with.property("status", 501);
    }
  });

  describe("match what they match elsewhere", () => {
    let store: PostgresStore;
    let client: pg.Client;

    before(async function () {
      store = (await startPostgres()) ?? this.skip();
      client = new pg.Client({ connectionString: store.url });
      await client.connect();
    });

    after(async () => {
      await client?.end();
      await store?.stop();
    });

    const characters = [
      "a",
      "b",
      "A",
      "1",
      "_",
      " ",
      "\n",
      "\r",
      "\t",
      "-",
      "]",
      "^",
      "\\",
      "{",
      "é",
      "😀",
      "\u2028",
      "\u{10ffff}",
    ];
    const atoms = [
      "a",
      "b",
      "1",
      ".",
      "\\d",
      "\\D",
      "\\w",
      "\\W",
      "\\s",
      "\\S",
      "é",
      "😀",
      "\\n",
      "\\x41",
      "\\u00e9",
      " ",
    ];
    const others = [
      "[ab]",
      "[^a]",
      "[a-c1]",
      "[\\d_]",
      "[\\s\\w-]",
      "[^]",
      "[]a]",
      "\\^",
      "\\.",
      "-",
      "\\]",
      "\\{",
      "[\\]\\\\^]",
      "[^\\n-a]",
    ];
    const pattern = fc.letrec<{ pattern: string; branch: string; piece: string; atom: string }>((tie) => ({
      pattern: fc.oneof(
        { weight: 3, arbitrary: tie("branch") },
        fc.tuple(tie("branch"), tie("branch")).map((branches) => branches.join("|")),
      ),
      branch: fc.array(tie("piece"), { maxLength: 4 }).map((pieces) => pieces.join("")),
      piece: fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .tuple(tie("atom"), fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "{2,3}?"))
            .map(([atom, times]) => atom + times),
        },
        fc.constantFrom("^", "$"),
      ),
      atom: fc.oneof(
        { depthSize: "small" },
        { weight: 5, arbitrary: fc.constantFrom(...atoms, ...others) },
        tie("pattern").map((inner) => `(${inner})`),
        tie("pattern").map((inner) => `(?:${inner})`),
      ),
    })).pattern;
    const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 });

    it("as the same patterns do on SQLite and in memory", async () => {
      const patterns = fc.sample(pattern, { numRuns: 400, seed: 1 }).flatMap((source) => {
        try {
          return [{ source, compiled: compilePattern(source) }];
        } catch (error) {
          if (error instanceof PatternError) return [];
          throw error;
        }
      });
      expect(patterns.length).to.be.greaterThan(300);
      const texts = ["", ...characters, ...fc.sample(text, { numRuns: 120, seed: 2 })];
      for (const { source, compiled } of patterns) {
        const { rows } = await client.query({
          text: 'select (a collate "C") ~ $2 from unnest($1::text[]) with ordinality as texts(a, n) order by n',
          values: [texts, translatePattern(source)],
          rowMode: "array",
        });
        texts.forEach((candidate, index) => {
          const found = compiled.matcher(candidate).find();
          expect(rows[index]![0], `${JSON.stringify(source)} in ${JSON.stringify(candidate)}`).to.equal(found);
        });
      }
    });

    it("in a time that does not explode", async () => {
      const hostile = ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*a){12}", "(x+x+)+y", "(a|b)*a(a|b){200}"];
      const candidates = ["a".repeat(5_000), "ab".repeat(2_000), "x".repeat(5_000)];
      for (const source of hostile) {
        for (const candidate of candidates) {
          const { rows } = await client.query({
            text: "select $1 ~ $2",
            values: [candidate, translatePattern(source)],
            rowMode: "array",
          });
          expect(rows[0]![0], source).to.equal(compilePattern(source).matcher(candidate).find());
        }
      }
    });
  });
});
