import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "./postgres.js";

/** An empty store that a test has for itself. */
export interface TestStore {
  readonly url: string;
  /** To be called when everything that uses it is closed. */
  remove(): Promise<void>;
}

/** A kind of store that suites run on. */
export interface StoreKind {
  readonly name: string;
  readonly database: "sqlite" | "postgres";
  readonly driver: "better-sqlite3" | "sqlite3" | "postgres";
  /** Gone when it is closed, and never seen by anybody else. */
  readonly inMemory: boolean;
  /** @returns `undefined` where it is not to be had on this machine, which is told elsewhere */
  create(): Promise<TestStore | undefined>;
  /** A statement with `?` for its placeholders, as this kind of store takes it. */
  sql(text: string): string;
}

function sqliteFile(driver: "better-sqlite3" | "sqlite3"): StoreKind {
  return {
    name: `${driver}, file`,
    database: "sqlite",
    driver,
    inMemory: false,
    create() {
      const folder = mkdtempSync(join(tmpdir(), "odatum-store-"));
      return Promise.resolve({
        url: `${driver}:${join(folder, "a b'c.db")}`,
        remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
      });
    },
    sql: (text) => text,
  };
}

function sqliteMemory(driver: "better-sqlite3" | "sqlite3"): StoreKind {
  return {
    ...sqliteFile(driver),
    name: `${driver}, memory`,
    inMemory: true,
    create: () => Promise.resolve({ url: `${driver}::memory:`, remove: () => Promise.resolve() }),
  };
}

const postgres: StoreKind = {
  name: "postgres",
  database: "postgres",
  driver: "postgres",
  inMemory: false,
  async create() {
    const store = await startPostgres();
    return store === undefined ? undefined : { url: store.url, remove: () => store.stop() };
  },
  sql(text) {
    let count = 0;
    return text.replace(/\?/g, () => `$${++count}`);
  },
};

export const storeKinds: readonly StoreKind[] = [
  sqliteFile("better-sqlite3"),
  sqliteMemory("better-sqlite3"),
  sqliteFile("sqlite3"),
  sqliteMemory("sqlite3"),
  postgres,
];

/**
 * Gives every test of a suite an empty store; where there is none, the tests are skipped.
 *
 * @example
 * describe(`a store (${kind.name})`, () => {
 *   const store = freshStores(kind);
 *   it("is empty", async () => { const database = await Database.open({ url: store().url, entities: [] }); ... });
 * });
 */
export function freshStores(kind: StoreKind): () => TestStore {
  let store: TestStore | undefined;
  const remove = async () => {
    await store?.remove();
    store = undefined;
  };
  // Here and not before each test: the suite's other hooks are skipped only so.
  before(async function () {
    // The first call starts a server.
    this.timeout(90_000);
    store = await kind.create();
    if (store === undefined) this.skip();
  });
  beforeEach(async () => void (store ??= await kind.create()));
  afterEach(remove);
  after(remove);
  return () => store!;
}

/** The error of work that has to fail. */
export async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("It did not fail.");
}

/** A promise that somebody else settles. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
