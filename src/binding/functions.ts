import type { EdmType, PrimitiveTypeName } from "../edm/index.js";
import { didYouMean } from "../errors/index.js";
import type { CallExpression, Expression } from "../syntax/index.js";
import { adapt, adaptPair } from "./adapt.js";
import type { Binder, Spot } from "./binder.js";
import type { BoundExpression, BoundFunction } from "./bound.js";
import { commonType, comparable, describe, isInteger, isType, primitive, typeOf } from "./expression-types.js";
import { hasOffset, lift, nullConstant } from "./literals.js";
import { partsOfPattern } from "./measure.js";
import { PatternError } from "./pattern.js";
import { short } from "./short.js";

/** A primitive type; any type of integer; any collection. */
type Parameter = PrimitiveTypeName | "integer" | "Collection";

interface Signature {
  readonly parameters: readonly Parameter[];
  /** `"Collection"`: of the items of the first argument. `"operand"`: the first argument itself. */
  readonly result: PrimitiveTypeName | "Collection" | "operand";
}

function signature(parameters: readonly Parameter[], result: Signature["result"]): Signature {
  return { parameters, result };
}

/** One argument of any of these types, and what comes out. */
function ofEach(types: readonly PrimitiveTypeName[], result: Signature["result"]): readonly Signature[] {
  return types.map((type) => signature([type], result));
}

const text = "Edm.String";
const instant = "Edm.DateTimeOffset";
const texts = (result: PrimitiveTypeName) => signature([text, text], result);
const collections = (result: Signature["result"]) => signature(["Collection", "Collection"], result);
const rounding = [
  signature(["Edm.Decimal"], "Edm.Decimal"),
  signature(["integer"], "operand"),
  ...ofEach(["Edm.Double", "Edm.Single"], "Edm.Double"),
];

/** URL Conventions 4.01, sections 5.1.1.5 to 5.1.1.11. Where several fit, as with null, the first counts. */
const signatures: Readonly<Record<BoundFunction, readonly Signature[]>> = {
  concat: [texts(text), collections("Collection")],
  contains: [texts("Edm.Boolean"), collections("Edm.Boolean")],
  endswith: [texts("Edm.Boolean"), collections("Edm.Boolean")],
  indexof: [texts("Edm.Int32"), collections("Edm.Int32")],
  length: [signature([text], "Edm.Int32"), signature(["Collection"], "Edm.Int32")],
  startswith: [texts("Edm.Boolean"), collections("Edm.Boolean")],
  substring: [
    signature([text, "integer"], text),
    signature([text, "integer", "integer"], text),
    signature(["Collection", "integer"], "Collection"),
    signature(["Collection", "integer", "integer"], "Collection"),
  ],
  hassubset: [collections("Edm.Boolean")],
  hassubsequence: [collections("Edm.Boolean")],
  matchespattern: [texts("Edm.Boolean")],
  tolower: [signature([text], text)],
  toupper: [signature([text], text)],
  trim: [signature([text], text)],
  date: [signature([instant], "Edm.Date")],
  day: ofEach([instant, "Edm.Date"], "Edm.Int32"),
  fractionalseconds: ofEach([instant, "Edm.TimeOfDay"], "Edm.Decimal"),
  hour: ofEach([instant, "Edm.TimeOfDay"], "Edm.Int32"),
  maxdatetime: [signature([], instant)],
  mindatetime: [signature([], instant)],
  minute: ofEach([instant, "Edm.TimeOfDay"], "Edm.Int32"),
  month: ofEach([instant, "Edm.Date"], "Edm.Int32"),
  now: [signature([], instant)],
  second: ofEach([instant, "Edm.TimeOfDay"], "Edm.Int32"),
  time: [signature([instant], "Edm.TimeOfDay")],
  totaloffsetminutes: [signature([instant], "Edm.Int32")],
  totalseconds: [signature(["Edm.Duration"], "Edm.Decimal")],
  year: ofEach([instant, "Edm.Date"], "Edm.Int32"),
  ceiling: rounding,
  floor: rounding,
  round: rounding,
  "geo.distance": [
    signature(["Edm.GeographyPoint", "Edm.GeographyPoint"], "Edm.Double"),
    signature(["Edm.GeometryPoint", "Edm.GeometryPoint"], "Edm.Double"),
  ],
  "geo.intersects": [
    signature(["Edm.GeographyPoint", "Edm.GeographyPolygon"], "Edm.Boolean"),
    signature(["Edm.GeometryPoint", "Edm.GeometryPolygon"], "Edm.Boolean"),
  ],
  "geo.length": ofEach(["Edm.GeographyLineString", "Edm.GeometryLineString"], "Edm.Double"),
};

/** What can stand before parentheses, for "Did you mean ...?". */
export const functionNames: readonly string[] = [...Object.keys(signatures), "cast", "isof", "case"];

/** Functions whose literals are nothing but values to look for. */
const lifting: ReadonlySet<BoundFunction> = new Set<BoundFunction>(["contains", "startswith", "endswith", "indexof"]);

/** Functions that answer for the time zone of an instant. */
const zoned: ReadonlySet<BoundFunction> = new Set<BoundFunction>([
  "date",
  "day",
  "hour",
  "minute",
  "month",
  "time",
  "totaloffsetminutes",
  "year",
]);

/** A canonical function, except `cast`, `isof` and `case`. */
export function bindCall(binder: Binder, expression: CallExpression): BoundExpression {
  const written = expression.function;
  if (written === "isdefined") throw binder.notOffered(expression, "the function 'isdefined'");
  if (!Object.hasOwn(signatures, written)) {
    throw binder.error(
      expression,
      `there is no function named '${short(written)}'.${didYouMean(written, functionNames)}`,
    );
  }
  const name = written as BoundFunction;
  const given = expression.arguments.map((argument) => binder.bind(argument));
  const { bound, result } = overload(binder, name, given) ?? misfit(binder, expression, name, given);
  if (bound.some(({ collection, type }) => collection && type?.kind === "entity"))
    throw binder.notOffered(expression, `'${name}' with collections of entities`);
  if (result === "operand") return bound[0]!;
  // Instants are kept in UTC, so nothing here knows the zone of the literal any more (URL Conventions 4.01, section 5.1.1.8).
  if (zoned.has(name) && hasOffset(bound[0]!))
    throw binder.error(expression.arguments[0]!, `'${name}' takes instants in UTC only, such as 2024-01-31T12:00:00Z`);
  if (name === "matchespattern" && !checkPattern(binder, bound[1]!, expression.arguments[1]!)) return nullConstant();
  const collection = result === "Collection";
  return {
    kind: "call",
    function: name,
    arguments: lifting.has(name) ? bound.map((argument) => liftArgument(binder, argument)) : bound,
    type: collection ? itemType(bound) : primitive(result),
    collection,
  };
}

function misfit(binder: Binder, at: Spot, name: BoundFunction, given: readonly BoundExpression[]): never {
  const possible = signatures[name].map(({ parameters }) => `(${parameters.map(parameterName).join(", ")})`);
  throw binder.error(
    at,
    `the function '${name}' takes ${possible.join(" or ")}, not (${given.map(describe).join(", ")})`,
  );
}

function liftArgument(binder: Binder, argument: BoundExpression): BoundExpression {
  return argument.kind === "constant" ? lift(binder, argument) : argument;
}

/** The type of the items of all collections among the arguments. */
function itemType(bound: readonly BoundExpression[]): EdmType | undefined {
  const types = bound.flatMap((argument) => (argument.collection ? (typeOf(argument) ?? []) : []));
  return types.length === 0 ? undefined : types.reduce((one, other) => commonType(one, other) ?? one);
}

function parameterName(parameter: Parameter): string {
  return parameter === "integer" ? "an integer" : parameter;
}

/** The first signature that the arguments fit: as they are, or else where literals take the types of its parameters. */
function overload(
  binder: Binder,
  name: BoundFunction,
  given: readonly BoundExpression[],
): { readonly bound: readonly BoundExpression[]; readonly result: Signature["result"] } | undefined {
  for (const adapting of [false, true]) {
    for (const { parameters, result } of signatures[name]) {
      const bound = fit(binder, given, parameters, adapting);
      if (bound !== undefined) return { bound, result };
    }
  }
  return undefined;
}

/** The arguments with the types of a signature; undefined where they do not fit it. */
function fit(
  binder: Binder,
  given: readonly BoundExpression[],
  parameters: readonly Parameter[],
  adapting: boolean,
): readonly BoundExpression[] | undefined {
  if (given.length !== parameters.length) return undefined;
  const bound = given.map((argument, index) => asParameter(binder, argument, parameters[index]!, adapting));
  if (bound.some((argument) => argument === undefined)) return undefined;
  const found = bound as BoundExpression[];
  const [first, second] = found;
  if (parameters[0] !== "Collection" || parameters[1] !== "Collection") return found;
  // Two collections meet: an array takes the type of the other's items.
  const [left, right] = adaptPair(binder, first!, second!);
  const a = typeOf(left);
  const b = typeOf(right);
  return a === undefined || b === undefined || comparable(a, b)
    ? [a === undefined ? withType(left, b) : left, right]
    : undefined;
}

/** An empty array has the type of what it meets. */
function withType(bound: BoundExpression, type: EdmType | undefined): BoundExpression {
  return bound.kind === "collection" ? { ...bound, type } : bound;
}

function asParameter(
  binder: Binder,
  argument: BoundExpression,
  parameter: Parameter,
  adapting: boolean,
): BoundExpression | undefined {
  if (parameter === "Collection") return argument.collection ? argument : undefined;
  if (argument.collection || argument.kind === "object") return undefined;
  if (argument.type?.kind === "shape") return undefined;
  if (parameter === "integer") {
    // A dynamic property is read as the integer that it has to be.
    if (argument.kind === "dynamic" && argument.type === undefined)
      return { ...argument, type: primitive("Edm.Int64") };
    const fits = argument.type === undefined ? argument.kind === "constant" : isInteger(argument.type);
    return fits ? argument : undefined;
  }
  const adapts = adapting || argument.kind !== "constant";
  const bound = adapts ? adapt(binder, argument, primitive(parameter)) : argument;
  const type = typeOf(bound);
  // Null fits; a choice among dynamic properties, or one that $apply has computed, would have to be cast.
  return (type === undefined ? bound.kind === "constant" : isType(type, parameter)) ? bound : undefined;
}

/**
 * No evaluator is to see a pattern that has not been checked, so it has to be known here.
 *
 * @returns false where the pattern is null
 */
function checkPattern(binder: Binder, pattern: BoundExpression, source: Expression): boolean {
  if (pattern.kind !== "constant") {
    throw binder.error(source, "the pattern of 'matchesPattern' must be a literal, or an alias that stands for one");
  }
  if (pattern.value === null) return false;
  try {
    binder.context.budget.spend(partsOfPattern(String(pattern.value)), binder.spot(source).option!);
  } catch (error) {
    if (error instanceof PatternError) throw binder.error(source, `the pattern ${error.message}`);
    throw error;
  }
  return true;
}
