import type { ComplexType, EdmType, Facets, Operation, Parameter } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import type { JsonScalar, Scalar } from "../edm/primitives/index.js";
import { PrimitiveValueError, readEnumLiteral, readJson, readKeySegment, writeJson } from "../edm/primitives/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean } from "../errors/index.js";
import type { Expression, MisreadOption, PathSegment } from "../syntax/index.js";
import { parseExpression } from "../syntax/index.js";
import type { BoundConstant, BoundExpression, BoundJsonObject, BoundVariable, RowShape } from "./bound.js";
import type { BindContext } from "./context.js";
import { ExpressionBinder } from "./expression.js";
import { describe, isType, underlying } from "./expression-types.js";
import { constant, nullConstant } from "./literals.js";
import { overloadTaking, ownParameters, signatureOf } from "./operations.js";
import { short } from "./short.js";

/** The overload that a call means, and its arguments. */
export interface BoundCallArguments {
  readonly operation: Operation;
  readonly arguments: ReadonlyMap<Parameter, BoundExpression>;
}

/** Finds the overload of a call and binds its arguments; `called` is the name as it stands in the URL. */
export type CallBinder = (
  overloads: readonly Operation[],
  segment: Pick<PathSegment, "arguments" | "text">,
  called: string,
) => BoundCallArguments;

/** What of a query can give arguments to a function that is called without parentheses. */
export interface ImplicitArguments {
  /** Custom query options, decoded. */
  readonly custom: ReadonlyMap<string, string>;
  /** Those with the name of a system query option that have no value for it. */
  readonly misread: ReadonlyMap<string, MisreadOption>;
}

/** Arguments are values: no path leads anywhere in them. */
const nothing: BoundVariable = {
  name: "$it",
  type: { kind: "shape", entity: undefined, members: new Map() } satisfies RowShape,
};

/**
 * Binds the arguments of the functions of one request: Protocol 4.01, section 11.5.4.1. They stand in parentheses, as
 * literals or parameter aliases, or, where a function is called without parentheses, in the query, as aliases with the
 * names of the parameters; the `@` may be left out there.
 */
export class ArgumentBinder {
  readonly #context: BindContext;
  readonly #implicit: ImplicitArguments;
  readonly #used = new Set<string>();

  constructor(context: BindContext, implicit: ImplicitArguments) {
    this.#context = context;
    this.#implicit = implicit;
  }

  /** @throws {ODataError} 400 where no overload takes such arguments, and for a value that is none of its parameter's */
  readonly call: CallBinder = (overloads, segment, called) => {
    const written = this.#written(overloads, segment, called);
    const names = new Set(written.keys());
    const operation = overloadTaking(overloads, names);
    if (operation === undefined) throw noOverload(overloads, names, segment, called);
    return { operation, arguments: this.#bound(operation, written, called) };
  };

  /**
   * @throws {ODataError} what is wrong with a query option that the parser could not read, where it has been no argument
   */
  checkMisread(): void {
    for (const [name, { error }] of this.#implicit.misread) if (!this.#used.has(name)) throw error;
  }

  /** The arguments as expressions, by the names of their parameters. */
  #written(
    overloads: readonly Operation[],
    { arguments: given, text }: Pick<PathSegment, "arguments" | "text">,
    called: string,
  ): ReadonlyMap<string, Expression> {
    if (given === undefined) return this.#inQuery(overloads);
    if (given.value !== undefined) {
      const right = overloads.map((one) => signatureOf(called, one)).join(" or ");
      throw badRequest(`The arguments of '${short(called)}' are given by name: ${right}.`, { target: short(text) });
    }
    const written = new Map<string, Expression>();
    for (const { name, value } of given.named) {
      if (written.has(name)) {
        throw badRequest(`'${short(called)}' has two arguments for its parameter '${short(name)}'.`, {
          target: short(text),
        });
      }
      written.set(name, value);
    }
    return written;
  }

  /** Implicit parameter aliases: URL Conventions 4.01, section 5.3. */
  #inQuery(overloads: readonly Operation[]): ReadonlyMap<string, Expression> {
    const written = new Map<string, Expression>();
    const { custom, misread } = this.#implicit;
    for (const name of new Set(overloads.flatMap((one) => ownParameters(one).map((parameter) => parameter.name)))) {
      const alias = this.#context.aliases.get(`@${name}`);
      const text = custom.get(name) ?? misread.get(name)?.text;
      if (alias !== undefined) written.set(name, alias);
      else if (text !== undefined) {
        this.#used.add(name);
        written.set(name, this.#parsed(name, text));
      }
    }
    return written;
  }

  #parsed(name: string, text: string): Expression {
    try {
      return parseExpression(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "";
      throw badRequest(`The query option '${short(name)}' is an argument, and no value: ${reason}`, { target: name });
    }
  }

  #bound(
    operation: Operation,
    written: ReadonlyMap<string, Expression>,
    called: string,
  ): ReadonlyMap<Parameter, BoundExpression> {
    const bound = new Map<Parameter, BoundExpression>();
    for (const parameter of ownParameters(operation)) {
      const expression = written.get(parameter.name);
      const value = expression === undefined ? defaultOf(parameter) : this.#argument(parameter, expression, called);
      if (value !== undefined) bound.set(parameter, value);
    }
    return bound;
  }

  #argument(parameter: Parameter, expression: Expression, called: string): BoundExpression {
    const label = `the argument '${parameter.name}' of '${short(called)}'`;
    const bound = new ExpressionBinder(nothing, label, this.#context).value(expression, parameter.type);
    checkValue(bound, parameter, label);
    return bound;
  }
}

/** What a value is for: a parameter, or a property of a complex value that is one. */
type Slot = Pick<Parameter, "name" | "type" | "collection" | "nullable" | "facets">;

/**
 * Sees whether a bound expression is a value of a parameter: of its type, within its facets, null only where it may be.
 *
 * @param label for messages: what the value stands for
 */
function checkValue(bound: BoundExpression, { name, type, collection, nullable, facets }: Slot, label: string): void {
  const wrong = (what: string): ODataError => badRequest(`${capital(label)} ${what}.`, { target: name });
  const wanted = collection ? `Collection(${type.qualifiedName})` : type.qualifiedName;
  if (!isValue(bound)) throw wrong("is to be a value: a literal, or an alias that stands for a literal or for JSON");
  if (bound.collection !== collection) {
    if (isNull(bound)) throw wrong("is null, and a collection never is; one without items is written []");
    throw wrong(`is to be of type ${wanted}, but it is of type ${describe(bound)}`);
  }
  for (const item of bound.kind === "collection" ? bound.items : [bound]) {
    if (isNull(item)) {
      if (!nullable) throw wrong(collection ? "has an item that is null, which it cannot be" : "cannot be null");
    } else if (!fits(item, type)) {
      throw wrong(`is to be of type ${wanted}, but it ${collection ? "has an item" : "is"} of type ${describe(item)}`);
    } else if (item.kind === "constant") checkFacets(item, type, facets, wrong);
    else if (item.kind === "object" && item.type?.kind === "complex") checkMembers(item, item.type, label);
  }
}

function checkMembers({ members }: BoundJsonObject, { properties }: ComplexType, label: string): void {
  for (const [name, member] of members) {
    const property = properties.get(name);
    if (property !== undefined) checkValue(member, property, `'${property.name}' in ${label}`);
  }
}

/** Made of literals alone. Objects and arrays are as deep as the parser lets them be. */
function isValue(bound: BoundExpression): boolean {
  switch (bound.kind) {
    case "constant":
      return true;
    case "collection":
      return bound.items.every(isValue);
    case "object":
      return [...bound.members.values()].every(isValue);
    default:
      return false;
  }
}

function isNull(bound: BoundExpression): boolean {
  return bound.kind === "constant" && bound.value === null;
}

function fits(item: BoundExpression, wanted: EdmType): boolean {
  if (isType(wanted, "Edm.Untyped")) return true;
  if (item.kind === "object") {
    // What an entity is made of is looked at where it is used; it may be a reference and nothing else.
    if (wanted.kind === "entity" || isType(wanted, "Edm.EntityType")) return item.type === undefined;
    return item.type?.kind === "complex" && wanted.kind === "complex" && isOrDerivesFrom(item.type, wanted);
  }
  if (isType(wanted, "Edm.PrimitiveType")) return item.kind === "constant";
  return item.kind === "constant" && item.type === underlying(wanted);
}

function checkFacets(
  { type, value }: BoundConstant,
  declared: EdmType,
  facets: Facets,
  wrong: (what: string) => ODataError,
): void {
  if (type?.kind !== "primitive" || type.qualifiedName.startsWith("Edm.Geo")) return;
  const all = declared.kind === "typeDefinition" ? { ...declared.facets, ...facets } : facets;
  try {
    readJson(type, all, jsonScalar(writeJson(type, value!)));
  } catch (error) {
    if (error instanceof PrimitiveValueError) throw wrong(`is no value of its parameter: ${error.message}`);
    throw error;
  }
}

function jsonScalar(json: string): JsonScalar {
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return json === "true" || json === "false" ? json === "true" : { text: json };
}

/** `DefaultValue` of `Core.OptionalParameter`; without one the operation itself knows what to do. */
function defaultOf({ type, collection, defaultValue }: Parameter): BoundExpression | undefined {
  if (defaultValue === undefined || collection) return undefined;
  if (defaultValue === "null") return nullConstant();
  const base = underlying(type);
  if (base.kind === "enum") {
    const value = readEnumLiteral(base, "string", defaultValue);
    return value === undefined ? undefined : { kind: "constant", type: base, collection: false, value };
  }
  const value: Scalar | undefined = base.kind === "primitive" ? readKeySegment(base, defaultValue) : undefined;
  return value === undefined || base.kind !== "primitive" ? undefined : constant(base, value);
}

function noOverload(
  overloads: readonly Operation[],
  names: ReadonlySet<string>,
  { text }: Pick<PathSegment, "text">,
  called: string,
): ODataError {
  const known = new Set(overloads.flatMap((one) => ownParameters(one).map(({ name }) => name)));
  const unknown = [...names].find((name) => !known.has(name));
  const given = names.size === 0 ? "no arguments" : `the arguments ${[...names].map((name) => short(name)).join(", ")}`;
  const right = overloads.map((one) => signatureOf(called, one)).join(" or ");
  return badRequest(
    `'${short(called)}' cannot be called with ${given}; it is called ${right}.${unknown === undefined ? "" : didYouMean(unknown, known)}`,
    { target: short(text) },
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
