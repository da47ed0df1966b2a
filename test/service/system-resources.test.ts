import { expect } from "chai";
import type { Json, Shop } from "./support/bookshop.js";
import { fill, refusal, root, startShop } from "./support/bookshop.js";

const encode = (url: string) => url.replaceAll(" ", "%20");
const text = { "content-type": "text/plain" };

describe("system resources", () => {
  let shop: Shop;
  before(async () => {
    shop = await startShop({ alternateRoots: ["https://other.example/api/"] });
    await fill(shop, 24);
  });
  after(() => shop.close());

  const values = async (url: string) => (await shop.get(encode(url))).json.value as Json[];

  describe("POST to $query", () => {
    const post = (url: string, body?: string, headers: Record<string, string> = text) =>
      shop.call("POST", url, body, headers);

    it("answers as GET does with the options of the body", async () => {
      const options = "$filter=pages%20gt%20103&$orderby=price desc&$select=isbn&$top=3&$count=true".replaceAll(
        " ",
        "%20",
      );
      const expected = await shop.get(`/Books?${options}`);
      for (const [url, body] of [
        ["/Books/$query", options],
        ["/Books/$query", `${options}\n`],
        ["/Books/$query/", options],
        [`/Books/$query?${options}`, ""],
        [`/Books/$query?${options}`, undefined],
        ["/Books/$query?$filter=pages%20gt%20103&$orderby=price%20desc", "$select=isbn&$top=3&$count=true"],
      ] as const) {
        const answer = await post(url, body, { "content-type": "text/plain;charset=utf-8" });
        expect(answer, url).to.deep.include({ status: 200, headers: expected.headers, text: expected.text });
      }
    });

    it("reads entities, properties and counts, too", async () => {
      expect((await post("/Books('isbn%200001')/$query", "$select=title")).json).to.include({ title: "Title 1" });
      expect((await post("/Books/$count/$query", "$filter=pages%20gt%20103")).text).to.equal(
        (await shop.get("/Books/$count?$filter=pages%20gt%20103")).text,
      );
      expect((await post("/Authors(3)/names/$query", "$top=1")).json.value).to.deep.equal(["Name 0"]);
    });

    it("takes more than a URL may hold", async () => {
      const list = Array.from({ length: 3_000 }, (_, index) => `'isbn ${String(index).padStart(4, "0")}'`).join(",");
      const { json } = await post("/Books/$query", `$count=true&$filter=${encode(`isbn in (${list})`)}`);
      expect(json["@odata.count"]).to.equal(24);
    });

    it("leads to next pages that are read with GET", async () => {
      const first = await post("/Books/$query?$orderby=title", "$filter=pages%20gt%20101", {
        ...text,
        prefer: "maxpagesize=4",
      });
      const next = first.json["@odata.nextLink"] as string;
      expect(next).to.match(
        /^http:\/\/example\.org\/shop\/Books\?\$orderby=title&\$filter=pages%20gt%20101&\$skiptoken=/,
      );
      expect((await shop.get(next.slice(root.length - 1))).json.value).to.have.length(4);
    });

    it("changes nothing", async () => {
      expect((await post("/Authors/$query", "")).json.value).to.have.length(5);
      expect(await values("/Authors")).to.have.length(5);
    });

    const refused: [url: string, body: string, headers: Record<string, string>, status: number][] = [
      ["/Books/$query", "$top=1", { "content-type": "application/json" }, 415],
      ["/Books/$query", "$top=1", {}, 415],
      ["/Books/$query", "$filter=pages gt 1", text, 400],
      ["/Books/$query", "$top=1\n&$skip=1", text, 400],
      ["/Books/$query", "$top=1\0", text, 400],
      ["/Books/$query", "$top=1#x", text, 400],
      ["/Books/$query", "$nothing=1", text, 400],
      ["/Books/$query?$top=1", "$top=2", text, 400],
      ["/Books/$query", `$filter=${"a".repeat(300_000)}`, text, 413],
      ["/Nothing/$query", "$top=1", text, 404],
    ];
    for (const [url, body, headers, status] of refused) {
      it(`${String(status)}: ${url} with ${JSON.stringify(body.slice(0, 30))}`, async () => {
        expect(await refusal(post(url, body, headers))).to.have.property("status", status);
      });
    }

    it("is no GET, and no other method", async () => {
      expect(await refusal(shop.get("/Books/$query")))
        .to.have.property("status")
        .that.is.oneOf([400, 404, 405, 501]);
      expect(await refusal(shop.call("PUT", "/Books/$query", "", text)))
        .to.have.property("status")
        .that.is.at.least(400);
    });
  });

  describe("$entity", () => {
    const ids = [
      `${root}Books('isbn%200000')`,
      "https://other.example/api/Books('isbn%200000')",
      "Books('isbn%200000')",
      "/shop/Books('isbn%200000')",
      "Books/isbn%200000",
      "Authors(1)/books('isbn%200000')",
    ];
    for (const id of ids) {
      it(`finds the entity of the id ${id}`, async () => {
        const answer = await shop.get(`/$entity?$id=${encodeURIComponent(id)}`);
        expect(answer.json).to.include({ isbn: "isbn 0000", "@odata.context": `${root}$metadata#Books/$entity` });
      });
    }

    it("as an entity of a type, with what is selected and expanded of it", async () => {
      const { json } = await shop.get(
        `/$entity/Books.Novel?$id=Books('isbn%200000')&$select=isbn,hero&$expand=author($select=id)`,
      );
      expect(json).to.deep.equal({
        "@odata.context": `${root}$metadata#Books/Books.Novel(isbn,hero,author(id))/$entity`,
        "@odata.type": "#Books.Novel",
        "@odata.etag": 'W/"1"',
        isbn: "isbn 0000",
        hero: "Hero 0",
        author: { "@odata.type": "#Books.Author", id: 1 },
      });
    });

    const refused: [url: string, status: number][] = [
      ["/$entity", 400],
      ["/$entity?$id=Books('nobody')", 404],
      ["/$entity?$id=Books", 404],
      ["/$entity?$id=Books('isbn%200000')/title", 404],
      ["/$entity?$id=Nothing(1)", 404],
      ["/$entity?$id=http://elsewhere.example/Books('isbn%200000')", 404],
      ["/$entity?$id=$entity", 404],
      ["/$entity?$id=%25", 404],
      ["/$entity/Books.Novel?$id=Books('isbn%200001')", 404],
      ["/$entity/Books.Nothing?$id=Books('isbn%200001')", 404],
      ["/$entity?$id=Books('isbn%200000')&$select=title", 400],
      ["/$entity?$id=Books('isbn%200000')&$top=1", 400],
    ];
    for (const [url, status] of refused) {
      it(`${String(status)}: ${url}`, async () => {
        expect(await refusal(shop.get(url))).to.have.property("status", status);
      });
    }

    it("is read, and not written", async () => {
      expect(await refusal(shop.call("DELETE", "/$entity?$id=Books('isbn%200000')"))).to.have.property("status", 405);
    });
  });

  describe("$all", () => {
    it("has the entities of all sets, each with its own context", async () => {
      const all = await values("/$all");
      const parts = [...(await values("/Authors")), ...(await values("/Books"))];
      expect(all.map(({ "@odata.context": _, ...entity }) => entity)).to.deep.equal(parts);
      expect(all[0]!["@odata.context"]).to.equal(`${root}$metadata#Authors/$entity`);
      expect(all.at(-1)!["@odata.context"]).to.equal(`${root}$metadata#Books/$entity`);
    });

    it("of a type has those alone, with the options that the type allows", async () => {
      const novels = await values("/$all/Books.Novel?$filter=hero gt 'Hero 2'&$select=isbn,hero");
      expect(novels.map(({ isbn, hero }) => ({ isbn: isbn as string, hero: hero as string }))).to.deep.equal(
        (await values("/Books/Books.Novel?$filter=hero gt 'Hero 2'&$select=isbn,hero")).map(({ isbn, hero }) => ({
          isbn: isbn as string,
          hero: hero as string,
        })),
      );
    });

    it("is searched, counted and cut", async () => {
      const found = [...(await values("/Authors?$search=2")), ...(await values("/Books?$search=2"))];
      const { json } = await shop.get("/$all?$search=2&$count=true&$skip=1&$top=2");
      expect(json["@odata.count"]).to.equal(found.length);
      expect((json.value as Json[]).map(({ "@odata.context": _, ...entity }) => entity)).to.deep.equal(
        found.slice(1, 3),
      );
      expect(await values("/$all?$top=0")).to.deep.equal([]);
    });

    it("comes at every level of metadata", async () => {
      const none = await shop.get("/$all?$count=true", { accept: "application/json;odata.metadata=none" });
      expect(Object.keys(none.json)).to.deep.equal(["@odata.count", "value"]);
      expect(Object.keys((none.json.value as Json[])[0]!).filter((name) => name.includes("@"))).to.deep.equal([]);
      const full = await shop.get("/$all", { accept: "application/json;odata.metadata=full" });
      for (const entity of full.json.value as Json[]) {
        const found = (await shop.get((entity["@odata.id"] as string).slice(root.length - 1))).json;
        expect(found["@odata.context"]).to.equal(entity["@odata.context"]);
      }
    });

    const refused: [url: string, status: number][] = [
      ["/$all?$orderby=title", 501],
      ["/$all?$apply=aggregate($count%20as%20n)", 501],
      ["/$all?$filter=title%20eq%20'x'", 400],
      ["/$all?$nothing=1", 400],
      ["/$all/Books.Address", 404],
      ["/$all/Books.Nothing", 404],
      ["/$all/Books.Novel/x", 404],
    ];
    for (const [url, status] of refused) {
      it(`${String(status)}: ${url}`, async () => {
        expect(await refusal(shop.get(url))).to.have.property("status", status);
      });
    }
  });

  describe("$crossjoin", () => {
    it("has the links of every combination", async () => {
      const rows = await values("/$crossjoin(Authors,Books)");
      const expected = [1, 2, 3, 4, 5].flatMap((author) =>
        Array.from({ length: 24 }, (_, book) => ({
          "Authors@odata.navigationLink": `${root}Authors(${author})`,
          "Books@odata.navigationLink": `${root}Books('isbn%20${String(book).padStart(4, "0")}')`,
        })),
      );
      expect(rows).to.deep.equal(expected);
    });

    it("is filtered, sorted, counted, cut and expanded", async () => {
      const { json } = await shop.get(
        encode(
          "/$crossjoin(Authors,Books)?$filter=Books/pages eq Authors/id add 100 and Authors/id gt 1&$orderby=Authors/name desc,Books/isbn&$count=true&$top=2&$expand=Authors($select=name),Books/$ref",
        ),
      );
      expect(json).to.deep.equal({
        "@odata.context": `${root}$metadata#Collection(Edm.ComplexType)`,
        "@odata.count": 9,
        value: [5, 15].map((book) => ({
          Authors: { "@odata.type": "#Books.Author", "@odata.id": `${root}Authors(5)`, name: "Author 5" },
          Books: { "@odata.id": `${root}Books('isbn%20${String(book).padStart(4, "0")}')` },
        })),
      });
    });

    it("has no links where no control information is wanted", async () => {
      const { json } = await shop.get("/$crossjoin(Authors,Books)?$top=1&$expand=Authors($select=id)", {
        accept: "application/json;odata.metadata=none",
      });
      expect(json).to.deep.equal({ value: [{ Authors: { id: 1 } }] });
    });

    const refused: [url: string, status: number][] = [
      ["/$crossjoin", 400],
      ["/$crossjoin()", 400],
      ["/$crossjoin(Books,Nothing)", 404],
      ["/$crossjoin(Books,Books)", 400],
      ["/$crossjoin(Books,Authors)/x", 404],
      ["/$crossjoin(Books,Authors)?$filter=title%20eq%20'x'", 400],
    ];
    for (const [url, status] of refused) {
      it(`${String(status)}: ${url}`, async () => {
        expect(await refusal(shop.get(url))).to.have.property("status", status);
      });
    }
  });
});
