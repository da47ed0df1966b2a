import type { EdmType, EntityType, Model, StructuredType } from "../../../src/edm/index.js";
import { kindOf, literal, primitiveKinds, textLiteral } from "./literals.js";
import type { Kind } from "./literals.js";
import type { Random } from "./random.js";

/** What a name, or the way from one, leads to. `type` is undefined where nobody knows. */
export interface Place {
  readonly text: string;
  readonly type: EdmType | undefined;
  readonly collection: boolean;
}

/** What an expression can name: its row, by the properties' bare names, and variables. */
export interface Scope {
  readonly row: EdmType | undefined;
  readonly variables: readonly Place[];
  /** Names of computed properties and aggregates. */
  readonly names: readonly string[];
}

export function scopeOf(row: EdmType | undefined, names: readonly string[] = []): Scope {
  return { row, variables: [], names };
}

const patterns = [
  "a",
  "^a",
  "(a|b)+",
  "(a*)*b",
  "(a+)+$",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(",
  "(?=a)",
  "(a)\\1",
  "[",
  "\\",
  "\\p{L}",
  "a{1000}",
  "(a{100}){100}",
  ".*.*.*.*.*x",
  "(?i)A",
  "\\d+",
  "\\u{41}",
  "^$",
  "a{2,1}",
  "(?<n>a)",
  "\\bx",
  "[[:alpha:]]",
];
const castTypes = [
  "Edm.String",
  "Edm.Int32",
  "Edm.Int64",
  "Edm.Byte",
  "Edm.Decimal",
  "Edm.Double",
  "Edm.Single",
  "Edm.Boolean",
  "Edm.Guid",
  "Edm.Date",
  "Edm.TimeOfDay",
  "Edm.DateTimeOffset",
  "Edm.Duration",
  "Edm.Binary",
  "Edm.GeographyPoint",
  "Edm.Stream",
  "Edm.Untyped",
  "Edm.PrimitiveType",
  "Collection(Edm.String)",
  "Edm.Nothing",
  "'Edm.String'",
  "Edm.ComplexType",
];
const operators = [
  "eq",
  "ne",
  "gt",
  "ge",
  "lt",
  "le",
  "and",
  "or",
  "add",
  "sub",
  "mul",
  "div",
  "divby",
  "mod",
  "has",
  "in",
];
/** By the kind of their value: name and kinds of the parameters. */
const functions: readonly (readonly [value: Kind, name: string, ...parameters: readonly (Kind | "collection")[]])[] = [
  ["boolean", "contains", "text", "text"],
  ["boolean", "startswith", "text", "text"],
  ["boolean", "endswith", "text", "text"],
  ["boolean", "contains", "collection", "collection"],
  ["boolean", "hassubset", "collection", "collection"],
  ["boolean", "hassubsequence", "collection", "collection"],
  ["boolean", "geo.intersects", "geo", "geo"],
  ["number", "length", "text"],
  ["number", "length", "collection"],
  ["number", "indexof", "text", "text"],
  ["number", "indexof", "collection", "collection"],
  ["number", "year", "instant"],
  ["number", "month", "date"],
  ["number", "day", "instant"],
  ["number", "hour", "time"],
  ["number", "minute", "instant"],
  ["number", "second", "instant"],
  ["number", "fractionalseconds", "time"],
  ["number", "totalseconds", "duration"],
  ["number", "totaloffsetminutes", "instant"],
  ["number", "round", "number"],
  ["number", "floor", "number"],
  ["number", "ceiling", "number"],
  ["number", "geo.distance", "geo", "geo"],
  ["number", "geo.length", "geo"],
  ["text", "concat", "text", "text"],
  ["text", "substring", "text", "number"],
  ["text", "substring", "text", "number", "number"],
  ["text", "tolower", "text"],
  ["text", "toupper", "text"],
  ["text", "trim", "text"],
  ["date", "date", "instant"],
  ["time", "time", "instant"],
  ["instant", "now"],
  ["instant", "mindatetime"],
  ["instant", "maxdatetime"],
];

/** Makes expressions by the grammar and a model: mostly well typed, now and then with something wrong in them. */
export class ExpressionMaker {
  readonly model: Model;
  readonly random: Random;
  /** The values of parameter aliases that expressions have used. */
  readonly aliases = new Map<string, string>();
  /** The row of the whole request. */
  it: EdmType | undefined;
  /** How often something is wrong: one in so many times. */
  readonly #wrong: number;
  #variables = 0;

  constructor(model: Model, random: Random, wrong: number) {
    this.model = model;
    this.random = random;
    this.#wrong = wrong;
  }

  get isWrong(): boolean {
    return this.random.chance(this.#wrong);
  }

  /** A name that is none, or not of what it is asked of. */
  wrongName(): string {
    const { random } = this;
    const types = [...this.model.types.keys()];
    return random.one(
      () =>
        random.pick([
          "nothing",
          "displyName",
          "__proto__",
          "constructor",
          "toString",
          "hasOwnProperty",
          "größe",
          "x".repeat(129),
        ]),
      () => random.pick(types),
      () =>
        random.pick(types.flatMap((name) => (structured(this.model.types.get(name)) ? [...this.#names(name)] : []))),
    );
  }

  *#names(name: string): Generator<string> {
    const type = this.model.types.get(name) as StructuredType;
    yield* type.properties.keys();
    yield* type.navigationProperties.keys();
  }

  condition(scope: Scope, depth: number): string {
    return this.value("boolean", scope, depth);
  }

  /** A value of a kind, or of another one where it is to be wrong. */
  value(kind: Kind, scope: Scope, depth: number): string {
    const { random } = this;
    if (this.isWrong) return this.value(random.pick(primitiveKinds), scope, depth);
    if (depth <= 0) return random.chance(0.6) ? this.path(kind, scope) : literal(kind, random, this.#anyEnum());
    if (random.chance(0.04)) return this.#alias(kind, scope, depth);
    if (random.chance(0.05)) return this.#choice(kind, scope, depth);
    if (random.chance(0.06)) return this.#cast(kind, scope, depth);
    if (kind === "boolean") return this.#condition(scope, depth);
    if (random.chance(0.5)) return this.path(kind, scope);
    return this.#operation(kind, scope, depth);
  }

  #anyEnum(): EdmType | undefined {
    const enums = [...new Set(this.model.types.values())].filter(({ kind }) => kind === "enum");
    return enums.length === 0 ? undefined : this.random.pick(enums);
  }

  #alias(kind: Kind, scope: Scope, depth: number): string {
    const name = `@${this.random.pick(["a", "b", "c", "p1", "__proto__"])}`;
    if (!this.aliases.has(name) && !this.random.chance(0.1)) {
      this.aliases.set(name, "null");
      this.aliases.set(name, this.value(kind, scope, depth - 1));
    }
    return name;
  }

  #choice(kind: Kind, scope: Scope, depth: number): string {
    const branches = this.random.some(
      2,
      () => `${this.condition(scope, depth - 1)}:${this.value(kind, scope, depth - 1)}`,
    );
    return `case(${branches.join(",")})`;
  }

  #cast(kind: Kind, scope: Scope, depth: number): string {
    const { random } = this;
    const type = random.chance(0.2) ? this.#typeName() : random.pick(castTypes);
    const operand = random.chance(0.1) ? "" : `${this.value(random.pick(primitiveKinds), scope, depth - 1)},`;
    return `${kind === "boolean" ? random.pick(["isof", "cast"]) : "cast"}(${operand}${type})`;
  }

  #typeName(): string {
    return this.random.pick([...this.model.types.keys()]);
  }

  #operation(kind: Kind, scope: Scope, depth: number): string {
    const { random } = this;
    const operand = (of: Kind) => this.value(of, scope, depth - 1);
    const found = functions.filter(([value]) => value === kind);
    if (found.length > 0 && random.chance(0.6)) return this.#call(random.pick(found), scope, depth);
    switch (kind) {
      case "number":
        return random.chance(0.15)
          ? `-${operand("number")}`
          : `(${operand("number")} ${random.pick(["add", "sub", "mul", "div", "divby", "mod"])} ${operand("number")})`;
      case "instant":
      case "date":
        return `(${operand(kind)} ${random.pick(["add", "sub"])} ${operand("duration")})`;
      case "duration":
        return random.one(
          () => `(${operand("duration")} ${random.pick(["add", "sub"])} ${operand("duration")})`,
          () => `(${operand("duration")} ${random.pick(["mul", "div"])} ${operand("number")})`,
          () => `(${operand("instant")} sub ${operand("instant")})`,
          () => `-${operand("duration")}`,
        );
      default:
        return random.chance(0.5) ? literal(kind, random, this.#anyEnum()) : this.path(kind, scope);
    }
  }

  #call([, name, ...parameters]: (typeof functions)[number], scope: Scope, depth: number): string {
    const list = parameters.map((kind) =>
      kind === "collection" ? this.collection(scope) : this.value(kind, scope, depth - 1),
    );
    if (this.isWrong) list.push(...list);
    if (this.isWrong) list.pop();
    return `${name}(${list.join(",")})`;
  }

  #condition(scope: Scope, depth: number): string {
    const { random } = this;
    const next = depth - 1;
    if (this.isWrong) {
      const operand = () => this.value(random.pick(primitiveKinds), scope, next);
      const variable = random.pick(["$it", "$this", "$these", "$root"]);
      return `${random.one(operand, () => variable)} ${random.pick(operators)} ${operand()}`;
    }
    return random.one(
      () => this.#comparison(scope, next),
      () => this.#comparison(scope, next),
      () => this.#comparison(scope, next),
      () => `(${this.condition(scope, next)} ${random.pick(["and", "or"])} ${this.condition(scope, next)})`,
      () => `${this.condition(scope, next)} ${random.pick(["and", "or"])} ${this.condition(scope, next)}`,
      () => `not ${random.chance(0.7) ? `(${this.condition(scope, next)})` : this.condition(scope, next)}`,
      () => this.#quantified(scope, depth),
      () => this.#quantified(scope, depth),
      () => this.#membership(scope, next),
      () => this.#call(random.pick(functions.filter(([value]) => value === "boolean")), scope, depth),
      () => `matchesPattern(${this.value("text", scope, next)},'${random.pick(patterns).replaceAll("'", "''")}')`,
      () => `${this.value("enum", scope, next)} has ${literal("enum", random, this.#anyEnum())}`,
      () => `${this.collection(scope)} ${random.pick(["eq", "ne", "gt"])} ${this.collection(scope)}`,
      () => this.path("boolean", scope),
    );
  }

  #comparison(scope: Scope, depth: number): string {
    const { random } = this;
    const place = random.chance(0.5) ? this.#walk(scope, 3) : undefined;
    const operator = random.pick(["eq", "ne", "gt", "ge", "lt", "le"]);
    if (place?.type !== undefined && !place.collection && !structured(place.type))
      return `${place.text} ${operator} ${literal(kindOf(place.type), random, place.type)}`;
    const kind = random.pick(primitiveKinds);
    return `${this.value(kind, scope, depth)} ${operator} ${this.value(kind, scope, depth)}`;
  }

  #membership(scope: Scope, depth: number): string {
    const { random } = this;
    const kind = random.pick(primitiveKinds);
    const list = random.one(
      () => `(${random.some(5, () => literal(kind, random, this.#anyEnum())).join(",")})`,
      () => this.collection(scope),
      () => "()",
    );
    return `${this.value(kind, scope, depth)} in ${list}`;
  }

  /** `any`, `all`, `$count`, and what else can follow a collection. */
  #quantified(scope: Scope, depth: number): string {
    const { random } = this;
    const place = this.#collectionPlace(scope);
    if (random.chance(0.1)) return `${place.text}/any()`;
    if (random.chance(0.25)) return `${this.count(place, depth)} ${random.pick(["eq", "gt", "le"])} ${random.below(3)}`;
    return `${place.text}/${random.pick(["any", "all"])}(${this.#lambda(place, scope, depth)})`;
  }

  count(place: Place, depth: number): string {
    const { random } = this;
    const own = scopeOf(place.type);
    return random.one(
      () => `${place.text}/$count`,
      () => `${place.text}/$filter(${this.condition(own, Math.min(1, depth))})/$count`,
      () => `${place.text}/$count($filter=${this.condition(own, Math.min(1, depth))})`,
      () => `${place.text}/$count($search=${random.pick(["lamp", '"a b"', "NOT a"])})`,
      () => `${place.text}/aggregate($count as n)`,
    );
  }

  #lambda(place: Place, scope: Scope, depth: number): string {
    const { random } = this;
    const variable = this.isWrong ? random.pick(["x", "$it", "v1"]) : `v${++this.#variables}`;
    const own = { text: variable, type: place.type, collection: false };
    const inner = {
      ...scope,
      row: random.chance(0.2) ? scope.row : undefined,
      variables: [...scope.variables, own, own],
    };
    const condition = this.condition(inner, Math.min(depth - 1, 2));
    return `${variable}:${condition}`;
  }

  /** A collection: a path, or a list. */
  collection(scope: Scope): string {
    const { random } = this;
    if (random.chance(0.25))
      return `[${random.some(3, () => random.pick(['"a"', "1", "null", '{"city":"a"}', "1.5"])).join(",")}]`;
    const { text } = this.#collectionPlace(scope);
    if (random.chance(0.1)) return `concat(${text},${this.#collectionPlace(scope).text})`;
    if (random.chance(0.1)) return `substring(${text},${random.below(3)})`;
    return text;
  }

  #collectionPlace(scope: Scope): Place {
    for (let tries = 0; tries < 12; tries++) {
      const place = this.#walk(scope, 2);
      if (place.collection) return place;
    }
    return this.#walk(scope, 1);
  }

  /** A path to a value of a kind; a literal where none is found soon. */
  path(kind: Kind, scope: Scope): string {
    const { random } = this;
    if (scope.names.length > 0 && random.chance(0.25)) return random.pick(scope.names);
    for (let tries = 0; tries < 12; tries++) {
      const { text, type, collection } = this.#walk(scope, 3);
      if (type !== undefined && !collection && kindOf(type) === kind) return text;
      if (collection && kind === "number" && random.chance(0.2)) return `${text}/$count`;
    }
    return literal(kind, random, this.#anyEnum());
  }

  /** A way through the model from something in scope. */
  #walk(scope: Scope, steps: number): Place {
    const { random } = this;
    const starts: Place[] = [...scope.variables];
    if (scope.row !== undefined) {
      const own = { text: "", type: scope.row, collection: false };
      starts.push(own, own, own, { ...own, text: "$this" });
    }
    if (this.it !== undefined && random.chance(0.05)) starts.push({ text: "$it", type: this.it, collection: false });
    if (random.chance(0.04)) starts.push(this.#rooted());
    let place: Place = starts.length === 0 ? { text: "$it", type: this.it, collection: false } : random.pick(starts);
    for (let left = steps; left > 0; left--) {
      if (!structured(place.type) || place.collection) break;
      if (place.text !== "" && random.chance(0.1)) break;
      place = this.#step(place, place.type);
      if (random.chance(0.3) && !structured(place.type)) break;
    }
    return place.text === "" ? { ...place, text: "$it" } : place;
  }

  #step(from: Place, type: StructuredType): Place {
    const { random } = this;
    const at = (name: string) => (from.text === "" ? name : `${from.text}/${name}`);
    if (this.isWrong) return { text: at(this.wrongName()), type: undefined, collection: false };
    if (type.open && random.chance(0.2))
      return { text: at(random.pick(["age", "tall", "nick", "other"])), type: undefined, collection: false };
    const derived: readonly StructuredType[] = type.derivedTypes;
    if (derived.length > 0 && random.chance(0.2)) {
      const cast = random.pick(derived);
      return this.#member({ text: at(cast.qualifiedName), type: cast, collection: false }, cast);
    }
    return this.#member(from, type);
  }

  #member(from: Place, type: StructuredType): Place {
    const { random } = this;
    const at = (name: string) => (from.text === "" ? name : `${from.text}/${name}`);
    const navigations = [...type.navigationProperties.values()];
    if (navigations.length > 0 && random.chance(0.3)) {
      const { name, type: target, collection } = random.pick(navigations);
      const found = { text: at(name), type: target as EdmType, collection };
      if (collection && random.chance(0.12))
        return { ...found, text: `${found.text}${keyOf(target, random)}`, collection: false };
      return found;
    }
    const properties = [...type.properties.values()];
    if (properties.length === 0) return { text: at("nothing"), type: undefined, collection: false };
    const { name, type: inner, collection } = random.pick(properties);
    return { text: at(name), type: inner, collection };
  }

  #rooted(): Place {
    const { random } = this;
    const { entitySets, singletons } = this.model.container;
    if (singletons.size > 0 && random.chance(0.5)) {
      const { name, entityType } = random.pick([...singletons.values()]);
      return { text: `$root/${name}`, type: entityType, collection: false };
    }
    const { name, entityType } = random.pick([...entitySets.values()]);
    if (random.chance(0.3)) return { text: `$root/${name}`, type: entityType, collection: true };
    return { text: `$root/${name}${keyOf(entityType, random)}`, type: entityType, collection: false };
  }
}

export function structured(type: EdmType | undefined): type is StructuredType {
  return type?.kind === "entity" || type?.kind === "complex";
}

/** A key that may be right. */
export function keyOf(type: EntityType, random: Random): string {
  const values = type.key.map((property) => {
    const kind = kindOf(property.type);
    const value =
      kind === "number" ? String(1 + random.below(8)) : kind === "text" ? textLiteral(random) : literal(kind, random);
    return [property.name, value] as const;
  });
  if (random.chance(0.05)) return random.pick(["()", "(null)", "(@a)", "(x=1)", "('a','b')", "(1)", "('a')"]);
  if (values.length === 1 && random.chance(0.8)) return `(${values[0]![1]})`;
  return `(${values.map(([name, value]) => `${name}=${value}`).join(",")})`;
}
