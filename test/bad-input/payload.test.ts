import { expect } from "chai";
import * as http from "node:http";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import { configurations, created, expectError, expectRefused, graphType, root, scep, vpn } from "./support.js";

describe("bad bodies", () => {
  let graph: GraphServer;
  let id: string;
  before(async () => {
    graph = await startGraph();
    id = await created(graph, configurations, root);
  });
  after(() => graph.close());

  /** Refused as a new entity and as a change. */
  const both = (what: string, body: string, status: number, expected: Parameters<typeof expectRefused>[3] = {}) => {
    it(`${what}: ${status} for POST`, () =>
      expectRefused(graph, () => graph.client.post(configurations, body), status, expected));
    it(`${what}: ${status} for PATCH`, () =>
      expectRefused(graph, () => graph.client.patch(`${configurations}/${id}`, body), status, expected));
  };

  describe("that are no JSON", () => {
    for (const [body, place] of [
      ["{", "line 1, column 2"],
      ["{'a':1}", "line 1, column 2"],
      ['{"a":1,}', "line 1, column 8"],
      ['{"a":1 "b":2}', "line 1, column 8"],
      ['{"a"}', "line 1, column 5"],
      ['{"a":}', "line 1, column 6"],
      ["{a:1}", "line 1, column 2"],
      ['{"a":01}', "line 1, column 7"],
      ['{"a":.5}', "line 1, column 6"],
      ['{"a":1.}', "line 1, column 7"],
      ['{"a":+1}', "line 1, column 6"],
      ['{"a":NaN}', "line 1, column 6"],
      ['{"a":Infinity}', "line 1, column 6"],
      ['{"a":undefined}', "line 1, column 6"],
      ['{"a":TRUE}', "line 1, column 6"],
      ['{"a":nul}', "line 1, column 6"],
      ['{"a":"\n"}', "line 1, column 7"],
      ['{"a":"\t"}', "line 1, column 7"],
      ['{"a":"\\x"}', "line 1, column 8"],
      ['{"a":"\\u12"}', "line 1, column 9"],
      ['{"a":"', "line 1, column 7"],
      ['{"a":[1,2}', "line 1, column 10"],
      ['{\n  "a": 1,\n  b\n}', "line 3, column 3"],
      ["{} {}", "line 1, column 4"],
      ["{} x", "line 1, column 4"],
      ['{/* */"a":1}', "line 1, column 2"],
      ["<entry/>", "line 1, column 1"],
      ["a=b", "line 1, column 1"],
      ["\u00a0{}", "line 1, column 1"],
    ] as const) {
      both(JSON.stringify(body), body, 400, { says: ["not valid JSON", place], code: "BadRequest" });
    }
  });

  describe("that are no entity", () => {
    both("empty", "", 400, { says: "empty" });
    both("white space", " \r\n\t", 400, { says: "empty" });
    for (const body of ["[]", "null", "true", "1", '"text"', `[${JSON.stringify(root)}]`]) {
      both(body.slice(0, 10), body, 400, { says: "must be a JSON object" });
    }
  });

  describe("with a wrong Content-Type", () => {
    for (const type of [
      "text/plain",
      "application/xml",
      "application/x-www-form-urlencoded",
      "multipart/mixed",
      "text/json",
      "",
      "*/*",
      "json",
      "application/json2",
    ]) {
      it(`'${type}': 415`, () =>
        expectRefused(
          graph,
          () => graph.client.post(configurations, root, { headers: { "content-type": type } }),
          415,
          { target: "Content-Type" },
        ));
    }

    for (const method of ["POST", "PATCH"]) {
      it(`none at all with ${method}: 415`, async () => {
        const answer = await new Promise<number>((resolve, reject) => {
          const body = JSON.stringify(root);
          const request = http.request(
            `${graph.origin}/beta${configurations}${method === "PATCH" ? `/${id}` : ""}`,
            {
              method,
              headers: { authorization: `Bearer ${graph.client.token!}`, "content-length": Buffer.byteLength(body) },
            },
            (response) => response.resume().on("end", () => resolve(response.statusCode!)),
          );
          request.on("error", reject).end(body);
        });
        expect(answer).to.equal(415);
      });
    }

    for (const type of [
      "application/json",
      "application/json;charset=utf-8",
      "APPLICATION/JSON ; odata.metadata=minimal",
      "application/json;IEEE754Compatible=true",
    ]) {
      it(`'${type}' is right`, async () => {
        expect(
          (await graph.client.patch(`${configurations}/${id}`, {}, { headers: { "content-type": type } })).status,
        ).to.equal(200);
      });
    }
  });

  describe("in a wrong encoding", () => {
    const send = (body: Buffer) =>
      new Promise<{ status: number; text: string; headers: http.IncomingHttpHeaders; json: unknown }>(
        (resolve, reject) => {
          const headers = {
            authorization: `Bearer ${graph.client.token!}`,
            "content-type": "application/json",
            "content-length": body.length,
          };
          const request = http.request(
            `${graph.origin}/beta${configurations}`,
            { method: "POST", headers },
            (response) => {
              let text = "";
              response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
              response.on("end", () =>
                resolve({ status: response.statusCode!, text, headers: response.headers, json: JSON.parse(text) }),
              );
            },
          );
          request.on("error", reject).end(body);
        },
      );
    for (const [what, bytes] of Object.entries({
      "a lone continuation byte": Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      "an overlong slash": Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
      "an encoded surrogate": Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      "Latin-1": Buffer.from('{"displayName":"ä"}', "latin1"),
      "UTF-16": Buffer.from(JSON.stringify(root), "utf16le"),
    })) {
      it(`${what}: 400`, () => expectRefused(graph, () => send(bytes), 400));
    }

    it("compressed, as the header says, but not in fact: 400", async () => {
      const error = await graph.client.post(configurations, root, { headers: { "content-encoding": "gzip" } });
      expectError(error, 400, { target: "Content-Encoding" });
    });
    it("compressed in a way that nobody knows: 415 that says what is accepted", async () => {
      const error = await graph.client.post(configurations, root, { headers: { "content-encoding": "zipped" } });
      expectError(error, 415, { target: "Content-Encoding", says: "gzip" });
    });
  });

  describe("with names that mean nothing", () => {
    it("unknown property: named, with the nearest one", () =>
      expectRefused(graph, () => graph.client.post(configurations, { ...root, displyName: "x" }), 400, {
        target: "displyName",
        says: ["'displyName'", "Did you mean 'displayName'?"],
      }));
    it("unknown property in a PATCH", () =>
      expectRefused(
        graph,
        () => graph.client.patch(`${configurations}/${id}`, { displayName: "new", certFilename: "x" }),
        400,
        {
          target: "certFilename",
          says: "Did you mean 'certFileName'?",
        },
      ));
    it("property of another type: says which", () =>
      expectRefused(graph, () => graph.client.post(configurations, { ...root, scepServerUrls: [] }), 400, {
        target: "scepServerUrls",
        says: "iosScepCertificateProfile",
      }));
    it("in a complex value: with its path", () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...vpn, server: { address: "a", isDefault: true } }),
        400,
        { target: "server.isDefault" },
      ));
    it("in a collection of complex values: with its index", () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...vpn, customData: [{ key: "a" }, { key: "b", valeu: "c" }] }),
        400,
        {
          target: "customData[1].valeu",
          says: "Did you mean 'value'?",
        },
      ));
    it("several at once: each in the details", async () => {
      const error = await expectRefused(
        graph,
        () => graph.client.post(configurations, { ...root, a: 1, b: 2, c: 3 }),
        400,
        { target: "a" },
      );
      expect(error.details.map(({ target }: { target: string }) => target)).to.deep.equal(["b", "c"]);
    });
    it("a thousand at once: a short answer", async () => {
      const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`p${index}`, 1]));
      const error = await expectRefused(graph, () => graph.client.post(configurations, { ...root, ...many }), 400);
      expect(error.details).to.have.length(9);
    });
    it("a name of a megabyte: a short answer", () =>
      expectRefused(graph, () => graph.client.post(configurations, { ...root, ["x".repeat(1_000_000)]: 1 }), 400));
    for (const name of [
      "__proto__",
      "constructor",
      "prototype",
      "toString",
      "hasOwnProperty",
      "",
      " ",
      "$filter",
      "displayName ",
      "displayname",
      "\0",
    ]) {
      it(`${JSON.stringify(name)} is no property`, async () => {
        await expectRefused(
          graph,
          () =>
            graph.client.post(
              configurations,
              `{"@odata.type":"${root["@odata.type"]}",${JSON.stringify(name)}:{"x":1}}`,
            ),
          400,
          { target: name },
        );
        expect(({} as Record<string, unknown>).x).to.equal(undefined);
      });
    }
    for (const name of ["__proto__", "constructor"]) {
      it(`${name} is no property of a complex value`, () =>
        expectRefused(
          graph,
          () => graph.client.post(configurations, `{"@odata.type":"${vpn["@odata.type"]}","server":{"${name}":{}}}`),
          400,
          { target: `server.${name}` },
        ));
    }
  });

  describe("with values that do not fit", () => {
    for (const [body, target, says] of [
      [{ ...root, displayName: 1 }, "displayName", "Edm.String"],
      [{ ...root, displayName: ["a"] }, "displayName", "Edm.String"],
      [{ ...root, displayName: { a: 1 } }, "displayName", "Edm.String"],
      [{ ...root, displayName: null }, "displayName", "null"],
      [{ ...root, supportsScopeTags: "true" }, "supportsScopeTags", "Edm.Boolean"],
      [{ ...root, supportsScopeTags: 1 }, "supportsScopeTags", "Edm.Boolean"],
      [{ ...root, supportsScopeTags: null }, "supportsScopeTags", "null"],
      [{ ...root, roleScopeTagIds: "0" }, "roleScopeTagIds", "array"],
      [{ ...root, roleScopeTagIds: null }, "roleScopeTagIds", "[]"],
      [{ ...root, roleScopeTagIds: ["0", 1] }, "roleScopeTagIds[1]", "Edm.String"],
      [{ ...root, roleScopeTagIds: [["0"]] }, "roleScopeTagIds[0]", "Edm.String"],
      [{ ...root, trustedRootCertificate: "a b" }, "trustedRootCertificate", "Edm.Binary"],
      [{ ...root, trustedRootCertificate: [1, 2] }, "trustedRootCertificate", "Edm.Binary"],
      [{ ...scep, certificateValidityPeriodValue: 2147483648 }, "certificateValidityPeriodValue", "Edm.Int32"],
      [{ ...scep, certificateValidityPeriodValue: -2147483649 }, "certificateValidityPeriodValue", "Edm.Int32"],
      [{ ...scep, certificateValidityPeriodValue: 1.5 }, "certificateValidityPeriodValue", "Edm.Int32"],
      [{ ...scep, certificateValidityPeriodValue: true }, "certificateValidityPeriodValue", "Edm.Int32"],
      [{ ...scep, keySize: "size8192" }, "keySize", "size4096"],
      [{ ...scep, keySize: "SIZE2048" }, "keySize", "keySize"],
      [{ ...scep, keySize: true }, "keySize", "keySize"],
      [{ ...scep, keySize: 77 }, "keySize", "keySize"],
      [{ ...scep, keySize: null }, "keySize", "null"],
      [{ ...scep, keySize: "size1024,size2048" }, "keySize", "keySize"],
      [{ ...scep, keyUsage: "keyEncipherment,nonsense" }, "keyUsage", "keyUsages"],
      [{ ...scep, extendedKeyUsages: {} }, "extendedKeyUsages", "array"],
      [{ ...scep, extendedKeyUsages: [1] }, "extendedKeyUsages[0]", "extendedKeyUsage"],
      [{ ...scep, extendedKeyUsages: [{ name: 5 }] }, "extendedKeyUsages[0].name", "Edm.String"],
      [{ ...vpn, server: "here" }, "server", "vpnServer"],
      [{ ...vpn, server: [] }, "server", "vpnServer"],
      [{ ...vpn, server: null }, "server", "null"],
      [{ ...vpn, server: { address: null } }, "server.address", "null"],
      [{ ...vpn, proxyServer: { port: "80" } }, "proxyServer.port", "Edm.Int32"],
      [
        { ...vpn, onDemandRules: [{ action: "connect" }, { action: "disconect" }] },
        "onDemandRules[1].action",
        "disconnect",
      ],
    ] as const) {
      it(`${target} of ${JSON.stringify(Object.entries(body).at(-1)![1])}: 400`, () =>
        expectRefused(graph, () => graph.client.post(configurations, body), 400, { target, says }));
    }

    it("a number with an exponent of a billion", () =>
      expectRefused(
        graph,
        () =>
          graph.client.post(
            configurations,
            `{"@odata.type":"${scep["@odata.type"]}","certificateValidityPeriodValue":1e999999999}`,
          ),
        400,
      ));
    it("a number of a hundred thousand digits", () =>
      expectRefused(
        graph,
        () =>
          graph.client.post(
            configurations,
            `{"@odata.type":"${scep["@odata.type"]}","certificateValidityPeriodValue":1${"0".repeat(100_000)}}`,
          ),
        400,
      ));
    it("half a surrogate pair", () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, `{"@odata.type":"${root["@odata.type"]}","displayName":"\\ud83d"}`),
        400,
        { target: "displayName" },
      ));
    it("a wrong value in a PATCH changes nothing of the rest", () =>
      expectRefused(
        graph,
        () => graph.client.patch(`${configurations}/${id}`, { displayName: "changed", supportsScopeTags: 7 }),
        400,
      ));
    it("a date that is none", async () => {
      const body = { lastReportedDateTime: "2024-02-30T00:00:00Z", complianceGracePeriodExpirationDateTime: "soon" };
      const error = await expectRefused(
        graph,
        () => graph.client.post(`${configurations}/${id}/deviceStatuses`, body),
        400,
      );
      expect([error.target, ...error.details.map(({ target }: { target: string }) => target)]).to.have.members(
        Object.keys(body),
      );
    });
  });

  describe("of bad shape", () => {
    both("a member twice", '{"displayName":"a","displayName":"b"}', 400, {
      says: ["'displayName' stands twice", "line 1, column 20"],
    });
    both("a member twice, once with escapes", '{"displayName":"a","display\\u004eame":"b"}', 400, {
      says: "stands twice",
    });
    both("a member twice deep inside", '{"server":{"address":"a","address":"b"}}', 400, { says: "stands twice" });
    both("too deep arrays", `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, 400, { says: "nests deeper" });
    both("too deep objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, 400, { says: "nests deeper" });
    both("too deep and never closed", "[".repeat(200_000), 400, { says: "nests deeper" });
    both(
      "the type twice, in both spellings",
      '{"@odata.type":"#microsoft.graph.iosVpnConfiguration","@odata.type":"x"}',
      400,
      { says: "stands twice" },
    );
  });

  describe("that are right, though odd", () => {
    it("texts with NUL, quotes and line ends are kept to the letter", async () => {
      for (const description of [
        "\0",
        "a\0b",
        '"\\',
        "\r\n",
        "\u2028",
        "😀",
        "'; drop table device_configuration; --",
        "\ufeff",
        "\u007f",
      ]) {
        const answer = await graph.client.post(configurations, { ...root, description, displayName: description });
        expect(answer.status, answer.text).to.equal(201);
        expect((await graph.client.get(`${configurations}/${answer.json.id}`)).json).to.include({
          description,
          displayName: description,
        });
      }
    });
    it("a text of a megabyte is kept", async () => {
      const description = "ä".repeat(1_000_000);
      const answer = await graph.client.post(configurations, { ...root, description });
      expect(answer.status).to.equal(201);
      expect((await graph.client.get(`${configurations}/${answer.json.id}`)).json.description).to.equal(description);
    });
    it("a byte order mark is no harm", async () => {
      expect((await graph.client.post(configurations, `\ufeff${JSON.stringify(root)}`)).status).to.equal(201);
    });
    it("an empty PATCH changes nothing, not even the version", async () => {
      const before = (await graph.client.get(`${configurations}/${id}`)).json;
      expect((await graph.client.patch(`${configurations}/${id}`, {})).json).to.deep.equal(before);
    });
    it("what the service makes itself is passed over", async () => {
      const answer = await graph.client.post(configurations, {
        ...root,
        id: "mine",
        version: 77,
        createdDateTime: "2001-01-01T00:00:00Z",
      });
      expect(answer.json)
        .to.include({ version: 1 })
        .and.not.include({ id: "mine", createdDateTime: "2001-01-01T00:00:00Z" });
    });
    it("unknown annotations are passed over", async () => {
      expect(
        (
          await graph.client.post(configurations, {
            ...root,
            "@odata.etag": "x",
            "@vendor.term": {},
            "displayName@vendor.term": 1,
          })
        ).status,
      ).to.equal(201);
    });
  });

  describe("with a wrong @odata.type", () => {
    for (const [what, type, says] of [
      ["unknown", graphType("iosTrustedRootCertificat"), "Did you mean 'microsoft.graph.iosTrustedRootCertificate'"],
      ["without its namespace", "#iosTrustedRootCertificate", "There is no type"],
      ["abstract", graphType("deviceConfiguration"), "abstract"],
      ["abstract and derived", graphType("iosCertificateProfileBase"), "abstract"],
      ["unrelated", graphType("deviceConfigurationAssignment"), "nor derived from it"],
      ["complex", graphType("vpnServer"), "no entity type"],
      ["an enumeration", graphType("keySize"), "no entity type"],
      ["primitive", "#Edm.String", "no entity type"],
      ["a collection", `#Collection(${graphType("iosVpnConfiguration").slice(1)})`, "There is no type"],
      ["a number", 5, "must be a string"],
      ["null", null, "must be a string"],
      ["an object", {}, "must be a string"],
      ["empty", "", "There is no type"],
      ["__proto__", "#__proto__", "There is no type"],
      ["constructor", "constructor", "There is no type"],
      ["a megabyte", `#${"x".repeat(1_000_000)}`, "There is no type"],
    ] as const) {
      it(`${what}: 400`, () =>
        expectRefused(graph, () => graph.client.post(configurations, { ...root, "@odata.type": type }), 400, {
          target: "@odata.type",
          says,
        }));
    }

    it("missing where the base is abstract: 400 that says so", () =>
      expectRefused(graph, () => graph.client.post(configurations, { displayName: "x" }), 400, {
        target: "@odata.type",
        says: ["must say its type", "abstract"],
      }));

    it("of another type on PATCH: 400", () =>
      expectRefused(
        graph,
        () => graph.client.patch(`${configurations}/${id}`, { "@odata.type": vpn["@odata.type"], displayName: "y" }),
        400,
        {
          target: "@odata.type",
          says: "cannot become",
        },
      ));

    it("of a base type on PATCH is right", async () => {
      expect(
        (await graph.client.patch(`${configurations}/${id}`, { "@odata.type": graphType("deviceConfiguration") }))
          .status,
      ).to.equal(200);
    });

    for (const [what, target, says] of [
      ["missing where the declared complex type is abstract", { groupId: "g" }, "must say its type"],
      ["abstract", { "@odata.type": graphType("deviceAndAppManagementAssignmentTarget") }, "abstract"],
      ["unrelated", { "@odata.type": graphType("vpnServer") }, "nor derived from it"],
      ["an entity type", { "@odata.type": graphType("iosVpnConfiguration") }, "no complex type"],
      ["unknown", { "@odata.type": graphType("groupAssigmentTarget") }, "Did you mean"],
    ] as const) {
      it(`in a complex value, ${what}: 400`, () =>
        expectRefused(graph, () => graph.client.post(`${configurations}/${id}/assignments`, { target }), 400, {
          target: "target",
          says,
        }));
    }

    it("in a complex value, a property of another derived type: 400", () =>
      expectRefused(
        graph,
        () =>
          graph.client.post(`${configurations}/${id}/assignments`, {
            target: { "@odata.type": graphType("allDevicesAssignmentTarget"), groupId: "g" },
          }),
        400,
        { target: "target.groupId" },
      ));
  });
});
