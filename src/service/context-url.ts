import type {
  BoundApply,
  BoundExpand,
  BoundOptions,
  BoundPath,
  EntitySegment,
  KeySegment,
  NavigationSegment,
  PropertyTail,
  RowShape,
} from "../binding/index.js";
import { valueOfTail } from "../binding/index.js";
import type { EntityType, StructuredType } from "../edm/index.js";
import { plainKeyPredicate, writePath } from "./urls.js";
import type { UrlWriter } from "./urls.js";
import type { ODataVersion } from "./version.js";

/** What of the options of a request its context URL shows. */
type ShownOptions = Pick<BoundOptions, "select" | "expand" | "compute" | "apply">;

/**
 * The fragment of the context URL of a resource: Protocol 4.01, section 10. Keys of containing entities are part of it. It
 * is not percent-encoded, but as it stands between the quotes of a JSON string.
 *
 * @example contextFragment(path, options, urls, "4.01") // "Products(Name,Category())/$entity"
 */
export function contextFragment(
  path: BoundPath,
  options: ShownOptions,
  urls: UrlWriter,
  version: ODataVersion,
): string {
  if (path.tail.kind === "ref") return path.collection ? "Collection($ref)" : "$ref";
  const { base, owner, declared } = contextBase(path.segments, urls);
  const cast = path.type === declared ? "" : `/${path.type.qualifiedName}`;
  if (path.tail.kind === "property") {
    const entity = owner();
    return propertyFragment(path.tail, entity === undefined ? undefined : `${entity}${cast}`, options, version);
  }
  const list = selectList(options, path.type, version);
  const singleton = path.segments.length === 1 && path.segments[0]!.kind === "singleton";
  if (base === undefined)
    return path.collection ? `Collection(${path.type.qualifiedName})${list}` : `${path.type.qualifiedName}${list}`;
  return `${base}${cast}${list}${path.collection || singleton ? "" : "/$entity"}`;
}

/** Sections 10.14 to 10.16. */
function propertyFragment(
  tail: PropertyTail,
  entity: string | undefined,
  options: ShownOptions,
  version: ODataVersion,
): string {
  const { type, collection } = valueOfTail(tail);
  const list = type.kind === "complex" ? selectList(options, type, version) : "";
  // An item of a collection, and what is in it, is no property of the entity.
  if (entity === undefined || tail.narrowing.some(({ kind }) => kind === "ordinal"))
    return `${collection ? `Collection(${type.qualifiedName})` : type.qualifiedName}${list}`;
  return `${entity}/${propertyPath(tail)}${list}`;
}

function propertyPath({ path, casts, narrowing }: PropertyTail): string {
  return path
    .flatMap(({ name }, index) => {
      const behind = [...narrowing, ...casts].filter(({ at }) => at === index + 1);
      return [name, ...behind.flatMap((step) => ("type" in step ? step.type.qualifiedName : []))];
    })
    .join("/");
}

/**
 * The entity set, singleton or contained collection that a path ends in, the entity there that it leads to, and the
 * type that they are declared with.
 */
function contextBase(
  segments: readonly EntitySegment[],
  urls: UrlWriter,
): {
  base: string | undefined;
  owner: () => string | undefined;
  declared: EntityType;
} {
  let base: string | undefined;
  let declared!: EntityType;
  // As text only where it is wanted: the key of the entity that is read itself is not.
  let keyed: KeySegment | undefined;
  const key = () => (keyed === undefined ? "" : plainKeyPredicate(keyed));
  let cast = "";
  /** Behind a single-valued navigation property nobody knows the key; the path that was walked has to do. */
  let walked: string | undefined;
  /** Which entities an operation has given back, the URL does not tell without a key. */
  let isCalled = false;
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
      case "operation": {
        const home = urls.resultHome(segment);
        base = home?.path;
        declared = home?.type ?? segment.type;
        isCalled = true;
        break;
      }
      case "key":
        keyed = segment;
        isCalled = false;
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
          walked = segment.collection ? undefined : writePath(segments.slice(0, index + 1), plainKeyPredicate);
          const home = urls.home(segment.type);
          base = home?.path;
          declared = home?.type ?? segment.type;
        }
        keyed = undefined;
        cast = "";
        break;
      case "filter":
      case "ordinal":
    }
  }
  return { base, owner: () => (base === undefined || isCalled ? undefined : (walked ?? `${base}${key()}`)), declared };
}

function isDeclaredBy(type: EntityType, segment: NavigationSegment): boolean {
  return type.navigationProperties.has(segment.name);
}

/** `(id,displayName,groupAssignments(id))`, or nothing: Protocol 4.01, sections 10.7 to 10.10. */
function selectList(options: ShownOptions, type: StructuredType, version: ODataVersion): string {
  const { select, expand, compute, apply } = options;
  if (select === undefined && expand.length === 0 && compute === undefined && apply === undefined) return "";
  const items = [...selectedItems(options, type), ...expand.flatMap((item) => expandedItem(item, version))];
  return items.length === 0 ? "" : `(${items.join(",")})`;
}

function selectedItems({ select, compute, apply }: ShownOptions, type: StructuredType): readonly string[] {
  if (select !== undefined) return select.text;
  const computed = (compute ?? []).map(({ name }) => name);
  if (apply !== undefined) return [...appliedItems(apply, type), ...computed];
  return computed.length === 0 ? [] : ["*", ...computed];
}

/** Data Aggregation 4.0, section 3.1: all properties of the result are listed, those of related entities in parentheses. */
function appliedItems({ shape }: BoundApply, type: StructuredType): string[] {
  if (shape.entity === undefined) return shapeItems(shape, type);
  return shape.members.size === 0 ? [] : ["*", ...shape.members.keys()];
}

function shapeItems(shape: RowShape, type: StructuredType | undefined): string[] {
  return [...shape.members.values()].flatMap((member) => {
    if (member.kind === "value") return [member.name];
    const navigation = type?.navigationProperties.get(member.name);
    if (navigation !== undefined) return [`${member.name}(${shapeItems(member.shape, navigation.type).join(",")})`];
    const complex = type?.properties.get(member.name)?.type;
    return shapeItems(member.shape, complex?.kind === "complex" ? complex : undefined).map(
      (item) => `${member.name}/${item}`,
    );
  });
}

function expandedItem(item: BoundExpand, version: ODataVersion): string[] {
  // Section 10.10: references are not represented; neither is what is only counted.
  if (item.what !== "entities") return [];
  const { navigation, cast, targetCast, levels, options } = item;
  const isRecursive = levels !== undefined && levels !== 1;
  const shown = isRecursive
    ? { ...options, expand: options.expand.filter((inner) => inner.navigation.name !== navigation.name) }
    : options;
  const list = selectList(shown, targetCast ?? navigation.type, version);
  // 4.0 does not know the empty parentheses, and leaves out what is expanded whole.
  if (list === "" && version === "4.0") return [];
  const path = [cast?.qualifiedName, navigation.name, targetCast?.qualifiedName].filter((part) => part !== undefined);
  return [`${path.join("/")}${isRecursive ? "+" : ""}${list === "" ? "()" : list}`];
}
