import { bindingParameter } from "./class-operations.js";
import type { Operation } from "./model.js";
import type { OperationSource } from "./source.js";

/**
 * The function that `@Edm.DeltaFunction` declares for the entities of a type. No method carries it out: the engine does.
 *
 * @param type qualified name of the entity type
 */
export function deltaFunction(type: string): OperationSource {
  return {
    kind: "function",
    name: "delta",
    bound: true,
    entitySetPath: bindingParameter,
    parameters: [{ name: bindingParameter, type, collection: true, nullable: false }],
    returnType: { type, collection: true, nullable: false },
  };
}

/**
 * Whether a function stands for the changes of the collection of entities that it is bound to, and no method carries it out.
 * It takes the query options of that collection, as in Microsoft Graph, though it is not composable.
 */
export function isDeltaFunction(operation: Operation): boolean {
  const { kind, name, bound, parameters, returnType, implementation } = operation;
  const [binding] = parameters;
  return (
    kind === "function" &&
    name === "delta" &&
    implementation === undefined &&
    bound &&
    parameters.length === 1 &&
    binding!.collection &&
    binding!.type.kind === "entity" &&
    returnType!.collection &&
    returnType!.type.kind === "entity"
  );
}
