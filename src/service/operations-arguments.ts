import type { OperationSegment } from "../binding/index.js";
import type { EntityType, Operation, Parameter, Property } from "../edm/index.js";
import { badRequest, didYouMean } from "../errors/index.js";
import { readEntityObject } from "../format/entity-reader.js";
import { constantText } from "../format/defaults.js";
import type { JsonValue } from "../format/json-text.js";
import { parseJson, writeJsonValue } from "../format/json-text.js";
import { requireJsonBody } from "../format/media.js";
import { Problems } from "../format/problems.js";
import { ValueReader } from "../format/value-reader.js";
import { evaluateExpression } from "../query/index.js";
import { relativePath } from "./entity-id.js";
import { plainBody, plainValue } from "./invoke-body.js";
import type { Reading } from "./reading.js";
import type { Session } from "./session.js";

/** The arguments of a call by the names of the parameters, as methods take them. */
export type Arguments = Map<string, unknown>;

/** The parameters of an operation that a call gives arguments for. */
export function ownParameters({ bound, parameters }: Operation): readonly Parameter[] {
  return bound ? parameters.slice(1) : parameters;
}

/** The arguments of a function, which stand in its URL. */
export function functionArguments({ operation, arguments: given }: OperationSegment, reading: Reading): Arguments {
  const { context, resource } = reading;
  const { model } = context;
  const found: Arguments = new Map();
  for (const parameter of ownParameters(operation)) {
    const expression = given.get(parameter);
    if (expression === undefined) continue;
    const text = evaluateExpression(expression, new Map(), { model, now: `${resource.values.now}Z` });
    found.set(parameter.name, plainValue(parseJson(text), parameter.type, "number", model));
  }
  return found;
}

/**
 * The arguments of an action, which stand in its body: Protocol 4.01, section 11.5.5.1. They are checked as payloads are.
 * Those of parameters that may be null can be left out.
 *
 * @param session reads the entities that arguments refer to
 * @throws {ODataError} 400 with all that is wrong with them
 */
export async function actionArguments(operation: Operation, reading: Reading, session: Session): Promise<Arguments> {
  const { request, context } = reading;
  const text = (request.body ?? "").toString();
  const parameters = new Map(ownParameters(operation).map((parameter) => [parameter.name, parameter]));
  const problems = new Problems();
  const given = membersOf(text, request.headers["content-type"]);
  for (const name of given.keys()) {
    if (parameters.has(name) || name.includes("@") || problems.full) continue;
    const hint = didYouMean(name, parameters.keys());
    problems.add(`The action '${operation.qualifiedName}' has no parameter '${name.slice(0, 128)}'.${hint}`, name);
  }
  const found: Arguments = new Map();
  const references: Promise<void>[] = [];
  for (const [name, parameter] of parameters) {
    const value = given.get(name);
    if (value === undefined) {
      if (parameter.defaultValue !== undefined) found.set(name, defaultOf(parameter, reading));
      else if (!parameter.optional && parameter.nullable && !parameter.collection) found.set(name, null);
      else if (!parameter.optional)
        problems.add(`The parameter '${name}' of '${operation.qualifiedName}' has no value.`, name);
    } else if (parameter.type.kind === "entity") {
      references.push(
        entityArgument(parameter, parameter.type, value, reading, session, problems).then(
          (entity) => void found.set(name, entity),
        ),
      );
    } else {
      const reader = new ValueReader(context.model, problems);
      const canonical = reader.property(asProperty(parameter), value, name, undefined);
      if (canonical !== undefined)
        found.set(name, plainValue(parseJson(canonical), parameter.type, "number", context.model));
    }
  }
  await Promise.all(references);
  problems.throwIfAny();
  return found;
}

/** A body may be left out where there is nothing to say. */
function membersOf(text: string, contentType: string | undefined): ReadonlyMap<string, JsonValue> {
  if (!/\S/.test(text)) return new Map();
  requireJsonBody(contentType);
  const value = parseJson(text);
  if (value.kind === "object") return value.members;
  throw badRequest("The body of an action must be a JSON object with its parameters.");
}

function defaultOf({ type, defaultValue }: Parameter, { context }: Reading): unknown {
  if (defaultValue === undefined || type.kind === "entity" || type.kind === "complex") return undefined;
  return plainValue(parseJson(constantText(type, defaultValue)), type, "number", context.model);
}

/** The reader of payloads knows properties; what it asks them holds for parameters, too. */
function asProperty(parameter: Parameter): Property {
  const { name, type, collection, nullable, facets, annotations } = parameter;
  return {
    kind: "property",
    name,
    type: type as Property["type"],
    collection,
    nullable,
    facets,
    annotations,
    defaultValue: undefined,
    generated: undefined,
    computed: false,
    searchable: false,
    declaringType: OF_NO_TYPE,
  };
}

const OF_NO_TYPE = {} as EntityType;

/** Whole entities, or references to those that are there. */
async function entityArgument(
  parameter: Parameter,
  type: EntityType,
  value: JsonValue,
  reading: Reading,
  session: Session,
  problems: Problems,
): Promise<unknown> {
  const { name, collection, nullable } = parameter;
  if (collection) {
    if (value.kind !== "array") {
      problems.add(`The value of '${name}' must be an array.`, name);
      return undefined;
    }
    const items: unknown[] = [];
    for (const [index, item] of value.items.entries())
      items.push(await entity(type, item, `${name}[${index}]`, reading, session, problems));
    return items;
  }
  if (value.kind === "null") {
    if (!nullable) problems.add(`The value of '${name}' must not be null.`, name);
    return null;
  }
  return entity(type, value, name, reading, session, problems);
}

async function entity(
  type: EntityType,
  value: JsonValue,
  path: string,
  reading: Reading,
  session: Session,
  problems: Problems,
): Promise<unknown> {
  const { request, context, terms } = reading;
  if (value.kind !== "object") {
    problems.add(`The value of '${path}' must be an object: an entity, or a reference to one.`, path);
    return undefined;
  }
  const id = value.members.get("@odata.id") ?? value.members.get("@id");
  if (id?.kind === "string" && [...value.members.keys()].every((member) => member.startsWith("@"))) {
    const found = await session.get(relativePath(id.value, request.serviceRoot, context));
    if (found === undefined) problems.add(`'${id.value.slice(0, 200)}' in '${path}' leads to no entity.`, path);
    return found;
  }
  const { model } = context;
  const payload = readEntityObject(value, type, { model, operation: "create", version: terms.bodyVersion, path });
  return plainBody(writeJsonValue(value), payload, type, "number", model);
}
