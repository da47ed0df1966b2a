import { expect } from "chai";
import { changesNothing, jsonOf, LAPTOP, minimal, noContent, refused, representation } from "./modification-support.js";
import { conformance } from "./support.js";

conformance(
  "Protocol 11.4.7 and 11.4.8, media entities and stream properties",
  ({ catalog }) => {
    const text = { "content-type": "text/plain" };
    const create = async (content = "abc", type = "text/plain") => {
      const answer = await catalog().post("/MediaItems", content, { headers: { "content-type": type } });
      return { answer, json: jsonOf(answer, 201), path: catalog().path(answer.headers.location!) };
    };

    describe("11.4.7.1 create a media entity", () => {
      it("of its content, with the entity's URL in Location", async () => {
        const { json, path } = await create();
        expect(path).to.equal(`/MediaItems(${json.ID})`);
        expect(json).to.include({ ContentType: "text/plain", Size: 3, "@odata.mediaContentType": "text/plain" });
        const content = await catalog().get(`${path}/$value`);
        expect([content.status, content.text, content.headers["content-type"]]).to.deep.equal([
          200,
          "abc",
          "text/plain",
        ]);
      });

      it("a body of the media type of a format is content as any other", async () => {
        const { json, path } = await create('{"Name":"x"}', "application/json");
        expect(json.Name).not.to.equal("x");
        expect((await catalog().get(`${path}/$value`)).text).to.equal('{"Name":"x"}');
      });

      it("is answered with 204 where the client prefers return=minimal", async () => {
        const answer = await catalog().post("/MediaItems", "abc", { headers: { ...text, ...minimal } });
        noContent(answer);
        expect(answer.headers["odata-entityid"]).to.equal(answer.headers.location);
        expect(answer.headers["preference-applied"]).to.equal("return=minimal");
      });

      it("needs a media type", async () => {
        await changesNothing(catalog(), async () => {
          for (const type of ["", "text", "*/*", "text/plain; x"])
            refused(await catalog().post("/MediaItems", "abc", { headers: { "content-type": type } }), 400, 415);
        });
      });
    });

    describe("11.4.7.2 update a media entity stream", () => {
      it("PUT replaces the content, and is answered with 204", async () => {
        const { path } = await create();
        noContent(await catalog().put(`${path}/$value`, "<p>", { headers: { "content-type": "text/html" } }));
        const content = await catalog().get(`${path}/$value`);
        expect([content.text, content.headers["content-type"]]).to.deep.equal(["<p>", "text/html"]);
        expect(await catalog().json(path)).to.include({ ContentType: "text/html", Size: 3 });
      });

      it("is answered with the updated media entity where the client prefers a representation", async () => {
        const { path } = await create();
        const answer = await catalog().put(`${path}/$value`, "abcd", { headers: { ...text, ...representation } });
        expect(answer.headers["preference-applied"]).to.equal("return=representation");
        expect(jsonOf(answer)).to.deep.equal(await catalog().json(path));
      });

      it("regards the ETag of the stream", async () => {
        const { json, path } = await create();
        const stale = { ...text, "if-match": '"stale"' };
        await changesNothing(catalog(), async () =>
          refused(await catalog().put(`${path}/$value`, "x", { headers: stale }), 412),
        );
        const etag = json["@odata.mediaEtag"];
        noContent(await catalog().put(`${path}/$value`, "x", { headers: { ...text, "if-match": etag } }));
        refused(await catalog().put(`${path}/$value`, "y", { headers: { ...text, "if-match": etag } }), 412);
        expect((await catalog().get(`${path}/$value`)).text).to.equal("x");
      });

      it("changes the properties of the entity by its own URL", async () => {
        const { path } = await create();
        const json = jsonOf(await catalog().patch(path, { Name: "Other" }));
        expect(json).to.include({ Name: "Other", ContentType: "text/plain" });
        expect((await catalog().get(`${path}/$value`)).text).to.equal("abc");
      });

      it("takes PUT and DELETE only, of what is there", async () => {
        const { path } = await create();
        await changesNothing(catalog(), async () => {
          for (const method of ["POST", "PATCH"]) {
            const answer = await catalog().call(method, `${path}/$value`, { body: "x", headers: text });
            refused(answer, 405);
            expect(answer.headers.allow?.split(", ")).to.include.members(["GET", "PUT", "DELETE"]);
          }
          const nobody = "/MediaItems(00000000-0000-4000-8000-000000000000)/$value";
          refused(await catalog().put(nobody, "x", { headers: text }), 404);
          refused(await catalog().put("/MediaItems/$value", "x", { headers: text }), 400, 404, 405);
        });
      });
    });

    describe("11.4.7.3 delete a media entity", () => {
      for (const tail of ["", "/$value"]) {
        it(`at its ${tail === "" ? "edit URL" : "media edit URL"}`, async () => {
          const { path } = await create();
          noContent(await catalog().delete(`${path}${tail}`));
          refused(await catalog().get(path), 404);
          refused(await catalog().get(`${path}/$value`), 404);
        });
      }
    });

    describe("11.4.8 stream properties", () => {
      it("11.4.8.1 PUT sets a value, which may be empty, and is answered with 204", async () => {
        const photo = `${await catalog().product(LAPTOP)}/Photo`;
        noContent(await catalog().put(photo, "png", { headers: { "content-type": "image/png" } }));
        const content = await catalog().get(photo);
        expect([content.status, content.text, content.headers["content-type"]]).to.deep.equal([
          200,
          "png",
          "image/png",
        ]);
        noContent(await catalog().put(photo, "", { headers: { "content-type": "image/gif" } }));
        const empty = await catalog().get(photo);
        expect([empty.status, empty.text, empty.headers["content-type"]]).to.deep.equal([200, "", "image/gif"]);
      });

      it("11.4.8.1 is answered with the new value where the client prefers a representation", async () => {
        const photo = `${await catalog().product(LAPTOP)}/Photo`;
        const headers = { "content-type": "image/png", ...representation };
        const answer = await catalog().put(photo, "png", { headers });
        expect([answer.status, answer.text]).to.deep.equal([200, "png"]);
        expect(answer.headers["preference-applied"]).to.equal("return=representation");
      });

      it("11.4.8.1 regards the ETag of the stream", async () => {
        const photo = `${await catalog().product(LAPTOP)}/Photo`;
        const type = { "content-type": "image/png" };
        noContent(await catalog().put(photo, "one", { headers: type }));
        const etag = (await catalog().get(photo)).headers["etag"]!;
        noContent(await catalog().put(photo, "two", { headers: { ...type, "if-match": etag } }));
        refused(await catalog().put(photo, "three", { headers: { ...type, "if-match": etag } }), 412);
        refused(await catalog().delete(photo, { headers: { "if-match": etag } }), 412);
        expect((await catalog().get(photo)).text).to.equal("two");
      });

      it("11.4.8.2 DELETE sets it to null, and a null value is answered with 204", async () => {
        const photo = `${await catalog().product(LAPTOP)}/Photo`;
        expect((await catalog().get(photo)).status).to.equal(204);
        noContent(await catalog().put(photo, "png", { headers: { "content-type": "image/png" } }));
        noContent(await catalog().delete(photo));
        noContent(await catalog().get(photo));
        noContent(await catalog().delete(photo));
      });

      it("takes no other method, no value without a media type, and none in a body", async () => {
        const laptop = await catalog().product(LAPTOP);
        await changesNothing(catalog(), async () => {
          for (const method of ["POST", "PATCH"])
            refused(await catalog().call(method, `${laptop}/Photo`, { body: "x", headers: text }), 405);
          refused(await catalog().put(`${laptop}/Photo`, "x", { headers: { "content-type": "image" } }), 400, 415);
          refused(await catalog().patch(laptop, { Photo: null }), 400);
        });
      });
    });
  },
  { reseed: true },
);
