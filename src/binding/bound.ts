import type {
  ComplexType,
  EdmType,
  EntitySet,
  EntityType,
  EnumType,
  NavigationProperty,
  Operation,
  OperationImport,
  Parameter,
  PrimitiveType,
  Property,
  Singleton,
} from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";
import type { Literal, SearchExpression } from "../syntax/index.js";

/*
 * What comes out of binding. One file, long as it is: requests, options, transformations and expressions refer to each
 * other all around.
 */

/** A request URL with every name resolved against the model. */
export type BoundRequest =
  | { readonly kind: "serviceDocument" }
  | { readonly kind: "metadata" }
  | {
      readonly kind: "resource";
      readonly path: BoundPath;
      readonly options: BoundOptions;
      /** See {@link LiftableLiterals}. */
      readonly literals: LiftableLiterals;
    }
  /** `$entity?$id=...`: URL Conventions 4.01, section 4.4. The text of `$id` is resolved by the service, which knows its root. */
  | {
      readonly kind: "entityId";
      readonly id: string;
      readonly type: EntityType | undefined;
      readonly options: QueryText;
    }
  /** `$all`: every entity of every entity set and singleton (section 4.15). */
  | { readonly kind: "all"; readonly type: EntityType | undefined }
  | {
      /** `$crossjoin(A,B)`: section 4.16. */
      readonly kind: "crossjoin";
      /** One for each set; options refer to the sets' rows through these variables. */
      readonly sets: readonly { readonly set: EntitySet; readonly variable: BoundVariable }[];
      readonly options: BoundOptions;
      readonly literals: LiftableLiterals;
    };

/** The options of a request whose target only the service finds: bound when it is known. */
export type QueryText = string;

/**
 * Literals of a query on whose values nothing depends but the values of the constants that hold them: requests that differ
 * only in these share a plan. The type is the one that the literal is read as.
 */
export type LiftableLiterals = ReadonlyMap<Literal, PrimitiveType>;

/** A path to an entity, a collection of entities, or something of an entity. */
export interface BoundPath {
  /** From the entity set or singleton to the last entity or collection of entities. */
  readonly segments: readonly EntitySegment[];
  /** The type that the model declares for what `segments` lead to. */
  readonly type: EntityType;
  readonly collection: boolean;
  /** What of it is addressed. */
  readonly tail: PathTail;
}

export type PathTail =
  | { readonly kind: "entity" }
  | { readonly kind: "ref" }
  | { readonly kind: "count" }
  /** `/$each`: the members of the collection, for a request that changes them all. */
  | { readonly kind: "each" }
  /** `/$value` behind a media entity: its media stream. */
  | { readonly kind: "media" }
  | StreamTail
  | PropertyTail;

/** A stream property, of the entity itself or of a complex value of it. */
export interface StreamTail extends Pick<PropertyTail, "path" | "ofDerivedType" | "casts" | "narrowing"> {
  readonly kind: "stream";
  /** The last of `path`. */
  readonly property: Property;
}

export interface PropertyTail {
  readonly kind: "property";
  /** From the entity's own property inwards. */
  readonly path: readonly Property[];
  /** Only derived types of the path's type declare the property; the entity's actual type decides. */
  readonly ofDerivedType: boolean;
  /**
   * Type casts of single values: what stands in front of the property `at` must be of this type; at the path's length,
   * the value itself.
   */
  readonly casts: readonly PathCast[];
  /** `/$value` */
  readonly raw: boolean;
  /** `/$count` behind a collection-valued property. */
  readonly count: boolean;
  /** What stands behind collection-valued properties of the path, in the order in which it stands. */
  readonly narrowing: readonly Narrowing[];
}

/**
 * `/$filter(...)`, a type cast that keeps only the items of a type, or the ordinal of one item. `at` is how many properties
 * of the path stand in front of it: the path goes on behind an ordinal (`addresses/0/city` has one with `at` 1), and only
 * there; casts of the item follow it.
 */
export type Narrowing = { readonly at: number } & (
  | CollectionFilter
  | { readonly kind: "cast"; readonly type: ComplexType }
  | { readonly kind: "ordinal"; readonly index: number }
);

export interface PathCast {
  readonly at: number;
  readonly type: ComplexType;
}

export type EntitySegment =
  | OperationSegment
  | { readonly kind: "entitySet"; readonly set: EntitySet; readonly type: EntityType }
  | { readonly kind: "singleton"; readonly singleton: Singleton; readonly type: EntityType }
  | KeySegment
  | NavigationSegment
  | { readonly kind: "cast"; readonly type: EntityType }
  /** `/$filter(...)` behind a collection of entities: section 4.12. */
  | CollectionFilter
  /** An ordinal into an ordered collection, negative from its end: section 4.13. */
  | { readonly kind: "ordinal"; readonly index: number };

/**
 * The call of a function or an action. It is always the first segment of its path: what stood in front of it is the path
 * of the binding parameter, which may itself begin with a call of a function.
 */
export interface OperationSegment {
  readonly kind: "operation";
  readonly operation: Operation;
  /** The import by which it was called, where it was. */
  readonly import: OperationImport | undefined;
  /** What the binding parameter is; its tail may be a property. */
  readonly binding: BoundPath | undefined;
  /**
   * The arguments of a function that the URL gives, aliases followed and defaults put in: constants, collections and
   * objects of these, which `evaluateExpression` turns into JSON. Those of an action come in the body.
   */
  readonly arguments: ReadonlyMap<Parameter, BoundExpression>;
  /**
   * The type of the entities that it gives back. Where it gives values or nothing, this is a type made for it with the
   * single property `value`, and the path's tail goes on from that: `GetStats()/average` has the tail `value`, `average`.
   */
  readonly type: EntityType;
  /**
   * It gives back a collection of entities. Behind `/$each` these are what the calls for all members give back; where they
   * give values, `value` is a collection.
   */
  readonly collection: boolean;
}

export interface CollectionFilter {
  readonly kind: "filter";
  readonly variable: BoundVariable;
  readonly condition: BoundExpression;
}

export interface KeySegment {
  readonly kind: "key";
  readonly type: EntityType;
  /** The properties that the values belong to: the type's key, or an alternate key. */
  readonly properties: readonly Property[];
  /** In the order of `properties`. */
  readonly values: readonly Scalar[];
}

export interface NavigationSegment {
  readonly kind: "navigation";
  readonly name: string;
  /** The declared target type; the nearest common base type where `alternatives` have several. */
  readonly type: EntityType;
  readonly collection: boolean;
  /**
   * The declarations that the name can mean: one where the path's type declares it; one for each derived type that
   * does, where only the entity's actual type tells.
   */
  readonly alternatives: readonly NavigationProperty[];
  /** True where the declarations come from types that derive from the path's type. */
  readonly ofDerivedType: boolean;
}

/**
 * The query options of a request, or those nested in an expanded navigation property or a selected collection. They are
 * carried out in the order of Protocol 4.01, section 11.2.1: apply, compute, filter and search, count, orderby, skip,
 * top, expand, select.
 */
export interface BoundOptions {
  /** What the expressions are about: one item of the collection, or the single entity. Of `apply.shape`'s where there is `apply`. */
  readonly variable: BoundVariable;
  readonly apply?: BoundApply | undefined;
  readonly filter?: BoundExpression | undefined;
  readonly search?: SearchExpression | undefined;
  /** `$compute`. Expressions that use a computed property hold its expression in its place. */
  readonly compute?: readonly BoundCompute[] | undefined;
  readonly orderby?: readonly BoundOrder[] | undefined;
  readonly top?: number | undefined;
  readonly skip?: number | undefined;
  readonly count?: boolean | undefined;
  /** Absent: all structural properties, and all computed ones. */
  readonly select?: BoundSelect | undefined;
  readonly expand: readonly BoundExpand[];
  /** `$index`: where in an ordered collection a new item goes, negative from its end. Only requests that insert take it. */
  readonly index?: number | undefined;
  /** `$deltatoken`: what has changed since is asked for. Only where the target tracks changes. */
  readonly deltatoken?: string | undefined;
}

export interface BoundCompute {
  readonly name: string;
  readonly expression: BoundExpression;
}

export interface BoundSelect {
  /** `*` is there: all structural properties, the computed ones with them. */
  readonly all: boolean;
  /** What is named beside it. Several items may have the same name: for different types, or for different inner paths. */
  readonly items: readonly BoundSelectItem[];
  /** As written, normalised: for context URLs. */
  readonly text: readonly string[];
}

export type BoundSelectItem =
  | {
      readonly kind: "property";
      readonly property: Property;
      /** Asked for only of values of this type, which stands as a cast before the property; absent: of every type that has it. */
      readonly cast: EntityType | ComplexType | undefined;
      /**
       * What of a complex value, or of each item of a collection of them; absent: all of it. A cast behind the property
       * (`address/Model.Special/x`) stands in its items. The `select` of `options` is the same.
       */
      readonly select: BoundSelect | undefined;
      /** Options in parentheses: of a collection, or `$compute` of a single complex value. */
      readonly options: BoundOptions | undefined;
    }
  /** A navigation property: its link is asked for, which shows at full metadata. */
  | { readonly kind: "navigation"; readonly name: string; readonly cast: EntityType | ComplexType | undefined }
  /** A property of `$compute` or `$apply`, or a dynamic property of an open type. */
  | { readonly kind: "computed" | "dynamic"; readonly name: string }
  /** Operations: shown at full metadata. `name` is qualified, or `namespace.*`. */
  | { readonly kind: "operation"; readonly name: string };

export interface BoundExpand {
  readonly navigation: NavigationSegment;
  /** The cast before the property, where the path has one. */
  readonly cast: EntityType | undefined;
  /** A cast behind it: only targets of this type. */
  readonly targetCast: EntityType | undefined;
  /** Whole entities; `/$ref`: their ids; `/$count`: how many. */
  readonly what: "entities" | "references" | "count";
  /** `$levels`, where it is there: context URLs tell it. */
  readonly levels?: number | "max" | undefined;
  /** `$levels` is unrolled into nested expansions. */
  readonly options: BoundOptions;
}

export interface BoundOrder {
  readonly expression: BoundExpression;
  readonly descending: boolean;
}

/* ---------------------------------------------------------------- $apply */

/** `$apply`: OData Extension for Data Aggregation 4.0. */
export interface BoundApply {
  readonly transformations: readonly BoundTransformation[];
  /** The rows that come out of the last one. */
  readonly shape: RowShape;
}

/** What the rows between two transformations look like. */
export interface RowShape {
  readonly kind: "shape";
  /** Rows are entities of this type still, with `members` beside their properties. */
  readonly entity: EntityType | undefined;
  /** Aggregated, grouped and computed members by name; in a row that does not have one (rollup, concat) it is missing. */
  readonly members: ReadonlyMap<string, RowMember>;
}

export type RowMember =
  | {
      readonly kind: "value";
      readonly name: string;
      readonly type: EdmType | undefined;
      /** What an answer says that it is of, where that is wider than `type`, which expressions compute with. */
      readonly answered?: EdmType | undefined;
      readonly collection: boolean;
      /** How many parts the expression has that makes its values, with those of the members in it put in. */
      readonly parts?: number | undefined;
    }
  /** `Customer/Country` grouped by is a member `Customer` with a member `Country`. */
  | { readonly kind: "nested"; readonly name: string; readonly shape: RowShape };

export type BoundTransformation = {
  /** One row of the input set; expressions of this transformation range over it. */
  readonly variable: BoundVariable;
  /** What comes out. */
  readonly shape: RowShape;
} & (
  | { readonly kind: "identity" }
  | { readonly kind: "filter"; readonly condition: BoundExpression }
  | { readonly kind: "search"; readonly search: SearchExpression }
  | { readonly kind: "compute"; readonly items: readonly BoundCompute[] }
  | { readonly kind: "orderby"; readonly items: readonly BoundOrder[] }
  | { readonly kind: "skip" | "top"; readonly count: number }
  | {
      /** topcount, topsum, toppercent, bottomcount, bottomsum, bottompercent. Rows that tie are taken by the key's order. */
      readonly kind: "rank";
      readonly from: "top" | "bottom";
      readonly by: "count" | "sum" | "percent";
      /** A constant. */
      readonly amount: BoundExpression;
      readonly value: BoundExpression;
    }
  | { readonly kind: "aggregate"; readonly items: readonly BoundAggregate[] }
  | {
      readonly kind: "groupby";
      /** One without `rollup`; with it, one for each level, finest first. The output is all their rows. */
      readonly sets: readonly BoundGroupingSet[];
    }
  | {
      readonly kind: "concat";
      /** Each gets the whole input; all their rows come out, in this order. */
      readonly sequences: readonly (readonly BoundTransformation[])[];
    }
);

export interface BoundGroupingSet {
  readonly groups: readonly BoundGroup[];
  /** Applied to each group's rows; empty: each group gives one row with nothing but `groups`. */
  readonly apply: readonly BoundTransformation[];
}

export interface BoundGroup {
  /** Where the value stands in the output row: `["Customer", "Country"]`. */
  readonly path: readonly string[];
  readonly expression: BoundExpression;
}

export interface BoundAggregate {
  readonly name: string;
  /** `count`: of rows (`$count`), or of the items of `over`, or of `entities`. The others pass over null. */
  readonly method: "sum" | "min" | "max" | "average" | "countdistinct" | "count";
  /** Absent for `count`. */
  readonly expression: BoundExpression | undefined;
  /**
   * The path leads over navigation properties: `collection` is the entities that it reaches by the last of them, which
   * count once each, however often they are reached (Data Aggregation 4.0, section 3.2.1.1). The rest of the path starts
   * from one of them, under `variable`. Absent where repetitions make no difference, as to the greatest value.
   */
  readonly entities: { readonly collection: BoundExpression; readonly variable: BoundVariable } | undefined;
  /**
   * The expression's path goes through a collection: its items, each under `variable`, are what is aggregated. A step of
   * `collection` may follow a collection; then it leads to what it leads to from each of its items, null left out.
   */
  readonly over: { readonly collection: BoundExpression; readonly variable: BoundVariable } | undefined;
  readonly type: EdmType | undefined;
}

/* ----------------------------------------------------------- expressions */

/**
 * A name for "the one that is looked at": the current row (`$it`), the variable of a lambda, `$this`. Compared by identity.
 */
export interface BoundVariable {
  /** For messages; need not be unique. */
  readonly name: string;
  readonly type: EdmType | RowShape;
}

export type ComparisonOperator = "eq" | "ne" | "gt" | "ge" | "lt" | "le";
export type ArithmeticOperator = "add" | "sub" | "mul" | "div" | "divby" | "mod";

/** The canonical functions: URL Conventions 4.01, section 5.1.1.5 and following. `cast` and `isof` are kinds of their own. */
export type BoundFunction =
  | "concat"
  | "contains"
  | "endswith"
  | "indexof"
  | "length"
  | "startswith"
  | "substring"
  | "hassubset"
  | "hassubsequence"
  | "matchespattern"
  | "tolower"
  | "toupper"
  | "trim"
  | "date"
  | "day"
  | "fractionalseconds"
  | "hour"
  | "maxdatetime"
  | "mindatetime"
  | "minute"
  | "month"
  | "now"
  | "second"
  | "time"
  | "totaloffsetminutes"
  | "totalseconds"
  | "year"
  | "ceiling"
  | "floor"
  | "round"
  | "geo.distance"
  | "geo.intersects"
  | "geo.length";

/** What every value of an expression is of: `type` is undefined for null, and for what nobody knows the type of. */
interface Typed {
  readonly type: EdmType | undefined;
  readonly collection: boolean;
}

/**
 * An expression with names and types resolved. Literals have the type of what they are compared with, and numbers of
 * different types meet through `cast`s that the binder puts in only where a value really changes (integers, decimals and
 * floating-point numbers compare by value without one).
 */
export type BoundExpression =
  | BoundConstant
  | BoundVariableReference
  | BoundProperty
  | BoundNavigation
  | BoundKeyed
  | BoundDynamic
  | BoundMember
  | BoundTypeCast
  | BoundRoot
  | BoundCollection
  | BoundJsonObject
  | BoundFiltered
  | BoundCount
  | BoundQuantifier
  | BoundComparison
  | BoundLogical
  | BoundNot
  | BoundIn
  | BoundHas
  | BoundArithmetic
  | BoundNegation
  | BoundCall
  | BoundConversion
  | BoundTypeTest
  | BoundCase;

export interface BoundConstant extends Typed {
  readonly kind: "constant";
  readonly type: PrimitiveType | EnumType | undefined;
  readonly collection: false;
  readonly value: Scalar | null;
  /** Where it stands in the URL, for a constant whose value no other part of the tree depends on. */
  readonly literal?: Literal | undefined;
}

/** `$it`, `$this`, a lambda's variable: an entity, a complex value, or an item of a primitive collection. */
export interface BoundVariableReference extends Typed {
  readonly kind: "variable";
  readonly variable: BoundVariable;
}

/**
 * A structural property of a structured value; null where that is null, or its actual type does not declare it. Where only
 * types derived from the source's declare it, several may, alike in type: then `property` is one of these declarations, and
 * what counts is its name in the actual type.
 */
export interface BoundProperty extends Typed {
  readonly kind: "property";
  readonly source: BoundExpression;
  readonly property: Property;
}

/**
 * What a navigation property leads to: an entity (or null) or a collection of entities. The one entity of a single-valued
 * property is asked for as a collection, of one or none, by `collection`.
 */
export interface BoundNavigation extends Typed {
  readonly kind: "navigation";
  readonly source: BoundExpression;
  readonly navigation: NavigationSegment;
  readonly type: EntityType;
}

/** `orders(5)` in an expression: the entity of a collection that has this key; null where none has. */
export interface BoundKeyed extends Typed {
  readonly kind: "keyed";
  readonly source: BoundExpression;
  /** The key's properties, with a value for each. */
  readonly properties: readonly Property[];
  readonly values: readonly BoundConstant[];
  readonly type: EntityType;
  readonly collection: false;
}

/** A dynamic property of an open type, read as a value of `type`; null where it is missing or of another kind. */
export interface BoundDynamic extends Typed {
  readonly kind: "dynamic";
  readonly source: BoundExpression;
  readonly name: string;
}

/** A member of a row that `$apply` made. */
export interface BoundMember {
  readonly kind: "member";
  readonly source: BoundExpression;
  readonly name: string;
  readonly type: EdmType | RowShape | undefined;
  readonly collection: boolean;
}

/** A type-cast segment: null where the value is of another type; of a collection, only the items of the type. */
export interface BoundTypeCast extends Typed {
  readonly kind: "typeCast";
  readonly source: BoundExpression;
  readonly type: EntityType | ComplexType;
}

/** `$root/...`: something that does not depend on the current row. */
export interface BoundRoot extends Typed {
  readonly kind: "root";
  readonly path: BoundPath;
}

/** A list or JSON array. */
export interface BoundCollection extends Typed {
  readonly kind: "collection";
  readonly items: readonly BoundExpression[];
  readonly collection: true;
}

/** A JSON object, compared with complex values. Members in the order of the type's properties, where it is known. */
export interface BoundJsonObject extends Typed {
  readonly kind: "object";
  readonly members: ReadonlyMap<string, BoundExpression>;
}

/** `/$filter(...)` behind a collection. */
export interface BoundFiltered extends Typed {
  readonly kind: "filtered";
  readonly source: BoundExpression;
  readonly variable: BoundVariable;
  readonly condition: BoundExpression;
  readonly collection: true;
}

/** `/$count` behind a collection, its `$filter` and `$search` in `filter` and `search`. */
export interface BoundCount extends Typed {
  readonly kind: "count";
  readonly source: BoundExpression;
  readonly variable: BoundVariable;
  readonly filter: BoundExpression | undefined;
  readonly search: SearchExpression | undefined;
}

/** `any` and `all`. */
export interface BoundQuantifier extends Typed {
  readonly kind: "quantifier";
  readonly operator: "any" | "all";
  readonly source: BoundExpression;
  readonly variable: BoundVariable;
  /** Absent for `any()`. */
  readonly condition: BoundExpression | undefined;
}

export interface BoundComparison extends Typed {
  readonly kind: "comparison";
  readonly operator: ComparisonOperator;
  /** Both single or, for `eq` and `ne`, both collections; both primitive or, for `eq` and `ne`, both structured. */
  readonly left: BoundExpression;
  readonly right: BoundExpression;
}

export interface BoundLogical extends Typed {
  readonly kind: "logical";
  readonly operator: "and" | "or";
  /** Chains lean to the left and may be thousands long: walk them, do not recurse. */
  readonly left: BoundExpression;
  readonly right: BoundExpression;
}

export interface BoundNot extends Typed {
  readonly kind: "not";
  readonly operand: BoundExpression;
}

export interface BoundIn extends Typed {
  readonly kind: "in";
  readonly operand: BoundExpression;
  /** A collection: mostly `collection` of constants. */
  readonly list: BoundExpression;
}

/** `has`: all flags of `flags`, a constant's or an expression's, are set in `operand`. */
export interface BoundHas extends Typed {
  readonly kind: "has";
  readonly operand: BoundExpression;
  readonly flags: BoundExpression;
}

/** On numbers, durations, dates and instants; `type` tells what comes out. */
export interface BoundArithmetic extends Typed {
  readonly kind: "arithmetic";
  readonly operator: ArithmeticOperator;
  readonly left: BoundExpression;
  readonly right: BoundExpression;
  readonly type: PrimitiveType;
}

export interface BoundNegation extends Typed {
  readonly kind: "negation";
  readonly operand: BoundExpression;
  readonly type: PrimitiveType;
}

export interface BoundCall extends Typed {
  readonly kind: "call";
  readonly function: BoundFunction;
  readonly arguments: readonly BoundExpression[];
  /** Always primitive but for `concat` and `substring` of collections: their items' type. */
  readonly type: EdmType | undefined;
}

/** `cast` of a primitive or enumeration value to a primitive or enumeration type; null where it cannot be. */
export interface BoundConversion extends Typed {
  readonly kind: "conversion";
  readonly operand: BoundExpression;
  readonly type: PrimitiveType | EnumType;
}

/** `isof`: false for null. */
export interface BoundTypeTest extends Typed {
  readonly kind: "typeTest";
  readonly operand: BoundExpression;
  /** Asked for; `type` is Edm.Boolean. */
  readonly tested: EdmType;
  readonly testedCollection: boolean;
}

/** `case(condition:value,...)`: the first that is true, else null. */
export interface BoundCase extends Typed {
  readonly kind: "case";
  readonly branches: readonly { readonly condition: BoundExpression; readonly value: BoundExpression }[];
}
