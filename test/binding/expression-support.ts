import { ExpressionBinder } from "../../src/binding/expression.js";
import type { BoundExpression, BoundVariable } from "../../src/binding/bound.js";
import { bindContext } from "../../src/binding/context.js";
import type { BindContext, PathOptions } from "../../src/binding/context.js";
import type { EdmType, EntityType, Model, PropertySource } from "../../src/edm/index.js";
import { ODataError } from "../../src/errors/index.js";
import { parseExpression } from "../../src/syntax/index.js";
import type { Expression } from "../../src/syntax/index.js";
import { build, entity, many, one, type } from "../edm/support/model.js";

function property(name: string, typeName: string, more: Partial<PropertySource> = {}): PropertySource {
  return { name, type: typeName, ...more };
}

function properties(types: Readonly<Record<string, string>>): PropertySource[] {
  return Object.entries(types).map(([name, typeName]) => {
    const item = /^Collection\((.*)\)$/.exec(typeName)?.[1];
    return item === undefined ? property(name, typeName) : property(name, item, { collection: true });
  });
}

/** A property of every family of types, with entities and complex values around it. */
export const model: Model = build(
  {
    enumTypes: [
      {
        name: "Colour",
        members: [
          { name: "Red", value: 0 },
          { name: "Green", value: 1 },
          { name: "Blue", value: 2 },
        ],
      },
      {
        name: "Rights",
        flags: true,
        members: [
          { name: "Read", value: 1 },
          { name: "Write", value: 2 },
          { name: "Share", value: 4 },
        ],
      },
    ],
    typeDefinitions: [
      { name: "Weight", underlyingType: "Edm.Decimal" },
      { name: "Code", underlyingType: "Edm.String" },
    ],
    complexTypes: [
      type("Address", {
        properties: properties({ street: "Edm.String", zip: "Edm.Int32", lines: "Collection(Edm.String)" }),
        navigationProperties: [one("country", "Shop.Country")],
      }),
      type("HomeAddress", { baseType: "Shop.Address", properties: properties({ floor: "Edm.Int32" }) }),
      type("Size", { properties: properties({ width: "Edm.Double" }) }),
      type("Bag", { open: true, properties: properties({ label: "Edm.String" }) }),
    ],
    entityTypes: [
      entity("Country", { properties: properties({ name: "Edm.String" }) }),
      entity("Thing", {
        properties: properties({
          name: "Edm.String",
          code: "Shop.Code",
          flag: "Edm.Boolean",
          byte: "Edm.Byte",
          sbyte: "Edm.SByte",
          int16: "Edm.Int16",
          int32: "Edm.Int32",
          int64: "Edm.Int64",
          decimal: "Edm.Decimal",
          weight: "Shop.Weight",
          single: "Edm.Single",
          double: "Edm.Double",
          guid: "Edm.Guid",
          binary: "Edm.Binary",
          date: "Edm.Date",
          time: "Edm.TimeOfDay",
          instant: "Edm.DateTimeOffset",
          duration: "Edm.Duration",
          colour: "Shop.Colour",
          rights: "Shop.Rights",
          photo: "Edm.Stream",
          anything: "Edm.Untyped",
          point: "Edm.GeographyPoint",
          area: "Edm.GeographyPolygon",
          line: "Edm.GeographyLineString",
          place: "Edm.Geography",
          planePoint: "Edm.GeometryPoint",
          planeArea: "Edm.GeometryPolygon",
          planeLine: "Edm.GeometryLineString",
          address: "Shop.Address",
          size: "Shop.Size",
          bag: "Shop.Bag",
          tags: "Collection(Edm.String)",
          numbers: "Collection(Edm.Int32)",
          amounts: "Collection(Edm.Decimal)",
          colours: "Collection(Shop.Colour)",
          days: "Collection(Edm.Date)",
          addresses: "Collection(Shop.Address)",
        }),
        navigationProperties: [
          one("owner", "Shop.Thing"),
          many("parts", "Shop.Thing"),
          many("lines_", "Shop.Line"),
          one("country", "Shop.Country"),
        ],
      }),
      type("Special", {
        baseType: "Shop.Thing",
        properties: properties({ extra: "Edm.Int32", shared: "Edm.String", torn: "Edm.String" }),
        navigationProperties: [many("friends", "Shop.Thing")],
      }),
      type("Other", {
        baseType: "Shop.Thing",
        properties: properties({ shared: "Edm.String", torn: "Edm.Int32" }),
        navigationProperties: [many("friends", "Shop.Special")],
      }),
      type("Line", {
        key: ["order", "position"],
        properties: properties({ order: "Edm.Int32", position: "Edm.String", quantity: "Edm.Int32" }),
      }),
      entity("Open", { open: true, properties: properties({ known: "Edm.String" }) }),
    ],
  },
  { Things: "Shop.Thing", Lines: "Shop.Line", Opens: "Shop.Open" },
  { Me: "Shop.Thing" },
);

export function entityType(name: string): EntityType {
  const found: EdmType | undefined = model.types.get(`Shop.${name}`);
  if (found?.kind !== "entity") throw new Error(`no entity type ${name}`);
  return found;
}

export interface Setting extends PathOptions, Partial<Pick<BindContext, "it" | "computed" | "variables">> {
  readonly on?: BoundVariable | string;
  /** Texts by name. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly as?: "bind" | "condition" | "sortKey";
}

/** Binds the text of an expression about a Thing, or about what `on` says. */
export function bindText(text: string, setting: Setting = {}): BoundExpression {
  return bindTree(parseExpression(text), setting).bound;
}

export function bindTree(tree: Expression, setting: Setting = {}): { bound: BoundExpression; context: BindContext } {
  const { on = "Thing", aliases = {}, as = "bind", it, computed, variables, ...options } = setting;
  const parsed = new Map(Object.entries(aliases).map(([name, text]) => [name, parseExpression(text)]));
  const context = { ...bindContext(model, parsed, options), it, computed, variables };
  const variable = typeof on === "string" ? { name: "$it", type: entityType(on) } : on;
  return { bound: new ExpressionBinder(variable, "$filter", context)[as](tree), context };
}

/** What binding answers instead of a tree. */
export function refusal(text: string, setting?: Setting): ODataError {
  try {
    bindText(text, setting);
  } catch (error) {
    if (error instanceof ODataError) return error;
    throw error;
  }
  throw new Error(`bound: ${text}`);
}

const NAMESPACE = /^(Edm|Shop)\./;

function typeName(bound: Pick<BoundExpression, "type" | "collection">): string {
  const { type: found } = bound;
  const name =
    found === undefined ? "?" : found.kind === "shape" ? "shape" : found.qualifiedName.replace(NAMESPACE, "");
  return bound.collection ? `${name}*` : name;
}

/**
 * A bound tree as a line of text: constants with their types, a caret on those that are lifted, and the types of what
 * computes, behind a colon; `*` marks collections.
 */
export function show(bound: BoundExpression): string {
  const call = (name: string, ...parts: readonly (BoundExpression | string)[]) =>
    `${name}(${parts.map((part) => (typeof part === "string" ? part : show(part))).join(", ")})`;
  switch (bound.kind) {
    case "constant":
      return bound.value === null
        ? "null"
        : `${bound.literal === undefined ? "" : "^"}${JSON.stringify(bound.value)}:${typeName(bound)}`;
    case "variable":
      return bound.variable.name;
    case "property":
      return `${show(bound.source)}/${bound.property.name}`;
    case "navigation":
      return `${show(bound.source)}/${bound.navigation.name}`;
    case "member":
    case "dynamic":
      return `${show(bound.source)}/${bound.kind === "member" ? "." : "?"}${bound.name}${
        bound.kind === "dynamic" ? `:${typeName(bound)}` : ""
      }`;
    case "keyed":
      return `${show(bound.source)}[${bound.properties
        .map(({ name }, index) => `${name}=${show(bound.values[index]!)}`)
        .join(", ")}]`;
    case "typeCast":
      return `${show(bound.source)}/<${typeName({ ...bound, collection: false })}>`;
    case "root": {
      const path = bound.path.segments.map((segment) =>
        segment.kind === "entitySet"
          ? segment.set.name
          : segment.kind === "singleton"
            ? segment.singleton.name
            : segment.kind === "key"
              ? JSON.stringify(segment.values)
              : segment.kind,
      );
      return `$root/${path.join("/")}`;
    }
    case "collection":
      return `[${bound.items.map(show).join(", ")}]:${typeName(bound)}`;
    case "object":
      return `{${[...bound.members].map(([name, value]) => `${name}: ${show(value)}`).join(", ")}}:${typeName(bound)}`;
    case "filtered":
      return `${show(bound.source)}/filter(${bound.variable.name}: ${show(bound.condition)})`;
    case "count":
      return `${show(bound.source)}/count(${bound.filter === undefined ? "" : show(bound.filter)}${
        bound.search === undefined ? "" : " search"
      })`;
    case "quantifier":
      return `${show(bound.source)}/${bound.operator}(${
        bound.condition === undefined ? "" : `${bound.variable.name}: ${show(bound.condition)}`
      })`;
    case "comparison":
    case "logical":
      return call(bound.operator, bound.left, bound.right);
    case "not":
      return call("not", bound.operand);
    case "in":
      return call("in", bound.operand, bound.list);
    case "has":
      return call("has", bound.operand, bound.flags);
    case "arithmetic":
      return `${call(bound.operator, bound.left, bound.right)}:${typeName(bound)}`;
    case "negation":
      return `${call("-", bound.operand)}:${typeName(bound)}`;
    case "call":
      return `${call(bound.function, ...bound.arguments)}:${typeName(bound)}`;
    case "conversion":
      return call("cast", bound.operand, typeName(bound));
    case "typeTest":
      return call("isof", bound.operand, typeName({ type: bound.tested, collection: bound.testedCollection }));
    case "case":
      return `case(${bound.branches
        .map(({ condition, value }) => `${show(condition)}: ${show(value)}`)
        .join(", ")}):${typeName(bound)}`;
  }
}

/** A property of a Thing for each type, by the type's name. */
export const samples: Readonly<Record<string, string>> = {
  "Edm.String": "name",
  "Shop.Code": "code",
  "Edm.Boolean": "flag",
  "Edm.Byte": "byte",
  "Edm.SByte": "sbyte",
  "Edm.Int16": "int16",
  "Edm.Int32": "int32",
  "Edm.Int64": "int64",
  "Edm.Decimal": "decimal",
  "Shop.Weight": "weight",
  "Edm.Single": "single",
  "Edm.Double": "double",
  "Edm.Guid": "guid",
  "Edm.Binary": "binary",
  "Edm.Date": "date",
  "Edm.TimeOfDay": "time",
  "Edm.DateTimeOffset": "instant",
  "Edm.Duration": "duration",
  "Shop.Colour": "colour",
  "Shop.Rights": "rights",
  "Edm.Stream": "photo",
  "Edm.Untyped": "anything",
  "Edm.GeographyPoint": "point",
  "Edm.GeographyPolygon": "area",
  "Edm.GeographyLineString": "line",
  "Edm.Geography": "place",
  "Edm.GeometryPoint": "planePoint",
  "Edm.GeometryPolygon": "planeArea",
  "Edm.GeometryLineString": "planeLine",
  "Shop.Address": "address",
  "Shop.Size": "size",
  "Shop.Bag": "bag",
  "Shop.Thing": "owner",
  "Collection(Edm.String)": "tags",
  "Collection(Edm.Int32)": "numbers",
  "Collection(Edm.Decimal)": "amounts",
  "Collection(Shop.Colour)": "colours",
  "Collection(Edm.Date)": "days",
  "Collection(Shop.Address)": "addresses",
  "Collection(Shop.Thing)": "parts",
};

export const integerTypes = ["Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"];
export const decimalTypes = ["Edm.Decimal", "Shop.Weight"];
export const floatTypes = ["Edm.Single", "Edm.Double"];
export const numberTypes = [...integerTypes, ...decimalTypes, ...floatTypes];
export const textTypes = ["Edm.String", "Shop.Code"];
