import type fc from "fast-check";
import { nat } from "fast-check";
import { joined, primitiveKinds, scopeOf } from "./lab-scope.js";
import type { CollectionPath, Kind, PrimitiveKind, Scope } from "./lab-scope.js";
import { colours, dates, durations, instants, rights, texts, times } from "./lab-values.js";

/** fast-check's way to ask for random values one by one. */
export type Draw = fc.GeneratorValue;

const ordered: readonly PrimitiveKind[] = primitiveKinds.filter(
  (kind) => !["point", "line", "area", "flat"].includes(kind),
);
const numbers = ["int", "decimal", "double"] as const;
const patterns = ["a", "^a", "b$", "^[a-c]*$", "\\d+", "😀", "^.$", "(a|b)+", "\\s", "^$", "[^a]", "a{2}|é"];

/** Names of the Edm types that values of a kind can be cast to. */
const castTypes: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  int: ["Edm.Int32", "Edm.Int64", "Edm.Byte", "Edm.Int16"],
  decimal: ["Edm.Decimal"],
  double: ["Edm.Double", "Edm.Single"],
  text: ["Edm.String"],
  boolean: ["Edm.Boolean"],
  guid: ["Edm.Guid"],
  date: ["Edm.Date"],
  time: ["Edm.TimeOfDay"],
  instant: ["Edm.DateTimeOffset"],
  duration: ["Edm.Duration"],
  colour: ["Lab.colour"],
  rights: ["Lab.rights"],
};

/** Makes random expressions as text: well typed, but for what only the binder knows (a literal zero that divides). */
export class ExpressionGenerator {
  readonly #draw: Draw;
  /** What `$it` stands for: the row of the whole request. */
  it: Scope | undefined;
  #variables = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** A number from 0; the first is what a failing case is shrunk to. */
  below(count: number): number {
    return this.#draw(nat, { max: count - 1 });
  }

  /** True once in so many times. */
  once(inSoMany: number): boolean {
    return this.below(inSoMany) === inSoMany - 1;
  }

  quoted(value: string): string {
    return `'${value.replaceAll("'", "''")}'`;
  }

  literal(kind: Kind): string {
    switch (kind) {
      case "int":
        return this.pick([
          "1",
          "0",
          "2",
          "-1",
          "7",
          "-7",
          "12",
          "200",
          "2147483648",
          "9007199254740993",
          "-9223372036854775808",
        ]);
      case "decimal":
        return this.pick(["1.5", "0.1", "-0.001", "2.345", "100.10", "12345678901234567890.123456789"]);
      case "double":
        return this.pick(["1.5e0", "0.5e0", "-2.5e0", "1e21", "INF", "-INF", "NaN"]);
      case "text":
        return this.quoted(this.pick(texts));
      case "boolean":
        return this.pick(["true", "false"]);
      case "guid":
        return this.pick(["01234567-89ab-cdef-0123-456789abcdef", "00000000-0000-0000-0000-000000000000"]);
      case "binary":
        return this.pick(["binary'T0RhdGE'", "binary''", "binary'AA'"]);
      case "date":
        return this.pick(dates);
      case "time":
        return this.pick(times);
      case "instant":
        return this.pick(instants);
      case "duration":
        return `duration'${this.pick(durations)}'`;
      case "colour":
        return `Lab.colour'${this.pick(colours)}'`;
      case "rights":
        return `Lab.rights'${this.pick(rights)}'`;
      case "point":
        return this.pick(["geography'SRID=4326;Point(1 2)'", "geography'SRID=4326;Point(12.5 41.9)'"]);
      case "line":
        return "geography'SRID=4326;LineString(0 0,1 1)'";
      case "area":
        return "geography'SRID=4326;Polygon((0 0,4 0,4 4,0 4,0 0))'";
      case "flat":
        return this.pick(["geometry'SRID=0;Point(0 0)'", "geometry'SRID=0;Point(4 1)'"]);
      case "place":
        return '{"city":"a","zip":1}';
      case "spot":
        return `{"name":${JSON.stringify(this.pick(texts))},"size":1.5}`;
    }
  }

  /** A property, or a literal where the scope has none. */
  path(kind: Kind, scope: Scope): string {
    const outer = this.it?.paths.get(kind) ?? [];
    if (outer.length > 0 && this.once(25)) return this.pick(outer);
    const paths = scope.paths.get(kind) ?? [];
    return paths.length === 0 ? this.literal(kind) : this.pick(paths);
  }

  /** A `case` with a single branch. */
  choice(kind: Kind, scope: Scope): string {
    return `case(${this.condition(scope, 1)}:${this.path(kind, scope)})`;
  }

  /** A value of a kind. */
  value(kind: Kind, scope: Scope, depth: number): string {
    const choice = this.below(depth > 0 ? 9 : 4);
    if (choice < 3) return this.path(kind, scope);
    if (choice === 3) return this.literal(kind);
    if (choice === 4) return this.#generic(kind, scope, depth - 1);
    return this.#operation(kind, scope, depth - 1);
  }

  /** What there is for every kind: `cast` and `case`. */
  #generic(kind: Kind, scope: Scope, depth: number): string {
    const types = castTypes[kind];
    if (types !== undefined && this.below(3) > 0) {
      return `cast(${this.value(this.pick(sourcesOf(kind)), scope, depth)},'${this.pick(types)}')`;
    }
    const value = () => this.path(kind, scope);
    return `case(${this.condition(scope, depth)}:${value()},${this.condition(scope, depth)}:${value()})`;
  }

  #operation(kind: Kind, scope: Scope, depth: number): string {
    const value = (of: Kind) => this.value(of, scope, depth);
    switch (kind) {
      case "int":
        return this.#integer(scope, depth);
      case "decimal":
        return this.pick<() => string>([
          () => `(${value("decimal")} ${this.pick(["add", "sub", "mul", "div", "mod"])} ${value("int")})`,
          () => `(${value("decimal")} ${this.pick(["add", "sub", "mul", "div", "divby"])} ${value("decimal")})`,
          () => `(${value("int")} divby ${value("int")})`,
          () => `(-${value("decimal")})`,
          () => `${this.pick(["round", "floor", "ceiling"])}(${value("decimal")})`,
          () => `fractionalseconds(${value(this.pick(["instant", "time"]))})`,
          () => `totalseconds(${value("duration")})`,
        ])();
      case "double":
        return this.pick<() => string>([
          () => `(${value("double")} ${this.pick(["add", "sub", "mul", "div", "mod"])} ${value(this.pick(numbers))})`,
          () => `(${value(this.pick(numbers))} ${this.pick(["add", "sub", "mul", "divby"])} ${value("double")})`,
          () => `(-${value("double")})`,
          () => `${this.pick(["round", "floor", "ceiling"])}(${value("double")})`,
        ])();
      case "text":
        return this.pick<() => string>([
          () => `concat(${value("text")},${value("text")})`,
          () => `substring(${value("text")},${this.#small(scope)})`,
          () => `substring(${value("text")},${this.#small(scope)},${this.#small(scope)})`,
          () => `${this.pick(["tolower", "toupper", "trim"])}(${value("text")})`,
        ])();
      case "date":
        return this.pick<() => string>([
          () => `date(${value("instant")})`,
          () => `(${this.path("date", scope)} ${this.pick(["add", "sub"])} ${value("duration")})`,
        ])();
      case "time":
        return `time(${value("instant")})`;
      case "instant":
        return this.pick<() => string>([
          () => `(${value("instant")} ${this.pick(["add", "sub"])} ${value("duration")})`,
          () => this.pick(["mindatetime()", "maxdatetime()"]),
        ])();
      case "duration":
        return this.pick<() => string>([
          () => `(${value("duration")} ${this.pick(["add", "sub"])} ${value("duration")})`,
          () => `(${value("instant")} sub ${value("instant")})`,
          () => `(${this.path("date", scope)} sub ${this.path("date", scope)})`,
          () => `(${value("duration")} ${this.pick(["mul", "div"])} ${value(this.pick(["int", "decimal"]))})`,
          () => `(-${value("duration")})`,
        ])();
      default:
        return this.path(kind, scope);
    }
  }

  #integer(scope: Scope, depth: number): string {
    const value = (of: Kind) => this.value(of, scope, depth);
    return this.pick<() => string>([
      () => `(${value("int")} ${this.pick(["add", "sub", "mul", "div", "mod"])} ${value("int")})`,
      () => `(-${value("int")})`,
      () => `length(${value("text")})`,
      () => `indexof(${value("text")},${value("text")})`,
      () => `${this.pick(["year", "month", "day"])}(${value(this.pick(["date", "instant"]))})`,
      () => `${this.pick(["hour", "minute", "second"])}(${value(this.pick(["time", "instant"]))})`,
      () => `totaloffsetminutes(${value("instant")})`,
      () => `${this.pick(["round", "floor"])}(${value("int")})`,
      () => this.#count(scope, depth),
    ])();
  }

  /** Positions in texts and collections. */
  #small(scope: Scope): string {
    return this.once(5) ? this.value("int", scope, 1) : this.pick(["1", "0", "2", "-1", "9"]);
  }

  #count(scope: Scope, depth: number): string {
    if (scope.collections.length === 0) return "1";
    const { path, items } = this.pick(scope.collections);
    if (typeof items === "string") {
      if (this.once(3)) return `length(${path})`;
      const own = itself(items);
      return this.once(2) ? `${path}/$count($filter=${this.condition(own, depth)})` : `${path}/$count`;
    }
    if (this.once(2)) return `${path}/$count`;
    const filter = this.condition(scopeOf(items, ""), Math.min(depth, 1));
    return this.once(3) ? `${path}/$filter(${filter})/$count` : `${path}/$count($filter=${filter})`;
  }

  /** Something that is true, false or null. */
  condition(scope: Scope, depth: number): string {
    if (depth <= 0) return this.#comparison(scope, 0);
    return this.pick<() => string>([
      () => this.#comparison(scope, depth - 1),
      () => this.#comparison(scope, depth - 1),
      () => this.#comparison(scope, depth - 1),
      () => this.#text(scope, depth - 1),
      () => this.#quantifier(scope, depth - 1),
      () => this.#quantifier(scope, depth - 1),
      () => `(${this.condition(scope, depth - 1)} ${this.pick(["and", "or"])} ${this.condition(scope, depth - 1)})`,
      () => `(${this.condition(scope, depth - 1)} ${this.pick(["and", "or"])} ${this.condition(scope, depth - 1)})`,
      () => `not (${this.condition(scope, depth - 1)})`,
      () => this.#membership(scope, depth - 1),
      () => this.path("boolean", scope),
      () =>
        `(${this.value("boolean", scope, depth - 1)} ${this.pick(["eq", "ne"])} (${this.condition(scope, depth - 1)}))`,
      () => this.#structured(scope),
      () => this.#collections(scope),
      () => this.#geo(scope),
    ])();
  }

  #comparison(scope: Scope, depth: number): string {
    const kind = this.#kindIn(scope);
    if (this.once(8)) return `${this.value(kind, scope, depth)} ${this.pick(["eq", "ne"])} null`;
    const isNumber = (numbers as readonly string[]).includes(kind);
    const other = isNumber && this.once(2) ? this.pick(numbers) : kind;
    const operators = ordered.includes(kind) ? ["eq", "ne", "gt", "ge", "lt", "le"] : ["eq", "ne"];
    return `${this.value(kind, scope, depth)} ${this.pick(operators)} ${this.value(other, scope, depth)}`;
  }

  /** Mostly one of which the scope has something. */
  #kindIn(scope: Scope, all = primitiveKinds as readonly PrimitiveKind[]): PrimitiveKind {
    const there = all.filter((kind) => (scope.paths.get(kind)?.length ?? 0) > 0);
    return there.length === 0 || this.once(8) ? this.pick(all) : this.pick(there);
  }

  #text(scope: Scope, depth: number): string {
    if (this.once(4)) return `matchesPattern(${this.value("text", scope, depth)},${this.quoted(this.pick(patterns))})`;
    const name = this.pick(["contains", "startswith", "endswith"]);
    return `${name}(${this.value("text", scope, depth)},${this.value("text", scope, depth)})`;
  }

  #membership(scope: Scope, depth: number): string {
    if (this.once(4)) return `${this.value("rights", scope, depth)} has ${this.literal("rights")}`;
    const kind = this.#kindIn(scope, ordered);
    const items = Array.from({ length: 1 + this.below(3) }, () => (this.once(6) ? "null" : this.literal(kind)));
    return `${this.value(kind, scope, depth)} in (${items.join(",")})`;
  }

  #quantifier(scope: Scope, depth: number): string {
    if (scope.collections.length === 0 || this.#variables > 2) return this.#comparison(scope, depth);
    const { path, items } = this.pick(scope.collections);
    if (this.once(8)) return `${path}/any()`;
    const variable = `v${++this.#variables}`;
    const own: Scope =
      typeof items === "string"
        ? { paths: new Map([[items, [variable]]]), collections: [] }
        : scopeOf(items, `${variable}/`);
    const within = this.once(3) ? joined(own, own, scope) : own;
    const condition = this.condition(within, Math.min(depth, 1));
    this.#variables--;
    return `${path}/${this.pick(["any", "all"])}(${variable}:${condition})`;
  }

  /** Complex values: compared by their content, tested for their type. */
  #structured(scope: Scope): string {
    const kind = this.pick(["spot", "place"] as const);
    const path = this.path(kind, scope);
    if (!path.startsWith("{") && kind === "place" && this.once(3)) return `isof(${path},'Lab.Harbour')`;
    const operator = this.pick(["eq", "ne"]);
    if (path.startsWith("{")) return `${this.path("boolean", scope)} ${operator} null`;
    return `${path} ${operator} ${this.pick([() => "null", () => this.path(kind, scope), () => this.literal(kind)])()}`;
  }

  #collections(scope: Scope): string {
    const primitive = scope.collections.filter(({ items }) => typeof items === "string");
    if (primitive.length === 0) return this.#comparison(scope, 0);
    const { path, items } = this.pick(primitive) as CollectionPath & { readonly items: PrimitiveKind };
    const alike = primitive.filter((candidate) => candidate.items === items);
    const literal = `[${Array.from({ length: this.below(3) }, () => this.#json(items)).join(",")}]`;
    const other = this.once(2) ? this.pick(alike).path : literal;
    if (this.once(3)) return `${path} ${this.pick(["eq", "ne"])} ${other}`;
    const name = this.pick(["hassubset", "hassubsequence", "contains", "startswith", "endswith"]);
    const first = this.once(3)
      ? `concat(${path},${other})`
      : this.once(3)
        ? `substring(${path},${this.#small(scope)})`
        : path;
    return `${name}(${first},${other})`;
  }

  /** A literal inside JSON, which has texts in double quotes. */
  #json(kind: PrimitiveKind): string {
    switch (kind) {
      case "text":
        return JSON.stringify(this.pick(texts));
      case "colour":
        return JSON.stringify(this.pick(colours));
      case "instant": {
        const literal = this.literal(kind);
        return this.once(2) ? JSON.stringify(literal) : literal;
      }
      default:
        return this.literal(kind);
    }
  }

  #geo(scope: Scope): string {
    return this.pick<() => string>([
      () => `geo.intersects(${this.path("point", scope)},${this.path("area", scope)})`,
      // Far from any value that the data can have.
      () => `geo.distance(${this.path("point", scope)},${this.path("point", scope)}) lt 123456.7`,
      () => `geo.distance(${this.path("flat", scope)},${this.path("flat", scope)}) gt 3.3`,
      () => `geo.length(${this.path("line", scope)}) gt 654321.9`,
    ])();
  }

  /** A term of `$orderby`. */
  order(scope: Scope): string {
    return this.value(this.#kindIn(scope, ordered), scope, this.below(2)) + (this.once(2) ? " desc" : "");
  }
}

/** `$this` in the options of a collection of primitive values. */
function itself(kind: PrimitiveKind): Scope {
  return { paths: new Map([[kind, ["$this"]]]), collections: [] };
}

function sourcesOf(kind: Kind): readonly Kind[] {
  switch (kind) {
    case "int":
      return ["int", "decimal", "double", "text", "colour", "rights"];
    case "decimal":
    case "double":
      return ["int", "decimal", "double", "text"];
    case "text":
      return ["int", "decimal", "boolean", "guid", "date", "time", "instant", "duration", "colour", "rights", "binary"];
    case "date":
    case "time":
      return ["instant", "text"];
    case "instant":
      return ["date", "text"];
    case "colour":
    case "rights":
      return ["int", "text"];
    default:
      return ["text"];
  }
}
