import type { ComplexType, EdmType } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { didYouMean } from "../errors/index.js";
import type { Binder, Spot } from "./binder.js";
import type { BoundExpression, BoundJsonObject } from "./bound.js";
import {
  comparable,
  describe,
  isFloating,
  isNumeric,
  isStructured,
  isType,
  primitive,
  typeOf,
  underlying,
} from "./expression-types.js";
import { adaptConstant, isWritten, nullConstant } from "./literals.js";
import { short } from "./short.js";

/**
 * Gives what has no type of its own, or could have another, the type of what it meets: literals, lists and JSON, dynamic
 * properties, and a `case` of these. Everything else stays as it is, and so does what cannot have the type.
 *
 * @throws {ODataError} 400 for a literal that is wrong for the type, as a text that is no member of an enumeration
 */
export function adapt(binder: Binder, bound: BoundExpression, type: EdmType | undefined): BoundExpression {
  if (type === undefined) return bound;
  switch (bound.kind) {
    case "constant":
      return adaptConstant(binder, bound, type);
    case "dynamic":
      return bound.type === undefined ? { ...bound, type: dynamicType(type) } : bound;
    case "collection": {
      const items = bound.items.map((item) => adapt(binder, item, type));
      const fits = items.every((item) => item.type === undefined || comparable(typeOf(item)!, type));
      return fits ? { ...bound, type, items } : bound;
    }
    case "object":
      return type.kind === "complex" ? typedObject(binder, bound, type) : bound;
    case "case": {
      if (!bound.branches.every(({ value }) => value.kind === "constant" && (value.value === null || isWritten(value))))
        return bound;
      const branches = bound.branches.map(({ condition, value }) => ({ condition, value: adapt(binder, value, type) }));
      const fits = branches.every(({ value }) => value.type === undefined || value.type === underlying(type));
      return fits ? { ...bound, branches, type: underlying(type) } : bound;
    }
    default:
      return bound;
  }
}

/**
 * What a dynamic property is read as where it meets a value of a type. A number of any kind is read as a Decimal, so that
 * `5.5` is not missing where it meets an integer.
 */
function dynamicType(type: EdmType): EdmType | undefined {
  if (isStructured(type)) return undefined;
  if (isFloating(type)) return primitive("Edm.Double");
  return isNumeric(type) ? primitive("Edm.Decimal") : underlying(type);
}

/** Lets two expressions that meet take each other's types; two that nobody knows the type of meet as texts. */
export function adaptPair(
  binder: Binder,
  left: BoundExpression,
  right: BoundExpression,
): readonly [BoundExpression, BoundExpression] {
  if (left.kind === "dynamic" && right.kind === "dynamic" && left.type === undefined && right.type === undefined) {
    const text = primitive("Edm.String");
    return [adapt(binder, left, text), adapt(binder, right, text)];
  }
  const first = adapt(binder, left, typeOf(right));
  const second = adapt(binder, right, typeOf(first));
  // A dynamic property got its type of the other side just now, and it is not always the same.
  return promoteDates(right.kind === "dynamic" ? adapt(binder, first, typeOf(second)) : first, second);
}

/** A day meets an instant as its midnight in UTC. */
function promoteDates(left: BoundExpression, right: BoundExpression): readonly [BoundExpression, BoundExpression] {
  const a = typeOf(left);
  const b = typeOf(right);
  if (isType(a, "Edm.Date") && isType(b, "Edm.DateTimeOffset")) return [toInstant(left), right];
  if (isType(a, "Edm.DateTimeOffset") && isType(b, "Edm.Date")) return [left, toInstant(right)];
  return [left, right];
}

function toInstant(operand: BoundExpression): BoundExpression {
  if (operand.collection) return operand;
  return { kind: "conversion", operand, type: primitive("Edm.DateTimeOffset"), collection: false };
}

/** Where the members of a JSON object stand, until the object has a type. */
const memberSpots = new WeakMap<
  BoundJsonObject,
  { readonly spot: Spot; readonly members: ReadonlyMap<string, Spot> }
>();

/** A JSON object whose type what it meets will tell. */
export function untypedObject(
  members: ReadonlyMap<string, BoundExpression>,
  spot: Spot,
  spots: ReadonlyMap<string, Spot>,
): BoundJsonObject {
  const object: BoundJsonObject = { kind: "object", members, type: undefined, collection: false };
  memberSpots.set(object, { spot, members: spots });
  return object;
}

/**
 * The object as a value of a complex type: every property has a member, in the order of the type; what is not written is
 * null, or no items. The type may be a derived one that the object names as `@type` (JSON Format 4.01, section 4.6.3).
 */
function typedObject(binder: Binder, object: BoundJsonObject, declared: ComplexType): BoundJsonObject {
  const spots = memberSpots.get(object);
  if (spots === undefined) return object;
  const written = new Map(object.members);
  const type = namedType(binder, written, declared, spots.spot);
  const members = new Map<string, BoundExpression>();
  for (const property of type.properties.values()) {
    const given = written.get(property.name);
    written.delete(property.name);
    if (given === undefined) {
      members.set(
        property.name,
        property.collection ? { kind: "collection", items: [], type: property.type, collection: true } : nullConstant(),
      );
      continue;
    }
    const value = adapt(binder, given, property.type);
    const valueType = typeOf(value);
    const fits =
      value.collection === property.collection && (valueType === undefined || comparable(valueType, property.type));
    if (!fits || (value.kind === "object" && valueType === undefined)) {
      const expected = property.collection ? `Collection(${property.type.qualifiedName})` : property.type.qualifiedName;
      const spot = spots.members.get(property.name) ?? spots.spot;
      throw binder.error(
        spot,
        `'${property.name}' is of type ${expected}, but this value is of type ${describe(value)}`,
      );
    }
    members.set(property.name, value);
  }
  for (const [name, value] of written) {
    if (!type.open) {
      throw binder.error(
        spots.members.get(name) ?? spots.spot,
        `the type '${type.qualifiedName}' has no property named '${short(name)}'.${didYouMean(name, type.properties.keys())}`,
      );
    }
    members.set(name, value);
  }
  return { kind: "object", members, type, collection: false };
}

/** The type that the object names, which is no member of its value; the declared one where it names none. */
function namedType(
  binder: Binder,
  members: Map<string, BoundExpression>,
  declared: ComplexType,
  spot: Spot,
): ComplexType {
  let type = declared;
  for (const name of ["@type", "@odata.type"]) {
    const value = members.get(name);
    if (value === undefined) continue;
    members.delete(name);
    const text = value.kind === "constant" && typeof value.value === "string" ? value.value.replace(/^#/, "") : "";
    const named = binder.context.model.types.get(text);
    if (named?.kind !== "complex" || !isOrDerivesFrom(named, declared)) {
      const names = [declared, ...declared.derivedTypes].map(({ qualifiedName }) => qualifiedName);
      throw binder.error(
        spot,
        `'${short(text)}' is neither '${declared.qualifiedName}' nor derived from it.${didYouMean(text, names)}`,
      );
    }
    type = named;
  }
  return type;
}
