/** The device-configuration service as a process of its own, without authentication: `server.ts <database URL>`. */
import { createGraphService } from "../../src/graph/index.js";
import { createServer } from "../../src/index.js";

const service = await createGraphService({ url: process.argv[2]! });
const server = createServer({
  host: "127.0.0.1",
  port: 0,
  services: [{ path: "/beta", handle: (request) => service.handle(request) }],
});
const { url } = await server.listen();
process.stdout.write(`${url.replace(/\/$/, "")}\n`);
