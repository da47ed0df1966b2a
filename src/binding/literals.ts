import type { EdmType, PrimitiveType, PrimitiveTypeName } from "../edm/index.js";
import {
  literalTypeName,
  PrimitiveValueError,
  readEnumLiteral,
  readJson,
  readLiteral,
  type Scalar,
} from "../edm/primitives/index.js";
import { primitiveTypes } from "../edm/primitive-types.js";
import { didYouMean } from "../errors/index.js";
import type { Literal, LiteralForm } from "../syntax/index.js";
import type { Binder, Spot } from "./binder.js";
import type { BoundConstant, BoundExpression, LiftableLiterals } from "./bound.js";
import { isFloating, underlying } from "./expression-types.js";
import { short } from "./short.js";

/**
 * Counts where the literals of a request are used, and tells which of them can be lifted out of its plan: those that are
 * parameters of one type wherever they stand, so that nothing else depends on their values.
 */
export class LiteralCollector {
  readonly #uses = new Map<Literal, number>();
  readonly #lifted = new Map<Literal, { readonly type: PrimitiveType; count: number }>();
  readonly #refused = new Set<Literal>();

  /** The literal has been bound in one more place; an alias may stand in several. */
  use(literal: Literal): void {
    this.#uses.set(literal, (this.#uses.get(literal) ?? 0) + 1);
  }

  /** In one of its places the literal is a parameter of this type, and nothing else. */
  add(literal: Literal, type: PrimitiveType): void {
    const known = this.#lifted.get(literal);
    if (known === undefined) this.#lifted.set(literal, { type, count: 1 });
    else if (known.type === type) known.count++;
    else this.refuse(literal);
  }

  /** The literal's value matters, whatever else is said of it. */
  refuse(literal: Literal): void {
    this.#refused.add(literal);
  }

  result(): LiftableLiterals {
    const result = new Map<Literal, PrimitiveType>();
    for (const [literal, { type, count }] of this.#lifted) {
      if (!this.#refused.has(literal) && count >= (this.#uses.get(literal) ?? 0)) result.set(literal, type);
    }
    return result;
  }
}

/** How a constant was written; as long as this is known, it can still take the type of what it meets. */
interface Written {
  readonly form: LiteralForm;
  readonly text: string;
  readonly spot: Spot;
  /** Absent where the constant is made of more than the literal. */
  readonly literal: Literal | undefined;
  /** The constant has the type of what it meets. */
  readonly adapted: boolean;
}

const written = new WeakMap<BoundConstant, Written>();

/** Whether a constant is an instant that was written in a time zone other than UTC. */
export function hasOffset(bound: BoundExpression): boolean {
  const how = bound.kind === "constant" ? written.get(bound) : undefined;
  return how?.form === "dateTimeOffset" && !/(?:z|[+-]00:00)$/i.test(how.text);
}

/** The constant `null`. */
export function nullConstant(): BoundConstant {
  return { kind: "constant", type: undefined, collection: false, value: null };
}

/** A constant without a place in the URL. */
export function constant(type: PrimitiveType, value: Scalar): BoundConstant {
  return { kind: "constant", type, collection: false, value };
}

/**
 * A literal with the type that it has by itself: URL Conventions 4.01, section 5.1.1.14.1.
 *
 * @throws {ODataError} 400 where it is out of its type's range, or of no known enumeration
 */
export function bindLiteral(binder: Binder, literal: Literal): BoundConstant {
  binder.context.literals.use(literal);
  const spot = binder.spot(literal);
  return read(binder, { form: literal.form, text: literal.value, spot, literal, adapted: false }, literal.typeName);
}

/** A literal behind a minus sign; undefined where it is no number. */
export function bindNegative(binder: Binder, literal: Literal, spot: Spot): BoundConstant | undefined {
  const { form, value } = literal;
  const number = form === "integer" || form === "decimal" || form === "double";
  if (!number || value === "NaN") return undefined;
  binder.context.literals.refuse(literal);
  const text = value.startsWith("-") ? value.slice(1) : `-${value.replace(/^\+/, "")}`;
  return read(binder, { form, text, spot, literal: undefined, adapted: false });
}

function read(binder: Binder, how: Written, typeName?: string): BoundConstant {
  const { form, text, spot } = how;
  if (form === "null") return nullConstant();
  if (form === "enum") {
    const type = binder.context.model.types.get(typeName ?? "");
    if (type?.kind !== "enum") {
      throw binder.error(
        spot,
        `there is no enumeration type named '${short(typeName ?? "")}'.${didYouMean(typeName ?? "", enumerations(binder))}`,
      );
    }
    const value = checked(binder, how, () => readEnumLiteral(type, form, text));
    return remember({ kind: "constant", type, collection: false, value: value! }, how);
  }
  const type = primitiveTypes.get(literalTypeName(form, text)!)!;
  const value = checked(binder, how, () => readLiteral(type, form, text));
  if (value === undefined) throw binder.error(spot, `'${short(text)}' is no value of type ${type.qualifiedName}`);
  return remember({ kind: "constant", type, collection: false, value }, how);
}

function* enumerations(binder: Binder): Iterable<string> {
  for (const [name, type] of binder.context.model.types) if (type.kind === "enum") yield name;
}

/** What is wrong with a literal's value becomes an error at its place. */
function checked<T>(binder: Binder, { text, spot }: Written, reader: () => T): T {
  try {
    return reader();
  } catch (error) {
    if (!(error instanceof PrimitiveValueError)) throw error;
    const hint = error.choice === undefined ? "" : didYouMean(error.choice.written, error.choice.known);
    const what = error.message.includes(short(text)) ? error.message : `'${short(text)}' ${error.message}`;
    throw binder.error(spot, hint === "" ? what : `${what}.${hint}`);
  }
}

function remember(bound: BoundConstant, how: Written): BoundConstant {
  written.set(bound, how);
  return bound;
}

/** True where the constant can still take another type. */
export function isWritten(bound: BoundConstant): boolean {
  return written.has(bound);
}

/**
 * Gives a constant the type of what it meets, where its literal can be one of that type: `5` becomes a Decimal, `'Red'` a
 * member of an enumeration, `'PT1H'` a duration.
 *
 * @returns the constant as it is where it cannot; numbers then meet by numeric promotion
 * @throws {ODataError} 400 for a text that is no member of the enumeration
 */
export function adaptConstant(binder: Binder, bound: BoundConstant, to: EdmType): BoundConstant {
  const how = written.get(bound);
  const type = underlying(to);
  if (how === undefined || bound.value === null || how.form === "null") return bound;
  if (type.kind === "enum") {
    if (how.form === "enum" && bound.type !== type) return bound;
    const value = checked(binder, how, () => readEnumLiteral(type, how.form, how.text));
    if (value === undefined) return bound;
    return remember({ kind: "constant", type, collection: false, value }, { ...how, adapted: true });
  }
  if (type.kind !== "primitive") return bound;
  if (type.qualifiedName === "Edm.DateTimeOffset" && how.form === "date") {
    // A day meets an instant as its midnight in UTC; the text is not the literal's any more.
    const text = `${how.text}T00:00:00Z`;
    const value = checked(binder, how, () => readLiteral(type, "dateTimeOffset", text))!;
    return remember(constant(type, value), { ...how, form: "dateTimeOffset", text, literal: undefined, adapted: true });
  }
  let value: Scalar | undefined;
  try {
    value = readLiteral(type, how.form, how.text);
  } catch (error) {
    if (!(error instanceof PrimitiveValueError)) throw error;
    // A number out of the type's range is none of its values, but may well be compared with them. That it keeps a type of
    // its own follows from its value, so it cannot be lifted.
    return remember({ ...bound }, { ...how, literal: undefined });
  }
  if (value === undefined) return how.literal?.json === true ? adaptJson(binder, bound, how, type) : bound;
  return remember(constant(type, value), { ...how, adapted: true });
}

/**
 * A JSON text where a value of another type is meant: JSON Format 4.01, section 7.1, writes dates, GUIDs, durations and
 * others as texts, and of doubles those that are no numbers.
 */
function adaptJson(binder: Binder, bound: BoundConstant, how: Written, type: PrimitiveType): BoundConstant {
  const isText = TEXTS_IN_JSON.has(type.qualifiedName) || (isFloating(type) && /^(-?INF|NaN)$/.test(how.text));
  if (!isText) return bound;
  // As a literal it would be written in another way, so it cannot be lifted.
  return remember(
    constant(
      type,
      checked(binder, how, () => readJson(type, {}, how.text)),
    ),
    { ...how, literal: undefined },
  );
}

const TEXTS_IN_JSON: ReadonlySet<string> = new Set<PrimitiveTypeName>([
  "Edm.Binary",
  "Edm.Date",
  "Edm.DateTimeOffset",
  "Edm.Duration",
  "Edm.Guid",
  "Edm.TimeOfDay",
]);

/** The flags of `has`, which may be written as a number, too: URL Conventions 4.01, section 5.1.1.1.10. */
export function adaptToFlags(binder: Binder, bound: BoundConstant, type: EdmType): BoundConstant {
  const how = written.get(bound);
  const target = underlying(type);
  if (how?.form !== "integer" || target.kind !== "enum") return adaptConstant(binder, bound, type);
  const value = checked(binder, how, () => readEnumLiteral(target, "enum", how.text));
  return { kind: "constant", type: target, collection: false, value: value! };
}

const liftableForms: ReadonlySet<LiteralForm> = new Set<LiteralForm>([
  "string",
  "guid",
  "integer",
  "decimal",
  "double",
  "date",
  "dateTimeOffset",
  "timeOfDay",
  "duration",
]);

const liftableTypes: ReadonlySet<string> = new Set<PrimitiveTypeName>([
  "Edm.String",
  "Edm.Guid",
  "Edm.Date",
  "Edm.DateTimeOffset",
  "Edm.TimeOfDay",
  "Edm.Duration",
  "Edm.Byte",
  "Edm.SByte",
  "Edm.Int16",
  "Edm.Int32",
  "Edm.Int64",
  "Edm.Decimal",
  "Edm.Double",
  "Edm.Single",
]);

/**
 * Marks a constant as one on whose value nothing depends but its own, where its literal allows that. The type that an
 * integer has by itself depends on its size, so it is only lifted with a type that it was given.
 */
export function lift(binder: Binder, bound: BoundConstant): BoundConstant {
  const how = written.get(bound);
  const { type } = bound;
  if (how?.literal === undefined || type?.kind !== "primitive") return bound;
  if (!liftableForms.has(how.form) || !liftableTypes.has(type.qualifiedName)) return bound;
  if (how.form === "integer" && !how.adapted) return bound;
  binder.context.literals.add(how.literal, type);
  return { ...bound, literal: how.literal };
}
