import "reflect-metadata";
import { annotateParameter } from "./operation-decorators.js";
import type { Annotation, AnnotationValue } from "./source.js";
import { terms } from "./vocabulary.js";

/** Decorators that annotate: any term by its name, and those by name of their own that models are full of. */

const annotationsKey = "odatum:annotations";

/** A decorator of a class, a property, a method or a parameter. */
export type AnnotationDecorator = (target: object, key?: string, placement?: number | PropertyDescriptor) => void;

/** What these decorators say of a class or of one of its members. */
export function ownAnnotations(target: object, key?: string): readonly Annotation[] {
  const found: unknown =
    key === undefined
      ? Reflect.getOwnMetadata(annotationsKey, target)
      : Reflect.getOwnMetadata(annotationsKey, target, key);
  return (found as readonly Annotation[] | undefined) ?? [];
}

function annotate(annotation: Annotation): AnnotationDecorator {
  return (target, key, placement) => {
    if (typeof placement === "number") {
      annotateParameter(target, key!, placement, annotation);
      return;
    }
    const existing = ownAnnotations(target, key);
    // Decorators run from the last to the first: keep the order in which they stand in the source.
    if (key === undefined) Reflect.defineMetadata(annotationsKey, [annotation, ...existing], target);
    else Reflect.defineMetadata(annotationsKey, [annotation, ...existing], target, key);
  };
}

/**
 * Class, property, method or parameter decorator: an annotation (CSDL 4.01, section 14). On a controller it is one of the
 * entity set, on a service one of the entity container; `Core.SchemaVersion` and `Core.DefaultNamespace` there are those of the
 * container's schema. On a method it is one of the operation, on a method's parameter one of the operation's parameter.
 *
 * @param term qualified name of the term
 * @param value as CSDL JSON writes it; `true` where the term is a tag
 * @example @Edm.Term("Org.OData.Core.V1.LongDescription", "The price without tax, in the currency of the shop")
 */
function Term(term: string, value: AnnotationValue = true, qualifier?: string): AnnotationDecorator {
  return annotate({ term, value, qualifier });
}

/**
 * Class decorator on a service: `Core.DefaultNamespace` of the container's schema. Bound operations of that namespace may be
 * called by their simple names (URL Conventions 4.01, section 4.5).
 */
function DefaultNamespace(target: object): void {
  Term(terms.defaultNamespace)(target);
}

/** Decorator: `Core.Description`, which says in a few words what something is. */
function Description(text: string): AnnotationDecorator {
  return Term(terms.description, text);
}

/** Property decorator: `Core.Immutable`. A value can be given at creation and never changed. */
function Immutable(target: object, key: string): void {
  Term(terms.immutable)(target, key);
}

/** Property decorator: `Core.ComputedDefaultValue`. The service makes a value where a client gives none at creation. */
function ComputedDefaultValue(target: object, key: string): void {
  Term(terms.computedDefaultValue)(target, key);
}

/**
 * Property decorator: `Core.Permissions`, what clients may do with the values.
 *
 * @example @Edm.Permissions("Read")
 */
function Permissions(permissions: "None" | "Read" | "Write" | "ReadWrite"): AnnotationDecorator {
  return Term(terms.permissions, permissions);
}

/** Decorator of a class, property or type: `Core.MediaType`, the media type of a binary, text or stream value. */
function MediaType(mediaType: string): AnnotationDecorator {
  return Term(terms.mediaType, mediaType);
}

/**
 * Class decorator of a media entity, property decorator of a stream: `Core.AcceptableMediaTypes`, what a content may be.
 *
 * @example @Edm.AcceptableMediaTypes("image/png", "image/*")
 */
function AcceptableMediaTypes(...mediaTypes: readonly string[]): AnnotationDecorator {
  return Term(terms.acceptableMediaTypes, mediaTypes);
}

/**
 * Property decorator: `Validation.Pattern`, a regular expression of ECMAScript that a text has to match somewhere.
 *
 * @example @Edm.Pattern("^[A-Z]{3}$")
 */
function Pattern(pattern: string): AnnotationDecorator {
  return Term(terms.pattern, pattern);
}

/** Of {@link Minimum} and {@link Maximum}. */
export interface BoundOptions {
  /** The bound itself is not allowed: `Validation.Exclusive`. */
  readonly exclusive?: boolean;
}

/** Property decorator: `Validation.Minimum`; a bound that is no number is a text. */
function Minimum(value: number | string, options: BoundOptions = {}): AnnotationDecorator {
  return bound(terms.minimum, value, options);
}

/** Property decorator: `Validation.Maximum`; a bound that is no number is a text. */
function Maximum(value: number | string, options: BoundOptions = {}): AnnotationDecorator {
  return bound(terms.maximum, value, options);
}

function bound(term: string, value: number | string, { exclusive = false }: BoundOptions): AnnotationDecorator {
  const annotations = exclusive ? [{ term: terms.exclusive, value: true }] : undefined;
  return annotate({ term, value, annotations });
}

/** Property decorator: `Validation.MultipleOf`. */
function MultipleOf(value: number): AnnotationDecorator {
  return Term(terms.multipleOf, value);
}

/**
 * Property decorator: `Validation.AllowedValues`.
 *
 * @example @Edm.AllowedValues("small", "large")
 */
function AllowedValues(...values: readonly (string | number | boolean | null)[]): AnnotationDecorator {
  return Term(
    terms.allowedValues,
    values.map((Value) => ({ Value })),
  );
}

/** Property decorator on a collection: `Validation.MinItems`. */
function MinItems(count: number): AnnotationDecorator {
  return Term(terms.minItems, count);
}

/** Property decorator on a collection: `Validation.MaxItems`. */
function MaxItems(count: number): AnnotationDecorator {
  return Term(terms.maxItems, count);
}

/** Property decorator: `Measures.Unit`, the unit that a number is measured in. */
function Unit(unit: string): AnnotationDecorator {
  return Term("Org.OData.Measures.V1.Unit", unit);
}

/** Property decorator: `Measures.ISOCurrency`, the currency that an amount is in. */
function ISOCurrency(code: string): AnnotationDecorator {
  return Term("Org.OData.Measures.V1.ISOCurrency", code);
}

/** The members of a restriction record that the engine reads; others are told to clients as they are. */
interface Restriction {
  readonly [member: string]: AnnotationValue | undefined;
}

export interface InsertRestrictionsRecord extends Restriction {
  readonly Insertable?: boolean;
  readonly NonInsertableProperties?: readonly string[];
  readonly NonInsertableNavigationProperties?: readonly string[];
  readonly RequiredProperties?: readonly string[];
  readonly MaxLevels?: number;
  readonly TypecastSegmentSupported?: boolean;
}

export interface UpdateRestrictionsRecord extends Restriction {
  readonly Updatable?: boolean;
  readonly Upsertable?: boolean;
  readonly DeltaUpdateSupported?: boolean;
  readonly UpdateMethod?: "PATCH" | "PUT" | "PATCH,PUT";
  readonly FilterSegmentSupported?: boolean;
  readonly TypecastSegmentSupported?: boolean;
  readonly NonUpdatableProperties?: readonly string[];
  readonly NonUpdatableNavigationProperties?: readonly string[];
  readonly RequiredProperties?: readonly string[];
  readonly MaxLevels?: number;
}

export interface DeleteRestrictionsRecord extends Restriction {
  readonly Deletable?: boolean;
  readonly NonDeletableNavigationProperties?: readonly string[];
  readonly FilterSegmentSupported?: boolean;
  readonly TypecastSegmentSupported?: boolean;
  readonly MaxLevels?: number;
}

export interface ChangeTrackingRecord extends Restriction {
  readonly Supported?: boolean;
  readonly FilterableProperties?: readonly string[];
  readonly ExpandableProperties?: readonly string[];
}

/**
 * Decorator of a controller or of a contained navigation property: `Capabilities.InsertRestrictions`.
 *
 * @example @Edm.InsertRestrictions({ Insertable: false })
 */
function InsertRestrictions(restrictions: InsertRestrictionsRecord): AnnotationDecorator {
  return Term(terms.insertRestrictions, said(restrictions));
}

/** Decorator of a controller or of a contained navigation property: `Capabilities.UpdateRestrictions`. */
function UpdateRestrictions(restrictions: UpdateRestrictionsRecord): AnnotationDecorator {
  return Term(terms.updateRestrictions, said(restrictions));
}

/** Decorator of a controller or of a contained navigation property: `Capabilities.DeleteRestrictions`. */
function DeleteRestrictions(restrictions: DeleteRestrictionsRecord): AnnotationDecorator {
  return Term(terms.deleteRestrictions, said(restrictions));
}

/**
 * Decorator of a controller or of a navigation property: `Capabilities.ChangeTracking`. Clients can ask what has changed
 * since they last read the collection.
 *
 * @example @Edm.ChangeTracking({ FilterableProperties: ["Name"] })
 */
function ChangeTracking(tracking: ChangeTrackingRecord = {}): AnnotationDecorator {
  return Term(terms.changeTracking, said({ Supported: true, ...tracking }));
}

/** A record without the members that are `undefined`. */
function said(record: Restriction): AnnotationValue {
  return Object.fromEntries(
    Object.entries(record).filter((member): member is [string, AnnotationValue] => member[1] !== undefined),
  );
}

export const annotationDecorators = {
  Term,
  DefaultNamespace,
  Description,
  Immutable,
  ComputedDefaultValue,
  Permissions,
  MediaType,
  AcceptableMediaTypes,
  Pattern,
  Minimum,
  Maximum,
  MultipleOf,
  AllowedValues,
  MinItems,
  MaxItems,
  Unit,
  ISOCurrency,
  InsertRestrictions,
  UpdateRestrictions,
  DeleteRestrictions,
  ChangeTracking,
};
