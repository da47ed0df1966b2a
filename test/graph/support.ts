import { expect } from "chai";
import type { ComplexType, EntityType, EnumType, Model, Property } from "../../src/edm/index.js";
import type { Answer, Client } from "../support/client.js";

/** Where the profiles are, below the service root. */
export const configurations = "/deviceManagement/deviceConfigurations";

/** The types whose entities can be created: `base` and those that derive from it. */
export function concreteTypes(model: Model, base: string): EntityType[] {
  const root = entityType(model, base);
  return [root, ...root.derivedTypes].filter((type) => !type.abstract);
}

export function entityType(model: Model, name: string): EntityType {
  const type = model.types.get(`microsoft.graph.${name}`);
  if (type?.kind !== "entity") throw new Error(`There is no entity type '${name}'.`);
  return type;
}

export type Json = Record<string, unknown>;

/** The control information of a payload. */
export function control(entity: Json): Json {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => name.includes("@")));
}

/** A payload without its control information. */
export function plain(entity: Json): Json {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !/@|^#/.test(name)));
}

/** A value of the right type for every property that a client may write, unlike any default. */
export function sampleEntity(type: EntityType, seed = 0): Json {
  const entity: Json = { "@odata.type": `#${type.qualifiedName}` };
  for (const property of type.properties.values()) {
    if (property.generated === undefined) entity[property.name] = sample(property, seed);
  }
  return entity;
}

/** What a new entity has where a client says nothing of a property. */
export function defaultOf(property: Property): unknown {
  const { type, collection, nullable, defaultValue } = property;
  if (defaultValue !== undefined && defaultValue !== null) return defaultValue;
  if (collection) return [];
  if (nullable) return null;
  if (type.kind === "complex")
    return Object.fromEntries([...type.properties.values()].map((inner) => [inner.name, defaultOf(inner)]));
  if (type.kind === "enum") return type.names.get(0) ?? [...type.members.keys()][0];
  return (
    { "Edm.Boolean": false, "Edm.Int32": 0, "Edm.DateTimeOffset": "0001-01-01T00:00:00Z" }[
      type.qualifiedName as string
    ] ?? ""
  );
}

function sample(property: Property, seed: number): unknown {
  if (!property.collection) return sampleItem(property, property.type, seed);
  return [0, 1].map((index) => sampleItem(property, property.type, seed + index));
}

function sampleItem(property: Property, type: Property["type"], seed: number): unknown {
  switch (type.kind) {
    case "enum":
      return sampleMembers(type, seed);
    case "complex":
      return sampleComplex(type, seed);
    case "typeDefinition":
      return sampleItem(property, type.underlyingType, seed);
    case "primitive":
      switch (type.qualifiedName) {
        case "Edm.Boolean":
          return true;
        case "Edm.Int32":
          return seed % 2 === 0 ? 2_147_483_647 - seed : -seed;
        case "Edm.DateTimeOffset":
          return `2024-02-29T12:34:56.${String(seed).padStart(3, "0")}5678Z`;
        case "Edm.Binary":
          return Buffer.from(`${property.name} ${seed}?>~`).toString("base64url");
        case "Edm.String":
          return `${property.name} ${seed} "\\/\u0000\n\u2028 <é> '日本' 😀`.slice(0, longest(property));
        default:
          throw new Error(`There is no sample of ${type.qualifiedName}.`);
      }
  }
}

/** The last member; of flags, two where there are two that do not overlap. */
function sampleMembers(type: EnumType, seed: number): string {
  const names = [...type.members].filter(([, value]) => value !== 0).sort(([, a], [, b]) => a - b);
  const last = names.at(-1 - (seed % names.length))![0];
  if (!type.flags) return last;
  const [first, ...rest] = names;
  const second = rest.find(([, value]) => (value & first![1]) === 0);
  return second === undefined ? first![0] : `${first![0]},${second[0]}`;
}

/** Of a derived type where there are some, with its annotation. */
function sampleComplex(declared: ComplexType, seed: number): Json {
  const candidates = [declared, ...declared.derivedTypes].filter((type) => !type.abstract);
  const type = candidates[Math.max(0, candidates.length - 1 - seed)]!;
  const value: Json = type === declared ? {} : { "@odata.type": `#${type.qualifiedName}` };
  for (const property of type.properties.values()) value[property.name] = sample(property, seed);
  return value;
}

/** The answer's body, once its status is the expected one. */
export function ok(answer: Answer, status = 200): any {
  expect(answer.status, answer.text).to.equal(status);
  return answer.text === "" ? undefined : answer.json;
}

/** A profile of a type; further members of the body as given. */
export async function createProfile(
  client: Client,
  type: EntityType | string,
  body: Json = {},
): Promise<Json & { id: string }> {
  const name = typeof type === "string" ? `microsoft.graph.${type}` : type.qualifiedName;
  return ok(await client.post(configurations, { "@odata.type": `#${name}`, ...body }), 201);
}

/** The concrete type that a chain of navigation properties can start from, and go on to the end. */
export function canLead(type: EntityType, [first, ...rest]: readonly string[]): boolean {
  if (type.abstract) return false;
  if (first === undefined) return true;
  const navigation = type.navigationProperties.get(first);
  return (
    navigation !== undefined &&
    [navigation.type, ...navigation.type.derivedTypes].some((target) => canLead(target, rest))
  );
}

/** Profiles tied one to the next by navigation properties; their ids, the first one's first. */
export async function createChain(
  client: Client,
  type: EntityType,
  [first, ...rest]: readonly string[],
): Promise<string[]> {
  if (first === undefined) return [(await createProfile(client, type)).id];
  const declared = type.navigationProperties.get(first)!.type;
  const target = [declared, ...declared.derivedTypes].find((candidate) => canLead(candidate, rest))!;
  const [next, ...others] = await createChain(client, target, rest);
  const { id } = await createProfile(client, type, {
    [`${first}@odata.bind`]: `${configurations.slice(1)}('${next!}')`,
  });
  return [id, next!, ...others];
}

function longest({ facets }: Property): number | undefined {
  return typeof facets.maxLength === "number" ? facets.maxLength : undefined;
}
