import type { EntitySegment, KeySegment, NavigationSegment, OperationSegment } from "../binding/index.js";
import { homeOf, ownSegment } from "../binding/index.js";
import type { EntitySet, EntityType, Model, Property, Singleton } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { writeLiteral } from "../edm/primitives/index.js";
import type { StorageMapping } from "../query/index.js";
import { keySegment } from "./route.js";

/**
 * Where entities of a type that nothing contains are at home: an entity set, or what a singleton contains.
 * Their canonical URL starts there (URL Conventions 4.01, section 4.3.1).
 */
interface Home {
  /** Path of the collection, relative to the service root. */
  readonly path: string;
  readonly type: EntityType;
  readonly segments: readonly EntitySegment[];
}

/** Writes the canonical URLs of a service's entities. */
export class UrlWriter {
  readonly #homes = new Map<EntityType, Home | undefined>();
  readonly #collections: readonly Home[];
  readonly #model: Model;

  constructor(model: Model, mapping: StorageMapping) {
    this.#model = model;
    this.#collections = [
      ...[...model.container.entitySets.values()].map((set: EntitySet): Home => ({
        path: set.name,
        type: set.entityType,
        segments: [{ kind: "entitySet", set, type: set.entityType }],
      })),
      ...[...model.container.singletons.values()].flatMap((singleton: Singleton) =>
        [...singleton.entityType.navigationProperties.values()]
          .filter((property) => mapping.navigation(property)?.kind === "extent")
          .map((property): Home => {
            const { name, type } = property;
            const root: EntitySegment = { kind: "singleton", singleton, type: singleton.entityType };
            return { path: `${singleton.name}/${name}`, type, segments: [root, ownSegment(property)] };
          }),
      ),
    ];
  }

  /** The collection whose type is this one or the nearest of its base types. */
  home(type: EntityType): Home | undefined {
    if (this.#homes.has(type)) return this.#homes.get(type);
    let found: Home | undefined;
    for (let base: EntityType | undefined = type; base !== undefined && found === undefined; base = base.baseType) {
      found = this.#collections.find((collection) => collection.type === base);
    }
    this.#homes.set(type, found);
    return found;
  }

  /**
   * Where the entities that an operation gives back are at home: where the model says it, else where their type is.
   *
   * @returns `undefined` for values, and for entities that are nowhere at home
   */
  resultHome(segment: OperationSegment): Pick<Home, "path" | "type"> | undefined {
    if (segment.operation.returnType?.type.kind !== "entity") return undefined;
    const place = homeOf(segment, this.#model);
    if (place?.root !== undefined && place.path === "") return { path: place.root.name, type: place.type };
    return this.home(segment.type);
  }

  /** The canonical path of an entity, where its type is at home somewhere. */
  homePath(type: EntityType, key: readonly Scalar[]): string | undefined {
    const home = this.home(type);
    return home === undefined ? undefined : `${home.path}${keyPredicate(ownKey(type, key))}`;
  }

  /** The canonical path of an entity as segments, where its type is at home somewhere. */
  homeSegments(type: EntityType, key: readonly Scalar[]): EntitySegment[] | undefined {
    const home = this.home(type);
    return home === undefined ? undefined : [...home.segments, keySegment(home.type, key)];
  }

  /**
   * The path of an entity relative to the service root: its canonical URL where it has one, else the way it was reached.
   *
   * @param reached the bound segments that lead to the entity
   */
  entityPath(type: EntityType, key: readonly Scalar[], reached: readonly EntitySegment[]): string {
    const at = reached.findLastIndex(
      ({ kind }) => kind === "navigation" || kind === "entitySet" || kind === "singleton",
    );
    const last = reached[at];
    const home = this.home(type);
    const contained = last?.kind === "navigation" && last.alternatives[0]!.containsTarget;
    if (home === undefined || (contained && !this.#isHome(last, home))) {
      const keyed = reached.slice(at).some((segment) => segment.kind === "key");
      return writePath(keyed ? reached : withKey(reached, type, key));
    }
    return this.homePath(type, key)!;
  }

  /** The path of an entity of an entity set. */
  pathInSet({ name }: EntitySet, type: EntityType, key: readonly Scalar[]): string {
    return `${name}${keyPredicate(ownKey(type, key))}`;
  }

  #isHome(segment: NavigationSegment, home: Home): boolean {
    return home.path.endsWith(`/${segment.name}`) && segment.type === home.type;
  }
}

function withKey(segments: readonly EntitySegment[], type: EntityType, values: readonly Scalar[]): EntitySegment[] {
  const last = segments.at(-1);
  // A single-valued navigation property leads to its entity without a key.
  const single = last?.kind === "navigation" ? !last.collection : last?.kind === "singleton";
  return single ? [...segments] : [...segments, keySegment(type, values)];
}

/** The path of a resource, relative to the service root, with keys in parentheses. */
export function writePath(segments: readonly EntitySegment[], key = keyPredicate): string {
  let path = "";
  for (const segment of segments) {
    switch (segment.kind) {
      case "entitySet":
        path = segment.set.name;
        break;
      case "singleton":
        path = segment.singleton.name;
        break;
      case "key":
        path += key(segment);
        break;
      case "cast":
        path += `/${segment.type.qualifiedName}`;
        break;
      case "navigation":
        path += `/${segment.name}`;
        break;
      case "operation": {
        const { operation, import: called, binding } = segment;
        const before = binding === undefined ? "" : `${writePath(binding.segments, key)}/`;
        path = `${before}${called?.name ?? operation.qualifiedName}${operation.kind === "function" ? "()" : ""}`;
        break;
      }
      case "filter":
      case "ordinal":
      // They only say which entities are meant, not where these are.
    }
  }
  return path;
}

/** `('a')` or `(ID=1,Language='de')`, percent-encoded: URL Conventions 4.01, section 4.3.1. */
export function keyPredicate({ type, properties, values }: KeyValues): string {
  return predicate(type, properties, values, encodeURIComponent);
}

/**
 * The same as context URLs have it, not percent-encoded (Protocol 4.01, section 10), but as it stands between the quotes of
 * a JSON string.
 */
export function plainKeyPredicate({ type, properties, values }: KeyValues): string {
  return predicate(type, properties, values, (literal) => JSON.stringify(literal).slice(1, -1));
}

/** The values of a type's key, or of an alternate key. */
export type KeyValues = Pick<KeySegment, "type" | "properties" | "values">;

/** The values of a type's own key. */
export function ownKey(type: EntityType, values: readonly Scalar[]): KeyValues {
  return { type, properties: type.key, values };
}

function predicate(
  type: EntityType,
  properties: readonly Property[],
  values: readonly Scalar[],
  write: (literal: string) => string,
): string {
  // An alternate key is told by the names of its properties, however few there are.
  const isNamed = properties.length > 1 || properties[0] !== type.key[0];
  const text = properties.map((property, index) => {
    const literal = write(keyLiteral(property, values[index]!));
    return isNamed ? `${property.name}=${literal}` : literal;
  });
  return `(${text.join(",")})`;
}

function keyLiteral(property: Property, value: Scalar): string {
  const type = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
  return type.kind === "primitive" ? writeLiteral(type, value) : String(value);
}
