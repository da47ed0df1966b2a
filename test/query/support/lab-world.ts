import fc from "fast-check";
import { everyItem, everyType } from "./lab.js";
import { decimal, int32, place, summable, text, valuesOf } from "./lab-values.js";

type Json = Record<string, unknown>;

/** An entity as a client sends it, and the keys of those that it is related to. */
export interface ItemSource {
  readonly payload: Json & { readonly id: number };
  readonly owner: string | null;
  readonly friend: number | null;
  readonly related: readonly number[];
  readonly makers: readonly string[] | undefined;
  readonly parts: readonly { readonly payload: Json; readonly suppliers: readonly string[] }[];
}

/** What is stored: related by keys, as it is written over HTTP, and related by reference, as objects in memory are. */
export interface World {
  readonly owners: readonly Json[];
  readonly items: readonly ItemSource[];
}

const ownerNames = ["", "A", "a", "b'", "Ann/1", "é", "😀", "\u{ff5e}"];
const owners = fc
  .tuple(
    ...ownerNames.slice(1).map((name) =>
      fc.record({
        name: fc.constant(name),
        rank: fc.option(int32, { freq: 4 }),
        motto: fc.option(text, { freq: 4 }),
        ...dynamic(),
      }),
    ),
  )
  .map((all) => all.map((owner) => defined(owner)));

/** Dynamic properties: missing as often as not, and of several kinds. */
function dynamic() {
  return {
    age: fc.option(fc.constantFrom<unknown>(1, 41, 2.5, "41", true), { nil: undefined }),
    tall: fc.option(fc.constantFrom<unknown>(true, false, "true"), { nil: undefined }),
    nick: fc.option(text, { nil: undefined }),
  };
}

function defined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 4 });

const part = fc.record({
  size: optional(int32),
  price: optional(decimal),
  share: optional(summable),
  label: optional(text),
});

const words = fc.array(fc.constantFrom("lamp", "Lamp", "red", "Straße", "x1", "é"), { maxLength: 3 });
const sentence = optional(fc.tuple(words, fc.constantFrom(" ", ", ", "-")).map(([all, between]) => all.join(between)));

function properties(): Record<string, fc.Arbitrary<unknown>> {
  const all: Record<string, fc.Arbitrary<unknown>> = { title: sentence, notes: sentence };
  for (const { name } of [...everyType, ...everyItem]) {
    all[`c${name}`] = valuesOf[name]!;
    all[`d${name}`] = valuesOf[name]!;
  }
  // What is added up in whatever order.
  all["dDouble"] = optional(summable);
  return all;
}

/** Whole rows are long; what is left out takes its default. */
const payload = fc
  .tuple(
    fc.record(properties()),
    fc.constantFrom("Item", "Widget", "Gadget", "Gizmo"),
    optional(int32),
    optional(text),
    optional(decimal),
    optional(place),
  )
  .map(([all, type, wColumn, wDocument, gDocument, zPlace]) => ({
    ...all,
    "@odata.type": `#Lab.${type}`,
    ...(type === "Widget" || type === "Gadget" ? { wColumn, wDocument } : {}),
    ...(type === "Gadget" ? { gDocument } : {}),
    ...(type === "Gizmo" ? { zPlace } : {}),
  }));

const someOwners = fc
  .subarray(ownerNames.slice(1), { maxLength: 3 })
  .chain((names) => fc.shuffledSubarray(names, { minLength: names.length }));

/** @param count how many items there are */
export function world(count: number): fc.Arbitrary<World> {
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const item = (id: number) =>
    fc
      .record({
        payload,
        owner: fc.option(fc.constantFrom(...ownerNames.slice(1)), { freq: 3 }),
        friend: fc.option(fc.constantFrom(...ids), { freq: 2 }),
        related: fc.shuffledSubarray(ids, { maxLength: 3 }),
        makers: someOwners,
        parts: fc.array(fc.record({ payload: part, suppliers: someOwners }), { maxLength: 3 }),
      })
      .map((source): ItemSource => {
        const type = String(source.payload["@odata.type"]);
        return {
          ...source,
          payload: { ...source.payload, id },
          makers: /Widget|Gadget/.test(type) ? source.makers : undefined,
          parts: source.parts.map((one, index) => ({
            ...one,
            payload: { code: `00000000-0000-0000-0000-${String(id * 10 + index).padStart(12, "0")}`, ...one.payload },
          })),
        };
      });
  return fc.record({ owners, items: fc.tuple(...ids.map(item)) });
}

/** The entities as objects that refer to each other, each set in the order of its keys. */
export function asObjects({ owners: ownerRows, items }: World): { Items: Json[]; Owners: Json[] } {
  const ownerOf = new Map(
    ownerRows.map((owner) => [owner["name"] as string, { ...owner, items: [] as Json[] } as Json]),
  );
  const itemOf = new Map(items.map(({ payload: row }) => [row.id, { ...row } as Json]));
  for (const source of items) {
    const object = itemOf.get(source.payload.id)!;
    object["owner"] = source.owner === null ? null : ownerOf.get(source.owner);
    if (source.owner !== null) (ownerOf.get(source.owner)!["items"] as Json[]).push(object);
    object["friend"] = source.friend === null ? null : itemOf.get(source.friend);
    object["related"] = source.related.map((id) => itemOf.get(id));
    if (source.makers !== undefined) object["makers"] = source.makers.map((name) => ownerOf.get(name));
    object["parts"] = source.parts.map((one) => ({
      ...one.payload,
      suppliers: one.suppliers.map((name) => ownerOf.get(name)),
    }));
  }
  return { Items: [...itemOf.values()], Owners: [...ownerOf.values()].sort(byName) };
}

function byName(left: Json, right: Json): number {
  return Buffer.compare(Buffer.from(left["name"] as string), Buffer.from(right["name"] as string));
}

/** A request that stores a part of the world. */
export interface WriteRequest {
  readonly method: "POST" | "PATCH";
  readonly path: string;
  readonly body: Json;
}

/** The requests that store the world in a service. */
export function asRequests({ owners: ownerRows, items }: World): WriteRequest[] {
  const ownerLink = (name: string) => `Owners('${encodeURIComponent(name.replaceAll("'", "''"))}')`;
  const requests: WriteRequest[] = ownerRows.map((body) => ({ method: "POST", path: "Owners", body }));
  for (const { payload: row, owner } of items) {
    const body = { ...row, ...(owner === null ? {} : { "owner@odata.bind": ownerLink(owner) }) };
    requests.push({ method: "POST", path: "Items", body });
  }
  for (const { payload: row, friend, related, makers, parts } of items) {
    const path = `Items(${row.id})`;
    requests.push({
      method: "PATCH",
      path,
      body: {
        "@odata.type": row["@odata.type"],
        ...(friend === null ? {} : { "friend@odata.bind": `Items(${friend})` }),
        "related@odata.bind": related.map((id) => `Items(${id})`),
        ...(makers === undefined ? {} : { "makers@odata.bind": makers.map(ownerLink) }),
      },
    });
    for (const { payload: body, suppliers } of parts) {
      requests.push({
        method: "POST",
        path: `${path}/parts`,
        body: { ...body, "suppliers@odata.bind": suppliers.map(ownerLink) },
      });
    }
  }
  return requests;
}
