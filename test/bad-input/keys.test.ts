import { expect } from "chai";
import type { Answer } from "../support/client.js";
import type { KeyedServer } from "../support/keyed-service.js";
import { startKeyed } from "../support/keyed-service.js";
import { drivers } from "../support/graph-server.js";

/** Texts that mean something in a URL, in SQL or in OData. */
const awkward = {
  "a plain word": "plain",
  "a slash": "a/b",
  "only a slash": "/",
  "a quote": "it's",
  "only a quote": "'",
  "two quotes": "''",
  "a double quote": '"',
  "a space": "a b",
  "spaces at the ends": " a ",
  "non-ASCII letters": "äöü€",
  "combining characters": "e\u0301",
  "a percent sign": "100%",
  "an encoded slash": "a%2Fb",
  "a plus": "a+b",
  "a number sign": "a#b",
  "a question mark": "a?b=c&d",
  parentheses: "(x)",
  "an open parenthesis": "f(",
  "a comma": "a,b",
  "an equals sign": "a=b",
  "an at sign": "@p",
  "a backslash": "a\\b",
  "a semicolon": "a;b",
  "a qualified name": "a.b",
  "an emoji": "😀",
  dots: "..",
  "the word null": "null",
  "the word true": "true",
  "a GUID": "6f8e7a4e-0000-4000-8000-000000000000",
  "a number": "007",
  "a set's name": "Tags",
  __proto__: "__proto__",
  constructor: "constructor",
  SQL: "x'; drop table tag; --",
  "a wildcard": "%_*",
  "a long text": "x".repeat(2_000),
};

/** These cannot stand as segments: nothing, system segments, and names of types. */
const onlyInParentheses = {
  "the empty text": "",
  $count: "$count",
  $ref: "$ref",
  $filter: "$filter(a)",
  "a type's name": "Keys.Tag",
};

const quoted = (key: string) => `('${encodeURIComponent(key.replaceAll("'", "''"))}')`;

for (const driver of drivers) {
  describe(`keys that clients choose (${driver})`, () => {
    let server: KeyedServer;
    before(async () => (server = await startKeyed({ driver })));
    after(() => server.close());

    const path = (location: string) => location.slice(`${server.origin}/keys`.length);
    const ok = (answer: Answer, status: number) => {
      expect(answer.status, answer.text).to.equal(status);
      return answer.status === 204 ? undefined : answer.json;
    };
    const refused = (answer: Answer, status: number) => ok(answer, status).error;
    const count = async (set: string) => Number((await server.client.get(`/${set}/$count`)).text);

    for (const [what, key] of Object.entries({ ...awkward, ...onlyInParentheses })) {
      it(`hold ${what}: created, read back at Location, changed, tied, deleted`, async () => {
        const { client } = server;
        const created = await client.post("/Tags", { name: key, title: key });
        expect(ok(created, 201)).to.include({ name: key, title: key });
        const location = path(created.headers.location!);
        expect(ok(await client.get(location), 200).name).to.equal(key);
        expect(ok(await client.get(`/Tags${quoted(key)}`), 200).name).to.equal(key);
        // The second time the route comes from the cache.
        expect(ok(await client.get(`/Tags${quoted(key)}`), 200).name).to.equal(key);
        if (Object.values(onlyInParentheses).includes(key)) {
          expect((await client.get(`/Tags/${encodeURIComponent(key)}`)).json.name).to.equal(undefined);
        } else {
          expect(ok(await client.get(`/Tags/${encodeURIComponent(key)}`), 200).name).to.equal(key);
        }
        expect(ok(await client.patch(location, { title: "changed" }), 200)).to.include({ name: key, title: "changed" });
        ok(await client.post(`${location}/related/$ref`, { "@odata.id": created.headers.location }), 204);
        expect(
          ok(await client.get(`${location}/related`), 200).value.map((tag: { name: string }) => tag.name),
        ).to.deep.equal([key]);
        const [reference] = ok(await client.get(`${location}/related/$ref`), 200).value;
        expect(reference["@odata.id"]).to.equal(created.headers.location);
        ok(await client.delete(`${location}/related${quoted(key)}/$ref`), 204);
        ok(await client.delete(location), 204);
        refused(await client.get(location), 404);
      });
    }

    it("can all be there at once, and each is found alone", async () => {
      const { client } = server;
      const keys = [...Object.values(awkward), ...Object.values(onlyInParentheses)];
      for (const name of keys) ok(await client.post("/Tags", { name }), 201);
      for (const name of keys) expect(ok(await client.get(`/Tags${quoted(name)}`), 200).name).to.equal(name);
      for (const name of keys) {
        const found = ok(
          await client.get(`/Tags?$filter=${encodeURIComponent(`name eq '${name.replaceAll("'", "''")}'`)}`),
          200,
        ).value;
        expect(found.map((tag: { name: string }) => tag.name)).to.deep.equal([name]);
      }
      const all = ok(await client.get("/Tags?$select=name"), 200).value.map((tag: { name: string }) => tag.name);
      expect(all).to.have.members(keys);
      for (const name of keys) ok(await client.delete(`/Tags${quoted(name)}`), 204);
    });

    it("are told apart by case and by normalisation", async () => {
      for (const { name } of ok(await server.client.get("/Tags?$select=name"), 200).value)
        await server.client.delete(`/Tags${quoted(name)}`);
      for (const name of ["é", "e\u0301", "E", "e"]) ok(await server.client.post("/Tags", { name, title: name }), 201);
      expect(ok(await server.client.get(`/Tags${quoted("e\u0301")}`), 200).title).to.equal("e\u0301");
      expect(ok(await server.client.get(`/Tags${quoted("E")}`), 200).title).to.equal("E");
    });

    for (const [what, name] of Object.entries({
      "a line feed": "a\nb",
      NUL: "a\0b",
      "half a surrogate pair": "a\ud800",
    })) {
      it(`hold no ${what}: 400, nothing stored`, async () => {
        const before = await count("Tags");
        expect(refused(await server.client.post("/Tags", { name }), 400).target).to.equal("name");
        expect(await count("Tags")).to.equal(before);
      });
    }

    it("that are there already: 409, and the one that is there stays", async () => {
      ok(await server.client.post("/Tags", { name: "twice", title: "first" }), 201);
      const before = await count("Tags");
      const error = refused(await server.client.post("/Tags", { name: "twice", title: "second" }), 409);
      expect(error).to.include({ code: "Conflict", target: "name" });
      expect(ok(await server.client.get("/Tags('twice')"), 200).title).to.equal("first");
      expect(await count("Tags")).to.equal(before);
    });

    it("that are missing: 400 that names the property", async () => {
      expect(refused(await server.client.post("/Tags", { title: "x" }), 400)).to.include({ target: "name" });
      expect(refused(await server.client.post("/Translations", { term: 1, text: "x" }), 400)).to.include({
        target: "language",
      });
    });

    it("that are null: 400", async () => {
      expect(refused(await server.client.post("/Tags", { name: null }), 400).target).to.equal("name");
    });

    it("in the body of a PATCH are passed over", async () => {
      ok(await server.client.post("/Tags", { name: "stays" }), 201);
      expect(ok(await server.client.patch("/Tags('stays')", { name: "other", title: "t" }), 200)).to.include({
        name: "stays",
        title: "t",
      });
      refused(await server.client.get("/Tags('other')"), 404);
    });

    it("of a row with another's unique value: 409 that names the property and not the column", async () => {
      ok(await server.client.post("/Tags", { name: "u1", barCode: "1" }), 201);
      ok(await server.client.post("/Tags", { name: "u2", barCode: "2" }), 201);
      const error = refused(await server.client.post("/Tags", { name: "u3", barCode: "1" }), 409);
      expect(error.target).to.equal("barCode");
      expect(error.message).to.not.contain("bar_code");
      expect(refused(await server.client.patch("/Tags('u2')", { title: "t", barCode: "1" }), 409).target).to.equal(
        "barCode",
      );
      expect(ok(await server.client.get("/Tags('u2')"), 200)).to.include({ barCode: "2", title: null });
      refused(await server.client.get("/Tags('u3')"), 404);
    });

    describe("of numbers", () => {
      for (const key of ["0", "-1", "2147483647", "-2147483648"]) {
        it(`${key}: in parentheses and as a segment`, async () => {
          const created = await server.client.post("/Things", `{"number":${key}}`);
          expect(ok(created, 201).number).to.equal(Number(key));
          expect(path(created.headers.location!)).to.equal(`/Things(${key})`);
          for (const url of [`/Things(${key})`, `/Things/${key}`, `/Things(number=${key})`]) {
            expect(ok(await server.client.get(url), 200).number).to.equal(Number(key));
          }
          ok(await server.client.delete(`/Things(${key})`), 204);
        });
      }

      for (const key of ["2147483648", "1.5", "'1'", "abc", "null", "1e400", "", "1,2", "true", "%00"]) {
        it(`(${key}) is none: 400`, async () => {
          refused(await server.client.get(`/Things(${key})`), 400);
        });
      }

      for (const key of ["9223372036854775807", "-9223372036854775808", "9007199254740993"]) {
        it(`${key} (Int64), exactly`, async () => {
          const created = await server.client.post("/Notes", `{"id":${key}}`);
          ok(created, 201);
          expect(path(created.headers.location!)).to.equal(`/Notes(${key})`);
          for (const url of [`/Notes(${key})`, `/Notes/${key}`]) {
            expect((await server.client.get(url)).text).to.contain(`"id":${key}`);
            expect((await server.client.patch(url, { title: url })).text).to.contain(`"id":${key}`);
          }
          refused(await server.client.get(`/Notes(${BigInt(key) > 0n ? BigInt(key) - 1n : BigInt(key) + 1n})`), 404);
          ok(await server.client.delete(`/Notes(${key})`), 204);
        });
      }
    });

    describe("that are GUIDs", () => {
      const id = "6F8E7A4E-1111-4000-8000-0000000000AB";
      it("are found in upper and lower case", async () => {
        ok(await server.client.post("/Tags", { name: "owner" }), 201);
        expect(ok(await server.client.post("/Stickers", { id, "tag@odata.bind": "Tags('owner')" }), 201).id).to.equal(
          id.toLowerCase(),
        );
        for (const url of [`/Stickers(${id})`, `/Stickers(${id.toLowerCase()})`, `/Stickers/${id}`]) {
          expect(ok(await server.client.get(url), 200).id).to.equal(id.toLowerCase());
        }
        refused(
          await server.client.post("/Stickers", { id: id.toLowerCase(), "tag@odata.bind": "Tags('owner')" }),
          409,
        );
      });

      for (const key of ["(1)", "('6f8e7a4e-1111-4000-8000-0000000000ab')", "/nothing", "(6f8e7a4e)"]) {
        it(`Stickers${key} is none: 400`, async () => {
          refused(await server.client.get(`/Stickers${key}`), 400);
        });
      }
    });

    describe("of two properties", () => {
      before(async () => {
        ok(await server.client.post("/Translations", { term: 1, language: "d'e/x", text: "eins" }), 201);
        ok(await server.client.post("/Translations", { term: 1, language: "en", text: "one" }), 201);
      });

      for (const key of [
        "term=1,language='d''e%2Fx'",
        "language='d''e%2Fx',term=1",
        " term = 1 , language = 'd''e%2Fx' ".replaceAll(" ", "%20"),
      ]) {
        it(`(${key}) is found`, async () => {
          expect(ok(await server.client.get(`/Translations(${key})`), 200).text).to.equal("eins");
        });
      }

      it("read back at Location", async () => {
        const created = await server.client.post("/Translations", { term: 2, language: "ä,=b", text: "zwei" });
        expect(ok(await server.client.get(path(created.headers.location!)), 200).text).to.equal("zwei");
      });

      for (const key of [
        "(1)",
        "(term=1)",
        "(term=1,term=1)",
        "(term=1,language='en',language='de')",
        "(term=1,lang='en')",
        "(term='1',language='en')",
        "(term=1,language=null)",
        "('en',1)",
        "/1",
        "()",
      ]) {
        it(`Translations${key} is no key: 400`, async () => {
          expect(refused(await server.client.get(`/Translations${key}`), 400).message).to.be.a("string");
        });
      }

      it("are changed and deleted alone", async () => {
        ok(await server.client.patch("/Translations(term=1,language='en')", { text: "ONE" }), 200);
        expect(ok(await server.client.get("/Translations(term=1,language='d''e%2Fx')"), 200).text).to.equal("eins");
        ok(await server.client.delete("/Translations(term=1,language='en')"), 204);
        expect(ok(await server.client.get("/Translations(term=1,language='d''e%2Fx')"), 200).text).to.equal("eins");
      });

      it("are tied by a foreign key: at creation, by PATCH, by $ref, and untied", async () => {
        const { client } = server;
        const tag = async () => client.get("/Translations(term=5,language='x')/tag");
        ok(await client.post("/Tags", { name: "t1" }), 201);
        ok(await client.post("/Tags", { name: "t2" }), 201);
        ok(
          await client.post("/Translations", { term: 5, language: "x", text: "5x", "tag@odata.bind": "Tags('t1')" }),
          201,
        );
        ok(
          await client.post("/Translations", { term: 5, language: "y", text: "5y", "tag@odata.bind": "Tags('t1')" }),
          201,
        );
        expect((await tag()).json.name).to.equal("t1");
        ok(await client.patch("/Translations(term=5,language='x')", { "tag@odata.bind": "Tags('t2')" }), 200);
        expect((await tag()).json.name).to.equal("t2");
        expect((await client.get("/Translations(term=5,language='y')/tag")).json.name).to.equal("t1");
        ok(await client.delete("/Translations(term=5,language='x')/tag/$ref"), 204);
        ok(await tag(), 204);
        ok(await client.put("/Translations(term=5,language='x')/tag/$ref", { "@odata.id": "Tags('t1')" }), 204);
        expect((await tag()).json.name).to.equal("t1");
      });

      it("are expanded over the foreign key", async () => {
        const found = ok(await server.client.get("/Translations(term=5,language='x')?$expand=tag"), 200);
        expect(found.tag.name).to.equal("t1");
      });
    });
  });

  describe(`values through real tables (${driver})`, () => {
    let server: KeyedServer;
    let number = 0;
    before(async () => (server = await startKeyed({ driver })));
    after(() => server.close());

    const created = async (members: string) => {
      const answer = await server.client.post("/Things", `{"number":${++number},${members}}`);
      expect(answer.status, answer.text).to.equal(201);
      return answer.text;
    };
    /** As it is after it was read anew, and after an unrelated change. */
    const kept = async (members: string) => {
      const first = (await created(members)).replace("/$entity", "");
      const read = (await server.client.get(`/Things(${number})`)).text.replace("/$entity", "");
      expect(read).to.equal(first);
      const patched = await server.client.patch(`/Things(${number})`, '{"tiny":1}');
      expect(patched.status, patched.text).to.equal(200);
      await server.client.patch(`/Things(${number})`, '{"tiny":null}');
      expect((await server.client.get(`/Things(${number})`)).text.replace("/$entity", "")).to.equal(first);
      return first;
    };

    for (const value of ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0"]) {
      it(`an Int64 of ${value} in a column and in the document, through an unrelated PATCH`, async () => {
        expect(await kept(`"big":${value},"bigInDocument":${value}`))
          .to.contain(`"big":${value}`)
          .and.contain(`"bigInDocument":${value}`);
      });

      it(`an Int64 of ${value} is filtered for exactly`, async () => {
        for (const property of ["big", "bigInDocument"]) {
          const find = async (filter: string) =>
            (
              await server.client.get(
                `/Things?$select=number&$filter=${encodeURIComponent(`number eq ${number} and ${filter}`)}`,
              )
            ).json.value.length;
          expect(await find(`${property} eq ${value}`)).to.equal(1);
          expect(await find(`${property} in (${value})`)).to.equal(1);
          expect(await find(`${property} ne ${value}`)).to.equal(0);
          if (value === "9007199254740993") expect(await find(`${property} eq 9007199254740992`)).to.equal(0);
          expect(await find(`${property} ge -5`)).to.equal(value.startsWith("-") ? 0 : 1);
        }
      });
    }

    for (const value of [
      "0.10000000000000000001",
      "12345678901234567890.0123456789",
      "-0.5",
      "1",
      "99999999999999999999.99999999999999999999",
    ]) {
      it(`a Decimal of ${value}, digit for digit`, async () => {
        expect(await kept(`"price":${value},"priceInDocument":${value}`))
          .to.contain(`"price":${value},`)
          .and.contain(`"priceInDocument":${value},`);
      });
    }

    it("Int64 and Decimal as texts where IEEE754Compatible is asked for, and back", async () => {
      const headers = {
        accept: "application/json;IEEE754Compatible=true",
        "content-type": "application/json;IEEE754Compatible=true",
      };
      const body =
        '{"number":900,"big":"9007199254740993","price":"0.10000000000000000001","place":{"city":null,"people":"9007199254740995"},"weight":"1.125"}';
      const answer = await server.client.post("/Things", body, { headers });
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.headers["content-type"]).to.contain("IEEE754Compatible=true");
      expect(answer.json).to.include({ big: "9007199254740993", price: "0.10000000000000000001", weight: "1.125" });
      expect(answer.json.place.people).to.equal("9007199254740995");
      const plain = (await server.client.get("/Things(900)")).text;
      expect(plain)
        .to.contain('"big":9007199254740993')
        .and.contain('"people":9007199254740995')
        .and.contain('"weight":1.125');
    });

    for (const value of [
      "0.1",
      "0.30000000000000004",
      "1.7976931348623157e308",
      "5e-324",
      "-1",
      "123456789012345680",
      '"INF"',
      '"-INF"',
      '"NaN"',
      "null",
    ]) {
      it(`a Double of ${value} in a column`, async () => {
        const text = await kept(`"ratio":${value}`);
        expect(JSON.parse(text).ratio).to.equal(JSON.parse(value));
      });
    }

    it("infinities are greater and less than everything", async () => {
      const find = async (filter: string) =>
        (await server.client.get(`/Things?$select=ratio&$filter=${encodeURIComponent(filter)}`)).json.value;
      expect(await find("ratio eq INF")).to.have.length(1);
      expect(await find("ratio eq -INF")).to.have.length(1);
      expect((await find("ratio lt 1e308")).map((thing: { ratio: unknown }) => thing.ratio))
        .to.include("-INF")
        .and.not.include("INF");
    });

    for (const [given, expected] of [
      ["2024-02-29T23:59:59+05:30", "2024-02-29T18:29:59Z"],
      ["2024-01-01T00:00:00-00:30", "2024-01-01T00:30:00Z"],
      ["2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00Z"],
      ["2024-01-01T00:00:00.123456789012Z", "2024-01-01T00:00:00.123456789012Z"],
      ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
      ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
    ]) {
      it(`the instant ${given} is ${expected}, in a column and in the document`, async () => {
        const { at, atInDocument } = JSON.parse(await kept(`"at":"${given}","atInDocument":"${given}"`));
        expect({ at, atInDocument }).to.deep.equal({ at: expected, atInDocument: expected });
      });

      it(`the instant ${given} is filtered for, however it is written`, async () => {
        for (const property of ["at", "atInDocument"]) {
          const filter = encodeURIComponent(
            `number eq ${number} and ${property} eq ${given} and ${property} le ${expected}`,
          );
          expect((await server.client.get(`/Things?$filter=${filter}`)).json.value).to.have.length(1);
        }
      });
    }

    it("texts with NUL, quotes, emoji and line ends in columns", async () => {
      for (const title of ["a\0b", "\0", '"', "\\", "😀\u2028\u2029", "\r\n\t\b", "\u007f"]) {
        await server.client.delete("/Tags('odd')");
        expect((await server.client.post("/Tags", { name: "odd", title })).json.title).to.equal(title);
        expect((await server.client.patch("/Tags('odd')", { barCode: "x" })).json.title).to.equal(title);
        expect((await server.client.get("/Tags('odd')")).json.title).to.equal(title);
        const raw = await server.client.get("/Tags('odd')/title/$value");
        expect(raw.text).to.equal(title);
      }
    });

    it("half a surrogate pair in a value: 400", async () => {
      const answer = await server.client.post("/Tags", '{"name":"half","title":"\\ud83d"}');
      expect(answer.status, answer.text).to.equal(400);
      expect(answer.json.error.target).to.equal("title");
    });

    it("a complex value and a collection in columns of their own", async () => {
      expect(JSON.parse(await kept('"place":{"people":1,"city":"Köln \\"x\\""},"words":["a","b"]'))).to.deep.include({
        place: { city: 'Köln "x"', people: 1 },
        words: ["a", "b"],
      });
      const merged = await server.client.patch(`/Things(${number})`, { place: { people: 2 } });
      expect(merged.json.place).to.deep.equal({ city: 'Köln "x"', people: 2 });
      expect((await server.client.get(`/Things(${number})/place/people`)).json.value).to.equal(2);
      expect(
        (await server.client.get(`/Things?$select=number&$filter=place/people%20eq%202`)).json.value,
      ).to.have.length(1);
    });

    for (const [property, value] of Object.entries({
      tiny: "256",
      short: "32768",
      number: "2147483648",
      big: "9223372036854775808",
      weight: "12345678.1",
      flag: "1",
      at: '"2024-13-01T00:00:00Z"',
      day: '"2023-02-29"',
      serial: '"xyz"',
      ratio: '"1"',
      place: '"here"',
      words: '"a"',
      "words[0]": "[null,1]",
    })) {
      it(`${property} of ${value}: 400 at ${property}`, async () => {
        const name = property.replace(/\[.*/, "");
        const before = (await server.client.get("/Things/$count")).text;
        const body = name === "number" ? `{"number":${value}}` : `{"number":${++number},"${name}":${value}}`;
        const answer = await server.client.post("/Things", body);
        expect(answer.status, answer.text).to.equal(400);
        expect(
          [answer.json.error, ...(answer.json.error.details ?? [])].map((error: { target: string }) =>
            error.target.replace(/\[1\]/, "[0]"),
          ),
        ).to.contain(property);
        expect((await server.client.get("/Things/$count")).text).to.equal(before);
      });
    }
  });

  describe(`relations in tables (${driver})`, () => {
    let server: KeyedServer;
    before(async () => {
      server = await startKeyed({ driver });
      for (const name of ["a", "b", "c"]) await server.client.post("/Tags", { name });
      for (const number of [1, 2, 3]) await server.client.post("/Things", { number });
    });
    after(() => server.close());
    const names = (answer: Answer) =>
      answer.json.value.map((item: { name?: string; number?: number }) => item.name ?? item.number);
    const status = async (answer: Promise<Answer>) => (await answer).status;

    it("links keep the order in which they were made, and none twice", async () => {
      for (const name of ["c", "a", "c", "b"])
        expect(
          await status(server.client.post("/Tags('a')/related/$ref", { "@odata.id": `Tags('${name}')` })),
        ).to.equal(204);
      expect(names(await server.client.get("/Tags('a')/related"))).to.deep.equal(["c", "a", "b"]);
    });

    it("links between numeric keys are read, expanded and cut", async () => {
      expect(await status(server.client.post("/Things(1)/parts/$ref", { "@odata.id": "Things(2)" }))).to.equal(204);
      expect(await status(server.client.patch("/Things(1)", { "parts@odata.bind": ["Things(3)"] }))).to.equal(200);
      expect(names(await server.client.get("/Things(1)/parts"))).to.deep.equal([2, 3]);
      const expanded = (await server.client.get("/Things?$expand=parts($select=number)&$select=number")).json.value;
      expect(expanded[0].parts.map((part: { number: number }) => part.number)).to.deep.equal([2, 3]);
      expect(await status(server.client.delete("/Things(1)/parts(2)/$ref"))).to.equal(204);
      expect(names(await server.client.get("/Things(1)/parts"))).to.deep.equal([3]);
    });

    it("links to what is deleted go with it", async () => {
      expect(await status(server.client.delete("/Things(3)"))).to.equal(204);
      expect(names(await server.client.get("/Things(1)/parts"))).to.deep.equal([]);
      expect(
        await server.service.database.reader.rows("select * from odata_link where target_table = 'thing'", []),
      ).to.deep.equal([]);
    });

    it("a single-valued link is replaced and cut", async () => {
      await server.client.put("/Tags('a')/favourite/$ref", { "@odata.id": "Things(1)" });
      await server.client.put("/Tags('a')/favourite/$ref", { "@odata.id": "Things(2)" });
      expect((await server.client.get("/Tags('a')/favourite")).json.number).to.equal(2);
      expect(await status(server.client.patch("/Tags('a')", { "favourite@odata.bind": null }))).to.equal(200);
      expect(await status(server.client.get("/Tags('a')/favourite"))).to.equal(204);
    });

    it("a foreign key is set at creation, changed and cleared", async () => {
      expect(await status(server.client.post("/Things", { number: 10, "tag@odata.bind": "Tags('a')" }))).to.equal(201);
      expect((await server.client.get("/Things(10)/tag")).json.name).to.equal("a");
      expect(await status(server.client.patch("/Things(10)", { "tag@odata.bind": "Tags('b')" }))).to.equal(200);
      expect((await server.client.get("/Things(10)/tag")).json.name).to.equal("b");
      expect(await status(server.client.delete("/Things(10)/tag/$ref"))).to.equal(204);
      expect(await status(server.client.get("/Things(10)/tag"))).to.equal(204);
    });

    it("a foreign key to what is deleted becomes null where the table says so", async () => {
      await server.client.post("/Tags", { name: "gone" });
      await server.client.patch("/Things(10)", { "tag@odata.bind": "Tags('gone')" });
      expect(await status(server.client.delete("/Tags('gone')"))).to.equal(204);
      expect(await status(server.client.get("/Things(10)/tag"))).to.equal(204);
    });

    it("a row that needs another is refused without it: 400, nothing stored", async () => {
      const answer = await server.client.post("/Stickers", { id: "00000000-0000-4000-8000-000000000001" });
      expect(answer.status, answer.text).to.equal(400);
      expect(answer.json.error.target).to.equal("tag");
      expect(answer.text).to.not.contain("tag_name");
      expect((await server.client.get("/Stickers/$count")).text).to.equal("0");
    });

    it("a row that needs another is made with it", async () => {
      const id = "00000000-0000-4000-8000-000000000002";
      expect(await status(server.client.post("/Stickers", { id, "tag@odata.bind": "Tags('b')" }))).to.equal(201);
      expect((await server.client.get(`/Stickers(${id})/tag`)).json.name).to.equal("b");
    });

    it("a row that needs another cannot be cut from it: 400, and it stays", async () => {
      const id = "00000000-0000-4000-8000-000000000002";
      for (const answer of [
        await server.client.delete(`/Stickers(${id})/tag/$ref`),
        await server.client.patch(`/Stickers(${id})`, { "tag@odata.bind": null }),
      ]) {
        expect(answer.status, answer.text).to.equal(400);
      }
      expect((await server.client.get(`/Stickers(${id})/tag`)).json.name).to.equal("b");
    });

    it("what others cannot be without is not deleted: 409", async () => {
      const answer = await server.client.delete("/Tags('b')");
      expect(answer.status, answer.text).to.equal(409);
      expect(await status(server.client.get("/Tags('b')"))).to.equal(200);
    });

    it("null for a column that takes none: 400 that names the property", async () => {
      const answer = await server.client.patch("/Stickers(00000000-0000-4000-8000-000000000002)", { text: null });
      expect(answer.status, answer.text).to.equal(400);
      expect(answer.json.error.target).to.equal("text");
    });
  });

  describe(`open types (${driver})`, () => {
    let server: KeyedServer;
    before(async () => (server = await startKeyed({ driver })));
    after(() => server.close());

    it("give dynamic properties back as they came", async () => {
      const members =
        '"text":"a","number":1.50,"big":9007199254740993,"truth":true,"list":[1,"a",null],"object":{"b":1,"a":{}},"n@odata.type":"#Int64","n":5';
      const answer = await server.client.post("/Notes", `{"id":1,${members}}`);
      expect(answer.status, answer.text).to.equal(201);
      expect((await server.client.get("/Notes(1)")).text).to.contain(members);
    });

    it("lose a dynamic property that is set to null, and keep the others", async () => {
      const answer = await server.client.patch("/Notes(1)", { text: null, fresh: 1 });
      expect(answer.json).to.include({ fresh: 1, truth: true }).and.not.have.property("text");
    });

    for (const name of ["a b", "1a", "", "a.b", "x".repeat(129), "a\0"]) {
      it(`take no property named ${JSON.stringify(name.slice(0, 10))}: 400`, async () => {
        const answer = await server.client.post("/Notes", { id: 2, [name]: 1 });
        expect(answer.status, answer.text).to.equal(400);
        expect((await server.client.get("/Notes(2)")).status).to.equal(404);
      });
    }

    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
      it(`take a property named ${name} for what it is`, async () => {
        await server.client.delete("/Notes(3)");
        const answer = await server.client.post("/Notes", `{"id":3,"${name}":"x"}`);
        expect(answer.status, answer.text).to.equal(201);
        expect((await server.client.get("/Notes(3)")).text).to.contain(`"${name}":"x"`);
        expect((await server.client.patch("/Notes(3)", { title: "t" })).text).to.contain(`"${name}":"x"`);
        expect(({} as Record<string, unknown>).x).to.equal(undefined);
      });
    }

    it("keep a dynamic property out of the way of a declared one", async () => {
      const answer = await server.client.post("/Notes", '{"id":4,"title":5}');
      expect(answer.status).to.equal(400);
      expect(answer.json.error.target).to.equal("title");
    });
  });
}
