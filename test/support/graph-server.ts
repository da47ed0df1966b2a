import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGraphService, graphAccess, graphScopes } from "../../src/graph/index.js";
import type { HttpLimits, Service } from "../../src/index.js";
import { createDevIssuer, createServer } from "../../src/index.js";
import { Client } from "./client.js";

/** The SQLite drivers that suites run on. */
export const drivers = ["sqlite", "sqlite3"] as const;
export type Driver = (typeof drivers)[number];

/** The device-configuration service behind a real listener. */
export interface GraphServer {
  readonly service: Service;
  readonly origin: string;
  /** Calls below `/beta` with a token that may write. */
  readonly client: Client;
  token(scopes: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts the service on a free port.
 *
 * @param options `database`: a URL; a file in a temporary folder, on the default driver, where absent
 */
export async function startGraph(
  options: { database?: string; driver?: Driver; limits?: Partial<HttpLimits> } = {},
): Promise<GraphServer> {
  const folder = mkdtempSync(join(tmpdir(), "odatum-test-"));
  const url = options.database ?? `${options.driver ?? "sqlite"}:${join(folder, "store.db")}`;
  const service = await createGraphService({ url, synchronous: "NORMAL" });
  const issuer = createDevIssuer({ scopes: graphScopes });
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    services: [{ path: "/beta", handle: (request) => service.handle(request), access: graphAccess }],
    authenticator: issuer,
    tokenIssuer: issuer,
    limits: options.limits ?? {},
  });
  const { url: listening } = await server.listen();
  const origin = listening.replace(/\/$/, "");
  const token = (scopes: readonly string[]) => issuer.issueToken({ scopes });
  return {
    service,
    origin,
    client: new Client(origin, "/beta", await token([graphScopes[1]])),
    token,
    async close() {
      await server.close(1_000);
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
