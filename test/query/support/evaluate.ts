import { bindContext } from "../../../src/binding/context.js";
import { ExpressionBinder } from "../../../src/binding/expression.js";
import { bindUri } from "../../../src/binding/index.js";
import type { BoundVariable } from "../../../src/binding/index.js";
import type { EntityType } from "../../../src/edm/index.js";
import { evaluateExpression, evaluatePath } from "../../../src/query/memory/index.js";
import type { MemoryContext } from "../../../src/query/memory/index.js";
import { parseExpression, parseUri } from "../../../src/syntax/index.js";
import { labModel } from "./lab.js";

export function labType(name: string): EntityType {
  return labModel.types.get(`Lab.${name}`) as EntityType;
}

/** The value of an expression for one entity of the lab, as JSON text. */
export function evaluate(
  text: string,
  data: object = { id: 1 },
  context: Partial<MemoryContext> & { type?: string } = {},
): string {
  const variable: BoundVariable = { name: "$it", type: labType(context.type ?? "Item") };
  const binder = new ExpressionBinder(variable, "$filter", bindContext(labModel, new Map()));
  const bound = binder.bind(parseExpression(text));
  return evaluateExpression(bound, new Map([[variable, data]]), { model: labModel, ...context });
}

/** What the lab's entity sets hold. */
export interface LabData {
  readonly Items?: readonly object[];
  readonly Owners?: readonly object[];
}

/**
 * The answer to a request, from plain objects.
 *
 * @param url path and query options, not percent-encoded
 */
export function answer(url: string, data: LabData, context: Partial<MemoryContext> = {}): any {
  const bound = bindUri(parseUri(url.replace(/[% +#]/g, encodeURIComponent)), labModel, {});
  if (bound.kind !== "resource") throw new Error("A resource was expected.");
  const result = evaluatePath(bound.path, bound.options, {
    model: labModel,
    root: (source) => data[source.name as keyof LabData],
    ...context,
  });
  switch (result.kind) {
    case "collection": {
      const value = result.value.map((text) => JSON.parse(text));
      return result.count === undefined ? value : { count: result.count, value };
    }
    case "single":
      return JSON.parse(result.value);
    case "count":
      return result.count;
    case "none":
      return undefined;
  }
}
