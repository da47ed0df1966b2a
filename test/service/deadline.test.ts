import { expect } from "chai";
import { drivers } from "../support/graph-server.js";
import { startKeyed } from "../support/keyed-service.js";

const ROWS = 3_000;

const numbers = (columns: string) =>
  `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS}) select ${columns} from n`;

/** Queries that go through billions of combinations of a few thousand rows, and find none. */
const bombs = [
  "/Tags?$filter=$root/Tags/any(a:$root/Tags/any(b:concat(concat(a/name,b/name),name) eq 'none'))",
  "/Tags/$count?$filter=$root/Things/any(a:$root/Things/any(b:a/number eq b/number mul -1 and name eq a/place/city))",
  "/Things?$filter=$root/Tags/$count($filter=$root/Things/any(t:t/tag/name eq concat($it/place/city,title))) gt 1",
  "/Things?$compute=$root/Tags/$count($filter=contains(concat(title,$it/place/city),'none')) as n&$filter=n gt 0",
  "/$crossjoin(Tags,Things,Stickers)?$filter=concat(Tags/name,Stickers/text) eq Things/place/city",
  "/$crossjoin(Tags,Things,Stickers)?$count=true&$top=1",
];

for (const driver of drivers) {
  describe(`a query that would take for ever (${driver})`, function () {
    this.timeout(60_000);
    let keyed: Awaited<ReturnType<typeof startKeyed>>;

    before(async () => {
      keyed = await startKeyed({ driver, database: { statementTimeoutMs: 100 } });
      await keyed.service.database.transaction(async (transaction) => {
        await transaction.run(`insert into tag (name, title) ${numbers("'tag ' || i, 'title ' || i")}`, []);
        await transaction.run(
          `insert into thing (number, words, place, document) ${numbers(`i, '["a"]', '{"city":"b"}', '{}'`)}`,
          [],
        );
        await transaction.run(`insert into sticker (id, text, tag_name) ${numbers("i, 'text', 'tag ' || i")}`, []);
      });
    });
    after(() => keyed.close());

    for (const bomb of bombs) {
      it(`is ended, and others are answered then: ${bomb}`, async () => {
        const { status, json, text } = await keyed.client.get(encodeURI(bomb));
        expect(json?.error?.code, text).to.equal("StatementTimeout");
        expect(status).to.equal(504);
        const { status: after, json: page } = await keyed.client.get("/Tags?$top=2");
        expect(after).to.equal(200);
        expect(page.value).to.have.length(2);
      });
    }

    it("does not end one that goes through nested collections in time", async () => {
      const { json } = await keyed.client.get(
        encodeURI(
          "/Tags?$filter=name eq 'tag 7' and $root/Tags/any(t:t/title eq concat('title ',substring($it/name,4)))",
        ),
      );
      expect(json.value.map(({ name }: { name: string }) => name)).to.deep.equal(["tag 7"]);
    });
  });
}
