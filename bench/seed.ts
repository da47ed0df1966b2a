import { createGraphService } from "odatum/graph";

/** How many device configurations the database holds, and how many group assignments each of them has. */
export const CONFIGURATIONS = 10_000;
export const ASSIGNMENTS = 3;

/** What the rows are read by. */
export interface Seed {
  readonly ids: readonly string[];
}

/**
 * Fills a database through the service itself, so that everything in it is as the service writes it.
 *
 * @param file a file that is not there yet
 */
export async function seed(file: string): Promise<Seed> {
  const service = await createGraphService({ url: `sqlite:${file}`, synchronous: "NORMAL" });
  const post = async (url: string, body: object): Promise<{ id: string }> => {
    const headers = { "content-type": "application/json" };
    const answer = await service.handle({
      method: "POST",
      url,
      headers,
      body: JSON.stringify(body),
      serviceRoot: "http://seed.test/",
    });
    if (answer.status !== 201) throw new Error(`The seed was answered with ${String(answer.status)}.`);
    return JSON.parse(answer.body as string) as { id: string };
  };
  const random = generator(20_260_101);
  const ids: string[] = [];
  for (let i = 0; i < CONFIGURATIONS; i++) {
    const { id } = await post(
      "/deviceManagement/deviceConfigurations",
      i % 2 === 0 ? vpn(i, random) : certificate(i, random),
    );
    ids.push(id);
    for (let j = 0; j < ASSIGNMENTS; j++) {
      const assignment = { targetGroupId: `group-${String(Math.floor(random() * 500))}`, excludeGroup: j === 2 };
      await post(`/deviceManagement/deviceConfigurations/${id}/groupAssignments`, assignment);
    }
  }
  await service.close();
  return { ids };
}

function vpn(i: number, random: () => number): object {
  return {
    "@odata.type": "#microsoft.graph.macOSVpnConfiguration",
    displayName: `VPN for site ${String(Math.floor(random() * 100_000))}`,
    description: `Tunnel number ${String(i)} of the "${String(Math.floor(random() * 50))}" region`,
    roleScopeTagIds: ["0", String(i % 7)],
    connectionName: `site-${String(i)}`,
    connectionType: "ciscoAnyConnect",
    authenticationMethod: "certificate",
    server: { description: "Gateway", address: `vpn${String(i)}.example.com`, isDefaultServer: true },
    onDemandRules: [
      {
        action: "connect",
        domainAction: "connectIfNeeded",
        dnsSearchDomains: ["corp.example.com"],
        domains: ["example.com", "example.org"],
        ssids: [],
        probeUrl: null,
        probeRequiredUrl: null,
      },
    ],
    excludedDomains: ["localhost", "printer.example.com"],
  };
}

function certificate(i: number, random: () => number): object {
  const bytes = Buffer.from(Array.from({ length: 900 }, () => Math.floor(random() * 256)));
  return {
    "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
    displayName: `Root certificate ${String(Math.floor(random() * 100_000))}`,
    certFileName: `root-${String(i)}.cer`,
    trustedRootCertificate: bytes.toString("base64"),
  };
}

/** Mulberry32: the same numbers in every run. */
export function generator(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
