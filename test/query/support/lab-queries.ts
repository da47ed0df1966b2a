import type { EntityType } from "../../../src/edm/index.js";
import { ExpressionGenerator } from "./lab-expressions.js";
import type { Draw } from "./lab-expressions.js";
import { joined, kindOf, labEntity, scopeOf } from "./lab-scope.js";
import type { Kind, Scope } from "./lab-scope.js";
import type { ItemSource, World } from "./lab-world.js";

const searches = [
  "lamp",
  "red",
  "lamp red",
  "lamp OR x1",
  "NOT lamp",
  '"red lamp"',
  "é AND NOT red",
  "straße",
  "lamp-red",
];

/**
 * Makes requests: paths, and options by the grammar and the model.
 *
 * A member whose name ends with `Double` holds a double: its text may differ from one database to the other, its value not.
 */
export class QueryGenerator {
  readonly #expressions: ExpressionGenerator;
  readonly #items: World["items"];
  #aliases = 0;

  /** @param world paths lead to what is there */
  constructor(draw: Draw, { items }: World) {
    this.#expressions = new ExpressionGenerator(draw);
    this.#items = items;
  }

  /** The id of an item that fits. */
  #item(fits: (item: ItemSource) => boolean = () => true): number {
    return this.#expressions.pick(this.#items.filter(fits)).payload.id;
  }

  /** A path with its options, not percent-encoded. */
  request(): string {
    const generator = this.#expressions;
    if (generator.once(10)) return this.#one();
    if (generator.once(10)) return this.#collection();
    if (generator.once(20)) return this.#join();
    const [path, name] = generator.pick<() => readonly [path: string, type: string]>([
      () => ["Items", "Item"],
      () => ["Items", "Item"],
      () => ["Items", "Item"],
      () => ["Owners", "Owner"],
      () => ["Owners", "Owner"],
      () => ["Items/Lab.Widget", "Widget"],
      () => [`Items(${this.#item(({ related }) => related.length > 0)})/related`, "Item"],
      () => [`Items(${this.#item(({ parts }) => parts.length > 0)})/parts`, "Part"],
      () => [`Items(${this.#item(({ makers }) => makers !== undefined)})/Lab.Widget/makers`, "Owner"],
      () => ["Owners('A')/items", "Item"],
      () => [`Items/$filter(${generator.condition(scopeOf(labEntity("Item"), ""), 1)})`, "Item"],
    ])();
    const type = labEntity(name);
    if (generator.once(12)) return `${path}/$count?$filter=${this.#condition(type)}`;
    if (generator.once(5)) return `${path}?${this.#applied(type).join("&")}`;
    generator.it = scopeOf(type, "$it/");
    return `${path}?${this.#options(type, 2).join("&")}`;
  }

  /** A request for a single entity. */
  #one(): string {
    const generator = this.#expressions;
    const [path, name] = generator.pick<() => readonly [path: string, type: string]>([
      () => [`Items(${this.#item()})`, "Item"],
      () => [`Items(${this.#item(({ friend }) => friend !== null)})/friend`, "Item"],
      () => [`Items(${this.#item(({ owner }) => owner !== null)})/owner`, "Owner"],
      () => ["Owners('a')", "Owner"],
      () => [`Items(${1 + generator.below(30)})/friend`, "Item"],
    ])();
    const type = labEntity(name);
    const options: string[] = [];
    const computed = generator.once(2) ? this.#computed(scopeOf(type, "")) : undefined;
    if (computed !== undefined) options.push(`$compute=${computed.text}`);
    const select = this.#select(type, computed?.names ?? []);
    if (select !== undefined) options.push(`$select=${select}`);
    if (generator.once(2)) options.push(`$expand=${this.#expand(type, 2)}`);
    return `${path}?${options.join("&")}`;
  }

  /** A request for combinations of entities. */
  #join(): string {
    const generator = this.#expressions;
    const scope = joined(scopeOf(labEntity("Owner"), "Owners/"), scopeOf(labEntity("Item"), "Items/"));
    const options = [`$filter=Items/owner/name eq Owners/name and (${generator.condition(scope, 2)})`];
    if (generator.once(2)) options.push(`$orderby=${this.#orderby(scope)}`);
    if (generator.once(3)) options.push("$top=4", "$count=true");
    options.push(
      `$expand=Items($select=id),Owners(${generator.pick(["$select=name", "$select=rank;$expand=items($select=id)"])})`,
    );
    return `$crossjoin(${generator.pick(["Owners,Items", "Items,Owners"])})?${options.join("&")}`;
  }

  /** A request for a collection of complex or primitive values. */
  #collection(): string {
    const generator = this.#expressions;
    const collections = [...labEntity("Item").properties.values()].filter(({ collection }) => collection);
    const { name, type } = generator.pick(collections);
    const path = `Items(${this.#item()})/${name}`;
    const scope: Scope =
      type.kind === "complex" ? scopeOf(type, "") : { paths: new Map([[kindOf(type), ["$this"]]]), collections: [] };
    const filter = `$filter=${generator.condition(scope, 2)}`;
    if (generator.once(4)) return `${path}/$count?${filter}`;
    const options = generator.once(3) ? [] : [filter];
    if (generator.once(2)) options.push(`$orderby=${this.#orderby(scope)}`);
    if (generator.once(4)) options.push("$top=2");
    if (generator.once(4)) options.push("$skip=1");
    if (generator.once(3)) options.push("$count=true");
    if (type.kind === "complex" && generator.once(2)) options.push("$select=city,spot/name,Lab.Harbour/depth");
    return `${path}?${options.join("&")}`;
  }

  /** Options of a collection of entities. */
  #options(type: EntityType, depth: number): string[] {
    const generator = this.#expressions;
    const options: string[] = [];
    const scope = scopeOf(type, "");
    const computed = generator.once(4) ? this.#computed(scope) : undefined;
    if (computed !== undefined) options.push(`$compute=${computed.text}`);
    const all = computed === undefined ? scope : joined(scope, computed.scope);
    if (!generator.once(4)) options.push(`$filter=${generator.condition(all, 3)}`);
    if (generator.once(8) && type.name !== "Part") options.push(`$search=${generator.pick(searches)}`);
    if (generator.once(2)) options.push(`$orderby=${this.#orderby(all)}`);
    if (generator.once(5)) options.push(`$top=${generator.below(6)}`);
    if (generator.once(5)) options.push(`$skip=${generator.below(4)}`);
    if (generator.once(4)) options.push("$count=true");
    const select = this.#select(type, computed?.names ?? []);
    if (select !== undefined) options.push(`$select=${select}`);
    if (depth > 0 && generator.once(3)) options.push(`$expand=${this.#expand(type, depth)}`);
    return options;
  }

  #condition(type: EntityType): string {
    return this.#expressions.condition(scopeOf(type, ""), 2);
  }

  #orderby(scope: Scope): string {
    const terms = Array.from({ length: 1 + this.#expressions.below(2) }, () => this.#expressions.order(scope));
    return terms.join(",");
  }

  /** One or two computed properties, the second of which may use the first. */
  #computed(scope: Scope): { readonly text: string; readonly names: readonly string[]; readonly scope: Scope } {
    const generator = this.#expressions;
    const kinds: readonly Kind[] = [
      "int",
      "decimal",
      "double",
      "text",
      "instant",
      "duration",
      "boolean",
      "date",
      "colour",
    ];
    let own: Scope = { paths: new Map(), collections: [] };
    const texts: string[] = [];
    const names: string[] = [];
    for (let count = 1 + generator.below(2); count > 0; count--) {
      const kind = generator.pick(kinds);
      const name = this.#alias(kind);
      const text = generator.once(5) ? generator.choice(kind, scope) : generator.value(kind, scope, 2);
      texts.push(`${text} as ${name}`);
      names.push(name);
      own = joined(own, { paths: new Map([[kind, [name]]]), collections: [] });
    }
    return { text: texts.join(","), names, scope: own };
  }

  #alias(kind: Kind | "rows"): string {
    return `x${++this.#aliases}${kind === "double" ? "Double" : ""}`;
  }

  #select(type: EntityType, computed: readonly string[]): string | undefined {
    const generator = this.#expressions;
    if (generator.once(8)) return undefined;
    const key = type.key[0]!.name;
    if (generator.once(10)) return "*";
    const items = new Set([key, ...computed.filter(() => generator.once(2))]);
    for (let count = generator.below(4); count > 0; count--) {
      items.add(this.#selectItem(type));
    }
    return [...items].join(",");
  }

  #selectItem(type: EntityType): string {
    const generator = this.#expressions;
    const property = generator.pick([...type.properties.values()]);
    const { name, collection } = property;
    if (property.type.kind === "complex") {
      if (collection && generator.once(2)) return `${name}(${this.#collectionOptions(property.type.qualifiedName)})`;
      return generator.pick([name, `${name}/city`, `${name}/spot/size`, `${name}/Lab.Harbour/depth`, `${name}/spots`]);
    }
    if (!collection || generator.once(2)) {
      if (type.name === "Item" && generator.once(4))
        return generator.pick(["Lab.Widget/wColumn", "Lab.Gadget/gDocument", "Lab.Gizmo/zPlace"]);
      if (type.name === "Owner" && generator.once(3)) return generator.pick(["age", "tall", "nick"]);
      return name;
    }
    const scope: Scope = { paths: new Map([[kindOf(property.type), ["$this"]]]), collections: [] };
    const filter = `$filter=${generator.condition(scope, 1)}`;
    return `${name}(${generator.pick([filter, "$orderby=$this desc", "$skip=1;$top=2", `${filter};$count=true`])})`;
  }

  /** Options of a selected collection of complex values. */
  #collectionOptions(typeName: string): string {
    const generator = this.#expressions;
    const scope = scopeOf(labEntity("Item").properties.get("cPlaces")!.type as never, "");
    const options = [`$filter=${generator.condition(scope, 1)}`];
    if (generator.once(2)) options.push(`$orderby=${generator.order(scope)}`);
    if (generator.once(3)) options.push("$top=2");
    if (generator.once(3)) options.push("$count=true");
    if (generator.once(3)) options.push(`$select=city,zip,${typeName.length > 0 ? "spot/name" : "zip"}`);
    return options.join(";");
  }

  #expand(type: EntityType, depth: number): string {
    const generator = this.#expressions;
    const navigations = [...type.navigationProperties.values()];
    const { name, type: target, collection } = generator.pick(navigations);
    if (generator.once(12)) return "*";
    if (name === "friend" && generator.once(4)) return "friend($levels=2;$select=id)";
    if (collection && generator.once(6)) return `${name}/$count($filter=${this.#condition(target)})`;
    if (type.name === "Item" && generator.once(6)) return `Lab.Widget/makers($select=name)`;
    if (target.name === "Item" && collection && generator.once(6)) return `${name}/Lab.Widget($select=id,wColumn)`;
    if (!collection) {
      const select = this.#select(target, []);
      const options = [...(select === undefined ? [] : [`$select=${select}`])];
      if (depth > 1 && generator.once(2)) options.push(`$expand=${this.#expand(target, depth - 1)}`);
      return options.length === 0 ? name : `${name}(${options.join(";")})`;
    }
    const options = this.#options(target, depth - 1);
    return options.length === 0 ? name : `${name}(${options.join(";")})`;
  }

  /* ------------------------------------------------------------------ $apply */

  /** `$apply` and options that work on what comes out. */
  #applied(type: EntityType): string[] {
    const generator = this.#expressions;
    const state: Applied = { type, scope: withoutCollections(scopeOf(type, "")), names: [] };
    const { text, after } = this.#sequence(state, 1 + generator.below(3));
    const options = [`$apply=${text}`];
    if (generator.once(4)) options.push(`$filter=${generator.condition(after.scope, 1)}`);
    if (generator.once(4)) options.push(`$orderby=${this.#orderby(after.scope)}`);
    if (generator.once(4)) options.push("$top=3");
    if (generator.once(4)) options.push("$count=true");
    if (after.type !== undefined) options.push(`$select=${[after.type.key[0]!.name, ...after.names].join(",")}`);
    else if (after.names.length > 0 && generator.once(4)) options.push(`$select=${generator.pick(after.names)}`);
    return options;
  }

  #sequence(before: Applied, count: number): { readonly text: string; readonly after: Applied } {
    let after = before;
    const texts: string[] = [];
    for (let left = count; left > 0; left--) {
      const step = this.#transformation(after);
      texts.push(step.text);
      after = step.after;
    }
    return { text: texts.join("/"), after };
  }

  #transformation(before: Applied): { readonly text: string; readonly after: Applied } {
    const generator = this.#expressions;
    const { scope } = before;
    const same = (text: string) => ({ text, after: before });
    const number = () => generator.path(generator.pick(["int", "decimal"] as const), scope);
    return generator.pick([
      () => this.#groupby(before),
      () => this.#groupby(before),
      () => this.#aggregate(before),
      () => same(`filter(${generator.condition(scope, 2)})`),
      () => {
        const computed = this.#computed(scope);
        const after = { ...before, scope: joined(scope, computed.scope), names: [...before.names, ...computed.names] };
        return { text: `compute(${computed.text})`, after };
      },
      () => same(`orderby(${this.#orderby(scope)})`),
      () => same(generator.pick(["identity", "skip(1)", "top(5)"])),
      () => same(`${generator.pick(["topcount", "bottomcount"])}(${1 + generator.below(5)},${number()})`),
      () => same(`${generator.pick(["topsum", "bottomsum"])}(${1 + generator.below(20)},${smallNumber(number())})`),
      () =>
        same(
          `${generator.pick(["toppercent", "bottompercent"])}(${10 * generator.below(10)},${smallNumber(number())})`,
        ),
      () => (before.type?.name === "Item" ? same(`search(${generator.pick(searches)})`) : same("identity")),
    ])();
  }

  #groupby(before: Applied): { readonly text: string; readonly after: Applied } {
    const generator = this.#expressions;
    const kinds: readonly Kind[] = [
      "text",
      "boolean",
      "int",
      "decimal",
      "double",
      "colour",
      "date",
      "instant",
      "duration",
    ];
    const groups = new Map<string, Kind>();
    for (let count = 1 + generator.below(2); count > 0; count--) {
      const kind = generator.pick(kinds);
      const paths = (before.scope.paths.get(kind) ?? []).filter(
        (path) => /^\w+(\/\w+)*$/.test(path) && !/^(age|tall|nick)$/.test(path),
      );
      if (paths.length > 0) groups.set(generator.pick(paths), kind);
    }
    if (groups.size === 0) return { text: "identity", after: before };
    const scope: Scope = { paths: byKind(groups), collections: [] };
    const isRollup = groups.size > 1 && generator.once(4);
    const names = [...groups.keys()];
    const list = isRollup ? `rollup(${names.join(",")})` : names.join(",");
    const grouped: Applied = { type: undefined, scope, names: names.filter((name) => !name.includes("/")) };
    if (generator.once(4)) return { text: `groupby((${list}))`, after: grouped };
    const aggregate = this.#aggregate(before);
    const after = {
      type: undefined,
      scope: joined(scope, aggregate.after.scope),
      names: [...grouped.names, ...aggregate.after.names],
    };
    return { text: `groupby((${list}),${aggregate.text})`, after };
  }

  #aggregate(before: Applied): { readonly text: string; readonly after: Applied } {
    const generator = this.#expressions;
    const texts: string[] = [];
    const members = new Map<string, Kind>();
    for (let count = 1 + generator.below(3); count > 0; count--) {
      const { text, kind } = this.#aggregateItem(before);
      const name = this.#alias(kind);
      texts.push(`${text} as ${name}`);
      members.set(name, kind);
    }
    return {
      text: `aggregate(${texts.join(",")})`,
      after: { type: undefined, scope: { paths: byKind(members), collections: [] }, names: [...members.keys()] },
    };
  }

  #aggregateItem({ scope, type }: Applied): { readonly text: string; readonly kind: Kind } {
    const generator = this.#expressions;
    const pathOf = (kind: Kind) => {
      const paths = (scope.paths.get(kind) ?? []).filter((path) => !/Lab\.|age|tall|nick/.test(path));
      // Only some doubles have the same sum in whatever order they are added up.
      const fit = kind === "double" ? paths.filter((path) => /dDouble$|share$/.test(path)) : paths;
      return fit.length === 0 ? undefined : generator.pick(fit);
    };
    const kind = generator.pick([
      "int",
      "decimal",
      "double",
      "text",
      "date",
      "instant",
      "duration",
      "boolean",
    ] as const);
    const path = pathOf(kind);
    if (path === undefined || generator.once(6)) return { text: "$count", kind: "int" };
    if (type?.name === "Item" && generator.once(5)) {
      return generator.pick([
        { text: "parts/size with sum", kind: "int" },
        { text: "parts/price with max", kind: "decimal" },
        { text: "parts/$count", kind: "int" },
        { text: "related/cInt32 with countdistinct", kind: "int" },
        { text: "parts/share with average", kind: "double" },
        { text: "owner/rank with sum", kind: "int" },
        { text: "owner/$count", kind: "int" },
        { text: "owner/motto/$count", kind: "int" },
        { text: "owner/items/cInt32 with sum", kind: "int" },
        { text: "parts/suppliers/rank with average", kind: "double" },
        { text: "related/owner/$count", kind: "int" },
        { text: "related/friend/cDecimal with sum", kind: "decimal" },
        { text: "related/cInt32s with sum", kind: "int" },
        { text: "friend/cPlaces/zip with sum", kind: "int" },
        { text: "friend/related/Lab.Widget/wColumn with sum", kind: "int" },
        { text: "friend/Lab.Widget/makers/$count", kind: "int" },
      ] as const);
    }
    const isNumber = kind === "int" || kind === "decimal" || kind === "double";
    const method = generator.pick(
      isNumber ? ["sum", "min", "max", "average", "countdistinct"] : ["min", "max", "countdistinct"],
    );
    if (method === "countdistinct") return { text: `${path} with countdistinct`, kind: "int" };
    const result = method === "average" && kind === "int" ? "double" : kind;
    return { text: `${path} with ${method}`, kind: result };
  }
}

/** What the rows have between two transformations. */
interface Applied {
  /** Of the rows, while they are entities. */
  readonly type: EntityType | undefined;
  readonly scope: Scope;
  /** Of the members that are no properties. */
  readonly names: readonly string[];
}

function byKind(members: ReadonlyMap<string, Kind>): Map<Kind, string[]> {
  const paths = new Map<Kind, string[]>();
  for (const [name, kind] of members) paths.set(kind, [...(paths.get(kind) ?? []), name]);
  return paths;
}

function withoutCollections({ paths }: Scope): Scope {
  return { paths, collections: [] };
}

/** What is added up must not outgrow what it is compared with. */
function smallNumber(path: string): string {
  return `${path} mod 10`;
}
