import { expect } from "chai";
import { storeKinds } from "../support/stores.js";
import { labOn } from "./fuzz/servers.js";
import { expectError } from "./support.js";

/** Texts that end a literal, a comment, a pattern or a path of some language. */
const texts = [
  "' or 1=1 --",
  "'; drop table owner; --",
  "x' union select * from sqlite_master --",
  '" or "1"="1',
  "\\' or 1=1",
  "*/ or 1=1 /*",
  "$1 ? ?1 :name @p",
  "$tag$ || $tag$",
  "E'\\x27",
  "%27",
  "%",
  "_",
  "*",
  '$."a"[0]',
  "^a|b",
  "＇ʼ or 1=1",
];

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const kinds = storeKinds.filter(({ inMemory }) => !inMemory);

for (const kind of kinds) {
  describe(`SQL where there should be none (${kind.name})`, () => {
    const server = labOn(kind, {}, async ({ client }) => {
      for (const [index, motto] of texts.entries()) {
        const answer = await client.post("/Owners", { name: `owner ${index}`, motto, nick: motto, rank: index });
        expect(answer.status, answer.text).to.equal(201);
      }
    });

    const get = (path: string, query: Record<string, string> = {}) => {
      const options = Object.entries(query).map((option) => option.map(encodeURIComponent).join("="));
      return server().client.get(options.length === 0 ? path : `${path}?${options.join("&")}`);
    };
    const names = async (query: Record<string, string>, path = "/Owners"): Promise<string[]> => {
      const answer = await get(path, { $select: "name", ...query });
      expect(answer.status, `${JSON.stringify(query)}\n${answer.text.slice(0, 500)}`).to.equal(200);
      return (answer.json.value as { name: string }[]).map(({ name }) => name);
    };

    for (const [index, text] of texts.entries()) {
      const own = `owner ${index}`;
      const literal = quoted(text);

      it(`${text}: as a literal is nothing but that text`, async () => {
        for (const filter of [
          `motto eq ${literal}`,
          `${literal} eq motto`,
          `motto in (${literal},'no such motto')`,
          `nick eq ${literal}`,
          `rank eq ${index} and contains(motto,${literal})`,
          `rank eq ${index} and startswith(motto,${literal}) and endswith(motto,${literal})`,
          `rank eq ${index} and indexof(motto,${literal}) eq 0`,
          `concat('x',motto) eq concat('x',${literal})`,
          `substring(concat(motto,'x'),0,length(${literal})) eq ${literal} and motto le ${literal} and rank eq ${index}`,
          `case(motto eq ${literal}:${literal},true:'') eq motto and rank eq ${index}`,
          `cast(motto,Edm.String) eq ${literal}`,
          `motto eq @a`,
          `$it/motto eq ${literal}`,
          `["x",${JSON.stringify(text)}] ne ["x"] and motto eq ${literal}`,
          `${JSON.stringify([text])} eq ["x"] or motto eq ${literal}`,
        ]) {
          expect(await names({ $filter: filter, "@a": literal }), filter).to.deep.equal([own]);
        }
      });

      it(`${text}: as a literal elsewhere is nothing but that text`, async () => {
        expect(
          await names({ $filter: `motto eq ${literal}`, $orderby: `${literal},motto eq ${literal} desc` }),
        ).to.have.members([own]);
        const computed = await get("/Owners", {
          $compute: `${literal} as x`,
          $filter: `x eq motto`,
          $select: "name,x",
        });
        expect(computed.json.value.map(({ name, x }: Record<string, string>) => [name, x])).to.deep.equal([
          [own, text],
        ]);
        const applied = await get("/Owners", {
          $apply: `filter(motto eq ${literal})/compute(${literal} as x)/groupby((x),aggregate(motto with max as m))`,
        });
        expect(applied.json.value).to.deep.equal([{ x: text, m: text }]);
        const nested = await get("/Items(1)", { $expand: `owner($compute=${literal} as x;$select=x)`, $select: "id" });
        expect(nested.json.owner?.x ?? text).to.equal(text);
        expect(await names({}, `/Owners/$filter(motto%20eq%20${encodeURIComponent(literal)})`)).to.deep.equal([own]);
        const structured = `cPlace eq {"city":${JSON.stringify(text)}} or cPlace/spots eq [{"name":${JSON.stringify(text)}}]`;
        expect((await get("/Items", { $filter: structured })).json.value).to.deep.equal([]);
        const quantified = `$root/Owners/any(o:o/motto eq ${literal} and o/name eq '${own}')`;
        expect(await names({ $filter: `${quantified} and name eq '${own}'` })).to.deep.equal([own]);
      });

      it(`${text}: as a pattern is a pattern`, async () => {
        const pattern = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
        expect(
          await names({ $filter: `rank eq ${index} and matchesPattern(motto,${quoted(`^${pattern}$`)})` }),
        ).to.deep.equal([own]);
      });

      it(`${text}: as a key finds nothing`, async () => {
        for (const path of [
          `/Owners(${encodeURIComponent(literal)})`,
          `/Owners(name=${encodeURIComponent(literal)})`,
          "/Owners(@k)",
        ])
          expectError(await get(path, path.includes("@k") ? { "@k": literal } : {}), 404);
        expectError(await get(`/Owners/${encodeURIComponent(text)}`), text.includes("\t") ? 400 : 404);
        for (const path of [
          `/Items/${encodeURIComponent(text)}`,
          `/Items(${encodeURIComponent(text)})`,
          `/Items(1)/cStrings/${encodeURIComponent(text)}`,
        ])
          expect((await get(path)).status, path).to.be.oneOf([400, 404]);
      });

      it(`${text}: as words to search for means no more than words`, async () => {
        const answer = await get("/Owners", { $search: `"${text.replaceAll('"', " ")}"`, $select: "name" });
        expect(answer.status, answer.text.slice(0, 500)).to.be.oneOf([200, 400]);
        const bare = await get("/Owners", { $search: text, $select: "name" });
        expect(bare.status, bare.text).to.be.oneOf([200, 400]);
      });

      it(`${text}: in headers means nothing`, async () => {
        for (const header of ["prefer", "client-request-id", "x-anything", "user-agent", "accept-language"]) {
          const answer = await server().client.get("/Items(1)", {
            headers: { [header]: text.replace(/[^\x20-\x7e]/g, "?") },
          });
          expect(answer.status, header).to.equal(200);
        }
      });

      // These are names.
      if (text === "_" || text === "*") continue;
      it(`${text}: as a name is refused`, async () => {
        for (const [path, query] of [
          ["/Items", { $orderby: text }],
          ["/Items", { $orderby: `id ${text}` }],
          ["/Items", { $select: text }],
          ["/Items", { $select: `cPlace/${text}` }],
          ["/Items", { $expand: text }],
          ["/Items", { $expand: `related($levels=${text})` }],
          ["/Items", { $top: text }],
          ["/Items", { $skip: text }],
          ["/Items", { $count: text }],
          ["/Items", { $compute: `1 as ${text}` }],
          ["/Items", { $apply: `aggregate($count as ${text})` }],
          ["/Items", { $apply: `aggregate(id with ${text} as x)` }],
          ["/Items", { $apply: `groupby((${text}))` }],
          ["/Items", { $filter: text }],
          ["/Items", { $filter: `cast(id,${text}) eq 1` }],
          ["/Items", { $filter: `${text}(title) eq 1` }],
          ["/Items", { $filter: `cStrings/any(${text}:true)` }],
          ["/Items", { $filter: `cColour eq Lab.colour'${text}'` }],
          ["/Items", { $filter: `cColour eq ${quoted(text)}` }],
          ["/Items", { $filter: `cPlace eq {${JSON.stringify(text)}:1}` }],
          ["/Items", { $filter: `id eq ${text}` }],
          ["/Items", { $skiptoken: text }],
          ["/Items", { [`$${text}`]: "1" }],
          ["/$crossjoin(Items," + encodeURIComponent(text) + ")", {}],
        ] as readonly (readonly [string, Record<string, string>])[]) {
          const answer = await get(path, query);
          expect(answer.status, `${path} ${JSON.stringify(query)}\n${answer.text.slice(0, 500)}`).to.be.oneOf([
            400, 404,
          ]);
          expectError(answer, answer.status);
        }
        expectError(await get("/Items", { $format: text }), 406, { target: "$format" });
      });
    }

    it("a wildcard is no wildcard", async () => {
      for (const text of ["%", "_", "*", "?"]) {
        const found = await names({ $filter: `startswith(motto,${quoted(text)})`, $orderby: "rank" });
        const right = texts.flatMap((motto, index) => (motto.startsWith(text) ? [`owner ${index}`] : []));
        expect(found).to.deep.equal(right);
      }
    });

    it("names that mean something to JavaScript or SQL are names", async () => {
      for (const name of [
        "__proto__",
        "constructor",
        "toString",
        "select",
        "from",
        "rowid",
        "oid",
        "ctid",
        "x".repeat(128),
      ]) {
        // Of an open type any name may be a property's.
        const answer = await get("/Owners", {
          $compute: `rank as y`,
          $filter: `${name} eq null`,
          $select: `name,${name}`,
        });
        expect(answer.status, `${name} ${answer.text.slice(0, 500)}`).to.equal(200);
        expect(answer.json.value).to.have.length(texts.length + 7);
        const computed = await get("/Owners", {
          $compute: `rank as ${name}`,
          $filter: `${name} eq 3`,
          $select: name,
          $orderby: name,
        });
        expect(computed.status, `${name} ${computed.text}`).to.equal(200);
        expect(computed.text).to.contain(`"${name}":3`);
        const applied = await get("/Owners", {
          $apply: `filter(rank eq 3)/aggregate(rank with max as ${name})/filter(${name} eq 3)`,
        });
        expect(applied.status, `${name} ${applied.text}`).to.equal(200);
        expect(applied.text).to.contain(`"${name}":3`);
      }
    });

    it("has lost nothing and gained nothing by all this", async () => {
      const owners = await server().client.get("/Owners/$count");
      expect(owners.text).to.equal(String(texts.length + 7));
    });
  });
}
