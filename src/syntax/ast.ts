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
  /** `('x')`, `(1)`, `(@p)`, or the expression of `$filter(...)`: a single value without a name. */
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
  /** The raw text of `$apply`, until its grammar is read. */
  readonly apply?: string | undefined;
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

/** `firstMemberExpr`: a path through properties, casts, functions, up to `any`/`all`, `$count`. */
export interface MemberExpression extends Node {
  readonly kind: "Member";
  /** `$it`, `$this`, `$root`, or nothing. A lambda variable is an ordinary first segment. */
  readonly root: "$it" | "$this" | "$root" | undefined;
  readonly segments: readonly MemberSegment[];
}

export type MemberSegment = NameSegment | LambdaSegment;

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

/** A canonical function (`contains`, `cast`, `geo.distance`): its name in lower case. */
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
