import type {
  BinaryExpression,
  ComputeItem,
  Expression,
  ExpandItem,
  JsonExpression,
  Literal,
  MemberSegment,
  NameSegment,
  ODataUri,
  OrderByItem,
  QueryOptions,
  ResourcePath,
  SearchExpression,
  SegmentArguments,
  SelectItem,
} from "./ast.js";
import { PRECEDENCE, PRIMARY_PRECEDENCE, UNARY_PRECEDENCE } from "./expression-parser.js";
import { SYSTEM_OPTIONS } from "./option-names.js";
import type { OptionName } from "./option-names.js";
import { encodeQuery, encodeSegment } from "./percent.js";
import { printAggregateItem, printApply } from "./print-apply.js";
import type { ApplyPrinters } from "./print-apply.js";

/** Tighter than every operator: what needs no parentheses anywhere. */
const ATOM = PRIMARY_PRECEDENCE + 1;

/**
 * The URL of a tree, percent-encoded and relative to the service root: the inverse of `parseUri`.
 *
 * @example printUri(parseUri("Products?$top=5&$filter=name eq 'A'")) // "/Products?$filter=name%20eq%20'A'&$top=5"
 */
export function printUri(uri: ODataUri): string {
  const query = printOptions(uri.options);
  return query === "" ? printPath(uri.path) : `${printPath(uri.path)}?${query}`;
}

/**
 * A path, percent-encoded, with a slash before each segment: the inverse of `parsePath`.
 * Segments are printed from their `text`.
 *
 * @example printPath(parsePath("Products('a%2Fb')/Name")) // "/Products('a%2Fb')/Name"
 */
export function printPath(path: ResourcePath): string {
  return path.segments.map((segment) => `/${encodeSegment(segment.text)}`).join("");
}

/**
 * Query options, percent-encoded and without the question mark: the inverse of `parseQuery`.
 *
 * @example printOptions(parseQuery("top=5&$select=id, name")) // "$top=5&$select=id,name"
 */
export function printOptions(options: QueryOptions): string {
  const parts: string[] = [];
  for (const name of SYSTEM_OPTIONS) {
    const value = printOption(name, options);
    if (value === undefined) continue;
    const encoded = encodeQuery(value);
    // A semicolon in $search would end the option, were it nested.
    parts.push(`$${name}=${name === "search" ? encoded.replaceAll(";", "%3B") : encoded}`);
  }
  for (const [name, value] of options.aliases)
    parts.push(`${encodeQuery(name)}=${encodeQuery(printExpression(value))}`);
  for (const [name, value] of options.custom) {
    const key = encodeURIComponent(name);
    parts.push(value === "" ? key : `${key}=${encodeQuery(value)}`);
  }
  return parts.join("&");
}

/**
 * An expression, not percent-encoded: the inverse of `parseExpression`. Parentheses are set where operators need them.
 *
 * @example printExpression(parseExpression("((a) add 1) mul 2")) // "(a add 1) mul 2"
 */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "Literal":
      return printLiteral(expression);
    case "List":
      return `(${commaList(expression.items)})`;
    case "Json":
      return printJson(expression);
    case "Member":
      return printMember(expression.root, expression.segments);
    case "Alias":
      return expression.name;
    case "Unary": {
      const operand = operandText(expression.operand, UNARY_PRECEDENCE);
      if (expression.operator === "not") return `not ${operand}`;
      // A minus sign right before a number would become part of it.
      return /^(?:\d|INF)/.test(operand) ? `-(${operand})` : `-${operand}`;
    }
    case "Binary":
      return printBinary(expression);
    case "In": {
      const list =
        expression.list.kind === "List" ? printExpression(expression.list) : operandText(expression.list, ATOM);
      return `${operandText(expression.operand, PRIMARY_PRECEDENCE)} in ${list}`;
    }
    case "Call":
      return `${expression.function}(${commaList(expression.arguments)})`;
    case "Case":
      return `case(${expression.branches.map((b) => `${printExpression(b.condition)} : ${printExpression(b.value)}`).join(",")})`;
  }
}

/** Chains of operators lean to the left and may be long, so their left side is walked in a loop. */
function printBinary(expression: BinaryExpression): string {
  const parts: string[] = [];
  let left: Expression = expression;
  let binding = precedence(expression);
  while (left.kind === "Binary" && precedence(left) >= binding) {
    binding = precedence(left);
    parts.push(` ${left.operator} ${operandText(left.right, binding + 1)}`);
    left = left.left;
  }
  parts.push(operandText(left, binding));
  return parts.reverse().join("");
}

/** An operand, in parentheses where its operator binds less tightly than is needed. */
function operandText(operand: Expression, least: number): string {
  const text = printExpression(operand);
  return precedence(operand) < least ? `(${text})` : text;
}

function precedence(expression: Expression): number {
  switch (expression.kind) {
    case "Binary":
      return PRECEDENCE.get(expression.operator) as number;
    case "In":
      return PRIMARY_PRECEDENCE;
    case "Unary":
      return UNARY_PRECEDENCE;
    default:
      return ATOM;
  }
}

function commaList(items: readonly Expression[]): string {
  return items.map(printExpression).join(",");
}

function printLiteral({ form, value, typeName }: Literal): string {
  switch (form) {
    case "string":
      return quoted(value);
    case "enum":
      return `${typeName ?? ""}${quoted(value)}`;
    case "duration":
    case "binary":
    case "geography":
    case "geometry":
      return `${form}${quoted(value)}`;
    default:
      return value;
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function printJson({ array, object }: JsonExpression): string {
  if (array !== undefined) return `[${array.map(jsonValue).join(",")}]`;
  return `{${[...(object ?? [])].map(([name, value]) => `${JSON.stringify(name)}:${jsonValue(value)}`).join(",")}}`;
}

function jsonValue(value: Expression): string {
  return value.kind === "Literal" && value.json === true ? JSON.stringify(value.value) : printExpression(value);
}

function printMember(root: string | undefined, segments: readonly MemberSegment[]): string {
  const parts = segments.map((segment) => {
    if (segment.kind === "NameSegment") return printNameSegment(segment);
    if (segment.kind === "AggregateSegment") return `aggregate(${printAggregateItem(segment.item, PRINTERS)})`;
    if (segment.variable === undefined || segment.predicate === undefined) return `${segment.operator}()`;
    return `${segment.operator}(${segment.variable}:${printExpression(segment.predicate)})`;
  });
  return (root === undefined ? parts : [root, ...parts]).join("/");
}

function printNameSegment(segment: NameSegment): string {
  const options = segment.options === undefined ? "" : `(${printNested(segment.options)})`;
  return (segment.text ?? segment.name) + printArguments(segment.arguments) + printArguments(segment.key) + options;
}

function printArguments(list: SegmentArguments | undefined): string {
  if (list === undefined) return "";
  if (list.value !== undefined) return `(${printExpression(list.value)})`;
  return `(${list.named.map(({ name, value }) => `${name}=${printExpression(value)}`).join(",")})`;
}

/** Options in parentheses, parted by semicolons. */
function printNested(options: QueryOptions): string {
  const parts: string[] = [];
  for (const [name, value] of options.aliases) parts.push(`${name}=${printExpression(value)}`);
  for (const name of SYSTEM_OPTIONS) {
    const value = printOption(name, options);
    if (value !== undefined) parts.push(`$${name}=${value}`);
  }
  return parts.join(";");
}

/** The value of one option, not percent-encoded; undefined where the option is absent. */
function printOption(name: OptionName, options: QueryOptions): string | undefined {
  switch (name) {
    case "filter":
      return options.filter && printExpression(options.filter);
    case "search":
      return options.search && printSearch(options.search);
    case "orderby":
      return options.orderby && printOrderBy(options.orderby);
    case "compute":
      return options.compute && printCompute(options.compute);
    case "apply":
      return options.apply && printApply(options.apply, PRINTERS);
    case "select":
      return options.select?.map(printSelectItem).join(",");
    case "expand":
      return options.expand?.map(printExpandItem).join(",");
    default: {
      const value = options[name];
      return value === undefined ? undefined : String(value);
    }
  }
}

function printOrderBy(items: readonly OrderByItem[]): string {
  return items
    .map(({ expression, descending }) => `${printExpression(expression)}${descending ? " desc" : ""}`)
    .join(",");
}

function printCompute(items: readonly ComputeItem[]): string {
  return items.map(({ expression, alias }) => `${printExpression(expression)} as ${alias}`).join(",");
}

/** What the transformations of `$apply` have in them. */
const PRINTERS: ApplyPrinters = {
  expression: printExpression,
  search: printSearch,
  orderby: printOrderBy,
  compute: printCompute,
  arguments: printArguments,
};

function printSelectItem({ path, parameters, options }: SelectItem): string {
  const list = parameters === undefined ? "" : `(${parameters.join(",")})`;
  return path.join("/") + list + (options === undefined ? "" : `(${printNested(options)})`);
}

function printExpandItem({ path, suffix, options }: ExpandItem): string {
  const whole = suffix === undefined ? path : [...path, suffix];
  return whole.join("/") + (options === undefined ? "" : `(${printNested(options)})`);
}

/** How tightly the operators of a search bind. */
function searchPrecedence(search: SearchExpression): number {
  if (search.kind === "SearchBinary") return search.operator === "OR" ? 1 : 2;
  return search.kind === "SearchNot" ? 3 : 4;
}

function printSearch(search: SearchExpression): string {
  const parts: string[] = [];
  let left = search;
  let binding = searchPrecedence(search);
  while (left.kind === "SearchBinary" && searchPrecedence(left) >= binding) {
    binding = searchPrecedence(left);
    parts.push(` ${left.operator} ${searchOperand(left.right, binding + 1)}`);
    left = left.left;
  }
  parts.push(left.kind === "SearchBinary" ? searchOperand(left, binding) : printSearchLeaf(left));
  return parts.reverse().join("");
}

function searchOperand(search: SearchExpression, least: number): string {
  const text = search.kind === "SearchBinary" ? printSearch(search) : printSearchLeaf(search);
  return searchPrecedence(search) < least ? `(${text})` : text;
}

function printSearchLeaf(search: Exclude<SearchExpression, { kind: "SearchBinary" }>): string {
  if (search.kind === "SearchNot") return `NOT ${searchOperand(search.operand, 3)}`;
  if (search.phrase) return search.text.includes('"') || search.text === "" ? quoted(search.text) : `"${search.text}"`;
  // As words, the operators are known by what stands beside them; in parentheses nothing does.
  return search.text === "AND" || search.text === "OR" || search.text === "NOT" ? `(${search.text})` : search.text;
}
