import type { EnumType, PrimitiveType, PrimitiveTypeName } from "../../../src/edm/model.js";

/** A primitive type by its name without `Edm.`. */
export function edm(name: string): PrimitiveType {
  return {
    kind: "primitive",
    name,
    namespace: "Edm",
    qualifiedName: `Edm.${name}` as PrimitiveTypeName,
    annotations: [],
  };
}

/** An enumeration type `t.<name>` with the members given. */
export function enumType(name: string, members: Readonly<Record<string, number>>, flags = false): EnumType {
  const names = new Map<number, string>();
  for (const [member, value] of Object.entries(members)) if (!names.has(value)) names.set(value, member);
  return {
    kind: "enum",
    name,
    namespace: "t",
    qualifiedName: `t.${name}`,
    annotations: [],
    underlyingType: edm("Int32"),
    flags,
    members: new Map(Object.entries(members)),
    names,
  };
}
