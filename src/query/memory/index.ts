import type { BoundExpression, BoundOptions, BoundPath, BoundRequest } from "../../binding/bound.js";
import type { EntityType, StructuredType } from "../../edm/index.js";
import { joinSets } from "./cross-join.js";
import { readEntities, readInstance } from "./data.js";
import { ExpressionCompiler } from "./expression.js";
import { itemsOf, walkProperty, walkSegments } from "./path.js";
import { ResultWriter, reference } from "./result.js";
import type { MemoryContext, Scope } from "./scope.js";
import { bind } from "./scope.js";
import type { Value } from "./value.js";
import { writeValue, type JsonText } from "./write.js";

export { Decimal } from "./decimal.js";
export { Temporal } from "./temporal.js";
export type { TemporalKind } from "./temporal.js";
export type { MemoryContext } from "./scope.js";
export type { JsonText } from "./write.js";

/** A page of a collection as JSON texts, canonical as the databases make them. */
export interface MemoryPage {
  readonly value: readonly JsonText[];
  /** The number of all items that the filter keeps, where `$count=true` asks for it. */
  readonly count: number | undefined;
}

/**
 * Carries out the options of a request over plain objects: their `@odata.type` says their type where it is a derived one,
 * structural properties are as JSON has them, or JavaScript (`Date`, `Buffer`, `bigint`), related entities stand where their
 * navigation properties are. Where nothing sorts them, items stay in the order in which they come.
 *
 * @param type the declared type of the items
 * @throws TypeError where a value is none of its property's type: a fault of whoever made the objects
 * @example evaluateCollection(products, productType, options, { model }).value // ['{"@odata.type":"#Shop.Product","id":1}']
 */
export function evaluateCollection(
  items: Iterable<object>,
  type: EntityType,
  options: BoundOptions,
  context: MemoryContext,
): MemoryPage {
  const instances = readEntities(items, type, context.model, type.qualifiedName);
  return pageOf(instances, type, options, new ExpressionCompiler(context));
}

/** How many items `$apply`, `$filter` and `$search` leave: `/$count`. */
export function evaluateCount(
  items: Iterable<object>,
  type: EntityType,
  options: BoundOptions,
  context: MemoryContext,
): number {
  const instances = readEntities(items, type, context.model, type.qualifiedName);
  return countOf(instances, options, new ExpressionCompiler(context));
}

/** The JSON text of one entity with `$select`, `$expand` and `$compute`. See {@link evaluateCollection}. */
export function evaluateEntity(
  item: object,
  type: EntityType,
  options: BoundOptions,
  context: MemoryContext,
): JsonText {
  const instance = readInstance(item, type, context.model, type.qualifiedName);
  return new ResultWriter(new ExpressionCompiler(context)).item(instance, type, options);
}

/** What a path leads to, in the form in which it is answered. */
export type MemoryResult =
  | ({ readonly kind: "collection" } & MemoryPage)
  /** An entity, a property's value or a reference. */
  | { readonly kind: "single"; readonly value: JsonText }
  | { readonly kind: "count"; readonly count: number }
  /** There is no such entity, or none on the way to it. */
  | { readonly kind: "none" };

/**
 * A whole request: walks the path through the data that the context's `root` gives, and carries out the options.
 *
 * A path that begins with the call of an operation goes on from what the context's `operation` says that it has given back.
 *
 * @example evaluatePath(path, options, { model, root: (source) => data[source.name] })
 * @example evaluatePath(path, options, { model, operation: () => topProducts })
 */
export function evaluatePath(path: BoundPath, options: BoundOptions, context: MemoryContext): MemoryResult {
  const compiler = new ExpressionCompiler(context);
  const writer = new ResultWriter(compiler);
  const { tail } = path;
  const found = walkSegments(path.segments, compiler);
  if (found === undefined || found === null) return { kind: "none" };
  switch (tail.kind) {
    case "entity":
    case "each":
      if (path.collection) return { kind: "collection", ...pageOf(itemsOf(found), path.type, options, compiler) };
      return { kind: "single", value: writer.item(found, path.type, options) };
    case "ref": {
      if (!path.collection) return { kind: "single", value: reference(found) };
      const { items, count } = writer.page(itemsOf(found), options);
      return { kind: "collection", value: items.map(reference), count };
    }
    case "count":
      return { kind: "count", count: countOf(itemsOf(found), options, compiler) };
    case "media":
    case "stream":
      throw new Error("A media stream is read by whoever keeps it.");
    case "property": {
      const value = walkProperty(found, { ...tail, count: false }, compiler);
      const { type } = tail.path.at(-1)!;
      if (tail.count) return { kind: "count", count: countOf(itemsOf(value), options, compiler) };
      if (Array.isArray(value)) {
        const { texts, count } = writer.collection(itemsOf(value), type, options);
        return { kind: "collection", value: texts, count };
      }
      return { kind: "single", value: writer.item(value, type, options) };
    }
  }
}

/**
 * A cross join of entity sets, whose data the context's `root` gives. Each row is an object with a member for each set: the
 * entity where it is expanded, else its type and key.
 */
export function evaluateCrossJoin(
  request: Extract<BoundRequest, { readonly kind: "crossjoin" }>,
  context: MemoryContext,
): MemoryPage {
  return joinSets(request, new ExpressionCompiler(context));
}

/**
 * The value of an expression as JSON text.
 *
 * @param variables what the expression can see: a plain object of each variable's type, or a collection's primitive item
 * @example evaluateExpression(condition, new Map([[options.variable, product]]), { model }) // "true"
 */
export function evaluateExpression(
  expression: BoundExpression,
  variables: ReadonlyMap<BoundOptions["variable"], unknown>,
  context: MemoryContext,
): JsonText {
  let scope: Scope | undefined;
  for (const [variable, raw] of variables) {
    const { type } = variable;
    const isStructured = type.kind === "entity" || type.kind === "complex";
    const value = isStructured ? instanceOrNull(raw, type, context) : (raw as Value);
    scope = bind(variable, value, scope);
  }
  return writeValue(new ExpressionCompiler(context).compile(expression)(scope));
}

function instanceOrNull(raw: unknown, type: StructuredType, { model }: MemoryContext): Value {
  return raw === null || raw === undefined ? null : readInstance(raw, type, model, type.qualifiedName);
}

function pageOf(
  items: readonly Value[],
  type: EntityType,
  options: BoundOptions,
  compiler: ExpressionCompiler,
): MemoryPage {
  const { texts, count } = new ResultWriter(compiler).collection(items, type, options);
  return { value: texts, count };
}

/** `$skip` and `$top` do not change the number: URL Conventions 4.01, section 4.8. */
function countOf(items: readonly Value[], options: BoundOptions, compiler: ExpressionCompiler): number {
  const { apply, filter, search, variable } = options;
  return new ResultWriter(compiler).page(items, { variable, apply, filter, search, expand: [] }).items.length;
}
