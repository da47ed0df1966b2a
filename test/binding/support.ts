import { expect } from "chai";
import { bindUri } from "../../src/binding/index.js";
import type {
  BoundExpression,
  BoundOptions,
  BoundPath,
  BoundRequest,
  BoundSelect,
  EntitySegment,
  PathOptions,
} from "../../src/binding/index.js";
import { buildModel } from "../../src/edm/index.js";
import type { Annotation, AnnotationValue, Model, ModelSource, PropertySource } from "../../src/edm/index.js";
import { ODataError } from "../../src/errors/index.js";
import { parseUri } from "../../src/syntax/index.js";
import { entity, many, one, schema, type } from "../edm/support/model.js";

export function property(name: string, typeName: string, more: Partial<PropertySource> = {}): PropertySource {
  const item = /^Collection\((.*)\)$/.exec(typeName)?.[1];
  return item === undefined ? { name, type: typeName, ...more } : { name, type: item, collection: true, ...more };
}

const annotation = (term: string, value: AnnotationValue): Annotation => ({ term, value });

/** A shop: derived types, complex values, containment with a referential constraint, recursion, alternate keys. */
export const shop: ModelSource = {
  schemas: [
    {
      ...schema(
        {
          alias: "S",
          enumTypes: [
            {
              name: "Color",
              members: [
                { name: "Red", value: 0 },
                { name: "Green", value: 1 },
              ],
            },
          ],
          complexTypes: [
            type("Address", {
              properties: [property("street", "Edm.String"), property("city", "Edm.String")],
              navigationProperties: [one("country", "Shop.Country")],
            }),
            type("Postbox", {
              baseType: "Shop.Address",
              properties: [property("box", "Edm.Int32"), property("codes", "Collection(Edm.String)")],
            }),
            type("Bag", { open: true, properties: [property("label", "Edm.String")] }),
          ],
          entityTypes: [
            entity("Country", { properties: [property("name", "Edm.String")] }),
            entity("Category", {
              properties: [property("name", "Edm.String", { searchable: true })],
              navigationProperties: [many("products", "Shop.Product", { partner: "category" })],
            }),
            entity("Product", {
              properties: [
                property("name", "Edm.String", { searchable: true }),
                property("sku", "Edm.String"),
                property("batch", "Edm.Int32"),
                property("price", "Edm.Decimal"),
                property("tags", "Collection(Edm.String)"),
                property("address", "Shop.Address"),
                property("addresses", "Collection(Shop.Address)"),
                property("bag", "Shop.Bag"),
                property("photo", "Edm.Stream"),
              ],
              navigationProperties: [
                one("category", "Shop.Category", { partner: "products" }),
                many("related", "Shop.Product"),
              ],
              annotations: [
                annotation("Org.OData.Core.V1.AlternateKeys", [
                  { Key: [{ Name: "sku" }] },
                  { Key: [{ Name: "name", Alias: "n" }, { Name: "batch" }] },
                ]),
              ],
            }),
            type("Book", {
              baseType: "Shop.Product",
              properties: [
                property("isbn", "Edm.String"),
                property("size", "Edm.Int32"),
                property("parts", "Collection(Edm.String)"),
              ],
              navigationProperties: [one("author", "Shop.Person"), many("quotes", "Shop.Product")],
            }),
            type("Film", {
              baseType: "Shop.Product",
              properties: [
                property("minutes", "Edm.Int32"),
                property("size", "Edm.String"),
                property("parts", "Collection(Shop.Address)"),
              ],
              navigationProperties: [one("author", "Shop.Employee"), one("quotes", "Shop.Product")],
            }),
            entity("Person", {
              properties: [property("name", "Edm.String")],
              navigationProperties: [many("friends", "Shop.Person")],
            }),
            type("Employee", {
              baseType: "Shop.Person",
              properties: [property("salary", "Edm.Int32")],
              navigationProperties: [
                one("reportsTo", "Shop.Employee"),
                many("reports", "Shop.Employee"),
                one("deputy", "Shop.Person"),
              ],
            }),
            entity("Order", {
              navigationProperties: [
                many("items", "Shop.Item", { containsTarget: true, partner: "order" }),
                one("customer", "Shop.Person"),
              ],
            }),
            type("Item", {
              key: ["orderId", "no"],
              properties: [
                property("orderId", "Edm.Int32"),
                property("no", "Edm.Int32"),
                property("quantity", "Edm.Int32"),
              ],
              navigationProperties: [
                one("order", "Shop.Order", {
                  partner: "items",
                  referentialConstraints: [{ property: "orderId", referencedProperty: "id" }],
                }),
                one("product", "Shop.Product"),
              ],
            }),
            type("Line", {
              key: ["language", "no"],
              properties: [property("language", "Edm.String"), property("no", "Edm.Int32")],
            }),
            type("Paint", { key: ["color"], properties: [property("color", "Shop.Color")] }),
            entity("Picture", { hasStream: true }),
            entity("Thing", { open: true, properties: [property("name", "Edm.String")] }),
          ],
        },
        {
          Categories: "Shop.Category",
          Products: "Shop.Product",
          People: "Shop.Person",
          Employees: "Shop.Employee",
          Orders: "Shop.Order",
          Lines: "Shop.Line",
          Paints: "Shop.Paint",
          Pictures: "Shop.Picture",
          Things: "Shop.Thing",
        },
        { Me: "Shop.Employee" },
      ),
    },
  ],
};

export const model: Model = buildModel(shop);

/** The shop with annotations of entity sets, singletons or the container (`""`). */
export function annotated(annotations: Readonly<Record<string, Readonly<Record<string, AnnotationValue>>>>): Model {
  const list = (name: string): Annotation[] =>
    Object.entries(annotations[name] ?? {}).map(([term, value]) =>
      annotation(term.includes(".") ? term : `Org.OData.Capabilities.V1.${term}`, value),
    );
  const [only] = shop.schemas;
  const container = only!.container!;
  return buildModel({
    schemas: [
      {
        ...only!,
        container: {
          ...container,
          annotations: list(""),
          entitySets: container.entitySets.map((set) => ({ ...set, annotations: list(set.name) })),
          singletons: container.singletons.map((one) => ({ ...one, annotations: list(one.name) })),
        },
      },
    ],
  });
}

export function bind(url: string, options: PathOptions = {}, of: Model = model): BoundRequest {
  return bindUri(parseUri(url), of, options);
}

export function resource(
  url: string,
  options: PathOptions = {},
  of: Model = model,
): Extract<BoundRequest, { kind: "resource" }> {
  const bound = bind(url, options, of);
  if (bound.kind !== "resource") throw new Error(`'${url}' is ${bound.kind}.`);
  return bound;
}

export function path(url: string, options: PathOptions = {}, of: Model = model): BoundPath {
  return resource(url, options, of).path;
}

export function options(url: string, of: Model = model, more: PathOptions = {}): BoundOptions {
  return resource(url, more, of).options;
}

/** The error that binding a URL ends in. */
export function failure(url: string, more: PathOptions = {}, of: Model = model): ODataError {
  try {
    bind(url, more, of);
  } catch (error) {
    if (error instanceof ODataError) return error;
    throw error;
  }
  return expect.fail(`'${url}' was bound.`);
}

/** Segments in short: `Products`, `(1)`, `>category`, `:Shop.Book`. */
export function brief({ segments }: Pick<BoundPath, "segments">): string[] {
  return segments.map(briefSegment);
}

function briefSegment(segment: EntitySegment): string {
  switch (segment.kind) {
    case "entitySet":
      return segment.set.name;
    case "singleton":
      return segment.singleton.name;
    case "key":
      return `(${segment.properties.map(({ name }, index) => `${name}=${String(segment.values[index])}`).join()})`;
    case "navigation":
      return `>${segment.name}`;
    case "cast":
      return `:${segment.type.qualifiedName}`;
    case "filter":
      return "?filter";
    case "ordinal":
      return `#${segment.index}`;
    case "operation":
      return `${segment.operation.qualifiedName}()`;
  }
}

/** A bound expression in short, for what tests of options ask of it. */
export function print(expression: BoundExpression): string {
  switch (expression.kind) {
    case "constant":
      return String(expression.value);
    case "variable":
      return expression.variable.name;
    case "property":
      return `${print(expression.source)}/${expression.property.name}`;
    case "navigation":
      return `${print(expression.source)}/${expression.navigation.name}`;
    case "dynamic":
    case "member":
      return `${print(expression.source)}/${expression.name}`;
    case "comparison":
    case "arithmetic":
    case "logical":
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
    case "count":
      return `${print(expression.source)}/$count`;
    default:
      return expression.kind;
  }
}

/** What is selected, as a plain tree: names, `Type/name` behind a cast, and what of a complex value. */
export function selected(select: BoundSelect | undefined): unknown {
  if (select === undefined) return undefined;
  const items = select.items.map((item): unknown => {
    switch (item.kind) {
      case "property": {
        const name = `${item.cast === undefined ? "" : `${item.cast.name}/`}${item.property.name}`;
        return item.select === undefined ? name : { [name]: selected(item.select) };
      }
      case "navigation":
        return `>${item.cast === undefined ? "" : `${item.cast.name}/`}${item.name}`;
      default:
        return `${item.kind} ${item.name}`;
    }
  });
  return select.all ? ["*", ...items] : items;
}

/** What is expanded, as a plain tree. */
export function expanded(from: Pick<BoundOptions, "expand">): unknown[] {
  return from.expand.map((item): unknown => {
    const cast = item.cast === undefined ? "" : `${item.cast.name}/`;
    const targetCast = item.targetCast === undefined ? "" : `/${item.targetCast.name}`;
    const what = { entities: "", references: "/$ref", count: "/$count" }[item.what];
    const name = `${cast}${item.navigation.name}${targetCast}${what}`;
    return item.options.expand.length === 0 ? name : { [name]: expanded(item.options) };
  });
}
