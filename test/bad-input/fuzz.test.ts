import { expect } from "chai";
import type { GraphServer } from "../support/graph-server.js";
import { drivers, startGraph } from "../support/graph-server.js";
import { mutate, sendable } from "./fuzz/mutation.js";
import { FACTOR, Random, seedsOfRun } from "./fuzz/random.js";
import { configurations, created, root, scep, vpn } from "./support.js";

const REQUESTS = 1_000 * FACTOR;
const seeds = seedsOfRun();

const urls = [
  "/",
  "/$metadata",
  "/deviceManagement",
  configurations,
  `${configurations}/{id}`,
  `${configurations}('{id}')`,
  `${configurations}/{id}/assignments?$expand=deviceConfiguration($select=displayName)`,
  `${configurations}/{id}/displayName/$value`,
  `${configurations}/$count?$filter=startswith(displayName,'R')`,
  `${configurations}/{id}/rootCertificate/$ref`,
  `${configurations}/{id}/managedDeviceCertificateStates/$ref?$id={id}`,
  `${configurations}?$filter=displayName eq 'a' and version gt 1 or not (supportsScopeTags eq true)&$orderby=displayName desc,version&$top=5&$skip=1&$count=true&$select=id,displayName`,
  `${configurations}?$filter=contains(tolower(displayName),'r') and createdDateTime lt 2030-01-01T00:00:00Z and id in ('a','b',null)`,
  `${configurations}?$expand=assignments($filter=id ne null;$orderby=id;$top=1;$count=true),groupAssignments&$format=application/json;odata.metadata=full`,
  `${configurations}/microsoft.graph.iosScepCertificateProfile?$filter=keySize eq microsoft.graph.keySize'size2048'&$select=keySize`,
  `${configurations}?$filter=microsoft.graph.iosVpnConfiguration/server/address eq @a&@a='x'`,
  "/deviceConfigurationAssignments?$filter=target/deviceAndAppManagementAssignmentFilterType eq 'none'",
  "/deviceConfigurationGroupAssignment?$filter=excludeGroup",
];
const bodies = [
  root,
  {
    ...scep,
    extendedKeyUsages: [{ name: "a", objectIdentifier: "1.2" }],
    keySize: "size2048",
    "rootCertificate@odata.bind": "deviceManagement/deviceConfigurations('{id}')",
  },
  {
    ...vpn,
    server: { address: "a", isDefaultServer: true },
    onDemandRules: [{ action: "connect", domains: ["x"] }],
    proxyServer: { port: 8080 },
  },
  { intent: "apply", target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: "g" } },
  { "@odata.id": "deviceManagement/deviceConfigurations('{id}')" },
  {
    displayName: "changed",
    roleScopeTagIds: ["0"],
    deviceManagementApplicabilityRuleOsVersion: { name: "n", ruleType: "include" },
  },
].map((body) => JSON.stringify(body));
const writes: readonly (readonly [method: string, path: string, body?: string | undefined])[] = [
  ["POST", configurations, bodies[0]],
  ["POST", configurations, bodies[1]],
  ["POST", configurations, bodies[2]],
  ["POST", `${configurations}/{id}/assignments`, bodies[3]],
  [
    "POST",
    "/deviceConfigurationGroupAssignment",
    '{"targetGroupId":"g","excludeGroup":true,"deviceConfiguration@odata.bind":"deviceManagement/deviceConfigurations(\'{id}\')"}',
  ],
  [
    "POST",
    `${configurations}/{id}/deviceStatuses`,
    '{"platform":2147483647,"status":"compliant","lastReportedDateTime":"2024-02-29T12:00:00.1234567+01:00"}',
  ],
  ["PATCH", `${configurations}/{id}`, bodies[5]],
  ["PATCH", `${configurations}/{id}`, '{"server":{"address":"b"},"proxyServer":null,"onDemandRules":[]}'],
  ["PUT", `${configurations}/{id}/rootCertificate/$ref`, bodies[4]],
  ["DELETE", `${configurations}/{id}/rootCertificate/$ref`],
  ["DELETE", "/deviceConfigurationAssignments/{id}"],
];
for (const driver of drivers) {
  describe(`mutated requests (${driver})`, () => {
    let graph: GraphServer;
    let ids: string[];
    before(async () => {
      graph = await startGraph({ driver });
      ids = [
        await created(graph, configurations, root),
        await created(graph, configurations, scep),
        await created(graph, configurations, vpn),
      ];
    });
    after(() => graph.close());

    for (const seed of seeds) {
      it(`never make a 500, and always an answer in form (seed ${seed})`, async function () {
        this.timeout(60_000 * FACTOR);
        const random = new Random(seed);
        const fill = (text: string) => text.replaceAll("{id}", () => random.pick(ids));
        const one = async (): Promise<void> => {
          const write = random.chance(0.4) ? random.pick(writes) : undefined;
          const method = random.chance(0.05)
            ? random.pick(["GET", "POST", "PATCH", "PUT", "DELETE"])
            : (write?.[0] ?? "GET");
          let path = fill(write?.[1] ?? random.pick(urls));
          if (random.chance(write === undefined ? 0.8 : 0.2)) {
            // Where there is a query, mostly that: a path soon leads nowhere.
            const mark = path.indexOf("?");
            path =
              mark > 0 && random.chance(0.8)
                ? path.slice(0, mark + 1) + mutate(path.slice(mark + 1), random)
                : mutate(path, random);
          }
          path = sendable(path);
          let body = method === "GET" || method === "DELETE" ? undefined : fill(write?.[2] ?? random.pick(bodies));
          if (body !== undefined && random.chance(0.7)) body = mutate(body, random);
          const headers: Record<string, string> = {};
          if (random.chance(0.1))
            headers.accept = mutate("application/json;odata.metadata=full", random).replace(/[^\x20-\x7e]/g, "?");
          if (random.chance(0.1)) headers.prefer = mutate("return=minimal", random).replace(/[^\x20-\x7e]/g, "?");
          if (random.chance(0.05)) headers["odata-maxversion"] = mutate("4.01", random).replace(/[^\x20-\x7e]/g, "?");
          const what = () => `seed ${seed}: ${method} ${path} ${JSON.stringify(headers)} ${body ?? ""}`.slice(0, 3_000);
          const answer = await graph.client.call(method, path, { headers, ...(body === undefined ? {} : { body }) });
          expect(answer.status, `${what()}\n${answer.text}`).to.be.oneOf([
            200, 201, 204, 400, 404, 405, 406, 409, 414, 415, 501,
          ]);
          if (answer.status >= 400) {
            expect(answer.json.error, what()).to.include.all.keys("code", "message", "innerError");
            expect(answer.text, what()).to.not.match(/SQLITE_|node_modules|\/src\//);
          } else if (answer.headers["content-type"]?.startsWith("application/json") === true) {
            expect(() => answer.json, what()).to.not.throw();
          }
        };
        for (let sent = 0; sent < REQUESTS; sent += 20) await Promise.all(Array.from({ length: 20 }, one));
      });
    }

    it("leave a sound store, every row of which can be read", async () => {
      const { dataSource } = graph.service.database;
      expect(await dataSource.query("PRAGMA integrity_check")).to.deep.equal([{ integrity_check: "ok" }]);
      expect(await dataSource.query("PRAGMA foreign_key_check")).to.deep.equal([]);
      const rows = (await dataSource.query("select id from device_configuration")) as { id: string }[];
      for (const accept of ["application/json", "application/json;odata.metadata=full"]) {
        const all = await graph.client.get(`${configurations}?$expand=assignments`, { headers: { accept } });
        expect(all.json.value).to.have.length(rows.length);
      }
    });
  });
}
