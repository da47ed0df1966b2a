import type { ComplexType, EntityType, Operation, Property, StructuredType } from "../edm/index.js";
import { isOrDerivesFrom } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, didYouMean, notImplemented } from "../errors/index.js";
import type { SelectItem } from "../syntax/index.js";
import type { BoundOptions, BoundSelect, BoundSelectItem, RowShape } from "./bound.js";
import { typeNamed } from "./default-namespaces.js";
import { castNames, declaresName, derivedProperties, memberNames, placeInPath } from "./names.js";
import type { AllowedOptions, BindNested, OptionsTarget, QueryContext } from "./option-target.js";
import { allowedForValues } from "./option-target.js";
import { operationNames, operationsNamed, overloadsFor, ownParameters, signatureOf } from "./operations.js";
import { notTaken } from "./restrictions.js";
import { short } from "./short.js";

/** What `$select` is about: values of a structured type, or rows that `$apply` made. */
export interface SelectOwner {
  readonly type: StructuredType | undefined;
  readonly shape: RowShape | undefined;
}

/**
 * Binds `$select`: URL Conventions 4.01, section 5.1.4. Items of one property are put together, those that others include
 * are left out, and names are written in full.
 *
 * @param target of the options that `$select` is one of
 * @param nested binds options in parentheses
 */
export function bindSelect(
  items: readonly SelectItem[],
  owner: SelectOwner,
  target: OptionsTarget,
  context: QueryContext,
  nested: BindNested,
): BoundSelect {
  context.counts.selectItems(items.map(({ path }) => path));
  const list = new SelectList(owner, target, context, nested, true);
  for (const item of items) list.add(item, item.path);
  return list.result();
}

/** The items of one property, or of one other name, as far as they are known. */
interface Entry {
  readonly item: BoundSelectItem;
  /** The property as a whole is asked for. */
  whole: boolean;
  /** What is asked for of a complex value. */
  inner: SelectList | undefined;
  options: BoundOptions | undefined;
  /** The item that brought `options`, which may stand in one place only. */
  readonly written: SelectItem;
}

/** What is selected of the values of one type. */
class SelectList {
  readonly #owner: SelectOwner;
  readonly #target: OptionsTarget;
  readonly #context: QueryContext;
  readonly #nested: BindNested;
  /** Names of computed properties mean something only outermost. */
  readonly #outermost: boolean;
  readonly #entries = new Map<string, Entry>();
  #all = false;
  /** Which name of the path of the item under way is looked at. */
  #at = 0;

  constructor(
    owner: SelectOwner,
    target: OptionsTarget,
    context: QueryContext,
    nested: BindNested,
    outermost: boolean,
  ) {
    this.#owner = owner;
    this.#target = target;
    this.#context = context;
    this.#nested = nested;
    this.#outermost = outermost;
  }

  /** @param path what of the item's path is left */
  add(item: SelectItem, path: readonly string[]): void {
    let { type } = this.#owner;
    let cast: StructuredType | undefined;
    const before = item.path.length - path.length;
    let at = 0;
    for (; at < path.length && this.#isCast(path[at]!, type); at++) {
      this.#at = before + at;
      type = this.#castTo(path[at]!, type!, item);
      if (!isOrDerivesFrom(this.#owner.type!, type)) cast = type;
    }
    const name = path[at];
    this.#at = before + Math.min(at, path.length - 1);
    if (name === undefined) {
      throw this.#error(item, `'${short(path.join("/"))}' names a type; name a property of it, too`);
    }
    this.#name(item, name, path.slice(at + 1), type, cast);
  }

  result(): BoundSelect {
    const kept = [...this.#entries.values()].filter((entry) => !this.#isIncluded(entry));
    return {
      all: this.#all,
      items: kept.map((entry) => finished(entry)),
      text: [...(this.#all ? ["*"] : []), ...new Set(kept.flatMap(textOf))],
    };
  }

  #isCast(name: string, type: StructuredType | undefined): boolean {
    if (name.endsWith(".*") || type === undefined || declaresName(type, name)) return false;
    return typeNamed(name, this.#context.model) !== undefined;
  }

  #castTo(name: string, type: StructuredType, item: SelectItem): EntityType | ComplexType {
    const cast = typeNamed(name, this.#context.model);
    const fits =
      (cast?.kind === "entity" || cast?.kind === "complex") &&
      (isOrDerivesFrom(cast, type) || isOrDerivesFrom(type, cast));
    if (fits) return cast;
    throw this.#error(
      item,
      `'${short(name)}' is no type derived from '${type.qualifiedName}'.${didYouMean(name, castNames(type))}`,
    );
  }

  #name(
    item: SelectItem,
    name: string,
    rest: readonly string[],
    type: StructuredType | undefined,
    cast: StructuredType | undefined,
  ): void {
    if (name === "*") return this.#star(item, type, cast);
    if (name.startsWith("@")) {
      throw notImplemented(`This service does not offer annotations, such as '${short(name)}', in $select.`, {
        target: "$select",
      });
    }
    if (name.includes(".") || item.parameters !== undefined) return this.#operation(item, name, type);
    const properties = type === undefined ? [] : this.#properties(type, name);
    if (properties.length > 0) {
      for (const property of properties) this.#property(item, property, rest, cast);
      return;
    }
    this.#otherName(item, name, rest, type, cast);
  }

  /** `*`; behind a cast, the properties of that type. */
  #star(item: SelectItem, type: StructuredType | undefined, cast: StructuredType | undefined): void {
    if (cast === undefined) this.#all = true;
    else for (const property of type!.properties.values()) this.#property(item, property, [], cast);
  }

  /** Operations that can be called on the value: all of a namespace, or those of one name. */
  #operation(item: SelectItem, name: string, type: StructuredType | undefined): void {
    if (name.endsWith(".*")) {
      const namespace = name.slice(0, -2);
      const schema = this.#context.model.schemas.find((one) => one.namespace === namespace || one.alias === namespace);
      if (schema !== undefined) {
        this.#put({ kind: "operation", name: `${schema.namespace}.*` }, item);
        return;
      }
      const known = this.#context.model.schemas.map((one) => `${one.namespace}.*`);
      throw this.#error(item, `there is no namespace '${short(namespace)}'.${didYouMean(name, known)}`);
    }
    const { model } = this.#context;
    const named = operationsNamed(name, model, this.#context);
    const subject = type === undefined ? undefined : { type, collection: false };
    const overloads = subject === undefined ? [] : overloadsFor(named, subject);
    const { parameters } = item;
    const found =
      parameters === undefined ? overloads[0] : overloads.find((operation) => hasParameters(operation, parameters));
    if (found !== undefined) return void this.#put({ kind: "operation", name: found.qualifiedName }, item);
    if (overloads.length > 0) {
      const right = overloads.map((operation) => signatureOf(name, operation)).join(" or ");
      throw this.#error(item, `'${short(name)}' has no such parameters; it is called ${right}`);
    }
    if (named.length > 0) {
      throw this.#error(item, `'${short(name)}' cannot be called on values of type '${type?.qualifiedName ?? ""}'`);
    }
    const known = type === undefined ? [] : [...castNames(type), ...operationNames(subject!, model)];
    const what = parameters === undefined ? "there is no type and no operation" : "there is no function";
    throw this.#error(item, `${what} named '${short(name)}'.${didYouMean(name, known)}`);
  }

  /** What a name means in a type; in types derived from it, too, where the service allows that. */
  #properties(type: StructuredType, name: string): readonly Property[] {
    const own = type.properties.get(name);
    if (own !== undefined) return [own];
    if (this.#context.derivedNavigation !== true || type.navigationProperties.has(name)) return [];
    return derivedProperties(type, name);
  }

  #property(item: SelectItem, property: Property, rest: readonly string[], cast: StructuredType | undefined): void {
    const entry = this.#put({ kind: "property", property, cast, select: undefined, options: undefined }, item);
    const { options } = item;
    if (entry.options !== undefined || (options !== undefined && rest.length === 0 && entry.written !== item)) {
      throw this.#error(item, `'${property.name}' has options in parentheses and may then stand only once`);
    }
    if (rest.length > 0) {
      if (property.type.kind !== "complex") {
        this.#at++;
        throw this.#error(
          item,
          `'${property.name}' is of type ${property.type.qualifiedName}, which has no property '${short(rest[0]!)}'`,
        );
      }
      entry.inner ??= new SelectList(
        { type: property.type, shape: undefined },
        this.#target,
        this.#context,
        this.#nested,
        false,
      );
      entry.inner.add(item, rest);
    } else if (options === undefined) {
      entry.whole = true;
    } else {
      entry.options = this.#options(item, property);
    }
  }

  /** Options in parentheses: of a collection, or of a complex value. */
  #options(item: SelectItem, { type, collection, name }: Property): BoundOptions {
    const options = item.options!;
    const allowed: AllowedOptions = allowedForValues(type, collection);
    if (allowed.names.size === 0) {
      throw this.#error(item, `'${name}' is a single value of type ${type.qualifiedName} and takes no options`);
    }
    const unsupported = this.#target.place?.capabilities.select.unsupportedOptions;
    for (const option of unsupported ?? []) {
      if (options[option as keyof typeof options] !== undefined) throw notTaken(`$${option} within $select`);
    }
    const target: OptionsTarget = {
      variable: { name: "$this", type },
      place: undefined,
      allowed,
      depth: this.#target.depth,
    };
    return this.#nested(options, target, this.#context);
  }

  /** Computed and dynamic properties, members of rows, navigation properties. */
  #otherName(
    item: SelectItem,
    name: string,
    rest: readonly string[],
    type: StructuredType | undefined,
    cast: StructuredType | undefined,
  ): void {
    const computed =
      this.#outermost && (this.#owner.shape?.members.has(name) === true || this.#context.computed?.has(name) === true);
    const navigation =
      type?.navigationProperties.has(name) === true ||
      (this.#context.derivedNavigation === true &&
        type?.kind === "entity" &&
        type.derivedNavigationProperties.has(name));
    if (!computed && !navigation && type?.open !== true) throw this.#unknown(item, name, type);
    if (navigation && !computed && (rest.length > 0 || item.options !== undefined)) {
      const path = rest.length > 0 ? `($select=${short(rest.join("/"))})` : "(...)";
      throw this.#error(
        item,
        `'${name}' is a navigation property; what is wanted of its entities belongs into $expand=${name}${path}`,
      );
    }
    if (rest.length > 0 || item.options !== undefined) {
      throw notImplemented(`This service does not offer to select parts of '${short(name)}'.`, { target: "$select" });
    }
    if (computed) this.#put({ kind: "computed", name }, item).whole = true;
    else if (navigation) this.#put({ kind: "navigation", name, cast }, item).whole = true;
    else this.#put({ kind: "dynamic", name }, item).whole = true;
  }

  #unknown(item: SelectItem, name: string, type: StructuredType | undefined): ODataError {
    const { shape } = this.#owner;
    const known = [
      ...(type === undefined ? [] : memberNames(type)),
      ...(shape?.members.keys() ?? []),
      ...(this.#outermost ? (this.#context.computed?.keys() ?? []) : []),
    ];
    const where = type === undefined ? "the rows at this point have" : `the type '${type.qualifiedName}' has`;
    return this.#error(item, `${where} no property named '${short(name)}'.${didYouMean(name, known)}`);
  }

  #put(bound: BoundSelectItem, written: SelectItem): Entry {
    const key = keyOf(bound);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { item: bound, whole: false, inner: undefined, options: undefined, written };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** True where another item asks for all of it: `*`, or the same property without a cast. */
  #isIncluded({ item, options }: Entry): boolean {
    if (item.kind === "navigation" || item.kind === "operation" || options !== undefined) return false;
    if (this.#all) return true;
    if (item.kind !== "property" || item.cast === undefined) return false;
    const general = this.#entries.get(keyOf({ ...item, cast: undefined }));
    return general?.whole === true && general.options === undefined;
  }

  /** 400 with the place of the name that is looked at. */
  #error(item: SelectItem, what: string): ODataError {
    const stop = /[.?]$/.test(what) ? "" : ".";
    const character = item.place.start + placeInPath(item.path, this.#at) + 1;
    return badRequest(`Error in $select at character ${character}: ${what}${stop}`, { target: "$select" });
  }
}

/** True where the parameters of an operation, but for the binding parameter, have these names. */
function hasParameters(operation: Operation, names: readonly string[]): boolean {
  const own = ownParameters(operation);
  return own.length === names.length && own.every(({ name }) => names.includes(name));
}

function keyOf(item: BoundSelectItem): string {
  switch (item.kind) {
    case "property": {
      const { declaringType, name } = item.property;
      return `property ${item.cast?.qualifiedName ?? ""}/${declaringType.qualifiedName}/${name}`;
    }
    case "navigation":
      return `navigation ${item.cast?.qualifiedName ?? ""}/${item.name}`;
    default:
      return `${item.kind} ${item.name}`;
  }
}

function finished({ item, whole, inner, options }: Entry): BoundSelectItem {
  if (item.kind !== "property") return item;
  const select = whole ? undefined : (inner?.result() ?? options?.select);
  const { collection } = item.property;
  return {
    ...item,
    // Of a complex value as a whole nothing is left out.
    select: select?.all === true && select.items.length === 0 ? undefined : select,
    options: collection || options?.compute !== undefined ? options : undefined,
  };
}

/** The paths of an item, for context URLs: Protocol 4.01, section 10.9. */
function textOf(entry: Entry): string[] {
  const { item } = entry;
  if (item.kind !== "property" && item.kind !== "navigation") return [item.name];
  const name = item.kind === "property" ? item.property.name : item.name;
  const path = `${item.cast === undefined ? "" : `${item.cast.qualifiedName}/`}${name}`;
  const bound = finished(entry);
  const select = bound.kind === "property" ? bound.select : undefined;
  if (select === undefined || select.all) return [path];
  return select.text.map((inner) => `${path}/${inner}`);
}
