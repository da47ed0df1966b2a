import { expect } from "chai";
import { products } from "../../samples/catalog/seed/products.js";
import { createCatalog } from "../../samples/catalog/service.js";
import { createServer } from "../../src/index.js";
import type { Answer, CallOptions } from "../support/client.js";
import { Client } from "../support/client.js";
import type { GraphServer } from "../support/graph-server.js";
import { startGraph } from "../support/graph-server.js";
import type { TestStore } from "../support/stores.js";
import { storeKinds } from "../support/stores.js";

/** The names of the products of the seed, in their order. */
export const productNames = products.map(({ Name }): string => Name).sort();

/** Asks as `Client` does; blanks and letters beyond ASCII in a path are percent-encoded on the way, all else goes as it is. */
export class ConformanceClient extends Client {
  override call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    return super.call(method, path.replace(/[^\x21-\x7e]+/gu, encodeURIComponent), options);
  }

  /** The URL of the service root, with its slash at the end. */
  get root(): string {
    return `${this.origin}${this.base}/`;
  }

  /** The path below the service root of a URL that the service has given, absolute or relative to the root. */
  path(url: string): string {
    return new URL(url, this.root).href.slice(this.root.length - 1);
  }

  /** The JSON of a resource that has to be there. */
  async json(path: string, headers?: CallOptions["headers"]): Promise<any> {
    const answer = await this.get(path, headers === undefined ? {} : { headers });
    expect(answer.status, `${path}: ${answer.text}`).to.equal(200);
    return answer.json;
  }
}

/** The catalog, asked over HTTP. */
export class CatalogClient extends ConformanceClient {
  /** @returns the path of the product with a name: `/Products(6f9619ff-...)` */
  product(name: string): Promise<string> {
    return this.#named("Products", name);
  }

  /** @returns the path of the category with a name */
  category(name: string): Promise<string> {
    return this.#named("Categories", name);
  }

  async #named(set: string, name: string): Promise<string> {
    const { value } = await this.json(`/${set}?$filter=Name eq '${name}'&$select=ID`);
    return `/${set}(${value[0].ID})`;
  }

  /** Drops all rows and plants those of the seed. */
  async reseed(): Promise<void> {
    const { status, text } = await this.post("/Reseed", undefined);
    expect(status, text).to.equal(204);
  }
}

/** The services that a suite asks, each behind a listener of its own. */
export interface Services {
  readonly catalog: CatalogClient;
  /** The device-configuration service below `/beta`, with a token that may write. */
  readonly graph: ConformanceClient;
}

export interface ConformanceOptions {
  /** Whether the catalog gets the rows of its seed again before each test; by default it does not. */
  readonly reseed?: boolean;
}

/**
 * A suite that runs on every kind of store that people use: a file of SQLite, and PostgreSQL where it is there. Both services are
 * started once for the suite.
 *
 * @param body is called while the suite is described; `services` may be used within tests and hooks only
 * @example
 * conformance("Protocol 9.1", ({ catalog }) => {
 *   it("9.1.1 a successful request is answered with 200", async () => {
 *     expect((await catalog().get("/Products")).status).to.equal(200);
 *   });
 * }, { reseed: true });
 */
export function conformance(
  title: string,
  body: (services: { readonly [Name in keyof Services]: () => Services[Name] }) => void,
  options: ConformanceOptions = {},
): void {
  for (const kind of storeKinds) {
    if (kind.name !== "better-sqlite3, file" && kind.name !== "postgres") continue;
    describe(`${title} (${kind.name})`, () => {
      const stores: TestStore[] = [];
      const closing: (() => Promise<void>)[] = [];
      let services: Services | undefined;

      before(async function () {
        // The first store on PostgreSQL starts a server.
        this.timeout(90_000);
        for (let wanted = 0; wanted < 2; wanted++) {
          const store = await kind.create();
          if (store === undefined) return this.skip();
          stores.push(store);
        }
        const [catalogStore, graphStore] = stores as [TestStore, TestStore];
        const { client: catalog, close } = await startCatalog(catalogStore.url);
        closing.push(close);
        const graph: GraphServer = await startGraph({ database: graphStore.url });
        closing.push(() => graph.close());
        const { origin, base, token } = graph.client;
        services = { catalog, graph: new ConformanceClient(origin, base, token) };
      });
      if (options.reseed === true) beforeEach(() => services!.catalog.reseed());
      after(async function () {
        this.timeout(30_000);
        for (const close of closing) await close();
        for (const store of stores) await store.remove();
      });

      body({ catalog: () => services!.catalog, graph: () => services!.graph });
    });
  }
}

async function startCatalog(url: string): Promise<{ client: CatalogClient; close(): Promise<void> }> {
  const service = await createCatalog({ url, synchronous: "NORMAL" });
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
  const { url: listening } = await server.listen();
  return {
    client: new CatalogClient(listening.replace(/\/$/, "")),
    async close() {
      await server.close(1_000);
      await service.close();
    },
  };
}
