import { buildModel } from "../../src/edm/build.js";
import type { EntityType, Model } from "../../src/edm/model.js";
import type { NavigationPropertySource, PropertySource, StructuredTypeSource } from "../../src/edm/source.js";

type Named<T> = Readonly<Record<string, Omit<T, "name">>>;

interface TypeOptions extends Omit<StructuredTypeSource, "name" | "properties" | "navigationProperties"> {
  readonly properties?: Named<PropertySource>;
  readonly navigation?: Named<NavigationPropertySource>;
}

function type(name: string, { properties = {}, navigation = {}, ...options }: TypeOptions): StructuredTypeSource {
  return {
    name,
    ...options,
    properties: Object.entries(properties).map(([key, property]) => ({ name: key, ...property })),
    navigationProperties: Object.entries(navigation).map(([key, property]) => ({ name: key, ...property })),
  };
}

/** Devices and their profiles: an abstract hierarchy, an open type, nested complex types and every kind of property. */
export const model: Model = buildModel({
  schemas: [
    {
      namespace: "shop.devices",
      alias: "d",
      enumTypes: [
        {
          name: "keySize",
          members: [
            { name: "size1024", value: 0 },
            { name: "size2048", value: 1 },
          ],
        },
        {
          name: "usage",
          flags: true,
          members: [
            { name: "none", value: 0 },
            { name: "sign", value: 1 },
            { name: "encrypt", value: 2 },
          ],
        },
      ],
      typeDefinitions: [{ name: "code", underlyingType: "Edm.String", maxLength: 4 }],
      complexTypes: [
        type("address", {
          properties: {
            street: { type: "Edm.String" },
            city: { type: "Edm.String", nullable: false },
            floor: { type: "Edm.Int32", nullable: false, defaultValue: 1 },
            position: { type: "Edm.GeographyPoint" },
          },
        }),
        type("site", {
          properties: {
            address: { type: "d.address", nullable: false },
            tags: { type: "Edm.String", collection: true },
            revision: { type: "Edm.Int32", nullable: false, generated: "revision" },
          },
        }),
        type("rule", { abstract: true, properties: { title: { type: "Edm.String" } } }),
        type("timeRule", { baseType: "d.rule", properties: { after: { type: "Edm.Duration" } } }),
        type("sizeRule", { baseType: "d.rule", properties: { bytes: { type: "Edm.Int64", nullable: false } } }),
        type("bag", { open: true, properties: { label: { type: "Edm.String" } } }),
      ],
      entityTypes: [
        type("entity", {
          abstract: true,
          key: ["id"],
          properties: { id: { type: "Edm.String", nullable: false, generated: "guid" } },
        }),
        type("profile", {
          baseType: "d.entity",
          abstract: true,
          properties: {
            displayName: { type: "Edm.String", nullable: false, maxLength: 20 },
            description: { type: "Edm.String" },
            createdDateTime: { type: "Edm.DateTimeOffset", nullable: false, generated: "createdAt" },
            version: {
              type: "Edm.Int32",
              nullable: false,
              annotations: [{ term: "Org.OData.Core.V1.Computed", value: true }],
            },
            platform: { type: "Edm.String", annotations: [{ term: "Org.OData.Core.V1.Immutable", value: true }] },
          },
          navigation: {
            root: { type: "d.certificate" },
            owner: { type: "d.certificate", nullable: false },
            groups: { type: "d.certificate", collection: true },
          },
        }),
        type("scepProfile", {
          baseType: "d.profile",
          properties: {
            scepServerUrls: { type: "Edm.String", collection: true, nullable: false },
            aliases: { type: "Edm.String", collection: true },
            keySize: { type: "d.keySize" },
            usage: { type: "d.usage" },
            code: { type: "d.code" },
            big: { type: "Edm.Int64" },
            site: { type: "d.site" },
            rule: { type: "d.rule" },
            rules: { type: "d.rule", collection: true, nullable: false },
            bag: { type: "d.bag" },
            anything: { type: "Edm.Untyped" },
          },
        }),
        type("vpnProfile", { baseType: "d.profile", properties: { server: { type: "Edm.String" } } }),
        type("certificate", {
          key: ["thumbprint"],
          open: true,
          properties: { thumbprint: { type: "Edm.String", nullable: false }, subject: { type: "Edm.String" } },
        }),
      ],
      container: {
        name: "container",
        entitySets: [
          { name: "profiles", entityType: "d.profile" },
          { name: "certificates", entityType: "d.certificate" },
        ],
        singletons: [],
      },
    },
  ],
});

/** The entity type `shop.devices.<name>`. */
export function entity(name: string): EntityType {
  return model.types.get(`shop.devices.${name}`) as EntityType;
}
