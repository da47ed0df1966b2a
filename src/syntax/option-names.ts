import type { QueryOptions } from "./ast.js";

/** A system query option, by its name without `$`. */
export type OptionName = Exclude<keyof QueryOptions, "aliases" | "custom">;

/** A {@link QueryOptions} that is still being read. */
export type OptionsBuilder = { -readonly [Name in OptionName]?: QueryOptions[Name] } & {
  readonly aliases: Map<string, NonNullable<QueryOptions["filter"]>>;
  readonly custom: Map<string, string>;
};

/** `systemQueryOption`, in the order in which they are printed. */
export const SYSTEM_OPTIONS: readonly OptionName[] = [
  "apply",
  "compute",
  "search",
  "filter",
  "count",
  "orderby",
  "skip",
  "top",
  "index",
  "select",
  "expand",
  "levels",
  "format",
  "schemaversion",
  "id",
  "skiptoken",
  "deltatoken",
];

const KNOWN: ReadonlySet<string> = new Set(SYSTEM_OPTIONS);

/** Options for the query part of a URL: all but `levels`, which only means something in `$expand`. */
export const URL_OPTIONS: ReadonlySet<OptionName> = new Set(SYSTEM_OPTIONS.filter((name) => name !== "levels"));

/** `expandCountOption` */
export const COUNT_OPTIONS: ReadonlySet<OptionName> = new Set<OptionName>(["filter", "search"]);

/** `expandRefOption` */
export const REF_OPTIONS: ReadonlySet<OptionName> = new Set<OptionName>([
  ...COUNT_OPTIONS,
  "orderby",
  "skip",
  "top",
  "count",
]);

/** `expandOption`, and `$apply` as the extension for data aggregation adds it. */
export const EXPAND_OPTIONS: ReadonlySet<OptionName> = new Set<OptionName>([
  ...REF_OPTIONS,
  "select",
  "expand",
  "compute",
  "levels",
  "apply",
]);

/** `selectOption` */
export const SELECT_OPTIONS: ReadonlySet<OptionName> = new Set<OptionName>([...REF_OPTIONS, "compute", "select"]);

/** `OPEN levels CLOSE`, after `*` in `$expand` */
export const STAR_OPTIONS: ReadonlySet<OptionName> = new Set<OptionName>(["levels"]);

/** The option of that name, which 4.01 takes in whatever case; undefined where there is none. */
export function optionName(written: string): OptionName | undefined {
  const lower = written.toLowerCase();
  return KNOWN.has(lower) ? (lower as OptionName) : undefined;
}
