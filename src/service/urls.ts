import type { BoundOptions, BoundPath, EntitySegment, KeySegment, NavigationSegment } from "../binding/index.js";
import type { EntitySet, EntityType, Model, Property, Singleton } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { writeLiteral } from "../edm/primitives/index.js";
import type { StorageMapping } from "../query/index.js";

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

/** Writes the URLs of a service's answers: canonical URLs, and context URLs (Protocol 4.01, section 10). */
export class UrlWriter {
  readonly #homes = new Map<EntityType, Home | undefined>();
  readonly #collections: readonly Home[];

  constructor(model: Model, mapping: StorageMapping) {
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
            const { name, type, collection } = property;
            const navigation: NavigationSegment = {
              kind: "navigation",
              name,
              type,
              collection,
              alternatives: [property],
              ofDerivedType: false,
            };
            const root: EntitySegment = { kind: "singleton", singleton, type: singleton.entityType };
            return { path: `${singleton.name}/${name}`, type, segments: [root, navigation] };
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

  /** The canonical path of an entity, where its type is at home somewhere. */
  homePath(type: EntityType, key: readonly Scalar[]): string | undefined {
    const home = this.home(type);
    return home === undefined ? undefined : `${home.path}${keyPredicate(type, key)}`;
  }

  /** The canonical path of an entity as segments, where its type is at home somewhere. */
  homeSegments(type: EntityType, key: readonly Scalar[]): EntitySegment[] | undefined {
    const home = this.home(type);
    return home === undefined ? undefined : [...home.segments, { kind: "key", type: home.type, values: key }];
  }

  /**
   * The path of an entity relative to the service root: its canonical URL where it has one, else the way it was reached.
   *
   * @param reached the bound segments that lead to the entity
   */
  entityPath(type: EntityType, key: readonly Scalar[], reached: readonly EntitySegment[]): string {
    const at = reached.findLastIndex((segment) => segment.kind !== "key" && segment.kind !== "cast");
    const last = reached[at];
    const home = this.home(type);
    const contained = last?.kind === "navigation" && last.alternatives[0]!.containsTarget;
    if (home === undefined || (contained && !this.#isHome(last, home))) {
      const keyed = reached.slice(at).some((segment) => segment.kind === "key");
      return writePath(keyed ? reached : withKey(reached, type, key));
    }
    return this.homePath(type, key)!;
  }

  #isHome(segment: NavigationSegment, home: Home): boolean {
    return home.path.endsWith(`/${segment.name}`) && segment.type === home.type;
  }

  /**
   * The fragment of a context URL. Keys of containing entities are part of it.
   */
  context(path: BoundPath, options: Pick<BoundOptions, "select" | "expand">): string {
    const { base, owner, declared } = this.#contextBase(path.segments);
    if (path.tail.kind === "ref") return path.collection ? "Collection($ref)" : "$ref";
    if (path.tail.kind === "property") {
      const property = path.tail.path.at(-1)!;
      const entity = owner();
      if (entity === undefined) return typeText(property);
      const cast = path.type === declared ? "" : `/${path.type.qualifiedName}`;
      return `${entity}${cast}/${path.tail.path.map((step) => step.name).join("/")}`;
    }
    const list = selectList(options);
    const singleton = path.segments.length === 1 && path.segments[0]!.kind === "singleton";
    if (base === undefined)
      return path.collection ? `Collection(${path.type.qualifiedName})${list}` : `${path.type.qualifiedName}${list}`;
    const cast = path.type === declared ? "" : `/${path.type.qualifiedName}`;
    return `${base}${cast}${list}${path.collection || singleton ? "" : "/$entity"}`;
  }

  /**
   * The entity set, singleton or contained collection that a path ends in, the entity there that it leads to, and the
   * type that they are declared with.
   */
  #contextBase(segments: readonly EntitySegment[]): {
    base: string | undefined;
    owner: () => string | undefined;
    declared: EntityType;
  } {
    let base: string | undefined;
    let declared!: EntityType;
    // As text only where it is wanted: the key of the entity that is read itself is not.
    let keyed: KeySegment | undefined;
    const key = () => (keyed === undefined ? "" : keyPredicate(keyed.type, keyed.values));
    let cast = "";
    /** Behind a single-valued navigation property nobody knows the key; the path that was walked has to do. */
    let walked: string | undefined;
    for (const [index, segment] of segments.entries()) {
      switch (segment.kind) {
        case "entitySet":
          base = segment.set.name;
          declared = segment.type;
          break;
        case "singleton":
          base = segment.singleton.name;
          declared = segment.type;
          break;
        case "key":
          keyed = segment;
          break;
        case "cast":
          cast = segment.type === declared ? "" : `/${segment.type.qualifiedName}`;
          break;
        case "navigation":
          if (segment.alternatives[0]!.containsTarget && base !== undefined) {
            const owner = walked ?? `${base}${key()}`;
            base = `${owner}${isDeclaredBy(declared, segment) ? "" : cast}/${segment.name}`;
            walked = undefined;
            declared = segment.type;
          } else {
            walked = segment.collection ? undefined : writePath(segments.slice(0, index + 1));
            const home = this.home(segment.type);
            base = home?.path;
            declared = home?.type ?? segment.type;
          }
          keyed = undefined;
          cast = "";
      }
    }
    return { base, owner: () => (base === undefined ? undefined : (walked ?? `${base}${key()}`)), declared };
  }
}

function isDeclaredBy(type: EntityType, segment: NavigationSegment): boolean {
  return type.navigationProperties.has(segment.name);
}

function withKey(segments: readonly EntitySegment[], type: EntityType, values: readonly Scalar[]): EntitySegment[] {
  const last = segments.at(-1);
  // A single-valued navigation property leads to its entity without a key.
  const single = last?.kind === "navigation" ? !last.collection : last?.kind === "singleton";
  return single ? [...segments] : [...segments, { kind: "key", type, values }];
}

/** A path as text, relative to the service root, with keys in parentheses. */
export function writePath(segments: readonly EntitySegment[]): string {
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
        path += keyPredicate(segment.type, segment.values);
        break;
      case "cast":
        path += `/${segment.type.qualifiedName}`;
        break;
      case "navigation":
        path += `/${segment.name}`;
    }
  }
  return path;
}

/** `('a')` or `(ID=1,Language='de')`, percent-encoded. */
export function keyPredicate(type: EntityType, values: readonly Scalar[]): string {
  const text = type.key.map((property, index) => {
    const literal = encodeLiteral(keyLiteral(property, values[index]!));
    return type.key.length === 1 ? literal : `${property.name}=${literal}`;
  });
  return `(${text.join(",")})`;
}

function keyLiteral(property: Property, value: Scalar): string {
  const type = property.type.kind === "typeDefinition" ? property.type.underlyingType : property.type;
  return type.kind === "primitive" ? writeLiteral(type, value) : String(value);
}

/** Percent-encodes what may not stand in a path segment; the quotes of a literal may. */
function encodeLiteral(literal: string): string {
  return encodeURIComponent(literal);
}

/** `(id,displayName,groupAssignments(id))`, or nothing: Protocol 4.01, sections 10.7 to 10.9. */
function selectList({ select, expand }: Pick<BoundOptions, "select" | "expand">): string {
  const expanded = expand.map((item) => {
    const cast = item.cast === undefined ? "" : `${item.cast.qualifiedName}/`;
    return `${cast}${item.navigation.name}${selectList(item.options) || "()"}`;
  });
  if (select === undefined && expanded.length === 0) return "";
  return `(${[...(select?.text ?? []), ...expanded].join(",")})`;
}

function typeText(property: Property): string {
  return property.collection ? `Collection(${property.type.qualifiedName})` : property.type.qualifiedName;
}
