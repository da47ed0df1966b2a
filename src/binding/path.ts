import type { AlternateKey, EntityType, Model, Property } from "../edm/index.js";
import { annotationValue, isOrDerivesFrom, terms } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notFound, notImplemented } from "../errors/index.js";
import type { Expression, PathSegment, ResourcePath } from "../syntax/index.js";
import type { BoundPath, BoundVariable, EntitySegment, PathTail } from "./bound.js";
import type { PathOptions } from "./context.js";
import { bindKey, bindKeySegments, impliedKey, keyPattern, keySegmentCount } from "./keys.js";
import type { KeyAliases, KeyedCollection } from "./keys.js";
import { DEFAULT_QUERY_LIMITS } from "./limits.js";
import { castNames, derivedProperties, memberNames, refuseAmbiguous } from "./names.js";
import { short } from "./short.js";
import { navigationSegment } from "./navigation.js";
import type { ConditionBinder } from "./property-path.js";
import { bindPropertyPath, filterCondition, refuseArguments, undeclared } from "./property-path.js";

/** What a path is bound with. */
export interface PathBinding extends PathOptions, KeyAliases {
  /** For `/$filter(...)`, which is refused where this is absent. */
  readonly condition?: ConditionBinder;
}

/**
 * Resolves a resource path (URL Conventions 4.01, section 4) against the model.
 *
 * @throws {ODataError} 404 for a segment that names nothing, 400 for a key that is none of its type, 501 for a way that is
 *   not offered; the target is the segment
 * @example bindPath(parsePath("Products(1)/Category"), model)
 */
export function bindPath(path: ResourcePath, model: Model, options: PathBinding = {}): BoundPath {
  return new PathBinder(path, model, options).bind();
}

/** Segments that stand at the end of a path, or have a meaning behind some resources only. */
const systemSegments = ["$count", "$ref", "$value", "$each", "$filter", "$query"];

const noKey: ReadonlyMap<Property, Scalar> = new Map();

class PathBinder {
  readonly #source: readonly PathSegment[];
  readonly #model: Model;
  readonly #options: PathBinding;
  readonly #bound: EntitySegment[] = [];
  #position = 0;
  #type!: EntityType;
  #collection = false;
  /** What the collection that the path has led to knows of keys, beside its type's own. */
  #alternateKeys: readonly AlternateKey[] = [];
  #implied: ReadonlyMap<Property, Scalar> = noKey;

  constructor(path: ResourcePath, model: Model, options: PathBinding) {
    this.#source = path.segments;
    this.#model = model;
    this.#options = options;
  }

  bind(): BoundPath {
    const [first] = this.#source;
    if (first === undefined)
      throw notFound("The path is empty: it leads to the service itself, and to no resource of it.");
    const { maxPathSegments, maxPathNavigations } = { ...DEFAULT_QUERY_LIMITS, ...this.#options.limits };
    if (this.#source.length > maxPathSegments) {
      throw badRequest(`The path has more than the ${maxPathSegments} segments that are allowed.`);
    }
    this.#root(first);
    this.#position = 1;
    let tail: PathTail = { kind: "entity" };
    while (this.#position < this.#source.length && tail.kind === "entity") {
      const segment = this.#source[this.#position++]!;
      tail = (this.#collection ? this.#inCollection(segment) : this.#inEntity(segment)) ?? tail;
    }
    const extra = this.#source[this.#position];
    if (extra !== undefined) {
      throw notFound(
        `Nothing can follow '${short(this.#source[this.#position - 1]!.text)}' in this path, but '${short(extra.text)}' does.`,
        { target: short(extra.text) },
      );
    }
    if (this.#bound.filter(({ kind }) => kind === "navigation").length > maxPathNavigations) {
      throw badRequest(
        `The path goes over more than the ${maxPathNavigations} navigation properties that are allowed.`,
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
      this.#enter(set.entityType, true, set.alternateKeys);
      this.#keyPredicate(segment);
      return;
    }
    const singleton = singletons.get(name);
    if (singleton !== undefined) {
      refuseArguments(segment);
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

  #enter(
    type: EntityType,
    collection: boolean,
    alternateKeys: readonly AlternateKey[] = [],
    implied: ReadonlyMap<Property, Scalar> = noKey,
  ): void {
    this.#type = type;
    this.#collection = collection;
    this.#alternateKeys = alternateKeys;
    this.#implied = implied;
  }

  /** URL Conventions 4.01, section 4.3.6 tells the order in which the meanings of a segment are tried. */
  #inCollection(segment: PathSegment): PathTail | undefined {
    const { name } = segment;
    if (name === "$count" || name === "$ref" || name === "$each") {
      refuseArguments(segment);
      return { kind: name.slice(1) as "count" | "ref" | "each" };
    }
    if (name === "$filter") return this.#filter(segment);
    if (segment.argumentsError !== undefined && nameBeforeArguments(segment) === "$filter")
      throw segment.argumentsError;
    if (name?.startsWith("$")) throw this.#misplaced(segment, name);
    const cast = this.#cast(segment);
    if (cast !== undefined) {
      this.#bound.push({ kind: "cast", type: cast });
      this.#type = cast;
      this.#keyPredicate(segment);
    } else {
      this.#keySegments(segment);
    }
    return undefined;
  }

  #inEntity(segment: PathSegment): PathTail | undefined {
    const { name } = segment;
    if (name === "$ref") {
      refuseArguments(segment);
      return { kind: "ref" };
    }
    if (name?.startsWith("$")) throw this.#misplaced(segment, name);
    if (name !== undefined) {
      const cast = this.#cast(segment);
      if (cast !== undefined) {
        refuseArguments(segment);
        this.#bound.push({ kind: "cast", type: cast });
        this.#type = cast;
        return undefined;
      }
      const navigation = navigationSegment(this.#type, name, this.#options);
      if (navigation !== undefined) {
        const [first] = navigation.alternatives;
        const implied = navigation.collection ? impliedKey(first!, this.#bound) : noKey;
        this.#bound.push(navigation);
        this.#enter(navigation.type, navigation.collection, [], implied);
        if (navigation.collection) this.#keyPredicate(segment);
        else refuseArguments(segment);
        return undefined;
      }
      const property = this.#property(name);
      if (property !== undefined) return this.#propertyTail(property, segment);
    }
    throw this.#noMember(segment);
  }

  #noMember(segment: PathSegment): ODataError {
    const { argumentsError, name, text } = segment;
    if (
      argumentsError !== undefined &&
      navigationSegment(this.#type, nameBeforeArguments(segment), this.#options) !== undefined
    ) {
      return argumentsError;
    }
    if (this.#type.open && name !== undefined && segment.arguments === undefined)
      return undeclared(this.#type.qualifiedName, segment);
    return notFound(
      `The type '${this.#type.qualifiedName}' has no property and no operation named '${short(text)}'.${didYouMean(text, memberNames(this.#type))}`,
      { target: short(text) },
    );
  }

  #property(name: string): { property: Property; ofDerivedType: boolean } | undefined {
    const own = this.#type.properties.get(name);
    if (own !== undefined) return { property: own, ofDerivedType: false };
    const [property] = this.#options.derivedNavigation === true ? derivedProperties(this.#type, name) : [];
    if (property === undefined) return undefined;
    // Any value answers as it is; where the path leads on into it, its type matters.
    if (this.#position < this.#source.length) refuseAmbiguous(this.#type, name);
    return { property, ofDerivedType: true };
  }

  #propertyTail(first: { property: Property; ofDerivedType: boolean }, segment: PathSegment): PathTail {
    refuseArguments(segment);
    const { tail, length } = bindPropertyPath(
      first,
      this.#source.slice(this.#position),
      this.#model,
      (condition, variable) => this.#condition(condition, variable),
    );
    this.#position += length;
    return tail;
  }

  /** `/$filter(...)`: URL Conventions 4.01, section 4.12. A key may follow in parentheses of its own. */
  #filter(segment: PathSegment): undefined {
    const condition = filterCondition({ ...segment, key: undefined });
    const variable: BoundVariable = { name: "$it", type: this.#type };
    this.#bound.push({ kind: "filter", variable, condition: this.#condition(condition, variable) });
    if (segment.key !== undefined) {
      this.#pushKey(bindKey(this.#keyed, segment.key, segment.text, this.#options));
    }
    return undefined;
  }

  #condition(condition: Expression, variable: BoundVariable) {
    if (this.#options.condition !== undefined) return this.#options.condition(condition, variable);
    throw badRequest("A condition cannot stand in the path of a reference to an entity.", { target: "$filter" });
  }

  /** A type-cast segment: URL Conventions 4.01, section 4.11. */
  #cast(segment: PathSegment): EntityType | undefined {
    if (segment.name === undefined || !segment.name.includes(".")) return undefined;
    const type = this.#model.types.get(segment.name);
    if (type === undefined) {
      // A key-as-segment may look like a qualified name; in front of a single entity it can be nothing else.
      if (this.#collection && this.#keySegmentsAllowed) return undefined;
      throw notFound(
        `There is no type and no operation named '${short(segment.name)}'.${didYouMean(segment.name, castNames(this.#type))}`,
        { target: short(segment.text) },
      );
    }
    if (type.kind !== "entity" || !(isOrDerivesFrom(type, this.#type) || isOrDerivesFrom(this.#type, type))) {
      throw notFound(`The type '${type.qualifiedName}' is neither '${this.#type.qualifiedName}' nor derived from it.`, {
        target: short(segment.text),
      });
    }
    return type;
  }

  get #keyed(): KeyedCollection {
    return { type: this.#type, alternateKeys: this.#alternateKeys, implied: this.#implied };
  }

  get #keySegmentsAllowed(): boolean {
    return annotationValue(this.#model.container.annotations, terms.keyAsSegmentSupported) !== false;
  }

  #keyPredicate(segment: PathSegment): void {
    if (segment.argumentsError !== undefined) throw segment.argumentsError;
    if (segment.arguments === undefined) return;
    if (segment.key !== undefined) {
      throw badRequest(`'${short(segment.text)}' has two keys; one entity has one.`, { target: short(segment.text) });
    }
    this.#pushKey(bindKey(this.#keyed, segment.arguments, segment.text, this.#options));
  }

  /** Keys without parentheses: one segment for each key property (URL Conventions 4.01, section 4.3.6). */
  #keySegments(first: PathSegment): void {
    if (!this.#keySegmentsAllowed) {
      throw notFound(`Keys stand in parentheses here: ${keyPattern(this.#type)}.`, { target: short(first.text) });
    }
    const count = keySegmentCount(this.#keyed);
    const segments = this.#source.slice(this.#position - 1, this.#position - 1 + count);
    if (segments.length < count || segments.slice(1).some(({ name }) => name?.startsWith("$"))) {
      throw badRequest(
        `The key of '${this.#type.qualifiedName}' has ${count} parts; write ${keyPattern(this.#type)}, or a segment for each.`,
        { target: short(first.text) },
      );
    }
    this.#pushKey(
      bindKeySegments(
        this.#keyed,
        segments.map(({ text }) => text),
      ),
    );
    this.#position += count - 1;
  }

  #pushKey(key: EntitySegment): void {
    this.#bound.push(key);
    this.#collection = false;
  }

  /** A system segment behind what it cannot follow. */
  #misplaced(segment: PathSegment, name: string): ODataError {
    const target = short(segment.text);
    if (name === "$value" && !this.#collection && this.#type.hasStream) {
      return notImplemented("This service keeps no media streams, so '$value' of an entity cannot be read.", {
        target,
      });
    }
    if (systemSegments.includes(name)) {
      const what = this.#collection ? "a collection of entities" : "a single entity";
      return notFound(`'${name}' has no meaning behind ${what}.`, { target });
    }
    return notFound(`There is no path segment named '${target}'.${didYouMean(segment.text, systemSegments)}`, {
      target,
    });
  }
}

/** The name of a segment whose parentheses hold no key: its fault is the key and not the name. */
function nameBeforeArguments(segment: PathSegment): string {
  return segment.text.slice(0, segment.text.indexOf("("));
}
