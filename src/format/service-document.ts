import type { Model } from "../edm/index.js";

/** What a service document needs to know of the request. */
export interface ServiceDocumentContext {
  /** The service root with its closing slash. */
  readonly serviceRoot: string;
  readonly metadataLevel: "none" | "minimal" | "full";
}

/** The names of section 5 for what a service document lists. */
const kinds = { entitySet: "EntitySet", singleton: "Singleton", functionImport: "FunctionImport" } as const;

/**
 * Writes the service document (OData JSON Format 4.01, section 5): the entity sets and the singletons of the container,
 * and the function imports that ask for it, in the order of the model. The URLs are relative to the service root.
 *
 * @returns JSON text
 * @example writeServiceDocument(model, { serviceRoot: "https://host/service/", metadataLevel: "minimal" })
 */
export function writeServiceDocument(model: Model, { serviceRoot, metadataLevel }: ServiceDocumentContext): string {
  const { entitySets, singletons, operationImports } = model.container;
  const imports = [...operationImports.values()].flatMap(({ kind, name, includeInServiceDocument }) =>
    kind === "functionImport" && includeInServiceDocument ? { kind, name } : [],
  );
  const value = [...entitySets.values(), ...singletons.values(), ...imports].map(({ kind, name }) => ({
    name,
    kind: kinds[kind],
    // A name may hold any letter, a URL may not.
    url: encodeURIComponent(name),
  }));
  // Without metadata there is no context URL: section 3.1.3.
  return JSON.stringify(metadataLevel === "none" ? { value } : { "@odata.context": `${serviceRoot}$metadata`, value });
}
