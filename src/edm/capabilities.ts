import { filterFunctions } from "./engine.js";
import type { EntityType } from "./model.js";
import type { Restrictions } from "./restrictions.js";
import { flagOf, listOf, recordOf, wrong } from "./restrictions.js";
import { isSearchable } from "./searchable.js";
import type { AnnotationValue } from "./source.js";

/** What a collection of entities, or a single one, lets a client ask for and change: Org.OData.Capabilities.V1. */
export interface Capabilities {
  readonly indexableByKey: boolean;
  readonly top: boolean;
  readonly skip: boolean;
  readonly compute: boolean;
  readonly count: CountCapabilities;
  readonly filter: FilterCapabilities;
  readonly sort: SortCapabilities;
  readonly expand: ExpandCapabilities;
  readonly search: SearchCapabilities;
  readonly select: SelectCapabilities;
  readonly read: { readonly readable: boolean; readonly readableByKey: boolean };
  readonly insert: InsertCapabilities;
  readonly update: UpdateCapabilities;
  readonly delete: DeleteCapabilities;
  /** Nested entities may come with a new one, and with a changed one. */
  readonly deepInsert: boolean;
  readonly deepUpdate: boolean;
  readonly changeTracking: ChangeTrackingCapabilities;
}

export interface CountCapabilities {
  readonly countable: boolean;
  /** Paths of collections of values, and of navigation properties. */
  readonly nonCountable: ReadonlySet<string>;
}

export interface FilterCapabilities {
  readonly filterable: boolean;
  readonly requiresFilter: boolean;
  /** Paths of properties that a `$filter` has to name. */
  readonly required: readonly string[];
  readonly nonFilterable: ReadonlySet<string>;
  /** The form of condition that a property takes, by its path. */
  readonly expressions: ReadonlyMap<string, FilterExpressionForm>;
  /** How many navigation properties a path may go over; -1 for any number. */
  readonly maxLevels: number;
  /** Functions and operators by name in lower case; absent: all of the engine's. */
  readonly functions: ReadonlySet<string> | undefined;
}

/** `FilterExpressionType` */
export type FilterExpressionForm =
  | "SingleValue"
  | "MultiValue"
  | "SingleRange"
  | "MultiRange"
  | "SearchExpression"
  | "MultiValueOrSearchExpression"
  | "MultiRangeOrSearchExpression";

export interface SortCapabilities {
  readonly sortable: boolean;
  readonly ascendingOnly: ReadonlySet<string>;
  readonly descendingOnly: ReadonlySet<string>;
  readonly nonSortable: ReadonlySet<string>;
}

export interface ExpandCapabilities {
  readonly expandable: boolean;
  readonly nonExpandable: ReadonlySet<string>;
  /** -1 for any number. */
  readonly maxLevels: number;
}

export interface SearchCapabilities {
  readonly searchable: boolean;
  /** Members of `SearchExpressions`: `AND`, `OR`, `NOT`, `phrase`, `group`. */
  readonly unsupported: ReadonlySet<string>;
}

export interface SelectCapabilities {
  readonly supported: boolean;
  /** Query options that may not stand in parentheses behind a selected property, by name without `$`. */
  readonly unsupportedOptions: ReadonlySet<string>;
}

export interface InsertCapabilities {
  readonly insertable: boolean;
  /** Paths of properties that cannot be given. */
  readonly nonInsertable: ReadonlySet<string>;
  /** Paths of navigation properties that take no nested entities. */
  readonly nonInsertableNavigation: ReadonlySet<string>;
  /** Paths of properties that have to be given. */
  readonly required: readonly string[];
  /** How many navigation properties may lead to the collection; -1 for any number. */
  readonly maxLevels: number;
  /** Behind a type-cast segment entities of the derived type can be created. */
  readonly typecastSegment: boolean;
}

export interface UpdateCapabilities {
  readonly updatable: boolean;
  readonly upsertable: boolean;
  /** The collection takes a `PATCH` with a delta payload. */
  readonly delta: boolean;
  readonly put: boolean;
  readonly patch: boolean;
  /** `/$filter(...)/$each` */
  readonly filterSegment: boolean;
  /** A type-cast segment in front of `/$each`. */
  readonly typecastSegment: boolean;
  readonly nonUpdatable: ReadonlySet<string>;
  /** Paths of navigation properties whose targets cannot be changed. */
  readonly nonUpdatableNavigation: ReadonlySet<string>;
  readonly required: readonly string[];
  /** How many navigation properties may lead to the entity; -1 for any number. */
  readonly maxLevels: number;
}

export interface DeleteCapabilities {
  readonly deletable: boolean;
  /** Paths of navigation properties whose references cannot be removed. */
  readonly nonDeletableNavigation: ReadonlySet<string>;
  readonly filterSegment: boolean;
  readonly typecastSegment: boolean;
  readonly maxLevels: number;
}

export interface ChangeTrackingCapabilities {
  /** Only where it is said. */
  readonly supported: boolean;
  /** Paths of properties that a filter of a tracked request may name. */
  readonly filterable: ReadonlySet<string>;
  /** Paths of navigation properties that a tracked request may expand. */
  readonly expandable: ReadonlySet<string>;
}

const known = new WeakMap<Restrictions, WeakMap<EntityType, Capabilities>>();

/**
 * What annotations let a client ask for; what they do not say has the default of the vocabulary.
 *
 * @param type of the entities
 * @param where what is annotated, for messages
 * @throws {ModelError} where an annotation is not written as its term asks for
 */
export function capabilitiesOf(restrictions: Restrictions, type: EntityType, where: string): Capabilities {
  let ofRestrictions = known.get(restrictions);
  if (ofRestrictions === undefined) known.set(restrictions, (ofRestrictions = new WeakMap()));
  let found = ofRestrictions.get(type);
  if (found === undefined) {
    found = new CapabilityReader(restrictions, where).read(type);
    ofRestrictions.set(type, found);
  }
  return found;
}

/** Turns annotations into {@link Capabilities}; what they do not say has the default of the vocabulary. */
class CapabilityReader {
  readonly #restrictions: Restrictions;
  readonly #where: string;

  constructor(restrictions: Restrictions, where: string) {
    this.#restrictions = restrictions;
    this.#where = where;
  }

  read(type: EntityType): Capabilities {
    const readByKey = this.#property("ReadRestrictions", "ReadByKeyRestrictions");
    const readable = this.#flag("ReadRestrictions", "Readable", true);
    const functions = this.#value("FilterFunctions") ?? [];
    // Names of functions are the same in any case.
    const listed = new Set(listOf(functions, this.#where, "FilterFunctions").map((name) => String(name).toLowerCase()));
    const complete = listed.size === 0 || filterFunctions.every((name) => listed.has(name.toLowerCase()));
    return {
      indexableByKey: this.#tag("IndexableByKey"),
      top: this.#tag("TopSupported"),
      skip: this.#tag("SkipSupported"),
      compute: this.#tag("ComputeSupported"),
      count: {
        countable: this.#flag("CountRestrictions", "Countable", true),
        nonCountable: new Set([
          ...this.#paths("CountRestrictions", "NonCountableProperties"),
          ...this.#paths("CountRestrictions", "NonCountableNavigationProperties"),
        ]),
      },
      filter: {
        filterable: this.#flag("FilterRestrictions", "Filterable", true),
        requiresFilter: this.#flag("FilterRestrictions", "RequiresFilter", false),
        required: this.#paths("FilterRestrictions", "RequiredProperties"),
        nonFilterable: new Set(this.#paths("FilterRestrictions", "NonFilterableProperties")),
        expressions: this.#expressions(),
        maxLevels: this.#number("FilterRestrictions", "MaxLevels"),
        functions: complete ? undefined : listed,
      },
      sort: {
        sortable: this.#flag("SortRestrictions", "Sortable", true),
        ascendingOnly: new Set(this.#paths("SortRestrictions", "AscendingOnlyProperties")),
        descendingOnly: new Set(this.#paths("SortRestrictions", "DescendingOnlyProperties")),
        nonSortable: new Set(this.#paths("SortRestrictions", "NonSortableProperties")),
      },
      expand: {
        expandable: this.#flag("ExpandRestrictions", "Expandable", true),
        nonExpandable: new Set(this.#paths("ExpandRestrictions", "NonExpandableProperties")),
        maxLevels: this.#number("ExpandRestrictions", "MaxLevels"),
      },
      search: {
        searchable: this.#flag("SearchRestrictions", "Searchable", true) && isSearchable(type),
        unsupported: this.#members("SearchRestrictions", "UnsupportedExpressions"),
      },
      select: this.#select(),
      read: {
        readable,
        readableByKey:
          readByKey === undefined
            ? readable
            : flagOf(
                recordOf(readByKey, this.#where, "ReadRestrictions").Readable,
                readable,
                this.#where,
                "ReadRestrictions",
              ),
      },
      insert: this.#insert(),
      update: this.#update(),
      delete: this.#delete(),
      deepInsert: this.#flag("DeepInsertSupport", "Supported", true),
      deepUpdate: this.#flag("DeepUpdateSupport", "Supported", true),
      changeTracking: this.#changeTracking(),
    };
  }

  // What a restriction does not say of writes, the engine does, and the places where entities live tell so.

  #insert(): InsertCapabilities {
    const term = "InsertRestrictions";
    return {
      insertable: this.#flag(term, "Insertable", true),
      nonInsertable: new Set(this.#paths(term, "NonInsertableProperties")),
      nonInsertableNavigation: new Set(this.#paths(term, "NonInsertableNavigationProperties")),
      required: this.#paths(term, "RequiredProperties"),
      maxLevels: this.#number(term, "MaxLevels"),
      typecastSegment: this.#flag(term, "TypecastSegmentSupported", true),
    };
  }

  #update(): UpdateCapabilities {
    const term = "UpdateRestrictions";
    const updatable = this.#flag(term, "Updatable", true);
    const flag = (property: string) => updatable && this.#flag(term, property, true);
    const methods = this.#members(term, "UpdateMethod");
    return {
      updatable,
      upsertable: flag("Upsertable"),
      delta: flag("DeltaUpdateSupported"),
      put: updatable && (methods.size === 0 || methods.has("PUT")),
      patch: updatable && (methods.size === 0 || methods.has("PATCH")),
      filterSegment: flag("FilterSegmentSupported"),
      typecastSegment: flag("TypecastSegmentSupported"),
      nonUpdatable: new Set(this.#paths(term, "NonUpdatableProperties")),
      nonUpdatableNavigation: new Set(this.#paths(term, "NonUpdatableNavigationProperties")),
      required: this.#paths(term, "RequiredProperties"),
      maxLevels: this.#number(term, "MaxLevels"),
    };
  }

  #delete(): DeleteCapabilities {
    const term = "DeleteRestrictions";
    const deletable = this.#flag(term, "Deletable", true);
    return {
      deletable,
      nonDeletableNavigation: new Set(this.#paths(term, "NonDeletableNavigationProperties")),
      filterSegment: deletable && this.#flag(term, "FilterSegmentSupported", true),
      typecastSegment: deletable && this.#flag(term, "TypecastSegmentSupported", true),
      maxLevels: this.#number(term, "MaxLevels"),
    };
  }

  #changeTracking(): ChangeTrackingCapabilities {
    const term = "ChangeTracking";
    return {
      supported: this.#flag(term, "Supported", this.#value(term) !== undefined),
      filterable: new Set(this.#paths(term, "FilterableProperties")),
      expandable: new Set(this.#paths(term, "ExpandableProperties")),
    };
  }

  #value(term: string): AnnotationValue | undefined {
    return this.#restrictions.get(term);
  }

  #property(term: string, property: string): AnnotationValue | undefined {
    const value = this.#value(term);
    return value === undefined ? undefined : recordOf(value, this.#where, term)[property];
  }

  #tag(term: string): boolean {
    return flagOf(this.#value(term), true, this.#where, term);
  }

  #flag(term: string, property: string, otherwise: boolean): boolean {
    return flagOf(this.#property(term, property), otherwise, this.#where, term);
  }

  #number(term: string, property: string): number {
    const value = this.#property(term, property) ?? -1;
    if (typeof value === "number") return value;
    throw wrong(this.#where, term, `its ${property} is no number`);
  }

  #paths(term: string, property: string): string[] {
    const value = this.#property(term, property);
    return value === undefined ? [] : listOf(value, this.#where, term).map(String);
  }

  #expressions(): ReadonlyMap<string, FilterExpressionForm> {
    const term = "FilterRestrictions";
    const items = listOf(this.#property(term, "FilterExpressionRestrictions") ?? [], this.#where, term);
    return new Map(
      items.map((item) => {
        const { Property: path, AllowedExpressions: form } = recordOf(item, this.#where, term);
        if (!filterExpressionForms.has(String(form))) {
          throw wrong(this.#where, term, `'${String(form)}' is no form of expression`);
        }
        return [String(path), String(form) as FilterExpressionForm];
      }),
    );
  }

  /** The members of a flags enumeration, which CSDL JSON separates by commas. */
  #members(term: string, property: string): ReadonlySet<string> {
    const names = String(this.#property(term, property) ?? "").split(",");
    return new Set(names.map((name) => name.trim()).filter((name) => name !== "" && name !== "none"));
  }

  /** Where `SelectSupport` is there, nested options are offered only as far as it says so. */
  #select(): SelectCapabilities {
    const term = "SelectSupport";
    if (this.#value(term) === undefined) return { supported: true, unsupportedOptions: new Set() };
    const options = Object.entries(selectSupport).filter(([, property]) => !this.#flag(term, property, false));
    return {
      supported: this.#flag(term, "Supported", true),
      unsupportedOptions: new Set(options.map(([option]) => option)),
    };
  }
}

/** The properties of `SelectSupportType` by the option that they stand for. */
const selectSupport: Readonly<{ readonly [option: string]: string }> = {
  filter: "Filterable",
  search: "Searchable",
  top: "TopSupported",
  skip: "SkipSupported",
  compute: "ComputeSupported",
  count: "Countable",
  orderby: "Sortable",
};

const filterExpressionForms: ReadonlySet<string> = new Set<FilterExpressionForm>([
  "SingleValue",
  "MultiValue",
  "SingleRange",
  "MultiRange",
  "SearchExpression",
  "MultiValueOrSearchExpression",
  "MultiRangeOrSearchExpression",
]);
