import { expect } from "chai";
import { ODataError } from "../../src/errors/index.js";
import { parseExpression } from "../../src/syntax/index.js";
import type {
  AggregateItem,
  Expression,
  MemberSegment,
  SearchExpression,
  SegmentArguments,
} from "../../src/syntax/index.js";

/** Parses an expression and writes its tree short: `(eq name 'x')`. */
export function tree(text: string): string {
  return short(parseExpression(text));
}

/** A tree as nested lists, operators first. */
export function short(node: Expression): string {
  switch (node.kind) {
    case "Literal":
      return node.form === "string" ? `'${node.value}'` : `${node.form}:${node.typeName ?? ""}${node.value}`;
    case "List":
      return `[${node.items.map(short).join(" ")}]`;
    case "Json":
      if (node.array !== undefined) return `json[${node.array.map(short).join(" ")}]`;
      return `json{${[...(node.object ?? [])].map(([name, value]) => `${name}=${short(value)}`).join(" ")}}`;
    case "Member":
      return [...(node.root === undefined ? [] : [node.root]), ...node.segments.map(segment)].join("/");
    case "Alias":
      return `alias:${node.name}`;
    case "Unary":
      return `(${node.operator} ${short(node.operand)})`;
    case "Binary":
      return `(${node.operator} ${short(node.left)} ${short(node.right)})`;
    case "In":
      return `(in ${short(node.operand)} ${short(node.list)})`;
    case "Call":
      return `(${[`${node.function}()`, ...node.arguments.map(short)].join(" ")})`;
    case "Case":
      return `(case ${node.branches.map((b) => `${short(b.condition)}=>${short(b.value)}`).join(" ")})`;
  }
}

function segment(node: MemberSegment): string {
  if (node.kind === "AggregateSegment") return `aggregate<${shortAggregate(node.item)}>`;
  if (node.kind === "Lambda") {
    return `${node.operator}<${node.variable ?? ""}:${node.predicate === undefined ? "" : short(node.predicate)}>`;
  }
  const options = node.options === undefined ? "" : `<${Object.keys(node.options).join(" ")}>`;
  return (node.text === undefined ? node.name : `"${node.text}"`) + args(node.arguments) + args(node.key) + options;
}

/** What is aggregated, in the same way: `(expression method from[paths method] alias)`. */
export function shortAggregate({ expression, method, from, alias }: AggregateItem): string {
  const before = from.map((one) => `from[${one.paths.map(short).join(" ")} ${one.method ?? "again"}]`);
  const parts = [expression === undefined ? "$count" : short(expression), method, ...before, alias];
  return `(${parts.filter((part) => part !== undefined).join(" ")})`;
}

/** The arguments of a segment, in the same way. */
export function args(list: SegmentArguments | undefined): string {
  if (list === undefined) return "";
  if (list.value !== undefined) return `(${short(list.value)})`;
  return `(${list.named.map(({ name, value }) => `${name}=${short(value)}`).join(" ")})`;
}

/** A search expression, in the same way; phrases in double quotes. */
export function shortSearch(node: SearchExpression | undefined): string {
  if (node === undefined) return "";
  if (node.kind === "SearchTerm") return node.phrase ? `"${node.text}"` : node.text;
  if (node.kind === "SearchNot") return `(NOT ${shortSearch(node.operand)})`;
  return `(${node.operator} ${shortSearch(node.left)} ${shortSearch(node.right)})`;
}

/** The error 400 that something throws. */
export function refusal(run: () => unknown): ODataError {
  try {
    run();
  } catch (error) {
    expect(error).to.be.instanceOf(ODataError);
    expect((error as ODataError).status).to.equal(400);
    return error as ODataError;
  }
  throw new Error("it was taken");
}

/** A tree without its places, as plain data; for comparing. */
export function withoutPlaces(node: unknown): unknown {
  if (node instanceof Map) return [...node].map(([key, value]) => [key, withoutPlaces(value)] as const);
  if (Array.isArray(node)) return node.map(withoutPlaces);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(([key, value]) => key !== "place" && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutPlaces(value)]));
}
