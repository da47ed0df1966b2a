import type { StructuredType } from "../../../src/edm/index.js";
import type { ExpressionMaker, Scope } from "./expressions.js";
import { scopeOf, structured } from "./expressions.js";
import { primitiveKinds } from "./literals.js";
import type { Random } from "./random.js";

const methods = ["sum", "min", "max", "average", "countdistinct", "sum", "max", "n.custom", "median"];

/** Makes the transformations of `$apply`. */
export class ApplyMaker {
  readonly #expressions: ExpressionMaker;
  readonly #orderby: (scope: Scope) => string;
  readonly #compute: (scope: Scope) => string;
  readonly #searches: readonly string[];
  #names = 0;

  constructor(
    expressions: ExpressionMaker,
    orderby: (scope: Scope) => string,
    compute: (scope: Scope) => string,
    searches: readonly string[],
  ) {
    this.#expressions = expressions;
    this.#orderby = orderby;
    this.#compute = compute;
    this.#searches = searches;
  }

  get #random(): Random {
    return this.#expressions.random;
  }

  /** Transformations, and what expressions behind them can name. */
  sequence(before: Scope, count: number): { readonly text: string; readonly after: Scope } {
    let after = before;
    const texts: string[] = [];
    for (let left = count; left > 0; left--) {
      const step = this.#transformation(after);
      texts.push(step.text);
      // What is wrong now and then is that a name is gone.
      after = this.#expressions.isWrong ? after : step.after;
    }
    return { text: texts.join("/"), after };
  }

  #transformation(scope: Scope): { readonly text: string; readonly after: Scope } {
    const random = this.#random;
    const expressions = this.#expressions;
    const same = (text: string) => ({ text, after: scope });
    return random.one(
      () => this.#aggregate(scope),
      () => this.#groupby(scope),
      () => this.#groupby(scope),
      () => same(`filter(${expressions.condition(scope, random.below(3))})`),
      () => {
        const text = this.#compute(scope);
        const names = [...text.matchAll(/ as (\w+)/g)].map(([, name]) => name!);
        return { text: `compute(${text})`, after: { ...scope, names: [...scope.names, ...names] } };
      },
      () => same(`orderby(${this.#orderby(scope)})`),
      () =>
        same(
          random.pick([
            "identity",
            "skip(1)",
            "top(5)",
            "top(0)",
            "skip(-1)",
            `search(${random.pick(this.#searches)})`,
          ]),
        ),
      () => {
        const name = `${random.pick(["top", "bottom"])}${random.pick(["count", "sum", "percent"])}`;
        const amount = expressions.isWrong
          ? expressions.value("number", scope, 1)
          : random.pick(["1", "3", "50", "0.5"]);
        return same(`${name}(${amount},${expressions.value("number", scope, 1)})`);
      },
      () => {
        const sequences = [this.sequence(scope, 1), ...random.some(2, () => this.sequence(scope, 1))];
        const names = sequences.flatMap(({ after }) => after.names);
        return {
          text: `concat(${sequences.map(({ text }) => text).join(",")})`,
          after: { ...sequences[0]!.after, names },
        };
      },
      () =>
        same(
          random.pick([
            "nest(identity as x)",
            "join(assignments as x)",
            "outerjoin(parts as p,filter(p/size gt 1))",
            "addnested(parts,filter(size gt 1) as q)",
            "ancestors($root/Items,H,id,filter(id eq 1),2,keep start)",
            "traverse($root/Items,H,id,preorder)",
            "n.custom(a=1)",
          ]),
        ),
    );
  }

  #groupby(scope: Scope): { readonly text: string; readonly after: Scope } {
    const random = this.#random;
    const groups = random.some(3, () => this.#group(scope));
    const names = groups.filter((name) => /^\w+$/.test(name));
    const list = random.chance(0.2)
      ? `rollup(${random.chance(0.3) ? "$all," : ""}${groups.join(",")})`
      : random.chance(0.05)
        ? "rolluprecursive($root/Items,H,id)"
        : groups.join(",");
    if (random.chance(0.3)) return { text: `groupby((${list}))`, after: scopeOf(undefined, names) };
    const inner = random.chance(0.7) ? this.#aggregate(scope) : this.sequence(scope, 1 + random.below(2));
    return {
      text: `groupby((${list}),${inner.text})`,
      after: { ...inner.after, names: [...names, ...inner.after.names] },
    };
  }

  #group(scope: Scope): string {
    const random = this.#random;
    const { row, names } = scope;
    if (names.length > 0 && (random.chance(0.3) || !structured(row))) return random.pick(names);
    if (!structured(row) || this.#expressions.isWrong) return this.#expressions.wrongName();
    const single = navigationsOf(row, false);
    if (single.length > 0 && random.chance(0.2)) {
      const { name, type } = random.pick(single);
      return `${name}/${random.pick([...type.properties.keys(), ...navigationsOf(type, true).map((one) => one.name)])}`;
    }
    if (row.derivedTypes.length > 0 && random.chance(0.1)) {
      const cast: StructuredType = random.pick(row.derivedTypes as readonly StructuredType[]);
      return `${cast.qualifiedName}/${random.pick([...cast.properties.keys()])}`;
    }
    const { name, type } = random.pick([...row.properties.values()]);
    return structured(type) && random.chance(0.6) ? `${name}/${random.pick([...type.properties.keys()])}` : name;
  }

  #aggregate(scope: Scope): { readonly text: string; readonly after: Scope } {
    const random = this.#random;
    const names: string[] = [];
    const item = (): string => {
      const name = random.chance(0.04) ? random.pick(["id", "__proto__", "constructor"]) : `a${++this.#names}`;
      names.push(name);
      if (random.chance(0.2)) return `$count as ${name}`;
      const method = random.pick(this.#expressions.isWrong ? methods : methods.slice(0, 7));
      const value = random.chance(0.25)
        ? this.#through(scope)
        : this.#expressions.value(random.chance(0.6) ? "number" : random.pick(primitiveKinds), scope, random.below(3));
      const from = random.chance(0.02) ? ` from ${this.#group(scope)} with ${random.pick(methods)}` : "";
      return `${value} with ${method}${from} as ${name}`;
    };
    return { text: `aggregate(${random.some(2, item).join(",")})`, after: scopeOf(undefined, names) };
  }

  /** A path through a collection. */
  #through({ row }: Scope): string {
    const random = this.#random;
    const all = structured(row) ? navigationsOf(row, true) : [];
    if (all.length === 0) return this.#expressions.wrongName();
    const { name, type } = random.pick(all);
    return `${name}/${random.pick([...type.properties.keys(), "$count", "nothing"])}`;
  }
}

function navigationsOf(type: StructuredType, collection: boolean) {
  return [...type.navigationProperties.values()].filter((one) => one.collection === collection);
}
