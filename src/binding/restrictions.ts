import type { Capabilities, Place } from "../edm/index.js";
import type { ODataError } from "../errors/index.js";
import { badRequest, notImplemented } from "../errors/index.js";
import type { Expression, MemberSegment, QueryOptions, SearchExpression } from "../syntax/index.js";
import type { BoundExpression, BoundOrder, BoundTransformation, BoundVariable } from "./bound.js";
import { checkFilterForms } from "./filter-forms.js";
import { forEachPath, prefixIn } from "./paths.js";
import { short } from "./short.js";

/**
 * Refuses the options that a set, or what else its entities live in, declares not to take (Org.OData.Capabilities.V1):
 * 501 for an option as a whole, 400 for a use of it that is not allowed.
 */
export function checkOptionsOffered(options: QueryOptions, { capabilities }: Place): void {
  const { filter, search, sort, count, select, expand } = capabilities;
  const offered: readonly (readonly [keyof QueryOptions, boolean])[] = [
    ["filter", filter.filterable],
    ["search", search.searchable],
    ["orderby", sort.sortable],
    ["count", count.countable || options.count === false],
    ["top", capabilities.top],
    ["skip", capabilities.skip],
    ["compute", capabilities.compute],
    ["select", select.supported],
    ["expand", expand.expandable],
  ];
  for (const [name, isOffered] of offered) {
    if (options[name] !== undefined && !isOffered) throw notTaken(`$${name}`);
  }
}

/** 501 for something that the model declares not to be offered here. */
export function notTaken(what: string): ODataError {
  return notImplemented(`${what} is not offered here, as the metadata of the service says.`, { target: what });
}

/** Which operators and functions may be used, which properties, how deep, in which form. */
export function checkFilter(
  written: Expression,
  bound: BoundExpression,
  variable: BoundVariable,
  aliases: ReadonlyMap<string, Expression>,
  { filter }: Capabilities,
): void {
  if (filter.functions !== undefined) checkFunctions(written, aliases, filter.functions);
  checkBoundFilter(bound, variable, { filter });
}

/** The same, where only the bound condition is at hand: functions and operators are not looked at. */
export function checkBoundFilter(
  bound: BoundExpression,
  variable: BoundVariable,
  { filter }: Pick<Capabilities, "filter">,
): void {
  if (filter.nonFilterable.size === 0 && filter.maxLevels < 0 && filter.expressions.size === 0) return;
  forEachPath(bound, variable, (path, levels) => {
    const forbidden = prefixIn(path, filter.nonFilterable);
    if (forbidden !== undefined) {
      throw badRequest(`'${forbidden}' cannot be used in $filter here, as the metadata of the service says.`, {
        target: "$filter",
      });
    }
    if (filter.maxLevels >= 0 && levels > filter.maxLevels) {
      throw badRequest(
        `A path in $filter may go over ${filter.maxLevels} navigation properties here, but '${short(path.join("/"))}' goes over ${levels}.`,
        { target: "$filter" },
      );
    }
  });
  checkFilterForms(bound, variable, filter.expressions);
}

export function checkOrder(items: readonly BoundOrder[], variable: BoundVariable, { sort }: Capabilities): void {
  if (sort.nonSortable.size + sort.ascendingOnly.size + sort.descendingOnly.size === 0) return;
  for (const { expression, descending } of items) {
    forEachPath(expression, variable, (path) => {
      const refuse = (names: ReadonlySet<string>, how: string) => {
        const forbidden = prefixIn(path, names);
        if (forbidden === undefined) return;
        throw badRequest(`'${forbidden}' cannot be sorted by${how} here, as the metadata of the service says.`, {
          target: "$orderby",
        });
      };
      refuse(sort.nonSortable, "");
      if (descending) refuse(sort.ascendingOnly, " in descending order");
      else refuse(sort.descendingOnly, " in ascending order");
    });
  }
}

/** What a set does not take as a query option, it does not take as a transformation of `$apply`. */
export function checkTransformations(transformations: readonly BoundTransformation[], place: Place): void {
  const { capabilities } = place;
  const refuseUnless = (offered: boolean, name: string) => {
    if (!offered) throw notTaken(`'${name}' in $apply`);
  };
  for (const one of transformations) {
    switch (one.kind) {
      case "filter":
        refuseUnless(capabilities.filter.filterable, "filter");
        checkBoundFilter(one.condition, one.variable, capabilities);
        break;
      case "search":
        refuseUnless(capabilities.search.searchable, "search");
        checkSearch(one.search, capabilities.search);
        break;
      case "orderby":
        refuseUnless(capabilities.sort.sortable, "orderby");
        checkOrder(one.items, one.variable, capabilities);
        break;
      case "top":
      case "skip":
      case "compute":
        refuseUnless(capabilities[one.kind], one.kind);
        break;
      case "concat":
        for (const sequence of one.sequences) checkTransformations(sequence, place);
        break;
      case "groupby":
        for (const { apply } of one.sets) checkTransformations(apply, place);
        break;
      case "identity":
      case "rank":
      case "aggregate":
    }
  }
}

/** `UnsupportedExpressions` of `SearchRestrictions`. */
export function checkSearch(search: SearchExpression, { unsupported }: Capabilities["search"]): void {
  if (unsupported.size === 0) return;
  const refuse = (name: string, what: string) => {
    if (unsupported.has(name)) throw notTaken(`${what} in $search`);
  };
  // A stack of our own: a chain of terms is as deep as it is long.
  const stack: SearchExpression[] = [search];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    switch (node.kind) {
      case "SearchTerm":
        if (node.phrase) refuse("phrase", "A phrase in double quotes");
        break;
      case "SearchNot":
        refuse("NOT", "NOT");
        stack.push(node.operand);
        break;
      case "SearchBinary":
        refuse(node.operator, node.operator);
        stack.push(node.left, node.right);
        // Without parentheses OR never stands below AND.
        if (node.operator === "AND" && [node.left, node.right].some(isOr)) refuse("group", "Parentheses");
    }
  }
}

function isOr(node: SearchExpression): boolean {
  return node.kind === "SearchBinary" && node.operator === "OR";
}

/** The names of operators and functions are those that are written: binding adds conversions of its own. */
function checkFunctions(
  written: Expression,
  aliases: ReadonlyMap<string, Expression>,
  functions: ReadonlySet<string>,
): void {
  const use = (name: string) => {
    if (!functions.has(name)) throw notTaken(`'${name}' in $filter`);
  };
  const followed = new Set<string>();
  const stack: Expression[] = [written];
  const segment = (one: MemberSegment) => {
    if (one.kind === "Lambda") {
      use(one.operator);
      if (one.predicate !== undefined) stack.push(one.predicate);
    } else if (one.kind === "NameSegment") {
      if (one.arguments?.value !== undefined) stack.push(one.arguments.value);
      if (one.options?.filter !== undefined) stack.push(one.options.filter);
    }
  };
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    switch (node.kind) {
      case "Literal":
        break;
      case "Alias": {
        const value = followed.has(node.name) ? undefined : aliases.get(node.name);
        followed.add(node.name);
        if (value !== undefined) stack.push(value);
        break;
      }
      case "List":
        stack.push(...node.items);
        break;
      case "Json":
        stack.push(...(node.array ?? []), ...(node.object?.values() ?? []));
        break;
      case "Member":
        node.segments.forEach(segment);
        break;
      case "Unary":
        if (node.operator === "not") use("not");
        stack.push(node.operand);
        break;
      case "Binary":
        use(node.operator);
        stack.push(node.left, node.right);
        break;
      case "In":
        use("in");
        stack.push(node.operand, node.list);
        break;
      case "Call":
        use(node.function);
        stack.push(...node.arguments);
        break;
      case "Case":
        use("case");
        for (const { condition, value } of node.branches) stack.push(condition, value);
    }
  }
}
