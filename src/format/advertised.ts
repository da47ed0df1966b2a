import type { BoundOptions, BoundSelect } from "../binding/index.js";
import type { EntityType, Model, Operation } from "../edm/index.js";
import { annotationValue, isOrDerivesFrom } from "../edm/index.js";
import { escapeJson } from "./json-text.js";

/** The bound operations of a model by what they are bound to. */
interface BoundOperations {
  readonly entity: Map<EntityType, readonly Operation[]>;
  readonly collection: Map<EntityType, readonly Operation[]>;
}

const known = new WeakMap<Model, BoundOperations>();

function operationsOf(model: Model, type: EntityType, what: keyof BoundOperations): readonly Operation[] {
  let maps = known.get(model);
  if (maps === undefined) known.set(model, (maps = { entity: new Map(), collection: new Map() }));
  let found = maps[what].get(type);
  if (found === undefined) {
    found = model.schemas
      .flatMap(({ operations }) => operations)
      .filter(({ bound, parameters: [binding] }) => {
        if (!bound || binding?.collection !== (what === "collection")) return false;
        return binding.type.kind === "entity" && isOrDerivesFrom(type, binding.type);
      });
    maps[what].set(type, found);
  }
  return found;
}

/**
 * The members that tell which functions and actions can be called on an entity or a collection of entities, at full
 * metadata: JSON Format 4.01, sections 16 and 17. One that is not available now is `null`.
 *
 * @param url of the entity or the collection
 * @param read gives the value of a property of the entity, for availability that depends on it
 * @example // "#Shop.Rate":{"title":"Shop.Rate","target":"http://host/Products(1)/Shop.Rate"}
 */
export function advertised(
  model: Model,
  type: EntityType,
  what: "entity" | "collection",
  { select }: Pick<BoundOptions, "select">,
  url: string,
  read: (name: string) => unknown,
): string[] {
  const operations = operationsOf(model, type, what).filter((operation) => isAsked(operation, select));
  const members = new Map<string, string>();
  for (const operation of operations) {
    const isOverloaded = operations.some(
      (other) => other !== operation && other.qualifiedName === operation.qualifiedName,
    );
    const name = `#${operation.qualifiedName}${isOverloaded && operation.kind === "function" ? signature(operation, "") : ""}`;
    if (members.has(name)) continue;
    members.set(name, isAvailable(operation, read) ? described(operation, url) : "null");
  }
  return Array.from(members, ([name, text]) => `${escapeJson(name)}:${text}`);
}

/** Where properties are selected, operations are only told where they are selected, too (section 11.2.5.1 of the Protocol). */
function isAsked({ qualifiedName, namespace }: Operation, select: BoundSelect | undefined): boolean {
  if (select === undefined) return true;
  return select.items.some(
    (item) => item.kind === "operation" && (item.name === qualifiedName || item.name === `${namespace}.*`),
  );
}

function described(operation: Operation, url: string): string {
  const { qualifiedName, kind, annotations } = operation;
  const said = annotationValue(annotations, DESCRIPTION);
  const title = typeof said === "string" ? said : qualifiedName;
  // The arguments of a function are left open, as parameter aliases.
  const target = `${url}/${qualifiedName}${kind === "function" ? signature(operation, "=@") : ""}`;
  return `{"title":${escapeJson(title)},"target":${escapeJson(target)}}`;
}

function signature({ parameters }: Operation, alias: string): string {
  const names = parameters.slice(1).map(({ name }) => (alias === "" ? name : `${name}${alias}${name}`));
  return `(${names.join(",")})`;
}

const DESCRIPTION = "Org.OData.Core.V1.Description";
const AVAILABLE = "Org.OData.Core.V1.OperationAvailable";

/**
 * Whether an operation can be called now: `Core.OperationAvailable` is a constant, or a path to a property of what the
 * operation is bound to.
 *
 * @param read gives the value of a property; `undefined` where it is not at hand, which forbids nothing
 */
export function isAvailable(
  { annotations, parameters: [binding] }: Operation,
  read: (name: string) => unknown,
): boolean {
  const value = annotationValue(annotations, AVAILABLE);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value !== false;
  const { $Path: path } = value as { readonly $Path?: unknown };
  if (typeof path !== "string") return true;
  const [first, ...others] = path.split("/");
  const names = first === binding?.name ? others : [first!, ...others];
  if (names.length !== 1) return true;
  const found = read(names[0]!);
  return found !== false && found !== null;
}
