import { expect } from "chai";
import { freshStores, storeKinds } from "../support/stores.js";
import {
  answeredParts,
  changeSet,
  jsonBatch,
  multipart,
  multipartBatch,
  part,
  post,
  statusesOf,
} from "./support/batch.js";
import type { AnsweredPart } from "./support/batch.js";
import type { HttpAnswer } from "./support/http-text.js";
import type { Json, Shop } from "./support/bookshop.js";
import { refusal, root, startShop } from "./support/bookshop.js";

const author = (id: number) => ({ id, name: `Author ${id}` });
const book = (isbn: string) => ({ isbn, title: `Title ${isbn}` });
const single = (one: AnsweredPart | undefined) => one as HttpAnswer & { readonly id: string | undefined };
const several = (one: AnsweredPart | undefined) => (one as readonly AnsweredPart[]).map(single);
const json = (one: HttpAnswer) => JSON.parse(one.text) as Json;

for (const kind of storeKinds) {
  describe(`multipart batches (${kind.name})`, () => {
    const store = freshStores(kind);
    let shop: Shop;
    beforeEach(async () => void (shop = await startShop({ url: store().url })));
    afterEach(() => shop.close());
    const count = async (set: string) => Number((await shop.get(`/${set}/$count`)).text);

    for (const [lines, lineEnd] of [
      ["CRLF", "\r\n"],
      ["LF", "\n"],
    ] as const) {
      it(`carry out requests and change sets in their order (${lines})`, async () => {
        const body = multipart(
          "b",
          [
            part("GET Authors/$count HTTP/1.1\n"),
            changeSet("c", [
              part(post("Authors", author(1)), "1"),
              part(post("/shop/Authors", author(2)), "2"),
              part(`PATCH ${root}Authors(1) HTTP/1.1\nContent-Type: application/json\n\n{"name":"New"}`, "3"),
            ]),
            part("GET /shop/Authors(1) HTTP/1.1\nHost: example.org\nAccept: application/json\n", "last"),
            part("DELETE Authors(2)"),
          ],
          lineEnd,
        );
        const { answer, parts } = await multipartBatch(shop, body);
        expect(answer.status).to.equal(200);
        expect(answer.headers["odata-version"]).to.equal("4.01");
        expect(statusesOf(parts)).to.deep.equal([200, [201, 201, 200], 200, 204]);
        expect(several(parts[1]).map(({ id }) => id)).to.deep.equal(["1", "2", "3"]);
        expect(several(parts[1])[0]!.headers.location).to.equal(`${root}Authors(1)`);
        expect(single(parts[2]).id).to.equal("last");
        expect(json(single(parts[2])).name).to.equal("New");
        expect(single(parts[2]).headers["content-length"]).to.equal(
          String(Buffer.byteLength(single(parts[2]).text.replace(/\r\n$/, ""))),
        );
        expect(await count("Authors")).to.equal(1);
      });
    }

    it("answer a change set that fails once, and store nothing of it", async () => {
      const set = changeSet("c", [
        part(post("Authors", author(1)), "1"),
        part(post("Authors", author(1)), "2"),
        part(post("Authors", author(3)), "3"),
      ]);
      const body = multipart("b", [set, part("GET Authors HTTP/1.1")]);
      const stopped = await multipartBatch(shop, body);
      expect(statusesOf(stopped.parts)).to.deep.equal([409]);
      const { answer, parts } = await multipartBatch(shop, body, { prefer: "odata.continue-on-error" });
      expect(statusesOf(parts)).to.deep.equal([409, 200]);
      expect(answer.headers["preference-applied"]).to.equal("continue-on-error");
      expect(json(single(parts[0])).error.code).to.equal("Conflict");
      expect(json(single(parts[1])).value).to.deep.equal([]);
    });

    it("refer to entities that were made before, within their change set and across", async () => {
      const { parts } = await multipartBatch(
        shop,
        multipart("b", [
          changeSet("c", [
            part(post("Authors", author(1)), "1"),
            part(post("$1/books", book("x")), "2"),
            part(post("Books", { ...book("y"), "author@odata.bind": "$1" }), "3"),
            part('PUT $2/author/$ref HTTP/1.1\nContent-Type: application/json\n\n{"@odata.id":"$1"}', "4"),
          ]),
          part("GET $1/books/$count HTTP/1.1"),
          part("GET $3 HTTP/1.1", "5"),
          part('PATCH $5 HTTP/1.1\nContent-Type: application/json\nIf-Match: $5\n\n{"title":"New"}', "6"),
        ]),
      );
      expect(statusesOf(parts)).to.deep.equal([[201, 201, 201, 204], 200, 200, 200]);
      expect(single(parts[1]).text.trim()).to.equal("2");
      expect((await shop.get("/Books('y')")).json.title).to.equal("New");
    });
  });
}

describe("multipart batches", () => {
  let shop: Shop;
  before(async () => void (shop = await startShop()));
  after(() => shop.close());
  const create = part(post("Authors", author(1)));
  const read = part("GET Authors HTTP/1.1\n");
  const refused = async (body: string, headers: Record<string, string> = {}) => {
    const { status, message } = await refusal(multipartBatch(shop, body, headers));
    return `${status} ${message}`;
  };

  it("pass over what stands in front of the first part and behind the last", async () => {
    const body = `preamble\r\n--bb\r\n --b\r\n${multipart("b", [read])}epilogue\r\n--b\r\nmore`;
    expect(statusesOf((await multipartBatch(shop, body)).parts)).to.deep.equal([200]);
  });

  it("have boundaries in quotes, with white space behind them, and as the beginning of each other", async () => {
    const body = multipart("a b", [read, changeSet("a b c", [])]).replaceAll(/^--a b\r$/gm, "--a b \t\r");
    const { parts } = await multipartBatch(shop, body, { "content-type": 'Multipart/Mixed; Boundary="a b"' });
    expect(statusesOf(parts)).to.deep.equal([200, []]);
  });

  it("end with the first error", async () => {
    const { parts } = await multipartBatch(shop, multipart("b", [read, part("GET Nothing HTTP/1.1"), read]));
    expect(statusesOf(parts)).to.deep.equal([200, 404]);
  });

  it("are answered as JSON where the client wants it so", async () => {
    const body = multipart("b", [
      read,
      changeSet("c", [part("DELETE Authors(9) HTTP/1.1", "1"), part("DELETE Authors(8) HTTP/1.1", "2")]),
      part("GET Authors HTTP/1.1", "3"),
    ]);
    const headers = {
      "content-type": "multipart/mixed; boundary=b",
      accept: "application/json",
      prefer: "continue-on-error",
    };
    const answer = await shop.call("POST", "/$batch", body, headers);
    expect(
      (answer.json.responses as Json[]).map(({ id, atomicityGroup, status }) => [id, atomicityGroup, status]),
    ).to.deep.equal([
      [undefined, undefined, 200],
      ["1", "changeset_1", 404],
      ["2", "changeset_1", 424],
      ["3", undefined, 200],
    ]);
  });

  it("are the answer to JSON batches where the client wants it so", async () => {
    const requests = [
      { id: "x", method: "get", url: "Authors" },
      { id: "y", atomicityGroup: "g", method: "get", url: "Books" },
    ];
    const headers = { accept: "multipart/mixed" };
    const answer = await shop.call("POST", "/$batch", { requests }, headers);
    const answered = answeredParts(answer.headers["content-type"]!, answer.text).map(single);
    expect(answered.map(({ id, status }) => [id, status])).to.deep.equal([
      ["x", 200],
      ["y", 200],
    ]);
  });

  it("take the host of a part for part of its URL", async () => {
    const at = (host: string) => part(`GET /shop/Authors HTTP/1.1\nHost: ${host}\n`);
    const { parts } = await multipartBatch(shop, multipart("b", [at("EXAMPLE.org"), at("elsewhere.example")]));
    expect(statusesOf(parts)).to.deep.equal([200, 404]);
  });

  it("say what a part does wrong in the part's own answer", async () => {
    const parts = [
      "GET Authors HTTP/1.1\nAuthorization: Bearer x\n",
      "GET $9/books HTTP/1.1",
      "GET $batch HTTP/1.1",
      "POST Authors HTTP/1.1\nContent-Type: application/json\n\n{",
      "POST Authors HTTP/1.1\nContent-Type: text/csv\n\n1",
      "POST Authors HTTP/1.1\nContent-Type: application/json\nContent-Encoding: zstd\n\n{}",
    ];
    const { parts: answers } = await multipartBatch(
      shop,
      multipart(
        "b",
        parts.map((one) => part(one)),
      ),
      {
        prefer: "continue-on-error",
      },
    );
    expect(statusesOf(answers)).to.deep.equal([400, 400, 400, 400, 415, 415]);
  });

  it("hold bodies of exactly as many bytes as they say", async () => {
    const text = JSON.stringify({ id: 50, name: "Ünï" });
    const body = `POST Authors HTTP/1.1\nContent-Type: application/json\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}\n`;
    expect(statusesOf((await multipartBatch(shop, multipart("b", [part(body)]))).parts)).to.deep.equal([201]);
    await shop.call("DELETE", "/Authors(50)");
  });

  describe("that are malformed are refused, and nothing is done", () => {
    after(async () => expect((await shop.get("/Authors/$count")).text).to.equal("0"));
    const many = Array.from({ length: 10_000 }, () => read);
    for (const [what, body, message, headers] of [
      ["an empty body", "", /^400 .*--b/],
      ["another boundary", multipart("other", [create]), /^400 .*--b/],
      ["no boundary", multipart("b", [create]), /^400 .*boundary/, { "content-type": "multipart/mixed" }],
      [
        "an empty boundary",
        multipart("", [create]),
        /^400 .*boundary/,
        { "content-type": 'multipart/mixed; boundary=""' },
      ],
      ["a long boundary", "", /^400 .*RFC 2046/, { "content-type": `multipart/mixed; boundary=${"x".repeat(71)}` }],
      ["an odd boundary", "", /^400 .*RFC 2046/, { "content-type": 'multipart/mixed; boundary="a<b"' }],
      ["no last delimiter", multipart("b", [create]).replace(/--\r\n$/, "\r\n"), /^400 .*does not end/],
      ["no end at all", multipart("b", [create]).slice(0, -10), /^400 .*does not end/],
      ["a part without a type", multipart("b", [create, "\nGET Authors HTTP/1.1\n"]), /^400 .*application\/http/],
      ["a part of another type", multipart("b", [create, "Content-Type: text/plain\n\nx"]), /^400 .*application\/http/],
      ["another transfer encoding", multipart("b", [create.replace("binary", "base64")]), /^400 .*binary/],
      ["a header that is none", multipart("b", [create, "no header\n\nGET A HTTP/1.1"]), /^400 .*'no header'/],
      [
        "a header twice",
        multipart("b", [create, part("GET A HTTP/1.1\nHost: a\nHost: b\n")]),
        /^400 .*host stands twice/,
      ],
      ["a folded header", multipart("b", [create, part("GET A HTTP/1.1\nX: a\n b\n")]), /^400 .*head/],
      ["long headers", multipart("b", [create, part(`GET A HTTP/1.1\nX: ${"x".repeat(40_000)}\n`)]), /^400 .*32768/],
      [
        "many headers",
        multipart("b", [
          create,
          part(`GET A HTTP/1.1\n${"X: y\n".repeat(10)}${Array.from({ length: 200 }, (_, i) => `X${i}: y\n`).join("")}`),
        ]),
        /^400 .*100 header/,
      ],
      ["no request line", multipart("b", [create, part("")]), /^400 .*request line/],
      [
        "a URL with white space",
        multipart("b", [create, part("GET Authors?$filter=id eq 1 HTTP/1.1")]),
        /^400 .*request line/,
      ],
      ["an unknown method", multipart("b", [create, part("BREW Authors HTTP/1.1")]), /^400 .*BREW/],
      [
        "a body that is cut off",
        multipart("b", [create, part("POST Authors HTTP/1.1\nContent-Length: 9\n\n{}")]),
        /^400 .*Content-Length/,
      ],
      [
        "a body that is too long",
        multipart("b", [create, part("POST Authors HTTP/1.1\nContent-Length: 1\n\n{}")]),
        /^400 .*Content-Length/,
      ],
      [
        "a chunked body",
        multipart("b", [create, part("POST Authors HTTP/1.1\nTransfer-Encoding: chunked\n\n0")]),
        /^400 .*Transfer-Encoding/,
      ],
      [
        "an identifier twice",
        multipart("b", [part(post("Authors", author(1)), "1"), part("GET A HTTP/1.1", "1")]),
        /^400 .*'1'/,
      ],
      ["an identifier with white space", multipart("b", [part(post("Authors", author(1)), "1 2")]), /^400 .*'1 2'/],
      [
        "a GET in a change set",
        multipart("b", [create, changeSet("c", [part("GET Authors HTTP/1.1", "1")])]),
        /^400 .*GET/,
      ],
      ["no identifier in a change set", multipart("b", [create, changeSet("c", [create])]), /^400 .*Content-ID/],
      [
        "a change set in a change set",
        multipart("b", [create, changeSet("c", [changeSet("d", [])])]),
        /^400 .*application\/http/,
      ],
      [
        "a change set without a boundary",
        multipart("b", [create, "Content-Type: multipart/mixed\n\nx"]),
        /^400 .*boundary/,
      ],
      [
        "a change set that does not end",
        multipart("b", [create, changeSet("c", [create]).slice(0, -5)]),
        /^400 .*does not end/,
      ],
      ["10,000 parts", multipart("b", many), /^400 .*1000/],
      ["10,000 parts in change sets", multipart("b", [create, changeSet("c", many)]), /^400 .*1000/],
    ] as const) {
      it(what, async () => {
        expect(await refused(body, headers)).to.match(message);
      });
    }
  });

  it("give the same answers as JSON batches", async () => {
    const { parts } = await multipartBatch(shop, multipart("b", [read]));
    const { responses } = await jsonBatch(shop, [{ id: "1", method: "get", url: "Authors" }]);
    expect(json(single(parts[0]))).to.deep.equal(responses[0]!.body);
  });
});
