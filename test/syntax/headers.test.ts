import { expect } from "chai";
import { parseIsolation, parseRequestId, parseVersion } from "../../src/syntax/index.js";
import { refusal } from "./helpers.js";

describe("headers", () => {
  it("reads versions as numbers", () => {
    expect(parseVersion("4.0", "OData-Version")).to.equal(4);
    expect(parseVersion(" 4.01 ", "OData-MaxVersion")).to.equal(4.01);
    expect(parseVersion("06.2831852000", "OData-MaxVersion")).to.equal(6.2831852);
    for (const written of ["4", "4.", ".4", "4.0;NetFx", "v4.0", "", "4,0", `4.${"x".repeat(1000)}`]) {
      const { message, target } = refusal(() => parseVersion(written, "OData-Version"));
      expect(message).to.match(/^The header OData-Version holds a version such as 4.0 or 4.01/);
      expect(message.length).to.be.lessThan(120);
      expect(target).to.equal("OData-Version");
    }
  });
  it("reads the isolation", () => {
    expect(parseIsolation(" SnapShot")).to.equal("snapshot");
    expect(refusal(() => parseIsolation("serializable")).message).to.equal(
      "The header Isolation holds 'snapshot', not 'serializable'.",
    );
  });
  it("reads identifiers of requests", () => {
    expect(parseRequestId("First-Insert~Customer_1.1")).to.equal("First-Insert~Customer_1.1");
    for (const written of ["", "a b", "a/b", "$1", "ä"]) refusal(() => parseRequestId(written));
  });
});
