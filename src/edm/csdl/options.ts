import type { Operation, Property, StructuredType } from "../model.js";

/** For the writers of CSDL documents. */
export interface CsdlOptions {
  /**
   * The version of OData that the document conforms to. For `4.0` what only 4.01 knows is left out or written in the
   * nearest way that 4.0 has.
   */
  readonly version: "4.0" | "4.01";
}

/** Where the OASIS committee publishes its vocabularies: `<base><namespace>.xml`, and the same as `.json`. */
export const vocabularyBase = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/";

/** The properties that a type declares, as far as the version has their types: 4.0 does not know `Edm.Untyped`. */
export function propertiesOf(type: StructuredType, version: CsdlOptions["version"]): readonly Property[] {
  if (version !== "4.0") return type.ownProperties;
  return type.ownProperties.filter((property) => property.type.qualifiedName !== "Edm.Untyped");
}

/** The operations among these whose types the version has. */
export function operationsOf(operations: readonly Operation[], version: CsdlOptions["version"]): readonly Operation[] {
  if (version !== "4.0") return operations;
  return operations.filter(({ parameters, returnType }) =>
    [...parameters, returnType].every((typed) => typed?.type.qualifiedName !== "Edm.Untyped"),
  );
}
