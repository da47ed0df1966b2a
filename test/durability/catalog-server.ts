/** The catalog as a process of its own: `catalog-server.ts <database URL>`. */
import { createCatalog } from "../../samples/catalog/service.js";
import { createServer } from "../../src/index.js";

const service = await createCatalog({ url: process.argv[2]! });
const server = createServer({
  host: "127.0.0.1",
  port: 0,
  services: [
    {
      path: "/",
      handle: (request) => service.handle(request),
      takesStream: (request) => service.takesStream(request),
    },
  ],
});
const { url } = await server.listen();
process.stdout.write(`${url.replace(/\/$/, "")}\n`);
