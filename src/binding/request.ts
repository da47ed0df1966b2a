import type { EntityType, Model } from "../edm/index.js";
import { isDeltaFunction } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notFound, notImplemented } from "../errors/index.js";
import type { ODataUri, PathSegment, QueryOptions } from "../syntax/index.js";
import { printOptions } from "../syntax/index.js";
import { ArgumentBinder } from "./arguments.js";
import type { BoundOptions, BoundPath, BoundRequest, BoundVariable, OperationSegment } from "./bound.js";
import type { PathOptions } from "./context.js";
import { bindContext } from "./context.js";
import { typeNamed } from "./default-namespaces.js";
import { bindCrossJoinOptions, bindJoinedSets } from "./cross-join.js";
import { ExpressionBinder } from "./expression.js";
import { QueryBudget } from "./limits.js";
import type { AllowedOptions, OptionName, OptionsTarget, QueryContext } from "./option-target.js";
import { allowedForValues, allowedOptions, checkAllowed, withChanges } from "./option-target.js";
import { bindOptions } from "./options.js";
import { refuseAmbiguous } from "./names.js";
import { bindPath } from "./path.js";
import { placeOfPath } from "./places.js";
import { valueOfTail } from "./property-path.js";
import { short } from "./short.js";

/** Options that concern a request as a whole: how it is answered, and which version of the model it means. */
const ofRequest: ReadonlySet<OptionName> = new Set(["format", "schemaversion"]);

/**
 * Resolves a parsed request URL against the model: every name, key and type cast.
 *
 * @throws {ODataError} 404 where the path names nothing, 400 where an option does not fit, 501 for what is not offered
 * @example bindUri(parseUri("/Products(1)?$select=Name"), model, {})
 */
export function bindUri(uri: ODataUri, model: Model, options: PathOptions): BoundRequest {
  checkSchemaVersion(uri.options.schemaversion, model);
  const [first] = uri.path.segments;
  if (first === undefined) {
    checkAllowed(uri.options, { what: "the service document", names: new Set() }, ofRequest);
    return { kind: "serviceDocument" };
  }
  const context: QueryContext = {
    ...bindContext(model, uri.options.aliases, options),
    counts: new QueryBudget(options.limits),
  };
  if (first.argumentsError !== undefined && first.text.startsWith("$")) throw first.argumentsError;
  return first.name?.startsWith("$") === true ? bindSystem(uri, first, context) : bindResource(uri, context);
}

/** Resources of the grammar that are no part of any model: URL Conventions 4.01, section 4. */
function bindSystem(uri: ODataUri, first: PathSegment, context: QueryContext): BoundRequest {
  const { model } = context;
  const { segments } = uri.path;
  switch (first.name) {
    case "$metadata":
      nothingBehind(segments, 1);
      checkAllowed(uri.options, { what: "the metadata document", names: new Set() }, ofRequest);
      return { kind: "metadata" };
    case "$entity": {
      const { id, format: _format, schemaversion: _version, ...options } = uri.options;
      if (id === undefined) {
        throw badRequest("'$entity' takes the entity-id to resolve in $id, such as $entity?$id=Products(0).", {
          target: "$id",
        });
      }
      return { kind: "entityId", id, type: entityTypeBehind(segments, model), options: printOptions(options) };
    }
    case "$all": {
      const type = entityTypeBehind(segments, model);
      const [option] = optionsOf(uri.options);
      if (option !== undefined) {
        throw notImplemented(`This service does not offer $${option} for '$all'.`, { target: `$${option}` });
      }
      return { kind: "all", type };
    }
    case "$crossjoin": {
      nothingBehind(segments, 1);
      const sets = bindJoinedSets(first, model, context.counts.limits.maxCrossJoinSets);
      const options = bindCrossJoinOptions(uri.options, sets, context, ofRequest);
      return { kind: "crossjoin", sets, options, literals: context.literals.result() };
    }
    case "$batch":
      throw notImplemented("This service does not offer '$batch'.", { target: "$batch" });
    default:
      throw notFound(
        `There is no resource named '${short(first.text)}'.${didYouMean(first.text, ["$metadata", "$entity", "$all", "$crossjoin"])}`,
        { target: short(first.text) },
      );
  }
}

function bindResource(uri: ODataUri, context: QueryContext): BoundRequest {
  const { model } = context;
  const { custom } = uri.options;
  const calls = new ArgumentBinder(context, { custom, misread: uri.misread ?? new Map() });
  const path = bindPath(uri.path, model, {
    ...context,
    condition: (condition, variable) => new ExpressionBinder(variable, "$filter", context).condition(condition),
    call: calls.call,
  });
  calls.checkMisread();
  const { tail } = path;
  if (optionsOf(uri.options).length > 0 && tail.kind === "property" && tail.ofDerivedType)
    refuseAmbiguous(path.type, tail.path[0]!.name);
  const options = bindOptions(uri.options, targetOf(path, context), context, ofRequest);
  const counts = tail.kind === "count" || (tail.kind === "property" && tail.count);
  return { kind: "resource", path, options: counts ? ofCount(options) : options, literals: context.literals.result() };
}

/** A count is that of all items, in whatever order, and whatever else would be answered with them. */
function ofCount({ variable, filter, search, deltatoken }: BoundOptions): BoundOptions {
  return { variable, filter, search, deltatoken, expand: [] };
}

/** What the options of a request for a path are about. */
function targetOf(path: BoundPath, context: QueryContext): OptionsTarget {
  const place = placeOfPath(path, context.model);
  const { tail, type, collection } = path;
  const target = (of: BoundVariable["type"], allowed: AllowedOptions, where = place): OptionsTarget => ({
    variable: { name: "$it", type: of },
    place: of.kind === "entity" ? where : undefined,
    allowed,
    depth: 0,
  });
  const tracked = place.capabilities.changeTracking.supported;
  const [first] = path.segments;
  if (first?.kind === "operation") {
    const restricted = allowedForResult(first);
    if (restricted !== undefined) return target(type, collection && tracked ? withChanges(restricted) : restricted);
  }
  switch (tail.kind) {
    case "entity":
      if (!collection) return target(type, allowedOptions.entity);
      return target(type, tracked ? withChanges(allowedOptions.entities) : allowedOptions.entities);
    case "ref":
      return target(type, collection ? allowedOptions.references : allowedOptions.reference);
    case "count":
      return target(type, tracked ? withChanges(allowedOptions.wholeCount) : allowedOptions.wholeCount);
    case "each":
      return target(type, allowedOptions.each);
    case "media":
    case "stream":
      return target(type, allowedOptions.stream);
    case "property": {
      const value = valueOfTail(tail);
      if (tail.raw) return target(value.type, allowedOptions.rawValue);
      if (tail.count) return target(value.type, allowedOptions.wholeCount);
      return target(value.type, allowedForValues(value.type, value.collection));
    }
  }
}

/**
 * Of what an operation gives back the options make something else only where the operation is composable (CSDL 4.01, section
 * 12.4). An action never is, but like other requests that change data it is answered in the form that `$select` and `$expand`
 * ask for.
 */
function allowedForResult({ operation }: OperationSegment): AllowedOptions | undefined {
  const { kind, composable, returnType, qualifiedName } = operation;
  if (composable || isDeltaFunction(operation)) return undefined;
  if (kind === "function")
    return { what: `the function '${qualifiedName}', which is not composable`, names: new Set() };
  if (returnType === undefined)
    return { what: `the action '${qualifiedName}', which gives nothing back`, names: new Set() };
  const names: readonly OptionName[] = returnType.type.kind === "entity" ? ["select", "expand", "compute"] : [];
  return { what: `the result of the action '${qualifiedName}'`, names: new Set(names) };
}

/** `$entity/Type` and `$all/Type`. */
function entityTypeBehind(segments: readonly PathSegment[], model: Model): EntityType | undefined {
  const [first, second] = segments;
  if (first!.arguments !== undefined || first!.argumentsError !== undefined) {
    throw notFound(`There is no resource named '${short(first!.text)}'.`, { target: short(first!.text) });
  }
  if (second === undefined) return undefined;
  nothingBehind(segments, 2);
  const type = typeNamed(second.text, model);
  if (type?.kind === "entity") return type;
  const known = [...model.types.values()].filter(({ kind }) => kind === "entity");
  throw notFound(
    `There is no entity type named '${short(second.text)}'.${didYouMean(second.text, new Set(known.map(({ qualifiedName }) => qualifiedName)))}`,
    { target: short(second.text) },
  );
}

function nothingBehind(segments: readonly PathSegment[], length: number): void {
  const extra = segments[length];
  if (extra === undefined) return;
  throw notFound(
    `Nothing can follow '${short(segments[length - 1]!.text)}' in this path, but '${short(extra.text)}' does.`,
    { target: short(extra.text) },
  );
}

/** Protocol 4.01, section 11.2.12: `*` is the current version, and a version that is not there is not found. */
function checkSchemaVersion(version: string | undefined, { schemaVersion }: Model): void {
  if (version === undefined || version === "*" || version === schemaVersion) return;
  throw unknownVersion(version, schemaVersion);
}

function unknownVersion(version: string, current: string | undefined): ODataError {
  return notFound(
    current === undefined
      ? `The model of this service has no versions, so $schemaversion can only be '*', and not '${short(version)}'.`
      : `There is no version '${short(version)}' of the model; the current one is '${current}'.`,
    { target: "$schemaversion" },
  );
}

/** The names of the options that are there, but for those that concern the request as a whole. */
function optionsOf(options: QueryOptions): string[] {
  const names = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return names.filter((name) => name !== "aliases" && name !== "custom" && !ofRequest.has(name as OptionName));
}
