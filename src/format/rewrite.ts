import type { BoundExpand, BoundExpression, BoundOptions, BoundSelect, RowMember, RowShape } from "../binding/index.js";
import type { EdmType, EntityType, Model, NavigationProperty, Place, Property, StructuredType } from "../edm/index.js";
import { isOrDerivesFrom, isStream, placeBehind } from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { advertised } from "./advertised.js";
import { defaultText } from "./defaults.js";
import type { JsonObject, JsonValue } from "./json-text.js";
import { escapeJson, parseJson, writeJsonValue } from "./json-text.js";
import type { JsonFormat } from "./media.js";
import { isSelected } from "./selected-keys.js";

/** What an entity's stored text is rewritten for. */
export interface Rewriting {
  readonly model: Model;
  readonly format: JsonFormat;
  /** Values that are left out: Protocol 4.01, section 8.2.8.6. */
  readonly omit?: "nulls" | "defaults" | undefined;
  /** What was asked for. The text may hold keys beside it, which the URLs need and the answer leaves out. */
  readonly options: EntityOptions;
  /** Where the entities live that the request addresses, where that is known: it says whether clients can change them. */
  readonly place?: Place | undefined;
  /** The URL of the entity that the request addresses. */
  entityUrl(type: EntityType, key: readonly Scalar[]): string;
  /** The URL of an entity that is expanded in another. */
  relatedUrl(type: EntityType, key: readonly Scalar[], property: NavigationProperty, ownerUrl: string): string;
}

/** Deeper than any stored value and its expansions can be. */
const LIMITS = { maxDepth: 2_000 };

/**
 * Rewrites the JSON text of an entity, which is stored at `odata.metadata=minimal`, for another metadata level, for
 * `IEEE754Compatible=true` (JSON Format 4.01, sections 3.1, 3.2 and 4.6), or without some of its values.
 */
export function rewriteEntity(text: string, declared: EntityType, how: Rewriting): string {
  const value = parseJson(text, LIMITS);
  if (value.kind !== "object") return text;
  return new Rewriter(how).entity(value, declared, how.options, (type, key) => how.entityUrl(type, key), how.place);
}

/**
 * Rewrites the JSON text of a property's value that is answered on its own.
 *
 * @returns the members of the answer, without braces: those of a complex value, or `"value":...` and its type
 */
export function rewriteProperty(text: string, property: Property, how: Rewriting): string {
  return new Rewriter(how).property(parseJson(text, LIMITS), property);
}

/** Rewrites the JSON text of an entity of which only the type and the key are there as a reference, without its braces. */
export function rewriteReference(text: string, declared: EntityType, how: Rewriting): string {
  const value = parseJson(text, LIMITS);
  if (value.kind !== "object") return text;
  return new Rewriter(how).reference(value, declared, (type, key) => how.entityUrl(type, key)).slice(1, -1);
}

/** A set of a cross join. */
export interface JoinedType {
  readonly name: string;
  readonly type: EntityType;
  /** Absent where it is not expanded. */
  readonly expanded: BoundExpand | undefined;
  readonly urlOf: (type: EntityType, key: readonly Scalar[]) => string;
}

/**
 * Rewrites the JSON text of a row of a cross join. It has a member for each set: the entity, which becomes its link unless
 * it is expanded (URL Conventions 4.01, section 4.15).
 */
export function rewriteJoined(text: string, sets: readonly JoinedType[], how: Rewriting): string {
  const value = parseJson(text, LIMITS);
  return value.kind === "object" ? new Rewriter(how).joined(value, sets) : text;
}

/**
 * Rewrites the JSON text of a row that `$apply` made.
 *
 * @param source the type of the entities that it was made of: what they were grouped by has the names of its properties
 */
export function rewriteRow(text: string, shape: RowShape, source: EntityType, how: Rewriting): string {
  const value = parseJson(text, LIMITS);
  return value.kind === "object" ? new Rewriter(how).row(value, shape, source) : text;
}

type EntityOptions = Pick<BoundOptions, "select" | "expand" | "compute" | "apply">;

/** What members without a declared type are of, by name. */
type MemberTypes = ReadonlyMap<string, EdmType | undefined>;

const noTypes: MemberTypes = new Map();

class Rewriter {
  readonly #how: Rewriting;

  constructor(how: Rewriting) {
    this.#how = how;
  }

  entity(
    object: JsonObject,
    declared: EntityType,
    options: EntityOptions,
    urlOf: (type: EntityType, key: readonly Scalar[]) => string,
    place?: Place,
  ): string {
    const { level } = this.#how.format;
    const type = this.#actualType(object, declared);
    const left = type.key.filter((property) => !isSelected(options.select, property.name));
    const key = type.key.map((property) => scalar(object.members.get(property.name)));
    // Without its key only the id tells which entity it is (JSON Format 4.01, section 4.6.8).
    const named = level === "full" || (level === "minimal" && left.length > 0);
    // What is expanded may have no URL but below its owner's.
    const advertises = level === "full" || (level === "minimal" && selectsOperations(options.select));
    const url = named || advertises || options.expand.length > 0 ? urlOf(type, key) : "";
    const head: string[] = [];
    if (level !== "none") head.push(member("@odata.type", escapeJson(`#${type.qualifiedName}`)));
    if (named) head.push(member("@odata.id", escapeJson(url)));
    const etag = object.members.get("@odata.etag");
    if (etag !== undefined && level !== "none") head.push(member("@odata.etag", writeJsonValue(etag)));
    if (level === "full") head.push(member(`@odata.${isReadOnly(place) ? "readLink" : "editLink"}`, escapeJson(url)));
    head.push(...this.#media(object, type, options, url));
    const hidden = new Set(left.map((property) => property.name));
    // Links and what is expanded come behind the structural properties, as 4.0 has it for streamed payloads (section 4.4).
    const structural = this.#members(object, type, hidden, computedTypes(options), options.expand);
    const navigation = this.#navigation(object, type, options, url, place);
    const operations = advertises ? this.#operations(object, type, options, url) : [];
    return `{${[...head, ...structural, ...navigation, ...operations].join(",")}}`;
  }

  #operations(object: JsonObject, type: EntityType, options: EntityOptions, url: string): string[] {
    return advertised(this.#how.model, type, "entity", options, url, (name) => {
      const value = object.members.get(name);
      return value?.kind === "boolean" ? value.value : value?.kind === "null" ? null : undefined;
    });
  }

  /**
   * Control information about the entity's own content, and links of its stream properties; what else there is of these stands
   * beside the structural members (JSON Format 4.01, section 4.5.12).
   */
  #media(object: JsonObject, type: EntityType, { select }: EntityOptions, url: string): string[] {
    const { level } = this.#how.format;
    if (level === "none") return [];
    const members = mediaFacts.flatMap((name) => {
      const value = object.members.get(name);
      return value === undefined ? [] : [member(name, writeJsonValue(value))];
    });
    if (level !== "full") return members;
    if (type.hasStream) members.push(...mediaLinks("", `${url}/$value`));
    for (const property of type.properties.values())
      if (isStream(property) && isSelected(select, property.name))
        members.push(...mediaLinks(property.name, `${url}/${property.name}`));
    return members;
  }

  property(value: JsonValue, property: Property): string {
    const text = this.#value(value, property, property.type);
    if (value.kind === "object" && property.type.kind === "complex") return text.slice(1, -1);
    const annotation =
      this.#how.format.level === "full" ? typeAnnotation(property.type, property.collection) : undefined;
    const own = member("value", text);
    return annotation === undefined ? own : `${member("@odata.type", escapeJson(annotation))},${own}`;
  }

  joined(object: JsonObject, sets: readonly JoinedType[]): string {
    const members = sets.flatMap(({ name, type, expanded, urlOf }) => {
      const value = object.members.get(name);
      if (value?.kind !== "object") return [];
      if (expanded?.what === "entities") return [member(name, this.entity(value, type, expanded.options, urlOf))];
      if (expanded?.what === "references") return [member(name, this.reference(value, type, urlOf))];
      if (this.#how.format.level === "none") return [];
      return [member(`${name}@odata.navigationLink`, escapeJson(this.#urlOf(value, type, urlOf)))];
    });
    return `{${members.join(",")}}`;
  }

  row(object: JsonObject, shape: RowShape, source: StructuredType | undefined): string {
    const members: string[] = [];
    const types = new Map([...shapeTypes(shape), ...computedTypes({ ...this.#how.options, apply: undefined })]);
    for (const [name, value] of object.members) {
      const item = shape.members.get(name);
      if (item?.kind === "nested" && value.kind === "object")
        members.push(member(name, this.row(value, item.shape, typeBehind(source, name))));
      else if (name.includes("@")) members.push(...this.#control(name, value));
      else if (isGrouped(item, source)) members.push(...this.#property(object, name, value, source!, types));
      else members.push(...this.#untyped(object, name, value, types));
    }
    return `{${members.join(",")}}`;
  }

  /** The structural members of an entity or complex value, with the control information that stands beside them. */
  #members(
    object: JsonObject,
    type: StructuredType,
    hidden: ReadonlySet<string>,
    types: MemberTypes,
    expand: readonly BoundExpand[],
  ): string[] {
    const members: string[] = [];
    let beside: string[] = [];
    for (const [name, value] of object.members) {
      if (name.startsWith("@")) continue;
      const owner = name.split("@", 1)[0]!;
      if (isNavigation(type, owner, expand)) continue;
      if (owner !== name) {
        beside.push(...this.#control(name, value));
        continue;
      }
      const written = hidden.has(name) ? [] : this.#property(object, name, value, type, types);
      if (written.length > 0) members.push(...beside, ...written);
      beside = [];
    }
    return [...members, ...beside];
  }

  /** Links, counts and what is expanded. */
  #navigation(
    object: JsonObject,
    type: EntityType,
    options: EntityOptions,
    url: string,
    place: Place | undefined,
  ): string[] {
    const members: string[] = [];
    const full = this.#how.format.level === "full";
    const linked = full ? linkedProperties(type, options) : [];
    const names = new Set(linked.map((property) => property.name));
    for (const name of object.members.keys()) {
      const owner = name.split("@", 1)[0]!;
      if (owner !== "" && isNavigation(type, owner, options.expand)) names.add(owner);
    }
    for (const name of names) {
      const property = type.navigationProperties.get(name);
      if (full && property !== undefined) {
        members.push(member(`${name}@odata.associationLink`, escapeJson(`${url}/${name}/$ref`)));
        members.push(member(`${name}@odata.navigationLink`, escapeJson(`${url}/${name}`)));
      }
      for (const [annotation, value] of object.members)
        if (annotation.startsWith(`${name}@`)) members.push(...this.#control(annotation, value));
      const value = object.members.get(name);
      if (value === undefined) continue;
      const item = options.expand.find(
        ({ navigation, cast }) => navigation.name === name && (cast === undefined || isOrDerivesFrom(type, cast)),
      );
      members.push(
        property === undefined
          ? member(name, writeJsonValue(value))
          : this.#expanded(value, property, item, url, place),
      );
    }
    return members;
  }

  #actualType<T extends StructuredType>(object: JsonObject, declared: T): T {
    const name = object.members.get("@odata.type");
    if (name?.kind !== "string") return declared;
    return (this.#how.model.types.get(name.value.replace(/^#/, "")) as T | undefined) ?? declared;
  }

  #expanded(
    value: JsonValue,
    property: NavigationProperty,
    item: BoundExpand | undefined,
    ownerUrl: string,
    from: Place | undefined,
  ): string {
    // Only full metadata has links that depend on the place.
    const isNeeded = from !== undefined && this.#how.format.level === "full";
    const place = isNeeded ? placeBehind(from, property, this.#how.model.container) : undefined;
    const urlOf = (type: EntityType, key: readonly Scalar[]) => this.#how.relatedUrl(type, key, property, ownerUrl);
    const related = (target: JsonValue): string => {
      if (target.kind !== "object") return writeJsonValue(target);
      if (item?.what === "references") return this.reference(target, property.type, urlOf);
      return this.entity(target, property.type, item?.options ?? { expand: [] }, urlOf, place);
    };
    return member(property.name, value.kind === "array" ? `[${value.items.map(related).join(",")}]` : related(value));
  }

  /** An entity reference: JSON Format 4.01, section 14. */
  reference(target: JsonObject, declared: EntityType, urlOf: JoinedType["urlOf"]): string {
    return `{${member("@odata.id", escapeJson(this.#urlOf(target, declared, urlOf)))}}`;
  }

  #urlOf(target: JsonObject, declared: EntityType, urlOf: JoinedType["urlOf"]): string {
    const type = this.#actualType(target, declared);
    return urlOf(
      type,
      type.key.map((part) => scalar(target.members.get(part.name))),
    );
  }

  /** Control information beside a property. Counts and next links stay at every level. */
  #control(name: string, value: JsonValue): string[] {
    const kept = name.endsWith("@odata.count") || name.endsWith("@odata.nextLink");
    if (this.#how.format.level === "none" && !kept) return [];
    const text = writeJsonValue(value);
    return [member(name, name.endsWith("@odata.count") && this.#how.format.ieee754 ? `"${text}"` : text)];
  }

  #property(object: JsonObject, name: string, value: JsonValue, type: StructuredType, types: MemberTypes): string[] {
    const property = type.properties.get(name);
    if (property === undefined) return this.#untyped(object, name, value, types);
    if (this.#isOmitted(value, property)) return [];
    const annotation =
      this.#how.format.level === "full" && value.kind !== "null" && !object.members.has(`${name}@odata.type`)
        ? typeAnnotation(property.type, property.collection)
        : undefined;
    const own = member(name, this.#value(value, property, property.type));
    return annotation === undefined ? [own] : [member(`${name}@odata.type`, escapeJson(annotation)), own];
  }

  /** A computed, aggregated or dynamic property. */
  #untyped(object: JsonObject, name: string, value: JsonValue, types: MemberTypes): string[] {
    if (this.#how.omit !== undefined && value.kind === "null") return [];
    const written = object.members.get(`${name}@odata.type`);
    const known = types.get(name);
    const annotation =
      written?.kind === "string" || known === undefined || value.kind === "null" || this.#how.format.level === "none"
        ? undefined
        : typeAnnotation(known, value.kind === "array");
    const long =
      (written?.kind === "string" && /^#?(?:Int64|Decimal)$/.test(written.value)) ||
      (known !== undefined && isLong(known));
    const text = writeJsonValue(value);
    const own = member(name, long && value.kind === "number" && this.#how.format.ieee754 ? `"${text}"` : text);
    return annotation === undefined ? [own] : [member(`${name}@odata.type`, escapeJson(annotation)), own];
  }

  #isOmitted(value: JsonValue, property: Property): boolean {
    switch (this.#how.omit) {
      case undefined:
        return false;
      case "nulls":
        return value.kind === "null";
      case "defaults": {
        const declared = property.defaultValue ?? null;
        if (declared === null) return value.kind === "null";
        return writeJsonValue(value) === defaultText(property);
      }
    }
  }

  #value(value: JsonValue, property: Property, type: EdmType): string {
    if (value.kind === "array" && property.collection)
      return `[${value.items.map((item) => this.#value(item, { ...property, collection: false }, type)).join(",")}]`;
    if (type.kind === "complex" && value.kind === "object") {
      const actual = this.#actualType(value, type);
      const { level } = this.#how.format;
      const shown = level === "full" || (level === "minimal" && actual !== type);
      const head = shown ? [member("@odata.type", escapeJson(`#${actual.qualifiedName}`))] : [];
      return `{${[...head, ...this.#members(value, actual, none, noTypes, [])].join(",")}}`;
    }
    const text = writeJsonValue(value);
    return isLong(type) && value.kind === "number" && this.#how.format.ieee754 ? `"${text}"` : text;
  }
}

const none: ReadonlySet<string> = new Set();

/** An entity that clients cannot change has a link to read it by, and none to edit it (JSON Format 4.01, section 4.5.9). */
function isReadOnly(place: Place | undefined): boolean {
  return place !== undefined && !place.capabilities.update.patch && !place.capabilities.update.put;
}

/** Operations that are selected are told at minimal metadata, too (URL Conventions 4.01, section 5.1.4). */
function selectsOperations(select: BoundSelect | undefined): boolean {
  return select !== undefined && select.items.some(({ kind }) => kind === "operation");
}

/** What the store tells of a media entity's own content. */
const mediaFacts = ["@odata.mediaEtag", "@odata.mediaContentType"] as const;

/** Where a content is read, and where it is written, which is the same place. */
function mediaLinks(of: string, url: string): string[] {
  return [`${of}@odata.mediaReadLink`, `${of}@odata.mediaEditLink`].map((name) => member(name, escapeJson(url)));
}

function isNavigation(type: StructuredType, name: string, expand: readonly BoundExpand[]): boolean {
  return type.navigationProperties.has(name) || expand.some(({ navigation }) => navigation.name === name);
}

/** The navigation properties whose links full metadata shows: those that are selected, and those that are expanded. */
function linkedProperties(type: EntityType, { select, expand }: EntityOptions): NavigationProperty[] {
  const all = [...type.navigationProperties.values()];
  if (select === undefined || select.all) return all;
  const asked = new Set([...namesOfLinks(select), ...expand.map(({ navigation }) => navigation.name)]);
  return all.filter(({ name }) => asked.has(name));
}

function namesOfLinks(select: BoundSelect): string[] {
  return select.items.flatMap((item) => (item.kind === "navigation" ? [item.name] : []));
}

/** The types of what `$compute` and `$apply` add. */
function computedTypes({ compute = [], apply }: EntityOptions): MemberTypes {
  if (compute.length === 0 && apply === undefined) return noTypes;
  const types = new Map(apply === undefined ? [] : shapeTypes(apply.shape));
  for (const { name, expression } of compute) types.set(name, typeOf(expression));
  return types;
}

function shapeTypes({ members }: RowShape): [name: string, type: EdmType | undefined][] {
  return [...members.values()].flatMap((item) =>
    item.kind === "value" ? [[item.name, item.answered ?? item.type]] : [],
  );
}

/**
 * Whether there is something to tell at minimal metadata that the stored text does not have: operations that are selected, and
 * the types of what `$compute` and `$apply` add where a reader could not tell them from the JSON, since no metadata document
 * has them (JSON Format 4.01, section 4.6.3).
 */
export function needsAnnotations({ select, compute = [], apply, expand }: EntityOptions, type: EntityType): boolean {
  return (
    selectsOperations(select) ||
    compute.some((item) => isUntold(typeOf(item.expression), item.expression.collection)) ||
    (apply !== undefined && shapeNeedsAnnotations(apply.shape, type)) ||
    expand.some(({ options, navigation }) => needsAnnotations(options, navigation.type))
  );
}

function shapeNeedsAnnotations({ members }: RowShape, source: StructuredType | undefined): boolean {
  return [...members.values()].some((item) =>
    item.kind === "value"
      ? !isGrouped(item, source) && isUntold(item.answered ?? item.type, item.collection)
      : shapeNeedsAnnotations(item.shape, typeBehind(source, item.name)),
  );
}

/** Whether a member of a row is a property of what the row was made of. */
function isGrouped(item: RowMember | undefined, source: StructuredType | undefined): boolean {
  return item?.kind === "value" && item.type !== undefined && source?.properties.get(item.name)?.type === item.type;
}

function typeBehind(source: StructuredType | undefined, name: string): StructuredType | undefined {
  const type = source?.navigationProperties.get(name)?.type ?? source?.properties.get(name)?.type;
  return type?.kind === "entity" || type?.kind === "complex" ? type : undefined;
}

function isUntold(type: EdmType | undefined, collection: boolean): boolean {
  return type !== undefined && typeAnnotation(type, collection) !== undefined;
}

/** What a row of `$apply` is made of has no type in the model. */
function typeOf({ type }: BoundExpression): EdmType | undefined {
  return type?.kind === "shape" ? undefined : type;
}

function member(name: string, text: string): string {
  return `${escapeJson(name)}:${text}`;
}

/** The type annotation of a property, where a reader could not tell its type from the JSON: JSON Format 4.01, section 4.6.3. */
function typeAnnotation(type: EdmType, collection: boolean): string | undefined {
  const name = type.kind === "primitive" ? type.name : type.qualifiedName;
  if (collection) return `#Collection(${name})`;
  if (type.kind === "complex" || type.kind === "entity") return undefined;
  return ["Edm.String", "Edm.Boolean", "Edm.Double"].includes(type.qualifiedName) ? undefined : `#${name}`;
}

function isLong(type: EdmType): boolean {
  const { qualifiedName } = type.kind === "typeDefinition" ? type.underlyingType : type;
  return qualifiedName === "Edm.Int64" || qualifiedName === "Edm.Decimal";
}

function scalar(value: JsonValue | undefined): Scalar {
  switch (value?.kind) {
    case "string":
    case "boolean":
      return value.value;
    case "number":
      return value.text;
    default:
      return "";
  }
}
