import { expect } from "chai";
import fc from "fast-check";
import { bindContext } from "../../src/binding/context.js";
import type { BoundExpression } from "../../src/binding/bound.js";
import { comparable } from "../../src/binding/expression-types.js";
import { ExpressionBinder } from "../../src/binding/expression.js";
import { children } from "../../src/binding/measure.js";
import { buildModel } from "../../src/edm/index.js";
import { primitiveTypes } from "../../src/edm/primitive-types.js";
import type { EdmType, EntityType, Model, SchemaSource } from "../../src/edm/index.js";
import { ODataError } from "../../src/errors/index.js";
import type { Expression } from "../../src/syntax/index.js";
import { many, one, type } from "../edm/support/model.js";
import { anyExpression } from "../syntax/trees.js";

/** A model in which the names that the trees are made of mean something, so that binding gets far. */
const model: Model = (() => {
  const schema: SchemaSource = {
    namespace: "n",
    enumTypes: [
      {
        name: "E",
        flags: true,
        members: [
          { name: "A", value: 1 },
          { name: "B", value: 2 },
        ],
      },
    ],
    typeDefinitions: [],
    complexTypes: [
      type("Part", {
        open: true,
        properties: [
          { name: "a", type: "Edm.String" },
          { name: "b1", type: "Edm.Decimal" },
        ],
      }),
    ],
    entityTypes: [
      type("Base", {
        key: ["b1"],
        properties: [
          { name: "b1", type: "Edm.Int32", nullable: false },
          { name: "a", type: "Edm.String" },
          { name: "date", type: "Edm.Date" },
          { name: "length", type: "Edm.Double" },
          { name: "max", type: "Edm.Duration" },
          { name: "asc", type: "Edm.DateTimeOffset" },
          { name: "eq", type: "n.E" },
          { name: "as", type: "Edm.String", collection: true },
          { name: "größe", type: "n.Part" },
          { name: "case", type: "n.Part", collection: true },
          { name: "in", type: "Edm.GeographyPoint" },
        ],
        navigationProperties: [one("and", "n.Base"), many("_c", "n.T")],
      }),
      type("T", { baseType: "n.Base", properties: [{ name: "f", type: "Edm.Boolean" }] }),
    ],
    container: {
      name: "Container",
      entitySets: [{ name: "a", entityType: "n.Base" }],
      singletons: [{ name: "b", type: "n.T" }],
    },
  };
  return buildModel({ schemas: [schema] });
})();

const base = model.types.get("n.Base") as EntityType;

/** The rules of the bound tree that a type checker cannot see. */
function checkWellTyped(root: BoundExpression): void {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    checkNode(node);
    stack.push(...children(node));
  }
}

const isBoolean = (bound: BoundExpression) =>
  !bound.collection && (bound.type === undefined || bound.type === primitiveTypes.get("Edm.Boolean"));

function checkNode(node: BoundExpression): void {
  switch (node.kind) {
    case "constant":
      if (node.value !== null) expect(typeof node.value).to.equal(scalarKind(node.type));
      if (node.literal !== undefined) expect(node.type?.kind).to.equal("primitive");
      break;
    case "logical":
      expect(isBoolean(node.left) && isBoolean(node.right)).to.equal(true);
      break;
    case "not":
      expect(isBoolean(node.operand)).to.equal(true);
      break;
    case "case":
      for (const { condition, value } of node.branches) {
        expect(isBoolean(condition)).to.equal(true);
        expect(value.type ?? node.type).to.equal(node.type);
      }
      break;
    case "quantifier":
    case "filtered":
    case "count": {
      expect(node.source.collection).to.equal(true);
      expect(node.variable.type).to.equal(node.source.type);
      const condition = node.kind === "count" ? node.filter : node.condition;
      expect(condition === undefined || isBoolean(condition)).to.equal(true);
      break;
    }
    case "comparison": {
      const { left, right, operator } = node;
      const sides = [left, right].filter((side) => !(side.kind === "constant" && side.value === null));
      if (sides.length === 2) expect(left.collection).to.equal(right.collection);
      if (left.collection || left.type?.kind === "complex") expect(operator).to.be.oneOf(["eq", "ne"]);
      if (left.type !== undefined && right.type !== undefined) {
        expect(comparable(left.type as EdmType, right.type as EdmType)).to.equal(true);
      }
      break;
    }
    case "in":
      expect(node.operand.collection).to.equal(false);
      expect(node.list.collection).to.equal(true);
      break;
    case "arithmetic":
      for (const side of [node.left, node.right]) {
        expect(side.collection).to.equal(false);
        expect(side.type?.kind ?? "primitive").to.equal("primitive");
      }
      break;
    case "keyed":
      expect(node.source.collection).to.equal(true);
      expect(node.values.length).to.equal(node.properties.length);
      break;
    default:
  }
}

function scalarKind(type: EdmType | undefined): string {
  if (type?.qualifiedName === "Edm.Boolean") return "boolean";
  return /^Edm\.(S?Byte|Int16|Int32|Single|Double)$/.test(type?.qualifiedName ?? "") ? "number" : "string";
}

/** True where the expression was bound, false where it was refused in a way that tells the client. */
function isBound(
  expression: Expression,
  aliases: ReadonlyMap<string, Expression>,
  derivedNavigation: boolean,
): boolean {
  for (const as of ["bind", "condition", "sortKey"] as const) {
    const context = bindContext(model, aliases, { derivedNavigation });
    try {
      const bound = new ExpressionBinder({ name: "$it", type: base }, "$filter", context)[as](expression);
      checkWellTyped(bound);
      return true;
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      expect(error.status).to.be.oneOf([400, 501]);
      expect(error.message).to.match(/\$filter|@p/);
      expect(error.target).to.be.oneOf(["$filter", "@p"]);
    }
  }
  return false;
}

describe("any expression", () => {
  it("is bound to a tree that is well-typed, or refused with a status that says whose fault it is", () => {
    let bound = 0;
    fc.assert(
      fc.property(anyExpression, anyExpression, fc.boolean(), (expression, alias, derived) => {
        if (isBound(expression, new Map([["@p", alias]]), derived)) bound++;
      }),
      { numRuns: 3_000 },
    );
    // The names mean something, so this is no test of refusals alone.
    expect(bound).to.be.greaterThan(300);
  });
});
