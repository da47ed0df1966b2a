import type { ComplexType, Model, Property } from "../edm/index.js";
import { isOrDerivesFrom, isStream } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notFound, notImplemented } from "../errors/index.js";
import type { Expression, PathSegment } from "../syntax/index.js";
import type { BoundVariable, CollectionFilter, Narrowing, PathCast, PropertyTail, StreamTail } from "./bound.js";
import { typeNamed } from "./default-namespaces.js";
import { castNames, declaresName, memberNames } from "./names.js";
import type { BindingSubject } from "./operations.js";
import { short } from "./short.js";

/** Binds the condition of a `/$filter(...)` segment over an item of its collection. */
export type ConditionBinder = (condition: Expression, variable: BoundVariable) => CollectionFilter["condition"];

/** What a path into a property is bound with. */
export interface PropertyPathBinding {
  readonly model: Model;
  readonly condition: ConditionBinder;
  /** Whether a segment calls an operation on what the path has led to: the path into the property then ends in front of it. */
  readonly isOperation: (segment: PathSegment, subject: BindingSubject) => boolean;
}

/**
 * Binds the part of a path that leads into a structural property: URL Conventions 4.01, sections 4.6 to 4.12.
 *
 * @param first the entity's own property
 * @param rest the segments behind it; what is left over is an error of the caller's
 * @returns the tail, and how many of `rest` belong to it
 */
export function bindPropertyPath(
  first: { readonly property: Property; readonly ofDerivedType: boolean },
  rest: readonly PathSegment[],
  binding: PropertyPathBinding,
): { readonly tail: PropertyTail | StreamTail; readonly length: number } {
  const binder = new PropertyPathBinder(first.property, binding);
  let length = 0;
  while (length < rest.length && binder.step(rest[length]!)) length++;
  return { tail: binder.tail(first.ofDerivedType), length };
}

/**
 * What a path into a structural property leads to: the property's value, one item of it, or what is left of a collection.
 *
 * @returns the type of the value, or of the items of a collection
 */
export function valueOfTail({ path, casts, narrowing }: Pick<PropertyTail, "path" | "casts" | "narrowing">): {
  readonly type: Property["type"];
  readonly collection: boolean;
} {
  const last = path.at(-1)!;
  const behind = narrowing.filter(({ at }) => at === path.length);
  const cast = [...behind, ...casts.filter(({ at }) => at === path.length)].findLast((one) => "type" in one);
  return {
    type: cast !== undefined && "type" in cast ? cast.type : last.type,
    collection: last.collection && !behind.some(({ kind }) => kind === "ordinal"),
  };
}

class PropertyPathBinder {
  readonly #model: Model;
  readonly #binding: PropertyPathBinding;
  readonly #path: Property[];
  readonly #casts: PathCast[] = [];
  readonly #narrowing: Narrowing[] = [];
  /** Of the value, or of its items. */
  #type: Property["type"];
  #collection: boolean;
  #raw = false;
  #count = false;

  constructor(first: Property, binding: PropertyPathBinding) {
    this.#model = binding.model;
    this.#binding = binding;
    this.#path = [first];
    this.#type = first.type;
    this.#collection = first.collection;
  }

  tail(ofDerivedType: boolean): PropertyTail | StreamTail {
    const way = { path: this.#path, ofDerivedType, casts: this.#casts, narrowing: this.#narrowing };
    const last = this.#path.at(-1)!;
    return isStream(last)
      ? { kind: "stream", property: last, ...way }
      : { kind: "property", ...way, raw: this.#raw, count: this.#count };
  }

  /** Takes one more segment; false where nothing of the kind can follow. */
  step(segment: PathSegment): boolean {
    if (this.#raw || this.#count) return false;
    if (segment.name?.includes(".") === true && this.#isOperation(segment)) return false;
    return this.#collection ? this.#ofCollection(segment) : this.#ofValue(segment);
  }

  #ofCollection(segment: PathSegment): boolean {
    const at = this.#path.length;
    if (segment.name === "$count") {
      refuseArguments(segment);
      this.#count = true;
      return true;
    }
    if (segment.name === "$filter" || segment.text.startsWith("$filter(")) {
      if (segment.argumentsError !== undefined) throw segment.argumentsError;
      const variable: BoundVariable = { name: "$it", type: this.#type };
      const condition = this.#binding.condition(filterCondition(segment), variable);
      this.#narrowing.push({ at, kind: "filter", variable, condition });
      return true;
    }
    if (segment.name === "$each") {
      throw notImplemented(`This service does not offer '$each' behind a structural property.`, { target: "$each" });
    }
    // Text order is what is stored, so every collection of values is an ordered one: section 4.10.
    if (/^-?\d{1,15}$/.test(segment.text)) {
      this.#narrowing.push({ at, kind: "ordinal", index: Number(segment.text) });
      this.#collection = false;
      return true;
    }
    const cast = this.#cast(segment);
    if (cast !== undefined) {
      this.#narrowing.push({ at, kind: "cast", type: cast });
      this.#type = cast;
      return true;
    }
    if (segment.name?.startsWith("$") || this.#isOperation(segment)) return false;
    throw notFound(
      `'${this.#path.at(-1)!.name}' is a collection: its items have numbers, such as '0' for the first and '-1' for the last, but no '${short(segment.text)}'.`,
      { target: short(segment.text) },
    );
  }

  #ofValue(segment: PathSegment): boolean {
    const type = this.#type;
    if (type.kind !== "complex") {
      if (segment.name !== "$value") return false;
      refuseArguments(segment);
      // Protocol 4.01, section 11.2.4.1: the property's own URL is that of the raw content.
      if (isStream({ type })) {
        throw badRequest("A stream is read and written at its own URL, without '$value'.", { target: "$value" });
      }
      this.#raw = true;
      return true;
    }
    if (segment.name?.startsWith("$")) return false;
    const cast = this.#cast(segment);
    if (cast !== undefined) {
      this.#casts.push({ at: this.#path.length, type: cast });
      this.#type = cast;
      return true;
    }
    const property = segment.name === undefined ? undefined : type.properties.get(segment.name);
    if (property === undefined) {
      if (this.#isOperation(segment)) return false;
      throw this.#noMember(type, segment);
    }
    refuseArguments(segment);
    this.#path.push(property);
    this.#type = property.type;
    this.#collection = property.collection;
    return true;
  }

  #noMember(type: ComplexType, segment: PathSegment): ODataError {
    const { name } = segment;
    if (name !== undefined && type.navigationProperties.has(name)) {
      return notImplemented(
        `This service does not offer the way from a complex value over a navigation property, such as '${name}'.`,
        { target: name },
      );
    }
    if (name !== undefined && type.open) return undeclared(type.qualifiedName, segment);
    return notFound(
      `The type '${type.qualifiedName}' has no property named '${short(segment.text)}'.${didYouMean(segment.text, memberNames(type))}`,
      { target: short(segment.text) },
    );
  }

  /** A type cast, where the segment is the name of a type. */
  #cast(segment: PathSegment): ComplexType | undefined {
    if (segment.name === undefined) return undefined;
    const type = this.#type;
    const cast = typeNamed(segment.name, this.#model);
    // A property goes before a type without its namespace.
    const isSimple = !segment.name.includes(".");
    if (isSimple && (cast === undefined || (type.kind === "complex" && declaresName(type, segment.name))))
      return undefined;
    if (cast === undefined) {
      const known = type.kind === "complex" ? castNames(type) : [];
      throw notFound(`There is no type named '${short(segment.name)}'.${didYouMean(segment.name, known)}`, {
        target: short(segment.text),
      });
    }
    if (type.kind !== "complex" || cast.kind !== "complex" || !related(cast, type)) {
      throw notFound(`The type '${cast.qualifiedName}' is neither '${type.qualifiedName}' nor derived from it.`, {
        target: short(segment.text),
      });
    }
    refuseArguments(segment);
    return cast;
  }

  #isOperation(segment: PathSegment): boolean {
    return this.#binding.isOperation(segment, { type: this.#type, collection: this.#collection });
  }
}

/** A type-cast segment may name the type itself, too, or one that it derives from. */
function related(cast: ComplexType, type: ComplexType): boolean {
  return isOrDerivesFrom(cast, type) || isOrDerivesFrom(type, cast);
}

/** What stands in the parentheses of `/$filter(...)`: section 4.12. */
export function filterCondition(segment: PathSegment): Expression {
  const condition = segment.arguments?.value;
  if (condition === undefined || segment.key !== undefined) {
    throw badRequest("'$filter' takes one condition or parameter alias in parentheses, such as $filter(@condition).", {
      target: short(segment.text),
    });
  }
  return condition;
}

/** A property that an open type does not declare. */
export function undeclared(typeName: string, segment: PathSegment): ODataError {
  return notImplemented(
    `This service does not offer a URL for a property that the open type '${typeName}' does not declare, such as '${short(segment.text)}'.`,
    { target: short(segment.text) },
  );
}

/** Only a collection of entities has keys. */
export function refuseArguments(segment: PathSegment): void {
  if (segment.argumentsError !== undefined) throw segment.argumentsError;
  if (segment.arguments !== undefined) {
    throw badRequest(`'${segment.name}' is not a collection of entities, so no key can follow it in parentheses.`, {
      target: short(segment.text),
    });
  }
}
