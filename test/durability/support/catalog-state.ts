import { expect } from "chai";
import type { Answer, Client } from "../../support/client.js";
import { markOf } from "./content.js";
import { pause } from "./pause.js";

/** A product as it should be. Others are named by their marks. */
export interface ProductState {
  readonly kind: "product";
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
  readonly version: number;
  readonly category: string | undefined;
  readonly related: readonly string[];
  readonly descriptions: readonly string[];
  /** The mark of its content. */
  readonly photo: string | undefined;
}

export interface CategoryState {
  readonly kind: "category";
  readonly name: string;
}

export interface MediaState {
  readonly kind: "media";
  /** The mark of its content. */
  readonly content: string;
}

export type State = ProductState | CategoryState | MediaState;

/** What the store has of our making, by marks; that of a media item is the one of its content. */
export interface Stored {
  readonly products: ReadonlyMap<string, { readonly id: string; readonly state: ProductState }>;
  readonly categories: ReadonlyMap<string, string>;
  readonly media: ReadonlyMap<string, string>;
}

/** Marks of what we make: no row of the seed has the like. */
const MARK = /^w\d+\+\d+$/;

const PRODUCT =
  "$select=ID,Name,Price,Quantity,Version,SerialNumber&$expand=Category($select=Name),Descriptions($select=LanguageKey,Description),RelatedProducts($select=SerialNumber)";

/** A product, and its photo; `undefined` where it is not there. */
export async function readProduct(client: Client, id: string): Promise<ProductState | undefined> {
  const answer = await get(client, `/Products(${id})?${PRODUCT}`);
  if (answer.status === 404) return undefined;
  expect(answer.status, answer.text).to.equal(200);
  return productOf(client, answer.json);
}

/** Everything that is there. */
export async function readStored(client: Client): Promise<Stored> {
  const products = new Map<string, { id: string; state: ProductState }>();
  for (const row of await readAll(client, `/Products?${PRODUCT}`)) {
    if (!MARK.test(String(row.SerialNumber))) continue;
    expect(products.has(row.SerialNumber as string), `two of ${String(row.SerialNumber)}`).to.equal(false);
    products.set(row.SerialNumber as string, { id: row.ID as string, state: await productOf(client, row) });
  }
  const categories = new Map<string, string>();
  for (const { ID, Name } of await readAll(client, "/Categories?$select=ID,Name"))
    if (MARK.test(Name as string)) categories.set(Name as string, ID as string);
  const media = new Map<string, string>();
  for (const { ID, Size, ContentType } of await readAll(client, "/MediaItems?$select=ID,Size,ContentType")) {
    if (ContentType !== uploaded["content-type"]) continue;
    const { status, text } = await get(client, `/MediaItems(${String(ID)})/$value`);
    expect(status, text.slice(0, 200)).to.equal(200);
    expect(Number(Size), "the size of a media item").to.equal(text.length);
    const mark = markOf(text);
    expect(media.has(mark), `two media items with the content ${mark}`).to.equal(false);
    media.set(mark, ID as string);
  }
  return { products, categories, media };
}

/** The headers of an upload; no row of the seed has the like. */
export const uploaded = { "content-type": "text/x-marked" };

/** All rows of a collection, page by page. */
export async function readAll(client: Client, url: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (let next: string | undefined = url; next !== undefined;) {
    const { status, text, json } = await get(client, next);
    expect(status, text.slice(0, 500)).to.equal(200);
    rows.push(...(json.value as Record<string, unknown>[]));
    const link = json["@odata.nextLink"] as string | undefined;
    next = link?.slice(client.origin.length);
  }
  return rows;
}

/** A read, which a service that is busy is asked for again. */
export async function get(
  client: Client,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  for (;;) {
    const answer = await client.get(url, { headers });
    if (answer.status !== 503) return answer;
    await pause();
  }
}

async function productOf(client: Client, row: Record<string, any>): Promise<ProductState> {
  expect(row["@odata.etag"], "the ETag").to.equal(`W/"${row.Version}"`);
  const photo = await get(client, `/Products(${row.ID})/Photo`);
  expect(photo.status, photo.text).to.be.oneOf([200, 204, 404]);
  return {
    kind: "product",
    name: row.Name,
    price: row.Price,
    quantity: row.Quantity,
    version: row.Version,
    category: row.Category?.Name,
    related: row.RelatedProducts.map((one: Record<string, string>) => one.SerialNumber).sort(),
    descriptions: row.Descriptions.map(
      (one: Record<string, string>) => `${one.LanguageKey}: ${one.Description}`,
    ).sort(),
    photo: photo.status === 200 ? markOf(photo.text) : undefined,
  };
}

/**
 * A product as it should be when others have deleted products that it was tied to: each took a link with it, which is a
 * change of the product that had it (Protocol 4.01, section 11.4.1.1).
 *
 * @param leaving the marks of products whose deletion was asked for
 */
export function withoutLost(expected: ProductState, actual: ProductState, leaving: ReadonlySet<string>): ProductState {
  const related = expected.related.filter((mark) => actual.related.includes(mark) || !leaving.has(mark));
  return { ...expected, related, version: expected.version + expected.related.length - related.length };
}
