import type { DeclaredOperation } from "./class-operations.js";
import { ModelError } from "./model-error.js";
import type { EntitySetSource, OperationImportSource } from "./source.js";

/**
 * The imports of the unbound operations that a service class declares (CSDL 4.01, sections 13.5 and 13.6). Overloads of one
 * function share an import. Where no entity set is said, it is the only one with the type of the entities given back.
 *
 * @throws {ModelError} where overloads say different things of their import
 */
export function mergeImports(
  declared: readonly DeclaredOperation[],
  entitySets: readonly EntitySetSource[],
): OperationImportSource[] {
  const imports = new Map<string, OperationImportSource>();
  for (const { namespace, source, import: options } of declared) {
    if (options === undefined) continue;
    const kind = source.kind === "function" ? "functionImport" : "actionImport";
    const operation = `${namespace}.${source.name}`;
    const { name = source.name, entitySet, includeInServiceDocument, annotations = {} } = options;
    const before = imports.get(name);
    if (before !== undefined && (before.kind !== kind || before.operation !== operation)) {
      throw new ModelError(`The import '${name}' stands for '${before.operation}' and for '${operation}'.`);
    }
    if (before?.entitySet !== undefined && entitySet !== undefined && before.entitySet !== entitySet) {
      throw new ModelError(`The import '${name}' gives entities of '${before.entitySet}' and of '${entitySet}'.`);
    }
    imports.set(name, {
      kind,
      name,
      operation,
      entitySet: entitySet ?? before?.entitySet,
      includeInServiceDocument: includeInServiceDocument ?? before?.includeInServiceDocument,
      annotations: [
        ...(before?.annotations ?? []),
        ...Object.entries(annotations).map(([term, value]) => ({ term, value })),
      ],
    });
  }
  const given = new Map<string, string | undefined>(
    declared.map(({ namespace, source }) => [`${namespace}.${source.name}`, source.returnType?.type]),
  );
  return [...imports.values()].map((one) => {
    const [only, ...others] = entitySets.filter(({ entityType }) => entityType === given.get(one.operation));
    return { ...one, entitySet: one.entitySet ?? (others.length === 0 ? only?.name : undefined) };
  });
}
