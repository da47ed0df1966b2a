import { expect } from "chai";
import { conformance } from "./support.js";

/** The parts of a media type, `name=value` for parameters, in lower case. */
const mediaType = (header: string | undefined) => (header ?? "").toLowerCase().split(/\s*;\s*/);

/** The values of a header that holds a list. */
const list = (header: string | undefined) => (header ?? "").split(/\s*,\s*/).map((item) => item.toLowerCase());

conformance(
  "Protocol 8, header fields",
  ({ catalog, graph }) => {
    const status = async (path: string, headers: Record<string, string>) =>
      (await catalog().get(path, { headers })).status;

    describe("8.1 common headers", () => {
      it("8.1.1 Content-Type: tells the format of every answer that has a body", async () => {
        const laptop = await catalog().product("Laptop");
        for (const [path, type] of [
          ["/", "application/json"],
          ["/$metadata", "application/xml"],
          ["/Products", "application/json"],
          ["/Products/$count", "text/plain"],
          [`${laptop}/Name`, "application/json"],
          [`${laptop}/Name/$value`, "text/plain"],
          ["/Nothing", "application/json"],
        ] as const) {
          const { headers } = await catalog().get(path);
          expect(mediaType(headers["content-type"])[0], path).to.equal(type);
        }
      });

      it("8.1.1 Content-Type: format parameters that begin with odata are those of the standard", async () => {
        const { headers } = await catalog().get("/Products");
        const own = mediaType(headers["content-type"])
          .slice(1)
          .filter((parameter) => parameter.startsWith("odata"))
          .map((parameter) => parameter.split("=")[0]);
        expect(["odata.metadata", "odata.streaming"]).to.include.members(own);
      });

      it("8.1.1 Content-Type: a request body in a format that the service does not read is refused", async () => {
        for (const type of ["application/atom+xml", "text/csv", "application/xml"]) {
          const { status } = await catalog().post("/Categories", "<entry/>", { headers: { "content-type": type } });
          expect(status, type).to.equal(415);
        }
      });

      it("8.1.1 Content-Type: a request body may be JSON with any format parameter of the standard", async () => {
        for (const parameter of [
          "odata.metadata=minimal",
          "metadata=full",
          "IEEE754Compatible=true",
          "charset=utf-8",
        ]) {
          const headers = { "content-type": `application/json;${parameter}` };
          const { status } = await catalog().post("/Categories", { Name: parameter }, { headers });
          expect(status, parameter).to.equal(201);
        }
      });

      it("8.1.2 Content-Encoding: an encoding that the service does not know is refused", async () => {
        const headers = { "content-encoding": "unheard-of" };
        expect((await catalog().post("/Categories", { Name: "Encoded" }, { headers })).status).to.equal(415);
      });

      it("8.1.3 Content-Language: a request may tell the language of its body", async () => {
        const headers = { "content-language": "de" };
        expect((await catalog().post("/Categories", { Name: "Möbel" }, { headers })).status).to.equal(201);
      });

      it("8.1.4 Content-Length: is that of the body in bytes", async () => {
        await catalog().post("/Categories", { Name: "Möbel" });
        const { headers, text } = await catalog().get("/Categories");
        expect(Number(headers["content-length"])).to.equal(Buffer.byteLength(text));
      });

      it("8.1.5 OData-Version: every answer has it", async () => {
        const laptop = await catalog().product("Laptop");
        for (const answer of [
          await catalog().get("/"),
          await catalog().get("/$metadata"),
          await catalog().get("/Products"),
          await catalog().get(laptop),
          await catalog().get(`${laptop}/Name/$value`),
          await catalog().get("/Products/$count"),
          await catalog().get("/Nothing"),
          await catalog().get("/Products?$filter=("),
          await catalog().patch(laptop, { Rating: 3 }, { headers: { prefer: "return=minimal" } }),
          await catalog().delete(laptop),
          await graph().get("/"),
        ])
          expect(answer.headers["odata-version"]).to.equal("4.01");
      });

      it("8.1.5 OData-Version: a body is read by the version that the request names", async () => {
        const body = { "@odata.type": "#ComplianceService.Category", Name: "Versioned" };
        for (const version of ["4.0", "4.01"]) {
          const headers = { "odata-version": version };
          const { status } = await catalog().post("/Categories", { ...body, Name: version }, { headers });
          expect(status, version).to.equal(201);
        }
        // Control information without the prefix came with 4.01.
        const { "@odata.type": type, ...rest } = body;
        const short = { "@type": type, ...rest };
        const answer = await catalog().post("/Categories", short, { headers: { "odata-version": "4.01" } });
        expect(answer.status, answer.text).to.equal(201);
      });

      it("8.1.5 OData-Version: a request in a version that the service does not know is refused", async () => {
        for (const version of ["3.0", "5.0", "x"]) {
          const headers = { "odata-version": version };
          expect(
            (await catalog().post("/Categories", { Name: "Versioned" }, { headers })).status,
            version,
          ).to.be.within(400, 499);
        }
      });
    });

    describe("8.2 request headers", () => {
      it("8.2.1 Accept: unknown format parameters are refused", async () => {
        expect(await status("/Products", { accept: "application/json;unheard=of" })).to.equal(406);
        expect(await status("/Products", { accept: "application/json;odata.metadata=some" })).to.equal(406);
        expect(await status("/Products?$format=application/json;unheard=of", {})).to.equal(406);
      });

      it("8.2.1 Accept: without a charset in it the Content-Type has none", async () => {
        const laptop = await catalog().product("Laptop");
        for (const [path, accept] of [
          ["/Products", "application/json"],
          ["/$metadata", "application/xml"],
          [`${laptop}/Name/$value`, "text/plain"],
          ["/Products/$count", "text/plain"],
        ] as const) {
          const { headers } = await catalog().get(path, { headers: { accept } });
          expect(headers["content-type"], path).not.to.match(/charset/i);
        }
      });

      it("8.2.1 Accept: format parameters are known with the prefix odata and without", async () => {
        for (const parameter of ["odata.metadata=full", "metadata=full"]) {
          const json = await catalog().json("/Products?$top=1", { accept: `application/json;${parameter}` });
          expect(json.value[0], parameter).to.include.any.keys("@odata.id", "@id");
        }
        for (const parameter of ["odata.metadata=none", "metadata=none"]) {
          const json = await catalog().json("/Products?$top=1", { accept: `application/json;${parameter}` });
          expect(json, parameter).to.have.all.keys("value");
        }
      });

      it("8.2.1 Accept: IEEE754Compatible makes strings of long numbers", async () => {
        const accept = "application/json;IEEE754Compatible=true";
        const { value } = await catalog().json("/MediaItems?$top=1", { accept });
        expect(value[0].Size).to.be.a("string");
        const samples = await catalog().json("/DecimalSamples", { accept });
        expect(samples.value[0].Amount).to.be.a("string");
      });

      it("8.2.2 Accept-Charset: UTF-8 is written, nothing else", async () => {
        expect(await status("/Products", { "accept-charset": "utf-8" })).to.equal(200);
        expect(await status("/Products", { "accept-charset": "iso-8859-1,*;q=0.1" })).to.equal(200);
        expect(await status("/Products", { "accept-charset": "iso-8859-1" })).to.equal(406);
      });

      it("8.2.2 Accept-Charset: is stronger than the charset of the Accept header", async () => {
        const accept = "application/json;charset=iso-8859-1";
        expect(await status("/Products", { accept, "accept-charset": "utf-8" })).to.equal(200);
      });

      it("8.2.3 Accept-Language: any language may be asked for", async () => {
        expect(await status("/Products", { "accept-language": "de-AT, de;q=0.8, *;q=0.1" })).to.equal(200);
      });

      it("8.2.4 If-Match: an update happens only where the ETag is the current one", async () => {
        const laptop = await catalog().product("Laptop");
        const { headers } = await catalog().get(laptop);
        const etag = String(headers.etag);
        const changed = await catalog().patch(laptop, { Rating: 1 }, { headers: { "if-match": etag } });
        expect(changed.status, changed.text).to.be.oneOf([200, 204]);
        const late = await catalog().patch(laptop, { Rating: 2 }, { headers: { "if-match": etag } });
        expect(late.status).to.equal(412);
        expect((await catalog().json(laptop)).Rating).to.equal(1);
        expect((await catalog().delete(laptop, { headers: { "if-match": etag } })).status).to.equal(412);
        expect((await catalog().get(laptop)).status).to.equal(200);
      });

      it("8.2.4 If-Match: * matches what is there, and nothing that is not", async () => {
        const laptop = await catalog().product("Laptop");
        const headers = { "if-match": "*" };
        expect((await catalog().patch(laptop, { Rating: 1 }, { headers })).status).to.be.oneOf([200, 204]);
        const nobody = "/Products(00000000-0000-0000-0000-000000000001)";
        const upsert = { Name: "New", Price: 1, Status: "None" };
        expect((await catalog().patch(nobody, upsert, { headers })).status).to.be.oneOf([404, 412]);
        expect((await catalog().put(nobody, upsert, { headers })).status).to.be.oneOf([404, 412]);
        expect((await catalog().get(nobody)).status).to.equal(404);
      });

      it("8.2.4 If-Match: an action that is bound to an entity takes it", async () => {
        const laptop = await catalog().product("Laptop");
        const headers = { "if-match": 'W/"999"' };
        const answer = await catalog().post(`${laptop}/ApplyDiscount`, { percentage: 50 }, { headers });
        expect(answer.status, answer.text).to.equal(412);
        expect((await catalog().json(laptop)).Price).to.equal(999.99);
      });

      it("8.2.4 If-Match: weak ETags are compared weakly", async () => {
        const laptop = await catalog().product("Laptop");
        const etag = String((await catalog().get(laptop)).headers.etag);
        expect(etag).to.match(/^W\/"/);
        const headers = { "if-match": `"other", ${etag}` };
        expect((await catalog().patch(laptop, { Rating: 1 }, { headers })).status).to.be.oneOf([200, 204]);
      });

      it("8.2.5 If-None-Match: a reader who has the current state gets 304", async () => {
        const laptop = await catalog().product("Laptop");
        const etag = String((await catalog().get(laptop)).headers.etag);
        const same = await catalog().get(laptop, { headers: { "if-none-match": etag } });
        expect([same.status, same.text]).to.deep.equal([304, ""]);
        expect(await status(laptop, { "if-none-match": "*" })).to.equal(304);
        expect(await status(laptop, { "if-none-match": 'W/"0"' })).to.equal(200);
      });

      it("8.2.5 If-None-Match: an update of what matches is refused", async () => {
        const laptop = await catalog().product("Laptop");
        const etag = String((await catalog().get(laptop)).headers.etag);
        for (const value of [etag, "*"]) {
          const answer = await catalog().patch(laptop, { Rating: 9 }, { headers: { "if-none-match": value } });
          expect(answer.status, value).to.equal(412);
        }
        expect((await catalog().json(laptop)).Rating).to.equal(200);
      });

      it("8.2.5 If-None-Match: with * an upsert creates and never changes", async () => {
        const [, id] = /\((.*)\)/.exec(await catalog().product("Laptop"))!;
        const key = `/ProductDescriptions(ProductID=${id},LanguageKey='IT')`;
        const headers = { "if-none-match": "*" };
        expect((await catalog().put(key, { Description: "Portatile" }, { headers })).status).to.equal(201);
        expect((await catalog().put(key, { Description: "Computer" }, { headers })).status).to.equal(412);
        expect((await catalog().json(key)).Description).to.equal("Portatile");
      });

      it("8.2.6 Isolation: snapshot is known with the prefix OData- and without", async () => {
        for (const name of ["isolation", "odata-isolation"]) {
          expect(await status("/Products", { [name]: "snapshot" }), name).to.equal(200);
          expect(await status("/Products", { [name]: "unheard-of" }), name).to.be.oneOf([400, 412]);
        }
      });

      it("8.2.6 Isolation: the pages of a snapshot show it as it was when it was taken", async () => {
        const headers = { isolation: "snapshot", prefer: "maxpagesize=3" };
        const first = await catalog().json("/Products?$orderby=Name&$select=Name", headers);
        const seen: string[] = first.value.map(({ Name }: { Name: string }) => Name);
        await catalog().delete(await catalog().product("Wireless Mouse"));
        await catalog().patch(await catalog().product("Smartphone"), { Name: "Aphone" });
        for (let next = first["@odata.nextLink"]; next !== undefined;) {
          const page = await catalog().json(catalog().path(next));
          seen.push(...page.value.map(({ Name }: { Name: string }) => Name));
          next = page["@odata.nextLink"];
        }
        expect(seen).to.deep.equal([
          "Coffee Mug",
          "Gaming Mouse Ultra",
          "Laptop",
          "Office Chair",
          "Premium Laptop Pro",
          "Smartphone",
          "Wireless Mouse",
        ]);
      });

      it("8.2.7 OData-MaxVersion: without it the answers have the same version at all times", async () => {
        const versions = new Set<unknown>();
        for (const path of ["/", "/Products", "/$metadata", "/Company"])
          versions.add((await catalog().get(path)).headers["odata-version"]);
        expect([...versions]).to.deep.equal(["4.01"]);
      });

      it("8.2.7 OData-MaxVersion: an error is written in that version, too", async () => {
        const { headers } = await catalog().get("/Nothing", { headers: { "odata-maxversion": "4.0" } });
        expect(headers["odata-version"]).to.equal("4.0");
      });

      it("8.2.8 Prefer: what the service does not know is ignored", async () => {
        const answer = await catalog().get("/Products?$top=1", { headers: { prefer: "unheard-of, odd=1;x=y" } });
        expect(answer.status).to.equal(200);
        expect(answer.headers["preference-applied"]).to.equal(undefined);
      });

      it("8.2.8.1 allow-entityreferences: without it entities are given whole, however often", async () => {
        const { value } = await catalog().json("/Products?$expand=Category");
        for (const { Category } of value) expect(Category.Name).to.be.a("string");
      });

      it("8.2.8.4 include-annotations: takes annotations away from an answer, by both names", async () => {
        for (const name of ["include-annotations", "odata.include-annotations"]) {
          const answer = await catalog().get("/Products?$top=1", { headers: { prefer: `${name}="-*"` } });
          expect(answer.status, name).to.equal(200);
        }
      });

      it("8.2.8.5 maxpagesize: pages are no longer, by both names", async () => {
        for (const name of ["maxpagesize", "odata.maxpagesize"]) {
          const { headers, json } = await catalog().get("/Products", { headers: { prefer: `${name}=2` } });
          expect(json.value, name).to.have.lengthOf(2);
          expect(json["@odata.nextLink"], name).to.be.a("string");
          expect(list(headers["preference-applied"] as string)).to.include.oneOf([
            "maxpagesize=2",
            "odata.maxpagesize=2",
          ]);
        }
      });

      it("8.2.8.5 maxpagesize: the name without the prefix is the stronger one", async () => {
        const prefer = "odata.maxpagesize=2, maxpagesize=3";
        expect((await catalog().json("/Products", { prefer })).value).to.have.lengthOf(3);
      });

      it("8.2.8.6 omit-values: nulls are left out, and the answer says so", async () => {
        const { headers, json } = await catalog().get("/Products?$filter=Name eq 'Office Chair'", {
          headers: { prefer: "omit-values=nulls" },
        });
        expect(headers["preference-applied"]).to.match(/omit-values=nulls/);
        expect(json.value[0]).not.to.have.any.keys("ShippingAddress", "Location", "Data");
        expect(list(headers.vary)).to.include("prefer");
      });

      it("8.2.8.7 return=minimal: nothing is answered but the status", async () => {
        const created = await catalog().post(
          "/Categories",
          { Name: "Quiet" },
          { headers: { prefer: "return=minimal" } },
        );
        expect([created.status, created.text]).to.deep.equal([204, ""]);
        expect(created.headers["odata-entityid"]).to.be.a("string");
        expect(created.headers.location).to.be.a("string");
        expect(created.headers["preference-applied"]).to.equal("return=minimal");
        const changed = await catalog().patch(
          await catalog().product("Laptop"),
          { Rating: 1 },
          { headers: { prefer: "return=minimal" } },
        );
        expect([changed.status, changed.text]).to.deep.equal([204, ""]);
      });

      it("8.2.8.7 return=representation: what was changed is answered", async () => {
        const headers = { prefer: "return=representation" };
        const changed = await catalog().patch(await catalog().product("Laptop"), { Rating: 1 }, { headers });
        expect(changed.status).to.equal(200);
        expect(changed.json.Rating).to.equal(1);
        expect(changed.headers["preference-applied"]).to.equal("return=representation");
        expect(list(changed.headers.vary)).to.include("prefer");
      });

      it("8.2.8.7 return: has no effect on reading and deleting", async () => {
        const laptop = await catalog().product("Laptop");
        const read = await catalog().get(laptop, { headers: { prefer: "return=minimal" } });
        expect([read.status, read.json.Name]).to.deep.equal([200, "Laptop"]);
        const deleted = await catalog().delete(laptop, { headers: { prefer: "return=representation" } });
        expect(deleted.status).to.equal(204);
      });

      it("8.2.8.8 respond-async: is answered with 202 and a monitor, or at once", async () => {
        const answer = await catalog().get("/Products", { headers: { prefer: "respond-async" } });
        expect(answer.status).to.be.oneOf([200, 202]);
        if (answer.status === 200) return;
        expect(answer.headers["preference-applied"]).to.match(/respond-async/);
        expect(answer.headers.location).to.be.a("string");
      });

      it("8.2.8.9 track-changes: the answer has a delta link, by both names", async () => {
        for (const name of ["track-changes", "odata.track-changes"]) {
          const { headers, json } = await catalog().get("/Products", { headers: { prefer: name } });
          expect(json["@odata.deltaLink"], name).to.be.a("string");
          expect(headers["preference-applied"], name).to.match(/track-changes/);
        }
      });

      it("8.2.8.9 track-changes: only the last page has the delta link, in place of the next link", async () => {
        const prefer = "track-changes, maxpagesize=4";
        const first = await catalog().get("/Products", { headers: { prefer } });
        expect(first.headers["preference-applied"]).to.match(/track-changes/);
        expect(first.json).not.to.have.any.keys("@odata.deltaLink");
        const last = await catalog().json(catalog().path(first.json["@odata.nextLink"]));
        expect(last).not.to.have.any.keys("@odata.nextLink");
        expect(last["@odata.deltaLink"]).to.be.a("string");
      });

      it("8.2.8.9 track-changes: is ignored on a next link", async () => {
        const first = await catalog().json("/Products", { prefer: "maxpagesize=4" });
        const last = await catalog().json(catalog().path(first["@odata.nextLink"]), { prefer: "track-changes" });
        expect(last).not.to.have.any.keys("@odata.deltaLink");
      });

      it("8.2.8.10 wait: a request that is done in time is answered as ever", async () => {
        expect(await status("/Products", { prefer: "wait=10" })).to.equal(200);
        expect(await status("/Products", { prefer: "respond-async, wait=10" })).to.be.oneOf([200, 202]);
      });
    });

    describe("8.3 response headers", () => {
      it("8.3.1 AsyncResult: the monitor tells the status of the request that it was", async () => {
        const accepted = await catalog().post(
          "/Categories",
          { Name: "Later" },
          { headers: { prefer: "respond-async" } },
        );
        expect(accepted.status, accepted.text).to.equal(202);
        const monitor = catalog().path(String(accepted.headers.location));
        let answer = await catalog().get(monitor);
        while (answer.status === 202) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          answer = await catalog().get(monitor);
        }
        expect(answer.status).to.equal(200);
        expect(answer.headers["asyncresult"]).to.equal("201");
      });

      it("8.3.2 ETag: is answered for entities whose set is guarded by one", async () => {
        const laptop = await catalog().product("Laptop");
        const { headers, json } = await catalog().get(laptop);
        expect(headers.etag).to.equal(json["@odata.etag"]);
        expect((await catalog().get("/Company")).headers.etag).to.be.a("string");
      });

      it("8.3.2 ETag: changes when the entity does", async () => {
        const laptop = await catalog().product("Laptop");
        const { etag } = (await catalog().get(laptop)).headers;
        await catalog().patch(laptop, { Rating: 4 });
        expect((await catalog().get(laptop)).headers.etag).not.to.equal(etag);
      });

      it("8.3.2 ETag: the metadata document and the service document have theirs", async () => {
        for (const path of ["/$metadata", "/"]) {
          const { etag } = (await catalog().get(path)).headers;
          expect(etag, path).to.be.a("string");
          expect(await status(path, { "if-none-match": String(etag) }), path).to.equal(304);
        }
      });

      it("8.3.3 Location: a created entity is found there", async () => {
        const created = await catalog().post("/Categories", { Name: "Found" });
        const { location } = created.headers;
        expect((await catalog().json(catalog().path(String(location)))).Name).to.equal("Found");
      });

      it("8.3.4 OData-EntityId: a create and an upsert without a body have it", async () => {
        const headers = { prefer: "return=minimal" };
        const created = await catalog().post("/Categories", { Name: "Named" }, { headers });
        const entity = await catalog().json(catalog().path(String(created.headers["odata-entityid"])));
        expect(entity.Name).to.equal("Named");
        const [, id] = /\((.*)\)/.exec(await catalog().product("Laptop"))!;
        const key = `/ProductDescriptions(ProductID=${id},LanguageKey='IT')`;
        const upserted = await catalog().put(key, { Description: "Portatile" }, { headers });
        expect(upserted.status, upserted.text).to.equal(204);
        const other = await catalog().json(catalog().path(String(upserted.headers["odata-entityid"])));
        expect(other.Description).to.equal("Portatile");
      });

      it("8.3.7 Retry-After: is a number of seconds where it is given", async () => {
        const { status, headers } = await catalog().get("/Products", { headers: { prefer: "respond-async" } });
        if (status === 202 && headers["retry-after"] !== undefined) expect(headers["retry-after"]).to.match(/^\d+$/);
      });

      it("8.3.8 Vary: names OData-MaxVersion where the version is up to the client", async () => {
        for (const path of ["/", "/$metadata", "/Products"])
          expect(list((await catalog().get(path)).headers.vary), path).to.include("odata-maxversion");
      });
    });
  },
  { reseed: true },
);
