import type { EdmType, EntityType, Model } from "../../../src/edm/index.js";
import { keyOf, structured } from "./expressions.js";
import type { Place } from "./expressions.js";
import { injections } from "./literals.js";
import { mutate, sendable } from "./mutation.js";
import { QueryMaker } from "./queries.js";
import type { Random } from "./random.js";

/** A request that only reads. */
export interface ReadRequest {
  readonly method: "GET" | "POST";
  /** Percent-encoded as far as HTTP wants it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Query options, of a `POST` to `$query`. */
  readonly body?: string;
}

const accepts = [
  "application/json;odata.metadata=full",
  "application/json;odata.metadata=none",
  "application/json;IEEE754Compatible=true",
  "application/json;odata.streaming=true",
  "application/json;odata.metadata=full;IEEE754Compatible=true",
  "*/*",
];
const wrongAccepts = ["application/xml", "text/plain", "application/json;odata.metadata=x", "a/b/c", ";;,,", '"'];
const prefers = [
  "maxpagesize=1",
  "maxpagesize=2",
  "odata.maxpagesize=3",
  "omit-values=nulls",
  "omit-values=defaults",
  "include-annotations=*",
  "maxpagesize=2,omit-values=nulls",
  "maxpagesize=0",
  "maxpagesize=x",
  "omit-values=x",
  "respond-async",
  "return=minimal",
];

/** Makes requests for the resources of a model. */
export class RequestMaker {
  readonly #model: Model;
  readonly #random: Random;
  readonly #queries: QueryMaker;
  readonly #keys: ReadonlyMap<string, readonly string[]>;
  readonly #wrong: number;

  /**
   * @param keys of entities that are there, as literals, by the qualified names of their types
   * @param wrong how often something is wrong that could be
   */
  constructor(model: Model, random: Random, keys: ReadonlyMap<string, readonly string[]>, wrong: number) {
    this.#wrong = wrong;
    this.#model = model;
    this.#random = random;
    this.#keys = keys;
    this.#queries = new QueryMaker(model, random, wrong);
  }

  get #isWrong(): boolean {
    return this.#random.chance(this.#wrong);
  }

  /** @param harm how often a request is changed at random places once it is made */
  request(harm: number): ReadRequest {
    const random = this.#random;
    const { path, type, collection, joined } = this.#resource();
    const plain = type !== undefined && !structured(type) && !collection;
    const asks = random.chance(plain ? 2 * this.#wrong : 0.9);
    let query = asks ? this.#queries.query(type, collection, joined) : "";
    let resource = path;
    if (random.chance(harm)) {
      if (query !== "" && random.chance(0.8)) query = mutate(query, random);
      else resource = mutate(resource, random);
    }
    const headers: Record<string, string> = {};
    if (random.chance(0.2)) headers.accept = random.pick(this.#isWrong ? wrongAccepts : accepts);
    if (random.chance(0.2)) headers.prefer = random.pick(prefers);
    if (random.chance(0.1)) headers["odata-maxversion"] = random.pick(this.#isWrong ? ["3.0", "x"] : ["4.0", "4.01"]);
    if (random.chance(0.15)) {
      const body = query.replace(/[^\x21-\x7e]/gu, (character) => sendable(character).slice(1));
      const beside = random.chance(0.1) ? `?${random.pick(["$top=1", "$count=true", "x=1"])}` : "";
      const type = this.#isWrong ? "application/json" : "text/plain";
      return {
        method: "POST",
        path: sendable(`${resource}/$query${beside}`),
        body,
        headers: { ...headers, "content-type": type },
      };
    }
    return { method: "GET", path: sendable(query === "" ? resource : `${resource}?${query}`), headers };
  }

  #resource(): Resource {
    const random = this.#random;
    const { entitySets, singletons } = this.#model.container;
    if (random.chance(0.05)) return this.#system();
    const roots = [
      ...[...entitySets.values()].map(({ name, entityType }) => ({
        path: `/${name}`,
        type: entityType,
        collection: true,
      })),
      ...[...singletons.values()].map(({ name, entityType }) => ({
        path: `/${name}`,
        type: entityType,
        collection: false,
      })),
    ];
    let { path, type, collection }: { path: string; type: EdmType | undefined; collection: boolean } =
      random.pick(roots);
    for (let left = random.pick([0, 0, 0, 0, 1, 2, 2, 3, 4]); left > 0; left--) {
      if (type?.kind !== "entity") break;
      ({ path, type, collection } = this.#step(path, type, collection));
    }
    if (random.chance(0.12))
      path += random.pick([
        "/$count",
        "/$ref",
        "/$value",
        "/$each",
        "/",
        "/$nothing",
        "/nothing",
        `/${random.pick(injections)}`,
      ]);
    return { path, type, collection };
  }

  #step(path: string, type: EntityType, collection: boolean): Resource {
    const random = this.#random;
    if (random.chance(0.03))
      return { path: `${path}/${this.#queries.expressions.wrongName()}`, type: undefined, collection };
    if (type.derivedTypes.length > 0 && random.chance(0.15)) {
      const cast = random.pick(type.derivedTypes);
      return { path: `${path}/${cast.qualifiedName}`, type: cast, collection };
    }
    if (collection) {
      if (random.chance(0.15)) {
        const narrowing = this.#queries.narrowing(type).replace(/[%?#]/g, encodeURIComponent);
        return { path: `${path}${narrowing}`, type, collection: !/^\/-?\d/.test(narrowing) };
      }
      return { path: `${path}${this.#key(type)}`, type, collection: false };
    }
    const navigations = [
      ...type.navigationProperties.values(),
      ...[...type.derivedNavigationProperties.values()].flat(),
    ];
    if (navigations.length > 0 && random.chance(0.6)) {
      const { name, type: target, collection: several } = random.pick(navigations);
      return { path: `${path}/${name}`, type: target, collection: several };
    }
    const { name, type: inner, collection: several } = random.pick([...type.properties.values()]);
    let found = `${path}/${name}`;
    if (structured(inner) && !several && random.chance(0.5)) found += `/${random.pick([...inner.properties.keys()])}`;
    if (random.chance(0.15))
      found += random.pick(["/$value", "/$count", "/0", "/-1", "/0/city", "/$filter($this eq 'a')", "/nothing"]);
    return { path: found, type: inner, collection: several };
  }

  #key(type: EntityType): string {
    const random = this.#random;
    let known = this.#keys.get(type.qualifiedName) ?? [];
    for (const { qualifiedName } of [...type.lineage, ...type.derivedTypes])
      if (known.length === 0) known = this.#keys.get(qualifiedName) ?? [];
    if (known.length === 0 || this.#isWrong) return keyOf(type, random).replace(/[/%?#]/g, encodeURIComponent);
    const key = random.pick(known);
    return random.chance(0.4)
      ? `/${encodeURIComponent(key.replace(/^'|'$/g, ""))}`
      : `(${key.replace(/[/%?#]/g, encodeURIComponent)})`;
  }

  #system(): Resource {
    const random = this.#random;
    const sets = [...this.#model.container.entitySets.values()];
    const some = (count: number) => Array.from({ length: count }, () => random.pick(sets));
    if (random.chance(0.5)) {
      const joined = this.#isWrong ? some(3) : random.chance(0.7) ? sets.slice(0, 2) : some(1);
      return {
        path: `/$crossjoin(${joined.map(({ name }) => name).join(",")})`,
        type: undefined,
        collection: true,
        joined: joined.map(({ name, entityType }) => ({ text: name, type: entityType, collection: false })),
      };
    }
    const { name, entityType } = random.pick(sets);
    const ids = [`${name}${this.#key(entityType)}`, "x", "http://other/x(1)", "/", ""];
    return {
      path: random.one(
        () => "/",
        () => "/$metadata",
        () => "/$all",
        () => `/$all/${random.pick([...this.#model.types.keys()])}`,
        () => `/$entity?$id=${random.pick(ids)}`,
        () => "/$batch",
        () => "/$nothing",
      ),
      type: random.chance(0.5) ? undefined : entityType,
      collection: true,
    };
  }
}

interface Resource {
  readonly path: string;
  readonly type: EdmType | undefined;
  readonly collection: boolean;
  /** The sets of a `$crossjoin`. */
  readonly joined?: readonly Place[];
}
