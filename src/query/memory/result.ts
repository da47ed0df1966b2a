import type { BoundExpand, BoundOptions, BoundSelect, RowShape } from "../../binding/bound.js";
import type { EdmType, Property } from "../../edm/index.js";
import { isOrDerivesFrom } from "../../edm/model.js";
import { transform } from "./apply.js";
import { etagMember } from "./etag.js";
import { castTo, itemsOf, type Walker } from "./path.js";
import { bind, type Scope } from "./scope.js";
import { compileSearch } from "./search.js";
import { isSelected, selectedProperty } from "./select.js";
import { sorted, sortTerms } from "./sort.js";
import { Instance, Row, entityOf, type Collection, type Value } from "./value.js";
import {
  dynamicMember,
  propertyMember,
  propertyNames,
  typeAnnotation,
  writeMember,
  writeValue,
  type JsonText,
} from "./write.js";

/** What is left of a collection, in order. */
export interface Page {
  readonly items: Collection;
  /** How many there would be without `$skip` and `$top`, where `$count=true` asks for it. */
  readonly count: number | undefined;
}

/**
 * Carries out query options and writes what they leave, in the order of Protocol 4.01, section 11.2.1: `$apply`, `$filter`
 * and `$search`, `$count`, `$orderby`, `$skip`, `$top`, `$expand`, `$select`.
 */
export class ResultWriter {
  readonly #walker: Walker;

  constructor(walker: Walker) {
    this.#walker = walker;
  }

  /** @param outer what the expressions of nested options can see beside their own item */
  page(collection: Collection, options: BoundOptions, outer?: Scope): Page {
    const { apply, filter, search, orderby, skip = 0, top } = options;
    let items = collection;
    if (apply !== undefined) items = transform(items, apply.transformations, this.#walker, outer);
    if (search !== undefined) items = items.filter(compileSearch(search));
    let scopes = items.map((item) => bind(options.variable, item, outer));
    if (filter !== undefined) {
      const condition = this.#walker.compile(filter);
      scopes = scopes.filter((scope) => condition(scope) === true);
    }
    const count = options.count === true ? scopes.length : undefined;
    if (orderby !== undefined) {
      const compile = this.#walker.compile.bind(this.#walker);
      scopes = sorted(scopes, sortTerms<Scope>(orderby, compile));
    }
    const page = scopes.slice(skip, top === undefined ? undefined : skip + top);
    return { items: page.map(({ value }) => value), count };
  }

  /** The page of a collection as JSON texts. */
  collection(
    collection: Collection,
    declared: EdmType,
    options: BoundOptions,
    outer?: Scope,
  ): { readonly texts: JsonText[]; readonly count: number | undefined } {
    const { items, count } = this.page(collection, options, outer);
    return { texts: items.map((item) => this.item(item, declared, options, outer)), count };
  }

  /** An entity, a complex value, a primitive value or a row, with what `$select` leaves of it and `$expand` adds to it. */
  item(item: Value, declared: EdmType, options: BoundOptions, outer?: Scope): JsonText {
    this.#walker.deadline.tick();
    const { select, compute, expand, apply } = options;
    const scope = bind(options.variable, item, outer);
    const members: JsonText[] = [];
    const entity = entityOf(item);
    const named = new Set<string>();
    if (entity !== null) members.push(...this.#declaredMembers(entity, declared, select, scope, named));
    if (item instanceof Row) members.push(...rowMembers(item, apply?.shape, select, named));
    else if (entity === null) return writeValue(item, declared);
    for (const { name, expression } of compute ?? []) {
      if (!isSelected(name, select)) continue;
      const { type } = expression;
      const value = this.#walker.compile(expression)(scope);
      members.push(writeMember(name, writeValue(value, type?.kind === "shape" ? undefined : type)));
    }
    if (entity !== null) for (const expanded of expand) members.push(...this.#expanded(entity, expanded, scope));
    return `{${members.join(",")}}`;
  }

  /** @param named takes the names of the members that are written */
  #declaredMembers(
    instance: Instance,
    declared: EdmType | undefined,
    select: BoundSelect | undefined,
    scope: Scope,
    named = new Set<string>(),
  ): JsonText[] {
    const members = [typeAnnotation(instance, declared), etagMember(instance)].filter((text) => text !== undefined);
    for (const name of propertyNames(instance)) {
      const selected = selectedProperty(instance, name, select);
      if (selected === undefined) continue;
      named.add(name);
      if (selected.select === undefined && selected.options === undefined) {
        members.push(propertyMember(instance, name));
      } else {
        const property = instance.type.properties.get(name)!;
        members.push(...this.#part(instance, property, selected.select, selected.options, scope));
      }
    }
    for (const name of instance.members.dynamic) {
      const isAsked =
        select === undefined ||
        select.all ||
        select.items.some((item) => item.kind === "dynamic" && item.name === name);
      if (isAsked) members.push(dynamicMember(instance, name));
    }
    return members;
  }

  /** A part of a property: some members of a complex value, some items of a collection. */
  #part(
    owner: Instance,
    property: Property,
    select: BoundSelect | undefined,
    options: BoundOptions | undefined,
    scope: Scope,
  ): JsonText[] {
    const value = owner.members.property(property.name);
    if (options === undefined) {
      const text = property.collection
        ? `[${itemsOf(value)
            .map((item) => this.#complex(item, property.type, select, scope))
            .join(",")}]`
        : this.#complex(value, property.type, select, scope);
      return [writeMember(property.name, text)];
    }
    const { texts, count } = this.collection(itemsOf(value), property.type, { ...options, select }, scope);
    const member = writeMember(property.name, `[${texts.join(",")}]`);
    return count === undefined ? [member] : [writeMember(`${property.name}@odata.count`, String(count)), member];
  }

  #complex(value: Value, declared: EdmType, select: BoundSelect | undefined, scope: Scope): JsonText {
    if (!(value instanceof Instance)) return writeValue(value, declared);
    return `{${this.#declaredMembers(value, declared, select, scope).join(",")}}`;
  }

  /** An expanded navigation property: section 5.1.3. Only the types that declare it, or the one that is asked for, have it. */
  #expanded(instance: Instance, expand: BoundExpand, scope: Scope): JsonText[] {
    const { navigation, cast, targetCast, what, options } = expand;
    const declared = instance.type.navigationProperties.get(navigation.name);
    if (declared === undefined || !navigation.alternatives.includes(declared)) return [];
    if (cast !== undefined && !isOrDerivesFrom(instance.type, cast)) return [];
    const related = instance.members.navigation(navigation.name);
    const type = targetCast ?? navigation.type;
    const value = castTo(related, type);
    const write = (item: Value) => (what === "references" ? reference(item) : this.item(item, type, options, scope));
    if (!navigation.collection) {
      const { items } = this.page(value === null ? [] : [value], options, scope);
      return [writeMember(navigation.name, items.length === 0 ? "null" : write(items[0]!))];
    }
    const counting = what === "count" ? { ...options, count: true } : options;
    const { items, count } = this.page(itemsOf(value), counting, scope);
    const members: JsonText[] = [];
    if (count !== undefined) members.push(writeMember(`${navigation.name}@odata.count`, String(count)));
    if (what !== "count") members.push(writeMember(navigation.name, `[${items.map(write).join(",")}]`));
    return members;
  }
}

/** What tells where an entity is: its type and its key. */
export function reference(item: Value): JsonText {
  const entity = entityOf(item);
  if (entity?.type.kind !== "entity") return "null";
  const members = entity.type.key.map(({ name }) => propertyMember(entity, name));
  return `{${[typeAnnotation(entity, undefined)!, ...members].join(",")}}`;
}

/** The members of a row that `$apply` made, but for those that its entity has. */
function rowMembers(
  row: Row,
  shape: RowShape | undefined,
  select: BoundSelect | undefined,
  named: ReadonlySet<string>,
): JsonText[] {
  const members: JsonText[] = [];
  for (const [name, value] of row.members) {
    if (named.has(name) || !isSelected(name, select)) continue;
    members.push(writeMember(name, memberText(value, shape?.members.get(name))));
  }
  return members;
}

function memberText(value: Value, member: ReturnType<RowShape["members"]["get"]>): JsonText {
  if (member?.kind === "nested" && value instanceof Row)
    return `{${rowMembers(value, member.shape, undefined, NONE).join(",")}}`;
  return writeValue(value, member?.kind === "value" ? member.type : undefined);
}

const NONE: ReadonlySet<string> = new Set();
