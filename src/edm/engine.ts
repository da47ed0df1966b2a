import { ModelError } from "./model-error.js";
import type { Annotation, AnnotationValue, ModelSource, PropertySource, StructuredTypeSource } from "./source.js";
import { annotatePlaces, SourceTypes, withMissing } from "./source-types.js";
import { isRecord } from "./restrictions.js";
import { annotationOf, annotationValue, terms } from "./vocabulary.js";

/**
 * The operators and functions of expressions that the engine carries out: URL Conventions 4.01, sections 5.1.1.1 to
 * 5.1.1.13.
 */
export const filterFunctions: readonly string[] = [
  ...["eq", "ne", "gt", "ge", "lt", "le", "and", "or", "not", "has", "in"],
  ...["add", "sub", "mul", "div", "divby", "mod"],
  ...["any", "all"],
  ...["concat", "contains", "endswith", "indexof", "length", "startswith", "substring"],
  ...["hassubset", "hassubsequence"],
  ...["matchesPattern", "tolower", "toupper", "trim"],
  ...["date", "day", "fractionalseconds", "hour", "maxdatetime", "mindatetime", "minute", "month", "now", "second"],
  ...["time", "totaloffsetminutes", "totalseconds", "year"],
  ...["ceiling", "floor", "round"],
  ...["cast", "isof", "case"],
  ...["geo.distance", "geo.intersects", "geo.length"],
];

/** The transformations of `$apply` that the engine carries out: Data Aggregation 4.0, section 3. */
const transformations = [
  ...["identity", "filter", "search", "compute", "orderby", "skip", "top"],
  ...["topcount", "topsum", "toppercent", "bottomcount", "bottomsum", "bottompercent"],
  ...["aggregate", "groupby", "concat"],
];

/** What every service that the engine runs can and cannot do. */
const ofContainer: readonly Annotation[] = [
  { term: terms.odataVersions, value: "4.01" },
  { term: terms.conformanceLevel, value: "Advanced" },
  {
    term: terms.supportedFormats,
    value: [
      "application/json;odata.metadata=minimal",
      "application/json;odata.metadata=full",
      "application/json;odata.metadata=none",
      "application/json;IEEE754Compatible=true",
      "application/json;odata.streaming=true",
    ],
  },
  { term: terms.supportedMetadataFormats, value: ["application/xml", "application/json"] },
  { term: terms.acceptableEncodings, value: ["gzip", "deflate", "br"] },
  { term: terms.asynchronousRequestsSupported, value: true },
  { term: terms.isolationSupported, value: "Snapshot" },
  { term: terms.batchSupported, value: true },
  { term: terms.batchContinueOnErrorSupported, value: true },
  {
    term: terms.batchSupport,
    value: {
      Supported: true,
      ContinueOnErrorSupported: true,
      ReferencesInRequestBodiesSupported: true,
      ReferencesAcrossChangeSetsSupported: true,
      EtagReferencesSupported: true,
      RequestDependencyConditionsSupported: false,
      SupportedFormats: ["multipart/mixed", "application/json"],
    },
  },
  { term: terms.crossJoinSupported, value: true },
  { term: terms.keyAsSegmentSupported, value: true },
  { term: terms.querySegmentSupported, value: true },
  { term: terms.annotationValuesInQuerySupported, value: false },
  { term: terms.deepInsertSupport, value: { Supported: true, ContentIDSupported: true } },
  { term: terms.deepUpdateSupport, value: { Supported: true, ContentIDSupported: true } },
  {
    term: terms.modificationQueryOptions,
    value: {
      ExpandSupported: true,
      SelectSupported: true,
      ComputeSupported: true,
      FilterSupported: false,
      SearchSupported: false,
      SortSupported: false,
    },
  },
  {
    term: terms.selectSupport,
    value: {
      Supported: true,
      InstanceAnnotationsSupported: false,
      Expandable: false,
      Filterable: true,
      Searchable: false,
      TopSupported: true,
      SkipSupported: true,
      ComputeSupported: true,
      Countable: true,
      Sortable: true,
    },
  },
  { term: terms.filterFunctions, value: filterFunctions },
  { term: terms.applySupported, value: { Transformations: transformations, CustomAggregationMethods: [] } },
];

/** What holds for every collection of entities. */
const ofCollections: readonly Annotation[] = [{ term: terms.indexableByKey, value: true }];

/**
 * What clients may do beyond plain creates, updates and deletes. The vocabulary takes it for absent where it is not
 * said.
 */
function withWrites(
  annotations: readonly Annotation[],
  { collection, keyIsChosen }: { readonly collection: boolean; readonly keyIsChosen: boolean },
): readonly Annotation[] {
  const insertable = !isRefused(annotations, terms.insertRestrictions, "Insertable");
  const updatable = !isRefused(annotations, terms.updateRestrictions, "Updatable");
  const deletable = !isRefused(annotations, terms.deleteRestrictions, "Deletable");
  let said = annotations;
  if (insertable && collection) said = completed(said, terms.insertRestrictions, { TypecastSegmentSupported: true });
  if (updatable) {
    // A client that may not choose the key of a new entity cannot address it before it is there.
    const ofAny = { Upsertable: insertable && (keyIsChosen || !collection), UpdateMethod: "PATCH,PUT" };
    const ofCollection = {
      DeltaUpdateSupported: insertable && deletable,
      FilterSegmentSupported: true,
      TypecastSegmentSupported: true,
    };
    said = completed(said, terms.updateRestrictions, { ...ofAny, ...(collection && ofCollection) });
  }
  if (deletable && collection) {
    const segments = { FilterSegmentSupported: true, TypecastSegmentSupported: true };
    said = completed(said, terms.deleteRestrictions, segments);
  }
  return said;
}

/** Whether clients choose the keys of new entities: the service makes none of them, and no content comes in their place. */
function isKeyChosen(type: string, types: SourceTypes): boolean {
  const lineage = types.lineage(type).flatMap((name) => types.all.get(name) ?? []);
  const key = new Set(lineage.flatMap((one) => one.key ?? []));
  return lineage.every(
    ({ hasStream, properties }) =>
      hasStream !== true &&
      properties.every(
        ({ name, generated, annotations = [] }) =>
          !key.has(name) ||
          generated === undefined ||
          (annotationValue(annotations, terms.computedDefaultValue) ?? false) !== false,
      ),
  );
}

function isRefused(annotations: readonly Annotation[], term: string, member: string): boolean {
  const written = annotationValue(annotations, term);
  return isRecord(written) && written[member] === false;
}

/** The same annotations, with these members in the record of a term unless it says them itself. */
export function completed(
  annotations: readonly Annotation[],
  term: string,
  members: { readonly [member: string]: AnnotationValue },
): readonly Annotation[] {
  const written = annotationOf(annotations, term);
  if (written === undefined) return [...annotations, { term, value: members }];
  // What is no record is told to be wrong where it is read.
  if (!isRecord(written.value)) return annotations;
  const value = { ...written.value, ...withoutKnown(members, written.value) };
  return annotations.map((one) => (one === written ? { ...one, value } : one));
}

function withoutKnown<T>(members: Readonly<Record<string, T>>, known: object): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !Object.hasOwn(known, name)));
}

/**
 * Says in a model's description what the engine can and cannot do with it, so that `$metadata` tells it: in general on the
 * entity container, and where entities live: what they have to search in, and how they can be changed. What the description
 * says itself goes before it.
 *
 * @throws {ModelError} where a collection is said to be searchable that is not
 */
export function describeEngine(source: ModelSource): ModelSource {
  const types = new SourceTypes(source);
  const isSearched = searchedProperties(source, types);
  const isSearchable = (type: string) =>
    [...types.lineage(type), ...types.derived(type)].some((name) => types.all.get(name)?.properties.some(isSearched));
  const described = annotatePlaces(source, types, (annotations, { name, type, collection }) => {
    const written = annotations ?? [];
    const said = collection && !isSearchable(type) ? withoutSearch(written, name) : written;
    const keyIsChosen = isKeyChosen(type, types);
    return withWrites(withMissing(said, collection ? ofCollections : []), { collection, keyIsChosen });
  });
  return {
    ...described,
    schemas: described.schemas.map(({ container, ...schema }) =>
      container === undefined
        ? schema
        : { ...schema, container: { ...container, annotations: withMissing(container.annotations, ofContainer) } },
    ),
  };
}

/** Tells whether `$search` looks into a property: a text that says so, or a complex value with such a text. */
function searchedProperties({ schemas }: ModelSource, types: SourceTypes): (property: PropertySource) => boolean {
  const complex = new Map<string, StructuredTypeSource>(
    schemas.flatMap(({ namespace, complexTypes }) => complexTypes.map((type) => [`${namespace}.${type.name}`, type])),
  );
  const derivesFrom = (name: string, base: string): boolean => {
    for (let one: string | undefined = name, left = complex.size; one !== undefined && left >= 0; left--) {
      if (one === base) return true;
      const { baseType }: { readonly baseType?: string | undefined } = complex.get(one) ?? {};
      one = baseType === undefined ? undefined : types.resolve(baseType);
    }
    return false;
  };
  const isSearched = ({ searchable, collection, type }: PropertySource, above: readonly string[]): boolean => {
    if (searchable === true || collection === true) return searchable === true;
    const name = types.resolve(type);
    if (!complex.has(name) || above.includes(name)) return false;
    const family = [...complex].filter(([other]) => derivesFrom(other, name) || derivesFrom(name, other));
    return family.some(([, { properties }]) => properties.some((one) => isSearched(one, [...above, name])));
  };
  return (property) => isSearched(property, []);
}

/** `Searchable` is false, whatever else the annotation says. */
function withoutSearch(annotations: readonly Annotation[], where: string): readonly Annotation[] {
  const written = annotationValue(annotations, terms.searchRestrictions);
  const record = isRecord(written) ? written : {};
  const said = record["Searchable"];
  if (said === true) {
    throw new ModelError(`'${where}' says that it can be searched, but its entities have no @Edm.Searchable property.`);
  }
  if (said === false) return annotations;
  return [
    ...annotations.filter(({ value }) => written === undefined || value !== written),
    { term: terms.searchRestrictions, value: { ...record, Searchable: false } },
  ];
}
