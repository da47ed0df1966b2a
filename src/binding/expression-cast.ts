import type { EdmType, EnumType, PrimitiveType, StructuredType } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { didYouMean } from "../errors/index.js";
import type { CallExpression, Expression } from "../syntax/index.js";
import { adapt } from "./adapt.js";
import type { Binder } from "./binder.js";
import type { BoundComparison, BoundConstant, BoundExpression } from "./bound.js";
import { typeNamed } from "./default-namespaces.js";
import { variableReference } from "./expression-path.js";
import { describe, isGeo, isInteger, isStructured, isType, primitive, typeOf, underlying } from "./expression-types.js";
import { constant, nullConstant } from "./literals.js";
import { short } from "./short.js";

interface Target {
  readonly type: EdmType;
  readonly collection: boolean;
}

/** `cast(value,type)`, `isof(value,type)`, and both with the current instance: URL Conventions 4.01, section 5.1.1.10. */
export function bindTypeFunction(binder: Binder, expression: CallExpression): BoundExpression {
  const list = expression.arguments;
  const name = expression.function as "cast" | "isof";
  const last = list[list.length - 1];
  if (last === undefined || list.length > 2)
    throw binder.error(expression, `the function '${name}' takes (type) or (value, type)`);
  const target = targetType(binder, name, last);
  const operand = list.length === 1 ? variableReference(binder.current) : binder.bind(list[0]!);
  const at = list.length === 1 ? expression : list[0]!;
  return name === "cast" ? cast(binder, operand, target, at) : isOf(binder, operand, target, at);
}

/** `optionallyQualifiedTypeName`: the type's name, which the grammar leaves as a path of one segment. */
function targetType(binder: Binder, name: string, expression: Expression): Target {
  const segment = expression.kind === "Member" && expression.root === undefined ? expression.segments[0] : undefined;
  if (segment?.kind !== "NameSegment" || segment.arguments !== undefined)
    throw binder.error(expression, `'${name}' takes the name of a type here`);
  const written = /^Collection\((.*)\)$/.exec(segment.name);
  const typeName = written?.[1] ?? segment.name;
  const { types } = binder.context.model;
  const type = typeNamed(typeName, binder.context.model);
  if (type === undefined) {
    const qualified = [...types.keys()].find((known) => known.endsWith(`.${typeName}`));
    const hint = qualified === undefined ? didYouMean(typeName, types.keys()) : ` Did you mean '${qualified}'?`;
    throw binder.error(segment, `there is no type named '${short(typeName)}'.${hint}`);
  }
  return { type, collection: written !== null };
}

function targetName({ type, collection }: Target): string {
  return collection ? `Collection(${type.qualifiedName})` : type.qualifiedName;
}

/** True where every value of the type is one of the target: the same type, a base type, or one of the abstract built-in ones. */
function isAlways(type: EdmType, target: EdmType): boolean {
  switch (target.qualifiedName) {
    case "Edm.PrimitiveType":
      return !isStructured(type);
    case "Edm.ComplexType":
      return type.kind === "complex";
    case "Edm.EntityType":
      return type.kind === "entity";
    case "Edm.Untyped":
      return true;
    case "Edm.Geography":
    case "Edm.Geometry":
      return type.qualifiedName.startsWith(target.qualifiedName);
    default:
      return isStructured(type) ? isOrDerivesFrom(type, target) : underlying(type) === underlying(target);
  }
}

function cast(binder: Binder, operand: BoundExpression, target: Target, at: Expression): BoundExpression {
  const from = typeOf(operand);
  const refuse = () =>
    binder.error(at, `a value of type ${describe(operand)} cannot be cast to '${targetName(target)}'`);
  if (operand.kind === "object") {
    const bound = target.collection ? operand : adapt(binder, operand, target.type);
    if (bound.type === undefined) throw refuse();
    return bound;
  }
  if (operand.collection || target.collection) return castCollection(binder, operand, target, at, refuse);
  if (from === undefined) return castUnknown(binder, operand, target, at);
  if (isAlways(from, target.type) && !mayBeLarger(operand, target.type)) return operand;
  if (isStructured(from)) {
    if (!isStructured(target.type) || !isOrDerivesFrom(target.type, from)) throw refuse();
    return { kind: "typeCast", source: operand, type: target.type, collection: false };
  }
  const to = underlying(target.type);
  if (isStructured(to) || isValueless(to)) throw refuse();
  if (isOpaque(from)) throw binder.notOffered(at, `a cast of values of type ${from.qualifiedName}`);
  if (isValueless(underlying(from) as PrimitiveType)) throw refuse();
  return { kind: "conversion", operand, type: to, collection: false };
}

/** Integers that were computed go on as Decimals where they do not fit their type, and a cast makes null of those. */
function mayBeLarger(operand: BoundExpression, target: EdmType): boolean {
  const isComputed = /^(arithmetic|negation|call|case|member)$/.test(operand.kind);
  const type = typeOf(operand);
  return isComputed && type !== undefined && isInteger(type) && underlying(type) === underlying(target);
}

/** Types that have no values which could be made of others. */
function isValueless(type: PrimitiveType | EnumType): boolean {
  return /^Edm\.(Stream|Untyped|PrimitiveType|ComplexType|EntityType)$/.test(type.qualifiedName);
}

/** Types that say nothing of what their values are. */
function isOpaque(type: EdmType): boolean {
  return isType(type, "Edm.Untyped") || isType(type, "Edm.PrimitiveType");
}

/** A collection that is of the target's type already stays as it is; another would have to be cast item by item. */
function castCollection(
  binder: Binder,
  operand: BoundExpression,
  target: Target,
  at: Expression,
  refuse: () => Error,
): BoundExpression {
  if (!operand.collection || !target.collection) throw refuse();
  const bound = adapt(binder, operand, target.type);
  const from = typeOf(bound);
  if (from === undefined || isAlways(from, target.type)) return bound;
  if (isStructured(from) && !(isStructured(target.type) && isOrDerivesFrom(target.type, from))) throw refuse();
  throw binder.notOffered(at, `a cast of a collection to '${targetName(target)}'`);
}

/** `null`, a dynamic property, or an aggregated value of which nobody knows the type. */
function castUnknown(binder: Binder, operand: BoundExpression, target: Target, at: Expression): BoundExpression {
  const to = underlying(target.type);
  if (isStructured(to)) {
    if (operand.kind === "constant") return nullConstant();
    throw binder.notOffered(at, `a cast of a dynamic property to '${to.qualifiedName}'`);
  }
  if (isValueless(to)) return operand;
  const bound = adapt(binder, operand, to);
  if (bound.type !== undefined && bound.type === to) return bound;
  return { kind: "conversion", operand: bound, type: to, collection: false };
}

function isOf(binder: Binder, operand: BoundExpression, target: Target, at: Expression): BoundExpression {
  const from = typeOf(operand);
  if (operand.kind === "constant" && operand.value === null) return truth(false);
  if (operand.collection !== target.collection) return truth(false);
  if (operand.kind === "dynamic" && from === undefined && !isStructured(target.type)) {
    return isPresent(
      isValueless(underlying(target.type) as PrimitiveType) ? operand : adapt(binder, operand, target.type),
    );
  }
  if (from === undefined) throw binder.notOffered(at, `'isof' with ${describe(operand)}`);
  if (isAlways(from, target.type)) return operand.collection ? truth(true) : isPresent(operand);
  if (isStructured(from)) return isStructured(target.type) ? typeTest(operand, from, target) : truth(false);
  if (isOpaque(from) || (isGeo(from) && isAlways(target.type, from)))
    throw binder.notOffered(at, `'isof' with values of type ${describe(operand)}`);
  return truth(false);
}

/** Whether a structured value is of a type that derives from its declared one. */
function typeTest(operand: BoundExpression, from: StructuredType, { type, collection }: Target): BoundExpression {
  if (!isOrDerivesFrom(type, from)) return truth(false);
  return {
    kind: "typeTest",
    operand,
    tested: type,
    testedCollection: collection,
    type: primitive("Edm.Boolean"),
    collection: false,
  };
}

function truth(value: boolean): BoundConstant {
  return constant(primitive("Edm.Boolean"), value);
}

/** `isof` is true for every value of the type, and false for null. */
function isPresent(operand: BoundExpression): BoundComparison {
  const type = primitive("Edm.Boolean");
  return { kind: "comparison", operator: "ne", left: operand, right: nullConstant(), type, collection: false };
}
