import type { EdmType } from "../edm/index.js";
import type { CaseExpression } from "../syntax/index.js";
import { adapt } from "./adapt.js";
import type { Binder } from "./binder.js";
import type { BoundCase, BoundExpression } from "./bound.js";
import { commonType, describe, isGeo, isStructured, typeOf, underlying } from "./expression-types.js";

/** `case(condition:value,...)`: URL Conventions 4.01, section 5.1.1.12. All values get one type. */
export function bindCase(binder: Binder, expression: CaseExpression): BoundCase {
  const branches = expression.branches.map(({ condition, value }) => ({
    condition: binder.condition(condition),
    value: binder.bind(value),
    source: value,
  }));
  let type: EdmType | undefined;
  // Literals take the type of the others, so theirs is looked at last.
  for (const literals of [false, true]) {
    for (const branch of branches) {
      if ((branch.value.kind === "constant") !== literals) continue;
      const value = adapt(binder, branch.value, type);
      const own = typeOf(value);
      if (value.collection || value.kind === "object" || isStructured(own) || value.type?.kind === "shape")
        throw binder.notOffered(branch.source, `a value of type ${describe(value)} in 'case'`);
      if (own === undefined) continue;
      const both = type === undefined ? underlying(own) : commonType(type, own);
      if (both === undefined) {
        throw binder.error(
          branch.source,
          `a value of type ${describe(value)} cannot stand in one 'case' with one of type ${type!.qualifiedName}`,
        );
      }
      type = both;
      branch.value = value;
    }
  }
  return {
    kind: "case",
    branches: branches.map(({ condition, value }) => ({ condition, value: converted(binder, value, type) })),
    type,
    collection: false,
  };
}

/** A value in the form of the type of the whole. */
function converted(binder: Binder, written: BoundExpression, type: EdmType | undefined): BoundExpression {
  if (type === undefined) return written;
  const value = adapt(binder, written, type);
  const own = typeOf(value);
  if (own === undefined || underlying(own) === type || isGeo(type)) return value;
  if (type.kind !== "primitive" && type.kind !== "enum") return value;
  return { kind: "conversion", operand: value, type, collection: false };
}
