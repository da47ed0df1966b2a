import { expect } from "chai";
import { answer } from "./support/evaluate.js";

/** Sales: an item each, whose owner is the customer. */
const joe = { name: "Joe", rank: 1, motto: "USA" };
const sue = { name: "Sue", rank: 1, motto: "USA" };
const luc = { name: "Luc", rank: 2, motto: "France" };

const sale = (id: number, owner: object | null, cString: string | null, cInt32: number | null, more: object = {}) => ({
  id,
  owner,
  cString,
  cInt32,
  cDecimal: cInt32 === null ? null : `${cInt32}.50`,
  cDouble: cInt32 === null ? null : cInt32 / 2,
  ...more,
});

const data = {
  Items: [
    sale(1, joe, "Paper", 1, {
      parts: [{ code: "00000000-0000-0000-0000-000000000001", size: 1, suppliers: [joe, luc] }],
      related: [{ id: 2, owner: joe }, { id: 3, owner: joe }, { id: 8 }],
    }),
    sale(2, joe, "Sugar", 2),
    sale(3, joe, "Coffee", 4, {
      parts: [
        { code: "00000000-0000-0000-0000-000000000002", size: 5, suppliers: [joe] },
        { code: "00000000-0000-0000-0000-000000000003", size: 7 },
        { code: "00000000-0000-0000-0000-000000000004", size: null },
      ],
    }),
    sale(4, sue, "Coffee", 8),
    sale(5, sue, "Paper", 4),
    sale(6, luc, "Paper", 2),
    sale(7, luc, "Sugar", 1),
    sale(8, null, null, null),
  ],
  Owners: [joe, sue, luc],
};

const apply = (transformations: string, more = "") => answer(`Items?$apply=${transformations}${more}`, data);
const ids = (transformations: string, more = "") => apply(transformations, more).map((row: { id: number }) => row.id);

describe("memory: $apply", () => {
  it("aggregates", () => {
    expect(
      apply(
        "aggregate(cInt32 with sum as sum,cInt32 with min as min,cInt32 with max as max,cInt32 with average as average,cInt32 with countdistinct as different,$count as rows)",
      ),
    ).to.deep.equal([{ sum: 22, min: 1, max: 8, average: 22 / 7, different: 4, rows: 8 }]);
  });

  it("aggregates Decimals exactly, and cuts their average behind the 20th digit", () => {
    expect(apply("aggregate(cDecimal with sum as sum)")).to.deep.equal([{ sum: 25.5 }]);
    expect(apply("filter(cInt32 lt 3)/aggregate(cDecimal with average as average)")).to.deep.equal([{ average: 2 }]);
    expect(apply("aggregate(cDouble with sum as sum,cDouble with average as average)")).to.deep.equal([
      { sum: 11, average: 11 / 7 },
    ]);
  });

  it("gives null where nothing is left to aggregate, and counts 0", () => {
    expect(
      apply("filter(id gt 100)/aggregate(cInt32 with sum as sum,cInt32 with min as min,$count as rows)"),
    ).to.deep.equal([{ sum: null, min: null, rows: 0 }]);
    expect(apply("filter(id gt 100)/groupby((cString),aggregate($count as rows))")).to.deep.equal([]);
  });

  it("takes the smallest and the largest of whatever has an order", () => {
    expect(apply("aggregate(cString with min as min,cString with max as max)")).to.deep.equal([
      { min: "Coffee", max: "Sugar" },
    ]);
  });

  it("aggregates over collections", () => {
    expect(apply("aggregate(parts/size with sum as sum,parts/$count as pieces)")).to.deep.equal([
      { sum: 13, pieces: 4 },
    ]);
  });

  it("takes each entity once, however often collections of collections lead to it", () => {
    expect(
      apply(
        "aggregate(parts/suppliers/rank with sum as sum,parts/suppliers/$count as all,parts/suppliers/name with countdistinct as names)",
      ),
    ).to.deep.equal([{ sum: 1 + 2, all: 2, names: 2 }]);
    expect(apply("filter(id eq 1)/aggregate(related/owner/rank with sum as sum)")).to.deep.equal([{ sum: 1 }]);
  });

  it("takes each entity behind a single-valued navigation property once, and once in each group", () => {
    expect(
      apply("aggregate(owner/rank with sum as sum,owner/rank with average as average,owner/$count as owners)"),
    ).to.deep.equal([{ sum: 1 + 1 + 2, average: 4 / 3, owners: 3 }]);
    expect(apply("groupby((cString),aggregate(owner/rank with sum as sum,owner/$count as owners))")).to.deep.equal([
      { cString: null, sum: null, owners: 0 },
      { cString: "Coffee", sum: 1 + 1, owners: 2 },
      { cString: "Paper", sum: 1 + 1 + 2, owners: 3 },
      { cString: "Sugar", sum: 1 + 2, owners: 2 },
    ]);
  });

  it("leaves repetitions of values in a collection of an entity", () => {
    const friend = { id: 9, cInt32s: [1, 1, 2] };
    const items = { Items: [sale(1, joe, null, 1, { friend }), sale(2, joe, null, 1, { friend })] };
    expect(
      answer("Items?$apply=aggregate(friend/cInt32s with sum as sum,friend/cInt32s/$count as count)", items),
    ).to.deep.equal([{ sum: 4, count: 3 }]);
  });

  it("groups, sorted by the grouping values, with null as a group of its own", () => {
    expect(apply("groupby((cString),aggregate(cInt32 with sum as total,$count as rows))")).to.deep.equal([
      { cString: null, total: null, rows: 1 },
      { cString: "Coffee", total: 12, rows: 2 },
      { cString: "Paper", total: 7, rows: 3 },
      { cString: "Sugar", total: 3, rows: 2 },
    ]);
    expect(apply("filter(cInt32 ne null)/groupby((cString))")).to.deep.equal([
      { cString: "Coffee" },
      { cString: "Paper" },
      { cString: "Sugar" },
    ]);
  });

  it("groups by paths", () => {
    expect(
      apply("filter(owner ne null)/groupby((owner/motto,owner/name),aggregate(cInt32 with sum as total))"),
    ).to.deep.equal([
      { owner: { motto: "France", name: "Luc" }, total: 3 },
      { owner: { motto: "USA", name: "Joe" }, total: 7 },
      { owner: { motto: "USA", name: "Sue" }, total: 12 },
    ]);
  });

  it("rolls up level by level, the finest first", () => {
    expect(
      apply("filter(owner ne null)/groupby((rollup(owner/motto,owner/name)),aggregate(cInt32 with sum as total))"),
    ).to.deep.equal([
      { owner: { motto: "France", name: "Luc" }, total: 3 },
      { owner: { motto: "USA", name: "Joe" }, total: 7 },
      { owner: { motto: "USA", name: "Sue" }, total: 12 },
      { owner: { motto: "France" }, total: 3 },
      { owner: { motto: "USA" }, total: 19 },
    ]);
  });

  it("takes the first rows by a value, null never among them", () => {
    expect(ids("topcount(3,cInt32)")).to.deep.equal([4, 3, 5]);
    expect(ids("bottomcount(3,cInt32)")).to.deep.equal([1, 7, 2]);
    expect(ids("topcount(100,cInt32)")).to.have.length(7);
  });

  it("takes rows until their sum, or their share of it, is reached", () => {
    expect(ids("topsum(10,cInt32)")).to.deep.equal([4, 3]);
    expect(ids("topsum(12,cInt32)")).to.deep.equal([4, 3]);
    expect(ids("topsum(13,cInt32)")).to.deep.equal([4, 3, 5]);
    expect(ids("bottomsum(2,cInt32)")).to.deep.equal([1, 7]);
    // The whole sum is 22.
    expect(ids("toppercent(50,cInt32)")).to.deep.equal([4, 3]);
    expect(ids("toppercent(100,cInt32)")).to.have.length(7);
    expect(ids("bottompercent(10,cInt32)")).to.deep.equal([1, 7, 2]);
  });

  it("takes the first rows of each group", () => {
    const rows = apply("filter(owner ne null)/groupby((owner/name),topcount(1,cInt32))");
    expect(rows.map((row: any) => [row.owner.name, row.id])).to.deep.equal([
      ["Joe", 3],
      ["Luc", 6],
      ["Sue", 4],
    ]);
  });

  it("filters, sorts, cuts, computes and joins rows", () => {
    expect(ids("orderby(cInt32 desc,id)/skip(1)/top(2)")).to.deep.equal([3, 5]);
    expect(ids("identity")).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(apply("compute(cInt32 mul 2 as twice)/filter(twice gt 8)/aggregate(twice with sum as sum)")).to.deep.equal([
      { sum: 16 },
    ]);
    expect(
      apply("concat(aggregate($count as rows),groupby((cString),aggregate($count as rows))/filter(rows gt 2))"),
    ).to.deep.equal([{ rows: 8 }, { cString: "Paper", rows: 3 }]);
  });

  it("lets the other options work on what comes out", () => {
    const grouped = "groupby((cString),aggregate(cInt32 with sum as total))";
    expect(apply(grouped, "&$filter=total gt 5&$orderby=total desc")).to.deep.equal([
      { cString: "Coffee", total: 12 },
      { cString: "Paper", total: 7 },
    ]);
    expect(apply(grouped, "&$select=total&$top=1")).to.deep.equal([{ total: null }]);
    expect(apply(grouped, "&$count=true&$top=1").count).to.equal(4);
    expect(apply(grouped, "&$compute=total add 1 as next&$filter=next gt 10&$select=next")).to.deep.equal([
      { next: 13 },
    ]);
    const [row] = apply("filter(id eq 1)", "&$select=id&$expand=owner($select=name)");
    expect(row).to.deep.include({ "@odata.type": "#Lab.Item", id: 1 });
    expect(row.owner.name).to.equal("Joe");
  });

  it("aggregates what was aggregated", () => {
    expect(
      apply("groupby((cString),aggregate(cInt32 with sum as total))/aggregate(total with max as most)"),
    ).to.deep.equal([{ most: 12 }]);
  });
});
