import type {
  ComplexType,
  EdmType,
  EntitySet,
  EntityType,
  EnumType,
  NavigationProperty,
  PrimitiveType,
  Property,
  Singleton,
} from "../edm/index.js";
import type { Scalar } from "../edm/primitives/index.js";

/** A request URL with every name resolved against the model. */
export type BoundRequest =
  | { readonly kind: "serviceDocument" }
  | { readonly kind: "metadata" }
  | { readonly kind: "resource"; readonly path: BoundPath; readonly options: BoundOptions };

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
  | {
      readonly kind: "property";
      /** From the entity's own property inwards. */
      readonly path: readonly Property[];
      /** Only derived types of the path's type declare the property; the entity's actual type decides. */
      readonly ofDerivedType: boolean;
      readonly raw: boolean;
    };

export type EntitySegment =
  | { readonly kind: "entitySet"; readonly set: EntitySet; readonly type: EntityType }
  | { readonly kind: "singleton"; readonly singleton: Singleton; readonly type: EntityType }
  | KeySegment
  | NavigationSegment
  | { readonly kind: "cast"; readonly type: EntityType };

export interface KeySegment {
  readonly kind: "key";
  readonly type: EntityType;
  /** In the order of the type's key properties. */
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

/** The query options of a request, or those nested in an expanded navigation property. */
export interface BoundOptions {
  readonly filter?: BoundExpression | undefined;
  readonly orderby?: readonly BoundOrder[] | undefined;
  readonly top?: number | undefined;
  readonly skip?: number | undefined;
  readonly count?: boolean | undefined;
  /** Absent: all structural properties. */
  readonly select?: BoundSelect | undefined;
  readonly expand: readonly BoundExpand[];
}

export interface BoundSelect {
  /** Names of structural properties, as declared. */
  readonly properties: ReadonlySet<string>;
  /** Those of them that are asked for of some types only, with these types. */
  readonly ofTypes: ReadonlyMap<string, readonly EntityType[]>;
  /** As written, normalised: for context URLs. */
  readonly text: readonly string[];
}

export interface BoundExpand {
  readonly navigation: NavigationSegment;
  /** The cast before the property, where the path has one. */
  readonly cast: EntityType | undefined;
  readonly options: BoundOptions;
}

export interface BoundOrder {
  readonly expression: BoundExpression;
  readonly descending: boolean;
}

export type ComparisonOperator = "eq" | "ne" | "gt" | "ge" | "lt" | "le";
export type BoundFunction = "contains" | "startswith" | "endswith" | "tolower" | "toupper" | "trim" | "length";

/** An expression with names and types resolved. */
export type BoundExpression =
  | { readonly kind: "constant"; readonly type: PrimitiveType | EnumType | undefined; readonly value: Scalar | null }
  | {
      readonly kind: "property";
      /** From the entity's own property inwards. */
      readonly path: readonly Property[];
      readonly type: EdmType;
      /** Type casts: where what stands in front of the property `at` is of another type, the value is null. */
      readonly casts: readonly { readonly at: number; readonly type: EntityType | ComplexType }[];
    }
  | {
      readonly kind: "comparison";
      readonly operator: ComparisonOperator;
      readonly left: BoundExpression;
      readonly right: BoundExpression;
    }
  | {
      readonly kind: "logical";
      readonly operator: "and" | "or";
      readonly left: BoundExpression;
      readonly right: BoundExpression;
    }
  | { readonly kind: "not"; readonly operand: BoundExpression }
  | { readonly kind: "in"; readonly operand: BoundExpression; readonly items: readonly BoundExpression[] }
  | {
      readonly kind: "call";
      readonly function: BoundFunction;
      readonly arguments: readonly BoundExpression[];
      readonly type: PrimitiveType;
    };
