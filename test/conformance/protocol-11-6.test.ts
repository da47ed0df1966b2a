import { expect } from "chai";
import type { Answer } from "../support/client.js";
import { parseHttpResponse } from "../service/support/http-text.js";
import { jsonOf, lamp, LAPTOP, noContent, refused, v40 } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.6, asynchronous requests",
  ({ catalog }) => {
    const later = { prefer: "respond-async" };

    /** The path of the status monitor that an answer names. */
    function monitorOf(answer: Answer): string {
      expect(answer.status, answer.text).to.equal(202);
      expect(answer.headers.location).to.be.a("string");
      if (answer.headers["retry-after"] !== undefined) expect(answer.headers["retry-after"]).to.match(/^\d+$/);
      return catalog().path(answer.headers.location!);
    }

    /** Asks a status monitor until its request is done; each answer before has a Location as well. */
    async function result(monitor: string, headers: Record<string, string> = {}): Promise<Answer> {
      for (let path = monitor; ;) {
        const answer = await catalog().get(path, { headers });
        if (answer.status !== 202) return answer;
        path = monitorOf(answer);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    it("202 is answered only to requests with respond-async", async () => {
      const laptop = await catalog().product(LAPTOP);
      for (const answer of [
        await catalog().get("/Products"),
        await catalog().post("/Products", lamp),
        await catalog().patch(laptop, { Price: 1 }, { headers: { prefer: "wait=0" } }),
        await catalog().post("/$batch", { requests: [] }),
      ])
        expect(answer.status).not.to.equal(202);
    });

    it("202 has a Location, which gives 202 with a Location until the request is done, and then 200", async () => {
      const accepted = await catalog().post("/Products", lamp, { headers: later });
      const monitor = monitorOf(accepted);
      expect(accepted.headers["preference-applied"]).to.include("respond-async");
      const answer = await result(monitor);
      expect(answer.status).to.equal(200);
      expect(answer.headers["asyncresult"]).to.equal("201");
      expect(answer.json).to.include(lamp);
      expect(answer.headers.location).to.equal(`${catalog().root}Products(${answer.json.ID})`);
      expect(await catalog().json(catalog().path(answer.headers.location!))).to.include(lamp);
    });

    it("reads, changes, deletions and actions can all be asynchronous", async () => {
      const laptop = await catalog().product(LAPTOP);
      for (const [method, path, body, status] of [
        ["GET", "/Products?$count=true", undefined, "200"],
        ["PATCH", laptop, { Price: 1 }, "200"],
        ["POST", `${laptop}/ComplianceService.IncreasePrice`, { amount: 1 }, "204"],
        ["DELETE", laptop, undefined, "204"],
        ["GET", laptop, undefined, "404"],
        ["PATCH", "/Products/x", { Price: 1 }, undefined],
      ] as const) {
        const answer = await catalog().call(method, path, { body, headers: later });
        const done = await result(monitorOf(answer));
        expect(done.status, `${method} ${path}`).to.equal(200);
        if (status !== undefined) expect(done.headers["asyncresult"], `${method} ${path}`).to.equal(status);
        else expect(Number(done.headers["asyncresult"])).to.be.within(400, 499);
      }
    });

    it("4.0 clients get the whole answer as a message, unless they say that they do not take one", async () => {
      const accepted = await catalog().post("/Products", lamp, { headers: { ...later, ...v40 } });
      const monitor = monitorOf(accepted);
      for (const headers of [v40, { ...v40, accept: "application/http" }]) {
        const answer = await result(monitor, headers);
        expect(answer.status).to.equal(200);
        expect(answer.headers["content-type"]).to.match(/^application\/http/);
        const message = parseHttpResponse(answer.text);
        expect(message.status).to.equal(201);
        expect(message.headers["odata-version"]).to.equal("4.0");
        expect(JSON.parse(message.text)).to.include(lamp);
      }
      const other = await result(monitor, { ...v40, accept: "application/json" });
      expect(other.headers["asyncresult"]).to.equal("201");
      expect(other.json).to.include(lamp);
    });

    it("after a successful DELETE the monitor is not found, and nothing has changed", async () => {
      const count = async () => (await catalog().get("/Products/$count")).text;
      const before = await count();
      const monitor = monitorOf(await catalog().get("/Products", { headers: later }));
      const cancelled = await catalog().delete(monitor);
      expect(cancelled.status).to.be.oneOf([200, 204]);
      refused(await catalog().get(monitor), 404);
      refused(await catalog().delete(monitor), 404);
      // Whatever becomes of a change that is cancelled: where that succeeds, nothing has changed.
      const change = monitorOf(await catalog().post("/Products", lamp, { headers: later }));
      const answer = await catalog().delete(change);
      if (answer.status < 300) {
        refused(await catalog().get(change), 404);
        expect(await count()).to.equal(before);
      } else {
        refused(answer, 405, 409);
        expect((await result(change)).headers["asyncresult"]).to.equal("201");
      }
    });

    it("an error is the result of a request that fails", async () => {
      const monitor = monitorOf(await catalog().post("/Products", { Name: "no price" }, { headers: later }));
      const answer = await result(monitor);
      expect(answer.headers["asyncresult"]).to.equal("400");
      expect(answer.json.error.message).to.be.a("string");
    });

    it("status monitors that are none are not found, and take no changes", async () => {
      const monitor = monitorOf(await catalog().get("/Products", { headers: later }));
      for (const path of ["/$async/x", "/$async/", `${monitor}x`, `${monitor}/x`])
        expect((await catalog().get(path)).status, path).to.be.oneOf([400, 404]);
      for (const method of ["POST", "PUT", "PATCH"]) {
        const answer = await catalog().call(method, monitor, { body: {} });
        refused(answer, 405);
        expect(answer.headers.allow?.split(", ")).to.include.members(["GET", "DELETE"]);
      }
    });

    it("a client that says how long it waits gets the answer itself where it is done by then", async () => {
      const headers = { prefer: "respond-async,wait=10" };
      const answer = await catalog().post("/Products", lamp, { headers });
      expect(jsonOf(answer, 201)).to.include(lamp);
    });

    it("a batch is asynchronous as a whole, and not its requests", async () => {
      const requests = [
        { id: "1", method: "POST", url: "Products", body: lamp },
        { id: "2", method: "GET", url: "Products/$count" },
      ];
      const answer = await result(monitorOf(await catalog().post("/$batch", { requests }, { headers: later })));
      expect(answer.headers["asyncresult"]).to.equal("200");
      expect(answer.json.responses.map(({ status }: { status: number }) => status)).to.deep.equal([201, 200]);
    });

    it("is announced", async () => {
      const { text } = await catalog().get("/$metadata");
      expect(text).to.match(/Term="Capabilities.AsynchronousRequestsSupported" Bool="true"/);
    });

    it("a deletion without the preference is answered at once", async () => {
      noContent(await catalog().delete(await catalog().product(LAPTOP)));
    });
  },
  { reseed: true },
);
