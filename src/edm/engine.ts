import { ModelError } from "./model-error.js";
import type { Annotation, AnnotationValue, ModelSource } from "./source.js";
import { annotatePlaces, SourceTypes, withMissing } from "./source-types.js";
import { annotationValue, terms } from "./vocabulary.js";

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
  {
    term: terms.supportedFormats,
    value: [
      "application/json;odata.metadata=minimal",
      "application/json;odata.metadata=full",
      "application/json;odata.metadata=none",
      "application/json;IEEE754Compatible=true",
    ],
  },
  { term: terms.supportedMetadataFormats, value: ["application/xml", "application/json"] },
  { term: terms.asynchronousRequestsSupported, value: false },
  { term: terms.batchSupported, value: false },
  { term: terms.crossJoinSupported, value: true },
  { term: terms.keyAsSegmentSupported, value: true },
  { term: terms.querySegmentSupported, value: true },
  { term: terms.annotationValuesInQuerySupported, value: false },
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

/**
 * Says in a model's description what the engine can and cannot do with it, so that `$metadata` tells it: in general on the
 * entity container, and on each collection of entities that have nothing to search in. What the description says itself
 * goes before it.
 *
 * @throws {ModelError} where a collection is said to be searchable that is not
 */
export function describeEngine(source: ModelSource): ModelSource {
  const types = new SourceTypes(source);
  const isSearchable = (type: string) =>
    [...types.lineage(type), ...types.derived(type)].some((name) =>
      types.all.get(name)?.properties.some(({ searchable }) => searchable === true),
    );
  const described = annotatePlaces(source, types, (annotations, { name, type, collection }) =>
    collection && !isSearchable(type) ? withoutSearch(annotations ?? [], name) : (annotations ?? []),
  );
  return {
    ...described,
    schemas: described.schemas.map(({ container, ...schema }) =>
      container === undefined
        ? schema
        : { ...schema, container: { ...container, annotations: withMissing(container.annotations, ofContainer) } },
    ),
  };
}

/** `Searchable` is false, whatever else the annotation says. */
function withoutSearch(annotations: readonly Annotation[], where: string): readonly Annotation[] {
  const written = annotationValue(annotations, terms.searchRestrictions);
  const record = typeof written === "object" && written !== null && !Array.isArray(written) ? written : {};
  const { Searchable: said } = record as { readonly Searchable?: AnnotationValue };
  if (said === true) {
    throw new ModelError(`'${where}' says that it can be searched, but its entities have no @Edm.Searchable property.`);
  }
  if (said === false) return annotations;
  return [
    ...annotations.filter(({ value }) => written === undefined || value !== written),
    { term: terms.searchRestrictions, value: { ...record, Searchable: false } },
  ];
}
