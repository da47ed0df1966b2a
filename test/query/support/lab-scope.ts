import type { EdmType, EntityType, StructuredType } from "../../../src/edm/index.js";
import { labModel } from "./lab.js";

/** Kinds of values that meet each other in expressions. */
export const primitiveKinds = [
  ...([
    "int",
    "decimal",
    "double",
    "text",
    "boolean",
    "guid",
    "binary",
    "date",
    "time",
    "instant",
    "duration",
  ] as const),
  ...(["colour", "rights", "point", "line", "area", "flat"] as const),
] as const;
export type PrimitiveKind = (typeof primitiveKinds)[number];
export type Kind = PrimitiveKind | "place" | "spot";

const kinds: Readonly<Record<string, Kind>> = {
  "Edm.Byte": "int",
  "Edm.SByte": "int",
  "Edm.Int16": "int",
  "Edm.Int32": "int",
  "Edm.Int64": "int",
  "Edm.Decimal": "decimal",
  "Lab.weight": "decimal",
  "Edm.Single": "double",
  "Edm.Double": "double",
  "Edm.String": "text",
  "Edm.Boolean": "boolean",
  "Edm.Guid": "guid",
  "Edm.Binary": "binary",
  "Edm.Date": "date",
  "Edm.TimeOfDay": "time",
  "Edm.DateTimeOffset": "instant",
  "Edm.Duration": "duration",
  "Lab.colour": "colour",
  "Lab.rights": "rights",
  "Edm.GeographyPoint": "point",
  "Edm.GeographyLineString": "line",
  "Edm.GeographyPolygon": "area",
  "Edm.GeometryPoint": "flat",
  "Lab.Place": "place",
  "Lab.Spot": "spot",
};

export function kindOf(type: EdmType): Kind {
  return kinds[type.qualifiedName]!;
}

/** A collection that a path leads to. */
export interface CollectionPath {
  readonly path: string;
  /** Of its items: a kind of primitive values, or a structured type. */
  readonly items: PrimitiveKind | StructuredType;
}

/** What an expression can name. */
export interface Scope {
  readonly paths: ReadonlyMap<Kind, readonly string[]>;
  readonly collections: readonly CollectionPath[];
}

const known = new Map<string, Scope>();

/**
 * Everything that can be named of a value of a structured type.
 *
 * @param prefix what stands before the names: empty, or a variable with its slash
 */
export function scopeOf(type: StructuredType, prefix: string): Scope {
  const key = `${type.qualifiedName} ${prefix}`;
  let scope = known.get(key);
  if (scope === undefined) {
    const paths = new Map<Kind, string[]>();
    const collections: CollectionPath[] = [];
    collect(type, prefix, 2, { paths, collections });
    scope = { paths, collections };
    known.set(key, scope);
  }
  return scope;
}

interface Found {
  readonly paths: Map<Kind, string[]>;
  readonly collections: CollectionPath[];
}

function collect(type: StructuredType, prefix: string, depth: number, found: Found): void {
  for (const property of type.properties.values()) {
    const path = `${prefix}${property.name}`;
    const { type: inner } = property;
    if (property.collection) {
      const items = inner.kind === "complex" ? inner : (kindOf(inner) as PrimitiveKind);
      found.collections.push({ path, items });
      continue;
    }
    const kind = kindOf(inner);
    found.paths.set(kind, [...(found.paths.get(kind) ?? []), path]);
    if (inner.kind === "complex" && depth > 0) collect(inner, `${path}/`, depth - 1, found);
  }
  if (type.kind === "complex") {
    if (depth > 0)
      for (const derived of type.derivedTypes) addOwn(derived, `${prefix}${derived.qualifiedName}/`, found);
    return;
  }
  if (type.qualifiedName === "Lab.Owner") addDynamic(prefix, found);
  if (depth === 0) return;
  addElsewhere(type, prefix, found);
  for (const derived of type.derivedTypes) addOwn(derived, `${prefix}${derived.qualifiedName}/`, found);
  for (const navigation of type.navigationProperties.values()) {
    const path = `${prefix}${navigation.name}`;
    if (navigation.collection) found.collections.push({ path, items: navigation.type });
    else if (depth > 1) collectRelated(navigation.type, `${path}/`, found);
  }
}

/** Less of a related entity than of the one that an expression is about. */
function collectRelated(type: EntityType, prefix: string, found: Found): void {
  const all: Found = { paths: new Map(), collections: [] };
  collect(type, prefix, 0, all);
  for (const [kind, paths] of all.paths) {
    const few = paths.filter((path) => !/\/[cd][A-Z]/.test(path) || related.has(path.slice(prefix.length)));
    found.paths.set(kind, [...(found.paths.get(kind) ?? []), ...few]);
  }
  found.collections.push(...all.collections.filter(({ path }) => related.has(path.slice(prefix.length))));
}

const related = new Set([
  ...[
    "cInt32",
    "dInt64",
    "dString",
    "cDecimal",
    "dDouble",
    "cPlace",
    "dDateTimeOffset",
    "cColour",
    "dBoolean",
    "dStrings",
  ],
  ...["cPlaces", "cDuration"],
]);

/** What a derived type adds to its base. */
function addOwn(type: StructuredType, prefix: string, found: Found): void {
  for (const { name, type: inner, collection } of type.ownProperties) {
    if (!collection) found.paths.set(kindOf(inner), [...(found.paths.get(kindOf(inner)) ?? []), `${prefix}${name}`]);
  }
  for (const { name, collection, type: target } of type.ownNavigationProperties) {
    if (collection) found.collections.push({ path: `${prefix}${name}`, items: target });
  }
}

/** The dynamic properties of owners; what they hold is not always what they are read as. */
function addDynamic(prefix: string, { paths }: Found): void {
  for (const [name, kind] of [
    ["age", "int"],
    ["age", "decimal"],
    ["tall", "boolean"],
    ["nick", "text"],
  ] as const) {
    paths.set(kind, [...(paths.get(kind) ?? []), `${prefix}${name}`]);
  }
}

/** Entities by their keys, and what does not depend on the row. */
function addElsewhere(type: EntityType, prefix: string, { paths, collections }: Found): void {
  const items = type.name === "Owner" ? "items(2)" : type.name === "Part" ? undefined : "related(2)";
  const numbers = ["$root/Owners('A')/rank", "$root/Items(1)/cInt32"];
  if (items !== undefined) numbers.push(`${prefix}${items}/cInt32`);
  paths.set("int", [...(paths.get("int") ?? []), ...numbers]);
  paths.set("text", [...(paths.get("text") ?? []), "$root/Owners('a')/motto", "$root/Items(2)/cPlace/city"]);
  collections.push({ path: "$root/Owners", items: labEntity("Owner") });
  collections.push({ path: "$root/Items(3)/cStrings", items: "text" });
}

/** A scope with what others can name beside it. */
export function joined(...scopes: readonly Scope[]): Scope {
  const paths = new Map<Kind, string[]>();
  for (const scope of scopes) {
    for (const [kind, names] of scope.paths) paths.set(kind, [...(paths.get(kind) ?? []), ...names]);
  }
  return { paths, collections: scopes.flatMap(({ collections }) => collections) };
}

export function labEntity(name: string): EntityType {
  return labModel.types.get(`Lab.${name}`) as EntityType;
}
