import { expect } from "chai";
import fc from "fast-check";
import { ODataError } from "../../src/errors/index.js";
import { readHttpRequest, writeHttpResponse, joinPieces } from "../../src/format/http-message.js";
import { boundaryOf, splitMultipart } from "../../src/format/multipart.js";

const BOUNDARY = "b_1";
const bytes = fc
  .array(fc.constantFrom("\r", "\n", "\r\n", "-", "--", "--b", "b_1", "x", "\0", "é", "X: y"), { maxLength: 30 })
  .map((pieces) => Buffer.from(pieces.join("")));

function join(bodies: readonly Buffer[]): Buffer {
  const parts = bodies.flatMap((body) => [`--${BOUNDARY}\r\nX-Name: a\r\n\r\n`, body, "\r\n"]);
  return Buffer.concat(
    [...parts, `--${BOUNDARY}--`].map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)),
  );
}

describe("multipart documents", () => {
  it("come apart into what they were made of", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (bodies) => {
        fc.pre(bodies.every((body) => !`\n${body.toString()}`.includes(`\n--${BOUNDARY}`)));
        const parts = splitMultipart(join(bodies), BOUNDARY, "the document", 5);
        expect(parts.map(({ body }) => body.toString("hex"))).to.deep.equal(bodies.map((body) => body.toString("hex")));
        for (const { headers } of parts) expect(headers).to.deep.equal({ "x-name": "a" });
      }),
    );
  });

  it("are read, or refused with 400, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.nat(), fc.nat(), (bodies, from, length) => {
        const whole = join(bodies);
        const start = from % (whole.length + 1);
        const cut = Buffer.concat([whole.subarray(0, start), whole.subarray(start + (length % 20))]);
        try {
          splitMultipart(cut, BOUNDARY, "the document", 3);
        } catch (error) {
          expect(error).to.be.instanceOf(ODataError).and.to.have.property("status", 400);
        }
      }),
    );
  });

  it("have a boundary of 1 to 70 characters", () => {
    expect(boundaryOf("multipart/mixed; boundary=a", "it")).to.equal("a");
    expect(boundaryOf('multipart/mixed;charset=x; BOUNDARY="a b,c"', "it")).to.equal("a b,c");
    for (const type of [
      "multipart/mixed",
      'multipart/mixed; boundary="a "',
      `multipart/mixed; boundary=${"a".repeat(71)}`,
    ])
      expect(() => boundaryOf(type, "it")).to.throw(ODataError);
  });
});

describe("HTTP messages", () => {
  it("are requests, or refused with 400, whatever they hold", () => {
    const pieces = fc.constantFrom(
      "GET ",
      "POST ",
      "A(1)",
      " HTTP/1.1",
      "\r\n",
      "\n",
      "Host: a",
      ": ",
      "Content-Length: 3",
      "é",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 15 }), (text) => {
        try {
          const request = readHttpRequest(Buffer.from(text.join("")), "it");
          expect(request.target).to.match(/^[\x21-\x7e]+$/);
        } catch (error) {
          expect(error).to.be.instanceOf(ODataError).and.to.have.property("status", 400);
        }
      }),
    );
  });

  it("have names that are no names of other things", () => {
    const { headers } = readHttpRequest(Buffer.from("GET A HTTP/1.1\n__proto__: x\nconstructor: y\n\n"), "it");
    expect(Object.entries(headers)).to.deep.equal([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  it("are answers in which no value begins another header", () => {
    const headers = { location: "a\r\nset-cookie: b", etag: 'W/"1"', "odata-version": "4.0", "odata-entityid": "x" };
    const text = joinPieces(writeHttpResponse({ status: 201, headers, body: "é" })) as string;
    expect(text.split("\r\n")).to.deep.equal([
      "HTTP/1.1 201 Created",
      "Location: a set-cookie: b",
      'ETag: W/"1"',
      "OData-Version: 4.0",
      "OData-EntityId: x",
      "Content-Length: 2",
      "",
      "é",
    ]);
  });
});
