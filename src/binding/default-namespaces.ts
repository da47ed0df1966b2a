import type { EdmType, Model, Schema } from "../edm/index.js";
import { annotationValue } from "../edm/index.js";

const DEFAULT_NAMESPACE = "Org.OData.Core.V1.DefaultNamespace";

/** Whether the names that a schema declares need no namespace in URLs: Protocol 4.01, section 4.4. */
export function isDefaultNamespace({ annotations }: Schema): boolean {
  const value = annotationValue(annotations, DEFAULT_NAMESPACE);
  return value !== undefined && value !== false;
}

/** Types of default namespaces by simple name. A model never changes. */
const simpleNames = new WeakMap<Model, ReadonlyMap<string, EdmType>>();

/**
 * The type of a name in a URL: qualified, or simple where its schema is a default namespace.
 *
 * @example typeNamed("Shop.SpecialProduct", model) === typeNamed("SpecialProduct", model)
 */
export function typeNamed(name: string, model: Model): EdmType | undefined {
  return model.types.get(name) ?? (name.includes(".") ? undefined : simpleNamesOf(model).get(name));
}

function simpleNamesOf(model: Model): ReadonlyMap<string, EdmType> {
  let found = simpleNames.get(model);
  if (found === undefined) {
    const names = new Map<string, EdmType>();
    for (const schema of model.schemas.filter((one) => isDefaultNamespace(one))) {
      const { enumTypes, typeDefinitions, complexTypes, entityTypes } = schema;
      for (const type of [...enumTypes, ...typeDefinitions, ...complexTypes, ...entityTypes])
        names.set(type.name, type);
    }
    found = names;
    simpleNames.set(model, found);
  }
  return found;
}
