import { expect } from "chai";
import { conformance } from "./support.js";

const tracked = { prefer: "track-changes" };

conformance(
  "Protocol 11.3, requesting changes",
  ({ catalog }) => {
    /** The path of the delta link of a request's answer. */
    const follow = async (path: string) => catalog().path((await catalog().json(path, tracked))["@odata.deltaLink"]);
    const add = async (name: string, price = 1) => {
      const { status, text, json } = await catalog().post("/Products", { Name: name, Price: price, Status: "None" });
      expect(status, text).to.equal(201);
      return `/Products(${json.ID})`;
    };
    const isRemoved = (item: Record<string, unknown>) =>
      item["@removed"] !== undefined || item["@odata.removed"] !== undefined;

    it("11.3 tracking is advertised for the sets that have it", async () => {
      const { text } = await catalog().get("/$metadata");
      expect(text).to.match(/Term="[\w.]*\.ChangeTracking"/);
    });

    it("11.3 the answer says that changes are tracked, and ends with a delta link", async () => {
      const { headers, json } = await catalog().get("/Products", { headers: tracked });
      expect(headers["preference-applied"]).to.match(/track-changes/);
      expect(json["@odata.deltaLink"]).to.be.a("string");
      expect(json).not.to.have.any.keys("@odata.nextLink");
    });

    it("11.3 where changes are not tracked the preference is ignored", async () => {
      const { status, headers, json } = await catalog().get("/DecimalSamples", { headers: tracked });
      expect(status).to.equal(200);
      expect(headers["preference-applied"] ?? "").not.to.match(/track-changes/);
      expect(json).not.to.have.any.keys("@odata.deltaLink");
    });

    it("11.3.1 delta links: tell what was added, changed and deleted", async () => {
      const laptop = await catalog().product("Laptop");
      const chair = await catalog().product("Office Chair");
      const link = await follow("/Products");
      await add("New");
      await catalog().patch(laptop, { Rating: 7 });
      await catalog().delete(chair);
      const { value } = await catalog().json(link);
      expect(value).to.have.lengthOf(3);
      const kept = value.filter((item: Record<string, unknown>) => !isRemoved(item));
      expect(kept.map(({ Name }: { Name: string }) => Name).sort()).to.deep.equal(["Laptop", "New"]);
      expect(kept.find(({ Name }: { Name: string }) => Name === "Laptop").Rating).to.equal(7);
      const [gone] = value.filter(isRemoved);
      expect(JSON.stringify(gone)).to.include(/\((.*)\)/.exec(chair)![1]!);
    });

    it("11.3.1 delta links: with $filter what begins to match is told, and what ceases to is told as deleted", async () => {
      const laptop = await catalog().product("Laptop");
      const mug = await catalog().product("Coffee Mug");
      const link = await follow("/Products?$filter=Price gt 900");
      await catalog().patch(laptop, { Price: 5 });
      await catalog().patch(mug, { Price: 5000 });
      await catalog().patch(await catalog().product("Smartphone"), { Rating: 1 });
      const { value } = await catalog().json(link);
      expect(
        value.filter((item: Record<string, unknown>) => !isRemoved(item)).map(({ Name }: { Name: string }) => Name),
      ).to.deep.equal(["Coffee Mug"]);
      const gone = value.filter(isRemoved);
      expect(gone).to.have.lengthOf(1);
      expect(JSON.stringify(gone)).to.include(/\((.*)\)/.exec(laptop)![1]!);
    });

    it("11.3.1 delta links: know nothing of $top, $skip and $count", async () => {
      const link = await follow("/Products?$top=1&$skip=1&$count=true&$orderby=Name");
      await add("One");
      await add("Two");
      const delta = await catalog().json(link);
      expect(delta.value).to.have.lengthOf(2);
      expect(delta).not.to.have.any.keys("@odata.count");
    });

    it("11.3.1 delta links: keep what was selected", async () => {
      const laptop = await catalog().product("Laptop");
      const link = await follow("/Products?$select=Name");
      await catalog().patch(laptop, { Name: "Slate" });
      const { value } = await catalog().json(link);
      expect(value).to.have.lengthOf(1);
      expect(value[0].Name).to.equal("Slate");
      expect(value[0]).not.to.have.any.keys("Price", "Rating");
    });

    it("11.3.1 delta links: what is expanded is told as well", async () => {
      const laptop = await catalog().product("Laptop");
      const mouse = await catalog().product("Wireless Mouse");
      await catalog().post(`${laptop}/RelatedProducts/$ref`, { "@odata.id": mouse.slice(1) });
      const link = await follow(
        "/Products?$filter=Name eq 'Laptop'&$select=Name&$expand=RelatedProducts($select=Rating)",
      );
      await catalog().patch(mouse, { Rating: 77 });
      const { value } = await catalog().json(link);
      expect(JSON.stringify(value)).to.include('"Rating":77');
    });

    it("11.3.2 using delta links: nothing has happened, so nothing is told", async () => {
      const link = await follow("/Products");
      expect((await catalog().json(link)).value).to.deep.equal([]);
      const again = await catalog().json(link, tracked);
      expect(again.value).to.deep.equal([]);
      expect(again["@odata.deltaLink"]).to.be.a("string");
    });

    it("11.3.2 using delta links: $count tells how many changes there are", async () => {
      const link = await follow("/Products");
      await add("One");
      await add("Two");
      const [path, query] = link.split("?");
      const { status, text } = await catalog().get(`${path}/$count?${query}`);
      expect([status, text]).to.deep.equal([200, "2"]);
    });

    it("11.3.2 using delta links: changes come in pages, the new delta link on the last one", async () => {
      const link = await follow("/Products");
      for (const name of ["One", "Two", "Three"]) await add(name);
      const first = await catalog().json(link, { prefer: "track-changes, maxpagesize=2" });
      expect(first.value).to.have.lengthOf(2);
      expect(first).not.to.have.any.keys("@odata.deltaLink");
      const last = await catalog().json(catalog().path(first["@odata.nextLink"]));
      expect(last.value).to.have.lengthOf(1);
      expect(last["@odata.deltaLink"]).to.be.a("string");
    });

    it("11.3.2 using delta links: a new link goes on where the last changes end", async () => {
      const link = await follow("/Products");
      await add("One");
      const first = await catalog().json(link, tracked);
      expect(first.value.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["One"]);
      await add("Two");
      const second = await catalog().json(catalog().path(first["@odata.deltaLink"]), tracked);
      expect(second.value.map(({ Name }: { Name: string }) => Name)).to.deep.equal(["Two"]);
      expect((await catalog().json(link)).value).to.have.lengthOf(2);
    });

    it("11.3.2 using delta links: the Accept header says the format", async () => {
      const link = await follow("/Products");
      await add("One");
      const { value } = await catalog().json(link, { accept: "application/json;odata.metadata=full" });
      expect(value[0]["@odata.editLink"] ?? value[0]["@odata.id"]).to.be.a("string");
      expect((await catalog().get(link, { headers: { accept: "text/csv" } })).status).to.equal(406);
    });

    it("11.3.2 using delta links: one that is not valid: 410 and where to begin anew", async () => {
      const [, query] = (await follow("/Products")).split("?");
      const { status, headers } = await catalog().get(`/Products?$filter=Price gt 1&${query}`);
      expect(status).to.equal(410);
      expect(headers.location).to.be.a("string");
      expect((await catalog().get(catalog().path(headers.location!))).status).to.equal(200);
    });

    it("11.3.3 delta payloads: applied one after the other they give what there is", async () => {
      const state = new Map<string, string>();
      const first = await catalog().json("/Products?$select=ID,Name", tracked);
      for (const { ID, Name } of first.value) state.set(ID, Name);
      const mug = await catalog().product("Coffee Mug");
      const extra = await add("Extra");
      await catalog().patch(mug, { Name: "Tea Mug" });
      await catalog().delete(extra);
      await catalog().delete(await catalog().product("Smartphone"));
      await add("Kept");
      const delta = await catalog().json(catalog().path(first["@odata.deltaLink"]));
      for (const item of delta.value) {
        if (isRemoved(item)) state.delete(item.ID ?? /\((.*)\)/.exec(item["@odata.id"] ?? item["@id"])![1]);
        else state.set(item.ID, item.Name);
      }
      const now = (await catalog().json("/Products?$select=Name&$orderby=Name")).value;
      expect([...state.values()].sort()).to.deep.equal(now.map(({ Name }: { Name: string }) => Name));
    });

    it("11.3.3 delta payloads: deleted entities as 4.0 has them for clients that read 4.0", async () => {
      const headers = { ...tracked, "odata-maxversion": "4.0" };
      const first = await catalog().json("/Products", headers);
      const chair = await catalog().product("Office Chair");
      await catalog().delete(chair);
      const { value } = await catalog().json(catalog().path(first["@odata.deltaLink"]), {
        "odata-maxversion": "4.0",
      });
      expect(value).to.have.lengthOf(1);
      expect(value[0]["@odata.context"]).to.match(/#Products\/\$deletedEntity$/);
      expect(value[0].id).to.include(/\((.*)\)/.exec(chair)![1]!);
      expect(value[0].reason).to.equal("deleted");
    });
  },
  { reseed: true },
);
