import { expect } from "chai";
import { Column, Entity, PrimaryColumn } from "typeorm";
import type { EntityType, ModelSource } from "../../src/edm/index.js";
import { Edm, odata } from "../../src/edm/index.js";
import { compileCount, compileProperty, evaluatePath, resultKeys } from "../../src/query/index.js";
import type { MemoryResult, SqlValue } from "../../src/query/index.js";
import { Document } from "../../src/storage/index.js";
import { databases, QueryStore } from "./support/query-store.js";

@Entity("device")
@odata.namespace("Plant")
export class Device {
  @PrimaryColumn("bigint") @Edm.Key @Edm.Required @Edm.Int64 id!: string;
  @Column("text") @Edm.Required @Edm.String name!: string;
  @Edm.Collection(Edm.String) tags!: string[];
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Device))) parts?: Device[];
  @Document() document!: string;
}

@Entity("measurement")
@odata.namespace("Plant")
export class Measurement {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String site!: string;
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.DateTimeOffset at!: string;
  @PrimaryColumn("boolean") @Edm.Key @Edm.Required @Edm.Boolean indoors!: boolean;
  @Column("integer", { nullable: true }) @Edm.Int32 value!: number | null;
}

@odata.type(Device)
class Devices {}
@odata.type(Measurement)
class Measurements {}

@odata.namespace("Plant")
@odata.container("Container")
@odata.controller(Devices as never, "Devices")
@odata.controller(Measurements as never, "Measurements")
export class Plant {}

const results: Readonly<Record<string, { readonly type: string; readonly collection?: boolean }>> = {
  Busy: { type: "Plant.Device", collection: true },
  Main: { type: "Plant.Device" },
  Last: { type: "Plant.Measurement", collection: true },
  Share: { type: "Edm.Decimal" },
  Counts: { type: "Edm.Int32", collection: true },
};

function withFunctions(source: ModelSource): ModelSource {
  return {
    schemas: source.schemas.map((schema) =>
      schema.container === undefined
        ? schema
        : {
            ...schema,
            operations: Object.entries(results).map(([name, returnType]) => ({
              kind: "function" as const,
              name,
              parameters: [],
              composable: true,
              returnType,
            })),
            container: {
              ...schema.container,
              operationImports: Object.keys(results).map((name) => ({
                kind: "functionImport" as const,
                name,
                operation: `${schema.namespace}.${name}`,
              })),
            },
          },
    ),
  };
}

const large = "9007199254740993";

for (const database of databases) {
  describe(`results of operations as entities of the store (${database})`, () => {
    let store: QueryStore;
    before(async function () {
      store = (await QueryStore.open(database, Plant, [Device, Measurement], withFunctions)) ?? this.skip();
      await store.insert(
        "Device",
        ...["1", "2", "3", large].map((id) => ({ id, name: `d${id}`, tags: [`t${id}`, "all"] })),
      );
      await store.link("Device", "2", "parts", "3", "1");
      await store.insert(
        "Measurement",
        { site: "a", at: "2024-01-01T00:00:00.5Z", indoors: true, value: 1 },
        { site: "a", at: "2024-01-01T00:00:00.5Z", indoors: false, value: 2 },
        { site: "b", at: "2024-01-02T00:00:00Z", indoors: true, value: 3 },
      );
    });
    after(() => store?.close());

    const page = (url: string, ...keys: SqlValue[]) =>
      store.page(url, undefined, { results: resultKeys(keys.map((key) => [key])) });
    const names = async (url: string, ...keys: SqlValue[]) =>
      (await page(url, ...keys)).rows.map(({ value }) => value.name);

    it("have the order in which they are given back; what is there twice comes twice, what is gone is left out", async () => {
      expect(await names("/Busy()", "3", "1", large, "3", "99")).to.deep.equal(["d3", "d1", `d${large}`, "d3"]);
      expect(await names("/Busy()")).to.deep.equal([]);
      expect(await names("/Main()", "2")).to.deep.equal(["d2"]);
    });

    it("take query options", async () => {
      expect(await names("/Busy()?$filter=id gt 1&$orderby=name desc", "3", "1", "2")).to.deep.equal(["d3", "d2"]);
      expect(await names("/Busy()?$skip=1&$top=1", "3", "1", "2")).to.deep.equal(["d1"]);
      expect((await page("/Busy()?$count=true&$top=1", "3", "1")).count).to.equal(2);
      const [row] = (await page("/Busy()?$select=name&$expand=parts($select=name)", "2")).rows;
      expect(row!.value.parts.map(({ name }: { name: string }) => name)).to.deep.equal(["d3", "d1"]);
      const sum = await page("/Busy()?$apply=aggregate($count as N)", "3", "1", "2");
      expect(sum.rows.map(({ value }) => Number(value.N))).to.deep.equal([3]);
    });

    it("are where the path goes on from", async () => {
      expect(await names("/Busy()(3)", "3", "1")).to.deep.equal(["d3"]);
      expect(await names("/Busy()(3)", "1")).to.deep.equal([]);
      expect(await names("/Main()/parts", "2")).to.deep.equal(["d3", "d1"]);
      expect(await names("/Busy()(2)/parts(1)", "3", "2")).to.deep.equal(["d1"]);
      const input = (...keys: string[]) => ({ results: resultKeys(keys.map((key) => [key])) });
      const counted = store.resource("/Busy()/$count?$filter=id gt 1");
      const count = compileCount(counted.path, counted.options, store.context);
      expect(Number((await store.run(count, store.values("/Busy()", input("3", "1"))))[0]![0])).to.equal(1);
      const tags = store.resource("/Main()/tags");
      const property = compileProperty(tags.path, tags.options, store.context);
      const [row] = await store.run(property, store.values("/Main()", input("2")));
      expect(JSON.parse(row!.at(-1) as string)).to.deep.equal(["t2", "all"]);
    });

    it("are cut into pages behind the last one", async () => {
      const keys = { results: resultKeys(["3", "1", "2"].map((key) => [key])), limit: 2, offset: 0 };
      const first = await store.page("/Busy()", { keyset: true }, keys);
      expect(first.rows.map(({ value }) => value.name)).to.deep.equal(["d3", "d1"]);
      const { order } = first.rows.at(-1)!;
      const next = { keyset: true, after: order.map((value) => value === null) };
      const second = await store.page("/Busy()", next, { ...keys, after: order });
      expect(second.rows.map(({ value }) => value.name)).to.deep.equal(["d2"]);
    });

    it("may have keys of several parts and of any type", async () => {
      const instant = "2024-01-01T00:00:00.5";
      const keys = resultKeys([
        ["b", "2024-01-02T00:00:00", true],
        ["a", instant, false],
        ["a", "2024-01-01T00:00:00", false],
      ]);
      const { rows } = await store.page("/Last()", undefined, { results: keys });
      expect(rows.map(({ value }) => value.value)).to.deep.equal([3, 2]);
    });
  });
}

describe("results of operations as plain objects", () => {
  let store: QueryStore;
  before(async () => {
    store = (await QueryStore.open("sqlite", Plant, [Device, Measurement], withFunctions))!;
  });
  after(() => store.close());

  /** What a path leads to from the result of its operation. */
  function answer(url: string, result: unknown): unknown {
    const { path, options } = store.resource(url);
    const found: MemoryResult = evaluatePath(path, options, { model: store.model, operation: () => result });
    switch (found.kind) {
      case "collection":
        return found.value.map((text) => JSON.parse(text));
      case "single":
        return JSON.parse(found.value);
      case "count":
        return found.count;
      case "none":
        return undefined;
    }
  }

  const devices = [
    { id: 2n, name: "b", tags: ["x", "y"], parts: [{ id: 7, name: "p", tags: [] }] },
    { id: "1", name: "a", tags: [] },
  ];

  it("are entities with which the path and the options go on", () => {
    const names = (found: unknown) => (found as { name: string }[]).map(({ name }) => name);
    expect(names(answer("/Busy()", devices))).to.deep.equal(["b", "a"]);
    expect(names(answer("/Busy()?$filter=tags/$count gt 1", devices))).to.deep.equal(["b"]);
    expect(names(answer("/Busy()?$orderby=name&$top=1", devices))).to.deep.equal(["a"]);
    expect(names(answer("/Busy()(2)/parts", devices))).to.deep.equal(["p"]);
    expect(answer("/Busy()/2/name", devices)).to.equal("b");
    expect(answer("/Busy()/$count", devices)).to.equal(2);
    expect(answer("/Main()", null)).to.equal(undefined);
    expect(answer("/Main()", devices[0])).to.include({ id: 2, name: "b" });
  });

  it("are values", () => {
    expect(answer("/Share()", 12.5)).to.equal(12.5);
    expect(answer("/Share()", null)).to.equal(null);
    expect(answer("/Counts()", [3, 1, 2])).to.deep.equal([3, 1, 2]);
    expect(answer("/Counts()?$filter=$it gt 1&$orderby=$it", [3, 1, 2])).to.deep.equal([2, 3]);
    expect(answer("/Counts()/$count", [3, 1, 2])).to.equal(3);
    expect(answer("/Counts()/1", [3, 1, 2])).to.equal(1);
  });

  it("that are none of the declared type are a fault of the operation", () => {
    expect(() => answer("/Share()", "x")).to.throw(TypeError, "Share");
    expect(() => answer("/Busy()", [5])).to.throw(TypeError, "Busy");
    expect(() => answer("/Busy()", 5)).to.throw(TypeError, "Busy");
  });

  it("belong to the model's own types", () => {
    const type = store.type("Device") as EntityType;
    expect(store.resource("/Busy()").path.type).to.equal(type);
  });
});
