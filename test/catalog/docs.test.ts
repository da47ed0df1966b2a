import { expect } from "chai";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Example, ExampleBlock } from "./http-examples.js";
import { isLike, missingFrom, readExamples } from "./http-examples.js";
import type { Answer } from "./support.js";
import { CatalogClient, serviceRoot } from "./support.js";

const DOCS = resolve(import.meta.dirname, "../../docs");

/** Names of the seed by which pages refer to entities: `Products({Laptop})`. */
const NAMED_SETS = ["Products", "Categories", "MediaItems", "ReadOnlyItems", "DecimalSamples"];

/** The pages that show requests to the catalog. */
const pages = readdirSync(DOCS)
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, blocks: readExamples(resolve(DOCS, name)) }))
  .filter(({ blocks }) => blocks.length > 0);

/** Carries out what the pages show, and holds the answers against what they promise. */
class Reader {
  readonly #catalog: CatalogClient;
  /** What stands in the pages for what differs each time: keys by names, and what the answer before brought. */
  readonly #values: Map<string, string>;

  private constructor(catalog: CatalogClient, values: Map<string, string>) {
    this.#catalog = catalog;
    this.#values = values;
  }

  static async of(catalog: CatalogClient): Promise<Reader> {
    const values = new Map<string, string>();
    for (const set of NAMED_SETS) {
      const { json } = await catalog.get(`${set}?$select=ID,Name`);
      for (const { ID, Name } of json.value as readonly { readonly ID: string; readonly Name: string }[])
        values.set(Name, ID);
    }
    return new Reader(catalog, values);
  }

  async read(block: ExampleBlock): Promise<void> {
    for (const example of block.examples) await this.#read(example);
  }

  async #read({ method, url, headers, body, status, answerHeaders, answer }: Example): Promise<void> {
    const sent = Object.fromEntries(headers.map(([name, value]) => [name, this.#filled(value)]));
    const isMultipart = sent["content-type"]?.startsWith("multipart/") === true;
    const text = this.#filled(body).replaceAll("\n", isMultipart ? "\r\n" : "\n");
    const target = this.#filled(url);
    const content = text === "" ? undefined : Buffer.from(text);
    const send = () => this.#catalog.send(method, decodeURI(target.replace(serviceRoot, "")), content, sent);
    let given = await send();
    // What is still under way is asked for again, as any client would.
    while (given.status === 202 && status === 200) {
      await new Promise((resolve) => setImmediate(resolve));
      given = await send();
    }
    expect(given.status, `${method} /${url}: ${given.text}`).to.equal(status);
    for (const [name, value] of answerHeaders)
      expect(isLike(given.headers[name] ?? "", this.#filled(value)), `${name}: ${given.headers[name]}`).to.equal(true);
    if (answer !== "") this.#check(given, this.#filled(answer));
    this.#keep(given);
  }

  #check(given: Answer, promised: string): void {
    if (given.json === undefined)
      expect(isLike(given.text.replaceAll("\r\n", "\n").trim(), promised), given.text).to.equal(true);
    else expect(missingFrom(given.json, JSON.parse(promised)), given.text).to.equal(undefined);
  }

  /** Replaces `{Laptop}` by the key of the product of that name, `{etag}` by the ETag of the last answer. */
  #filled(text: string): string {
    return text.replaceAll(/\{([A-Za-z][\w -]*)\}/g, (_, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined) throw new Error(`Nothing is called '${name}', of what a page shows.`);
      return value;
    });
  }

  #keep({ headers, json }: Answer): void {
    const found: Readonly<Record<string, unknown>> = {
      etag: headers["etag"],
      location: headers["location"],
      "delta link": json?.["@odata.deltaLink"] ?? json?.["@deltaLink"],
      key: json?.ID,
    };
    for (const [name, value] of Object.entries(found)) if (typeof value === "string") this.#values.set(name, value);
  }
}

describe("the requests that the pages show", () => {
  let catalog: CatalogClient;
  before(async () => {
    catalog = await CatalogClient.open("sqlite::memory:");
  });
  beforeEach(async () => {
    expect((await catalog.post("Reseed")).status).to.equal(204);
  });
  after(() => catalog?.close());

  it("are there", () => {
    const named = ["batch-and-async", "change-tracking", "media", "model", "operations", "writing-data"];
    expect(pages.map(({ name }) => name.replace(".md", ""))).to.include.members(named);
  });

  for (const { name, blocks } of pages) {
    describe(`docs/${name}`, () => {
      for (const block of blocks) {
        const [{ method, url }] = block.examples as [Example];
        it(`line ${block.line}: ${method} /${url.slice(0, 80)}`, async () => {
          await (await Reader.of(catalog)).read(block);
        });
      }
    });
  }
});
