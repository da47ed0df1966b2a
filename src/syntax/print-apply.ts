import type {
  AggregateItem,
  ComputeItem,
  Expression,
  GroupingElement,
  HierarchyReference,
  OrderByItem,
  SearchExpression,
  SegmentArguments,
  Transformation,
} from "./ast.js";

/** How to print what transformations share with other options. */
export interface ApplyPrinters {
  readonly expression: (expression: Expression) => string;
  readonly search: (search: SearchExpression) => string;
  readonly orderby: (items: readonly OrderByItem[]) => string;
  readonly compute: (items: readonly ComputeItem[]) => string;
  /** With the parentheses. */
  readonly arguments: (list: SegmentArguments) => string;
}

/** The value of `$apply`, not percent-encoded: the inverse of parsing it. */
export function printApply(apply: readonly Transformation[], printers: ApplyPrinters): string {
  return apply.map((transformation) => printTransformation(transformation, printers)).join("/");
}

/** What stands between the parentheses of the function `aggregate`, and one item of the transformation. */
export function printAggregateItem(item: AggregateItem, printers: ApplyPrinters): string {
  const expression = item.expression === undefined ? "$count" : printers.expression(item.expression);
  const from = item.from.map(
    ({ paths, method }) => ` from ${paths.map(printers.expression).join(",")}${using(method)}`,
  );
  return expression + using(item.method) + from.join("") + (item.alias === undefined ? "" : ` as ${item.alias}`);
}

function using(method: string | undefined): string {
  return method === undefined ? "" : ` with ${method}`;
}

function printTransformation(one: Transformation, printers: ApplyPrinters): string {
  const sequence = (apply: readonly Transformation[]): string => printApply(apply, printers);
  const second = (apply: readonly Transformation[] | undefined): string =>
    apply === undefined ? "" : `,${sequence(apply)}`;
  switch (one.kind) {
    case "Identity":
      return "identity";
    case "Aggregate":
      return `aggregate(${one.items.map((item) => printAggregateItem(item, printers)).join(",")})`;
    case "GroupBy":
      return `groupby((${one.groups.map((group) => printGroup(group, printers)).join(",")})${second(one.apply)})`;
    case "FilterBy":
      return `filter(${printers.expression(one.condition)})`;
    case "SearchFor":
      return `search(${printers.search(one.search)})`;
    case "ComputeBy":
      return `compute(${printers.compute(one.items)})`;
    case "OrderBy":
      return `orderby(${printers.orderby(one.items)})`;
    case "Skip":
      return `skip(${one.count})`;
    case "Top":
      return `top(${one.count})`;
    case "Rank":
      return `${one.method}(${printers.expression(one.amount)},${printers.expression(one.value)})`;
    case "Concat":
      return `concat(${one.sequences.map(sequence).join(",")})`;
    case "Nest": {
      const items = one.items.map(({ apply, alias }) => `${sequence(apply)} as ${alias}`).join(",");
      return one.path === undefined ? `nest(${items})` : `addnested(${printers.expression(one.path)},${items})`;
    }
    case "Join":
    case "OuterJoin":
      return `${one.kind.toLowerCase()}(${printers.expression(one.path)} as ${one.alias}${second(one.apply)})`;
    case "Hierarchy": {
      const distance = one.distance === undefined ? "" : `,${one.distance}`;
      const start = one.keepStart ? ",keep start" : "";
      return `${one.name}(${printHierarchy(one.hierarchy, printers)},${sequence(one.apply)}${distance}${start})`;
    }
    case "Traverse": {
      const orderby = one.orderby.length === 0 ? "" : `,${printers.orderby(one.orderby)}`;
      return `traverse(${printHierarchy(one.hierarchy, printers)},${one.order}${second(one.apply)}${orderby})`;
    }
    case "CustomTransformation":
      return one.name + printers.arguments(one.arguments);
  }
}

function printGroup(group: GroupingElement, printers: ApplyPrinters): string {
  switch (group.kind) {
    case "GroupingPath":
      return printers.expression(group.path);
    case "Rollup": {
      const paths = group.paths.map(printers.expression);
      return `rollup(${(group.all ? ["$all", ...paths] : paths).join(",")})`;
    }
    case "RollupRecursive": {
      const apply = group.apply === undefined ? "" : `,${printApply(group.apply, printers)}`;
      return `rolluprecursive(${printHierarchy(group.hierarchy, printers)}${apply})`;
    }
  }
}

function printHierarchy({ nodes, qualifier, path }: HierarchyReference, printers: ApplyPrinters): string {
  return `${printers.expression(nodes)},${qualifier},${printers.expression(path)}`;
}
