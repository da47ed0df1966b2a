import type { BoundSelect, BoundSelectItem } from "../../binding/index.js";
import type { ComplexType, EntityType } from "../../edm/index.js";

export type SelectedProperty = BoundSelectItem & { readonly kind: "property" };

/** What `$select` asks for of a property of values of some types: all of it, or what the items say. */
export interface AskedProperty<T> {
  readonly types: readonly T[];
  readonly items: readonly SelectedProperty[] | "whole";
}

/** What `$select` asks for of a structured value, and without it everything. */
export class Asked {
  readonly #select: BoundSelect | undefined;
  /** The properties that are named. */
  readonly #named = new Map<string, SelectedProperty[]>();
  /** Nothing is left out or cut down. */
  readonly everything: boolean;

  constructor(select: BoundSelect | undefined) {
    this.#select = select;
    for (const item of select?.items ?? []) {
      if (item.kind !== "property") continue;
      const items = this.#named.get(item.property.name);
      if (items === undefined) this.#named.set(item.property.name, [item]);
      else items.push(item);
    }
    this.everything = select === undefined || (select.all && !select.items.some(isShaped));
  }

  /** All properties that are there are wanted, some of them cut down. */
  get all(): boolean {
    return this.#select === undefined || this.#select.all;
  }

  computed(name: string): boolean {
    return this.all || this.#select!.items.some((item) => item.kind === "computed" && item.name === name);
  }

  /** The dynamic properties that are named. */
  get dynamic(): string[] {
    return this.all ? [] : this.#select!.items.flatMap((item) => (item.kind === "dynamic" ? item.name : []));
  }

  /**
   * What is asked for of the property of a name, for values of each of some types; types for which nothing is are left out.
   */
  property<T extends EntityType | ComplexType>(name: string, types: readonly T[]): AskedProperty<T>[] {
    if (this.everything) return [{ types, items: "whole" }];
    const named = this.#named.get(name) ?? [];
    if (named.length === 0) return this.all ? [{ types, items: "whole" }] : [];
    const groups = new Map<string, { readonly types: T[]; readonly items: readonly SelectedProperty[] | "whole" }>();
    for (const type of types) {
      const items = named.filter((item) => appliesTo(item, type));
      if (items.length === 0 && !this.all) continue;
      const shaped = items.filter(isShaped);
      // Who asks for all of it and for a part gets all; options say what is wanted of all of it.
      const isWhole =
        shaped.length === 0 ||
        ((this.all || shaped.length < items.length) && shaped.every(({ options }) => options === undefined));
      const key = isWhole ? "" : shaped.map((item) => named.indexOf(item)).join();
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { types: [type], items: isWhole ? "whole" : shaped });
      else group.types.push(type);
    }
    return [...groups.values()];
  }
}

function isShaped(item: BoundSelectItem): item is SelectedProperty {
  return item.kind === "property" && (item.select !== undefined || item.options !== undefined);
}

function appliesTo(item: SelectedProperty, type: EntityType | ComplexType): boolean {
  const lineage: ReadonlySet<EntityType | ComplexType> = type.lineage;
  if (item.cast !== undefined && !lineage.has(item.cast)) return false;
  // Types that have nothing to do with each other may have properties of the same name.
  return !isShaped(item) || type.properties.get(item.property.name) === item.property;
}

/** The inner paths of several items as one `$select`; `undefined` where they ask for the whole value. */
export function innerSelect(items: readonly SelectedProperty[]): BoundSelect | undefined {
  const selects = items.map((item) => item.select ?? item.options?.select);
  if (selects.some((select) => select === undefined)) return undefined;
  if (selects.length === 1) return selects[0];
  return {
    all: selects.some((select) => select!.all),
    items: selects.flatMap((select) => select!.items),
    text: selects.flatMap((select) => select!.text),
  };
}
