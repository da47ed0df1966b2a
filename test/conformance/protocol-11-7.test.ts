import { expect } from "chai";
import type { HttpAnswer } from "../service/support/http-text.js";
import type { AnsweredPart } from "../service/support/batch.js";
import { answeredParts, changeSet, multipart, part, post, statusesOf } from "../service/support/batch.js";
import { changesNothing, jsonOf, lamp, LAPTOP, refused, v40 } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.7, multipart batches",
  ({ catalog }) => {
    const goOn = { prefer: "continue-on-error" };
    const get = (url: string) => `GET ${url} HTTP/1.1\n`;
    const patch = (url: string, body: object, headers = "") =>
      `PATCH ${url} HTTP/1.1\nContent-Type: application/json\n${headers}\n${JSON.stringify(body)}`;
    const send = (body: string, headers: Readonly<Record<string, string>> = {}) =>
      catalog().post("/$batch", body, { headers: { "content-type": "multipart/mixed; boundary=b", ...headers } });
    const partsOf = async (body: string, headers?: Readonly<Record<string, string>>) => {
      const answer = await send(body, headers);
      expect(answer.status, answer.text).to.equal(200);
      return answeredParts(answer.headers["content-type"]!, answer.text);
    };
    const run = (...parts: readonly string[]) => partsOf(multipart("b", parts));
    const single = (one: AnsweredPart | undefined) => one as HttpAnswer & { readonly id: string | undefined };
    const group = (one: AnsweredPart | undefined) =>
      one as readonly (HttpAnswer & { readonly id: string | undefined })[];
    const count = async () => (await catalog().get("/Products/$count")).text;

    describe("11.7.1 headers", () => {
      it("a valid batch is answered with 200 and multipart/mixed with a boundary", async () => {
        const answer = await send(multipart("b", [part(get("Products/$count"))]));
        expect(answer.status).to.equal(200);
        expect(answer.headers["content-type"]).to.match(/^multipart\/mixed; *boundary=[^\s;]+$/);
        expect(answer.headers["odata-version"]).to.equal("4.01");
        const old = await send(multipart("b", [part(get("Products/$count"))]), v40);
        expect(old.headers["odata-version"]).to.equal("4.0");
      });

      it("Accept chooses the format of the answer", async () => {
        const body = multipart("b", [part(get("Products/$count"), "1")]);
        const json = jsonOf(await send(body, { accept: "application/json" }));
        expect(json.responses.map(({ id, status }: { id: string; status: number }) => [id, status])).to.deep.equal([
          ["1", 200],
        ]);
        expect((await send(body, { accept: "multipart/mixed" })).headers["content-type"]).to.match(/^multipart\/mixed/);
        refused(await send(body, { accept: "text/html" }), 406);
      });

      it("an invalid set of headers is answered with 4xx, and nothing is done", async () => {
        const body = multipart("b", [part(post("Products", lamp))]);
        await changesNothing(catalog(), async () => {
          for (const type of [
            "multipart/mixed",
            "multipart/mixed; boundary=",
            'multipart/mixed; boundary=""',
            `multipart/mixed; boundary=${"x".repeat(71)}`,
            "multipart/mixed; boundary=a; boundary=b",
            "multipart/form-data; boundary=b",
            "text/plain",
            "",
          ]) {
            const answer = await send(body, { "content-type": type });
            expect(answer.status, `${type} ${answer.text}`).to.be.within(400, 415);
            refused(answer, 400, 415);
          }
          refused(await send(body, { "odata-version": "5.0" }), 400);
          refused(await send(body, { "odata-maxversion": "3.0" }), 400);
          refused(await send(body, { "content-encoding": "zip" }), 415);
        });
      });

      it("the batch endpoint takes POST only", async () => {
        for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
          const answer = await catalog().call(method, "/$batch");
          refused(answer, 405);
          expect(answer.headers.allow).to.equal("POST");
        }
      });
    });

    describe("11.7.3 to 11.7.5 request identifiers, references to entities and to ETags", () => {
      it("the identifier of a request is that of its response", async () => {
        const parts = await run(
          part(get("Products/$count"), "a-1"),
          changeSet("c", [part(post("Products", lamp), "x.y")]),
        );
        expect(single(parts[0]).id).to.equal("a-1");
        expect(group(parts[1])[0]!.id).to.equal("x.y");
      });

      it("identifiers are case-sensitive and unique", async () => {
        expect(
          statusesOf(await run(part(get("Products/$count"), "a"), part(get("Products/$count"), "A"))),
        ).to.deep.equal([200, 200]);
        await changesNothing(catalog(), async () => {
          const twice = [part(post("Products", lamp), "1"), part(post("Products", lamp), "1")];
          const answer = await send(multipart("b", [changeSet("c", twice)]));
          if (answer.status === 200)
            expect(single(answeredParts(answer.headers["content-type"]!, answer.text)[0]).status).to.equal(400);
          else refused(answer, 400);
        });
      });

      it("entities that were created are referenced in URLs and bodies, within a change set and across them", async () => {
        const battery = { ...lamp, Name: "Battery" };
        const torch = { ...lamp, Name: "Torch", "Category@odata.bind": "$1" };
        const parts = await run(
          changeSet("c", [
            part(post("Categories", { Name: "Lights" }), "1"),
            part(post("$1/Products", lamp), "2"),
            part(post("$2/RelatedProducts", battery), "3"),
            part(post("Products", torch), "4"),
          ]),
          part(get("$2/Category?$select=Name"), "5"),
          changeSet("d", [part(patch("$4", { Price: 77 }), "6")]),
        );
        expect(statusesOf(parts)).to.deep.equal([[201, 201, 201, 201], 200, [200]]);
        expect(JSON.parse(single(parts[1]).text).Name).to.equal("Lights");
        const { value } = await catalog().json(
          "/Products?$filter=Category/Name eq 'Lights'&$orderby=Name&$expand=RelatedProducts",
        );
        expect(value.map(({ Name, Price }: Record<string, unknown>) => [Name, Price])).to.deep.equal([
          ["Lamp", 9.5],
          ["Torch", 77],
        ]);
        expect(value[0].RelatedProducts[0].Name).to.equal("Battery");
        // URLs in answers have no references in them.
        for (const { headers, text } of group(parts[0])) {
          expect(headers["location"] ?? "").not.to.include("$1");
          expect(text).not.to.match(/"[^"]*\/\$\d[^"]*"/);
        }
      });

      it("an ETag is referenced in If-Match", async () => {
        const laptop = (await catalog().product(LAPTOP)).slice(1);
        const parts = await run(
          part(get(laptop), "1"),
          part(patch(laptop, { Price: 1 }, "If-Match: $1\n"), "2"),
          part(patch(laptop, { Price: 2 }, "If-Match: $1\n"), "3"),
        );
        expect(statusesOf(parts)).to.deep.equal([200, 200, 412]);
      });

      it("references to what does not exist, or has failed, are refused", async () => {
        await changesNothing(catalog(), async () => {
          const parts = await partsOf(
            multipart("b", [
              part(get("$nothing/Category"), "1"),
              changeSet("c", [part(post("$later/RelatedProducts", lamp), "2"), part(post("Products", lamp), "later")]),
              changeSet("d", [
                part(post("Products", { Name: "no price" }), "bad"),
                part(post("$bad/RelatedProducts", lamp), "3"),
              ]),
              part(get("$bad"), "4"),
            ]),
            goOn,
          );
          for (const status of statusesOf(parts)) expect(status).to.be.oneOf([400, 404, 424]);
          expect(parts).to.have.length(4);
        });
      });
    });

    describe("11.7.7.1 request body", () => {
      it("takes absolute URLs, absolute paths with Host, and relative URLs", async () => {
        const host = new URL(catalog().root).host;
        const parts = await run(
          part(get(`${catalog().root}Products/$count`)),
          part(`GET /Products/$count HTTP/1.1\nHost: ${host}\n`),
          part(get("Products/$count")),
        );
        expect(statusesOf(parts)).to.deep.equal([200, 200, 200]);
        for (const one of parts) expect(single(one).text).to.equal("7");
      });

      it("ignores preamble and epilogue, and takes quoted boundaries and parts without a transfer encoding", async () => {
        const request = `Content-Type: application/http\n\n${get("Products/$count")}\n`;
        const body = `preamble\r\n${multipart("b c", [request])}epilogue --b c`;
        const parts = await partsOf(body, { "content-type": 'multipart/mixed; boundary="b c"' });
        expect(statusesOf(parts)).to.deep.equal([200]);
      });

      it("a change set's parts need a Content-ID, and no part has headers that batches must not have", async () => {
        await changesNothing(catalog(), async () => {
          for (const header of [
            "Authorization: Basic eA==",
            "Proxy-Authorization: Basic eA==",
            "Expect: 100-continue",
            "From: a@b.example",
            "Max-Forwards: 1",
            "Range: bytes=0-1",
            "TE: trailers",
          ]) {
            const answer = await send(multipart("b", [part(patch("Company", { Name: "x" }, `${header}\n`))]));
            const status =
              answer.status === 200
                ? single(answeredParts(answer.headers["content-type"]!, answer.text)[0]).status
                : answer.status;
            expect(status, header).to.be.within(400, 499);
          }
        });
      });

      it("a batch in a batch, and an unknown URL, fail by themselves", async () => {
        const nested = `POST $batch HTTP/1.1\nContent-Type: application/json\n\n{"requests":[]}`;
        const parts = await partsOf(
          multipart("b", [part(nested), part(get("http://elsewhere.example/Products")), part(get("Nothing"))]),
          goOn,
        );
        for (const status of statusesOf(parts)) expect(status).to.be.within(400, 501);
        expect(statusesOf(parts)[2]).to.equal(404);
      });

      it("reads and nested change sets are no members of a change set", async () => {
        await changesNothing(catalog(), async () => {
          for (const inner of [part(get("Products"), "1"), changeSet("d", [part(post("Products", lamp), "1")])]) {
            const answer = await send(multipart("b", [changeSet("c", [part(post("Products", lamp), "0"), inner])]));
            if (answer.status === 200) {
              const parts = answeredParts(answer.headers["content-type"]!, answer.text);
              expect(single(parts[0]).status).to.be.within(400, 499);
            } else refused(answer, 400);
          }
        });
      });

      it("what is cut off, malformed or too large is refused, and nothing of it is stored", async () => {
        const whole = multipart("b", [
          changeSet("c", [part(post("Products", lamp), "1"), part(post("Products", lamp), "2")]),
        ]);
        await changesNothing(catalog(), async () => {
          for (const body of [
            "",
            "b",
            "--b",
            "--b--",
            "--other\r\nContent-Type: application/http\r\n\r\nGET Products HTTP/1.1\r\n\r\n\r\n--other--",
            whole.slice(0, -7),
            whole.slice(0, whole.indexOf("--c--")),
            whole.slice(0, whole.length / 2),
            multipart("b", ["no header\n\nGET Products HTTP/1.1\n"]),
            multipart("b", ["Content-Type: text/plain\n\nGET Products HTTP/1.1\n"]),
            multipart("b", [part("nonsense\n")]),
            multipart("b", [part("BREW Products HTTP/1.1\n")]),
            multipart("b", [part("POST Products HTTP/1.1\nContent-Type: application/json\nContent-Length: 5\n\n{}")]),
            multipart("b", [part("POST Products HTTP/1.1\nContent-Type: application/json\nbad header\n\n{}")]),
            multipart("b", [changeSet("b", [part(post("Products", lamp), "1")])]),
            multipart("b", ["Content-Type: multipart/mixed\n\n--c--"]),
            multipart(
              "b",
              Array.from({ length: 20_000 }, () => part(get("Products/$count"))),
            ),
            `--b\r\n${"x".repeat(1 << 20)}`,
          ]) {
            const answer = await send(body);
            const statuses =
              answer.status === 200
                ? statusesOf(answeredParts(answer.headers["content-type"]!, answer.text)).flat(2)
                : [answer.status];
            expect(
              statuses.some((status) => (status as number) >= 400) || body === "--b--",
              body.slice(0, 200),
            ).to.equal(true);
            for (const status of statuses) expect(status, body.slice(0, 200)).to.be.below(500);
          }
          refused(
            await send(multipart("b", [part(post("Products", { ...lamp, Description: "x".repeat(5 << 20) }))])),
            413,
          );
        });
      });
    });

    describe("11.7.7.4 processing", () => {
      it("goes on in the order of the requests, and ends with the first error", async () => {
        const parts = await run(part(post("Products", lamp)), part(get("Nothing")), part(post("Products", lamp)));
        expect(statusesOf(parts)).to.deep.equal([201, 404]);
        expect(await count()).to.equal("8");
      });

      it("goes on behind errors where the client prefers it", async () => {
        const body = multipart("b", [part(get("Nothing")), part(post("Products", lamp)), part(get("Products/$count"))]);
        for (const prefer of ["continue-on-error", "odata.continue-on-error", "continue-on-error=true"]) {
          const before = Number(await count());
          const parts = await partsOf(body, { prefer });
          expect(statusesOf(parts), prefer).to.deep.equal([404, 201, 200]);
          expect(single(parts[2]).text).to.equal(String(before + 1));
        }
        expect(statusesOf(await partsOf(body, { prefer: "continue-on-error=false" }))).to.deep.equal([404]);
      });

      it("applies all requests of a change set or none; a failure is one response for all of it", async () => {
        const bad = changeSet("c", [
          part(post("Products", lamp), "1"),
          part(patch((await catalog().product(LAPTOP)).slice(1), { Price: 1 }), "2"),
          part(post("Products", { Name: "no price" }), "3"),
        ]);
        await changesNothing(catalog(), async () => {
          const [failed] = await partsOf(multipart("b", [bad]));
          expect(single(failed).status).to.equal(400);
          const { error } = JSON.parse(single(failed).text);
          expect(error.code).to.be.a("string");
          expect(error.message).to.be.a("string");
        });
        const parts = await partsOf(multipart("b", [bad, part(get("Products/$count"))]), goOn);
        expect(statusesOf(parts)).to.deep.equal([400, 200]);
      });

      it("conflicting changes in a change set fail together", async () => {
        const laptop = (await catalog().product(LAPTOP)).slice(1);
        await changesNothing(catalog(), async () => {
          const parts = await run(
            changeSet("c", [part(`DELETE ${laptop} HTTP/1.1\n`, "1"), part(patch(laptop, { Price: 1 }), "2")]),
          );
          expect(statusesOf(parts)[0]).to.be.within(400, 499);
        });
      });

      it("takes actions and media in change sets", async () => {
        const laptop = (await catalog().product(LAPTOP)).slice(1);
        const parts = await run(
          changeSet("c", [
            part(post(`${laptop}/ComplianceService.IncreasePrice`, { amount: 0.01 }), "1"),
            part("POST MediaItems HTTP/1.1\nContent-Type: text/plain\nContent-Length: 3\n\nabc", "2"),
          ]),
        );
        expect(statusesOf(parts)).to.deep.equal([[204, 201]]);
        expect((await catalog().json(`/${laptop}`)).Price).to.equal(1000);
        const location = catalog().path(group(parts[0])[1]!.headers["location"]!);
        expect((await catalog().get(`${location}/$value`)).text).to.equal("abc");
      });
    });

    describe("11.7.7.5 response", () => {
      it("matches the request one to one, change sets in parts of their own", async () => {
        const parts = await run(
          part(get("Categories/$count")),
          changeSet("c", [part(post("Products", lamp), "1"), part(post("Products", lamp), "2")]),
          part(get("Products/$count")),
        );
        expect(statusesOf(parts)).to.deep.equal([200, [201, 201], 200]);
        expect(group(parts[1]).map(({ id }) => id)).to.have.members(["1", "2"]);
        expect(single(parts[2]).text).to.equal("9");
      });

      it("each response is what it would be outside of a batch", async () => {
        const laptop = await catalog().product(LAPTOP);
        const [read, missing] = await partsOf(multipart("b", [part(get(laptop.slice(1))), part(get("Nothing"))]), goOn);
        const alone = await catalog().get(laptop);
        expect(JSON.parse(single(read).text)).to.deep.equal(alone.json);
        for (const name of ["content-type", "odata-version", "etag"])
          expect(single(read).headers[name], name).to.equal(alone.headers[name]);
        const error = (await catalog().get("/Nothing")).json.error;
        expect(JSON.parse(single(missing).text).error).to.include({ code: error.code, message: error.message });
      });

      it("respond-async of a request in the batch is passed over", async () => {
        const request = `GET Products/$count HTTP/1.1\nPrefer: respond-async\n`;
        expect(statusesOf(await run(part(request)))).to.deep.equal([200]);
      });
    });

    it("11.7.7.6 a batch is executed asynchronously", async () => {
      const body = multipart("b", [changeSet("c", [part(post("Products", lamp), "1")])]);
      let answer = await send(body, { prefer: "respond-async" });
      expect(answer.status).to.equal(202);
      while (answer.status === 202) answer = await catalog().get(catalog().path(answer.headers.location!));
      expect(answer.headers["asyncresult"]).to.equal("200");
      expect(statusesOf(answeredParts(answer.headers["content-type"]!, answer.text))).to.deep.equal([[201]]);
    });

    it("is announced", async () => {
      const { text } = await catalog().get("/$metadata");
      expect(text).to.include("Capabilities.BatchSupport").and.to.include("<String>multipart/mixed</String>");
    });
  },
  { reseed: true },
);
