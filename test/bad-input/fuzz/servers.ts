import fc from "fast-check";
import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { createGraphService } from "../../../src/graph/index.js";
import type { Service, ServiceOptions } from "../../../src/index.js";
import { createServer, createService, odata } from "../../../src/index.js";
import { Gadget, Gizmo, Harbour, Item, Lab, Owner, Part, Widget } from "../../query/support/lab.js";
import { asObjects, asRequests, world } from "../../query/support/lab-world.js";
import type { World } from "../../query/support/lab-world.js";
import { Client } from "../../support/client.js";
import type { StoreKind, TestStore } from "../../support/stores.js";

/** A service with something stored, behind a real listener. */
export interface FuzzServer {
  readonly service: Service;
  readonly client: Client;
  /** Keys of entities that are there, as literals, by the qualified names of their types. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** What was logged since the last look: the reasons of answers with 500. */
  failures(): string[];
  close(): Promise<void>;
}

const [content] = fc.sample(world(12), { seed: 7, numRuns: 1 }) as [World];
const keys = new Map([
  ["Lab.Item", content.items.map(({ payload }) => String(payload.id))],
  ["Lab.Owner", content.owners.map(({ name }) => `'${String(name).replaceAll("'", "''")}'`)],
  ["Lab.Part", content.items.flatMap(({ parts }) => parts.map(({ payload }) => String(payload.code)))],
]);
const objects = asObjects(content);

@odata.type(Item)
class FoundItems extends ODataController {
  @odata.GET find() {
    return objects.Items;
  }
}
@odata.type(Owner)
class FoundOwners extends ODataController {
  @odata.GET find() {
    return objects.Owners;
  }
}

@odata.namespace("Lab")
@odata.container("Container")
@odata.controller(FoundItems as never, "Items")
@odata.controller(FoundOwners as never, "Owners")
@odata.types(Widget, Gadget, Gizmo, Harbour, Part)
class FoundLabService {}

/** The same model, its entities found by controllers, so that queries are evaluated in memory. */
export async function startFoundLab(url: string): Promise<FuzzServer> {
  return listen(await createService(FoundLabService, { database: { url } }), keys);
}

/** A model with a property of every type, as a column and in the document, and with every kind of relationship. */
export async function startLab(
  url: string,
  limits: Pick<ServiceOptions["database"], "statementTimeoutMs"> = {},
): Promise<FuzzServer> {
  const service = await createService(Lab, { database: { url, synchronous: "NORMAL", ...limits } });
  const server = await listen(service, keys);
  for (const { method, path, body } of asRequests(content)) {
    const headers = method === "POST" ? {} : { "if-match": "*" };
    const answer = await server.client.call(method, `/${path}`, { body, headers });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  }
  return server;
}

/**
 * Gives a suite the lab on a kind of store; where there is none, its tests are skipped. At the end the lab has to be sound.
 *
 * @param fill puts more into it
 */
export function labOn(
  kind: StoreKind,
  limits: Parameters<typeof startLab>[1] = {},
  fill: (server: FuzzServer) => Promise<void> = () => Promise.resolve(),
): () => FuzzServer {
  let store: TestStore | undefined;
  let server: FuzzServer;
  before(async function () {
    this.timeout(90_000);
    store = await kind.create();
    if (store === undefined) this.skip();
    server = await startLab(store.url, limits);
    await fill(server);
  });
  after(async () => {
    if (store === undefined) return;
    const count = await server.client.get("/Items/$count");
    await server.close();
    await store.remove();
    if (count.text !== String(content.items.length)) throw new Error(`The lab has ${count.text} items afterwards.`);
  });
  return () => server;
}

const graphType = (name: string) => `#microsoft.graph.${name}`;
const root = {
  "@odata.type": graphType("iosTrustedRootCertificate"),
  displayName: "Root",
  trustedRootCertificate: "AQID",
};
const scep = {
  "@odata.type": graphType("iosScepCertificateProfile"),
  displayName: "Scep",
  description: "it's",
  keySize: "size2048",
  keyUsage: "digitalSignature",
  roleScopeTagIds: ["0", "1"],
  extendedKeyUsages: [{ name: "a", objectIdentifier: "1.2" }, { name: "b" }],
};
const vpn = {
  "@odata.type": graphType("iosVpnConfiguration"),
  displayName: "Vpn",
  server: { address: "a", isDefaultServer: true },
  onDemandRules: [{ action: "connect", domains: ["x", "y"] }, { action: "ignore" }],
  proxyServer: { port: 8080 },
  deviceManagementApplicabilityRuleOsVersion: { name: "n", ruleType: "include" },
};

/** The device-configuration service. */
export async function startDevices(url: string): Promise<FuzzServer> {
  const service = await createGraphService({ url, synchronous: "NORMAL" });
  const keys = new Map<string, string[]>();
  const server = await listen(service, keys);
  const create = async (path: string, body: object, type: string): Promise<string> => {
    const answer = await server.client.post(path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    const { id } = answer.json as { id: string };
    keys.set(`microsoft.graph.${type}`, [...(keys.get(`microsoft.graph.${type}`) ?? []), `'${id}'`]);
    return id;
  };
  const configurations = "/deviceManagement/deviceConfigurations";
  for (const profile of [root, root, scep, scep, vpn]) {
    const id = await create(configurations, profile, "deviceConfiguration");
    const assignment = { intent: "apply", target: { "@odata.type": graphType("groupAssignmentTarget"), groupId: "g" } };
    await create(`${configurations}/${id}/assignments`, assignment, "deviceConfigurationAssignment");
    await create(`${configurations}/${id}/assignments`, { intent: "remove" }, "deviceConfigurationAssignment");
    await create(
      "/deviceConfigurationGroupAssignment",
      {
        targetGroupId: "g",
        excludeGroup: true,
        "deviceConfiguration@odata.bind": `${configurations.slice(1)}('${id}')`,
      },
      "deviceConfigurationGroupAssignment",
    );
    await create(
      `${configurations}/${id}/deviceStatuses`,
      { platform: 5, status: "compliant", lastReportedDateTime: "2024-02-29T12:00:00.1234567+01:00" },
      "deviceConfigurationDeviceStatus",
    );
  }
  return server;
}

async function listen(service: Service, keys: FuzzServer["keys"]): Promise<FuzzServer> {
  let failures: string[] = [];
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    services: [{ path: "/s", handle: (request) => service.handle(request) }],
    logger: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => void failures.push(`${message} ${describe_(fields)}`),
    },
  });
  const { url } = await server.listen();
  return {
    service,
    client: new Client(url.replace(/\/$/, ""), "/s"),
    keys,
    failures() {
      const since = failures;
      failures = [];
      return since;
    },
    async close() {
      await server.close(1_000);
      await service.close();
    },
  };
}

/** An error with the reasons behind it, for whoever has to find them. */
function describe_(fields: object): string {
  const texts: string[] = [];
  for (
    let error: unknown = (fields as { err?: unknown }).err;
    error instanceof Error && texts.length < 4;
    error = error.cause
  )
    texts.push(error.stack ?? error.message);
  return texts.join("\ncaused by ").slice(0, 4_000);
}
