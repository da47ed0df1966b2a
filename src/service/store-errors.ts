import { ModelError } from "../edm/index.js";
import { badRequest, notImplemented, ODataError, tookTooLong } from "../errors/index.js";
import type { TableColumn } from "../storage/index.js";
import {
  MissingValue,
  StatementNotPossible,
  StatementTimeout,
  StatementTooComplex,
  StillReferred,
  StoreUnavailable,
  UniqueViolation,
  UnsupportedValue,
} from "../storage/index.js";
import type { ServiceContext } from "./context.js";

/** What the store says, in the words of the protocol; other errors as they are. */
export function translateStoreError(error: unknown, context: ServiceContext): unknown {
  if (error instanceof UniqueViolation) {
    const names = error.columns.flatMap((column) => propertyName(column, context) ?? []);
    const where = names.length === 0 ? "" : ` (${names.join(", ")})`;
    return new ODataError(409, "Conflict", `An entity with this value${where} is there already.`, {
      ...(names[0] === undefined ? {} : { target: names[0] }),
      cause: error,
    });
  }
  if (error instanceof MissingValue) {
    const name = propertyName(error.column, context);
    if (name === undefined) return badRequest("The entity needs another one that it belongs to.", { cause: error });
    return badRequest(`'${name}' must have a value.`, { target: name, cause: error });
  }
  if (error instanceof StillReferred) {
    const message =
      error.by === undefined
        ? "Other entities refer to this one and cannot be without it, or what it refers to is not there."
        : `Entities of '${error.by}' refer to this one and cannot be without it; delete them, or let them refer to others, first.`;
    return new ODataError(409, "Conflict", message, {
      ...(error.by === undefined ? {} : { target: error.by }),
      cause: error,
    });
  }
  if (error instanceof StatementTooComplex)
    return badRequest("The query is too complex; ask for less at once.", { cause: error });
  // Tables are looked for at the start; what has none is found by a controller.
  if (error instanceof ModelError)
    return notImplemented("The query goes over entities that are not in the store of this service.", { cause: error });
  if (error instanceof StatementNotPossible) {
    return notImplemented("The store of this service cannot carry out a function or operator of this query.", {
      cause: error,
    });
  }
  if (error instanceof UnsupportedValue)
    return badRequest("A value of the request is one that the store of this service cannot hold.", { cause: error });
  if (error instanceof StatementTimeout) return tookTooLong({ cause: error });
  if (error instanceof StoreUnavailable) {
    return new ODataError(503, "ServiceUnavailable", "The store does not take requests now; try again in a moment.", {
      headers: { "retry-after": "1" },
      cause: error,
    });
  }
  return error;
}

/** The property that a column holds: clients know no columns. */
function propertyName({ table, column }: TableColumn, { model, mapping }: ServiceContext): string | undefined {
  for (const type of model.schemas.flatMap((schema) => schema.entityTypes)) {
    if (!mapping.isStored(type) || mapping.entity(type).table !== table) continue;
    for (const known of mapping.entity(type).columns.values()) if (known.column === column) return known.property;
    for (const property of type.navigationProperties.values()) {
      const how = mapping.navigation(property);
      if (how.kind === "sourceColumn" && how.column === column) return property.name;
    }
  }
  return undefined;
}
