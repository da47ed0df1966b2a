import type { QueryStore } from "./query-store.js";

/** What the shop of the tests has in stock. */

export const home = { street: "Main 1", city: "Ulm", geo: { lat: 48.4, lon: 10 }, lines: ["c/o", "2nd"] };
export const box = { "@odata.type": "#Shop.PostBox", street: null, city: "Bonn", geo: null, lines: [], box: 7 };

export const customers = [
  {
    id: 1,
    name: "Ann",
    country: "DE",
    version: 3,
    changed: "2024-01-01T00:00:00.5Z",
    home,
    work: box,
    tags: ["x", "y", 'quote"d'],
    scores: [30, 10, 20],
    phones: [
      { kind: "mobile", number: "1", ext: 12.5 },
      { kind: "home", number: "2" },
    ],
    others: [box, home],
    motto: "hi",
    shoe: 42,
    likes: { a: [1] },
  },
  {
    id: 2,
    name: "Bob",
    country: null,
    version: null,
    changed: null,
    home: null,
    work: null,
    tags: [],
    scores: [],
    phones: [],
    others: [],
    motto: null,
  },
  {
    id: 3,
    name: "Cid",
    country: "FR",
    version: 1,
    changed: "2024-02-02T02:02:02Z",
    home: { ...home, geo: null, city: null },
    work: home,
    tags: ["y"],
    scores: [5],
    phones: [{ kind: null, number: "3" }],
    others: [],
    motto: "é",
    shoe: "38",
  },
  {
    id: 4,
    name: "Dee",
    country: "DE",
    version: 1,
    changed: null,
    home: null,
    work: null,
    tags: ["x"],
    scores: [],
    phones: [],
    others: [],
    motto: null,
  },
];

export const products = [
  { type: "Product", code: "p1", label: "plain", price: "1.50" },
  { type: "Book", code: "b1", label: "first", price: "12.25", edition: 2, authors: ["Ada", "Bo"], about: home },
  { type: "Book", code: "b2", label: null, price: null, edition: null, authors: [], about: null },
  {
    type: "Gadget",
    code: "g1",
    label: "tool",
    price: "99999999999999999999.000000000000000001",
    volts: 230,
    about: { lat: 1, lon: 2 },
  },
];

export const sales = [
  sale({ id: 1, customer: 1, product: "b1", amount: "10.10", quantity: 2, weight: 1.5, at: "2024-01-01T10:00:00Z" }),
  sale({ id: 2, customer: 1, product: "g1", amount: "0.20", quantity: 1, weight: 0.25, big: "9007199254740993" }),
  sale({ id: 3, customer: 2, product: "b1", amount: "5", quantity: null, paid: true, took: "PT1H" }),
  sale({ id: 4, customer: 2, product: "p1", amount: null, quantity: 4, weight: 2, big: "9223372036854775807" }),
  sale({ id: 5, customer: 3, product: "b1", amount: "7.70", quantity: 3, paid: true, took: "PT90M" }),
  sale({ id: 6, customer: null, product: null, amount: "1", quantity: 1, big: "1", note: "lost" }),
];

function sale(
  own: Record<string, unknown> & { readonly id: number; readonly customer: unknown; readonly product: unknown },
) {
  const { customer, product, ...others } = own;
  const row = {
    amount: null,
    quantity: null,
    big: null,
    weight: null,
    paid: null,
    at: null,
    took: null,
    note: null,
    // Five, four, ... with one of them twice.
    rank: Math.max(1, 5 - own.id),
    ...others,
  };
  return { row, customer, product };
}

/** Stores all of it. */
export async function stock(store: QueryStore): Promise<void> {
  await store.insert("Customer", ...customers);
  for (const { type, ...product } of products) await store.insert(type, product);
  for (const { row, customer, product } of sales)
    await store.insert("Sale", { ...row, "customer_id@fk": customer, "product_code@fk": product });
  await store.link("Customer", 1, "friends", 3, 2);
  await store.link("Customer", 2, "friends", 1);
  await store.link("Customer", 3, "boss", 1);
  await store.link("Customer", 1, "wishes", "g1", "b2", "p1");
  await store.link("Book", "b1", "sequels", "b2", "g1");
}
