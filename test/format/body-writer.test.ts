import { expect } from "chai";
import fc from "fast-check";
import { BodyWriter } from "../../src/format/body-writer.js";

describe("the writer of bodies", () => {
  it("writes texts one behind the other, whatever was estimated", () => {
    const texts = fc.array(fc.string({ unit: "binary", maxLength: 3_000 }), { maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.nat({ max: 10_000 }), (parts, estimate) => {
        const writer = new BodyWriter(estimate);
        for (const part of parts) writer.write(part);
        expect(writer.end().equals(Buffer.from(parts.join("")))).to.equal(true);
      }),
    );
  });

  it("makes one object of two parts", () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(objects, (document) => {
        const text = new BodyWriter(0).writeObject('{"@odata.type":"#a.b"', JSON.stringify(document)).end().toString();
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify({ "@odata.type": "#a.b", ...document })));
      }),
    );
  });
});
