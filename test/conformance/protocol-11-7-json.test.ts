import { expect } from "chai";
import { answeredParts } from "../service/support/batch.js";
import type { BatchItem } from "../service/support/batch.js";
import { changesNothing, jsonOf, lamp, LAPTOP, refused, v40 } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.7 and JSON Format 19, JSON batches",
  ({ catalog }) => {
    const goOn = { prefer: "continue-on-error" };
    const send = (requests: unknown, headers: Readonly<Record<string, string>> = {}) =>
      catalog().post("/$batch", { requests }, { headers });
    const responsesOf = async (requests: readonly BatchItem[], headers?: Readonly<Record<string, string>>) =>
      jsonOf(await send(requests, headers)).responses as Record<string, any>[];
    const statusesOf = (responses: readonly Record<string, any>[]) => responses.map(({ status }) => status);
    const json = { "content-type": "application/json" };
    const create = (id: string, more: object = {}): BatchItem => ({
      id,
      method: "POST",
      url: "Products",
      headers: json,
      body: lamp,
      ...more,
    });

    it("is answered with 200 and one response for each request, with its id", async () => {
      const answer = await send([{ id: "1", method: "GET", url: "Products/$count" }, create("two")]);
      expect(answer.headers["content-type"]).to.match(/^application\/json/);
      const { responses } = jsonOf(answer);
      expect(responses.map(({ id, status }: Record<string, unknown>) => [id, status])).to.deep.equal([
        ["1", 200],
        ["two", 201],
      ]);
      expect(responses[1].headers.location).to.equal(`${catalog().root}Products(${responses[1].body.ID})`);
    });

    it("Accept chooses the format of the answer", async () => {
      const requests = [{ id: "x", method: "GET", url: "Products/$count" }];
      const answer = await send(requests, { accept: "multipart/mixed" });
      expect(answer.status).to.equal(200);
      const [part] = answeredParts(answer.headers["content-type"]!, answer.text);
      expect(part).to.include({ status: 200, id: "x", text: "7" });
      refused(await send(requests, { accept: "text/html" }), 406);
    });

    it("19.1 methods are written in any case, and URLs absolute, as absolute paths or relative", async () => {
      const responses = await responsesOf([
        { id: "1", method: "get", url: "Products/$count" },
        { id: "2", method: "GET", url: "/Products/$count" },
        { id: "3", method: "Get", url: `${catalog().root}Products/$count` },
      ]);
      expect(responses.map(({ body }) => String(body))).to.deep.equal(["7", "7", "7"]);
    });

    it("19.1 bodies are JSON, and texts or base64url of other media types", async () => {
      const laptop = (await catalog().product(LAPTOP)).slice(1);
      const text = { "content-type": "text/plain" };
      const responses = await responsesOf([
        { id: "1", method: "PUT", url: `${laptop}/Name/$value`, headers: text, body: "Slate" },
        { id: "2", method: "GET", url: `${laptop}/Name/$value` },
        { id: "3", method: "PUT", url: `${laptop}/Photo`, headers: { "content-type": "image/png" }, body: "cG5n" },
        { id: "4", method: "GET", url: `${laptop}/Photo` },
      ]);
      expect(responses[0]!["status"]).to.be.oneOf([200, 204]);
      expect(responses[1]!["body"]).to.equal("Slate");
      expect(responses[2]!["status"]).to.equal(204);
      expect(responses[3]!["body"]).to.equal("cG5n");
      expect((await catalog().get(`/${laptop}/Photo`)).text).to.equal("png");
    });

    it("11.7.2 an atomicity group succeeds or fails as a whole", async () => {
      const group = { atomicityGroup: "g" };
      expect(statusesOf(await responsesOf([create("1", group), create("2", group)]))).to.deep.equal([201, 201]);
      await changesNothing(catalog(), async () => {
        const responses = await responsesOf([
          create("1", group),
          create("2", { ...group, body: { Name: "no price" } }),
        ]);
        expect(responses.find(({ id }) => id === "2")!["status"]).to.equal(400);
        expect(responses.find(({ id }) => id === "1")?.["status"] ?? 424).to.equal(424);
      });
    });

    it("11.7.2 what depends on a failure fails with 424", async () => {
      await changesNothing(catalog(), async () => {
        const responses = await responsesOf(
          [
            create("1", { atomicityGroup: "g", body: { Name: "no price" } }),
            { id: "2", method: "GET", url: "Nothing" },
            create("3", { dependsOn: ["g"] }),
            create("4", { dependsOn: ["2"] }),
            create("5", { dependsOn: ["4"] }),
            { id: "6", method: "GET", url: "Products/$count" },
          ],
          goOn,
        );
        expect(statusesOf(responses)).to.deep.equal([400, 404, 424, 424, 424, 200]);
      });
    });

    it("11.7.3 identifiers are unique and well-formed", async () => {
      await changesNothing(catalog(), async () => {
        refused(await send([create("1"), create("1")]), 400);
        for (const id of [undefined, null, 1, "", "a b", "a/b", "$1"]) {
          const { id: _, ...rest } = create("x");
          const answer = await send([{ ...rest, id }]);
          refused(answer, 400);
        }
      });
    });

    it("11.7.4 entities that were created are referenced in URLs and bodies", async () => {
      const responses = await responsesOf([
        { id: "c", method: "POST", url: "Categories", headers: json, body: { Name: "Lights" } },
        create("p", { url: "$c/Products", dependsOn: ["c"] }),
        create("q", { body: { ...lamp, Name: "Torch", "Category@odata.bind": "$c" }, dependsOn: ["c"] }),
        { id: "r", method: "GET", url: "$p/Category/Name/$value", dependsOn: ["p"] },
      ]);
      expect(statusesOf(responses)).to.deep.equal([201, 201, 201, 200]);
      expect(responses[3]!["body"]).to.equal("Lights");
      expect(JSON.stringify(responses)).not.to.match(/\/\$[cpq]\b/);
      expect((await catalog().get("/Products/$count?$filter=Category/Name eq 'Lights'")).text).to.equal("2");
    });

    it("11.7.5 ETags are referenced in If-Match", async () => {
      const url = (await catalog().product(LAPTOP)).slice(1);
      const headers = { ...json, "if-match": "$1" };
      const responses = await responsesOf(
        [
          { id: "1", method: "GET", url },
          { id: "2", method: "PATCH", url, headers, body: { Price: 1 }, dependsOn: ["1"] },
          { id: "3", method: "PATCH", url, headers, body: { Price: 2 }, dependsOn: ["1"] },
        ],
        goOn,
      );
      expect(statusesOf(responses)).to.deep.equal([200, 200, 412]);
    });

    it("19.1 a reference without a dependency, to a later request or in a circle is refused", async () => {
      await changesNothing(catalog(), async () => {
        for (const requests of [
          [create("1", { dependsOn: ["2"] }), create("2")],
          [create("1", { dependsOn: ["1"] })],
          [create("1", { dependsOn: ["nothing"] })],
          [create("1", { dependsOn: "2" }), create("2")],
          [create("1", { atomicityGroup: "g", dependsOn: ["g"] })],
          [
            create("1", { atomicityGroup: "g" }),
            { id: "2", method: "GET", url: "Products" },
            create("3", { atomicityGroup: "g" }),
          ],
          [create("1", { atomicityGroup: "1" })],
        ])
          refused(await send(requests), 400);
      });
    });

    it("the batch ends with the first error, or goes on, as the client prefers", async () => {
      const requests: BatchItem[] = [create("1"), { id: "2", method: "GET", url: "Nothing" }, create("3")];
      const ended = await responsesOf(requests, { prefer: "continue-on-error=false" });
      expect(statusesOf(ended)).to.deep.equal([201, 404]);
      expect((await catalog().get("/Products/$count")).text).to.equal("8");
      const whole = await responsesOf(requests, goOn);
      expect(statusesOf(whole)).to.deep.equal([201, 404, 201]);
      expect((await catalog().get("/Products/$count")).text).to.equal("10");
    });

    it("each response is what it would be outside of a batch", async () => {
      const laptop = await catalog().product(LAPTOP);
      const [response, missing] = await responsesOf(
        [
          { id: "1", method: "GET", url: laptop.slice(1) },
          { id: "2", method: "GET", url: "Nothing" },
        ],
        goOn,
      );
      const alone = await catalog().get(laptop);
      expect(response!["body"]).to.deep.equal(alone.json);
      expect(response!["headers"]).to.include({ etag: alone.headers["etag"], "odata-version": "4.01" });
      expect(missing!["body"].error.code).to.equal((await catalog().get("/Nothing")).json.error.code);
    });

    it("a request may speak another version than the batch", async () => {
      const [response] = await responsesOf([{ id: "1", method: "GET", url: "Products/$count", headers: v40 }]);
      expect(response!["headers"]["odata-version"]).to.equal("4.0");
    });

    it("wrong shapes are refused, and nothing is done", async () => {
      await changesNothing(catalog(), async () => {
        for (const requests of [
          undefined,
          null,
          {},
          "x",
          [null],
          [[]],
          ["GET Products"],
          [{}],
          [{ id: "1" }],
          [{ id: "1", method: "GET" }],
          [{ id: "1", url: "Products" }],
        ])
          refused(await send(requests), 400);
        for (const wrong of [
          { method: 5 },
          { method: "BREW" },
          { method: "" },
          { url: 5 },
          { url: "" },
          { url: "http://elsewhere.example/Products" },
          { url: "$batch" },
          { headers: [] },
          { headers: { "content-type": 5 } },
          { headers: { "content-type": "application/json\r\nx: y" } },
          { headers: { ...json, authorization: "Basic eA==" } },
          { headers: { "content-type": "text/xml" } },
          { dependsOn: {} },
          { dependsOn: [1] },
          { atomicityGroup: 1 },
          { atomicityGroup: "" },
          { body: "{" },
          { body: [lamp] },
          { body: undefined },
        ]) {
          const answer = await send([{ ...create("1"), ...wrong }]);
          const status = answer.status === 200 ? answer.json.responses[0].status : answer.status;
          expect(status, `${JSON.stringify(wrong)} ${answer.text}`).to.be.within(400, 499);
        }
        for (const body of ["", "{", "[]", '{"requests":[]', '{"requests":[],"requests":[]}', "null"])
          refused(await catalog().post("/$batch", body), 400);
      });
    });

    it("batches that are too large are refused, and nothing is done", async () => {
      await changesNothing(catalog(), async () => {
        const many = Array.from({ length: 20_000 }, (_, index) => ({
          id: `r${index}`,
          method: "GET",
          url: "Products/$count",
        }));
        refused(await send(many), 400, 413);
        refused(await send([create("1", { body: { ...lamp, Description: "x".repeat(5 << 20) } })]), 413);
        const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
        refused(
          await catalog().post("/$batch", `{"requests":[{"id":"1","method":"POST","url":"Products","body":${deep}}]}`),
          400,
        );
      });
    });
  },
  { reseed: true },
);
