import { expect } from "chai";
import type { EntityType } from "../../src/edm/index.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import type { Json } from "./support.js";
import {
  concreteTypes,
  configurations,
  createChain,
  createProfile,
  defaultOf,
  entityType,
  ok,
  plain,
  sampleEntity,
} from "./support.js";

/** As the service writes the instants that it makes: to the millisecond, without zeros at the end of the fraction. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z$/;
const generated = ["id", "createdDateTime", "lastModifiedDateTime", "version"];

/** The types are known before the tests are declared, so that each has tests of its own. */
const names = await profileNames();

async function profileNames(): Promise<string[]> {
  const graph = await startGraph();
  try {
    return concreteTypes(graph.service.model, "deviceConfiguration").map((type) => type.name);
  } finally {
    await graph.close();
  }
}

describe("device configurations", () => {
  let graph: GraphServer;
  before(async () => {
    graph = await startGraph();
  });
  after(() => graph.close());

  const type = (name: string) => entityType(graph.service.model, name);
  const url = (id: string) => `${configurations}/${id}`;
  const read = async (id: string) => ok(await graph.client.get(url(id))) as Json & { id: string };
  const patch = async (id: string, body: Json) => ok(await graph.client.patch(url(id), body)) as Json & { id: string };
  const create = (name: string, body: Json = {}) => createProfile(graph.client, name, body);
  const target = async (id: string, property: string) => {
    const answer = await graph.client.get(`${url(id)}/${property}`);
    return answer.status === 204 ? null : (ok(answer).id as string);
  };
  const rows = async (sql: string, ...parameters: string[]) => graph.service.database.reader.rows(sql, parameters);

  it("are of every concrete type of the hierarchy", () => {
    expect(names.length).to.be.greaterThan(15);
  });

  for (const name of names) {
    describe(name, () => {
      for (const hash of ["#", ""]) {
        it(`is created from no more than the type '${hash}microsoft.graph.${name}', with a default for every property`, async () => {
          const created = ok(
            await graph.client.post(configurations, { "@odata.type": `${hash}microsoft.graph.${name}` }),
            201,
          ) as Json & { id: string };
          expect(created["@odata.type"]).to.equal(`#microsoft.graph.${name}`);
          const expected = [...type(name).properties.values()].filter((property) => !generated.includes(property.name));
          const { "@odata.context": _context, ...rest } = created;
          for (const property of expected)
            expect(rest[property.name], property.name).to.deep.equal(defaultOf(property));
          expect(plain(rest)).to.have.all.keys(...expected.map((property) => property.name), ...generated);
          expect(plain(await read(created.id))).to.deep.equal(plain(rest));
        });
      }

      it("keeps a value of every property as it was sent", async () => {
        for (const seed of [0, 1]) {
          const body = sampleEntity(type(name), seed);
          const created = await create(name, body);
          expect(created).to.deep.include(body);
          const again = await read(created.id);
          expect(plain(again)).to.deep.equal(plain(created));
        }
      });

      it("takes a value of every property by PATCH", async () => {
        const { id } = await create(name);
        const body = sampleEntity(type(name), 1);
        expect(await patch(id, body)).to.deep.include(body);
        expect(await read(id)).to.deep.include(body);
      });

      it("takes null for every property that may be null, by POST and by PATCH", async () => {
        const nullable = [...type(name).properties.values()].filter(
          (property) => property.nullable && !property.collection,
        );
        const body = Object.fromEntries(nullable.map((property) => [property.name, null]));
        const { id } = await create(name, sampleEntity(type(name)));
        expect(await patch(id, body)).to.include(body);
        expect(await create(name, body)).to.include(body);
      });

      it("refuses null for every property that must not be null", async () => {
        const required = [...type(name).properties.values()].filter(
          (property) => !generated.includes(property.name) && (!property.nullable || property.collection),
        );
        for (const property of required) {
          const answer = await graph.client.post(configurations, {
            "@odata.type": `#microsoft.graph.${name}`,
            [property.name]: null,
          });
          expect(ok(answer, 400).error.message ?? "").to.contain(property.name);
        }
      });
    });
  }

  it("are of no abstract type, and of none from elsewhere", async () => {
    const abstract = type("deviceConfiguration").derivedTypes.filter((candidate) => candidate.abstract);
    const wrong = [
      "deviceConfiguration",
      "deviceManagement",
      "vpnServer",
      "nothing",
      ...abstract.map((candidate) => candidate.name),
    ];
    for (const name of wrong)
      ok(await graph.client.post(configurations, { "@odata.type": `#microsoft.graph.${name}` }), 400);
    ok(await graph.client.post(configurations, { displayName: "of no type" }), 400);
  });

  describe("what the service makes", () => {
    const sent = {
      id: "mine",
      createdDateTime: "2001-01-01T00:00:00Z",
      lastModifiedDateTime: "2001-01-01T00:00:00Z",
      version: 99,
    };

    it("ignores what a client says at creation", async () => {
      const before = Date.now();
      const created = await create("iosTrustedRootCertificate", sent);
      expect(created.id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(created.version).to.equal(1);
      for (const name of ["createdDateTime", "lastModifiedDateTime"]) {
        expect(created[name]).to.match(instant);
        expect(Date.parse(String(created[name]))).to.be.within(before, Date.now());
      }
      expect(created.createdDateTime).to.equal(created.lastModifiedDateTime);
    });

    it("ignores it in a change", async () => {
      const created = await create("iosTrustedRootCertificate");
      const changed = await patch(created.id, { ...sent, displayName: "x" });
      expect(changed).to.include({ id: created.id, createdDateTime: created.createdDateTime, version: 2 });
      expect(Date.parse(String(changed.lastModifiedDateTime))).to.be.greaterThan(Date.parse("2020-01-01"));
    });

    it("does not let a client without anything else to say make a new version", async () => {
      const created = await create("iosTrustedRootCertificate");
      expect(plain(await patch(created.id, sent))).to.deep.equal(plain(created));
    });
  });

  describe("PATCH", () => {
    it("raises the version by one and the instant of modification, and keeps that of creation", async () => {
      const created = await create("iosTrustedRootCertificate");
      await new Promise((resolve) => setTimeout(resolve, 5));
      const first = await patch(created.id, { description: "1" });
      const second = await patch(created.id, { description: "2" });
      expect([created.version, first.version, second.version]).to.deep.equal([1, 2, 3]);
      expect(first.createdDateTime).to.equal(created.createdDateTime);
      // As instants: a text without zeros at its end sorts behind a longer one.
      const modified = [created, first, second].map((one) => Date.parse(String(one.lastModifiedDateTime)));
      expect(modified[1]).to.be.greaterThan(modified[0]!);
      expect(modified[2]).to.be.at.least(modified[1]!);
    });

    it("changes nothing but what it names", async () => {
      for (const name of names) {
        const created = plain(await create(name, sampleEntity(type(name))));
        const changed = plain(await patch(String(created.id), { displayName: "other" }));
        expect({ ...changed, version: 1, lastModifiedDateTime: "" }).to.deep.equal({
          ...created,
          displayName: "other",
          lastModifiedDateTime: "",
        });
      }
    });

    for (const body of [
      {},
      { "@odata.type": "#microsoft.graph.iosVpnConfiguration" },
      { "@odata.context": "x", "displayName@odata.type": "#String" },
    ]) {
      it(`with ${JSON.stringify(body)} changes nothing`, async () => {
        const created = await create("iosVpnConfiguration");
        expect(plain(await patch(created.id, body))).to.deep.equal(plain(created));
        expect(plain(await read(created.id))).to.deep.equal(plain(created));
      });
    }

    it("merges a complex value, at every depth", async () => {
      const rule = { minOSVersion: "10", maxOSVersion: "11", name: "r", ruleType: "exclude" };
      const { id } = await create("iosVpnConfiguration", { deviceManagementApplicabilityRuleOsVersion: rule });
      const changed = await patch(id, { deviceManagementApplicabilityRuleOsVersion: { minOSVersion: "10.1" } });
      expect(changed.deviceManagementApplicabilityRuleOsVersion).to.deep.equal({ ...rule, minOSVersion: "10.1" });
    });

    it("makes a complex value of a null, with defaults", async () => {
      const { id } = await create("iosVpnConfiguration");
      const changed = await patch(id, { deviceManagementApplicabilityRuleOsVersion: { minOSVersion: "10.1" } });
      const declared = type("iosVpnConfiguration").properties.get("deviceManagementApplicabilityRuleOsVersion")!.type;
      if (declared.kind !== "complex") throw new Error("It should be complex.");
      const defaults = Object.fromEntries(
        [...declared.properties.values()].map((property) => [property.name, defaultOf(property)]),
      );
      expect(changed.deviceManagementApplicabilityRuleOsVersion).to.deep.equal({ ...defaults, minOSVersion: "10.1" });
    });

    it("takes a complex value away", async () => {
      const { id } = await create("iosVpnConfiguration", { deviceManagementApplicabilityRuleOsVersion: { name: "r" } });
      expect(
        (await patch(id, { deviceManagementApplicabilityRuleOsVersion: null }))
          .deviceManagementApplicabilityRuleOsVersion,
      ).to.equal(null);
    });

    it("replaces a collection of primitive values, even by an empty one", async () => {
      const { id } = await create("iosVpnConfiguration", { roleScopeTagIds: ["a", "b"] });
      expect((await patch(id, { roleScopeTagIds: ["c"] })).roleScopeTagIds).to.deep.equal(["c"]);
      expect((await patch(id, { roleScopeTagIds: [] })).roleScopeTagIds).to.deep.equal([]);
    });

    it("replaces a collection of complex values; what an item leaves out has its default", async () => {
      const { id } = await create("iosVpnConfiguration", {
        customData: [
          { key: "a", value: "1" },
          { key: "b", value: "2" },
        ],
      });
      expect((await patch(id, { customData: [{ key: "a" }] })).customData).to.deep.equal([{ key: "a", value: null }]);
    });

    it("changes the type of a complex value where it says so, and keeps it where it does not", async () => {
      const { id } = await create("iosVpnConfiguration", {
        proxyServer: {
          "@odata.type": "#microsoft.graph.windows81VpnProxyServer",
          address: "a",
          port: 1,
          automaticallyDetectProxySettings: true,
        },
      });
      const kept = await patch(id, { proxyServer: { port: 2 } });
      expect(kept.proxyServer).to.deep.include({
        "@odata.type": "#microsoft.graph.windows81VpnProxyServer",
        address: "a",
        port: 2,
        automaticallyDetectProxySettings: true,
      });
      const other = await patch(id, {
        proxyServer: { "@odata.type": "#microsoft.graph.vpnProxyServer", address: "b" },
      });
      expect(other.proxyServer).to.not.have.property("automaticallyDetectProxySettings");
      expect(other.proxyServer).to.include({ address: "b", port: null });
    });

    it("accepts the type of the entity or a base type, and refuses another", async () => {
      const { id } = await create("iosikEv2VpnConfiguration");
      for (const name of ["iosikEv2VpnConfiguration", "iosVpnConfiguration", "deviceConfiguration"]) {
        expect(
          (await patch(id, { "@odata.type": `#microsoft.graph.${name}`, displayName: name })).displayName,
        ).to.equal(name);
      }
      for (const name of ["macOSVpnConfiguration", "nothing"])
        ok(await graph.client.patch(url(id), { "@odata.type": `#microsoft.graph.${name}` }), 400);
    });

    it("refuses a property of another type and changes nothing", async () => {
      const created = await create("iosTrustedRootCertificate");
      ok(await graph.client.patch(url(created.id), { displayName: "x", renewalThresholdPercentage: 1 }), 400);
      expect(plain(await read(created.id))).to.deep.equal(plain(created));
    });

    it("works behind a type cast and behind a navigation property, too", async () => {
      const [id, root] = await createChain(graph.client, type("iosScepCertificateProfile"), ["rootCertificate"]);
      ok(
        await graph.client.patch(`${url(id!)}/microsoft.graph.iosScepCertificateProfile`, {
          renewalThresholdPercentage: 7,
        }),
      );
      ok(await graph.client.patch(`${url(id!)}/rootCertificate`, { certFileName: "root.cer" }));
      expect((await read(id!)).renewalThresholdPercentage).to.equal(7);
      expect((await read(root!)).certFileName).to.equal("root.cer");
    });

    it("loses no change of many at once", async () => {
      const { id } = await create("iosTrustedRootCertificate");
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => graph.client.patch(url(id), { description: String(index) })),
      );
      const versions = answers.map((answer) => ok(answer).version as number);
      expect(versions.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: 50 }, (_, index) => index + 2));
      expect((await read(id)).version).to.equal(51);
    });

    it("keeps the changes of different properties made at once", async () => {
      const { id } = await create("iosTrustedRootCertificate");
      await Promise.all([
        patch(id, { description: "d" }),
        patch(id, { certFileName: "c" }),
        patch(id, { roleScopeTagIds: ["r"] }),
      ]);
      expect(await read(id)).to.deep.include({
        description: "d",
        certFileName: "c",
        roleScopeTagIds: ["r"],
        version: 4,
      });
    });
  });

  describe("relationships", () => {
    let root: string;
    let other: string;
    before(async () => {
      root = (await create("iosTrustedRootCertificate")).id;
      other = (await create("iosTrustedRootCertificate")).id;
    });
    const scep = (body: Json) => create("iosScepCertificateProfile", body);

    const references: Record<string, () => string> = {
      "an absolute URL": () => `${graph.origin}/beta/deviceManagement/deviceConfigurations('${root}')`,
      "an absolute URL with a key segment": () => `${graph.origin}/beta/deviceManagement/deviceConfigurations/${root}`,
      "a URL of Microsoft Graph": () =>
        `https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('${root}')`,
      "an absolute path": () => `/beta/deviceManagement/deviceConfigurations('${root}')`,
      "a relative URL": () => `deviceManagement/deviceConfigurations('${root}')`,
      "a relative URL with a cast": () =>
        `deviceManagement/deviceConfigurations('${root}')/microsoft.graph.iosTrustedRootCertificate`,
      "a relative URL with a key segment": () => `deviceManagement/deviceConfigurations/${root}`,
      "a percent-encoded URL": () => `deviceManagement/deviceConfigurations(%27${root}%27)`,
    };
    for (const [what, uri] of Object.entries(references)) {
      it(`are tied at creation by @odata.bind with ${what}`, async () => {
        expect(await target((await scep({ "rootCertificate@odata.bind": uri() })).id, "rootCertificate")).to.equal(
          root,
        );
      });
      it(`are tied at creation by @odata.id with ${what}`, async () => {
        expect(await target((await scep({ rootCertificate: { "@odata.id": uri() } })).id, "rootCertificate")).to.equal(
          root,
        );
      });
      it(`are tied by a PUT of the reference with ${what}`, async () => {
        const { id } = await scep({});
        ok(await graph.client.put(`${url(id)}/rootCertificate/$ref`, { "@odata.id": uri() }), 204);
        expect(await target(id, "rootCertificate")).to.equal(root);
      });
    }

    it("are tied by @id without a prefix, as 4.01 writes it", async () => {
      expect(
        await target(
          (await scep({ rootCertificate: { "@id": references["a relative URL"]!() } })).id,
          "rootCertificate",
        ),
      ).to.equal(root);
    });

    it("are tied by the URL of an entity that another one leads to", async () => {
      const first = await scep({ "rootCertificate@odata.bind": references["a relative URL"]!() });
      const second = await scep({
        "rootCertificate@odata.bind": `deviceManagement/deviceConfigurations('${first.id}')/rootCertificate`,
      });
      expect(await target(second.id, "rootCertificate")).to.equal(root);
    });

    for (const [what, body] of [
      [
        "@odata.bind",
        (id: string) => ({ "rootCertificate@odata.bind": `deviceManagement/deviceConfigurations('${id}')` }),
      ],
      [
        "@odata.id",
        (id: string) => ({ rootCertificate: { "@odata.id": `deviceManagement/deviceConfigurations('${id}')` } }),
      ],
    ] as const) {
      it(`are changed by PATCH with ${what}, which is a new version`, async () => {
        const { id } = await scep(body(root));
        expect((await patch(id, body(other))).version).to.equal(2);
        expect(await target(id, "rootCertificate")).to.equal(other);
      });
    }

    for (const body of [{ rootCertificate: null }, { "rootCertificate@odata.bind": null }]) {
      it(`are untied by PATCH with ${JSON.stringify(body)}`, async () => {
        const { id } = await scep({ "rootCertificate@odata.bind": references["a relative URL"]!() });
        await patch(id, body);
        expect(await target(id, "rootCertificate")).to.equal(null);
      });
      it(`may be nothing from the start: ${JSON.stringify(body)}`, async () => {
        expect(await target((await scep(body)).id, "rootCertificate")).to.equal(null);
      });
    }

    it("stay as they are by a PATCH that does not name them", async () => {
      const { id } = await scep({ "rootCertificate@odata.bind": references["a relative URL"]!() });
      await patch(id, { displayName: "x" });
      expect(await target(id, "rootCertificate")).to.equal(root);
    });

    const refused: Record<string, () => Promise<string> | string> = {
      "nobody's URL": () => "deviceManagement/deviceConfigurations('nobody')",
      "another service's URL": () => `https://example.com/beta/deviceManagement/deviceConfigurations('${root}')`,
      "a collection's URL": () => "deviceManagement/deviceConfigurations",
      "a property's URL": () => `deviceManagement/deviceConfigurations('${root}')/displayName`,
      "the URL of an entity of another type": async () =>
        `deviceManagement/deviceConfigurations('${(await create("macOSTrustedRootCertificate")).id}')`,
      "the URL of nothing": () => "nothing/of/this/kind",
      "the root's URL": () => `${graph.origin}/beta/`,
      "an empty text": () => "",
      "no text": () => 1 as unknown as string,
    };
    for (const [what, uri] of Object.entries(refused)) {
      it(`are not tied to ${what}, and then nothing is created or changed`, async () => {
        const count = async () => Number((await graph.client.get(`${configurations}/$count`)).text);
        const wrong = await uri();
        const { id } = await scep({ "rootCertificate@odata.bind": references["a relative URL"]!() });
        const before = await count();
        for (const body of [{ "rootCertificate@odata.bind": wrong }, { rootCertificate: { "@odata.id": wrong } }]) {
          const answer = await graph.client.post(configurations, {
            "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
            ...body,
          });
          expect(ok(answer, 400).error.message).to.contain("rootCertificate");
          ok(await graph.client.patch(url(id), { displayName: "changed", ...body }), 400);
        }
        ok(await graph.client.put(`${url(id)}/rootCertificate/$ref`, { "@odata.id": wrong }), 400);
        expect(await count()).to.equal(before);
        expect(await target(id, "rootCertificate")).to.equal(root);
        expect(await read(id)).to.include({ version: 1, displayName: "" });
      });
    }

    it("are written with the whole related entity, too", async () => {
      const body = {
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        rootCertificate: { displayName: "deep" },
        assignments: [{ intent: "apply" }],
      };
      const made = ok(await graph.client.post(configurations, body), 201) as Json;
      const certificate = made.rootCertificate as Json;
      expect(certificate).to.include({
        "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
        displayName: "deep",
      });
      expect(await target(String(made.id), "rootCertificate")).to.equal(certificate.id);
      expect(await read(String(certificate.id))).to.include({ displayName: "deep", version: 1 });
      expect((made.assignments as Json[]).map(({ intent }) => intent)).to.deep.equal(["apply"]);
    });
  });

  describe("$ref of a single-valued property", () => {
    let id: string;
    let root: string;
    let path: string;
    beforeEach(async () => {
      [id, root] = (await createChain(graph.client, type("iosScepCertificateProfile"), ["rootCertificate"])) as [
        string,
        string,
      ];
      path = `${url(id)}/rootCertificate/$ref`;
    });

    it("answers the canonical URL of what is tied, which reads it", async () => {
      const answer = ok(await graph.client.get(path));
      expect(answer).to.deep.equal({
        "@odata.context": `${graph.origin}/beta/$metadata#$ref`,
        "@odata.id": `${graph.origin}/beta${configurations}('${root}')`,
      });
      expect(ok(await graph.client.get(String(answer["@odata.id"]).slice(`${graph.origin}/beta`.length))).id).to.equal(
        root,
      );
    });

    it("answers 204 where nothing is tied", async () => {
      const { id: empty } = await create("iosScepCertificateProfile");
      expect((await graph.client.get(`${url(empty)}/rootCertificate/$ref`)).status).to.equal(204);
    });

    it("is replaced by PUT and taken away by DELETE, and each is a new version of the source", async () => {
      const { id: next } = await create("iosTrustedRootCertificate");
      ok(await graph.client.put(path, { "@odata.id": `${graph.origin}/beta${url(next)}` }), 204);
      expect(await target(id, "rootCertificate")).to.equal(next);
      expect((await read(id)).version).to.equal(2);
      ok(await graph.client.delete(path), 204);
      expect(await target(id, "rootCertificate")).to.equal(null);
      expect((await read(id)).version).to.equal(3);
      expect((await read(next)).version).to.equal(1);
      ok(await graph.client.delete(path), 404);
    });

    it("takes no POST, and no PUT with anything but a reference", async () => {
      ok(await graph.client.post(path, { "@odata.id": url(root) }), 405);
      for (const body of [{}, [], { "@odata.id": 1 }, { id: root }, "null", "{"])
        ok(await graph.client.put(path, body), 400);
    });

    it("works behind a cast, and not behind a cast to another type", async () => {
      const cast = (name: string) => `${url(id)}/microsoft.graph.${name}/rootCertificate/$ref`;
      ok(await graph.client.get(cast("iosScepCertificateProfile")));
      ok(await graph.client.put(cast("macOSScepCertificateProfile"), { "@odata.id": url(root) }), 404);
      ok(await graph.client.delete(cast("macOSScepCertificateProfile")), 404);
      expect(await target(id, "rootCertificate")).to.equal(root);
    });

    it("is not there for contained entities", async () => {
      const { id: assignment } = ok(await graph.client.post(`${url(id)}/groupAssignments`, {}), 201) as { id: string };
      ok(await graph.client.delete(`${url(id)}/groupAssignments/${assignment}/$ref`), 400);
      ok(await graph.client.get(`${url(id)}/groupAssignments/${assignment}`));
    });
  });

  describe("$ref of a collection", () => {
    let id: string;
    let other: string;
    let states: string[];
    const path = (owner: string) => `${url(owner)}/managedDeviceCertificateStates`;
    const listed = async (owner: string) =>
      (ok(await graph.client.get(path(owner))).value as Json[]).map((item) => item.id as string);
    beforeEach(async () => {
      ({ id } = await create("iosPkcsCertificateProfile"));
      ({ id: other } = await create("macOSPkcsCertificateProfile"));
      states = [];
      for (const deviceDisplayName of ["a", "b"]) {
        states.push((ok(await graph.client.post(path(id), { deviceDisplayName }), 201) as { id: string }).id);
      }
    });

    it("lists the URLs of what is tied, which read it", async () => {
      const answer = ok(await graph.client.get(`${path(id)}/$ref`));
      expect(answer["@odata.context"]).to.equal(`${graph.origin}/beta/$metadata#Collection($ref)`);
      const read = [];
      for (const item of answer.value as Json[])
        read.push(ok(await graph.client.get(String(item["@odata.id"]).slice(`${graph.origin}/beta`.length))).id);
      expect(read).to.have.members(states);
    });

    it("gets another one by POST", async () => {
      ok(await graph.client.post(`${path(other)}/$ref`, { "@odata.id": `${path(id).slice(1)}('${states[0]!}')` }), 204);
      expect(await listed(other)).to.deep.equal([states[0]]);
    });

    it("loses one by DELETE with $id, absolute or relative", async () => {
      ok(await graph.client.delete(`${path(id)}/$ref?$id=${graph.origin}/beta${path(id)}('${states[0]!}')`), 204);
      ok(
        await graph.client.delete(`${path(id)}/$ref?$id=${encodeURIComponent(`${path(id).slice(1)}/${states[1]!}`)}`),
        204,
      );
      expect(await listed(id)).to.deep.equal([]);
    });

    it("loses one by DELETE with its key, either way", async () => {
      ok(await graph.client.delete(`${path(id)}/${states[0]!}/$ref`), 204);
      ok(await graph.client.delete(`${path(id)}('${states[1]!}')/$ref`), 204);
      expect(await listed(id)).to.deep.equal([]);
    });

    it("loses none by a DELETE that does not say which, or names none of its own", async () => {
      ok(await graph.client.delete(`${path(id)}/$ref`, { headers: { "odata-maxversion": "4.0" } }), 400);
      ok(await graph.client.delete(`${path(id)}/nobody/$ref`), 404);
      ok(await graph.client.delete(`${path(other)}/$ref?$id=${path(id).slice(1)}('${states[0]!}')`), 404);
      ok(await graph.client.delete(`${path(id)}/$ref?$id=${configurations.slice(1)}('${other}')`), 400);
      expect(await listed(id)).to.have.members(states);
    });

    it("is tied by @odata.bind, too", async () => {
      const { id: third } = await create("iosScepCertificateProfile", {
        "managedDeviceCertificateStates@odata.bind": states.map((state) => `${path(id).slice(1)}('${state}')`),
      });
      expect(await listed(third)).to.have.members(states);
    });

    it("leads back to its source by the partner", async () => {
      const assignment = ok(await graph.client.post(`${url(id)}/assignments`, {}), 201) as Json;
      expect(
        ok(await graph.client.get(`/deviceConfigurationAssignments/${String(assignment.id)}/deviceConfiguration`)).id,
      ).to.equal(id);
    });
  });

  describe("DELETE", () => {
    const tableName = (owned: EntityType) => {
      const root = owned.name === "deviceConfigurationGroupAssignment" ? "deviceConfigurationAssignment" : owned.name;
      return root.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    };
    const count = async (table: string, id: string) =>
      Number((await rows(`select count(*) from ${table} where device_configuration_id = ?`, id))[0]![0]);

    it("takes with it all that the profile contains and owns", async () => {
      const owner = type("iosPkcsCertificateProfile");
      const { id } = await createProfile(graph.client, owner);
      const { id: kept } = await createProfile(graph.client, owner);
      const owned = [...owner.navigationProperties.values()];
      expect(owned.filter((property) => property.containsTarget)).to.have.length.greaterThan(5);
      for (const property of owned) {
        for (const profile of [id, kept]) {
          if (property.collection)
            ok(await graph.client.post(`${url(profile)}/${property.name}`, sampleEntity(property.type)), 201);
          else {
            const table = tableName(property.type);
            await graph.service.database.transaction((transaction) =>
              transaction.run(`insert into ${table} (id, device_configuration_id) values (?, ?)`, [
                `${table} of ${profile}`,
                profile,
              ]),
            );
          }
        }
      }
      const tables = [...new Set(owned.map((property) => tableName(property.type)))];
      const before = new Map<string, number>();
      for (const table of tables) {
        before.set(table, await count(table, kept));
        expect(await count(table, id), table)
          .to.equal(before.get(table))
          .and.to.be.greaterThan(0);
      }
      ok(await graph.client.delete(url(id)), 204);
      ok(await graph.client.get(url(id)), 404);
      for (const table of tables) {
        expect(await count(table, id), table).to.equal(0);
        expect(await count(table, kept), table).to.equal(before.get(table));
      }
    });

    it("unties what pointed to the profile, and keeps it", async () => {
      const [vpn, scep, root] = await createChain(graph.client, type("iosVpnConfiguration"), [
        "identityCertificate",
        "rootCertificate",
      ]);
      const created = ok(
        await graph.client.post(`${url(vpn!)}/identityCertificate/rootCertificate/groupAssignments`, {}),
        201,
      ) as Json;
      ok(await graph.client.delete(url(root!)), 204);
      expect(await target(scep!, "rootCertificate")).to.equal(null);
      ok(await graph.client.get(`/deviceConfigurationGroupAssignment/${String(created.id)}`), 404);
      ok(await graph.client.delete(url(scep!)), 204);
      expect(await target(vpn!, "identityCertificate")).to.equal(null);
      const links = await rows(
        "select count(*) from odata_link where source_key in (?, ?) or target_key in (?, ?)",
        scep!,
        root!,
        scep!,
        root!,
      );
      expect(Number(links[0]![0])).to.equal(0);
    });

    it("of a profile keeps what it pointed to", async () => {
      const [scep, root] = await createChain(graph.client, type("iosScepCertificateProfile"), ["rootCertificate"]);
      ok(await graph.client.delete(url(scep!)), 204);
      await read(root!);
    });

    it("through a navigation property deletes what it leads to", async () => {
      const [scep, root] = await createChain(graph.client, type("iosScepCertificateProfile"), ["rootCertificate"]);
      ok(await graph.client.delete(`${url(scep!)}/rootCertificate`), 204);
      ok(await graph.client.get(url(root!)), 404);
      expect(await target(scep!, "rootCertificate")).to.equal(null);
    });

    it("answers 404 the second time, for a key that never was, and behind a cast to another type", async () => {
      const { id } = await create("iosTrustedRootCertificate");
      ok(await graph.client.delete(`${url(id)}/microsoft.graph.macOSTrustedRootCertificate`), 404);
      ok(await graph.client.delete(url(id)), 204);
      ok(await graph.client.delete(url(id)), 404);
      ok(await graph.client.delete(url("nobody")), 404);
    });

    it("of the same profile, many at once, succeeds once", async () => {
      const { id } = await create("iosTrustedRootCertificate");
      const answers = await Promise.all(Array.from({ length: 20 }, () => graph.client.delete(url(id))));
      expect(answers.map((answer) => answer.status).toSorted()).to.deep.equal([
        204,
        ...Array.from({ length: 19 }, () => 404),
      ]);
    });

    it("is not possible for the singleton", async () => {
      expect((await graph.client.delete("/deviceManagement")).status).to.equal(405);
    });
  });

  describe("the collection", () => {
    it("holds them all", async () => {
      const all = ok(await graph.client.get(configurations)).value as Json[];
      expect(new Set(all.map((item) => item["@odata.type"]))).to.include.all.keys(
        ...names.map((name) => `#microsoft.graph.${name}`),
      );
    });
  });

  for (const level of ["minimal", "full"]) {
    it(`read at odata.metadata=${level} can be sent back, to change nothing and to make a copy`, async () => {
      for (const name of names) {
        const created = await create(name, sampleEntity(type(name)));
        const read = ok(
          await graph.client.get(url(created.id), { headers: { accept: `application/json;odata.metadata=${level}` } }),
        ) as Json;
        const own = ({
          id: _id,
          createdDateTime: _created,
          lastModifiedDateTime: _modified,
          version: _version,
          ...rest
        }: Json) => plain(rest);
        expect(own(await patch(created.id, read))).to.deep.equal(own(created));
        const copy = await create(name, read);
        expect(own(copy)).to.deep.equal(own(created));
        expect(copy.id).not.to.equal(created.id);
      }
    });
  }

  it("are created many at once, each with an id of its own", async () => {
    const created = await Promise.all(Array.from({ length: 100 }, () => create("iosTrustedRootCertificate")));
    expect(new Set(created.map((item) => item.id)).size).to.equal(100);
  });

  describe("assignments that name another configuration than their path", () => {
    const bound = (id: string) => ({
      "deviceConfiguration@odata.bind": `deviceManagement/deviceConfigurations('${id}')`,
    });

    it("are not created", async () => {
      const [one, other] = [await create("iosTrustedRootCertificate"), await create("iosTrustedRootCertificate")];
      ok(await graph.client.post(`${url(one.id)}/groupAssignments`, bound(other.id as string)), 400);
      for (const { id } of [one, other]) {
        expect(ok(await graph.client.get(`${url(id)}/groupAssignments`)).value).to.deep.equal([]);
      }
    });

    it("are moved by a change, and are then no longer where they were", async () => {
      const [one, other] = [await create("iosTrustedRootCertificate"), await create("iosTrustedRootCertificate")];
      const { id } = ok(await graph.client.post(`${url(one.id)}/groupAssignments`, {}), 201) as Json;
      const moved = `${url(one.id)}/groupAssignments/${id as string}`;
      ok(await graph.client.patch(moved, bound(other.id as string)), 204);
      ok(await graph.client.get(moved), 404);
      expect(ok(await graph.client.get(`${url(other.id)}/groupAssignments/${id as string}`)).id).to.equal(id);
    });
  });
});
