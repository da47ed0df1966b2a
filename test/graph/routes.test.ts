import { expect } from "chai";
import type { EntityType } from "../../src/edm/index.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import type { Json } from "./support.js";
import {
  canLead,
  concreteTypes,
  configurations,
  control,
  createChain,
  createProfile,
  entityType,
  ok,
  plain,
} from "./support.js";

/** As the page "Create deviceConfigurationGroupAssignment" has them. */
const documented = [
  "/deviceConfigurationGroupAssignment/",
  "/deviceManagement/deviceConfigurations/{id}/groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/rootCertificate//groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/identityCertificate//groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/identityCertificate//rootCertificate//groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/microsoft.graph.iosScepCertificateProfile/rootCertificate//groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/microsoft.graph.macOSScepCertificateProfile/rootCertificate//groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/microsoft.graph.windows81SCEPCertificateProfile/rootCertificate//groupAssignments/",
  "/deviceManagement/deviceConfigurations/{id}/microsoft.graph.windowsPhone81VpnConfiguration/identityCertificate//groupAssignments/",
];

const typeName = "#microsoft.graph.deviceConfigurationGroupAssignment";
const example = { "@odata.type": typeName, targetGroupId: "Target Group Id value", excludeGroup: true };
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("the routes of group assignments", () => {
  let graph: GraphServer;
  before(async () => {
    graph = await startGraph();
  });
  after(() => graph.close());

  const get = (path: string) => graph.client.get(path);
  const profileTypes = () => concreteTypes(graph.service.model, "deviceConfiguration");
  const below = (url: string) => url.slice(`${graph.origin}/beta`.length);

  /** The names of all properties that `$metadata` declares for a type. */
  async function declared(name: string): Promise<string[]> {
    const types = ok(await get("/$metadata?$format=json"))["microsoft.graph"] as Record<string, Json>;
    const own = types[name]!;
    const base =
      own.$BaseType === undefined ? [] : await declared(String(own.$BaseType).replace("microsoft.graph.", ""));
    return [
      ...base,
      ...Object.keys(own).filter((member) => !/[$@]/.test(member) && (own[member] as Json).$Kind === undefined),
    ];
  }

  /** A path of the table with the profiles that it needs; `owner` is the one that gets the assignment. */
  async function prepare(template: string): Promise<{ path: string; first?: string; owner?: string }> {
    if (!template.includes("{id}")) return { path: template };
    const names = template
      .split("{id}")[1]!
      .split("/")
      .filter((name) => name !== "" && name !== "groupAssignments");
    const cast = names[0]?.includes(".") ? names.shift()!.replace("microsoft.graph.", "") : undefined;
    const type =
      cast === undefined
        ? profileTypes().find((candidate) => canLead(candidate, names))!
        : entityType(graph.service.model, cast);
    const ids = await createChain(graph.client, type, names);
    return { path: template.replace("{id}", ids[0]!), first: ids[0]!, owner: ids.at(-1)! };
  }

  for (const template of documented) {
    describe(`POST ${template}`, () => {
      let path: string;
      let owner: string | undefined;
      let first: string | undefined;
      before(async () => {
        ({ path, first, owner } = await prepare(template));
      });

      const create = async (body: Json = example) =>
        ok(await graph.client.post(path, body), 201) as Json & { id: string };
      const collection = () => path.replace(/\/+$/, "");

      it("answers 201 with what the documentation shows, and a new id", async () => {
        const { id, ...rest } = await create();
        expect(id).to.match(guid);
        expect(rest).to.include(example);
      });

      it("answers with every property that $metadata declares", async () => {
        expect(plain(await create())).to.have.all.keys(await declared("deviceConfigurationGroupAssignment"));
      });

      it("takes a body without a type, and gives defaults", async () => {
        const created = await create({});
        expect(control(created)).to.include({ "@odata.type": typeName });
        expect(plain(created)).to.include({
          targetGroupId: null,
          excludeGroup: false,
          intent: null,
          source: "direct",
          sourceId: null,
          target: null,
        });
      });

      it("answers a context URL of a single entity", async () => {
        const url = String((await create())["@odata.context"]);
        expect(url)
          .to.match(/^http:\/\/127\.0\.0\.1:\d+\/beta\/\$metadata#/)
          .and.to.match(/\/\$entity$/)
          .and.not.to.contain("//group");
      });

      it("answers a Location that reads the same entity back", async () => {
        const answer = await graph.client.post(path, example);
        const read = ok(await get(below(answer.headers.location!)));
        expect(plain(read)).to.deep.equal(plain(ok(answer, 201)));
      });

      it("lists it at the same path", async () => {
        const { id, ...rest } = await create();
        const listed = ok(await get(path)) as { value: Json[] };
        expect(listed.value.find((item) => item.id === id)).to.deep.include(plain(rest));
      });

      it("keeps it under the profile that the path leads to, and nowhere else", async () => {
        if (owner === undefined) return;
        const { id } = await create();
        const at = async (profile: string) =>
          (ok(await get(`${configurations}/${profile}/groupAssignments`)).value as Json[]).some(
            (item) => item.id === id,
          );
        expect(await at(owner)).to.equal(true);
        if (first !== owner) expect(await at(first!)).to.equal(false);
      });

      it("shows it in the entity set of all group assignments", async () => {
        const { id } = await create();
        expect(plain(ok(await get(`/deviceConfigurationGroupAssignment/${id}`))).id).to.equal(id);
      });

      for (const [how, keyed] of [
        ["a key segment", (id: string) => `${path}${id}`],
        ["a key in parentheses", (id: string) => `${collection()}('${id}')`],
      ] as const) {
        it(`reads, changes and deletes it by ${how}`, async () => {
          const created = await create();
          const url = keyed(created.id);
          expect(plain(ok(await get(url)))).to.deep.equal(plain(created));
          const changed = ok(await graph.client.patch(url, { targetGroupId: "other" }));
          expect(plain(changed)).to.deep.equal({ ...plain(created), targetGroupId: "other" });
          expect(ok(await get(url))).to.deep.equal(changed);
          ok(await graph.client.delete(url), 204);
          ok(await get(url), 404);
          ok(await graph.client.patch(url, {}), 404);
          ok(await graph.client.delete(url), 404);
          expect((ok(await get(path)).value as Json[]).map((item) => item.id)).not.to.include(created.id);
        });
      }

      it("does not reach an assignment of another profile", async () => {
        if (owner === undefined) return;
        const other = ok(await graph.client.post("/deviceConfigurationGroupAssignment", example), 201) as Json;
        for (const method of ["GET", "PATCH", "DELETE"]) {
          ok(
            await graph.client.call(method, `${path}${String(other.id)}`, method === "PATCH" ? { body: {} } : {}),
            404,
          );
        }
        ok(await get(`/deviceConfigurationGroupAssignment/${String(other.id)}`));
      });
    });
  }

  it("gives the documented answer to the documented request, byte for byte as far as it is shown", async () => {
    const text =
      '{\n  "@odata.type": "#microsoft.graph.deviceConfigurationGroupAssignment",\n  "targetGroupId": "Target Group Id value",\n  "excludeGroup": true\n}';
    const answer = await graph.client.post("/deviceConfigurationGroupAssignment/", text);
    expect(answer.headers["content-type"]).to.match(/^application\/json/);
    expect(ok(answer, 201)).to.include(JSON.parse(text)).and.to.have.property("id").that.matches(guid);
  });

  describe("without a type cast", () => {
    const chains = [["rootCertificate"], ["identityCertificate"], ["identityCertificate", "rootCertificate"]];

    it("lead on from every type that declares the navigation properties, over every one of their targets", async () => {
      for (const names of chains) {
        const types = profileTypes().filter((type) => canLead(type, names));
        expect(types, names.join()).not.to.be.empty;
        for (const type of types) {
          const ids = await createChain(graph.client, type, names);
          const path = `${configurations}/${ids[0]!}/${names.join("/")}/groupAssignments`;
          const created = ok(await graph.client.post(path, {}), 201) as Json;
          expect(
            (ok(await get(`${configurations}/${ids.at(-1)!}/groupAssignments`)).value as Json[]).map((item) => item.id),
          ).to.deep.equal([created.id]);
          expect(
            (ok(await get(path)).value as Json[]).map((item) => item.id),
            type.name,
          ).to.deep.equal([created.id]);
        }
      }
    });

    for (const [first, ...rest] of chains) {
      it(`answer 404 and name the type and the property where a type has no ${[first, ...rest].join("/")}`, async () => {
        const types = profileTypes().filter((type) => !type.navigationProperties.has(first!));
        expect(types).not.to.be.empty;
        for (const type of types) {
          const { id } = await createProfile(graph.client, type);
          const path = `${configurations}/${id}/${[first, ...rest].join("/")}/groupAssignments`;
          for (const answer of [await graph.client.post(path, {}), await get(path), await get(`${path}/x`)]) {
            expect(ok(answer, 404).error.message, answer.text).to.contain(type.qualifiedName).and.to.contain(first);
          }
        }
      });
    }

    it("answer 404 and say so where nothing is tied", async () => {
      for (const name of ["rootCertificate", "identityCertificate"]) {
        const type = profileTypes().find((candidate) => candidate.navigationProperties.has(name))!;
        const { id } = await createProfile(graph.client, type);
        const path = `${configurations}/${id}/${name}/groupAssignments`;
        for (const answer of [
          await graph.client.post(path, {}),
          await get(path),
          await get(`${path}/x`),
          await get(`${path}/$count`),
        ]) {
          expect(ok(answer, 404).error.message).to.contain(name);
        }
        expect((await get(`${configurations}/${id}/${name}`)).status).to.equal(204);
      }
    });

    it("answer 404 and name the key where there is no such profile", async () => {
      for (const path of ["groupAssignments", "rootCertificate/groupAssignments"]) {
        for (const answer of [
          await graph.client.post(`${configurations}/nobody/${path}`, {}),
          await get(`${configurations}/nobody/${path}`),
        ]) {
          expect(ok(answer, 404).error.message).to.contain("nobody");
        }
      }
    });
  });

  describe("with a type cast", () => {
    it("lead on from every type to itself and to its base types", async () => {
      for (const type of profileTypes()) {
        const { id } = await createProfile(graph.client, type);
        for (const base of type.lineage) {
          if (base.name === "entity") continue;
          expect(ok(await get(`${configurations}/${id}/${base.qualifiedName}`)).id, base.name).to.equal(id);
        }
      }
    });

    it("answer 404 for a type that the entity is not", async () => {
      const all = [entityType(graph.service.model, "deviceConfiguration")].flatMap((root) => root.derivedTypes);
      for (const type of profileTypes()) {
        const { id } = await createProfile(graph.client, type);
        for (const other of all.filter((candidate) => !type.lineage.has(candidate))) {
          const answer = await get(`${configurations}/${id}/${other.qualifiedName}`);
          expect(ok(answer, 404).error.message).to.contain(type.qualifiedName).and.to.contain(other.qualifiedName);
        }
      }
    });

    const wrong: Record<string, (id: string) => string> = {
      "another platform's": (id) =>
        `${configurations}/${id}/microsoft.graph.macOSScepCertificateProfile/rootCertificate/groupAssignments`,
      "one that derives from it": (id) =>
        `${configurations}/${id}/microsoft.graph.iosikEv2VpnConfiguration/identityCertificate/groupAssignments`,
      "one outside the hierarchy": (id) => `${configurations}/${id}/microsoft.graph.deviceManagement/groupAssignments`,
      "a complex type": (id) => `${configurations}/${id}/microsoft.graph.vpnServer/groupAssignments`,
      "one that is not there": (id) =>
        `${configurations}/${id}/microsoft.graph.iosScepCertificateProfil/groupAssignments`,
    };
    for (const [what, path] of Object.entries(wrong)) {
      it(`answer 404 to a POST with ${what}`, async () => {
        const [id] = await createChain(graph.client, entityType(graph.service.model, "iosScepCertificateProfile"), [
          "rootCertificate",
        ]);
        ok(await graph.client.post(path(id!), {}), 404);
      });
    }

    it("understand the alias of the namespace", async () => {
      const [id, root] = await createChain(graph.client, entityType(graph.service.model, "iosScepCertificateProfile"), [
        "rootCertificate",
      ]);
      const created = ok(
        await graph.client.post(
          `${configurations}/${id!}/graph.iosScepCertificateProfile/rootCertificate//groupAssignments/`,
          {},
        ),
        201,
      );
      expect(ok(await get(`${configurations}/${root!}/groupAssignments/${String(created.id)}`)).id).to.equal(
        created.id,
      );
    });

    it("narrow a collection, which a new entity's type follows from", async () => {
      const path = `${configurations}/microsoft.graph.iosTrustedRootCertificate`;
      const created = ok(await graph.client.post(path, { displayName: "narrowed" }), 201) as Json;
      expect(created["@odata.type"]).to.equal("#microsoft.graph.iosTrustedRootCertificate");
      expect(new Set((ok(await get(path)).value as Json[]).map((item) => item["@odata.type"]))).to.deep.equal(
        new Set(["#microsoft.graph.iosTrustedRootCertificate"]),
      );
      ok(await graph.client.post(path, { "@odata.type": "#microsoft.graph.macOSTrustedRootCertificate" }), 400);
    });
  });

  describe("however the path is written", () => {
    let id: string;
    let assignment: string;
    before(async () => {
      ({ id } = await createProfile(graph.client, "iosTrustedRootCertificate"));
      assignment = (ok(await graph.client.post(`${configurations}/${id}/groupAssignments`, {}), 201) as Json)
        .id as string;
    });

    const spellings: Record<string, () => string> = {
      "doubled slashes everywhere": () =>
        `//deviceManagement///deviceConfigurations//${id}//groupAssignments//${assignment}`,
      "a trailing slash": () => `${configurations}/${id}/groupAssignments/${assignment}/`,
      "several trailing slashes": () => `${configurations}/${id}/groupAssignments/${assignment}///`,
      "percent-encoded names": () =>
        `/device%4Danagement/%64eviceConfigurations/${id}/group%41ssignments/${assignment}`,
      "a percent-encoded key": () =>
        `${configurations}/${id.replaceAll("-", "%2D")}/groupAssignments/${assignment.replaceAll("-", "%2d")}`,
      "keys in parentheses": () => `${configurations}('${id}')/groupAssignments('${assignment}')`,
      "percent-encoded parentheses": () =>
        `${configurations}%28%27${id}%27%29/groupAssignments%28%27${assignment}%27%29`,
      "named keys": () => `${configurations}(id='${id}')/groupAssignments(id='${assignment}')`,
      "one key each way": () => `${configurations}('${id}')/groupAssignments/${assignment}`,
      "a percent-encoded cast": () =>
        `${configurations}/${id}/microsoft%2Egraph.iosTrustedRootCertificate/groupAssignments/${assignment}`,
    };
    for (const [what, path] of Object.entries(spellings)) {
      it(`${what} lead to the same entity, at first and again`, async () => {
        for (let time = 0; time < 2; time++) expect(ok(await get(path())).id).to.equal(assignment);
      });
    }

    it("a Location is clean", async () => {
      const { headers } = await graph.client.post(
        `//deviceManagement//deviceConfigurations//${id}//groupAssignments//`,
        {},
      );
      expect(below(headers.location!)).to.match(
        new RegExp(`^${configurations}\\('${id}'\\)/groupAssignments\\('[^/]+'\\)$`),
      );
    });

    it("an encoded slash in a key is part of the key", async () => {
      expect(ok(await get(`${configurations}/a%2Fb`), 404).error.message).to.contain("a/b");
    });

    it("names are told apart by case", async () => {
      ok(await get("/devicemanagement/deviceConfigurations"), 404);
      ok(await get(`${configurations}/${id}/groupassignments`), 404);
    });
  });

  const refused: [string, EntityType["name"], number][] = [
    ["DELETE", "collection", 405],
    ["POST", "entity", 405],
  ];
  for (const [method, what, status] of refused) {
    it(`answers ${status} with Allow to ${method} of the ${what}`, async () => {
      const created = ok(await graph.client.post("/deviceConfigurationGroupAssignment", {}), 201) as Json;
      const path =
        what === "collection"
          ? "/deviceConfigurationGroupAssignment"
          : `/deviceConfigurationGroupAssignment/${String(created.id)}`;
      const answer = await graph.client.call(method, path, { body: {} });
      ok(answer, status);
      expect(answer.headers.allow).to.contain("GET").and.not.to.contain(method);
    });
  }
});
