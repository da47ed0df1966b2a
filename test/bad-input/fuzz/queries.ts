import type { EdmType, EntityType, Model, NavigationProperty, StructuredType } from "../../../src/edm/index.js";
import { ApplyMaker } from "./apply.js";
import { ExpressionMaker, scopeOf, structured } from "./expressions.js";
import type { Place, Scope } from "./expressions.js";
import { primitiveKinds, textLiteral } from "./literals.js";
import type { Random } from "./random.js";

const searches = [
  "lamp",
  "red lamp",
  '"red lamp"',
  "NOT lamp",
  "a AND (b OR c)",
  "a OR NOT b",
  "AND",
  "NOT",
  '""',
  '"',
  "(a",
  "a b c d e f g",
  "'; drop table item; --",
  '"* OR *"',
  "NEAR(a b)",
  "title:a",
  "a*",
  "^a",
  "-a",
  "é",
  "😀",
  "a:b",
  "{a}",
  "+",
  "\\",
  "''",
];
const formats = [
  "json",
  "application/json",
  "application/json;odata.metadata=full",
  "application/json;odata.metadata=none",
  "xml",
  "application/json;IEEE754Compatible=true",
  "application/json;odata.streaming=true",
  "text/plain",
  "a/b/c",
  "' or 1=1 --",
];
const numbers = [
  "0",
  "1",
  "2",
  "5",
  "100",
  "2147483647",
  "9007199254740991",
  "9007199254740992",
  "-1",
  "x",
  "1.5",
  "",
  "+1",
  "1e3",
];

/** Makes query options by the grammar and a model. */
export class QueryMaker {
  readonly expressions: ExpressionMaker;
  readonly #apply: ApplyMaker;
  readonly #random: Random;

  constructor(model: Model, random: Random, wrong: number) {
    this.#random = random;
    this.expressions = new ExpressionMaker(model, random, wrong);
    this.#apply = new ApplyMaker(
      this.expressions,
      (scope) => this.#orderby(scope),
      (scope) => this.#compute(scope).text,
      searches,
    );
  }

  /**
   * The query of a request for something of a type, percent-encoded in part, options parted by `&`.
   *
   * @param joined the sets of a `$crossjoin`, whose rows the options are about
   */
  query(type: EdmType | undefined, collection: boolean, joined?: readonly Place[]): string {
    const random = this.#random;
    const { expressions } = this;
    expressions.aliases.clear();
    expressions.it = type;
    const options = joined === undefined ? this.options(type, collection, 2) : this.#joinOptions(joined);
    if (random.chance(0.05)) options.push(`$format=${random.pick(formats)}`);
    if (random.chance(0.03))
      options.push(`$skiptoken=${random.pick(["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "' or 1=1", "€"])}`);
    if (random.chance(0.02))
      options.push(
        random.pick(["$deltatoken=x", "$id=x", "$index=1", "$levels=1", "$schemaversion=*", "$foo=1", "foo=1"]),
      );
    for (const [name, value] of expressions.aliases) options.push(`${name}=${value}`);
    if (expressions.isWrong && options.length > 0) options.push(random.pick(options));
    return options.map((option) => written(option, random)).join("&");
  }

  #joinOptions(joined: readonly Place[]): string[] {
    const random = this.#random;
    const scope: Scope = { row: undefined, variables: joined, names: [] };
    const options: string[] = [];
    if (random.chance(0.7)) options.push(`$filter=${this.expressions.condition(scope, 2)}`);
    if (random.chance(0.4)) options.push(`$orderby=${this.#orderby(scope)}`);
    if (random.chance(0.4)) options.push(`$top=${this.#number()}`);
    if (random.chance(0.2)) options.push("$count=true");
    if (random.chance(0.6)) {
      const items = joined
        .filter(() => random.chance(0.7))
        .map(({ text, type }) => `${text}${this.#nested(type!, false, 1)}`);
      if (items.length > 0) options.push(`$expand=${items.join(",")}`);
    }
    return options;
  }

  /** The options of a collection, or of a single value. */
  options(type: EdmType | undefined, collection: boolean, depth: number): string[] {
    const random = this.#random;
    const { expressions } = this;
    const plural = collection !== expressions.isWrong;
    const options: string[] = [];
    const deep = depth > 1 ? 4 : 2;
    const takesSelect = structured(type) || expressions.isWrong;
    let scope = scopeOf(type);
    if (plural && type?.kind === "entity" && random.chance(0.2)) {
      const { text, after } = this.#apply.sequence(scope, 1 + random.below(3));
      options.push(`$apply=${text}`);
      scope = after;
    }
    if (takesSelect && random.chance(0.15)) {
      const { text, names } = this.#compute(scope);
      options.push(`$compute=${text}`);
      scope = { ...scope, names: [...scope.names, ...names] };
    }
    if (plural) {
      if (random.chance(0.6)) options.push(`$filter=${expressions.condition(scope, random.below(deep + 1))}`);
      if (random.chance(0.06)) options.push(`$search=${random.pick(searches)}`);
      if (random.chance(0.35)) options.push(`$orderby=${this.#orderby(scope)}`);
      if (random.chance(0.2)) options.push(`$top=${this.#number()}`);
      if (random.chance(0.15)) options.push(`$skip=${this.#number()}`);
      if (random.chance(0.15)) options.push(`$count=${expressions.isWrong ? "maybe" : random.pick(["true", "false"])}`);
    }
    if (takesSelect && random.chance(0.3)) options.push(`$select=${this.#select(scope, type, depth)}`);
    const takesExpand = (type?.kind === "entity" && scope.row !== undefined) || expressions.isWrong;
    if (takesExpand && random.chance(depth > 0 ? 0.25 : 0)) options.push(`$expand=${this.#expand(type, depth)}`);
    return options;
  }

  #number(): string {
    return this.#random.pick(this.expressions.isWrong ? numbers : numbers.slice(0, 5));
  }

  #orderby(scope: Scope): string {
    const random = this.#random;
    const term = () => {
      const direction = this.expressions.isWrong ? " up" : random.pick(["", "", " asc", " desc"]);
      return this.expressions.value(random.pick(primitiveKinds), scope, random.below(3)) + direction;
    };
    return random.some(2, term).join(",");
  }

  #compute(scope: Scope): { readonly text: string; readonly names: readonly string[] } {
    const random = this.#random;
    const names: string[] = [];
    const items = random.some(2, () => {
      const own = { ...scope, names: [...scope.names, ...names] };
      const value = this.expressions.value(random.pick(primitiveKinds), own, 1 + random.below(2));
      const name = random.chance(0.06)
        ? random.pick(["__proto__", "constructor", "id", "x1", "größe"])
        : `x${random.below(1_000)}`;
      names.push(name);
      return `${value} as ${name}`;
    });
    return { text: items.join(","), names };
  }

  #select(scope: Scope, type: EdmType | undefined, depth: number): string {
    const random = this.#random;
    const item = (): string => {
      if (random.chance(0.08)) return "*";
      if (this.expressions.isWrong || !structured(type)) return this.expressions.wrongName();
      if (scope.names.length > 0 && random.chance(0.2)) return random.pick(scope.names);
      return this.#selectItem(type, depth);
    };
    return random.some(4, item).join(",");
  }

  #selectItem(type: StructuredType, depth: number): string {
    const random = this.#random;
    const derived: readonly StructuredType[] = type.derivedTypes;
    if (derived.length > 0 && random.chance(0.2)) {
      const cast = random.pick(derived);
      return `${cast.qualifiedName}/${this.#selectItem(cast, 0)}`;
    }
    if (type.navigationProperties.size > 0 && random.chance(0.15))
      return random.pick([...type.navigationProperties.keys()]);
    if (random.chance(0.03)) return random.pick(["microsoft.graph.*", "Lab.*", "n.f", "@a.b", "x(1)"]);
    if (type.properties.size === 0) return "*";
    const { name, type: inner, collection } = random.pick([...type.properties.values()]);
    if (depth > 0 && (collection || inner.kind === "complex") && random.chance(0.5)) {
      if (structured(inner) && random.chance(0.5)) return `${name}/${this.#selectItem(inner, depth - 1)}`;
      return `${name}${this.#nested(inner, collection, 0)}`;
    }
    return name;
  }

  #expand(type: EdmType | undefined, depth: number): string {
    const random = this.#random;
    const item = (): string => {
      if (random.chance(0.06))
        return random.pick(["*", "*/$ref", "*($levels=2)", "*($levels=max)", "*($select=id)", "*/$count"]);
      if (type?.kind !== "entity" || this.expressions.isWrong) return this.expressions.wrongName();
      return this.#expandItem(type, depth);
    };
    return random.some(2, item).join(",");
  }

  #expandItem(type: EntityType, depth: number): string {
    const random = this.#random;
    if (type.derivedTypes.length > 0 && random.chance(0.15)) {
      const cast = random.pick(type.derivedTypes);
      return `${cast.qualifiedName}/${this.#navigation([...cast.navigationProperties.values()], depth)}`;
    }
    return this.#navigation([...type.navigationProperties.values()], depth);
  }

  #navigation(all: readonly NavigationProperty[], depth: number): string {
    const random = this.#random;
    if (all.length === 0) return this.expressions.wrongName();
    const { name, type, collection } = random.pick(all);
    if (random.chance(0.1)) return `${name}/$ref${random.chance(0.5) ? this.#nested(type, collection, 0) : ""}`;
    if (random.chance(0.1))
      return `${name}/$count${random.chance(0.5) ? `($filter=${this.expressions.condition(scopeOf(type), 1)})` : ""}`;
    const path =
      type.derivedTypes.length > 0 && random.chance(0.1)
        ? `${name}/${random.pick(type.derivedTypes).qualifiedName}`
        : name;
    return random.chance(0.6) ? `${path}${this.#nested(type, collection, depth - 1)}` : path;
  }

  /** Options in parentheses. */
  #nested(type: EdmType, collection: boolean, depth: number): string {
    const options = this.options(type, collection, depth);
    if (this.#random.chance(0.06)) options.push(`$levels=${this.#random.pick(["1", "2", "max", "0", "100", "x"])}`);
    return options.length === 0 && !this.expressions.isWrong ? "" : `(${options.join(";")})`;
  }

  /** `/$filter(...)` and what else can narrow a collection in a path. */
  narrowing(type: EdmType): string {
    const random = this.#random;
    return random.one(
      () => `/$filter(${this.expressions.condition(scopeOf(type), 1)})`,
      () => "/$filter(@a)",
      () => `/${random.pick(["0", "-1", "1", "99", "-99", "00", "99999999999999999999"])}`,
      () => `/$filter(${textLiteral(random)} eq ${textLiteral(random)})`,
    );
  }
}

/** An option as a client may write it: with its name in other letters, or with more or less of it percent-encoded. */
function written(option: string, random: Random): string {
  const equals = option.indexOf("=");
  let name = option.slice(0, equals);
  if (random.chance(0.06)) name = random.pick([name.slice(1), name.toUpperCase(), encodeURIComponent(name)]);
  const value = option.slice(equals + 1);
  if (random.chance(0.04)) return `${name}=${value}`;
  if (random.chance(0.2))
    return `${name}=${wellFormed(value)
      .map((c) => (/[\w' ]/.test(c) ? c : encodeURIComponent(c)))
      .join("")}`;
  return `${name}=${value.replace(/[%&#+]/g, encodeURIComponent)}`;
}

function wellFormed(text: string): string[] {
  return [...text].map((character) => (/^[\ud800-\udfff]$/.test(character) ? "\ufffd" : character));
}
