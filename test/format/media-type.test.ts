import { expect } from "chai";
import { essenceOf, isCovered, isMediaType } from "../../src/format/media-type.js";

describe("media types", () => {
  it("are told from what is none", () => {
    for (const type of ["a/b", "image/svg+xml", "text/plain;charset=utf-8", 'a/b ; c="x\\"; y" ;d=e'])
      expect(isMediaType(type), type).to.equal(true);
    for (const type of [
      "",
      "a",
      "a/",
      "/b",
      "a/b/c",
      "image/*",
      "*/*",
      "a/b;",
      "a/b;c",
      'a/b;c="',
      "a/b\r\nx: y",
      "a/é",
    ])
      expect(isMediaType(type), type).to.equal(false);
  });

  it("are told in linear time, and only up to a length", () => {
    expect(isMediaType(`a/b${" ; ".repeat(80)}`)).to.equal(false);
    expect(isMediaType(`a/b;c="${"\\\\".repeat(120)}`)).to.equal(false);
    expect(isMediaType(`a/${"b".repeat(254)}`)).to.equal(false);
  });

  it("are covered by ranges, whatever their case and parameters", () => {
    expect(essenceOf("Text/HTML; charset=utf-8")).to.equal("text/html");
    expect(isCovered("IMAGE/png;a=b", "image/*")).to.equal(true);
    expect(isCovered("image/png", "*/*")).to.equal(true);
    expect(isCovered("image/png", "image/gif")).to.equal(false);
    expect(isCovered("imagery/png", "image/*")).to.equal(false);
  });
});
