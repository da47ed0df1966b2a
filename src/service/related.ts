import type { BoundPath, OperationSegment } from "../binding/index.js";
import { bindUri } from "../binding/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import { parseJson } from "../format/json-text.js";
import { compileRead, parameter, parameterValues, resultKeys, wholeText } from "../query/index.js";
import type { ExpandItem, QueryOptions } from "../syntax/index.js";
import { parseQuery, parseUri, printOptions } from "../syntax/index.js";
import { checkPage } from "./answer-size.js";
import { plainValue } from "./invoke-body.js";
import type { PlainObject } from "./invoke-values.js";
import { keyOf } from "./invoke-values.js";
import type { Reading } from "./reading.js";

/**
 * `$expand` for entities whose options are carried out again on what is read: at most as many related entities as these need,
 * and all of their properties. What is done once more without another outcome is done by the store, too.
 *
 * @example // $expand=Items($filter=Open;$orderby=Name;$skip=2;$top=3;$select=Name)
 * // becomes $expand=Items($filter=Open;$orderby=Name;$top=5)
 */
export function expandToRepeat(items: readonly ExpandItem[]): ExpandItem[] {
  return items.map(({ options: given, ...item }) => {
    const options = given === undefined ? undefined : optionsToRepeat(given);
    // Parentheses with nothing in them are none.
    const isEmpty = options === undefined || printOptions(options) === "";
    return { ...item, suffix: undefined, options: isEmpty ? undefined : options };
  });
}

/** The same for a query as it is written. */
export function queryToRepeat(query: string): string {
  return query
    .split("&")
    .map((option) => {
      if (!isExpand(option)) return option;
      const { expand = [], aliases, custom } = parseQuery(option);
      return printOptions({ aliases, custom, expand: expandToRepeat(expand) });
    })
    .join("&");
}

/** Whether an option of a query is `$expand`. */
export function isExpand(option: string): boolean {
  return /^(?:\$|%24)?expand=/i.test(option);
}

function optionsToRepeat(options: QueryOptions): QueryOptions {
  const { filter, search, orderby, expand, skip = 0, top, compute, count, levels, aliases, custom } = options;
  const nested = { expand: expand === undefined ? undefined : expandToRepeat(expand), levels, aliases, custom };
  // Whatever depends on computed properties has to be where they are.
  if (compute !== undefined) return nested;
  return { ...nested, filter, search, orderby, top: top === undefined || count === true ? undefined : top + skip };
}

/**
 * Entities that an operation has given back, with what `$expand` asks for, to be carried out on them: a method knows only their
 * own properties, the store knows what they refer to. All of it is one statement.
 */
export async function withRelated(
  items: readonly PlainObject[],
  call: OperationSegment,
  reading: Reading,
): Promise<readonly PlainObject[]> {
  const { context, resource, request } = reading;
  const { type } = resource.path;
  const keys = items.map((item) => keyOf(item, type));
  const known = keys.filter((key) => key !== undefined);
  const { model, behaviour, sql } = context;
  const uri = parseUri(request.url);
  const { aliases, custom, expand = [] } = uri.options;
  const options = { aliases, custom, expand: expandToRepeat(expand) };
  const bound = bindUri({ ...uri, options }, model, behaviour);
  if (known.length === 0 || bound.kind !== "resource") return items;
  // What of the path picks some of the entities is carried out on all that are at hand; a cast says what can be expanded.
  const casts = resource.path.segments.filter(({ kind }) => kind === "cast");
  const path: BoundPath = {
    segments: [{ ...call, collection: true }, ...casts],
    type,
    collection: true,
    tail: { kind: "entity" },
  };
  const statement = compileRead(path, bound.options, sql);
  const results = resultKeys(known.map((key) => key.map((value, part) => parameter(value, type.key[part]!.type))));
  const values = { keys: new Map(), results, limit: known.length, now: resource.values.now };
  const rows = await reading.reads.rows(statement.text, parameterValues(statement, values), statement.functions);
  checkPage(rows);
  const names = new Set(bound.options.expand.map(({ navigation }) => navigation.name));
  const found = new Map<string, PlainObject>();
  for (const row of rows) {
    const { text, document } = statement.columns;
    const rest = document === undefined ? undefined : ((row[document] as string | null) ?? undefined);
    const stored = plainValue(parseJson(wholeText(row[text] as string, rest)), type, "text", model) as PlainObject;
    const related = Object.entries(stored).filter(([name]) => names.has(name));
    found.set(textOf(keyOf(stored, type)!), Object.fromEntries(related));
  }
  return items.map((item, index) => {
    const key = keys[index];
    return key === undefined ? item : { ...item, ...found.get(textOf(key)) };
  });
}

function textOf(key: readonly Scalar[]): string {
  return JSON.stringify(key.map(String));
}
