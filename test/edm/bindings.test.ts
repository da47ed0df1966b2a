import { expect } from "chai";
import { buildModel } from "../../src/edm/index.js";
import type { Model } from "../../src/edm/index.js";
import { build, entity, many, one, schema, type } from "./support/model.js";

/** The bindings of an entity set or a singleton as `path -> target`. */
function bindings(model: Model, name: string): string[] {
  const source = model.container.entitySets.get(name) ?? model.container.singletons.get(name);
  return source!.bindings.map(({ path, target }) => `${path} -> ${target}`);
}

const contained = { containsTarget: true };

describe("inferred navigation property bindings", () => {
  it("lead to the entity set of the target's type", () => {
    const model = build(
      {
        entityTypes: [
          entity("Product", { navigationProperties: [one("category", "Shop.Category")] }),
          entity("Category", { navigationProperties: [many("products", "Shop.Product")] }),
        ],
      },
      { Products: "Shop.Product", Categories: "Shop.Category" },
    );
    expect(bindings(model, "Products")).to.deep.equal(["category -> Categories"]);
    expect(bindings(model, "Categories")).to.deep.equal(["products -> Products"]);
  });

  it("lead to the entity set of the nearest base type", () => {
    const model = build(
      {
        entityTypes: [
          entity("Item"),
          type("Product", { baseType: "Shop.Item" }),
          type("Book", { baseType: "Shop.Product" }),
          entity("Shelf", { navigationProperties: [many("books", "Shop.Book"), many("items", "Shop.Item")] }),
        ],
      },
      { Items: "Shop.Item", Products: "Shop.Product", Shelves: "Shop.Shelf" },
    );
    expect(bindings(model, "Shelves")).to.deep.equal(["books -> Products", "items -> Items"]);
  });

  it("do not exist where no set holds the type, or where two do", () => {
    const model = build(
      {
        entityTypes: [
          entity("Lost"),
          entity("Twice"),
          entity("From", { navigationProperties: [one("lost", "Shop.Lost"), one("twice", "Shop.Twice")] }),
        ],
      },
      { From: "Shop.From", Here: "Shop.Twice", There: "Shop.Twice" },
    );
    expect(bindings(model, "From")).to.deep.equal([]);
  });

  it("start from inherited properties, and from those of derived types behind a type-cast segment", () => {
    const model = build(
      {
        entityTypes: [
          entity("Item", { navigationProperties: [one("maker", "Shop.Maker")] }),
          type("Product", { baseType: "Shop.Item", navigationProperties: [one("shop", "Shop.Maker")] }),
          type("Book", { baseType: "Shop.Product", navigationProperties: [one("author", "Shop.Maker")] }),
          entity("Maker"),
        ],
      },
      { Products: "Shop.Product", Makers: "Shop.Maker" },
    );
    expect(bindings(model, "Products")).to.deep.equal([
      "maker -> Makers",
      "shop -> Makers",
      "Shop.Book/author -> Makers",
    ]);
  });

  it("go through complex properties, and stop where these come back to a type", () => {
    const model = build(
      {
        complexTypes: [
          type("Address", {
            properties: [
              { name: "inner", type: "Shop.Address" },
              { name: "plain", type: "Shop.Plain" },
            ],
            navigationProperties: [one("country", "Shop.Country")],
          }),
          type("Postbox", { baseType: "Shop.Address", navigationProperties: [one("office", "Shop.Country")] }),
          type("Wrapper", { properties: [{ name: "address", type: "Shop.Address" }] }),
          type("Plain", { properties: [{ name: "plain", type: "Shop.Plain" }] }),
        ],
        entityTypes: [
          entity("Person", {
            properties: [
              { name: "home", type: "Shop.Address" },
              { name: "wrapped", type: "Shop.Wrapper", collection: true },
              { name: "plain", type: "Shop.Plain" },
            ],
          }),
          entity("Country"),
        ],
      },
      { People: "Shop.Person", Countries: "Shop.Country" },
    );
    expect(bindings(model, "People")).to.deep.equal([
      "home/country -> Countries",
      "home/Shop.Postbox/office -> Countries",
      "wrapped/address/country -> Countries",
      "wrapped/address/Shop.Postbox/office -> Countries",
    ]);
  });

  describe("with containment", () => {
    const graph = () =>
      build(
        {
          entityTypes: [
            entity("deviceManagement", {
              navigationProperties: [many("deviceConfigurations", "Shop.deviceConfiguration", contained)],
            }),
            entity("deviceConfiguration", {
              abstract: true,
              navigationProperties: [many("assignments", "Shop.assignment", contained)],
            }),
            type("rootCertificate", { baseType: "Shop.deviceConfiguration" }),
            type("scepProfile", {
              baseType: "Shop.deviceConfiguration",
              navigationProperties: [one("rootCertificate", "Shop.rootCertificate")],
            }),
            entity("assignment", { navigationProperties: [one("configuration", "Shop.deviceConfiguration")] }),
          ],
        },
        {},
        { deviceManagement: "Shop.deviceManagement" },
      );

    it("lead from a singleton to its contained collection", () => {
      expect(bindings(graph(), "deviceManagement")).to.deep.equal([
        "deviceConfigurations/assignments/configuration -> deviceManagement/deviceConfigurations",
        "deviceConfigurations/Shop.scepProfile/rootCertificate -> deviceManagement/deviceConfigurations",
      ]);
    });

    it("have none for the containment navigation property itself", () => {
      expect(
        bindings(graph(), "deviceManagement").filter((one) => one.startsWith("deviceConfigurations ->")),
      ).to.deep.equal([]);
    });

    it("follow it once where it comes back to the same type", () => {
      const model = build(
        {
          entityTypes: [
            entity("Folder", {
              navigationProperties: [
                one("owner", "Shop.Person"),
                many("folders", "Shop.Folder", contained),
                many("files", "Shop.File", contained),
              ],
            }),
            entity("File", {
              navigationProperties: [one("author", "Shop.Person"), many("extracted", "Shop.Folder", contained)],
            }),
            entity("Person"),
          ],
        },
        { Folders: "Shop.Folder", People: "Shop.Person" },
      );
      expect(bindings(model, "Folders")).to.deep.equal([
        "owner -> People",
        "folders/owner -> People",
        "folders/files/author -> People",
        "files/author -> People",
        "files/extracted/owner -> People",
      ]);
    });

    it("reach targets through single values only", () => {
      const model = build(
        {
          complexTypes: [type("Section", { navigationProperties: [many("pages", "Shop.Page", contained)] })],
          entityTypes: [
            entity("Root", {
              properties: [{ name: "section", type: "Shop.Section" }],
              navigationProperties: [one("settings", "Shop.Settings", contained), many("boxes", "Shop.Box", contained)],
            }),
            entity("Settings", {
              navigationProperties: [many("rules", "Shop.Rule", contained), one("self", "Shop.Settings", contained)],
            }),
            entity("Box", { navigationProperties: [many("nested", "Shop.Nested", contained)] }),
            entity("Rule"),
            entity("Page"),
            entity("Nested"),
            entity("User", {
              navigationProperties: [
                many("rules", "Shop.Rule"),
                many("pages", "Shop.Page"),
                many("nested", "Shop.Nested"),
                many("boxes", "Shop.Box"),
              ],
            }),
          ],
        },
        { Users: "Shop.User" },
        { root: "Shop.Root" },
      );
      expect(bindings(model, "Users")).to.deep.equal([
        "rules -> root/settings/rules",
        "pages -> root/section/pages",
        "boxes -> root/boxes",
      ]);
    });

    it("prefer an entity set of the same type, and a collection of a nearer type", () => {
      const types = {
        entityTypes: [
          entity("Root", { navigationProperties: [many("products", "Shop.Product", contained)] }),
          entity("Item"),
          type("Product", { baseType: "Shop.Item" }),
          entity("User", { navigationProperties: [one("favourite", "Shop.Product")] }),
        ],
      };
      const singletons = { root: "Shop.Root" };
      const near = build(types, { Users: "Shop.User", Products: "Shop.Product" }, singletons);
      expect(bindings(near, "Users")).to.deep.equal(["favourite -> Products"]);
      const far = build(types, { Users: "Shop.User", Items: "Shop.Item" }, singletons);
      expect(bindings(far, "Users")).to.deep.equal(["favourite -> root/products"]);
    });
  });

  it("give way to declared ones, and to a declared lack of them", () => {
    const source = schema(
      { entityTypes: [entity("Node", { navigationProperties: [one("next", "Shop.Node")] })] },
      { Nodes: "Shop.Node", Others: "Shop.Node" },
    );
    const [nodes, others] = source.container!.entitySets;
    const declared = [{ path: "next", target: "Others" }];
    const container = {
      ...source.container!,
      entitySets: [
        { ...nodes!, bindings: declared },
        { ...others!, bindings: [] },
      ],
    };
    const model = buildModel({ schemas: [{ ...source, container }] });
    expect(bindings(model, "Nodes")).to.deep.equal(["next -> Others"]);
    expect(bindings(model, "Others")).to.deep.equal([]);
  });

  it("are found quickly in a wide hierarchy", () => {
    const derived = Array.from({ length: 500 }, (_, index) =>
      type(`Derived${index}`, { baseType: "Shop.Base", navigationProperties: [one("certificate", "Shop.Base")] }),
    );
    const model = build({ entityTypes: [entity("Base"), ...derived] }, { Bases: "Shop.Base" });
    expect(bindings(model, "Bases")).to.have.length(500);
    expect(bindings(model, "Bases")[0]).to.equal("Shop.Derived0/certificate -> Bases");
  }).timeout(2000);
});
