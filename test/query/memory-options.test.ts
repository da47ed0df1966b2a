import { expect } from "chai";
import { bindUri } from "../../src/binding/index.js";
import { ODataError } from "../../src/errors/index.js";
import {
  evaluateCollection,
  evaluateCount,
  evaluateCrossJoin,
  evaluateEntity,
  evaluatePath,
} from "../../src/query/memory/index.js";
import { parseUri } from "../../src/syntax/index.js";
import { labModel } from "./support/lab.js";
import { answer, labType } from "./support/evaluate.js";

const ann = { name: "Ann", rank: 3, motto: "Do it well" };
const bob = { name: "Bob", rank: 1, motto: "Do it, soon!", age: 41, "age@odata.type": "#Int64" };
const cid = { name: "Cid", rank: null };

const place = (city: string | null, zip: number | null) => ({ city, zip });
const first = {
  id: 1,
  title: "Red lamp",
  notes: "warm light",
  cInt32: 5,
  cDecimal: "1.50",
  dDouble: NaN,
  cPlace: { ...place("Rome", 184), spot: { name: "forum", size: 2 }, words: ["x"] },
  cPlaces: [place("A", 3), place("B", 1), place("C", 2)],
  cStrings: ["b", "a", "c"],
  owner: ann,
  parts: [
    { code: "00000000-0000-0000-0000-000000000002", size: 2, suppliers: [ann, bob] },
    { code: "00000000-0000-0000-0000-000000000001", size: 7, suppliers: [] },
  ],
};
const second = {
  "@odata.type": "#Lab.Widget",
  id: 2,
  title: "Blue lamp",
  cInt32: null,
  dDouble: 2.5,
  wColumn: 12,
  wDocument: "w",
  makers: [cid],
  friend: first,
  owner: bob,
};
const third = {
  "@odata.type": "#Lab.Gadget",
  id: 3,
  title: "red shade",
  notes: "Lamp-like",
  cInt32: 5,
  cDecimal: 2,
  dDouble: Infinity,
  wColumn: 11,
  gDocument: "0.10",
  related: [second, first],
  cPlace: { "@odata.type": "#Lab.Harbour", city: "Ostia", depth: 9 },
};
const fourth = { "@odata.type": "#Lab.Gizmo", id: 4, title: null, cInt32: 7, cDecimal: -3, zPlace: place("Z", 0) };
const data = { Items: [first, second, third, fourth], Owners: [ann, bob, cid] };

const ask = (url: string) => answer(url, data);
const ids = (url: string) => ask(url).map((row: { id: number }) => row.id);
/** The rows without what says their type. */
const plain = (rows: any[]) => rows.map(({ "@odata.type": _, ...members }) => members);

describe("memory: query options", () => {
  it("writes an entity with its type, its ETag, all declared properties and the dynamic ones", () => {
    expect(ask("Owners('Bob')")).to.deep.equal({
      "@odata.type": "#Lab.Owner",
      "@odata.etag": `W/"1,${Buffer.from("Do it, soon!").toString("hex")}"`,
      name: "Bob",
      rank: 1,
      motto: "Do it, soon!",
      "age@odata.type": "#Int64",
      age: 41,
    });
    expect(ask("Owners('Cid')")).to.include({ "@odata.etag": 'W/"-,-"', rank: null, motto: null });
  });

  it("writes every declared property in the order of its declaration, nulls and empty collections included", () => {
    const entity = ask("Items(4)");
    expect(Object.keys(entity)).to.deep.equal(["@odata.type", ...labType("Gizmo").properties.keys()]);
    expect(entity).to.include({ title: null, cInt32: 7, cDecimal: -3 });
    expect(entity.cStrings).to.deep.equal([]);
    expect(entity.zPlace).to.deep.include({ city: "Z", zip: 0, words: [], spot: null });
  });

  it("says the type of a complex value only where it is a derived one", () => {
    const [one, , three] = ask("Items?$select=cPlace");
    expect(one.cPlace).not.to.have.property("@odata.type");
    expect(three.cPlace).to.include({ "@odata.type": "#Lab.Harbour", city: "Ostia", depth: 9 });
  });

  it("writes numbers with all their digits, and those that JSON has not as texts", () => {
    const rows = {
      Items: [{ id: 1, cInt64: "9007199254740993", cDecimal: "12345678901234567890.10", dDouble: -Infinity }],
    };
    const { options } = { options: "$select=cInt64,cDecimal,dDouble" };
    expect(JSON.stringify(answer(`Items?${options}`, rows))).to.contain('"dDouble":"-INF"');
    const text = evaluateEntity(
      rows.Items[0]!,
      labType("Item"),
      { variable: { name: "$it", type: labType("Item") }, expand: [] },
      { model: labModel },
    );
    expect(text).to.contain('"cInt64":9007199254740993,').and.to.contain('"cDecimal":12345678901234567890.1,');
  });

  describe("$filter, $orderby, $skip, $top, $count", () => {
    it("keeps the rows for which the condition is true, neither false nor null", () => {
      expect(ids("Items?$filter=cInt32 eq 5")).to.deep.equal([1, 3]);
      expect(ids("Items?$filter=not (cInt32 add 0 eq 5)")).to.deep.equal([2, 4]);
      expect(ids("Items?$filter=cInt32 ge 5")).to.deep.equal([1, 3, 4]);
      expect(ids("Items?$filter=contains(notes,'i')")).to.deep.equal([1, 3]);
      expect(ids("Items?$filter=not contains(notes,'w')")).to.deep.equal([3]);
    });

    it("sorts null first, or last where descending, and leaves what is alike as it came", () => {
      expect(ids("Items?$orderby=cInt32")).to.deep.equal([2, 1, 3, 4]);
      expect(ids("Items?$orderby=cInt32 desc")).to.deep.equal([4, 1, 3, 2]);
      expect(ids("Items?$orderby=cInt32,id desc")).to.deep.equal([2, 3, 1, 4]);
      expect(ids("Items?$orderby=cDecimal desc")).to.deep.equal([3, 1, 4, 2]);
    });

    it("sorts NaN behind INF", () => {
      expect(ids("Items?$orderby=dDouble")).to.deep.equal([4, 2, 3, 1]);
      expect(ids("Items?$orderby=dDouble desc")).to.deep.equal([1, 3, 2, 4]);
    });

    it("sorts texts by code points", () => {
      expect(ids("Items?$orderby=title")).to.deep.equal([4, 2, 1, 3]);
      const texts = ["\u{1f600}", "\u{ff5e}", "é", "z", "Z", ""];
      const rows = texts.map((title, index) => ({ id: index, title }));
      expect(answer("Items?$orderby=title&$select=id", { Items: rows }).map((row: any) => row.id)).to.deep.equal([
        5, 4, 3, 2, 1, 0,
      ]);
    });

    it("sorts by several ways through the model", () => {
      expect(ids("Items?$orderby=owner/rank desc,id desc")).to.deep.equal([1, 2, 4, 3]);
      expect(ids("Items?$orderby=parts/$count desc,id")).to.deep.equal([1, 2, 3, 4]);
      expect(ids("Items?$orderby=Lab.Widget/wColumn")).to.deep.equal([1, 4, 3, 2]);
    });

    it("counts before it cuts the page", () => {
      const { count, value } = ask("Items?$filter=id gt 1&$skip=1&$top=1&$count=true");
      expect(count).to.equal(3);
      expect(value[0].id).to.equal(3);
      expect(ask("Items/$count?$filter=id gt 1")).to.equal(3);
      expect(ids("Items?$top=0")).to.deep.equal([]);
      expect(ids("Items?$skip=9")).to.deep.equal([]);
    });

    it("finds words", () => {
      expect(ids("Items?$search=red")).to.deep.equal([1, 3]);
      expect(ids("Items?$search=lamp")).to.deep.equal([1, 2, 3]);
      expect(ids("Items?$search=red AND lamp")).to.deep.equal([1, 3]);
      expect(ids("Items?$search=lamp NOT red")).to.deep.equal([2]);
      expect(ids("Items?$search=blue OR shade")).to.deep.equal([2, 3]);
      expect(ids('Items?$search="warm light"')).to.deep.equal([1]);
      expect(ids('Items?$search="light warm"')).to.deep.equal([]);
      expect(ids('Items?$search="lamp warm"')).to.deep.equal([]);
      expect(ids("Items?$search=lam")).to.deep.equal([]);
      expect(ids("Items?$search=lamp-like")).to.deep.equal([3]);
    });
  });

  describe("$compute and $select", () => {
    it("computes members that other options use", () => {
      expect(plain(ask("Items?$compute=cInt32 mul 2 as twice&$filter=twice gt 10&$select=id,twice"))).to.deep.equal([
        { id: 4, twice: 14 },
      ]);
      expect(ids("Items?$compute=cInt32 mul -1 as minus&$orderby=minus,id")).to.deep.equal([2, 4, 1, 3]);
    });

    it("shows computed members without $select and with '*', else only where they are named", () => {
      expect(ask("Items(1)?$compute=1 add 1 as two")).to.include({ id: 1, two: 2 });
      expect(ask("Items(1)?$compute=1 add 1 as two&$select=*")).to.include({ id: 1, two: 2 });
      expect(ask("Items(1)?$compute=1 add 1 as two&$select=id")).not.to.have.property("two");
    });

    it("leaves only what is selected", () => {
      expect(plain(ask("Items?$select=id,title&$top=1"))).to.deep.equal([{ id: 1, title: "Red lamp" }]);
      expect(plain(ask("Items?$select=id,Lab.Widget/wColumn"))).to.deep.equal([
        { id: 1 },
        { id: 2, wColumn: 12 },
        { id: 3, wColumn: 11 },
        { id: 4 },
      ]);
    });

    it("selects inside complex values and collections of them", () => {
      expect(ask("Items(1)?$select=cPlace/city,cPlace/spot/name").cPlace).to.deep.equal({
        city: "Rome",
        spot: { name: "forum" },
      });
      expect(ask("Items(2)?$select=cPlace/city").cPlace).to.equal(null);
      expect(ask("Items(3)?$select=cPlace/Lab.Harbour/depth").cPlace).to.deep.equal({
        "@odata.type": "#Lab.Harbour",
        depth: 9,
      });
      expect(ask("Items(1)?$select=cPlaces/zip").cPlaces).to.deep.equal([{ zip: 3 }, { zip: 1 }, { zip: 2 }]);
    });

    it("carries out the options of a selected collection", () => {
      expect(
        ask("Items(1)?$select=cPlaces($filter=zip ge 2;$orderby=zip;$count=true;$top=1;$select=city)"),
      ).to.deep.include({ "cPlaces@odata.count": 2, cPlaces: [{ city: "C" }] });
      expect(ask("Items(1)?$select=cStrings($orderby=$this desc;$skip=1)").cStrings).to.deep.equal(["b", "a"]);
      expect(ask("Items(1)?$select=cPlaces($compute=zip mul 10 as tens;$select=tens;$top=2)").cPlaces).to.deep.equal([
        { tens: 30 },
        { tens: 10 },
      ]);
    });

    it("selects dynamic properties by name", () => {
      expect(plain(ask("Owners?$select=age"))).to.deep.equal([
        { "@odata.etag": `W/"3,${Buffer.from("Do it well").toString("hex")}"` },
        {
          "@odata.etag": `W/"1,${Buffer.from("Do it, soon!").toString("hex")}"`,
          "age@odata.type": "#Int64",
          age: 41,
        },
        { "@odata.etag": 'W/"-,-"' },
      ]);
    });
  });

  describe("$expand", () => {
    it("puts related entities in, with options of their own", () => {
      expect(ask("Items(1)?$select=id&$expand=owner($select=name)").owner).to.include({ name: "Ann" });
      expect(ask("Items(3)?$select=id&$expand=owner").owner).to.equal(null);
      const { parts } = ask(
        "Items(1)?$expand=parts($orderby=size desc;$select=size;$expand=suppliers($filter=rank gt 1))",
      );
      expect(parts.map((part: any) => [part.size, part.suppliers.map(({ name }: any) => name)])).to.deep.equal([
        [7, []],
        [2, ["Ann"]],
      ]);
    });

    it("counts, pages and refers", () => {
      expect(ask("Items(1)?$select=id&$expand=parts($count=true;$top=1;$select=size)")).to.deep.include({
        "parts@odata.count": 2,
      });
      expect(plain([ask("Items(1)?$select=id&$expand=parts/$count($filter=size gt 2)")])).to.deep.equal([
        { id: 1, "parts@odata.count": 1 },
      ]);
      expect(ask("Items(1)?$select=id&$expand=owner/$ref").owner).to.deep.equal({
        "@odata.type": "#Lab.Owner",
        name: "Ann",
      });
    });

    it("keeps to types, of the source and of the targets", () => {
      const rows = plain(ask("Items?$select=id&$expand=Lab.Widget/makers($select=name)"));
      expect(rows.map((row) => "makers" in row)).to.deep.equal([false, true, true, false]);
      expect(plain(ask("Items(3)?$select=id&$expand=related/Lab.Widget($select=id)").related)).to.deep.equal([
        { id: 2 },
      ]);
    });

    it("sees the outer row as $it", () => {
      const { related } = ask("Items(3)?$select=id&$expand=related($filter=id lt $it/id sub 1;$select=id)");
      expect(plain(related)).to.deep.equal([{ id: 1 }]);
    });

    it("finds related entities by search", () => {
      expect(plain(ask("Items(3)?$select=id&$expand=related($search=blue;$select=id)").related)).to.deep.equal([
        { id: 2 },
      ]);
    });
  });

  describe("paths", () => {
    it("walks to entities, properties and counts", () => {
      expect(ask("Items(2)/friend/owner/name")).to.equal("Ann");
      expect(ask("Items(1)/cPlace/spot/size")).to.equal(2);
      expect(ask("Items(2)/cPlace")).to.equal(null);
      expect(ask("Items(9)")).to.equal(undefined);
      expect(ask("Items(1)/parts/$count")).to.equal(2);
      expect(ask("Items(1)/cStrings")).to.deep.equal(["b", "a", "c"]);
      expect(ask("Items(1)/cPlaces/$count?$filter=zip gt 1")).to.equal(2);
      expect(plain(ask("Items/Lab.Widget?$select=id"))).to.deep.equal([{ id: 2 }, { id: 3 }]);
      expect(plain(ask("Items/$filter(id gt 2)?$select=id"))).to.deep.equal([{ id: 3 }, { id: 4 }]);
    });

    it("refers to entities", () => {
      expect(ask("Items(3)/related/$ref")).to.deep.equal([
        { "@odata.type": "#Lab.Widget", id: 2 },
        { "@odata.type": "#Lab.Item", id: 1 },
      ]);
    });
  });

  it("joins sets", () => {
    const join = (options: string) => {
      const bound = bindUri(parseUri(encodeURI(`$crossjoin(Owners,Items)?${options}`)), labModel, {});
      if (bound.kind !== "crossjoin") throw new Error("A cross join was expected.");
      const context = { model: labModel, root: ({ name }: { name: string }) => data[name as keyof typeof data] };
      const { value, count } = evaluateCrossJoin(bound, context);
      return { count, value: value.map((text) => JSON.parse(text)) };
    };
    const keys = ({ value }: ReturnType<typeof join>) => value.map((row) => [row.Owners.name, row.Items.id]);
    expect(join("$count=true&$top=0").count).to.equal(12);
    expect(keys(join("$filter=Items/owner/name eq Owners/name&$orderby=Items/id desc"))).to.deep.equal([
      ["Bob", 2],
      ["Ann", 1],
    ]);
    expect(keys(join("$skip=3&$top=2"))).to.deep.equal([
      ["Ann", 4],
      ["Bob", 1],
    ]);
    const [row] = join("$top=1&$expand=Items($select=title)").value;
    expect(row.Owners).to.deep.equal({ "@odata.type": "#Lab.Owner", name: "Ann" });
    expect(row.Items).to.deep.equal({ "@odata.type": "#Lab.Item", title: "Red lamp" });
  });

  it("takes anything that can be iterated, and leaves its objects as they are", () => {
    const variable = { name: "$it", type: labType("Owner") };
    function* owners() {
      yield Object.freeze({ ...ann });
      yield Object.freeze({ ...bob });
    }
    const options = { variable, top: 1, count: true, expand: [] };
    const page = evaluateCollection(owners(), labType("Owner"), options, { model: labModel });
    expect(page.count).to.equal(2);
    expect(page.value).to.have.length(1);
    expect(evaluateCount(owners(), labType("Owner"), options, { model: labModel })).to.equal(2);
  });

  it("ends what would take for ever", () => {
    const items = Array.from({ length: 1_500 }, (_, id) => ({ id, title: `title ${id}`, related: [] as object[] }));
    for (const item of items) item.related = items;
    const bombs = [
      "Items?$filter=related/any(a:a/related/any(b:b/related/any(c:concat(a/title,c/title) eq b/title)))",
      "Items/$count?$filter=$root/Items/any(a:$root/Items/any(b:concat(a/title,b/title) eq title))",
      "Items?$filter=related/$count($filter=related/$count($filter=id lt $it/id) lt 0) gt 0",
      "Items?$expand=related($expand=related($expand=related))",
    ];
    for (const bomb of bombs) {
      const bound = bindUri(parseUri(encodeURI(bomb)), labModel, {});
      const context = { model: labModel, root: () => items, timeoutMs: 30 };
      if (bound.kind !== "resource") throw new Error("A resource was expected.");
      expect(() => evaluatePath(bound.path, bound.options, context), bomb)
        .to.throw(ODataError)
        .with.property("status", 504);
    }
    const join = bindUri(parseUri("$crossjoin(Items,Owners)?$count=true"), labModel, {});
    if (join.kind !== "crossjoin") throw new Error("A cross join was expected.");
    const owners = items.map(({ title }) => ({ name: title }));
    const root = (source: { readonly name: string }) => (source.name === "Items" ? items : owners);
    expect(() => evaluateCrossJoin(join, { model: labModel, root, timeoutMs: 30 }))
      .to.throw(ODataError)
      .with.property("status", 504);
  });

  it("refuses objects whose type is none of the declared type's", () => {
    expect(() => answer("Items", { Items: [{ "@odata.type": "#Lab.Owner" }] })).to.throw(
      TypeError,
      /Lab\.Item.*#Lab\.Owner/,
    );
    expect(() => answer("Items", { Items: ["x" as never] })).to.throw(TypeError, /Items.*'x'/);
  });
});
