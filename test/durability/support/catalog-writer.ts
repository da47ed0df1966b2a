import { expect } from "chai";
import type { Answer, Client } from "../../support/client.js";
import type { Random } from "../../support/random.js";
import type { ProductState, State, Stored } from "./catalog-state.js";
import { readProduct, uploaded, withoutLost } from "./catalog-state.js";
import type { Change } from "./change-set.js";
import { sendChangeSets } from "./change-set.js";
import { content } from "./content.js";
import { pause } from "./pause.js";
import { isCutOff } from "./process.js";
import type { SharedCounter } from "./shared-counter.js";

/** How many entities of each kind a writer has at most. */
const MOST = { product: 8, category: 4, media: 3 } as const;

/** Something that a writer has made, or tried to. */
class Entry<S extends State = State> {
  /** Unique, given at creation and never changed: finds one whose creation was not acknowledged. */
  readonly mark: string;
  id: string | undefined;
  /** As it is for certain; `undefined` where it is not there. */
  state: S | undefined;

  constructor(mark: string) {
    this.mark = mark;
  }
}

type Product = Entry<ProductState>;

/** An entry as it is stored. */
interface Found {
  readonly state: State | undefined;
  readonly id: string | undefined;
}

/** How the entries are, or would be, that a request is about. */
type World = ReadonlyMap<Entry, State | undefined>;

/** What the writers know of each other. */
export interface Company {
  readonly counters: readonly SharedCounter[];
  /** Products that others can be tied to: ids by marks. */
  readonly products: Map<string, string>;
  /** The marks of products whose deletion was asked for. */
  readonly leaving: Set<string>;
}

/** A client that writes, one request after the other, and notes what was acknowledged. */
export class CatalogWriter {
  readonly #name: string;
  readonly #random: Random;
  readonly #company: Company;
  readonly #entries = new Map<string, Entry>();
  #pending: readonly World[] | undefined;
  #count = 0;
  /** Transactions that were acknowledged, */
  acknowledged = 0;
  /** and requests that nobody answered. */
  cutOff = 0;

  constructor(name: string, random: Random, company: Company) {
    this.#name = name;
    this.#random = random;
    this.#company = company;
  }

  /** Where everything is that there is. */
  get ids(): string[] {
    return [...this.#entries.values()].flatMap(({ state, id }) => (state === undefined ? [] : id!));
  }

  /** Writes until the server is gone. */
  async run(client: Client): Promise<void> {
    try {
      for (;;) await this.#step(client);
    } catch (error) {
      if (!isCutOff(error)) throw error;
      this.cutOff++;
    }
  }

  /** Compares everything with what is stored, and learns what became of the request that was cut off. */
  check(stored: Stored): void {
    for (const entry of this.#entries.values()) {
      if (this.#pending?.[0]!.has(entry) === true) continue;
      const found = this.#stored(entry, stored);
      expect(found.state, entry.mark).to.deep.equal(this.#expected(entry.state, found.state));
      entry.state = found.state;
    }
    if (this.#pending !== undefined) this.#settle(this.#pending, stored);
    this.#pending = undefined;
    for (const [mark, entry] of this.#entries) {
      if (entry.state === undefined) this.#company.products.delete(mark);
      else this.#company.leaving.delete(mark);
      if (entry.state?.kind === "product") this.#company.products.set(mark, entry.id!);
    }
  }

  /** All or nothing of each transaction: one of the worlds is the real one. */
  #settle(worlds: readonly World[], stored: Stored): void {
    const differences: string[] = [];
    for (const world of worlds) {
      const found = [...world].map(([entry, expected]) => ({ entry, expected, ...this.#stored(entry, stored) }));
      const difference = found.find(
        ({ expected, state }) => JSON.stringify(this.#expected(expected, state)) !== JSON.stringify(state),
      );
      if (difference === undefined) {
        for (const { entry, state, id } of found) {
          entry.state = state;
          entry.id ??= id;
        }
        return;
      }
      differences.push(
        `${difference.entry.mark}: ${JSON.stringify(difference.state)}, not ${JSON.stringify(difference.expected)}`,
      );
    }
    expect.fail(`What was cut off is there by halves.\n${differences.join("\n")}`);
  }

  #expected(expected: State | undefined, actual: State | undefined): State | undefined {
    if (expected?.kind !== "product" || actual?.kind !== "product") return expected;
    return withoutLost(expected, actual, this.#company.leaving);
  }

  #stored(entry: Entry, stored: Stored): Found {
    const { mark } = entry;
    const product = stored.products.get(mark);
    if (product !== undefined) return product;
    const category = stored.categories.get(mark);
    if (category !== undefined) return { state: { kind: "category", name: mark }, id: category };
    // A media item is known by its id, or by its first content where the id was not acknowledged.
    const held = [...stored.media].find(([content, id]) =>
      entry.id === undefined ? content === mark : id === entry.id,
    );
    if (held !== undefined) return { state: { kind: "media", content: held[0] }, id: held[1] };
    return { state: undefined, id: undefined };
  }

  #step(client: Client): Promise<void> {
    const product = this.#any("product");
    const weighted: [number, () => Promise<void>][] = [
      [
        15,
        () =>
          this.#random
            .pick(this.#company.counters)
            .increment(client, this.#mark())
            .then(() => this.#done(1)),
      ],
      [10, () => this.#create(client)],
      [8, () => this.#createDeep(client)],
      [10, () => this.#batch(client)],
      [8, () => this.#writeMedia(client)],
      [2, () => this.#deleteCategory(client)],
    ];
    if (product !== undefined) {
      weighted.push(
        [17, () => this.#change(client, product)],
        [12, () => this.#tie(client, product)],
        [5, () => this.#untie(client, product)],
        [6, () => this.#setCategory(client, product)],
        [4, () => this.#putPhoto(client, product)],
        [this.#all("product").length < MOST.product ? 4 : 20, () => this.#delete(client, product)],
        [5, () => this.#read(client, product)],
      );
    }
    let choice = this.#random.below(weighted.reduce((sum, [weight]) => sum + weight, 0));
    return weighted.find(([weight]) => (choice -= weight) < 0)![1]();
  }

  async #create(client: Client): Promise<void> {
    if (this.#all("product").length >= MOST.product) return;
    const entry = this.#entry<ProductState>();
    const category = this.#any("category");
    const state = { ...newProduct(entry.mark), category: category?.mark };
    const body = { ...bodyOf(entry), ...(category && { "Category@odata.bind": `Categories(${category.id!})` }) };
    await this.#attempt([new Map([[entry, state]])], async () => {
      const answer = await client.post("/Products", body);
      if (!wasDone(answer, 201)) return 0;
      this.#learn(entry, answer.json.ID as string);
      return 1;
    });
  }

  /** A product with a new category, and with descriptions. */
  async #createDeep(client: Client): Promise<void> {
    if (this.#all("product").length >= MOST.product || this.#all("category").length >= MOST.category) return;
    const entry = this.#entry<ProductState>();
    const category = this.#entry();
    const state = { ...newProduct(entry.mark), category: category.mark, descriptions: ["de: eins", "en: one"] };
    const world: World = new Map<Entry, State>([
      [entry, state],
      [category, { kind: "category", name: category.mark }],
    ]);
    await this.#attempt([world], async () => {
      const answer = await client.post("/Products", {
        ...bodyOf(entry),
        Category: { Name: category.mark },
        Descriptions: [
          { LanguageKey: "en", Description: "one" },
          { LanguageKey: "de", Description: "eins" },
        ],
      });
      if (!wasDone(answer, 201)) return 0;
      this.#learn(entry, answer.json.ID as string);
      category.id = answer.json.Category.ID as string;
      return 1;
    });
  }

  /** A change of the state that is known; where others have changed it, it is read and tried again. */
  async #change(client: Client, entry: Product): Promise<void> {
    for (let reached = false; !reached && entry.state !== undefined;) {
      const { world, body, etag } = this.#changed(entry);
      await this.#attempt([world], async () => {
        const answer = await client.patch(urlOf(entry), body, { headers: { "if-match": etag } });
        if (answer.status === 412) return 0;
        reached = wasDone(answer, 200);
        if (reached) expect(answer.headers.etag).to.equal(`W/"${answer.json.Version}"`);
        return reached ? 1 : 0;
      });
      if (!reached) await this.#read(client, entry);
    }
  }

  #changed(entry: Product): { readonly world: World; readonly body: object; readonly etag: string } {
    const state = entry.state!;
    const change = { name: this.#mark(), price: this.#random.below(100), quantity: this.#random.below(1_000) };
    return {
      world: new Map([[entry, { ...state, ...change, version: state.version + 1 }]]),
      body: { Name: change.name, Price: change.price, Quantity: change.quantity },
      etag: `W/"${state.version}"`,
    };
  }

  async #tie(client: Client, entry: Product): Promise<void> {
    const state = entry.state!;
    const candidates = [...this.#company.products].filter(
      ([mark]) => mark !== entry.mark && !state.related.includes(mark),
    );
    if (candidates.length === 0) return;
    const [mark, id] = this.#random.pick(candidates);
    const after = { ...state, related: [...state.related, mark].sort(), version: state.version + 1 };
    await this.#attempt([new Map([[entry, after]])], async () => {
      const answer = await client.post(`${urlOf(entry)}/RelatedProducts/$ref`, { "@odata.id": `Products(${id})` });
      return this.#wasDoneUnlessGone(answer, mark);
    });
  }

  async #untie(client: Client, entry: Product): Promise<void> {
    const state = entry.state!;
    const known = state.related.filter((mark) => this.#company.products.has(mark));
    if (known.length === 0) return;
    const mark = this.#random.pick(known);
    const id = this.#company.products.get(mark)!;
    const after = { ...state, related: state.related.filter((other) => other !== mark), version: state.version + 1 };
    await this.#attempt([new Map([[entry, after]])], async () => {
      const answer = await client.delete(`${urlOf(entry)}/RelatedProducts(${id})/$ref`);
      return this.#wasDoneUnlessGone(answer, mark);
    });
  }

  /** A product of somebody else may be gone before we come to it. */
  #wasDoneUnlessGone(answer: Answer, mark: string): number {
    if (answer.status !== 400 && answer.status !== 404) return wasDone(answer, 204) ? 1 : 0;
    expect(this.#company.leaving.has(mark), answer.text).to.equal(true);
    return 0;
  }

  async #setCategory(client: Client, entry: Product): Promise<void> {
    const state = entry.state!;
    const category = this.#any("category");
    const takesAway = state.category !== undefined && this.#random.chance(0.3);
    if (category === undefined && !takesAway) return;
    const after = { ...state, category: takesAway ? undefined : category!.mark, version: state.version + 1 };
    await this.#attempt([new Map([[entry, after]])], async () => {
      const url = `${urlOf(entry)}/Category/$ref`;
      const answer = takesAway
        ? await client.delete(url)
        : await client.put(url, { "@odata.id": `Categories(${category!.id!})` });
      return wasDone(answer, 204) ? 1 : 0;
    });
  }

  async #putPhoto(client: Client, entry: Product): Promise<void> {
    const state = entry.state!;
    const photo = this.#mark();
    await this.#attempt([new Map([[entry, { ...state, photo, version: state.version + 1 }]])], async () => {
      const answer = await client.put(`${urlOf(entry)}/Photo`, content(photo, this.#size()), { headers: uploaded });
      return wasDone(answer, 204) ? 1 : 0;
    });
  }

  async #delete(client: Client, entry: Product): Promise<void> {
    this.#company.leaving.add(entry.mark);
    this.#company.products.delete(entry.mark);
    await this.#attempt([this.#without(entry, new Map())], async () =>
      wasDone(await client.delete(urlOf(entry)), 204) ? 1 : 0,
    );
  }

  /** What becomes of a world where a product is deleted: those of ours that are tied to it lose the tie. */
  #without(gone: Product, world: World): World {
    const after = new Map(world);
    for (const entry of this.#all("product")) {
      const state = (after.get(entry) ?? entry.state) as ProductState;
      const related = state.related.filter((mark) => mark !== gone.mark);
      if (related.length < state.related.length) after.set(entry, { ...state, related, version: state.version + 1 });
    }
    return after.set(gone, undefined);
  }

  async #deleteCategory(client: Client): Promise<void> {
    const category = this.#any("category");
    if (category === undefined) return;
    const world = new Map<Entry, State | undefined>([[category, undefined]]);
    for (const entry of this.#all("product")) {
      const state = entry.state as ProductState;
      if (state.category === category.mark)
        world.set(entry, { ...state, category: undefined, version: state.version + 1 });
    }
    await this.#attempt([world], async () =>
      wasDone(await client.delete(`/Categories(${category.id!})`), 204) ? 1 : 0,
    );
  }

  async #writeMedia(client: Client): Promise<void> {
    const known = this.#any("media");
    if (known === undefined || (this.#random.chance(0.4) && this.#all("media").length < MOST.media)) {
      const entry = this.#entry();
      return this.#attempt([new Map([[entry, { kind: "media", content: entry.mark }]])], async () => {
        const answer = await client.post("/MediaItems", content(entry.mark, this.#size()), { headers: uploaded });
        if (!wasDone(answer, 201)) return 0;
        entry.id = answer.json.ID as string;
        return 1;
      });
    }
    if (this.#random.chance(0.4)) {
      return this.#attempt([new Map([[known, undefined]])], async () =>
        wasDone(await client.delete(`/MediaItems(${known.id!})`), 204) ? 1 : 0,
      );
    }
    const mark = this.#mark();
    return this.#attempt([new Map([[known, { kind: "media", content: mark }]])], async () => {
      const url = `/MediaItems(${known.id!})/$value`;
      return wasDone(await client.put(url, content(mark, this.#size()), { headers: uploaded }), 204) ? 1 : 0;
    });
  }

  /** Two change sets, of which the second may fail as a whole. */
  async #batch(client: Client): Promise<void> {
    // Nobody else changes these.
    const steady = this.#all("product").filter((entry) => {
      return (entry.state as ProductState).related.every((mark) => this.#entries.has(mark));
    }) as Product[];
    const full = this.#all("product").length + 2 > MOST.product || this.#all("category").length >= MOST.category;
    if (steady.length < 2 || full) return this.#create(client);
    const known = this.#random.pick(steady);
    const leaving = this.#random.pick(steady.filter((entry) => entry !== known));
    const [first, second] = [this.#entry<ProductState>(), this.#entry<ProductState>()];
    const category = this.#entry();
    const changed = this.#changed(known);
    const reference = { "@odata.id": urlOf(known).slice(1) };
    const patch = { method: "PATCH", url: urlOf(known).slice(1), body: changed.body };
    const one: Change[] = [
      { id: "1", method: "POST", url: "Products", body: bodyOf(first) },
      { id: "2", method: "POST", url: "$1/RelatedProducts/$ref", body: reference },
      { id: "3", ...patch, headers: { "If-Match": changed.etag } },
    ];
    const other: Change[] = [
      { id: "4", method: "POST", url: "Categories", body: { Name: category.mark } },
      { id: "5", method: "POST", url: "Products", body: { ...bodyOf(second), "Category@odata.bind": "$4" } },
      { id: "6", method: "DELETE", url: urlOf(leaving).slice(1) },
    ];
    const fails = this.#random.chance(0.3);
    if (fails) other.push({ id: "7", ...patch, headers: { "If-Match": 'W/"0"' } });
    const afterOne = new Map(changed.world).set(first, {
      ...newProduct(first.mark),
      related: [known.mark],
      version: 2,
    });
    const afterBoth = new Map(this.#without(leaving, afterOne))
      .set(category, { kind: "category", name: category.mark })
      .set(second, { ...newProduct(second.mark), category: category.mark });
    // What fails is never there.
    if (fails) for (const entry of [second, category]) this.#entries.delete(entry.mark);
    else {
      this.#company.leaving.add(leaving.mark);
      this.#company.products.delete(leaving.mark);
    }
    await this.#attempt(fails ? [afterOne] : [afterOne, afterBoth], async () => {
      const format = this.#random.chance(0.5) ? "json" : "multipart";
      const answers = await sendChangeSets(client, format, [one, other]);
      const statuses = answers?.map((set) => set.map(({ status }) => status)) ?? [];
      // A store that is busy lets a whole change set wait.
      if (statuses.length === 0 || statuses[0]!.includes(503)) return 0;
      expect(statuses[0], format).to.deep.equal([201, 204, 200]);
      this.#learn(first, answers![0]![0]!.body!.ID as string);
      if (statuses[1]!.includes(503)) return 1;
      expect(statuses[1], format).to.deep.equal(fails ? [412] : [201, 201, 204]);
      if (fails) return 1;
      category.id = answers![1]![0]!.body!.ID as string;
      this.#learn(second, answers![1]![1]!.body!.ID as string);
      return 2;
    });
  }

  /** What is read is what was written. */
  async #read(client: Client, entry: Product): Promise<void> {
    const { state } = entry;
    if (state === undefined) return;
    const actual = await readProduct(client, entry.id!);
    expect(actual, entry.mark).to.deep.equal(this.#expected(state, actual));
    entry.state = actual;
  }

  /** Until the answer is there, any of these worlds may be: that which was, and those that come with each transaction. */
  async #attempt(worlds: readonly World[], call: () => Promise<number>): Promise<void> {
    const before: World = new Map(worlds.flatMap((world) => [...world.keys()]).map((entry) => [entry, entry.state]));
    // Each is about the same entries.
    this.#pending = [before, ...worlds.map((world) => new Map([...before, ...world]))];
    const reached = await call();
    for (const [entry, state] of this.#pending[reached]!) entry.state = state;
    this.#pending = undefined;
    this.#done(reached);
    if (reached === 0) await pause();
  }

  #done(count: number): void {
    this.acknowledged += count;
  }

  #learn(entry: Product, id: string): void {
    entry.id = id;
    this.#company.products.set(entry.mark, id);
  }

  #entry<S extends State>(): Entry<S> {
    const entry = new Entry<S>(this.#mark());
    this.#entries.set(entry.mark, entry as Entry);
    return entry;
  }

  #all(kind: State["kind"]): Entry[] {
    return [...this.#entries.values()].filter(({ state }) => state?.kind === kind);
  }

  #any(kind: "product"): Product | undefined;
  #any(kind: State["kind"]): Entry | undefined;
  #any(kind: State["kind"]): Entry | undefined {
    const all = this.#all(kind);
    return all.length === 0 ? undefined : this.#random.pick(all);
  }

  #mark(): string {
    return `${this.#name}+${++this.#count}`;
  }

  /** Most contents are small; some are written in several pieces. */
  #size(): number {
    return 40 + this.#random.below(this.#random.chance(0.1) ? 700_000 : 5_000);
  }
}

/** Whether a request was carried out; one that a busy service has refused was not. */
function wasDone(answer: Answer, status: number): boolean {
  if (answer.status === 503) return false;
  expect(answer.status, answer.text).to.equal(status);
  return true;
}

function newProduct(mark: string): ProductState {
  return {
    kind: "product",
    name: mark,
    price: 10,
    quantity: 0,
    version: 1,
    category: undefined,
    related: [],
    descriptions: [],
    photo: undefined,
  };
}

function bodyOf({ mark }: Entry): object {
  return { Name: mark, Price: 10, Status: "InStock", SerialNumber: mark };
}

function urlOf({ id }: Entry): string {
  return `/Products(${id!})`;
}
