import type { ModelSource } from "../../../src/edm/index.js";

const core = "Org.OData.Core.V1";
const capabilities = "Org.OData.Capabilities.V1";

/** A text with all that a document has to escape, and a character that XML cannot hold. */
export const awkward = `<a href="x">'R&D'</a>\ttab\nline\u0001 🙂`;

/** A model with every construct that a CSDL document can say of it. */
export const everything: ModelSource = {
  schemas: [
    {
      namespace: "Shop.Types",
      enumTypes: [
        {
          name: "Color",
          members: [
            { name: "red", value: 0 },
            { name: "none", value: -1 },
          ],
          annotations: [{ term: `${core}.Description`, value: awkward }],
        },
        {
          name: "Days",
          flags: true,
          underlyingType: "Edm.Int64",
          members: [
            { name: "monday", value: 1 },
            { name: "tuesday", value: 2 },
          ],
        },
      ],
      typeDefinitions: [
        { name: "Weight", underlyingType: "Edm.Decimal", precision: 10, scale: 3 },
        { name: "Money", underlyingType: "Edm.Decimal" },
        {
          name: "Code",
          underlyingType: "Edm.String",
          maxLength: 8,
          unicode: false,
          annotations: [{ term: `${core}.Description`, value: "A code" }],
        },
      ],
      complexTypes: [
        {
          name: "Address",
          abstract: true,
          open: true,
          properties: [{ name: "street", type: "Edm.String" }],
          navigationProperties: [{ name: "country", type: "Shop.Country" }],
        },
        { name: "Postbox", baseType: "Shop.Types.Address", properties: [], navigationProperties: [] },
      ],
      entityTypes: [],
    },
    {
      namespace: "Shop",
      alias: "S",
      enumTypes: [],
      typeDefinitions: [],
      complexTypes: [],
      entityTypes: [
        {
          name: "Product",
          abstract: true,
          open: true,
          hasStream: true,
          key: ["id", "part"],
          properties: [
            { name: "id", type: "Edm.Guid", generated: "guid" },
            { name: "part", type: "Edm.Int32" },
            { name: "name", type: "Edm.String", maxLength: 40, unicode: false, defaultValue: awkward },
            { name: "notes", type: "Edm.String", maxLength: "max", defaultValue: null },
            { name: "required", type: "Edm.String", nullable: false, unicode: true },
            { name: "price", type: "Edm.Decimal", precision: 10, scale: 2, defaultValue: 1.5 },
            { name: "ratio", type: "Edm.Decimal" },
            { name: "floating", type: "Edm.Decimal", precision: 7, scale: "floating" },
            { name: "variable", type: "Edm.Decimal", precision: 7, scale: "variable" },
            { name: "color", type: "Shop.Types.Color", defaultValue: "red" },
            { name: "colors", type: "Shop.Types.Color", collection: true, nullable: false },
            { name: "tags", type: "Edm.String", collection: true },
            { name: "weight", type: "Shop.Types.Weight" },
            { name: "money", type: "Shop.Types.Money" },
            { name: "active", type: "Edm.Boolean", defaultValue: false },
            { name: "count", type: "Edm.Int32", defaultValue: 0 },
            { name: "where", type: "Edm.GeographyPoint", srid: 4326 },
            { name: "anywhere", type: "Edm.GeometryPoint", srid: "variable" },
            { name: "changed", type: "Edm.DateTimeOffset", precision: 7, generated: "modifiedAt" },
            { name: "photo", type: "Edm.Stream" },
            { name: "anything", type: "Edm.Untyped" },
            { name: "address", type: "Shop.Types.Address", defaultValue: { street: "x" } },
            { name: "addresses", type: "Shop.Types.Address", collection: true, defaultValue: [] },
            { name: "__proto__", type: "Edm.String" },
          ],
          navigationProperties: [
            {
              name: "country",
              type: "Shop.Country",
              nullable: false,
              partner: "products",
              referentialConstraints: [{ property: "name", referencedProperty: "code" }],
              onDelete: "Cascade",
              annotations: [{ term: `${core}.Description`, value: "Where from" }],
            },
            { name: "parts", type: "Shop.Part", collection: true, containsTarget: true },
          ],
          annotations: [
            { term: `${core}.OptimisticConcurrency`, value: ["changed"] },
            { term: "Core.LongDescription", qualifier: "web", value: awkward },
            { term: "Vendor.Rating", value: 4.5 },
            { term: `${core}.Example`, value: null },
          ],
        },
        {
          name: "Book",
          baseType: "Shop.Product",
          properties: [
            {
              name: "isbn",
              type: "Shop.Types.Code",
              annotations: [
                { term: `${core}.Permissions`, value: "Read,Write" },
                { term: `${core}.Immutable`, value: true },
              ],
            },
          ],
          navigationProperties: [{ name: "sequel", type: "Shop.Book" }],
        },
        {
          name: "Country",
          key: ["code"],
          properties: [{ name: "code", type: "Edm.String" }],
          navigationProperties: [{ name: "products", type: "Shop.Product", collection: true, partner: "country" }],
        },
        {
          name: "Part",
          key: ["no"],
          properties: [{ name: "no", type: "Edm.Int64" }],
          navigationProperties: [{ name: "maker", type: "Shop.Country" }],
        },
      ],
      operations: [
        {
          kind: "function",
          name: "top",
          parameters: [],
          returnType: { type: "Shop.Product", collection: true, nullable: false },
          annotations: [{ term: `${core}.Description`, value: "The best" }],
        },
        {
          kind: "function",
          name: "top",
          bound: true,
          composable: true,
          entitySetPath: "from/products",
          parameters: [
            { name: "from", type: "Shop.Country", nullable: false },
            {
              name: "count",
              type: "Edm.Int32",
              annotations: [{ term: `${core}.OptionalParameter`, value: { DefaultValue: "10" } }],
            },
          ],
          returnType: { type: "Shop.Product", collection: true },
        },
        {
          kind: "action",
          name: "label",
          bound: true,
          parameters: [
            { name: "products", type: "Shop.Product", collection: true },
            { name: "texts", type: "Edm.String", collection: true, nullable: false, maxLength: 40 },
            { name: "weight", type: "Edm.Decimal", precision: 10, scale: 2, nullable: false },
          ],
          returnType: {
            type: "Edm.String",
            nullable: false,
            maxLength: 8,
            annotations: [{ term: "Org.OData.Validation.V1.Pattern", value: "^[A-Z]*$" }],
          },
        },
        { kind: "action", name: "reset", parameters: [] },
        { kind: "function", name: "anything", parameters: [], returnType: { type: "Edm.Untyped" } },
      ],
      container: {
        name: "Container",
        operationImports: [
          {
            kind: "functionImport",
            name: "Top",
            operation: "S.top",
            entitySet: "Products",
            includeInServiceDocument: true,
            annotations: [{ term: `${core}.Description`, value: "The best" }],
          },
          { kind: "actionImport", name: "reset", operation: "Shop.reset" },
          { kind: "functionImport", name: "anything", operation: "Shop.anything" },
        ],
        annotations: [
          { term: `${capabilities}.ConformanceLevel`, value: "Advanced" },
          { term: `${capabilities}.SupportedFormats`, value: ["application/json;odata.metadata=minimal"] },
          { term: `${capabilities}.KeyAsSegmentSupported`, value: true },
        ],
        entitySets: [
          {
            name: "Products",
            entityType: "Shop.Product",
            annotations: [
              {
                term: `${capabilities}.FilterRestrictions`,
                value: {
                  "@type": `#${capabilities}.FilterRestrictionsType`,
                  "@Org.OData.Core.V1.Description": "Nearly all",
                  Filterable: true,
                  MaxLevels: 3,
                  NonFilterableProperties: ["photo", "address/street"],
                  "NonFilterableProperties@Org.OData.Validation.V1.MaxItems#q": 2,
                  FilterExpressionRestrictions: [{ Property: "name", AllowedExpressions: "SearchExpression" }],
                },
              },
              {
                term: `${capabilities}.NavigationRestrictions`,
                value: { Navigability: "Single", RestrictedProperties: [{ NavigationProperty: "country" }] },
              },
              { term: `${core}.AlternateKeys`, value: [{ Key: [{ Name: "name", Alias: "title" }] }] },
              { term: `${core}.Revisions`, value: [{ Version: "1", Kind: "Added", Description: "New" }] },
              { term: `${core}.MediaType`, value: { $Path: "name" } },
            ],
          },
          { name: "Countries", entityType: "Shop.Country" },
        ],
        singletons: [
          { name: "bestseller", type: "Shop.Book", annotations: [{ term: `${core}.Description`, value: "The one" }] },
        ],
      },
    },
  ],
};
