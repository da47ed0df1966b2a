import { sql } from "kysely";
import type {
  BoundCount,
  BoundExpression,
  BoundQuantifier,
  BoundRoot,
  BoundVariable,
  PropertyTail,
} from "../../binding/index.js";
import { notImplemented } from "../../errors/index.js";
import type { Sql } from "./dialect.js";
import type { EntityPlace } from "./expression-paths.js";
import { entityPlace, follow, ofEntity, typeNames } from "./expression-paths.js";
import { jsonOf } from "./expression-structures.js";
import type { Compiler, Operand } from "./operand.js";
import { valueOf } from "./operand.js";
import type { CollectionRows } from "./scope.js";
import { searchCondition } from "./search.js";
import { entitySource, typeCondition, whereClause } from "./source.js";
import { integerBounds, kindOf, typeOf } from "./values.js";

/** The items of a collection as rows of a subquery. */
export function collectionRows(expression: BoundExpression, compiler: Compiler): CollectionRows {
  switch (expression.kind) {
    case "filtered": {
      const rows = compiler.rows(expression.source);
      const condition = compiler.with(expression.variable, rows.binding).truth(expression.condition, false);
      return { ...rows, where: [...rows.where, condition] };
    }
    case "typeCast":
      return castRows(compiler.rows(expression.source), expression, compiler);
    case "navigation":
      return entityRows(follow(sourcePlace(expression.source, compiler), expression, compiler));
    case "root":
      if (expression.path.tail.kind === "entity") return entityRows(rootPlace(expression, compiler));
      break;
    case "property":
      // Items of the items of a collection.
      if (expression.source.collection) {
        const outer = compiler.rows(expression.source);
        const type = typeOf(expression.source);
        const variable: BoundVariable = { name: "item", type: type! };
        const source: BoundExpression = { kind: "variable", variable, type, collection: false };
        // Each item of theirs is gone through once.
        const item = { ...outer.binding, nested: false };
        const inner = compiler.with(variable, item).rows({ ...expression, source });
        return {
          ...inner,
          from: sql`${outer.from} cross join ${inner.from}`,
          where: [...outer.where, ...inner.where],
          order: [...outer.order, ...inner.order],
        };
      }
      break;
    default:
      break;
  }
  return jsonRows(compiler.operand(expression), compiler);
}

function jsonRows(array: Operand, compiler: Compiler): CollectionRows {
  const alias = compiler.context.alias("j");
  const items = compiler.dialect.items(valueOf(array), alias);
  return {
    from: items.from,
    where: compiler.nested ? compiler.dialect.inTime() : [],
    binding: { kind: "json", value: items.value(kindOf(array.type)), type: array.type },
    order: [items.position],
  };
}

function sourcePlace(expression: BoundExpression, compiler: Compiler): EntityPlace {
  if (!expression.collection) return entityPlace(expression, compiler);
  const { from, where, binding } = compiler.rows(expression);
  if (binding.kind !== "row") throw notImplemented("Relationships of values that are no entities are not offered.");
  const { alias, type, mapping } = binding;
  return { alias, type, mapping, from, where, several: true, casts: [] };
}

function entityRows({ alias, type, mapping, from, where }: EntityPlace): CollectionRows {
  const order = mapping.key.map((column) => sql`${sql.ref(`${alias}.${column}`)}`);
  return { from: from!, where, binding: { kind: "row", alias, type, mapping }, order };
}

function rootPlace({ path }: BoundRoot, compiler: Compiler): EntityPlace {
  const source = entitySource(path, compiler, compiler.context, { keys: "values" });
  return { ...source, several: false, casts: [] };
}

function castRows(
  rows: CollectionRows,
  { type, source }: BoundExpression & { readonly kind: "typeCast" },
  compiler: Compiler,
): CollectionRows {
  const { binding } = rows;
  if (binding.kind === "row" && type.kind === "entity") {
    const condition = typeCondition(binding.alias, binding.mapping, type);
    const where = condition === undefined ? rows.where : [...rows.where, condition];
    return { ...rows, where, binding: { ...binding, type } };
  }
  if (binding.kind !== "json" || type.kind !== "complex") return rows;
  if (source.type === type || (source.type?.kind === "complex" && source.type.lineage.has(type))) {
    return { ...rows, binding: { ...binding, type } };
  }
  const name = compiler.dialect.memberValue(binding.value, ["@odata.type"], "text");
  const condition = sql`${name} in (${typeNames(type)})`;
  // Members of the other items must not even be looked at: they may be of other kinds.
  const value = compiler.dialect.strict ? sql`case when ${condition} then ${binding.value} end` : binding.value;
  return { ...rows, binding: { ...binding, type, value }, where: [...rows.where, condition] };
}

/** A collection as the text of a JSON array. */
export function collectionValue(expression: BoundExpression, compiler: Compiler): Operand {
  if (!expression.collection || expression.type?.kind === "entity") {
    throw notImplemented("Entities are not offered here; name one of their properties.");
  }
  const { from, where, binding, order } = compiler.rows(expression);
  if (binding.kind !== "json") throw notImplemented("Entities are not offered here; name one of their properties.");
  const items = compiler.dialect.join(jsonOf(compiler.item(binding), compiler), sql.join(order));
  return {
    sql: sql`(select '[' || coalesce(${items}, '') || ']' from ${from}${whereClause(where)})`,
    kind: "json",
    type: binding.type,
    collection: true,
    simple: false,
    required: true,
  };
}

/** `/$count`: how many items a collection has; none behind null. */
export function count(expression: BoundCount, compiler: Compiler): Operand {
  const { from, where, binding } = compiler.rows(expression.source);
  const inner = compiler.with(expression.variable, binding);
  const conditions = expression.filter === undefined ? [] : [inner.truth(expression.filter, false)];
  if (expression.search !== undefined) {
    if (binding.kind !== "row") throw notImplemented("$search is offered for entities only.");
    conditions.push(searchCondition(binding.alias, binding.mapping, expression.search, compiler.dialect));
  }
  return counted(sql`(select count(*) from ${from}${whereClause([...where, ...conditions])})`, expression.type);
}

function counted(value: Sql, type: Operand["type"]): Operand {
  const bounds = { min: 0n, max: integerBounds(undefined).max };
  return { sql: value, kind: "integer", type, collection: false, simple: false, required: true, bounds };
}

/** `any` and `all`: URL Conventions 4.01, section 5.1.1.13. A condition that is null is not true. */
export function quantifier(expression: BoundQuantifier, compiler: Compiler): Sql {
  const { from, where, binding } = compiler.rows(expression.source);
  if (expression.condition === undefined) return sql`exists (select 1 from ${from}${whereClause(where)})`;
  const condition = compiler.with(expression.variable, binding).truth(expression.condition, false);
  return expression.operator === "any"
    ? sql`exists (select 1 from ${from}${whereClause([...where, condition])})`
    : sql`(not exists (select 1 from ${from}${whereClause([...where, sql`(${condition}) is not true`])}))`;
}

/** `$root/...`: URL Conventions 4.01, section 5.1.1.15. */
export function root(expression: BoundRoot, compiler: Compiler): Operand {
  const { tail } = expression.path;
  if (tail.kind === "count") {
    const { from, where } = entityRows(rootPlace(expression, compiler));
    return counted(sql`(select count(*) from ${from}${whereClause(where)})`, expression.type);
  }
  if (tail.kind !== "property") throw notImplemented("Entities are not offered here; name one of their properties.");
  const place = rootPlace(expression, compiler);
  const variable: BoundVariable = { name: "$root", type: place.type };
  const { alias, type, mapping } = place;
  const within = compiler.with(variable, { kind: "row", alias, type, mapping });
  const operand = along(tail, 0, { kind: "variable", variable, type, collection: false }, within);
  return { ...operand, sql: ofEntity(place, valueOf(operand)), simple: false, guard: undefined, required: false };
}

/** What a path of properties leads to from a structured value. */
function along(tail: PropertyTail, index: number, source: BoundExpression, compiler: Compiler): Operand {
  let path = source;
  for (let at = index; at < tail.path.length; at++) {
    const property = tail.path[at]!;
    path = { kind: "property", source: path, property, type: property.type, collection: property.collection };
    for (const narrowing of tail.narrowing.filter((each) => each.at === at + 1)) {
      if (narrowing.kind === "ordinal") return itemAlong(tail, at + 1, path, narrowing.index, compiler);
      const type = typeOf(path);
      if (narrowing.kind === "cast") {
        path = { kind: "typeCast", source: path, type: narrowing.type, collection: true };
      } else {
        const { variable, condition } = narrowing;
        path = { kind: "filtered", source: path, variable, condition, type, collection: true };
      }
    }
    path = castAlong(tail, at + 1, path);
  }
  if (!tail.count) return compiler.operand(path);
  const { from, where } = compiler.rows(path);
  return counted(sql`(select count(*) from ${from}${whereClause(where)})`, undefined);
}

function castAlong(tail: PropertyTail, at: number, path: BoundExpression): BoundExpression {
  if (path.collection) return path;
  return tail.casts
    .filter((cast) => cast.at === at)
    .reduce<BoundExpression>((source, { type }) => ({ kind: "typeCast", source, type, collection: false }), path);
}

/** One item by its place, from the end where that is negative: URL Conventions 4.01, section 4.13. */
function itemAlong(
  tail: PropertyTail,
  at: number,
  collection: BoundExpression,
  ordinal: number,
  compiler: Compiler,
): Operand {
  const { from, where, order, binding } = compiler.rows(collection);
  const type = typeOf(collection);
  const variable: BoundVariable = { name: "item", type: type! };
  const item = castAlong(tail, at, { kind: "variable", variable, type, collection: false });
  const operand = along(tail, at, item, compiler.with(variable, binding));
  const direction = ordinal < 0 ? sql` desc` : sql``;
  const offset = sql.lit(ordinal < 0 ? -ordinal - 1 : ordinal);
  const terms = sql.join(order.map((term) => sql`${term}${direction}`));
  const value = sql`(select ${valueOf(operand)} from ${from}${whereClause(where)} order by ${terms} limit 1 offset ${offset})`;
  return { ...operand, sql: value, simple: false, guard: undefined, required: false };
}
