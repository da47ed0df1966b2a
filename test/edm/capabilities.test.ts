import { expect } from "chai";
import { buildModel, isNavigable, ModelError, placeBehind, placeOf, terms } from "../../src/edm/index.js";
import type { AnnotationValue, Model, NavigationProperty } from "../../src/edm/index.js";
import { describeEngine, filterFunctions } from "../../src/edm/engine.js";
import { entity, many, one, schema, type } from "./support/model.js";

type Annotations = Readonly<Record<string, AnnotationValue>>;

const list = (annotations: Annotations = {}) =>
  Object.entries(annotations).map(([term, value]) => ({ term: `Org.OData.Capabilities.V1.${term}`, value }));

interface Parts {
  readonly orders?: Annotations;
  readonly products?: Annotations;
  readonly container?: Annotations;
  /** Of the navigation properties of `Order`. */
  readonly product?: Annotations;
  readonly items?: Annotations;
}

/** Orders contain items; items lead to products, whose set is bound. */
function model({ orders, products, container, product, items }: Parts): Model {
  return buildModel({
    schemas: [
      {
        ...schema({
          entityTypes: [
            entity("Order", {
              navigationProperties: [
                many("items", "Shop.Item", { containsTarget: true, annotations: list(items) }),
                one("product", "Shop.Product", { annotations: list(product) }),
              ],
            }),
            entity("Item", { navigationProperties: [one("product", "Shop.Product"), many("lost", "Shop.Item")] }),
            entity("Product", { properties: [{ name: "name", type: "Edm.String", searchable: true }] }),
          ],
        }),
        container: {
          name: "C",
          entitySets: [
            { name: "Orders", entityType: "Shop.Order", annotations: list(orders) },
            { name: "Products", entityType: "Shop.Product", annotations: list(products) },
          ],
          singletons: [],
          annotations: list(container),
        },
      },
    ],
  });
}

/** The capabilities at the end of a path from the orders. */
function place(of: Model, ...path: readonly string[]) {
  let found = placeOf(of.container.entitySets.get("Orders")!, of.container);
  for (const name of path) found = placeBehind(found, navigation(found.type, name), of.container);
  return found;
}

function navigation(type: { navigationProperties: ReadonlyMap<string, NavigationProperty> }, name: string) {
  return type.navigationProperties.get(name)!;
}

describe("capabilities", () => {
  it("are all there where nothing is declared", () => {
    const { capabilities } = place(model({}));
    expect(capabilities).to.deep.include({ indexableByKey: true, top: true, skip: true, compute: true });
    expect(capabilities.filter).to.deep.include({ filterable: true, requiresFilter: false, functions: undefined });
    expect(capabilities.filter.maxLevels).to.equal(-1);
    expect(capabilities.select).to.deep.equal({ supported: true, unsupportedOptions: new Set() });
    expect(capabilities.read).to.deep.equal({ readable: true, readableByKey: true });
  });

  it("are read of an entity set's annotations", () => {
    const { capabilities } = place(
      model({
        orders: {
          FilterRestrictions: {
            Filterable: false,
            RequiredProperties: ["a"],
            NonFilterableProperties: ["b"],
            FilterExpressionRestrictions: [{ Property: "c", AllowedExpressions: "SingleRange" }],
            MaxLevels: 2,
          },
          FilterFunctions: ["eq", "matchesPattern"],
          SortRestrictions: { AscendingOnlyProperties: ["d"], DescendingOnlyProperties: ["e"] },
          ExpandRestrictions: { NonExpandableProperties: ["items"], MaxLevels: 3 },
          CountRestrictions: { Countable: false, NonCountableNavigationProperties: ["items"] },
          SearchRestrictions: { UnsupportedExpressions: "AND,OR" },
          SelectSupport: { TopSupported: true },
          TopSupported: false,
          ReadRestrictions: { Readable: false },
        },
      }),
    );
    expect(capabilities.filter).to.deep.equal({
      filterable: false,
      requiresFilter: false,
      required: ["a"],
      nonFilterable: new Set(["b"]),
      expressions: new Map([["c", "SingleRange"]]),
      maxLevels: 2,
      functions: new Set(["eq", "matchespattern"]),
    });
    expect(capabilities.sort).to.deep.include({ sortable: true, ascendingOnly: new Set(["d"]) });
    expect(capabilities.expand).to.deep.equal({ expandable: true, nonExpandable: new Set(["items"]), maxLevels: 3 });
    expect(capabilities.count).to.deep.equal({ countable: false, nonCountable: new Set(["items"]) });
    expect(capabilities.search.unsupported).to.deep.equal(new Set(["AND", "OR"]));
    expect(capabilities.select.unsupportedOptions).to.include("filter").and.not.include("top");
    expect(capabilities.read).to.deep.equal({ readable: false, readableByKey: false });
    expect(capabilities.top).to.equal(false);
  });

  it("are the same object each time", () => {
    const of = model({
      orders: { TopSupported: false },
      products: { SkipSupported: false },
      product: { TopSupported: false },
    });
    expect(place(of).capabilities).to.equal(place(of).capabilities);
    expect(place(of, "product").capabilities).to.equal(place(of, "product").capabilities);
  });

  it("of writes are all there, but for change tracking, where nothing is declared", () => {
    const { capabilities } = place(model({}));
    expect(capabilities.insert).to.deep.include({ insertable: true, typecastSegment: true, maxLevels: -1 });
    expect(capabilities.update).to.deep.include({ updatable: true, upsertable: true, delta: true, put: true });
    expect(capabilities.update).to.deep.include({ patch: true, filterSegment: true, typecastSegment: true });
    expect(capabilities.delete).to.deep.include({ deletable: true, filterSegment: true, typecastSegment: true });
    expect(capabilities).to.deep.include({ deepInsert: true, deepUpdate: true });
    expect(capabilities.changeTracking.supported).to.equal(false);
  });

  it("of writes are read of an entity set's annotations", () => {
    const { capabilities } = place(
      model({
        orders: {
          InsertRestrictions: {
            NonInsertableProperties: ["id"],
            NonInsertableNavigationProperties: ["items"],
            RequiredProperties: ["name"],
            MaxLevels: 1,
            TypecastSegmentSupported: false,
          },
          UpdateRestrictions: {
            Upsertable: false,
            UpdateMethod: "PATCH",
            NonUpdatableProperties: ["name"],
            NonUpdatableNavigationProperties: ["product"],
          },
          DeleteRestrictions: { FilterSegmentSupported: false, NonDeletableNavigationProperties: ["product"] },
          DeepInsertSupport: { Supported: false },
          ChangeTracking: { FilterableProperties: ["name"], ExpandableProperties: ["items"] },
        },
      }),
    );
    expect(capabilities.insert).to.deep.equal({
      insertable: true,
      nonInsertable: new Set(["id"]),
      nonInsertableNavigation: new Set(["items"]),
      required: ["name"],
      maxLevels: 1,
      typecastSegment: false,
    });
    expect(capabilities.update).to.deep.include({ upsertable: false, patch: true, put: false, delta: true });
    expect(capabilities.update.nonUpdatable).to.deep.equal(new Set(["name"]));
    expect(capabilities.update.nonUpdatableNavigation).to.deep.equal(new Set(["product"]));
    expect(capabilities.delete).to.deep.include({ deletable: true, filterSegment: false, typecastSegment: true });
    expect(capabilities.delete.nonDeletableNavigation).to.deep.equal(new Set(["product"]));
    expect(capabilities).to.deep.include({ deepInsert: false, deepUpdate: true });
    expect(capabilities.changeTracking).to.deep.equal({
      supported: true,
      filterable: new Set(["name"]),
      expandable: new Set(["items"]),
    });
  });

  it("of updates and deletes are all gone where there are none", () => {
    const { update, delete: deletes } = place(
      model({ orders: { UpdateRestrictions: { Updatable: false }, DeleteRestrictions: { Deletable: false } } }),
    ).capabilities;
    expect(update).to.deep.include({ updatable: false, upsertable: false, delta: false, put: false, patch: false });
    expect(update).to.deep.include({ filterSegment: false, typecastSegment: false });
    expect(deletes).to.deep.include({ deletable: false, filterSegment: false, typecastSegment: false });
  });

  it("of writes behind a navigation property are those of the set that it leads to, and of the path before these", () => {
    const restricted = {
      NavigationRestrictions: {
        RestrictedProperties: [
          { NavigationProperty: "items", InsertRestrictions: { Insertable: false } },
          { NavigationProperty: "product", UpdateRestrictions: { Updatable: true } },
        ],
      },
    };
    const of = model({
      orders: restricted,
      products: { UpdateRestrictions: { Updatable: false }, DeleteRestrictions: { Deletable: false } },
      items: { DeleteRestrictions: { Deletable: false } },
    });
    const items = place(of, "items").capabilities;
    expect([items.insert.insertable, items.delete.deletable]).to.deep.equal([false, false]);
    const product = place(of, "product").capabilities;
    expect([product.update.updatable, product.delete.deletable]).to.deep.equal([true, false]);
  });

  it("of functions can be declared for the whole container", () => {
    expect(place(model({ container: { FilterFunctions: ["eq"] } })).capabilities.filter.functions).to.deep.equal(
      new Set(["eq"]),
    );
    const { functions } = place(model({ container: { FilterFunctions: filterFunctions } })).capabilities.filter;
    expect(functions).to.equal(undefined);
    const own = model({ container: { FilterFunctions: ["eq"] }, orders: { FilterFunctions: ["ne"] } });
    expect(place(own).capabilities.filter.functions).to.deep.equal(new Set(["ne"]));
  });

  it("do not have $search where nothing can be searched", () => {
    expect(place(model({})).capabilities.search.searchable).to.equal(false);
    expect(place(model({}), "product").capabilities.search.searchable).to.equal(true);
    const declared = model({ products: { SearchRestrictions: { Searchable: false } } });
    expect(place(declared, "product").capabilities.search.searchable).to.equal(false);
  });

  describe("behind a navigation property", () => {
    it("are those of the set that it is bound to, and its own before these", () => {
      const of = model({
        products: { TopSupported: false, FilterRestrictions: { MaxLevels: 1, Filterable: false } },
        product: { FilterRestrictions: { Filterable: true } },
      });
      const { capabilities, root, path } = place(of, "product");
      expect(root).to.include({ name: "Products" });
      expect(path).to.equal("");
      expect(capabilities).to.include({ top: false });
      expect(capabilities.filter).to.include({ filterable: true, maxLevels: 1 });
      expect(place(of, "items", "product").capabilities.filter).to.include({ filterable: false, maxLevels: 1 });
    });

    it("are its own where it contains, and those of the path that the root restricts before them", () => {
      const of = model({
        items: { TopSupported: false, SkipSupported: false },
        orders: {
          NavigationRestrictions: {
            RestrictedProperties: [
              { NavigationProperty: "items", SkipSupported: true },
              { NavigationProperty: "items/product", FilterRestrictions: { Filterable: false } },
            ],
          },
        },
      });
      expect(place(of, "items")).to.include({ path: "items" });
      expect(place(of, "items").root).to.include({ name: "Orders" });
      expect(place(of, "items").capabilities).to.include({ top: false, skip: true });
      expect(place(of, "items", "product").capabilities.filter.filterable).to.equal(false);
      expect(place(of, "product").capabilities.filter.filterable).to.equal(true);
    });

    it("are all there where nobody knows where the entities live", () => {
      expect(place(model({ orders: { TopSupported: false } }), "items", "lost").capabilities.top).to.equal(true);
    });

    it("tell how far a path may go", () => {
      const restricted = (navigability: string) =>
        model({
          orders: {
            NavigationRestrictions: {
              RestrictedProperties: [{ NavigationProperty: "items", Navigability: navigability }],
            },
          },
        });
      const can = (of: Model, name: string, ...path: readonly string[]) => {
        const from = place(of, ...path);
        return isNavigable(from, navigation(from.type, name));
      };
      expect(can(restricted("None"), "items")).to.equal(false);
      expect(can(restricted("None"), "product")).to.equal(true);
      expect(can(restricted("Single"), "items")).to.equal(true);
      expect(can(restricted("Single"), "product", "items")).to.equal(false);
      expect(can(restricted("Recursive"), "product", "items")).to.equal(true);
    });
  });

  it("are refused at start-up where they cannot be read", () => {
    for (const orders of [
      { FilterRestrictions: true },
      { FilterRestrictions: { Filterable: { $Path: "x" } } },
      { FilterRestrictions: { NonFilterableProperties: "name" } },
      { FilterRestrictions: { FilterExpressionRestrictions: [{ Property: "a", AllowedExpressions: "Anything" }] } },
      { ExpandRestrictions: { MaxLevels: "3" } },
      { TopSupported: "no" },
      { NavigationRestrictions: { RestrictedProperties: ["items"] } },
    ] as Annotations[]) {
      expect(() => model({ orders }), JSON.stringify(orders)).to.throw(ModelError, "'Orders'");
    }
  });
});

describe("describeEngine", () => {
  const source = (annotations: Annotations) => ({
    schemas: [
      {
        ...schema({ entityTypes: [entity("A")] }),
        container: {
          name: "C",
          entitySets: [{ name: "As", entityType: "Shop.A", annotations: list(annotations) }],
          singletons: [],
          annotations: list({ BatchSupported: false }),
        },
      },
    ],
  });
  const said = (annotations: Annotations, wanted: string = terms.searchRestrictions) => {
    const { container } = describeEngine(source(annotations)).schemas[0]!;
    return container!.entitySets[0]!.annotations!.find(({ term }) => term === wanted)?.value;
  };

  it("keeps what the description says itself", () => {
    const { container } = describeEngine(source({})).schemas[0]!;
    const batch = container!.annotations!.filter(({ term }) => term === terms.batchSupported);
    expect(batch).to.deep.equal([{ term: terms.batchSupported, value: false }]);
  });

  it("says that a set cannot be searched beside what else is said of searching it", () => {
    expect(said({})).to.deep.equal({ Searchable: false });
    expect(said({ SearchRestrictions: { UnsupportedExpressions: "NOT" } })).to.deep.equal({
      UnsupportedExpressions: "NOT",
      Searchable: false,
    });
    expect(() => said({ SearchRestrictions: { Searchable: true } })).to.throw(ModelError, "'As'");
  });

  it("says how entities can be changed, as far as they can", () => {
    expect(said({}, terms.insertRestrictions)).to.deep.equal({ TypecastSegmentSupported: true });
    expect(said({}, terms.updateRestrictions)).to.deep.equal({
      Upsertable: true,
      UpdateMethod: "PATCH,PUT",
      DeltaUpdateSupported: true,
      FilterSegmentSupported: true,
      TypecastSegmentSupported: true,
    });
    expect(said({}, terms.deleteRestrictions)).to.deep.equal({
      FilterSegmentSupported: true,
      TypecastSegmentSupported: true,
    });
    expect(said({}, terms.indexableByKey)).to.equal(true);
  });

  it("says that an entity whose key the service makes cannot be upserted", () => {
    const upsertable = (more: object) => {
      const id = { name: "id", type: "Edm.Guid", nullable: false, ...more };
      const described = describeEngine({
        schemas: [schema({ entityTypes: [type("A", { key: ["id"], properties: [id] })] }, { As: "Shop.A" })],
      });
      const [set] = described.schemas[0]!.container!.entitySets;
      const { value } = set!.annotations!.find(({ term }) => term === terms.updateRestrictions)!;
      return (value as { readonly Upsertable: boolean }).Upsertable;
    };
    expect(upsertable({})).to.equal(true);
    expect(upsertable({ generated: "guid" })).to.equal(false);
    const computedDefault = [{ term: terms.computedDefaultValue, value: true }];
    expect(upsertable({ generated: "guid", annotations: computedDefault })).to.equal(true);
  });

  it("leaves restrictions of writes as they are, and says nothing beside a refusal", () => {
    expect(said({ UpdateRestrictions: { Updatable: false } }, terms.updateRestrictions)).to.deep.equal({
      Updatable: false,
    });
    expect(said({ UpdateRestrictions: { Upsertable: false } }, terms.updateRestrictions)).to.deep.include({
      Upsertable: false,
      FilterSegmentSupported: true,
    });
    const noInserts = said({ InsertRestrictions: { Insertable: false } }, terms.updateRestrictions);
    expect(noInserts).to.deep.include({ Upsertable: false, DeltaUpdateSupported: false });
  });
});
