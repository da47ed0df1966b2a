/** The terms of the OData vocabularies that the engine itself reads or writes. */
export const terms = {
  computed: "Org.OData.Core.V1.Computed",
  description: "Org.OData.Core.V1.Description",
} as const;
