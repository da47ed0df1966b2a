import type { Annotation, AnnotationValue } from "./source.js";

const core = "Org.OData.Core.V1";
const capabilities = "Org.OData.Capabilities.V1";
const validation = "Org.OData.Validation.V1";

/** The terms of the OData vocabularies that the engine itself reads or writes. */
export const terms = {
  acceptableMediaTypes: `${core}.AcceptableMediaTypes`,
  alternateKeys: `${core}.AlternateKeys`,
  computed: `${core}.Computed`,
  computedDefaultValue: `${core}.ComputedDefaultValue`,
  defaultNamespace: `${core}.DefaultNamespace`,
  description: `${core}.Description`,
  immutable: `${core}.Immutable`,
  mediaType: `${core}.MediaType`,
  odataVersions: `${core}.ODataVersions`,
  optimisticConcurrency: `${core}.OptimisticConcurrency`,
  optionalParameter: `${core}.OptionalParameter`,
  permissions: `${core}.Permissions`,
  schemaVersion: `${core}.SchemaVersion`,
  annotationValuesInQuerySupported: `${capabilities}.AnnotationValuesInQuerySupported`,
  acceptableEncodings: `${capabilities}.AcceptableEncodings`,
  asynchronousRequestsSupported: `${capabilities}.AsynchronousRequestsSupported`,
  batchSupport: `${capabilities}.BatchSupport`,
  batchSupported: `${capabilities}.BatchSupported`,
  batchContinueOnErrorSupported: `${capabilities}.BatchContinueOnErrorSupported`,
  changeTracking: `${capabilities}.ChangeTracking`,
  computeSupported: `${capabilities}.ComputeSupported`,
  conformanceLevel: `${capabilities}.ConformanceLevel`,
  countRestrictions: `${capabilities}.CountRestrictions`,
  crossJoinSupported: `${capabilities}.CrossJoinSupported`,
  deepInsertSupport: `${capabilities}.DeepInsertSupport`,
  deepUpdateSupport: `${capabilities}.DeepUpdateSupport`,
  deleteRestrictions: `${capabilities}.DeleteRestrictions`,
  expandRestrictions: `${capabilities}.ExpandRestrictions`,
  filterFunctions: `${capabilities}.FilterFunctions`,
  filterRestrictions: `${capabilities}.FilterRestrictions`,
  indexableByKey: `${capabilities}.IndexableByKey`,
  insertRestrictions: `${capabilities}.InsertRestrictions`,
  isolationSupported: `${capabilities}.IsolationSupported`,
  keyAsSegmentSupported: `${capabilities}.KeyAsSegmentSupported`,
  mediaLocationUpdateSupported: `${capabilities}.MediaLocationUpdateSupported`,
  modificationQueryOptions: `${capabilities}.ModificationQueryOptions`,
  navigationRestrictions: `${capabilities}.NavigationRestrictions`,
  operationRestrictions: `${capabilities}.OperationRestrictions`,
  querySegmentSupported: `${capabilities}.QuerySegmentSupported`,
  readRestrictions: `${capabilities}.ReadRestrictions`,
  searchRestrictions: `${capabilities}.SearchRestrictions`,
  selectSupport: `${capabilities}.SelectSupport`,
  skipSupported: `${capabilities}.SkipSupported`,
  sortRestrictions: `${capabilities}.SortRestrictions`,
  supportedFormats: `${capabilities}.SupportedFormats`,
  supportedMetadataFormats: `${capabilities}.SupportedMetadataFormats`,
  topSupported: `${capabilities}.TopSupported`,
  updateRestrictions: `${capabilities}.UpdateRestrictions`,
  allowedValues: `${validation}.AllowedValues`,
  exclusive: `${validation}.Exclusive`,
  maximum: `${validation}.Maximum`,
  maxItems: `${validation}.MaxItems`,
  minimum: `${validation}.Minimum`,
  minItems: `${validation}.MinItems`,
  multipleOf: `${validation}.MultipleOf`,
  pattern: `${validation}.Pattern`,
  applySupported: "Org.OData.Aggregation.V1.ApplySupported",
} as const;

/** The aliases that the vocabularies are known by; an annotation may write its term with either. */
const aliases: Readonly<Record<string, string>> = {
  [core]: "Core",
  [capabilities]: "Capabilities",
  [validation]: "Validation",
  "Org.OData.Aggregation.V1": "Aggregation",
};

/**
 * The value of the annotation with a term and without a qualifier.
 *
 * @param term one of {@link terms}; the annotation may name it by the vocabulary's namespace or by its well-known alias
 * @returns `undefined` where there is none
 */
export function annotationValue(annotations: readonly Annotation[], term: string): AnnotationValue | undefined {
  return annotationOf(annotations, term)?.value;
}

/** The annotation with a term and without a qualifier, for what is said of the annotation itself. */
export function annotationOf(annotations: readonly Annotation[], term: string): Annotation | undefined {
  const dot = term.lastIndexOf(".");
  const short = `${aliases[term.slice(0, dot)] ?? ""}${term.slice(dot)}`;
  return annotations.find(
    (annotation) => annotation.qualifier === undefined && (annotation.term === term || annotation.term === short),
  );
}
