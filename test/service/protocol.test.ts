import { expect } from "chai";
import type { EntityType } from "../../src/edm/index.js";
import { configurations, createChain, entityType, ok, plain, sampleEntity } from "../graph/support.js";
import type { Json } from "../graph/support.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";

const sets = "/deviceConfigurationGroupAssignment";

describe("the protocol", () => {
  let graph: GraphServer;
  let root: string;
  /** iosVpnConfiguration, its identity certificate, and that one's root certificate. */
  let vpn: string;
  let scep: string;
  let trusted: string;
  /** Contained in `trusted`. */
  let assignment: string;
  let state: string;

  const get = (path: string, headers: Record<string, string> = {}) => graph.client.get(path, { headers });
  const url = (id: string) => `${configurations}/${id}`;
  const below = (absolute: unknown) => String(absolute).slice(root.length - 1);
  const type = (name: string): EntityType => entityType(graph.service.model, name);

  before(async () => {
    graph = await startGraph();
    root = `${graph.origin}/beta/`;
    [vpn, scep, trusted] = (await createChain(graph.client, type("iosVpnConfiguration"), [
      "identityCertificate",
      "rootCertificate",
    ])) as [string, string, string];
    ok(await graph.client.patch(url(vpn), sampleEntity(type("iosVpnConfiguration"))));
    ok(
      await graph.client.patch(url(trusted), {
        displayName: "Trusted",
        certFileName: "c",
        trustedRootCertificate: Buffer.from([0, 255, 1, 254]).toString("base64url"),
      }),
    );
    assignment = (
      ok(
        await graph.client.post(`${url(trusted)}/groupAssignments`, {
          target: { "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", groupId: "g" },
        }),
        201,
      ) as { id: string }
    ).id;
    state = (ok(await graph.client.post(`${url(scep)}/managedDeviceCertificateStates`, {}), 201) as { id: string }).id;
  });
  after(() => graph.close());

  describe("metadata levels", () => {
    const paths = () => ({
      "an entity": url(vpn),
      "a collection": configurations,
      "a contained collection": `${url(trusted)}/groupAssignments`,
      "a polymorphic complex property": `${url(trusted)}/groupAssignments/${assignment}/target`,
      "an entity with expanded ones": `${url(trusted)}?$expand=groupAssignments`,
      "a counted collection": `${sets}?$count=true`,
      "a singleton": "/deviceManagement",
      "a reference": `${url(scep)}/rootCertificate/$ref`,
      "the service document": "/",
    });
    const kinds = [
      "an entity",
      "a collection",
      "a contained collection",
      "a polymorphic complex property",
      "an entity with expanded ones",
      "a counted collection",
      "a singleton",
      "a reference",
      "the service document",
    ] as const;

    /** All names of members, at every depth. */
    const memberNames = (value: unknown): string[] =>
      Array.isArray(value)
        ? value.flatMap(memberNames)
        : typeof value === "object" && value !== null
          ? Object.entries(value).flatMap(([name, inner]) => [name, ...memberNames(inner)])
          : [];
    /** All objects with an `@odata.id`, at every depth. */
    const entities = (value: unknown): Json[] =>
      typeof value !== "object" || value === null
        ? []
        : [...("@odata.id" in value ? [value as Json] : []), ...Object.values(value).flatMap(entities)];

    for (const kind of kinds) {
      it(`none: ${kind} has no control information but counts`, async () => {
        const answer = await get(paths()[kind], { accept: "application/json;odata.metadata=none" });
        const body = ok(answer);
        const allowed = kind === "a reference" ? ["@odata.id"] : ["@odata.count"];
        expect(memberNames(body).filter((name) => name.includes("@") && !allowed.includes(name))).to.deep.equal([]);
        expect(answer.headers["content-type"]).to.equal("application/json;odata.metadata=none");
      });

      it(`minimal: ${kind} has the context URL first, and no links`, async () => {
        const answer = await get(paths()[kind], { accept: "application/json;odata.metadata=minimal" });
        expect(memberNames(ok(answer))[0]).to.equal("@odata.context");
        expect(memberNames(answer.json).filter((name) => /Link$/.test(name))).to.deep.equal([]);
        expect(answer.text).to.equal((await get(paths()[kind])).text);
        expect(answer.headers["content-type"]).to.equal("application/json;odata.metadata=minimal");
      });

      it(`full: ${kind} says the same as minimal, and more`, async () => {
        const answer = await get(paths()[kind], { accept: "application/json;odata.metadata=full" });
        const strip = (value: unknown): unknown =>
          Array.isArray(value)
            ? value.map(strip)
            : typeof value === "object" && value !== null
              ? Object.fromEntries(Object.entries(plain(value as Json)).map(([name, inner]) => [name, strip(inner)]))
              : value;
        expect(strip(ok(answer))).to.deep.equal(strip(ok(await get(paths()[kind]))));
        expect(answer.headers["content-type"]).to.equal("application/json;odata.metadata=full");
      });
    }

    it("full: every link of every entity leads somewhere", async () => {
      for (const kind of [
        "an entity",
        "an entity with expanded ones",
        "a contained collection",
        "a singleton",
      ] as const) {
        const found = entities(ok(await get(paths()[kind], { accept: "application/json;odata.metadata=full" })));
        expect(found, kind).not.to.be.empty;
        for (const entity of found) {
          expect(ok(await get(below(entity["@odata.id"]))).id).to.equal(entity.id);
          expect(ok(await get(below(entity["@odata.editLink"]))).id).to.equal(entity.id);
          const links = Object.entries(entity).filter(([name]) => /@odata\.(navigation|association)Link$/.test(name));
          expect(links.length).to.equal(
            2 * type(String(entity["@odata.type"]).replace("#microsoft.graph.", "")).navigationProperties.size,
          );
          for (const [name, link] of links)
            expect((await get(below(link))).status, `${name} ${String(link)}`).to.be.oneOf([200, 204]);
        }
      }
    });

    it("full: the type stands beside what JSON alone does not tell", async () => {
      const entity = ok(await get(url(vpn), { accept: "application/json;odata.metadata=full" })) as Json;
      for (const property of type("iosVpnConfiguration").properties.values()) {
        const { name, collection } = property;
        const inner = property.type.qualifiedName;
        const written = inner.replace(/^Edm\./, "");
        const expected = collection
          ? `#Collection(${written})`
          : ["Edm.String", "Edm.Boolean"].includes(inner) || property.type.kind === "complex"
            ? undefined
            : `#${written}`;
        expect(entity[`${name}@odata.type`], name).to.equal(expected);
        if (property.type.kind === "complex" && !collection)
          expect((entity[name] as Json)["@odata.type"]).to.match(/^#microsoft\.graph\./);
      }
    });

    it("full: a property of its own has its type", async () => {
      const asked = { accept: "application/json;odata.metadata=full" };
      expect(ok(await get(`${url(vpn)}/version`, asked))["@odata.type"]).to.equal("#Int32");
      expect(ok(await get(`${url(vpn)}/createdDateTime`, asked))["@odata.type"]).to.equal("#DateTimeOffset");
      expect(ok(await get(`${url(vpn)}/roleScopeTagIds`, asked))["@odata.type"]).to.equal("#Collection(String)");
      expect(ok(await get(`${url(vpn)}/server`, asked))["@odata.type"]).to.equal("#microsoft.graph.vpnServer");
    });

    it("hold for what is created and changed, too", async () => {
      for (const [level, members] of [
        ["none", 0],
        ["minimal", 2],
        ["full", 4],
      ] as const) {
        const headers = { accept: `application/json;odata.metadata=${level}` };
        const created = ok(await graph.client.post(sets, {}, { headers }), 201) as Json;
        const changed = ok(
          await graph.client.patch(`${sets}/${String(created.id)}`, { excludeGroup: true }, { headers }),
        ) as Json;
        for (const body of [created, changed])
          expect(Object.keys(body).filter((name) => name.startsWith("@")).length, level).to.equal(members);
      }
    });

    it("full, a selection keeps to itself though links need the key", async () => {
      const body = ok(
        await get(`${url(trusted)}?$select=displayName`, { accept: "application/json;odata.metadata=full" }),
      );
      expect(plain(body)).to.deep.equal({ displayName: "Trusted" });
      expect(body["@odata.id"]).to.contain(trusted);
    });
  });

  describe("the format", () => {
    const levels: [accept: string | undefined, format: string | undefined, expected: string | number][] = [
      [undefined, undefined, "minimal"],
      ["*/*", undefined, "minimal"],
      ["application/*", undefined, "minimal"],
      ["application/json", undefined, "minimal"],
      ["APPLICATION/JSON", undefined, "minimal"],
      ["application/json;odata.metadata=full", undefined, "full"],
      ["application/json; odata.metadata=full", undefined, "full"],
      ["application/json;ODATA.Metadata=Full", undefined, "full"],
      ['application/json;odata.metadata="full"', undefined, "full"],
      ["application/json;metadata=full", undefined, "full"],
      ["application/json;odata.metadata=none;charset=utf-8", undefined, "none"],
      ["application/json;odata.streaming=true;odata.metadata=none", undefined, "none;odata.streaming=true"],
      ["application/json;streaming=true", undefined, "minimal;odata.streaming=true"],
      ["application/json;odata.streaming=false", undefined, "minimal"],
      ["text/html, application/json;odata.metadata=none;q=0.9, */*;q=0.8", undefined, "none"],
      ["application/json;odata.metadata=full;q=0.1, application/json;odata.metadata=none;q=0.9", undefined, "none"],
      ["application/json;odata.metadata=none;q=0.9, application/json;odata.metadata=full;q=0.1", undefined, "none"],
      ["application/json;q=0.2, application/json;odata.metadata=full", undefined, "full"],
      ["*/*, application/json;odata.metadata=none", undefined, "none"],
      ["application/xml, application/json;q=0.1", undefined, "minimal"],
      ["text/html", undefined, 406],
      ["application/xml", undefined, 406],
      ["application/json;q=0", undefined, 406],
      ["application/json;q=0, */*", undefined, 406],
      ["application/json;odata.metadata=some", undefined, 406],
      ["text/html", "json", "minimal"],
      ["application/json;odata.metadata=none", "json", "minimal"],
      [undefined, "application/json", "minimal"],
      [undefined, "application/json;odata.metadata=full", "full"],
      [undefined, "application/json%3Bodata.metadata%3Dnone", "none"],
      [undefined, "JSON", "minimal"],
      [undefined, "application/json;odata.metadata=some", 406],
      ["application/json", "xml", 406],
      [undefined, "atom", 406],
      [undefined, "text/html", 406],
    ];
    for (const [accept, format, expected] of levels) {
      it(`Accept ${accept ?? "absent"}, $format ${format ?? "absent"}: ${expected}`, async () => {
        for (const path of [url(trusted), configurations, "/", `${url(trusted)}/displayName`]) {
          const answer = await get(
            `${path}${format === undefined ? "" : `?$format=${format}`}`,
            accept === undefined ? {} : { accept },
          );
          if (typeof expected === "number") ok(answer, expected);
          else
            expect(answer.headers["content-type"], answer.text).to.equal(`application/json;odata.metadata=${expected}`);
        }
      });
    }

    it("IEEE754Compatible writes counts as texts and says so", async () => {
      const headers = { accept: "application/json;IEEE754Compatible=true" };
      const answer = await get(`${sets}?$count=true`, headers);
      expect(ok(answer)["@odata.count"]).to.be.a("string");
      expect(answer.headers["content-type"]).to.equal("application/json;odata.metadata=minimal;IEEE754Compatible=true");
      expect(
        ok(await get(`${url(trusted)}?$expand=groupAssignments($count=true)`, headers))["groupAssignments@odata.count"],
      ).to.equal("1");
      expect(
        ok(await get(`${url(trusted)}?$expand=groupAssignments($count=true)`))["groupAssignments@odata.count"],
      ).to.equal(1);
      expect(ok(await get(url(trusted), headers)).version).to.be.a("number");
    });

    it("a body may come with parameters of its media type, and with no other type", async () => {
      for (const accepted of [
        "application/json;charset=utf-8",
        "application/json;odata.metadata=minimal",
        "Application/JSON; IEEE754Compatible=true",
      ]) {
        ok(await graph.client.post(sets, {}, { headers: { "content-type": accepted } }), 201);
      }
      for (const refused of ["text/plain", "application/xml", "application/jsonp", ""]) {
        ok(await graph.client.post(sets, {}, { headers: { "content-type": refused } }), 415);
        ok(await graph.client.patch(url(trusted), {}, { headers: { "content-type": refused } }), 415);
      }
    });
  });

  describe("versions", () => {
    const cases: [max: string | undefined, version: string | undefined, expected: string | number][] = [
      [undefined, undefined, "4.01"],
      ["4.0", undefined, "4.0"],
      ["4.01", undefined, "4.01"],
      ["4.02", undefined, "4.01"],
      ["5.0", undefined, "4.01"],
      ["4.0", "4.0", "4.0"],
      ["4.01", "4.0", "4.01"],
      ["4.0", "4.01", "4.0"],
      [undefined, "4.0", "4.0"],
      [undefined, "4.01", "4.01"],
      ["3.0", undefined, 400],
      [undefined, "3.0", 400],
      [undefined, "5.0", 400],
      ["four", undefined, 400],
      [undefined, "4", 400],
    ];
    for (const [max, version, expected] of cases) {
      const headers = {
        ...(max === undefined ? {} : { "odata-maxversion": max }),
        ...(version === undefined ? {} : { "odata-version": version }),
      };
      it(`OData-MaxVersion ${max ?? "absent"}, OData-Version ${version ?? "absent"}: ${expected}`, async () => {
        for (const path of [
          "/",
          "/$metadata",
          configurations,
          url(trusted),
          `${url(trusted)}/displayName`,
          `${configurations}/$count`,
          `${url(scep)}/rootCertificate/$ref`,
        ]) {
          const answer = await get(path, headers);
          if (typeof expected === "number") ok(answer, expected);
          else expect(answer.headers["odata-version"], path).to.equal(expected);
          if (typeof expected === "string" && path === "/$metadata")
            expect(answer.text).to.contain(
              `<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="${expected}">`,
            );
        }
        const created = await graph.client.post(sets, {}, { headers });
        expect(created.status).to.equal(typeof expected === "number" ? expected : 201);
        if (typeof expected === "string") expect(created.headers["odata-version"]).to.equal(expected);
      });
    }

    it("are said in every answer, errors and empty ones too", async () => {
      const answers = [
        await get("/nothing"),
        await get(url("nobody")),
        await get(`${configurations}?$filter=`),
        await get(configurations, { accept: "text/html" }),
        await graph.client.put(configurations, {}),
        await graph.client.post(sets, "{"),
        await graph.client.patch(url(trusted), {}, { headers: { prefer: "return=minimal" } }),
        await graph.client.get(configurations, { token: null }),
      ];
      for (const answer of answers)
        expect(answer.headers["odata-version"], String(answer.status)).to.be.oneOf(["4.0", "4.01"]);
    });
  });

  describe("Prefer", () => {
    it("return=minimal: 204 with Location and OData-EntityId, and nothing else", async () => {
      const answer = await graph.client.post(sets, {}, { headers: { prefer: "return=minimal" } });
      expect(answer.status).to.equal(204);
      expect(answer.text).to.equal("");
      expect(answer.headers)
        .to.include({ "preference-applied": "return=minimal" })
        .and.not.to.have.property("content-type");
      expect(answer.headers["odata-entityid"]).to.equal(answer.headers.location);
      ok(await get(below(answer.headers.location)));
    });
    it("return=minimal: PATCH is done, and answers 204", async () => {
      const answer = await graph.client.patch(
        url(trusted),
        { description: "minimal" },
        { headers: { prefer: "return=minimal" } },
      );
      expect(answer.status).to.equal(204);
      expect(answer.headers["preference-applied"]).to.equal("return=minimal");
      expect(ok(await get(url(trusted))).description).to.equal("minimal");
    });
    it("return=representation: as without, and it is said", async () => {
      const headers = { prefer: "return=representation" };
      const created = await graph.client.post(sets, {}, { headers });
      const changed = await graph.client.patch(url(trusted), {}, { headers });
      ok(created, 201);
      expect(ok(changed).id).to.equal(trusted);
      for (const answer of [created, changed])
        expect(answer.headers["preference-applied"]).to.equal("return=representation");
    });
    it("absent: the entity, and no Preference-Applied", async () => {
      const answer = await graph.client.post(sets, {});
      ok(answer, 201);
      expect(answer.headers).not.to.have.property("preference-applied");
    });
    for (const [prefer, status] of [
      // They exclude each other: it is as if neither were there (RFC 7240, section 4.2).
      ["return=minimal, return=representation", 201],
      ["foreign, return=minimal;foo=bar", 204],
      ["Return=minimal", 204],
      ["return=Minimal", 201],
      ['return="minimal"', 204],
      ["return=nothing", 201],
      ["something=else", 201],
      ["return", 201],
      ["handling=strict", 201],
    ] as const) {
      it(`${prefer}: ${status}`, async () => {
        expect((await graph.client.post(sets, {}, { headers: { prefer } })).status).to.equal(status);
      });
    }
  });

  describe("HEAD", () => {
    const paths: Record<string, () => string> = {
      "an entity": () => url(trusted),
      "a collection": () => configurations,
      "a page": () => `${configurations}?$top=1&$count=true`,
      $metadata: () => "/$metadata",
      "$metadata as JSON": () => "/$metadata?$format=json",
      "the service document": () => "/",
      $count: () => `${configurations}/$count`,
      "a property": () => `${url(trusted)}/displayName`,
      "a raw value": () => `${url(trusted)}/displayName/$value`,
      nothing: () => url("nobody"),
    };
    for (const [what, path] of Object.entries(paths)) {
      it(`answers for ${what} as GET does, without a body`, async () => {
        const read = await get(path());
        const head = await graph.client.call("HEAD", path());
        const stable = ({ date: _date, "request-id": _id, "client-request-id": _client, ...rest }: Json) => rest;
        expect(head.status).to.equal(read.status);
        expect(stable(head.headers as Json)).to.deep.equal(stable(read.headers as Json));
        expect(head.text).to.equal("");
        expect(head.headers["content-length"]).to.equal(String(Buffer.byteLength(read.text)));
      });
    }
  });

  describe("context URLs", () => {
    const home = "deviceManagement/deviceConfigurations";
    const cast = "microsoft.graph.iosTrustedRootCertificate";
    const table: [path: string, expected: string][] = [
      ["/", ""],
      [sets, "#deviceConfigurationGroupAssignment"],
      [`${sets}/{assignment}`, "#deviceConfigurationGroupAssignment/$entity"],
      [
        `/deviceConfigurationAssignments/microsoft.graph.deviceConfigurationGroupAssignment`,
        "#deviceConfigurationAssignments/microsoft.graph.deviceConfigurationGroupAssignment",
      ],
      ["/deviceManagement", "#deviceManagement"],
      ["/deviceManagement?$select=id", "#deviceManagement(id)"],
      [configurations, `#${home}`],
      [`${configurations}/{trusted}`, `#${home}/$entity`],
      [`${configurations}/${cast}`, `#${home}/${cast}`],
      [`${configurations}/{trusted}/${cast}`, `#${home}/${cast}/$entity`],
      [`${configurations}/${cast}/{trusted}`, `#${home}/${cast}/$entity`],
      [`${configurations}/{trusted}/groupAssignments`, `#${home}('{trusted}')/groupAssignments`],
      [`${configurations}/{trusted}/groupAssignments/{assignment}`, `#${home}('{trusted}')/groupAssignments/$entity`],
      [`${configurations}/{trusted}/${cast}/groupAssignments`, `#${home}('{trusted}')/groupAssignments`],
      [
        `${configurations}/{scep}/microsoft.graph.iosScepCertificateProfile/rootCertificate`,
        `#${home}/${cast}/$entity`,
      ],
      [`${configurations}/{scep}/rootCertificate`, `#${home}/$entity`],
      [`${configurations}/{scep}/rootCertificate/displayName`, `#${home}('{scep}')/rootCertificate/displayName`],
      [
        `${configurations}/{scep}/rootCertificate/groupAssignments`,
        `#${home}('{scep}')/rootCertificate/groupAssignments`,
      ],
      [
        `${configurations}/{scep}/managedDeviceCertificateStates`,
        "#Collection(microsoft.graph.managedDeviceCertificateState)",
      ],
      [
        `${configurations}/{scep}/managedDeviceCertificateStates/{state}`,
        "#microsoft.graph.managedDeviceCertificateState",
      ],
      [`${configurations}?$select=id,displayName`, `#${home}(id,displayName)`],
      [`${configurations}/{trusted}?$select=id`, `#${home}(id)/$entity`],
      [`${configurations}?$select=${cast}/certFileName`, `#${home}(${cast}/certFileName)`],
      [`${configurations}/${cast}?$select=certFileName`, `#${home}/${cast}(certFileName)`],
      [`${configurations}?$expand=groupAssignments`, `#${home}(groupAssignments())`],
      [`${configurations}/{trusted}?$expand=groupAssignments($select=id)`, `#${home}(groupAssignments(id))/$entity`],
      [
        `${configurations}?$select=id&$expand=groupAssignments($select=id,targetGroupId)`,
        `#${home}(id,groupAssignments(id,targetGroupId))`,
      ],
      [
        `${configurations}?$expand=microsoft.graph.iosScepCertificateProfile/rootCertificate`,
        `#${home}(microsoft.graph.iosScepCertificateProfile/rootCertificate())`,
      ],
      [`${configurations}/{trusted}/displayName`, `#${home}('{trusted}')/displayName`],
      [`${configurations}/{trusted}/${cast}/certFileName`, `#${home}('{trusted}')/${cast}/certFileName`],
      [
        `${configurations}/{vpn}/microsoft.graph.appleVpnConfiguration/server`,
        `#${home}('{vpn}')/microsoft.graph.appleVpnConfiguration/server`,
      ],
      [
        `${configurations}/{vpn}/microsoft.graph.appleVpnConfiguration/server/address`,
        `#${home}('{vpn}')/microsoft.graph.appleVpnConfiguration/server/address`,
      ],
      [`${configurations}/{vpn}/roleScopeTagIds`, `#${home}('{vpn}')/roleScopeTagIds`],
      ["/deviceManagement/id", "#deviceManagement/id"],
      [
        `${configurations}/{trusted}/groupAssignments/{assignment}/target`,
        `#${home}('{trusted}')/groupAssignments('{assignment}')/target`,
      ],
      [`${configurations}/{scep}/rootCertificate/$ref`, "#$ref"],
      [`${configurations}/{scep}/managedDeviceCertificateStates/$ref`, "#Collection($ref)"],
      [`${configurations}/$ref`, "#Collection($ref)"],
    ];
    const fill = (text: string) =>
      text.replace(/\{(\w+)\}/g, (_, name: string) => ({ vpn, scep, trusted, assignment, state })[name]!);
    for (const [path, expected] of table) {
      it(`of ${path}: ${expected === "" ? "the metadata" : expected}`, async () => {
        expect(ok(await get(fill(path)))["@odata.context"]).to.equal(`${root}$metadata${fill(expected)}`);
      });
    }
  });

  describe("$count", () => {
    it("is the number as plain text", async () => {
      const answer = await get(`${configurations}/$count`);
      expect(answer.headers["content-type"]).to.match(/^text\/plain/);
      expect(answer.text).to.equal(String(ok(await get(configurations)).value.length));
    });
    for (const [path, expected] of [
      ["groupAssignments/$count", "1"],
      ["assignments/$count", "1"],
      ["userStatuses/$count", "0"],
      ["groupAssignments/$count?$filter=id eq 'x'", "0"],
      ["groupAssignments/$count?$filter=excludeGroup eq false", "1"],
    ] as const) {
      it(`${path} is ${expected}`, async () => {
        expect((await get(`${url(trusted)}/${path.replaceAll(" ", "%20")}`)).text).to.equal(expected);
      });
    }
    it("counts behind a cast", async () => {
      expect((await get(`${configurations}/microsoft.graph.iosTrustedRootCertificate/$count`)).text).to.equal("1");
    });
    it("takes no part in the negotiation of formats", async () => {
      for (const accept of ["application/json", "text/plain", "*/*"])
        expect((await get(`${configurations}/$count`, { accept })).status, accept).to.equal(200);
    });
    it("is 404 where the path leads to nothing, and behind a single entity", async () => {
      ok(await get(`${url("nobody")}/groupAssignments/$count`), 404);
      expect((await get(`${url(trusted)}/$count`)).status).to.be.oneOf([404, 501]);
    });
    it("is not changed by $top and $skip, as the standard has it", async () => {
      expect(ok(await get(`${configurations}?$count=true&$top=1&$skip=1`))["@odata.count"]).to.equal(
        Number((await get(`${configurations}/$count`)).text),
      );
      expect(ok(await get(`${configurations}?$count=true&$skip=1000`))).to.deep.include({
        "@odata.count": Number((await get(`${configurations}/$count`)).text),
        value: [],
      });
      expect(ok(await get(`${configurations}?$count=false`))).not.to.have.property("@odata.count");
    });
  });

  describe("properties", () => {
    it("are answered as value, complex ones as themselves", async () => {
      const entity = ok(await get(url(vpn))) as Json;
      for (const property of type("iosVpnConfiguration").properties.values()) {
        const answer = ok(await get(`${url(vpn)}/${property.name}`)) as Json;
        if (property.type.kind === "complex" && !property.collection)
          expect(plain(answer)).to.deep.equal(plain(entity[property.name] as Json));
        else expect(answer.value, property.name).to.deep.equal(entity[property.name]);
      }
    });
    it("are answered inside complex ones", async () => {
      const { server } = ok(await get(url(vpn))) as { server: Json };
      for (const [name, value] of Object.entries(server))
        expect(ok(await get(`${url(vpn)}/server/${name}`)).value).to.equal(value);
    });
    it("that are null are 204, raw or not, complex or not", async () => {
      for (const name of ["description", "description/$value", "deviceManagementApplicabilityRuleOsVersion"]) {
        const answer = await get(`${url(trusted)}/${name}`);
        expect(answer.status, name).to.equal(204);
        expect(answer.text).to.equal("");
      }
    });
    before(async () => {
      ok(await graph.client.patch(url(trusted), { description: null }));
    });
    it("inside a null complex value are 204 or 404, and no error", async () => {
      expect((await get(`${url(trusted)}/deviceManagementApplicabilityRuleOsVersion/name`)).status).to.be.oneOf([
        204, 404,
      ]);
    });
    it("have a raw value as plain text", async () => {
      for (const [name, expected] of [
        ["displayName", "Trusted"],
        ["supportsScopeTags", "false"],
        ["id", trusted],
      ] as const) {
        const answer = await get(`${url(trusted)}/${name}/$value`);
        expect(answer.headers["content-type"]).to.match(/^text\/plain/);
        expect(answer.text).to.equal(expected);
      }
      expect((await get(`${url(vpn)}/providerType/$value`)).text).to.equal(ok(await get(url(vpn))).providerType);
      expect((await get(`${url(vpn)}/createdDateTime/$value`)).text).to.equal(ok(await get(url(vpn))).createdDateTime);
    });
    it("that are binary have their bytes for a raw value", async () => {
      const answer = await get(`${url(trusted)}/trustedRootCertificate/$value`);
      expect(answer.status).to.equal(200);
      expect(answer.headers["content-type"]).to.equal("application/octet-stream");
      expect(answer.headers["content-length"]).to.equal("4");
    });
    it("have no raw value where they are complex or collections", async () => {
      for (const name of ["server", "roleScopeTagIds"])
        expect((await get(`${url(vpn)}/${name}/$value`)).status).to.be.oneOf([400, 404]);
    });
    it("that the entity does not have are 404", async () => {
      for (const name of ["certFileName", "nothing", "displayName/nothing", "server/nothing"])
        expect((await get(`${url(vpn)}/${name}`)).status, name).to.be.oneOf([404, 501]);
      ok(await get(`${url("nobody")}/displayName`), 404);
      // Of an entity that is no media entity.
      ok(await get(`${url(vpn)}/$value`), 400);
    });
    it("take no options of collections and entities", async () => {
      for (const option of ["$select=x", "$expand=x", "$filter=true", "$top=1"])
        expect((await get(`${url(vpn)}/displayName?${option}`)).status, option).to.equal(400);
    });
  });

  describe("a property of a derived type that has a column", () => {
    it("is 404 for an entity of the base type, and its value for one of the derived type", async () => {
      const plainOne = ok(await graph.client.post("/deviceConfigurationAssignments", {}), 201) as Json;
      const derived = ok(await graph.client.post(sets, {}), 201) as Json;
      ok(await get(`/deviceConfigurationAssignments/${String(plainOne.id)}/targetGroupId`), 404);
      ok(await get(`/deviceConfigurationAssignments/${String(derived.id)}/targetGroupId`), 204);
      ok(await graph.client.patch(`${sets}/${String(derived.id)}`, { targetGroupId: "g" }));
      expect(ok(await get(`/deviceConfigurationAssignments/${String(derived.id)}/targetGroupId`)).value).to.equal("g");
    });
  });

  describe("the service document", () => {
    it("names every entity set and singleton, with a URL that works", async () => {
      const { entitySets, singletons } = graph.service.model.container;
      const { value } = ok(await get("/")) as { value: { name: string; kind: string; url: string }[] };
      expect(value.map((item) => [item.name, item.kind])).to.have.deep.members([
        ...[...entitySets.keys()].map((name) => [name, "EntitySet"]),
        ...[...singletons.keys()].map((name) => [name, "Singleton"]),
      ]);
      for (const item of value) ok(await get(new URL(item.url, root).pathname.replace("/beta", "")));
    });
    it("is at the root with and without a slash", async () => {
      expect((await get("")).status).to.equal(200);
      expect((await get("/")).text).to.equal((await get("")).text);
    });
    it("takes GET and HEAD only", async () => {
      const answer = await graph.client.post("/", {});
      ok(answer, 405);
      expect(answer.headers.allow).to.equal("GET, HEAD");
    });
  });

  describe("$metadata", () => {
    const cases: [accept: string | undefined, format: string | undefined, expected: string | number][] = [
      [undefined, undefined, "application/xml"],
      ["*/*", undefined, "application/xml"],
      ["application/xml", undefined, "application/xml"],
      ["application/json", undefined, "application/json"],
      ["application/json;q=0.5,application/xml;q=0.6", undefined, "application/xml"],
      ["application/json,application/xml;q=0.9", undefined, "application/json"],
      ["text/html", undefined, 406],
      [undefined, "xml", "application/xml"],
      [undefined, "json", "application/json"],
      [undefined, "application/json", "application/json"],
      ["application/json", "xml", "application/xml"],
      ["application/xml", "application/json", "application/json"],
      [undefined, "text/html", 406],
    ];
    for (const [accept, format, expected] of cases) {
      it(`Accept ${accept ?? "absent"}, $format ${format ?? "absent"}: ${expected}`, async () => {
        const answer = await get(
          `/$metadata${format === undefined ? "" : `?$format=${format}`}`,
          accept === undefined ? {} : { accept },
        );
        if (typeof expected === "number") return void ok(answer, expected);
        expect(answer.status).to.equal(200);
        expect(answer.headers["content-type"]).to.match(new RegExp(`^${expected}`));
        expect(answer.text[0]).to.equal(expected === "application/json" ? "{" : "<");
      });
    }
    it("as JSON has the version that was agreed on", async () => {
      for (const version of ["4.0", "4.01"]) {
        const answer = await get("/$metadata?$format=json", { "odata-maxversion": version });
        expect(ok(answer).$Version).to.equal(version);
      }
    });
    it("is for everybody, and read only", async () => {
      expect((await graph.client.get("/$metadata", { token: null })).status).to.equal(200);
      expect((await graph.client.post("/$metadata", {})).status).to.equal(405);
    });
    it("has nothing behind it", async () => {
      ok(await get("/$metadata/x"), 400);
    });
  });

  describe("single entities", () => {
    it("take $select and $expand, also behind navigation properties", async () => {
      expect(plain(ok(await get(`${url(scep)}/rootCertificate?$select=displayName`)))).to.deep.equal({
        displayName: "Trusted",
      });
      expect(ok(await get(`${url(scep)}/rootCertificate?$expand=groupAssignments`)).groupAssignments).to.have.length(1);
    });
    it("take no options of collections", async () => {
      for (const option of ["$filter=true", "$orderby=id", "$top=1", "$skip=1", "$count=true"])
        ok(await get(`${url(trusted)}?${option}`), 400);
    });
    it("are shaped by $select and $expand as they are created and changed", async () => {
      const created = ok(await graph.client.post(`${sets}?$select=targetGroupId`, { targetGroupId: "t" }), 201) as Json;
      expect(plain(created)).to.deep.equal({ targetGroupId: "t" });
      const changed = ok(
        await graph.client.patch(`${url(trusted)}?$select=id&$expand=groupAssignments($select=id)`, {}),
      ) as Json;
      expect(Object.keys(plain(changed))).to.have.members(["id", "groupAssignments"]);
    });
  });

  describe("If-Match", () => {
    it("with the ETag of nothing refuses a change and a deletion, and nothing happens", async () => {
      for (const change of [
        () => graph.client.patch(url(trusted), { displayName: "lost" }, { headers: { "if-match": 'W/"1"' } }),
        () => graph.client.delete(url(trusted), { headers: { "if-match": 'W/"1"' } }),
      ]) {
        ok(await change(), 412);
        expect(ok(await get(url(trusted))).displayName).to.equal("Trusted");
      }
    });
    it("* lets a change through", async () => {
      ok(await graph.client.patch(url(trusted), { displayName: "Trusted" }, { headers: { "if-match": "*" } }));
    });
  });
});
