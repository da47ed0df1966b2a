import { sql } from "kysely";
import type { BoundExpression, BoundOptions, BoundPath, BoundVariable, PropertyTail } from "../../binding/index.js";
import type { ComplexType, EdmType, Property } from "../../edm/index.js";
import type { Sql } from "./dialect.js";
import type { SqlContext } from "./entity-text.js";
import { columnJson } from "./entity-text.js";
import { ExpressionCompiler } from "./expression.js";
import { orderBy } from "./order.js";
import { pageLimit } from "./page.js";
import type { SqlStatement } from "./plan.js";
import { compile } from "./plan.js";
import type { StatementContext } from "./scope.js";
import { statementContext } from "./scope.js";
import { placeText, Selection } from "./select.js";
import type { Place } from "./select.js";
import type { EntitySource } from "./source.js";
import { entitySource, propertyOf, rowBinding, typeCondition, whereClause } from "./source.js";
import { typeOf } from "./values.js";

/** Reads a property: one row for the entity, with the property's text. */
export interface PropertyStatement extends SqlStatement {
  /** `$count=true`: the number of all items, whatever the page, stands in front of the text. */
  readonly counted: boolean;
}

/**
 * The JSON text of a structural property, or of what the end of its path and the query options leave of it; with `/$count`
 * the number of its items. A NULL where the entity's actual type has no such property, where a cast does not hold, and where
 * no item has an ordinal.
 *
 * @param path one whose tail is a property
 */
export function compileProperty(path: BoundPath, options: BoundOptions, context: SqlContext): PropertyStatement {
  const { tail } = path;
  if (tail.kind !== "property") throw new Error("A property was expected.");
  const statement = statementContext(context.mapping, context.dialect);
  const outside = new ExpressionCompiler(new Map(), statement);
  const source = entitySource(path, outside, statement);
  const values = new PropertyReader(tail, options, statement).ofEntity(source, outside);
  return {
    ...compile(sql`select ${sql.join(values)} from ${source.from}${whereClause(source.where)}`, context.dialect),
    counted: values.length > 1,
  };
}

/** A structured value on the way to the property: the entity, a complex value, an item of a collection of such. */
interface Owner {
  readonly expression: BoundExpression;
  readonly compiler: ExpressionCompiler;
  /** Where the JSON of one of its properties stands, where it is JSON. */
  place(property: Property): Place;
  /** The JSON text of one of its properties. */
  text(property: Property): Sql;
}

class PropertyReader {
  readonly #tail: PropertyTail;
  readonly #options: BoundOptions;
  readonly #context: StatementContext;

  constructor(tail: PropertyTail, options: BoundOptions, context: StatementContext) {
    this.#tail = tail;
    this.#options = options;
    this.#context = context;
  }

  /** The values of the statement's columns. */
  ofEntity(source: EntitySource, outside: ExpressionCompiler): Sql[] {
    const { alias, type, mapping } = source;
    const { dialect } = this.#context;
    const variable: BoundVariable = { name: "$it", type };
    const reference = (name: string) => sql`${sql.ref(`${alias}.${name}`)}`;
    const place = ({ name }: Property): Place => {
      const column = mapping.columns.get(name);
      return column === undefined
        ? { document: reference(mapping.document!), path: [name], optional: true }
        : { document: reference(column.column), path: [], optional: false };
    };
    const values = this.#values(0, {
      expression: { kind: "variable", variable, type, collection: false },
      compiler: outside.with(variable, rowBinding(source)),
      place,
      text(property) {
        const column = mapping.columns.get(property.name);
        if (column === undefined) return dialect.member(reference(mapping.document!), [property.name]);
        const json = columnJson(source, column, dialect);
        // By itself an integer would come as a number, and lose digits.
        return column.kind === "integer" ? sql`cast(${json} as text)` : json;
      },
    });
    const declared = declaringCondition(source, this.#tail.path[0]!.name);
    return onlyIf(declared === undefined ? [] : [declared], values);
  }

  /** Of the path's property at an index, and of what follows it. */
  #values(index: number, owner: Owner): Sql[] {
    const property = this.#tail.path[index]!;
    const { type } = property;
    let expression = propertyOf(owner.expression, property);
    if (property.collection) return this.#ofCollection(index, expression, type, owner.compiler);
    const place = owner.place(property);
    const conditions: Sql[] = [];
    for (const cast of this.#castsAt(index + 1)) {
      conditions.push(...this.#isOfType(place, typeOf(expression), cast));
      expression = { kind: "typeCast", source: expression, type: cast, collection: false };
    }
    const last = index === this.#tail.path.length - 1;
    const values = last
      ? [this.#single(owner.text(property), place, expression, owner.compiler)]
      : this.#values(index + 1, this.#ofPlace(place, expression, owner.compiler));
    return onlyIf(conditions, values);
  }

  /** A complex value as the owner of properties. */
  #ofPlace(outer: Place, expression: BoundExpression, compiler: ExpressionCompiler): Owner {
    const { dialect } = this.#context;
    const place = ({ name }: Property): Place => ({
      document: outer.document,
      path: [...outer.path, name],
      optional: true,
    });
    return { expression, compiler, place, text: (property) => placeText(place(property), dialect) };
  }

  /** A single value that is not looked into any further, and that `$select` may cut down. */
  #single(text: Sql, place: Place, expression: BoundExpression, outside: ExpressionCompiler): Sql {
    const { select, compute, variable } = this.#options;
    const { type } = expression;
    if (type?.kind !== "complex" || (select === undefined && compute === undefined)) return text;
    const json = placeText(place, this.#context.dialect);
    const compiler = outside.with(variable, { kind: "json", value: json, type });
    const object = new Selection(compiler, this.#context).object({ place, expression }, type, select, compute);
    return sql`case when ${text} = 'null' then 'null' else ${object} end`;
  }

  #ofCollection(index: number, property: BoundExpression, type: EdmType, compiler: ExpressionCompiler): Sql[] {
    let expression = property;
    for (const step of this.#tail.narrowing) {
      if (step.at !== index + 1) continue;
      if (step.kind === "filter") {
        const { variable, condition } = step;
        expression = {
          kind: "filtered",
          source: expression,
          variable,
          condition,
          type: typeOf(expression),
          collection: true,
        };
      } else if (step.kind === "cast") {
        expression = { kind: "typeCast", source: expression, type: step.type, collection: true };
      } else {
        return this.#ofItem(index, step.index, expression, typeOf(expression) ?? type, compiler);
      }
    }
    const selection = new Selection(compiler, this.#context);
    const options = this.#options;
    const items = typeOf(expression) ?? type;
    if (this.#tail.count) return [selection.count(expression, options)];
    const limit = pageLimit(options, undefined, this.#context.dialect);
    const text = selection.collection(expression, items, options.select, options, limit);
    return options.count === true ? [selection.count(expression, options), text] : [text];
  }

  /** One item of a collection, or what the path goes on to from it: URL Conventions 4.01, section 4.13. */
  #ofItem(
    index: number,
    ordinal: number,
    collection: BoundExpression,
    type: EdmType,
    outside: ExpressionCompiler,
  ): Sql[] {
    const { dialect } = this.#context;
    const variable: BoundVariable = { name: "$it", type };
    const rows = outside.rows(collection);
    const compiler = outside.with(variable, rows.binding);
    let expression: BoundExpression = { kind: "variable", variable, type, collection: false };
    const text = compiler.json(expression);
    const place: Place = { document: text, path: [], optional: false };
    const conditions: Sql[] = [];
    for (const cast of this.#castsAt(index + 1)) {
      conditions.push(...this.#isOfType(place, typeOf(expression), cast));
      expression = { kind: "typeCast", source: expression, type: cast, collection: false };
    }
    const last = index === this.#tail.path.length - 1;
    const values = last
      ? [this.#single(text, place, expression, compiler)]
      : this.#values(index + 1, this.#ofPlace(place, expression, compiler));
    const fromEnd = ordinal < 0;
    const order = rows.order.map((value) => ({ value, descending: fromEnd, mayBeNull: false, form: "any" as const }));
    const limit = dialect.limit(sql.lit(1), sql`${fromEnd ? -ordinal - 1 : ordinal}`);
    return onlyIf(conditions, values).map(
      (value) =>
        sql`(select ${value} from ${rows.from}${whereClause(rows.where)} order by ${orderBy(order, dialect)}${limit})`,
    );
  }

  #castsAt(at: number): ComplexType[] {
    return this.#tail.casts.flatMap((cast) => (cast.at === at ? cast.type : []));
  }

  /** The condition that a complex value is of a type, where not every value is; one that names no type is of the declared one. */
  #isOfType({ document, path }: Place, declared: EdmType | undefined, type: ComplexType): Sql[] {
    if (declared?.kind === "complex" && declared.lineage.has(type)) return [];
    const names = [type, ...type.derivedTypes].map((candidate) => sql.lit(`#${candidate.qualifiedName}`));
    const actual = this.#context.dialect.memberValue(document, [...path, "@odata.type"], "text");
    return [sql`${actual} in (${sql.join(names)})`];
  }
}

function onlyIf(conditions: readonly Sql[], values: readonly Sql[]): Sql[] {
  if (conditions.length === 0) return [...values];
  return values.map((value) => sql`case when ${sql.join(conditions, sql` and `)} then ${value} end`);
}

/** The condition that a row's type has a property that only derived types declare; a column alone does not tell. */
function declaringCondition({ alias, type, mapping }: EntitySource, name: string): Sql | undefined {
  if (type.properties.has(name)) return undefined;
  const conditions = type.derivedTypes
    .filter((derived) => derived.properties.has(name) && derived.baseType?.properties.has(name) !== true)
    .flatMap((derived) => typeCondition(alias, mapping, derived) ?? []);
  return sql`(${sql.join(conditions, sql` or `)})`;
}
