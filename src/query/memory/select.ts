import type { BoundOptions, BoundSelect, BoundSelectItem } from "../../binding/bound.js";
import { isOrDerivesFrom } from "../../edm/model.js";
import type { Instance } from "./value.js";

/** What `$select` asks of one property of a value: all of it, or a part. */
export interface Selected {
  /** Of a complex value, or of each item of a collection of them; absent: all of it. */
  readonly select: BoundSelect | undefined;
  /** The options of a collection. */
  readonly options: BoundOptions | undefined;
}

type PropertyItem = Extract<BoundSelectItem, { readonly kind: "property" }>;

/**
 * What is asked for of a declared property: URL Conventions 4.01, section 5.1.4.
 *
 * @returns `undefined` where it is not asked for
 */
export function selectedProperty(
  instance: Instance,
  name: string,
  select: BoundSelect | undefined,
): Selected | undefined {
  if (select === undefined) return { select: undefined, options: undefined };
  const items = select.items.filter(
    (item): item is PropertyItem =>
      item.kind === "property" &&
      item.property.name === name &&
      (item.cast === undefined || isOrDerivesFrom(instance.type, item.cast)),
  );
  const options = items.find((item) => item.options !== undefined)?.options;
  if (items.length === 0) return select.all ? { select: undefined, options } : undefined;
  // Several items may ask for different parts of the same value; whatever asks for all of it goes before them.
  const parts = items.map((item) => item.select ?? item.options?.select);
  const whole = parts.some((part) => part === undefined) || (select.all && options === undefined);
  return { select: whole ? undefined : together(parts.filter((part) => part !== undefined)), options };
}

function together(parts: readonly BoundSelect[]): BoundSelect {
  return {
    all: parts.some(({ all }) => all),
    items: parts.flatMap(({ items }) => items),
    text: parts.flatMap(({ text }) => text),
  };
}

/** Whether a computed member, or one of a row, is asked for. */
export function isSelected(name: string, select: BoundSelect | undefined): boolean {
  if (select === undefined || select.all) return true;
  return select.items.some((item) => (item.kind === "computed" || item.kind === "dynamic") && item.name === name);
}
