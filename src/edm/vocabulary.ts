import type { Annotation, AnnotationValue } from "./source.js";

const core = "Org.OData.Core.V1";
const capabilities = "Org.OData.Capabilities.V1";

/** The terms of the OData vocabularies that the engine itself reads or writes. */
export const terms = {
  alternateKeys: `${core}.AlternateKeys`,
  computed: `${core}.Computed`,
  description: `${core}.Description`,
  odataVersions: `${core}.ODataVersions`,
  optimisticConcurrency: `${core}.OptimisticConcurrency`,
  schemaVersion: `${core}.SchemaVersion`,
  annotationValuesInQuerySupported: `${capabilities}.AnnotationValuesInQuerySupported`,
  asynchronousRequestsSupported: `${capabilities}.AsynchronousRequestsSupported`,
  batchSupported: `${capabilities}.BatchSupported`,
  computeSupported: `${capabilities}.ComputeSupported`,
  countRestrictions: `${capabilities}.CountRestrictions`,
  crossJoinSupported: `${capabilities}.CrossJoinSupported`,
  expandRestrictions: `${capabilities}.ExpandRestrictions`,
  filterFunctions: `${capabilities}.FilterFunctions`,
  filterRestrictions: `${capabilities}.FilterRestrictions`,
  indexableByKey: `${capabilities}.IndexableByKey`,
  keyAsSegmentSupported: `${capabilities}.KeyAsSegmentSupported`,
  navigationRestrictions: `${capabilities}.NavigationRestrictions`,
  querySegmentSupported: `${capabilities}.QuerySegmentSupported`,
  readRestrictions: `${capabilities}.ReadRestrictions`,
  searchRestrictions: `${capabilities}.SearchRestrictions`,
  selectSupport: `${capabilities}.SelectSupport`,
  skipSupported: `${capabilities}.SkipSupported`,
  sortRestrictions: `${capabilities}.SortRestrictions`,
  supportedFormats: `${capabilities}.SupportedFormats`,
  supportedMetadataFormats: `${capabilities}.SupportedMetadataFormats`,
  topSupported: `${capabilities}.TopSupported`,
  applySupported: "Org.OData.Aggregation.V1.ApplySupported",
} as const;

/** The aliases that the vocabularies are known by; an annotation may write its term with either. */
const aliases: Readonly<Record<string, string>> = {
  [core]: "Core",
  [capabilities]: "Capabilities",
  "Org.OData.Aggregation.V1": "Aggregation",
};

/**
 * The value of the annotation with a term and without a qualifier.
 *
 * @param term one of {@link terms}; the annotation may name it by the vocabulary's namespace or by its well-known alias
 * @returns `undefined` where there is none
 */
export function annotationValue(annotations: readonly Annotation[], term: string): AnnotationValue | undefined {
  const dot = term.lastIndexOf(".");
  const short = `${aliases[term.slice(0, dot)] ?? ""}${term.slice(dot)}`;
  return annotations.find(
    (annotation) => annotation.qualifier === undefined && (annotation.term === term || annotation.term === short),
  )?.value;
}
