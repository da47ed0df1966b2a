import type { EdmType, Operation, Parameter } from "../edm/index.js";
import { didYouMean } from "../errors/index.js";
import type { Expression, NameSegment } from "../syntax/index.js";
import { adapt } from "./adapt.js";
import type { Binder } from "./binder.js";
import type { BoundExpression } from "./bound.js";
import { comparable, describe, isStructured, typeOf } from "./expression-types.js";
import {
  bindingText,
  operationsNamed,
  overloadTaking,
  overloadsFor,
  ownParameters,
  signatureOf,
} from "./operations.js";
import { short } from "./short.js";

/**
 * Looks at a segment of an expression as the call of one of the service's own functions, bound to what stands in front of it
 * or unbound (URL Conventions 4.01, section 5.1.1.3.1; grammar: `functionExpr`, `boundFunctionExpr`). Such a function is code,
 * which a database cannot call for each row, so a call that is right is refused with 501; one that is wrong says why.
 *
 * @returns the error, or `undefined` where the segment names no operation
 */
export function operationCall(binder: Binder, source: BoundExpression, segment: NameSegment): Error | undefined {
  const { name } = segment;
  const { model } = binder.context;
  const unbound = (model.operations.get(name) ?? []).filter(({ bound }) => !bound);
  const named = operationsNamed(name, model, binder.context);
  if (named.length === 0 && unbound.length === 0) return undefined;
  const type: EdmType | undefined = typeOf(source);
  const subject = type === undefined ? undefined : { type, collection: source.collection };
  const near = subject === undefined ? [] : overloadsFor(named, subject);
  const overloads = near.length > 0 ? near : unbound;
  const [first] = overloads;
  if (first === undefined) {
    const bindings = new Set(named.map(({ parameters }) => bindingText(parameters[0]!)));
    return binder.error(
      segment,
      `'${short(name)}' is called on ${[...bindings].join(" or ")}, but this is of type ${describe(source)}`,
    );
  }
  if (first.kind === "action")
    return binder.error(segment, `'${short(name)}' is an action, and an expression calls none`);
  return (
    wrongArguments(binder, overloads, segment) ??
    binder.notOffered(segment, `its own functions, such as '${short(name)}',`)
  );
}

function wrongArguments(binder: Binder, overloads: readonly Operation[], segment: NameSegment): Error | undefined {
  const called = short(segment.name);
  const right = () => overloads.map((one) => signatureOf(called, one)).join(" or ");
  const given = segment.arguments;
  if (given?.value !== undefined)
    return binder.error(given, `the arguments of '${called}' are given by name: ${right()}`);
  const named = given?.named ?? [];
  const names = new Set(named.map(({ name }) => name));
  const operation = names.size < named.length ? undefined : overloadTaking(overloads, names);
  if (operation === undefined) {
    const known = overloads.flatMap((one) => ownParameters(one).map(({ name }) => name));
    const unknown = [...names].find((name) => !known.includes(name));
    const hint = unknown === undefined ? "" : `.${didYouMean(unknown, known)}`;
    return binder.error(segment, `'${called}' is called ${right()}${hint}`);
  }
  for (const { name, value } of named) {
    const parameter = ownParameters(operation).find((one) => one.name === name)!;
    const error = wrongArgument(binder, parameter, value);
    if (error !== undefined) return error;
  }
  return undefined;
}

function wrongArgument(binder: Binder, { name, type, collection }: Parameter, value: Expression): Error | undefined {
  const bound = adapt(binder, binder.bind(value), type);
  const actual = typeOf(bound);
  const isNull = bound.kind === "constant" && bound.value === null;
  // Of a value whose type nobody knows the function itself would have to see what it is; so of a structured one.
  const fits = actual === undefined || (isStructured(actual) ? isStructured(type) : comparable(actual, type));
  if (isNull || (fits && bound.collection === collection)) return undefined;
  const wanted = collection ? `Collection(${type.qualifiedName})` : type.qualifiedName;
  return binder.error(
    value,
    `the parameter '${short(name)}' is of type ${wanted}, but this is of type ${describe(bound)}`,
  );
}
