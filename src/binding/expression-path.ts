import type { EdmType, Property, StructuredType } from "../edm/index.js";
import { isOrDerivesFrom, isSearchable } from "../edm/index.js";
import { didYouMean } from "../errors/index.js";
import type { LambdaSegment, MemberExpression, MemberSegment, NameSegment } from "../syntax/index.js";
import type { Binder, Spot } from "./binder.js";
import type { BoundExpression, BoundVariable, NavigationSegment, RowShape } from "./bound.js";
import { typeNamed } from "./default-namespaces.js";
import { bindKeyAsSegment, bindKeyed, bindRoot, isKeyAsSegment } from "./expression-key.js";
import { operationCall } from "./expression-operation.js";
import { describe, isStructured, primitive } from "./expression-types.js";
import { functionNames } from "./functions.js";
import { commonSegment, ownSegment } from "./navigation.js";
import { castNames, declaresName } from "./names.js";
import { short } from "./short.js";

/**
 * Binds a path (`firstMemberExpr`, `rootExpr` and what follows them in the grammar): from a variable through properties,
 * navigation properties, type casts and keys, to `/$count`, `/$filter(...)`, `any` or `all`.
 */
export function bindMember(binder: Binder, expression: MemberExpression): BoundExpression {
  const bound = bindPath(binder, expression);
  const shape = shapeOf(bound);
  if (shape === undefined || shape.entity !== undefined) return bound;
  const names = [...shape.members.keys()].slice(0, 3).join(", ");
  throw binder.error(expression, `this is no value, but a row of several: ${names}; go on with the name of one`);
}

function bindPath(binder: Binder, expression: MemberExpression): BoundExpression {
  const { root, segments } = expression;
  if (root === "$root") {
    const start = bindRoot(binder, expression);
    return follow(binder, start.bound, segments.slice(start.consumed), "$root");
  }
  if (root === "$these") throw binder.notOffered(expression, "'$these'");
  if (root === "$it") return follow(binder, variableReference(binder.it), segments);
  const [first] = segments;
  const variable =
    root === undefined && first?.kind === "NameSegment" && first.arguments === undefined
      ? binder.variable(first.name)
      : undefined;
  if (variable !== undefined) return follow(binder, variableReference(variable), segments.slice(1));
  return follow(binder, variableReference(binder.current), segments, root === undefined ? "implicit" : "variable");
}

/** @param from where the path starts: behind `$root` keys may be segments, and without a variable the first name could be one */
function follow(
  binder: Binder,
  start: BoundExpression,
  segments: readonly MemberSegment[],
  from: "$root" | "variable" | "implicit" = "variable",
): BoundExpression {
  let bound = start;
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === "AggregateSegment") throw binder.notOffered(segment, "'aggregate' in an expression");
    if (segment.kind === "Lambda") bound = quantifier(binder, bound, segment);
    else if (from === "$root" && bound.collection && isKeyAsSegment(binder, segment))
      bound = bindKeyAsSegment(binder, bound, segment);
    else bound = step(binder, bound, segment, from === "implicit" && index === 0);
  }
  return bound;
}

/** What a variable stands for. */
export function variableReference(variable: BoundVariable): BoundExpression {
  const { type } = variable;
  return { kind: "variable", variable, type: type.kind === "shape" ? type.entity : type, collection: false };
}

function step(binder: Binder, source: BoundExpression, segment: NameSegment, first: boolean): BoundExpression {
  const { name } = segment;
  if (name.startsWith("@")) throw binder.notOffered(segment, `annotations, such as '${short(name)}',`);
  if (name === "$count") return count(binder, source, segment);
  if (name === "$filter") return keyed(binder, filtered(binder, source, segment), segment, segment.key);
  if (segment.text !== undefined || name === "" || name.startsWith("$"))
    throw binder.error(segment, `'${short(segment.text ?? name)}' names nothing here`);
  if (name.includes(".") || isSimpleCast(binder, source, segment)) return typeCast(binder, source, segment);
  if (source.collection) {
    const call = segment.arguments === undefined ? undefined : operationCall(binder, source, segment);
    if (call !== undefined) throw call;
    throw binder.error(
      segment,
      `'${short(name)}' follows a collection; what can follow one is any, all, $count, $filter(...) and a type cast`,
    );
  }
  const bound = member(binder, source, segment, first);
  if (segment.arguments === undefined) return bound;
  if (bound.kind !== "navigation" || !bound.collection) throw unknownFunction(binder, segment);
  if (segment.key !== undefined) throw binder.error(segment, `'${short(name)}' has two keys; one entity has one`);
  return keyed(binder, bound, segment, segment.arguments);
}

function keyed(
  binder: Binder,
  source: BoundExpression,
  segment: NameSegment,
  key: NameSegment["arguments"],
): BoundExpression {
  return key === undefined ? source : bindKeyed(binder, source, segment, key);
}

/** A property, navigation property or the like of a single value. */
function member(binder: Binder, source: BoundExpression, segment: NameSegment, first: boolean): BoundExpression {
  const { name } = segment;
  const shape = shapeOf(source);
  // Rows that are entities still have all that an entity has, whatever they are grouped by.
  const own = shape?.entity?.properties.has(name) === true || shape?.entity?.navigationProperties.has(name) === true;
  const found = own ? undefined : shape?.members.get(name);
  if (found !== undefined) {
    // As large as what it was made of: what doubles in each transformation has a bound.
    if (found.kind === "value") binder.context.budget.spend((found.parts ?? 1) - 1, binder.spot(segment).option!);
    return found.kind === "nested"
      ? { kind: "member", source, name, type: found.shape, collection: false }
      : { kind: "member", source, name, type: found.type, collection: found.collection };
  }
  const type = structuredType(binder, source, segment, shape);
  const property = type === undefined ? undefined : propertyOf(binder, type, segment);
  if (property !== undefined)
    return { kind: "property", source, property, type: property.type, collection: property.collection };
  const computed = binder.computed(source, name);
  if (computed !== undefined) return computed;
  const navigation = type === undefined ? undefined : navigationOf(binder, type, segment);
  if (navigation !== undefined) {
    return { kind: "navigation", source, navigation, type: navigation.type, collection: navigation.collection };
  }
  if (segment.arguments !== undefined) throw operationCall(binder, source, segment) ?? unknownFunction(binder, segment);
  // A dynamic property may have anything in it.
  if (type?.open === true || (type === undefined && shape === undefined))
    return { kind: "dynamic", source, name, type: undefined, collection: false };
  const where = type === undefined ? "the rows at this point have" : `the type '${type.qualifiedName}' has`;
  throw binder.error(
    segment,
    `${where} no property named '${short(name)}'.${didYouMean(name, knownNames(binder, source, type, shape, first))}`,
  );
}

/** The shape of a row that `$apply` made; undefined for all else. */
function shapeOf(source: BoundExpression): RowShape | undefined {
  const type = source.kind === "variable" ? source.variable.type : source.kind === "member" ? source.type : undefined;
  return type?.kind === "shape" ? type : undefined;
}

/** The type in which a name is looked up; undefined where only the value knows, and for rows that are no entities. */
function structuredType(
  binder: Binder,
  source: BoundExpression,
  segment: NameSegment,
  shape: RowShape | undefined,
): StructuredType | undefined {
  if (shape !== undefined) return shape.entity;
  const { type } = source;
  if (type?.kind === "entity" || type?.kind === "complex") return type;
  if (type === undefined && (source.kind === "dynamic" || source.kind === "member")) return undefined;
  throw binder.error(segment, `a value of type ${describe(source)} has no property '${short(segment.name)}'`);
}

/**
 * The property that a name means; of a derived type too where the service allows it. Several derived types may declare it
 * alike: any of the declarations then stands for all.
 */
function propertyOf(binder: Binder, type: StructuredType, segment: NameSegment): Property | undefined {
  const { name } = segment;
  const own = type.properties.get(name);
  if (own !== undefined || binder.context.derivedNavigation !== true) return own;
  let found: Property | undefined;
  for (const derived of type.derivedTypes) {
    const property = derived.properties.get(name);
    if (property === undefined) continue;
    found ??= property;
    if (property.type !== found.type || property.collection !== found.collection) {
      throw binder.error(
        segment,
        `types derived from '${type.qualifiedName}' declare '${name}' with different types; ` +
          `put a type-cast segment before it, such as '${property.declaringType.qualifiedName}/${name}'`,
      );
    }
  }
  return found;
}

/** The navigation property that a name means; of derived types too where the service allows it. */
function navigationOf(binder: Binder, type: StructuredType, segment: NameSegment): NavigationSegment | undefined {
  const { name } = segment;
  const own = type.navigationProperties.get(name);
  if (own !== undefined) return ownSegment(own);
  if (type.kind !== "entity" || binder.context.derivedNavigation !== true) return undefined;
  const alternatives = type.derivedNavigationProperties.get(name);
  if (alternatives === undefined) return undefined;
  const common = commonSegment(alternatives);
  if (common !== undefined) return common;
  throw binder.error(
    segment,
    `types derived from '${type.qualifiedName}' declare '${name}' in ways that have nothing in common; ` +
      `put a type-cast segment before it, such as '${alternatives[0]!.declaringType.qualifiedName}/${name}'`,
  );
}

function* knownNames(
  binder: Binder,
  source: BoundExpression,
  type: StructuredType | undefined,
  shape: RowShape | undefined,
  first: boolean,
): Iterable<string> {
  if (shape !== undefined) yield* shape.members.keys();
  if (type !== undefined) {
    yield* type.properties.keys();
    yield* type.navigationProperties.keys();
    if (binder.context.derivedNavigation === true) {
      const names = new Set<string>();
      for (const derived of type.derivedTypes) {
        for (const property of derived.properties.keys()) names.add(property);
        for (const property of derived.navigationProperties.keys()) names.add(property);
      }
      yield* names;
    }
  }
  yield* binder.computedNames(source);
  if (first) yield* binder.variableNames;
}

function unknownFunction(binder: Binder, segment: NameSegment): Error {
  const { name } = segment;
  return binder.error(
    segment,
    `there is no function named '${short(name)}', and no collection that a key could follow.${didYouMean(name, functionNames)}`,
  );
}

/** Whether a segment is the name of a type in a default namespace; a property of that name goes before it. */
function isSimpleCast(binder: Binder, source: BoundExpression, { name, arguments: list }: NameSegment): boolean {
  const type = source.type as EdmType | undefined;
  if (list !== undefined || type === undefined || !isStructured(type) || declaresName(type, name)) return false;
  const named = typeNamed(name, binder.context.model);
  return named !== undefined && isStructured(named);
}

/** A type-cast segment (URL Conventions 4.01, section 5.1.1.15), or a function of the service. */
function typeCast(binder: Binder, source: BoundExpression, segment: NameSegment): BoundExpression {
  const { name } = segment;
  const type = typeNamed(name, binder.context.model);
  if (type === undefined) {
    const call = operationCall(binder, source, segment);
    if (call !== undefined) throw call;
    const known = isStructured(source.type as EdmType | undefined) ? castNames(source.type as StructuredType) : [];
    const functions = [...binder.context.model.operations.keys()];
    throw binder.error(
      segment,
      `there is no type and no function named '${short(name)}'.${didYouMean(name, [...known, ...functions])}`,
    );
  }
  const owner = source.type;
  if (owner === undefined) throw binder.notOffered(segment, "a type cast of a dynamic property");
  if (owner.kind !== "entity" && owner.kind !== "complex")
    throw binder.error(segment, `a value of type ${describe(source)} cannot be cast to '${type.qualifiedName}'`);
  if (!isStructured(type) || !(isOrDerivesFrom(type, owner) || isOrDerivesFrom(owner, type))) {
    throw binder.error(
      segment,
      `'${short(name)}' is no type derived from '${owner.qualifiedName}'.${didYouMean(name, castNames(owner))}`,
    );
  }
  const bound: BoundExpression = isOrDerivesFrom(owner, type)
    ? source
    : { kind: "typeCast", source, type, collection: source.collection };
  return keyed(binder, bound, segment, segment.arguments);
}

/** The type of a collection's items, for the variable that stands for one. */
function itemType(binder: Binder, source: BoundExpression, segment: Spot, what: string): EdmType {
  if (!source.collection) {
    if (source.kind === "dynamic" && source.type === undefined)
      throw binder.notOffered(segment, `${what} of a dynamic property`);
    throw binder.error(segment, `${what} needs a collection before it, not a value of type ${describe(source)}`);
  }
  const { type } = source;
  if (type === undefined || type.kind === "shape")
    throw binder.notOffered(segment, `${what} of a collection of no type`);
  return type;
}

/** `any` and `all`: URL Conventions 4.01, section 5.1.1.13. */
function quantifier(binder: Binder, source: BoundExpression, segment: LambdaSegment): BoundExpression {
  const { operator, predicate } = segment;
  const type = itemType(binder, source, segment, `'${operator}'`);
  const variable: BoundVariable = { name: segment.variable ?? "", type };
  const condition =
    predicate === undefined ? undefined : binder.withVariable(variable, segment, () => binder.condition(predicate));
  return {
    kind: "quantifier",
    operator,
    source,
    variable,
    condition,
    type: primitive("Edm.Boolean"),
    collection: false,
  };
}

/** `/$filter(...)` behind a collection: URL Conventions 4.01, section 4.12. */
function filtered(binder: Binder, source: BoundExpression, segment: NameSegment): BoundExpression {
  const type = itemType(binder, source, segment, "$filter");
  const condition = segment.arguments?.value;
  if (condition === undefined) throw binder.error(segment, "$filter takes one condition in parentheses");
  const variable: BoundVariable = { name: "$this", type };
  const bound = binder.withCurrent(variable, segment, () => binder.condition(condition));
  return { kind: "filtered", source, variable, condition: bound, type, collection: true };
}

/** `/$count`, which may have `$filter` and `$search` in parentheses: URL Conventions 4.01, section 4.8. */
function count(binder: Binder, source: BoundExpression, segment: NameSegment): BoundExpression {
  const type = itemType(binder, source, segment, "$count");
  const variable: BoundVariable = { name: "$this", type };
  const { filter, search } = segment.options ?? {};
  if (search !== undefined && (type.kind !== "entity" || !isSearchable(type)))
    throw binder.notOffered(segment, `$search over values of type ${type.qualifiedName}`);
  return {
    kind: "count",
    source,
    variable,
    filter: filter === undefined ? undefined : binder.withCurrent(variable, segment, () => binder.condition(filter)),
    search,
    type: primitive("Edm.Int64"),
    collection: false,
  };
}
