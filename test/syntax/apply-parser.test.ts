import { expect } from "chai";
import { parseQuery, printOptions } from "../../src/syntax/index.js";
import type { GroupingElement, Transformation } from "../../src/syntax/index.js";
import { args, refusal, short, shortAggregate, shortSearch } from "./helpers.js";

/** Transformations, written short. */
function sequence(apply: readonly Transformation[] | undefined): string {
  return apply === undefined ? "-" : apply.map(one).join(" / ");
}

function one(node: Transformation): string {
  switch (node.kind) {
    case "Aggregate":
      return `aggregate ${node.items.map(shortAggregate).join(" ")}`;
    case "GroupBy":
      return `groupby ${node.groups.map(group).join(" ")} {${sequence(node.apply)}}`;
    case "FilterBy":
      return `filter ${short(node.condition)}`;
    case "SearchFor":
      return `search ${shortSearch(node.search)}`;
    case "ComputeBy":
      return `compute ${node.items.map(({ expression, alias }) => `${short(expression)}=${alias}`).join(" ")}`;
    case "OrderBy":
      return `orderby ${node.items.map(({ expression, descending }) => `${short(expression)}${descending ? "-" : "+"}`).join(" ")}`;
    case "Skip":
    case "Top":
      return `${node.kind} ${node.count}`;
    case "Rank":
      return `${node.method} ${short(node.amount)} ${short(node.value)}`;
    case "Concat":
      return `concat ${node.sequences.map((inner) => `{${sequence(inner)}}`).join(" ")}`;
    case "Identity":
      return "identity";
    case "Nest": {
      const from = node.path === undefined ? "" : `${short(node.path)} `;
      return `nest ${from}${node.items.map(({ apply, alias }) => `{${sequence(apply)}}=${alias}`).join(" ")}`;
    }
    case "Join":
    case "OuterJoin":
      return `${node.kind} ${short(node.path)}=${node.alias} {${sequence(node.apply)}}`;
    case "Hierarchy": {
      const { nodes, qualifier, path } = node.hierarchy;
      const options = `${node.distance ?? "-"} ${node.keepStart}`;
      return `${node.name} ${short(nodes)} ${qualifier} ${short(path)} {${sequence(node.apply)}} ${options}`;
    }
    case "Traverse": {
      const orderby = node.orderby.map(({ expression }) => short(expression)).join(" ");
      return `traverse ${node.order} {${sequence(node.apply)}} ${orderby}`;
    }
    case "CustomTransformation":
      return node.name + args(node.arguments);
  }
}

function group(node: GroupingElement): string {
  switch (node.kind) {
    case "GroupingPath":
      return short(node.path);
    case "Rollup":
      return `rollup(${node.all ? "$all " : ""}${node.paths.map(short).join(" ")})`;
    case "RollupRecursive":
      return `recursive(${short(node.hierarchy.nodes)} ${node.hierarchy.qualifier} ${short(node.hierarchy.path)} ${sequence(node.apply)})`;
  }
}

const apply = (raw: string): string => sequence(parseQuery(`$apply=${raw}`).apply);

describe("$apply", () => {
  const table: readonly (readonly [written: string, expected: string])[] = [
    ["identity", "identity"],
    ["aggregate(Amount with sum as Total)", "aggregate (Amount sum Total)"],
    ["aggregate( a mul b with n.median as c , $count as d )", "aggregate ((mul a b) n.median c) ($count d)"],
    ["aggregate(a/b/$count as c,n.T/$count as d)", "aggregate (a/b/$count c) (n.T/$count d)"],
    ["aggregate(n.T with countdistinct as a)", "aggregate (n.T countdistinct a)"],
    ["aggregate(Forecast,a/Budget as b)", "aggregate (Forecast) (a/Budget b)"],
    [
      "aggregate(a with sum from b,c/d with average from e with max as f)",
      "aggregate (a sum from[b c/d average] from[e max] f)",
    ],
    ["aggregate(Forecast from a as b)", "aggregate (Forecast from[a again] b)"],
    ["aggregate(with with sum as as)", "aggregate (with sum as)"],
    ["groupby((a,b/c,n.T/d))", "groupby a b/c n.T/d {-}"],
    ["groupby( ( a ) , top(1)/skip(2) )", "groupby a {Top 1 / Skip 2}"],
    [
      "groupby((rollup(a,b/c),rollup($all,d),rollup(H),rollup))",
      "groupby rollup(a b/c) rollup($all d) rollup(H) rollup {-}",
    ],
    ["groupby((rolluprecursive($root/A,Q,b/c,filter(d))))", "groupby recursive($root/A Q b/c filter d) {-}"],
    ["filter(a gt 3 and b/any(c:c))", "filter (and (gt a integer:3) b/any<c:c>)"],
    ["search(a OR \"b)\")/search(')/top(1')", 'search (OR a "b)") / search ")/top(1"'],
    ["search(a%3Bb)", "search a;b"],
    ["compute(a add 1 as b,c as d)", "compute (add a integer:1)=b c=d"],
    ["orderby(a desc, b)", "orderby a- b+"],
    [
      "topcount(2,a)/bottompercent(10.5,b mul 2)",
      "topcount integer:2 a / bottompercent decimal:10.5 (mul b integer:2)",
    ],
    ["topsum($these/$count div 3,a)", "topsum (div $these/$count integer:3) a"],
    ["concat(identity,groupby((a)),top(1)/skip(1))", "concat {identity} {groupby a {-}} {Top 1 / Skip 1}"],
    ["nest(identity as a,groupby((b)) as c)", "nest {identity}=a {groupby b {-}}=c"],
    ["addnested(a/n.T,filter(b) as c)", "nest a/n.T {filter b}=c"],
    ["join(a as b)/outerjoin(a/n.T as b,filter(c))", "Join a=b {-} / OuterJoin a/n.T=b {filter c}"],
    ["join(@n.A as b)", "Join @n.A=b {-}"],
    [
      "ancestors($root/A('x')/B,Q,c/d,search(e)/top(1),2,keep start)",
      "ancestors $root/A('x')/B Q c/d {search e / Top 1} 2 true",
    ],
    ["descendants($root/A, Q, c, identity)", "descendants $root/A Q c {identity} - false"],
    ["traverse($root/A,Q,c,preorder)", "traverse preorder {-} "],
    ["traverse($root/A,Q,c,postorder,filter(d),e desc,f)", "traverse postorder {filter d} e f"],
    ["traverse($root/A,Q,c,preorder,identity desc)", "traverse preorder {-} identity"],
    ["traverse($root/A,Q,c,preorder,identity,length(d))", "traverse preorder {identity} (length() d)"],
    ["n.f(a=b/c)/n.g()", "n.f(a=b/c) / n.g()"],
  ];
  for (const [written, expected] of table) {
    it(written, () => expect(apply(written)).to.equal(expected));
  }

  it("stands among the options of $expand, and ends there at the semicolon", () => {
    const options = parseQuery("$expand=a($apply=filter(b eq ';)')/search(c);$top=1)").expand?.[0]?.options;
    expect(sequence(options?.apply)).to.equal("filter (eq b ';)') / search c");
    expect(options?.top).to.equal(1);
  });

  it("counts places in the value of the whole option", () => {
    const [first, second] = parseQuery("$apply=top(1)/aggregate(a with sum from b with max as c)").apply ?? [];
    expect(first?.place).to.deep.equal({ start: 0, end: 6 });
    const item = second?.kind === "Aggregate" ? second.items[0] : undefined;
    expect(item?.place).to.deep.equal({ start: 17, end: 48 });
    expect(item?.from[0]?.place).to.deep.equal({ start: 28, end: 43 });
  });

  it("is printed as it is written", () => {
    const text = "groupby((a,rollup(b,c/d)),aggregate(e with sum from f,g with max as h,$count as i))/top(5)";
    expect(decodeURIComponent(printOptions(parseQuery(`$apply=${text}`)))).to.equal(`$apply=${text}`);
  });

  const wrong: readonly (readonly [written: string, character: number, message: RegExp])[] = [
    ["", 1, /expected a value/],
    ["filtr(a)", 1, /'filtr' is no transformation.*Did you mean 'filter'/],
    ["Filter(a)", 1, /'Filter' is no transformation.*Did you mean 'filter'/],
    ["top(1)/", 8, /expected a transformation, such as filter/],
    ["top(1) /skip(1)", 8, /expected the end/],
    ["identity(a)", 9, /expected the end/],
    ["filter", 7, /expected '\(' after filter/],
    ["filter()", 8, /expected a value/],
    ["top(-1)", 5, /expected a whole number, 0 or more/],
    ["top(1,2)", 6, /expected '\)'/],
    ["skip(99999999999999999999)", 6, /too large/],
    ["aggregate(a with sum)", 21, /expected 'from' and what to group by, or 'as' and a name/],
    ["aggregate(a add 1)", 18, /expected an operator, or 'with' and an aggregation method/],
    ["aggregate(a with Sum as b)", 18, /'Sum' is no aggregation method.*Did you mean 'sum'/],
    ["aggregate($count)", 17, /expected 'from' and what/],
    ["aggregate($count with sum as a)", 18, /expected 'from' and what/],
    ["aggregate(a with sum from b as c)", 29, /expected ',', or 'with' and an aggregation method/],
    ["aggregate(a with sum as 1)", 25, /a name for the aggregated value/],
    ["groupby(a)", 9, /expected '\(' and what to group by/],
    ["groupby(())", 10, /expected the name of a property/],
    ["groupby((a/n.T))", 15, /expected '\/' and a property/],
    ["groupby((a/$count))", 12, /expected the name of a property/],
    ["groupby((a(1)))", 11, /expected ',' or '\)'/],
    ["groupby((rollup()))", 17, /expected the name of a property/],
    ["groupby((rollup($all)))", 21, /expected ',' and the path of a property/],
    ["groupby((rolluprecursive(a,Q,b)))", 26, /expected \$root\//],
    ["groupby((rolluprecursive($root/A,Q,b,top(1)/groupby((c)))))", 45, /groupby changes the rows/],
    ["compute(a)", 10, /expected an operator, or 'as' and a name/],
    ["topcount(1)", 11, /expected ',' and the value that rows are ranked by/],
    ["concat(identity)", 16, /expected ',' and another sequence/],
    ["nest(identity)", 14, /expected 'as' and a name/],
    ["addnested(a)", 12, /expected ',' and transformations/],
    ["join(a)", 7, /expected 'as' and a name/],
    ["join(a/b/c as d)", 9, /expected 'as' and a name/],
    ["ancestors($root/A,Q,a,identity,filter(b))", 32, /expected a whole number or 'keep start'/],
    ["ancestors($root/A,Q,a,identity,1,2)", 34, /expected 'keep start'/],
    ["traverse($root/A,Q,a,inorder)", 22, /expected 'preorder' or 'postorder'/],
    ["n.f", 4, /expected '\(' and the parameters of the function/],
    ["n.f(1)", 5, /expected parameters by name/],
    ["search()", 8, /a word or a phrase/],
    ["search(a)b)", 10, /expected the end/],
    ["search(a;b)", 9, /a semicolon has to be written %3B/],
  ];
  for (const [written, character, message] of wrong) {
    it(`refuses ${written}`, () => {
      const error = refusal(() => apply(written));
      expect(error.message).to.match(message);
      expect(error.message).to.match(new RegExp(`^Syntax error in \\$apply at character ${character}: `));
      expect(error.target).to.equal("$apply");
    });
  }
});
