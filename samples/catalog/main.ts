import { parseArgs } from "node:util";
import { createServer } from "odatum";
import { createCatalog } from "./service.js";

/** Serves the catalog, to whoever asks: `npm run catalog -- --port 9090 --database sqlite:catalog.db`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "9090" },
      database: { type: "string", default: "sqlite::memory:" },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`'${values.port}' is no port.`);
  const service = await createCatalog({ url: values.database });
  const server = createServer({
    host: values.host,
    port,
    services: [
      {
        path: "/",
        handle: (request) => service.handle(request),
        takesStream: (request) => service.takesStream(request),
      },
    ],
    // A page in a browser must not reach it through a name that it makes point here (DNS rebinding).
    trustedHosts: ["localhost", "127.0.0.1", "[::1]", values.host],
  });
  try {
    const { url } = await server.listen();
    process.stdout.write(`The catalog is kept in ${values.database}\nReady at ${url}/\n`);
  } catch (error) {
    await service.close();
    throw error;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void server.close().then(() => service.close());
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`catalog: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
