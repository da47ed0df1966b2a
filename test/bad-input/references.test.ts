import { expect } from "chai";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import { configurations, created, expectRefused, root, scep, vpn } from "./support.js";

describe("bad references", () => {
  let graph: GraphServer;
  let rootId: string;
  let scepId: string;
  let vpnId: string;
  let assignmentId: string;
  let groupAssignmentId: string;
  before(async () => {
    graph = await startGraph();
    rootId = await created(graph, configurations, root);
    scepId = await created(graph, configurations, scep);
    vpnId = await created(graph, configurations, vpn);
    assignmentId = await created(graph, `${configurations}/${rootId}/assignments`, { intent: "apply" });
    groupAssignmentId = await created(graph, "/deviceConfigurationGroupAssignment", { targetGroupId: "g" });
  });
  after(() => graph.close());

  /** A reference that does not hold, and what the answer says about it. */
  const wrong: Record<string, readonly [uri: () => string, says: string]> = {
    "to what is not there": [() => "deviceManagement/deviceConfigurations('nothing')", "leads to no entity"],
    "to an entity of a wrong type": [
      () => `deviceManagement/deviceConfigurations('${vpnId}')`,
      "leads to 'microsoft.graph.iosTrustedRootCertificate'",
    ],
    "to an entity of an unrelated type": [
      () => `deviceConfigurationGroupAssignment('${groupAssignmentId}')`,
      "iosTrustedRootCertificate",
    ],
    "to another host": [
      () => `https://example.com/beta/deviceManagement/deviceConfigurations('${rootId}')`,
      "another service",
    ],
    "to another host that begins like this one": [
      () => `${graph.origin}.example.com/beta/deviceManagement/deviceConfigurations('${rootId}')`,
      "another service",
    ],
    "to another scheme": [() => `file:///deviceManagement/deviceConfigurations('${rootId}')`, "another service"],
    "in javascript": [() => "javascript:alert(1)", "another service"],
    "to a collection": [() => "deviceManagement/deviceConfigurations", "single entity"],
    "to the singleton": [() => "deviceManagement", "iosTrustedRootCertificate"],
    "to a count": [() => "deviceManagement/deviceConfigurations/$count", "single entity"],
    "to a property": [() => `deviceManagement/deviceConfigurations('${rootId}')/displayName`, "single entity"],
    "to the service": [() => `${graph.origin}/beta/`, "no URL of an entity"],
    "to $metadata": [() => "$metadata", "no URL of an entity"],
    "to an unknown set": [() => "Unknown('1')", "no URL of an entity"],
    "with a malformed key": [() => "deviceManagement/deviceConfigurations('a", ""],
    "with malformed percent-encoding": [() => "deviceManagement/deviceConfigurations('%zz')", "percent"],
    "with two keys": [() => `deviceManagement/deviceConfigurations('${rootId}')('${rootId}')`, ""],
    "with white space": [() => "not a url", "no URL of an entity"],
    "of ten thousand characters": [
      () => `deviceManagement/deviceConfigurations('${"x".repeat(10_000)}')`,
      "leads to no entity",
    ],
    "with a NUL": [() => "deviceManagement/deviceConfigurations('\0')", ""],
    "with SQL": [() => "deviceManagement/deviceConfigurations('x'' or 1=1 --')", "leads to no entity"],
    "that climbs out": [() => "../../etc/passwd", "no URL of an entity"],
  };

  for (const [what, [uri, says]] of Object.entries(wrong)) {
    it(`@odata.bind ${what}: 400 at creation`, () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...scep, "rootCertificate@odata.bind": uri() }),
        400,
        {
          target: "rootCertificate@odata.bind",
          says,
        },
      ));
    it(`@odata.bind ${what}: 400 in a PATCH, and nothing else of it is kept`, () =>
      expectRefused(
        graph,
        () =>
          graph.client.patch(`${configurations}/${scepId}`, {
            displayName: "new",
            "rootCertificate@odata.bind": uri(),
          }),
        400,
        {
          target: "rootCertificate@odata.bind",
          says,
        },
      ));
    it(`$ref ${what}: 400`, () =>
      expectRefused(
        graph,
        () => graph.client.put(`${configurations}/${scepId}/rootCertificate/$ref`, { "@odata.id": uri() }),
        400,
        { target: "@odata.id", says },
      ));
  }

  for (const [what, value, says] of [
    [
      "an array for a single-valued property",
      () => [`deviceManagement/deviceConfigurations('${rootId}')`],
      "must be one URI",
    ],
    ["a number", () => 5, "must be the URI"],
    ["an object", () => ({ "@odata.id": "x" }), "must be the URI"],
    ["true", () => true, "must be the URI"],
    ["the empty text", () => "", "must be the URI"],
  ] as const) {
    it(`@odata.bind with ${what}: 400`, () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...scep, "rootCertificate@odata.bind": value() }),
        400,
        {
          target: "rootCertificate@odata.bind",
          says,
        },
      ));
  }

  for (const [what, value, target] of [
    ["a text for a collection", "x", "managedDeviceCertificateStates@odata.bind"],
    ["null for a collection", null, "managedDeviceCertificateStates@odata.bind"],
    ["a number in a collection", [1], "managedDeviceCertificateStates@odata.bind[0]"],
    ["null in a collection", [null], "managedDeviceCertificateStates@odata.bind[0]"],
    [
      "what is not there in a collection",
      ["deviceManagement/deviceConfigurations('x')"],
      "managedDeviceCertificateStates@odata.bind[0]",
    ],
  ] as const) {
    it(`@odata.bind with ${what}: 400`, () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...scep, "managedDeviceCertificateStates@odata.bind": value }),
        400,
        { target },
      ));
  }

  it("@odata.bind to an unknown navigation property: 400 with the nearest", () =>
    expectRefused(graph, () => graph.client.post(configurations, { ...scep, "rootCertificat@odata.bind": "x" }), 400, {
      target: "rootCertificat@odata.bind",
      says: "Did you mean 'rootCertificate'?",
    }));
  it("@odata.bind to a structural property: 400", () =>
    expectRefused(graph, () => graph.client.post(configurations, { ...scep, "displayName@odata.bind": "x" }), 400, {
      says: "no navigation property",
    }));
  it("@bind, as 4.01 may write it, is the same", () =>
    expectRefused(graph, () => graph.client.post(configurations, { ...scep, "displayName@bind": "x" }), 400, {
      says: "no navigation property",
    }));
  it("@odata.bind and the property itself: 400", () =>
    expectRefused(
      graph,
      () =>
        graph.client.post(configurations, {
          ...scep,
          "rootCertificate@odata.bind": `deviceManagement/deviceConfigurations('${rootId}')`,
          rootCertificate: null,
        }),
      400,
      { says: "twice" },
    ));
  it("one good and one bad reference: neither holds", () =>
    expectRefused(
      graph,
      () =>
        graph.client.post(configurations, {
          "@odata.type": "#microsoft.graph.iosVpnConfiguration",
          displayName: "x",
          "identityCertificate@odata.bind": `deviceManagement/deviceConfigurations('${scepId}')`,
          "derivedCredentialSettings@odata.bind": "nowhere('1')",
        }),
      400,
      { target: "derivedCredentialSettings@odata.bind" },
    ));

  describe("to contained entities", () => {
    const assignment = () => [`deviceManagement/deviceConfigurations('${rootId}')/assignments('${assignmentId}')`];
    it("@odata.bind at creation: 400", () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...root, "assignments@odata.bind": assignment() }),
        400,
        {
          target: "assignments@odata.bind",
          says: "contains",
        },
      ));
    it("@odata.bind in a PATCH: 400, and the entity stays where it is", () =>
      expectRefused(
        graph,
        () => graph.client.patch(`${configurations}/${scepId}`, { "assignments@odata.bind": assignment() }),
        400,
        { says: "contains" },
      ));
    it("@odata.bind to the singleton's collection: 400", () =>
      expectRefused(
        graph,
        () =>
          graph.client.patch("/deviceManagement", {
            "deviceConfigurations@odata.bind": [`deviceManagement/deviceConfigurations('${rootId}')`],
          }),
        400,
        { says: "contains" },
      ));
    it("$ref: 400", () =>
      expectRefused(
        graph,
        () => graph.client.post(`${configurations}/${scepId}/assignments/$ref`, { "@odata.id": assignment()[0] }),
        400,
        { says: "contains" },
      ));
    it("inline at creation: 400", () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...root, assignments: [{ "@odata.id": assignment()[0] }] }),
        400,
        { target: "assignments", says: "contains" },
      ));
    it("inline in a PATCH of another entity: 400", () =>
      expectRefused(
        graph,
        () => graph.client.patch(`${configurations}/${scepId}`, { assignments: [{ "@odata.id": assignment()[0] }] }),
        400,
        { target: "assignments[0]", says: "contains its own" },
      ));
  });

  describe("to entities that stand in the body", () => {
    const wrong: [what: string, body: object, target: string, says: string][] = [
      ["with a wrong value", { assignments: [{ intent: "nothing" }] }, "assignments[0].intent", "member"],
      ["with a wrong name", { assignments: [{}, { intnt: "apply" }] }, "assignments[1].intnt", "no property"],
      ["that are no objects", { assignments: ["x"] }, "assignments[0]", "must be a JSON object"],
      ["that are no array", { assignments: {} }, "assignments", "must be an array"],
      [
        "with a wrong type",
        { assignments: [{ "@odata.type": "#microsoft.graph.iosTrustedRootCertificate" }] },
        "assignments[0].@odata.type",
        "is not",
      ],
      [
        "that are deleted",
        { assignments: [{ "@removed": { reason: "deleted" }, id: "x" }] },
        "assignments[0]",
        "delta",
      ],
    ];
    for (const [what, body, target, says] of wrong) {
      it(`${what}, at creation: 400`, () =>
        expectRefused(graph, () => graph.client.post(configurations, { ...root, ...body }), 400, { target, says }));
      it(`${what}, in a PATCH: 400`, () =>
        expectRefused(
          graph,
          () => graph.client.patch(`${configurations}/${rootId}`, { displayName: "n", ...body }),
          400,
          { target, says },
        ));
    }
    it("and are there already, at creation: 400", () =>
      expectRefused(
        graph,
        () => graph.client.post(configurations, { ...scep, rootCertificate: { "@odata.id": "x", displayName: "y" } }),
        400,
        { target: "rootCertificate", says: "only referred to" },
      ));
    it("and name what is not there, in a PATCH: 400", () =>
      expectRefused(
        graph,
        () =>
          graph.client.patch(`${configurations}/${scepId}`, {
            displayName: "n",
            rootCertificate: { "@odata.id": "deviceManagement/deviceConfigurations('x')", displayName: "y" },
          }),
        400,
        { target: "rootCertificate.@odata.id", says: "leads to no entity" },
      ));
  });

  describe("through $ref", () => {
    const ref = () => `${configurations}/${scepId}/rootCertificate/$ref`;
    for (const [what, body] of [
      ["empty", ""],
      ["no JSON", "{"],
      ["no object", "[]"],
      ["without @odata.id", {}],
      ["with a number for @odata.id", { "@odata.id": 5 }],
      ["with null for @odata.id", { "@odata.id": null }],
      ["with a wrong name", { "odata.id": "x" }],
    ] as const) {
      it(`a body that is ${what}: 400`, () => expectRefused(graph, () => graph.client.put(ref(), body), 400));
    }
    it("a body of another media type: 415", () =>
      expectRefused(graph, () => graph.client.put(ref(), "x", { headers: { "content-type": "text/plain" } }), 415));
    it("POST to a single-valued property: 405 with Allow", async () => {
      const answer = await graph.client.post(ref(), { "@odata.id": "x" });
      expect(answer.status).to.equal(405);
      expect(answer.headers.allow).to.equal("GET, HEAD, PUT, DELETE");
    });
    it("DELETE of what is not tied: 404", () => expectRefused(graph, () => graph.client.delete(ref()), 404));
    it("DELETE of a collection without $id in 4.0: 400", () =>
      expectRefused(
        graph,
        () =>
          graph.client.delete(`${configurations}/${scepId}/managedDeviceCertificateStates/$ref`, {
            headers: { "odata-maxversion": "4.0" },
          }),
        400,
        { target: "$id" },
      ));
    it("DELETE with an $id that means nothing: 400", () =>
      expectRefused(
        graph,
        () => graph.client.delete(`${configurations}/${scepId}/managedDeviceCertificateStates/$ref?$id=nowhere`),
        400,
        { target: "$id" },
      ));
    it("of an entity whose type has no such property: 404", () =>
      expectRefused(
        graph,
        () =>
          graph.client.put(`${configurations}/${vpnId}/rootCertificate/$ref`, {
            "@odata.id": `deviceManagement/deviceConfigurations('${rootId}')`,
          }),
        404,
      ));
    it("of an entity that is not there: 404", () =>
      expectRefused(
        graph,
        () =>
          graph.client.put(`${configurations}/nothing/rootCertificate/$ref`, {
            "@odata.id": `deviceManagement/deviceConfigurations('${rootId}')`,
          }),
        404,
      ));
    it("on what is no navigation property: 4xx", async () => {
      const answer = await graph.client.delete(`${configurations}/${scepId}/$ref`);
      expect(answer.status, answer.text).to.equal(400);
    });
  });

  describe("created under", () => {
    for (const [what, path, body] of [
      ["a configuration that is not there", () => `${configurations}/nothing/assignments`, { intent: "apply" }],
      [
        "a configuration of a type without the property",
        () => `${configurations}/${rootId}/managedDeviceCertificateStates`,
        {},
      ],
      ["another's assignment", () => `${configurations}/${scepId}/assignments/${assignmentId}/nothing`, {}],
    ] as const) {
      it(`${what}: 404`, () => expectRefused(graph, () => graph.client.post(path(), body), 404));
    }
    it("another's contained entity is not found", () =>
      expectRefused(
        graph,
        () => graph.client.patch(`${configurations}/${scepId}/assignments/${assignmentId}`, { intent: "remove" }),
        404,
      ));
    it("another's contained entity is not deleted", () =>
      expectRefused(graph, () => graph.client.delete(`${configurations}/${scepId}/assignments/${assignmentId}`), 404));
  });
});
