import type { ODataError } from "../errors/index.js";

/**
 * The syntax tree of an OData URL: plain readonly nodes with a `kind` and a place, no methods.
 *
 * Places count UTF-16 units in the percent-decoded text of the part that the node belongs to (one path segment, or the
 * value of one query option), from 0.
 */
export interface Place {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly place: Place;
}

/** A request URL relative to the service root. */
export interface ODataUri {
  readonly path: ResourcePath;
  readonly options: QueryOptions;
  /**
   * What is written without `$` and has the name of a system query option, but no value for it: an error, unless it is an
   * argument of a function that the path calls without parentheses, which only the model tells. By the name as it is
   * written; there are none where the path cannot end in such a call.
   */
  readonly misread?: ReadonlyMap<string, MisreadOption> | undefined;
}

/** A query option that may be an argument of a function. */
export interface MisreadOption {
  /** Its value, decoded. */
  readonly text: string;
  /** Why it is none for the system query option. */
  readonly error: ODataError;
}

/** `resourcePath` and its relatives; empty segments (doubled and trailing slashes) are left out. */
export interface ResourcePath {
  readonly kind: "ResourcePath";
  readonly segments: readonly PathSegment[];
}

/**
 * One segment of a resource path. The grammar alone cannot tell a name from a key-as-segment,
 * so `text` always holds the whole decoded segment, and `name` is there only where the text has the form of one.
 */
export interface PathSegment extends Node {
  readonly kind: "PathSegment";
  /** The whole segment, percent-decoded. */
  readonly text: string;
  /** Position among the non-empty segments, from 0. */
  readonly index: number;
  /**
   * The `odataIdentifier`, the qualified name (`microsoft.graph.iosScepCertificateProfile`) or the `$`-name (`$count`)
   * that the segment is or starts with; `undefined` where it has no such form and can only be a key.
   */
  readonly name: string | undefined;
  /** What stands in the parentheses after the name, where there are some. */
  readonly arguments: SegmentArguments | undefined;
  /** What stands in a second pair of parentheses: the key into the result of a function, `Func(a=1)('key')`. */
  readonly key?: SegmentArguments | undefined;
  /**
   * Where the segment looks like a name with parentheses, but what is in them is none of the grammar: why. It is an
   * error unless the segment is a key, which only the model tells; `name` is undefined then.
   */
  readonly argumentsError?: ODataError | undefined;
}

/** `keyPredicate` or `functionExprParameters`: which of them, only the model tells. */
export interface SegmentArguments extends Node {
  readonly kind: "SegmentArguments";
  /**
   * A single value without a name: a key, which is a literal or an alias (`('x')`, `(1)`, `(@p)`); the condition of
   * `$filter(...)`; the list of entity sets of `$crossjoin(...)`.
   */
  readonly value: Expression | undefined;
  /** `(a=1,b=@p)`; empty for `()` and for a single value without a name. */
  readonly named: readonly NamedArgument[];
}

export interface NamedArgument extends Node {
  readonly kind: "NamedArgument";
  readonly name: string;
  readonly value: Expression;
}

/** System query options by their name without `$`, parameter aliases, and everything else. Absent options are undefined. */
export interface QueryOptions {
  readonly filter?: Expression | undefined;
  readonly orderby?: readonly OrderByItem[] | undefined;
  readonly select?: readonly SelectItem[] | undefined;
  readonly expand?: readonly ExpandItem[] | undefined;
  readonly search?: SearchExpression | undefined;
  readonly compute?: readonly ComputeItem[] | undefined;
  readonly top?: number | undefined;
  readonly skip?: number | undefined;
  readonly index?: number | undefined;
  readonly count?: boolean | undefined;
  readonly format?: string | undefined;
  readonly schemaversion?: string | undefined;
  readonly skiptoken?: string | undefined;
  readonly deltatoken?: string | undefined;
  readonly id?: string | undefined;
  /** `$levels`, only nested in `$expand`. */
  readonly levels?: number | "max" | undefined;
  /** `$apply`: OData Extension for Data Aggregation 4.0. */
  readonly apply?: readonly Transformation[] | undefined;
  /** `@name=expression`, by name with the `@`. */
  readonly aliases: ReadonlyMap<string, Expression>;
  /** Custom query options (no `$`, no `@`), decoded. */
  readonly custom: ReadonlyMap<string, string>;
}

export type Expression =
  | Literal
  | ListExpression
  | JsonExpression
  | MemberExpression
  | AliasExpression
  | UnaryExpression
  | BinaryExpression
  | InExpression
  | CallExpression
  | CaseExpression;

/** How a literal is written; the type that it takes follows from what it meets. */
export type LiteralForm =
  | "null"
  | "boolean"
  | "integer"
  | "decimal"
  | "double"
  | "string"
  | "guid"
  | "date"
  | "dateTimeOffset"
  | "timeOfDay"
  | "duration"
  | "binary"
  | "enum"
  | "geography"
  | "geometry";

export interface Literal extends Node {
  readonly kind: "Literal";
  readonly form: LiteralForm;
  /**
   * The value's text: a string without its quotes and with doubled quotes undone; a duration, binary or geo value without
   * its prefix and quotes; an enumeration's member list or number; everything else as written.
   */
  readonly value: string;
  /** Qualified type name of an enumeration literal. */
  readonly typeName?: string | undefined;
  /** A string in double quotes, as JSON writes values of many types: `stringInUrl` in the grammar. */
  readonly json?: true | undefined;
}

/** `listExpr`: `('a','b')` on the right of `in`. */
export interface ListExpression extends Node {
  readonly kind: "List";
  readonly items: readonly Expression[];
}

/** `arrayOrObject`: JSON in an expression. Its members are expressions. */
export interface JsonExpression extends Node {
  readonly kind: "Json";
  readonly array?: readonly Expression[] | undefined;
  readonly object?: ReadonlyMap<string, Expression> | undefined;
}

/** `firstMemberExpr`: a path through properties, casts, functions, up to `any`/`all`, `$count`, `aggregate(...)`. */
export interface MemberExpression extends Node {
  readonly kind: "Member";
  /** `$it`, `$this`, `$these`, `$root`, or nothing. A lambda variable is an ordinary first segment. */
  readonly root: "$it" | "$this" | "$these" | "$root" | undefined;
  readonly segments: readonly MemberSegment[];
}

export type MemberSegment = NameSegment | LambdaSegment | AggregateSegment;

export interface NameSegment extends Node {
  readonly kind: "NameSegment";
  /** An identifier, a qualified name, `$count`, `$filter`, or `@`-annotation name. */
  readonly name: string;
  readonly arguments: SegmentArguments | undefined;
  /** What stands in a second pair of parentheses: the key into the result of a function or `$filter(...)`. */
  readonly key?: SegmentArguments | undefined;
  /** The key-as-segment or other text that is no name, after `$root`. */
  readonly text?: string | undefined;
  /** Options in parentheses after `$count`. */
  readonly options?: QueryOptions | undefined;
}

export interface LambdaSegment extends Node {
  readonly kind: "Lambda";
  readonly operator: "any" | "all";
  /** Both are undefined for `any()`. */
  readonly variable: string | undefined;
  readonly predicate: Expression | undefined;
}

/** The function `aggregate(...)` behind a collection: Data Aggregation 4.0, section 3.6.1. */
export interface AggregateSegment extends Node {
  readonly kind: "AggregateSegment";
  readonly item: AggregateItem;
}

/** `@p`. */
export interface AliasExpression extends Node {
  readonly kind: "Alias";
  readonly name: string;
}

export interface UnaryExpression extends Node {
  readonly kind: "Unary";
  readonly operator: "not" | "-";
  readonly operand: Expression;
}

export type BinaryOperator =
  "and" | "or" | "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "has" | "add" | "sub" | "mul" | "div" | "divby" | "mod";

export interface BinaryExpression extends Node {
  readonly kind: "Binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface InExpression extends Node {
  readonly kind: "In";
  readonly operand: Expression;
  readonly list: Expression;
}

/** A canonical function (`contains`, `cast`, `geo.distance`), or `isdefined` of a path: its name in lower case. */
export interface CallExpression extends Node {
  readonly kind: "Call";
  readonly function: string;
  readonly arguments: readonly Expression[];
}

export interface CaseExpression extends Node {
  readonly kind: "Case";
  readonly branches: readonly { readonly condition: Expression; readonly value: Expression }[];
}

export interface OrderByItem extends Node {
  readonly kind: "OrderByItem";
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface SelectItem extends Node {
  readonly kind: "SelectItem";
  /** Identifiers and qualified names; the last may be `*`, or `namespace.*` for all operations of a namespace. */
  readonly path: readonly string[];
  readonly options: QueryOptions | undefined;
  /** The names in parentheses after a function, which tell its overloads apart. */
  readonly parameters?: readonly string[] | undefined;
}

export interface ExpandItem extends Node {
  readonly kind: "ExpandItem";
  /** Identifiers and qualified names; the last may be `*`. */
  readonly path: readonly string[];
  readonly suffix: "$ref" | "$count" | "$value" | undefined;
  readonly options: QueryOptions | undefined;
}

export interface ComputeItem extends Node {
  readonly kind: "ComputeItem";
  readonly expression: Expression;
  readonly alias: string;
}

export type SearchExpression =
  | (Node & { readonly kind: "SearchTerm"; readonly text: string; readonly phrase: boolean })
  | (Node & { readonly kind: "SearchNot"; readonly operand: SearchExpression })
  | (Node & {
      readonly kind: "SearchBinary";
      readonly operator: "AND" | "OR";
      readonly left: SearchExpression;
      readonly right: SearchExpression;
    });

/** `applyTrafo`: one step of `$apply` (OData Extension for Data Aggregation 4.0, section 3). */
export type Transformation =
  | (Node & { readonly kind: "Aggregate"; readonly items: readonly AggregateItem[] })
  | (Node & {
      readonly kind: "GroupBy";
      readonly groups: readonly GroupingElement[];
      /** Applied to each group; absent where there is none. */
      readonly apply: readonly Transformation[] | undefined;
    })
  | (Node & { readonly kind: "FilterBy"; readonly condition: Expression })
  | (Node & { readonly kind: "SearchFor"; readonly search: SearchExpression })
  | (Node & { readonly kind: "ComputeBy"; readonly items: readonly ComputeItem[] })
  | (Node & { readonly kind: "OrderBy"; readonly items: readonly OrderByItem[] })
  | (Node & { readonly kind: "Skip" | "Top"; readonly count: number })
  | (Node & {
      readonly kind: "Rank";
      readonly method: RankMethod;
      /** `collectionExpr`: how many, how much, or what share. */
      readonly amount: Expression;
      readonly value: Expression;
    })
  /** Two sequences or more. */
  | (Node & { readonly kind: "Concat"; readonly sequences: readonly (readonly Transformation[])[] })
  | (Node & { readonly kind: "Identity" })
  | (Node & {
      readonly kind: "Nest";
      /** What `addnested` starts from; absent for `nest`. */
      readonly path: MemberExpression | undefined;
      readonly items: readonly { readonly apply: readonly Transformation[]; readonly alias: string }[];
    })
  | (Node & {
      readonly kind: "Join" | "OuterJoin";
      readonly path: MemberExpression;
      readonly alias: string;
      readonly apply: readonly Transformation[] | undefined;
    })
  | (Node & {
      readonly kind: "Hierarchy";
      readonly name: "ancestors" | "descendants";
      readonly hierarchy: HierarchyReference;
      /** Which nodes to start from. */
      readonly apply: readonly Transformation[];
      readonly distance: number | undefined;
      readonly keepStart: boolean;
    })
  | (Node & {
      readonly kind: "Traverse";
      readonly hierarchy: HierarchyReference;
      readonly order: "preorder" | "postorder";
      readonly apply: readonly Transformation[] | undefined;
      readonly orderby: readonly OrderByItem[];
    })
  /** A function of the service. */
  | (Node & { readonly kind: "CustomTransformation"; readonly name: string; readonly arguments: SegmentArguments });

export type RankMethod = "topcount" | "topsum" | "toppercent" | "bottomcount" | "bottomsum" | "bottompercent";

/** `aggregateExpr`, and `aggregateFunctionExpr`, which has no alias. */
export interface AggregateItem extends Node {
  readonly kind: "AggregateItem";
  /** What is aggregated: absent for `$count` of the input; a path that ends in `$count` counts what it leads to. */
  readonly expression: Expression | undefined;
  /** `sum`, `min`, `max`, `average`, `countdistinct`, or a qualified name; absent for counts and custom aggregates. */
  readonly method: string | undefined;
  readonly from: readonly AggregateFrom[];
  /** Absent only for a custom aggregate, which has its own name, and in the function `aggregate`. */
  readonly alias: string | undefined;
}

/** `aggregateFrom` and `customFrom`: by what to group before, and how to aggregate the groups' values. */
export interface AggregateFrom extends Node {
  readonly kind: "AggregateFrom";
  readonly paths: readonly MemberExpression[];
  /** Absent only where a custom aggregate is applied again. */
  readonly method: string | undefined;
}

/** `groupbyElement` */
export type GroupingElement =
  | (Node & { readonly kind: "GroupingPath"; readonly path: MemberExpression })
  /**
   * `rollup(...)`: its paths, from the coarsest to the finest; one alone is the name of a leveled hierarchy. `all` where
   * it begins with `$all`, which drafts of the extension have for a level above the coarsest.
   */
  | (Node & { readonly kind: "Rollup"; readonly all: boolean; readonly paths: readonly MemberExpression[] })
  | (Node & {
      readonly kind: "RollupRecursive";
      readonly hierarchy: HierarchyReference;
      readonly apply: readonly Transformation[] | undefined;
    });

/** `recHierReference`: the nodes of a recursive hierarchy, its qualifier, and the path to a row's node. */
export interface HierarchyReference extends Node {
  readonly kind: "HierarchyReference";
  readonly nodes: MemberExpression;
  readonly qualifier: string;
  readonly path: MemberExpression;
}
