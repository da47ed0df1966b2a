import type { EntityType, Model, NavigationProperty, Property } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import { PrimitiveValueError, readKeySegment, readLiteral } from "../edm/primitives/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { badRequest, didYouMean, notFound, notImplemented } from "../errors/index.js";
import type { Expression, PathSegment, ResourcePath, SegmentArguments } from "../syntax/index.js";
import type { BoundPath, EntitySegment, NavigationSegment, PathTail } from "./bound.js";

/** What a service allows in its paths. */
export interface PathOptions {
  /**
   * A navigation property that only derived types declare may follow an entity without a type cast; the entity's actual
   * type decides. Off by default: the standard asks for the cast (URL Conventions 4.01, section 4.11).
   */
  readonly derivedNavigation?: boolean;
}

/**
 * Resolves a resource path (URL Conventions 4.01, section 4) against the model.
 *
 * @throws {ODataError} 404 for a segment that names nothing, 400 for a key that is none of its type;
 *   the target is the segment
 */
export function bindPath(path: ResourcePath, model: Model, options: PathOptions = {}): BoundPath {
  return new PathBinder(path, model, options).bind();
}

class PathBinder {
  readonly #source: readonly PathSegment[];
  readonly #model: Model;
  readonly #options: PathOptions;
  readonly #bound: EntitySegment[] = [];
  #position = 0;
  #type!: EntityType;
  #collection = false;

  constructor(path: ResourcePath, model: Model, options: PathOptions) {
    this.#source = path.segments;
    this.#model = model;
    this.#options = options;
  }

  bind(): BoundPath {
    const [first] = this.#source;
    if (first === undefined)
      throw notFound("The path is empty: it leads to the service itself, and to no resource of it.");
    this.#root(first);
    this.#position = 1;
    let tail: PathTail = { kind: "entity" };
    while (this.#position < this.#source.length) {
      const segment = this.#source[this.#position]!;
      const found = this.#collection ? this.#inCollection(segment) : this.#inEntity(segment);
      this.#position++;
      if (found !== undefined) {
        tail = found;
        break;
      }
    }
    const extra = this.#source[this.#position];
    if (extra !== undefined) {
      throw notFound(
        `Nothing can follow '${this.#source[this.#position - 1]!.text}' in this path, but '${extra.text}' does.`,
        {
          target: extra.text,
        },
      );
    }
    return { segments: this.#bound, type: this.#type, collection: this.#collection, tail };
  }

  #root(segment: PathSegment): void {
    const { entitySets, singletons } = this.#model.container;
    const name = segment.name ?? segment.text;
    const set = entitySets.get(name);
    if (set !== undefined) {
      this.#bound.push({ kind: "entitySet", set, type: set.entityType });
      this.#enter(set.entityType, true);
      this.#keyPredicate(segment);
      return;
    }
    const singleton = singletons.get(name);
    if (singleton !== undefined) {
      this.#refuseArguments(segment);
      this.#bound.push({ kind: "singleton", singleton, type: singleton.entityType });
      this.#enter(singleton.entityType, false);
      return;
    }
    if (segment.argumentsError !== undefined && entitySets.has(nameBeforeArguments(segment)))
      throw segment.argumentsError;
    throw notFound(
      `There is no entity set, singleton or operation named '${short(name)}'.${didYouMean(name, [...entitySets.keys(), ...singletons.keys()])}`,
      { target: short(segment.text) },
    );
  }

  #enter(type: EntityType, collection: boolean): void {
    this.#type = type;
    this.#collection = collection;
  }

  #inCollection(segment: PathSegment): PathTail | undefined {
    if (segment.name === "$count") return { kind: "count" };
    if (segment.name === "$ref") return { kind: "ref" };
    if (segment.name?.startsWith("$")) throw this.#unknownSystemSegment(segment);
    const cast = this.#cast(segment);
    if (cast !== undefined) {
      this.#bound.push({ kind: "cast", type: cast });
      this.#enter(cast, true);
      this.#keyPredicate(segment);
      return undefined;
    }
    this.#keySegment(segment);
    return undefined;
  }

  #inEntity(segment: PathSegment): PathTail | undefined {
    const { name } = segment;
    if (name === "$ref") return { kind: "ref" };
    if (name?.startsWith("$")) throw this.#unknownSystemSegment(segment);
    if (name !== undefined) {
      const cast = this.#cast(segment);
      if (cast !== undefined) {
        this.#refuseArguments(segment);
        this.#bound.push({ kind: "cast", type: cast });
        this.#enter(cast, false);
        return undefined;
      }
      const navigation = navigationSegment(this.#type, name, this.#options);
      if (navigation !== undefined) {
        this.#bound.push(navigation);
        this.#enter(navigation.type, navigation.collection);
        if (navigation.collection) this.#keyPredicate(segment);
        else this.#refuseArguments(segment);
        return undefined;
      }
      const property = this.#property(name);
      if (property !== undefined) return this.#propertyTail(property, segment);
    }
    if (
      segment.argumentsError !== undefined &&
      navigationSegment(this.#type, nameBeforeArguments(segment), this.#options) !== undefined
    ) {
      throw segment.argumentsError;
    }
    throw notFound(
      `The type '${this.#type.qualifiedName}' has no property and no operation named '${short(segment.text)}'.${didYouMean(segment.text, memberNames(this.#type))}`,
      { target: short(segment.text) },
    );
  }

  #property(name: string): { property: Property; ofDerivedType: boolean } | undefined {
    const own = this.#type.properties.get(name);
    if (own !== undefined) return { property: own, ofDerivedType: false };
    if (this.#options.derivedNavigation !== true) return undefined;
    for (const derived of this.#type.derivedTypes) {
      const property = derived.properties.get(name);
      if (property !== undefined) return { property, ofDerivedType: true };
    }
    return undefined;
  }

  /** The rest of the path leads into a structural property: URL Conventions 4.01, sections 4.6 and 4.7. */
  #propertyTail(
    { property, ofDerivedType }: { property: Property; ofDerivedType: boolean },
    first: PathSegment,
  ): PathTail {
    this.#refuseArguments(first);
    const path = [property];
    let raw = false;
    while (this.#position + 1 < this.#source.length) {
      const next = this.#source[this.#position + 1]!;
      const last = path[path.length - 1]!;
      if (next.name === "$value" && !raw && last.type.kind !== "complex" && !last.collection) {
        raw = true;
      } else if (!raw && last.type.kind === "complex" && !last.collection) {
        const inner = next.name === undefined ? undefined : last.type.properties.get(next.name);
        if (inner === undefined) {
          throw notFound(
            `The type '${last.type.qualifiedName}' has no property named '${short(next.text)}'.${didYouMean(next.text, last.type.properties.keys())}`,
            { target: short(next.text) },
          );
        }
        this.#refuseArguments(next);
        path.push(inner);
      } else {
        break;
      }
      this.#position++;
    }
    return { kind: "property", path, ofDerivedType, raw };
  }

  /** A type-cast segment: URL Conventions 4.01, section 4.11. */
  #cast(segment: PathSegment): EntityType | undefined {
    if (segment.name === undefined || !segment.name.includes(".")) return undefined;
    const type = this.#model.types.get(segment.name);
    if (type === undefined) {
      // A key-as-segment may look like a qualified name; in front of a single entity it can be nothing else.
      if (this.#collection) return undefined;
      const names = [this.#type, ...this.#type.derivedTypes].map((candidate) => candidate.qualifiedName);
      throw notFound(`There is no type named '${short(segment.name)}'.${didYouMean(segment.name, names)}`, {
        target: short(segment.text),
      });
    }
    if (type.kind !== "entity" || !(isOrDerivesFrom(type, this.#type) || isOrDerivesFrom(this.#type, type))) {
      throw notFound(`The type '${type.qualifiedName}' is neither '${this.#type.qualifiedName}' nor derived from it.`, {
        target: segment.text,
      });
    }
    return type;
  }

  #keyPredicate(segment: PathSegment): void {
    if (segment.argumentsError !== undefined) throw segment.argumentsError;
    if (segment.arguments === undefined) return;
    if (segment.key !== undefined) {
      throw badRequest(`'${short(segment.text)}' has two keys; one entity has one.`, { target: short(segment.text) });
    }
    this.#bound.push({ kind: "key", type: this.#type, values: bindKey(this.#type, segment.arguments, segment.text) });
    this.#collection = false;
  }

  #keySegment(segment: PathSegment): void {
    const { key } = this.#type;
    if (key.length !== 1) {
      throw badRequest(
        `The key of '${this.#type.qualifiedName}' has ${key.length} properties; write it in parentheses: ${keyPattern(this.#type)}.`,
        { target: short(segment.text) },
      );
    }
    const value = keyValue(key[0]!, segment.text, (type) => readKeySegment(type, segment.text));
    this.#bound.push({ kind: "key", type: this.#type, values: [value] });
    this.#collection = false;
  }

  #refuseArguments(segment: PathSegment): void {
    if (segment.argumentsError !== undefined) throw segment.argumentsError;
    if (segment.arguments !== undefined) {
      throw badRequest(`'${segment.name}' is not a collection, so no key can follow it in parentheses.`, {
        target: short(segment.text),
      });
    }
  }

  #unknownSystemSegment(segment: PathSegment) {
    const known = ["$count", "$ref", "$value", "$each", "$filter", "$query"];
    if (known.includes(segment.name!)) {
      return notImplemented(`This service does not offer '${segment.name}' here.`, { target: segment.text });
    }
    return notFound(`There is no path segment named '${short(segment.text)}'.${didYouMean(segment.text, known)}`, {
      target: short(segment.text),
    });
  }
}

/** The navigation property that a name means behind an entity of a type. */
export function navigationSegment(type: EntityType, name: string, options: PathOptions): NavigationSegment | undefined {
  const own = type.navigationProperties.get(name);
  if (own !== undefined) {
    return {
      kind: "navigation",
      name,
      type: own.type,
      collection: own.collection,
      alternatives: [own],
      ofDerivedType: false,
    };
  }
  const alternatives = options.derivedNavigation === true ? type.derivedNavigationProperties.get(name) : undefined;
  const first = alternatives?.[0];
  if (alternatives === undefined || first === undefined) return undefined;
  if (alternatives.some((alternative) => alternative.collection !== first.collection)) {
    throw badRequest(
      `'${name}' is a collection in some types and a single entity in others; name the type with a type-cast segment.`,
      { target: name },
    );
  }
  return {
    kind: "navigation",
    name,
    type: commonBase(alternatives),
    collection: first.collection,
    alternatives,
    ofDerivedType: true,
  };
}

/** The nearest type that all targets are or derive from. */
function commonBase(alternatives: readonly NavigationProperty[]): EntityType {
  let common: EntityType | undefined = alternatives[0]!.type;
  while (common !== undefined && alternatives.some((alternative) => !isOrDerivesFrom(alternative.type, common!))) {
    common = common.baseType;
  }
  if (common === undefined) {
    throw badRequest(
      `The types of '${alternatives[0]!.name}' have nothing in common; name the type with a type-cast segment.`,
    );
  }
  return common;
}

/**
 * Reads a key predicate: `('a')`, `(ID=1,Language='de')` (URL Conventions 4.01, section 4.3).
 *
 * @returns the values in the order of the type's key properties
 */
export function bindKey(type: EntityType, predicate: SegmentArguments, target: string): Scalar[] {
  const { key } = type;
  if (predicate.value !== undefined) {
    if (key.length !== 1) {
      throw badRequest(`The key of '${type.qualifiedName}' has ${key.length} properties; write ${keyPattern(type)}.`, {
        target: short(target),
      });
    }
    return [keyLiteral(key[0]!, predicate.value)];
  }
  const given = new Map(predicate.named.map((argument) => [argument.name, argument.value]));
  const unknown = [...given.keys()].find((name) => !key.some((property) => property.name === name));
  if (unknown !== undefined || given.size !== key.length || predicate.named.length !== key.length) {
    throw badRequest(`A key of '${type.qualifiedName}' is written ${keyPattern(type)}.`, { target: short(target) });
  }
  return key.map((property) => keyLiteral(property, given.get(property.name)!));
}

function keyLiteral(property: Property, expression: Expression): Scalar {
  if (expression.kind !== "Literal" || expression.form === "null") {
    throw badRequest(`The key '${property.name}' must be a literal that is not null.`, { target: property.name });
  }
  return keyValue(property, expression.value, (type) => readLiteral(type, expression.form, expression.value));
}

function keyValue(
  property: Property,
  text: string,
  read: (type: Extract<Property["type"], { kind: "primitive" }>) => Scalar | undefined,
): Scalar {
  const type = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
  if (type.kind === "primitive") {
    try {
      const value = read(type);
      if (value !== undefined) return value;
    } catch (error) {
      if (!(error instanceof PrimitiveValueError)) throw error;
      throw badRequest(`The key '${short(text)}' ${error.message}`, { target: property.name });
    }
  }
  const example = type.qualifiedName === "Edm.String" ? " Put a text in single quotes." : "";
  throw badRequest(`The key '${short(text)}' is no value of type ${property.type.qualifiedName}.${example}`, {
    target: property.name,
  });
}

function keyPattern(type: EntityType): string {
  return type.key.length === 1 ? "(value)" : `(${type.key.map((property) => `${property.name}=value`).join(",")})`;
}

/** The name of a segment whose parentheses hold no key: its fault is the key and not the name. */
function nameBeforeArguments(segment: PathSegment): string {
  return segment.text.slice(0, segment.text.indexOf("("));
}

function memberNames(type: EntityType): string[] {
  return [...type.navigationProperties.keys(), ...type.derivedNavigationProperties.keys(), ...type.properties.keys()];
}

/** What a client wrote, cut to a length that fits into a message. */
export function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
