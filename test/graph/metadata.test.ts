import { expect } from "chai";
import { jsonProblems, needSchemas, xmlProblems } from "../support/csdl-schemas.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import { concreteTypes, entityType, ok } from "./support.js";

describe("$metadata of the device-configuration service", () => {
  let graph: GraphServer;
  before(async () => {
    graph = await startGraph({ database: "sqlite::memory:" });
  });
  after(() => graph.close());

  const get = (format: string, version: string) =>
    graph.client.get(`/$metadata?$format=${format}`, { headers: { "odata-maxversion": version }, token: null });

  describe("conforms to the schemas of OASIS", () => {
    before(needSchemas);
    for (const version of ["4.0", "4.01"]) {
      it(`as XML, ${version}`, async () => {
        expect(await xmlProblems((await get("xml", version)).text)).to.deep.equal([]);
      });
      it(`as JSON, ${version}`, async () => {
        expect(jsonProblems(ok(await get("json", version)))).to.deep.equal([]);
      });
    }
  });

  it("has the certificate and VPN families of each platform", () => {
    const { model } = graph.service;
    const families = new Map([
      ["ios", ["TrustedRootCertificate", "ScepCertificateProfile", "PkcsCertificateProfile", "VpnConfiguration"]],
      ["macOS", ["TrustedRootCertificate", "ScepCertificateProfile", "PkcsCertificateProfile", "VpnConfiguration"]],
      ["windows81", ["TrustedRootCertificate", "SCEPCertificateProfile", "VpnConfiguration"]],
      ["windowsPhone81", ["TrustedRootCertificate", "SCEPCertificateProfile", "VpnConfiguration"]],
    ]);
    const names = concreteTypes(model, "deviceConfiguration").map((type) => type.name);
    for (const [platform, kinds] of families) expect(names).to.include.members(kinds.map((kind) => platform + kind));
    expect(entityType(model, "deviceConfigurationGroupAssignment").baseType?.name).to.equal(
      "deviceConfigurationAssignment",
    );
  });

  it("names a type wherever an entity of it can be reached, so that a client can follow", async () => {
    const text = (await get("xml", "4.0")).text;
    for (const [, type] of text.matchAll(
      / (?:Type|EntityType|BaseType)="(?:Collection\()?(microsoft\.graph\.\w+)\)?"/g,
    )) {
      expect(graph.service.model.types.has(type!), type).to.equal(true);
      expect(text).to.match(
        new RegExp(`<(?:Entity|Complex|Enum)Type Name="${type!.slice("microsoft.graph.".length)}"`),
      );
    }
  });
});
