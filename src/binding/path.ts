import type { AlternateKey, EntityType, Model, Operation, OperationImport, Property } from "../edm/index.js";
import { annotationValue, isOrDerivesFrom, terms } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notFound, notImplemented } from "../errors/index.js";
import type { Expression, PathSegment, ResourcePath } from "../syntax/index.js";
import type { BoundCallArguments, CallBinder } from "./arguments.js";
import type { BoundPath, BoundVariable, EntitySegment, OperationSegment, PathTail } from "./bound.js";
import type { PathOptions } from "./context.js";
import { typeNamed } from "./default-namespaces.js";
import { bindKey, bindKeySegments, impliedKey, keyPattern, keySegmentCount } from "./keys.js";
import type { KeyAliases, KeyedCollection } from "./keys.js";
import { DEFAULT_QUERY_LIMITS } from "./limits.js";
import { castNames, declaresName, derivedProperties, memberNames, refuseAmbiguous } from "./names.js";
import { navigationSegment } from "./navigation.js";
import { resultType, valueProperty } from "./operation-result.js";
import type { BindingSubject } from "./operations.js";
import { bindingText, operationNames, operationsNamed, overloadsFor } from "./operations.js";
import type { ConditionBinder } from "./property-path.js";
import { bindPropertyPath, filterCondition, refuseArguments, undeclared, valueOfTail } from "./property-path.js";
import { notTaken } from "./restrictions.js";
import { short } from "./short.js";

/** What a path is bound with. */
export interface PathBinding extends PathOptions, KeyAliases {
  /** For `/$filter(...)`, which is refused where this is absent. */
  readonly condition?: ConditionBinder;
  /** For calls of operations, which are refused where this is absent. */
  readonly call?: CallBinder;
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
  #bound: EntitySegment[] = [];
  #position = 1;
  #type!: EntityType;
  #collection = false;
  /** What the collection that the path has led to knows of keys, beside its type's own. */
  #alternateKeys: readonly AlternateKey[] = [];
  #implied: ReadonlyMap<Property, Scalar> = noKey;
  /** How many navigation properties the whole path goes over, the binding parameters of its operations included. */
  #navigations = 0;
  /** Why nothing can follow, where the path has come to an operation that ends it. */
  #ended: string | undefined;

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
    let tail = this.#root(first);
    while (this.#position < this.#source.length) {
      const next = this.#step(this.#source[this.#position]!, tail);
      if (next === undefined) break;
      tail = next;
    }
    const extra = this.#source[this.#position];
    if (extra !== undefined) {
      throw notFound(
        `Nothing can follow '${short(this.#source[this.#position - 1]!.text)}' in this path, but '${short(extra.text)}' does.`,
        { target: short(extra.text) },
      );
    }
    if (this.#navigations > maxPathNavigations) {
      throw badRequest(
        `The path goes over more than the ${maxPathNavigations} navigation properties that are allowed.`,
      );
    }
    return { segments: this.#bound, type: this.#type, collection: this.#collection, tail };
  }

  /** One more segment behind a tail; `undefined` where nothing can follow it. */
  #step(segment: PathSegment, tail: PathTail): PathTail | undefined {
    if (this.#ended !== undefined) throw badRequest(this.#ended, { target: short(segment.text) });
    switch (tail.kind) {
      case "entity":
        this.#position++;
        return (this.#collection ? this.#inCollection(segment) : this.#inEntity(segment)) ?? tail;
      case "each":
        return this.#operation(segment, { type: this.#type, collection: false }, tail, this.#position + 1);
      case "property":
        if (tail.raw || tail.count) return undefined;
        return this.#operation(segment, valueOfTail(tail), tail, this.#position + 1);
      default:
        return undefined;
    }
  }

  #root(segment: PathSegment): PathTail {
    const { entitySets, singletons, operationImports } = this.#model.container;
    const name = segment.name ?? segment.text;
    const set = entitySets.get(name);
    if (set !== undefined) {
      this.#bound.push({ kind: "entitySet", set, type: set.entityType });
      this.#enter(set.entityType, true, set.alternateKeys);
      this.#keyPredicate(segment);
      return { kind: "entity" };
    }
    const singleton = singletons.get(name);
    if (singleton !== undefined) {
      refuseArguments(segment);
      this.#bound.push({ kind: "singleton", singleton, type: singleton.entityType });
      this.#enter(singleton.entityType, false);
      return { kind: "entity" };
    }
    const imported = operationImports.get(name);
    if (imported !== undefined) return this.#call(imported.operations, segment, name, undefined, imported);
    if (segment.argumentsError !== undefined) {
      const called = nameBeforeArguments(segment);
      if (entitySets.has(called) || operationImports.has(called)) throw segment.argumentsError;
    }
    const known = [...entitySets.keys(), ...singletons.keys(), ...operationImports.keys()];
    throw notFound(`There is no entity set, singleton or operation named '${short(name)}'.${didYouMean(name, known)}`, {
      target: short(segment.text),
    });
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
    const called = this.#operation(segment, { type: this.#type, collection: true }, { kind: "entity" });
    if (called !== undefined) return called;
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
    if (name === "$value" && this.#isMediaEntity) {
      refuseArguments(segment);
      return { kind: "media" };
    }
    if (name?.startsWith("$")) throw this.#misplaced(segment, name);
    const subject: BindingSubject = { type: this.#type, collection: false };
    if (name?.includes(".") === true) {
      const called = this.#operation(segment, subject, { kind: "entity" });
      if (called !== undefined) return called;
    }
    if (name !== undefined) {
      // A property goes before a type without its namespace.
      const cast = name.includes(".") || !declaresName(this.#type, name) ? this.#cast(segment) : undefined;
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
        this.#navigations++;
        this.#enter(navigation.type, navigation.collection, [], implied);
        if (navigation.collection) this.#keyPredicate(segment);
        else refuseArguments(segment);
        return undefined;
      }
      const property = this.#property(name);
      if (property !== undefined) {
        refuseArguments(segment);
        return this.#propertyTail(property);
      }
    }
    const called = this.#operation(segment, subject, { kind: "entity" });
    if (called !== undefined) return called;
    throw this.#noMember(segment);
  }

  /** A media entity, or one whose actual type may be that of one where the service lets that decide. */
  get #isMediaEntity(): boolean {
    const { hasStream, derivedTypes } = this.#type;
    return hasStream || (this.#options.derivedNavigation === true && derivedTypes.some((type) => type.hasStream));
  }

  /**
   * Calls a bound operation on what the path has led to: URL Conventions 4.01, section 4.5.
   *
   * @param next where the path goes on behind the segment; where it is now, where absent
   * @returns `undefined` where the segment names none
   * @throws {ODataError} 404 for one that is bound to something else
   */
  #operation(
    segment: PathSegment,
    subject: BindingSubject,
    tail: PathTail,
    next = this.#position,
  ): PathTail | undefined {
    const { operations, name } = this.#named(segment);
    if (operations.length === 0) return undefined;
    const overloads = overloadsFor(operations, subject);
    if (overloads.length === 0) {
      // A simple name may be that of something else.
      if (!name.includes(".")) return undefined;
      const bindings = new Set(operations.map((operation) => bindingText(operation.parameters[0]!)));
      throw notFound(
        `'${short(name)}' is called on ${[...bindings].join(" or ")}, but this is ${bindingText(subject)}.`,
        { target: short(segment.text) },
      );
    }
    if (segment.argumentsError !== undefined) throw segment.argumentsError;
    const binding: BoundPath = { segments: this.#bound, type: this.#type, collection: this.#collection, tail };
    this.#position = next;
    return this.#call(overloads, segment, name, binding, undefined);
  }

  /** The bound operations that a segment may call; their arguments may be wrong. */
  #named(segment: PathSegment): { readonly name: string; readonly operations: readonly Operation[] } {
    const name = segment.name ?? (segment.argumentsError === undefined ? "" : nameBeforeArguments(segment));
    return { name, operations: name === "" ? [] : operationsNamed(name, this.#model, this.#options) };
  }

  /** @param overloads of one operation, those that can be called here */
  #call(
    overloads: readonly Operation[],
    segment: PathSegment,
    called: string,
    binding: BoundPath | undefined,
    imported: OperationImport | undefined,
  ): PathTail {
    const each = binding?.tail.kind === "each";
    const { operation, arguments: given } = this.#arguments(overloads, segment, called);
    if (binding !== undefined) checkFilterSegment(operation, binding);
    const { returnType, composable } = operation;
    if (each && returnType?.collection === true) {
      throw notImplemented(
        `This service does not offer '${called}' behind '$each': it gives back a collection for each member.`,
        { target: short(segment.text) },
      );
    }
    const entity = returnType?.type.kind === "entity" ? returnType.type : undefined;
    const type = entity ?? resultType(operation, each);
    const collection = entity !== undefined && (returnType!.collection || each);
    this.#bound = [
      { kind: "operation", operation, import: imported, binding, arguments: given, type, collection },
    ] satisfies OperationSegment[];
    this.#enter(type, collection, imported?.entitySet?.alternateKeys);
    if (!composable) this.#ended = endedBy(operation, called);
    if (segment.key !== undefined) this.#keyOfResult(segment, segment.key);
    const value = valueProperty(type);
    return entity !== undefined || value === undefined
      ? { kind: "entity" }
      : this.#propertyTail({ property: value, ofDerivedType: false });
  }

  /** Those of an action come in the body of the request: Protocol 4.01, section 11.5.5.1. */
  #arguments(overloads: readonly Operation[], segment: PathSegment, called: string): BoundCallArguments {
    const target = { target: short(segment.text) };
    const { call } = this.#options;
    if (call === undefined) throw badRequest("A reference to an entity calls no operations on its way there.", target);
    const [first] = overloads;
    if (first!.kind === "function") return call(overloads, segment, called);
    const { arguments: written, key } = segment;
    if (written !== undefined && (written.value !== undefined || written.named.length > 0 || key !== undefined)) {
      throw badRequest(`'${called}' is an action: its arguments come in the body of a POST, not in the URL.`, target);
    }
    return { operation: first!, arguments: new Map() };
  }

  /** `GetTopProducts()('key')` */
  #keyOfResult(segment: PathSegment, key: NonNullable<PathSegment["key"]>): void {
    const target = { target: short(segment.text) };
    if (this.#ended !== undefined) throw badRequest(this.#ended, target);
    if (!this.#collection) {
      throw badRequest(`'${segment.name}' gives no collection of entities back, so no key can follow it.`, target);
    }
    this.#pushKey(bindKey(this.#keyed, key, segment.text, this.#options));
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
      `The type '${this.#type.qualifiedName}' has no property and no operation named '${short(text)}'.${didYouMean(text, [...memberNames(this.#type), ...this.#operationNames])}`,
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

  /** What leads into a property; behind the value of an operation that ends the path nothing is taken for a part of it. */
  #propertyTail(first: { property: Property; ofDerivedType: boolean }): PathTail {
    const rest = this.#ended === undefined ? this.#source.slice(this.#position) : [];
    const { tail, length } = bindPropertyPath(first, rest, {
      model: this.#model,
      condition: (condition, variable) => this.#condition(condition, variable),
      isOperation: (segment, subject) => {
        const { name, operations } = this.#named(segment);
        return operations.length > 0 && (name.includes(".") || overloadsFor(operations, subject).length > 0);
      },
    });
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
    if (segment.name === undefined) return undefined;
    const type = typeNamed(segment.name, this.#model);
    if (!segment.name.includes(".")) {
      const isCast = type?.kind === "entity" && isRelated(type, this.#type);
      return isCast ? type : undefined;
    }
    if (type === undefined) {
      // A key-as-segment may look like a qualified name; in front of a single entity it can be nothing else.
      if (this.#collection && this.#keySegmentsAllowed) return undefined;
      throw notFound(
        `There is no type and no operation named '${short(segment.name)}'.${didYouMean(segment.name, [...castNames(this.#type), ...this.#operationNames])}`,
        { target: short(segment.text) },
      );
    }
    if (type.kind !== "entity" || !isRelated(type, this.#type)) {
      throw notFound(`The type '${type.qualifiedName}' is neither '${this.#type.qualifiedName}' nor derived from it.`, {
        target: short(segment.text),
      });
    }
    return type;
  }

  get #operationNames(): string[] {
    return operationNames({ type: this.#type, collection: this.#collection }, this.#model);
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
    if (systemSegments.includes(name)) {
      const what = this.#collection ? "a collection of entities" : "a single entity";
      // Protocol 4.01, section 11.2.3: only media entities have it.
      if (name === "$value" && !this.#collection)
        return badRequest(`'$value' has no meaning behind ${what} that is no media entity.`, { target });
      return notFound(`'${name}' has no meaning behind ${what}.`, { target });
    }
    return notFound(`There is no path segment named '${target}'.${didYouMean(segment.text, systemSegments)}`, {
      target,
    });
  }
}

/** Whether one of two types is the other, or derives from it. */
function isRelated(one: EntityType, other: EntityType): boolean {
  return isOrDerivesFrom(one, other) || isOrDerivesFrom(other, one);
}

/** The name of a segment whose parentheses hold no key: its fault is the key and not the name. */
function nameBeforeArguments(segment: PathSegment): string {
  return segment.text.slice(0, segment.text.indexOf("("));
}

/** `OperationRestrictions/FilterSegmentSupported`: whether the operation is called on a part of a collection. */
function checkFilterSegment({ annotations, qualifiedName }: Operation, { segments }: BoundPath): void {
  const restrictions = annotationValue(annotations, "Org.OData.Capabilities.V1.OperationRestrictions");
  const isRecord = typeof restrictions === "object" && restrictions !== null && !Array.isArray(restrictions);
  const supported = isRecord ? (restrictions as Readonly<Record<string, unknown>>).FilterSegmentSupported : true;
  const last = segments.findLast(({ kind }) => kind !== "cast");
  if (supported === false && last?.kind === "filter") throw notTaken(`'/$filter' in front of '${qualifiedName}'`);
}

function endedBy({ kind }: Operation, called: string): string {
  return kind === "action"
    ? `'${called}' is an action: nothing can follow it in a path.`
    : `The function '${called}' is not composable: nothing can follow it in a path, as the metadata of the service says.`;
}
