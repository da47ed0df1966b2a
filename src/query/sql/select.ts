import { sql } from "kysely";
import type { BoundCompute, BoundExpression, BoundOptions, BoundSelect, BoundVariable } from "../../binding/index.js";
import type { ComplexType, EdmType, Property } from "../../edm/index.js";
import { isStream } from "../../edm/index.js";
import type { SelectedProperty } from "./asked.js";
import { Asked, innerSelect } from "./asked.js";
import type { Sql, SqlDialect } from "./dialect.js";
import type { ExpressionCompiler } from "./expression.js";
import { clientName, concatenated, memberName } from "./pieces.js";
import { askedOrder, orderBy } from "./order.js";
import type { StatementContext } from "./scope.js";
import { propertyOf, whereClause } from "./source.js";

/** Where the JSON text of a value stands: in a column, or in a JSON object that holds it. */
export interface Place {
  readonly document: Sql;
  /** Names from the document inwards; none where the document is the value. */
  readonly path: readonly string[];
  /** The document may be without the member, and then the answer is, too. */
  readonly optional: boolean;
}

/** A value: where it stands, and as expressions see it. */
export interface Value {
  readonly place: Place;
  readonly expression: BoundExpression;
}

/** Compiles what `$select` leaves of structured values and of collections: URL Conventions 4.01, section 5.1.4. */
export class Selection {
  readonly #compiler: ExpressionCompiler;
  readonly #context: StatementContext;

  constructor(compiler: ExpressionCompiler, context: StatementContext) {
    this.#compiler = compiler;
    this.#context = context;
  }

  /** A property cut down to what the items ask for, as a member with a comma in front of it. */
  member(property: Property, owner: BoundExpression, place: Place, items: readonly SelectedProperty[]): Sql {
    const name = memberName(property.name);
    const json = placeText(place, this.#context.dialect);
    const options = items.find((item) => item.options !== undefined)?.options;
    const expression = propertyOf(owner, property);
    const select = innerSelect(items);
    let member: Sql;
    if (property.collection) {
      const collection = this.collection(
        expression,
        property.type,
        select,
        options,
        nestedLimit(options, this.#context),
      );
      member = sql`${name} || ${collection}`;
      if (options?.count === true)
        member = sql`${memberName(`${property.name}@odata.count`)} || ${this.count(expression, options)} || ${member}`;
    } else {
      member = sql`${name} || ${this.object({ place, expression }, property.type as ComplexType, select)}`;
    }
    const none = sql`${name} || 'null'`;
    if (!place.optional) return sql`case when ${json} is null then ${none} else ${member} end`;
    return sql`case when ${json} is null then '' when ${json} = 'null' then ${none} else ${member} end`;
  }

  /** The JSON text of a complex value that is there. */
  object(
    { place, expression }: Value,
    type: ComplexType,
    select: BoundSelect | undefined,
    compute: readonly BoundCompute[] = [],
  ): Sql {
    const asked = new Asked(select);
    const { dialect } = this.#context;
    const json = placeText(place, dialect);
    const computed = compute
      .filter(({ name }) => asked.computed(name))
      .map((item) => sql`${clientName(item.name)} || ${this.#compiler.json(item.expression)}`);
    if (asked.everything)
      return computed.length === 0
        ? json
        : sql`substr(${json}, 1, length(${json}) - 1) || ${this.#rest(json, computed)}`;
    const { document, path } = place;
    const pieces: Sql[] = [
      sql`coalesce(${memberName("@odata.type")} || ${dialect.member(document, [...path, "@odata.type"])}, '')`,
    ];
    const types = [type, ...type.derivedTypes].filter((candidate) => !candidate.abstract);
    const properties = types.flatMap((candidate) => [...candidate.properties.values()]);
    const names = new Set(properties.flatMap((property) => (isStream(property) ? [] : property.name)));
    for (const name of names) {
      const inner: Place = { document, path: [...path, name], optional: true };
      const having = types.filter((candidate) => candidate.properties.has(name));
      const groups = asked.property(name, having).map((group) => ({
        types: group.types,
        piece:
          group.items === "whole"
            ? sql`coalesce(${memberName(name)} || ${dialect.member(document, inner.path)}, '')`
            : this.member(group.items[0]!.property, expression, inner, group.items),
      }));
      if (groups.length === 0) continue;
      // Where a type does not have the property, the value does not have the member.
      if (groups.length === 1 && groups[0]!.types.length === having.length) {
        pieces.push(groups[0]!.piece);
        continue;
      }
      const actual = sql`coalesce(${dialect.memberValue(document, [...path, "@odata.type"], "text")}, ${sql.lit(typeText(type))})`;
      const cases = groups.map(
        (group) =>
          sql`when ${actual} in (${sql.join(group.types.map((candidate) => sql.lit(typeText(candidate))))}) then ${group.piece}`,
      );
      pieces.push(sql`case ${sql.join(cases, sql` `)} else '' end`);
    }
    if (type.open) pieces.push(...dynamicMembers(json, asked, names, this.#context));
    return sql`'{' || substr(${concatenated([...pieces, ...computed])}, 2) || '}'`;
  }

  /**
   * The JSON text of a collection: its items in their own order or the one asked for.
   *
   * @param limited the `limit` clause
   */
  collection(
    expression: BoundExpression,
    type: EdmType,
    select: BoundSelect | undefined,
    options: BoundOptions | undefined,
    limited: Sql,
  ): Sql {
    const { dialect } = this.#context;
    const { variable, rows, compiler, where } = this.#items(expression, type, options);
    const order = [
      ...askedOrder(options?.orderby, compiler, undefined),
      ...rows.order.map((value) => ({ value, descending: false, mayBeNull: false, form: "any" as const })),
    ];
    const selection = new Selection(compiler, this.#context);
    const itself: BoundExpression = { kind: "variable", variable, type, collection: false };
    let text: Sql;
    if (type.kind === "complex" && rows.binding.kind === "json") {
      const place: Place = { document: rows.binding.value, path: [], optional: false };
      text = selection.object({ place, expression: itself }, type, select, options?.compute);
      text = sql`case when ${rows.binding.value} is null then 'null' else ${text} end`;
    } else {
      text = compiler.json(itself);
    }
    const page = sql`select ${text} as x from ${rows.from}${whereClause(where)} order by ${orderBy(order, dialect)}${limited}`;
    return sql`'[' || coalesce((select ${dialect.join(sql`${sql.ref("x")}`, undefined)} from (${page}) as p), '') || ']'`;
  }

  /** How many items a collection has: those that the filter keeps, whatever the page. */
  count(expression: BoundExpression, options: BoundOptions | undefined): Sql {
    const { rows, where } = this.#items(expression, expression.type as EdmType, options);
    return sql`(select count(*) from ${rows.from}${whereClause(where)})`;
  }

  #items(expression: BoundExpression, type: EdmType, options: BoundOptions | undefined) {
    const variable: BoundVariable = options?.variable ?? { name: "$this", type };
    const rows = this.#compiler.rows(expression);
    const compiler = this.#compiler.with(variable, rows.binding);
    const where = options?.filter === undefined ? rows.where : [...rows.where, compiler.condition(options.filter)];
    return { variable, rows, compiler, where };
  }

  /** The end of an object that has members added to it. */
  #rest(json: Sql, computed: readonly Sql[]): Sql {
    const added = concatenated(computed);
    return sql`case when ${json} = '{}' then substr(${added}, 2) else ${added} end || '}'`;
  }
}

/** The members of an open type's value that no type of its hierarchy declares, as far as they are asked for. */
export function dynamicMembers(json: Sql, asked: Asked, declared: Iterable<string>, context: StatementContext): Sql[] {
  if (!asked.all) {
    return asked.dynamic.map(
      (name) => sql`coalesce(${clientName(name)} || ${context.dialect.namedMember(json, sql`${name}`)}, '')`,
    );
  }
  const { dialect } = context;
  const members = dialect.members(json, context.alias("d"));
  const names = [...declared, "@odata.type"].map((name) => sql.lit(name));
  const texts = sql`${dialect.quoteJson(members.name)} || ':' || ${members.json}`;
  return [
    sql`coalesce((select ',' || ${dialect.join(texts, undefined)} from ${members.from} where ${members.name} not in (${sql.join(names)})), '')`,
  ];
}

/** ` limit ... offset ...` of nested options, whose numbers belong to the request's text. */
export function nestedLimit(
  options: Pick<BoundOptions, "top" | "skip"> | undefined,
  { dialect }: StatementContext,
): Sql {
  const number = (value: number | undefined) => (value === undefined ? undefined : sql`${value}`);
  return dialect.limit(number(options?.top), number(options?.skip));
}

/** The JSON text of the value at a place. */
export function placeText({ document, path }: Place, dialect: SqlDialect): Sql {
  return path.length === 0 ? document : dialect.member(document, path);
}

function typeText(type: ComplexType): string {
  return `#${type.qualifiedName}`;
}
