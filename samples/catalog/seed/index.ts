import type { Session } from "odatum";
import { productDescriptions, products } from "./products.js";
import { categories, company, decimalSamples, mediaItems, readOnlyItems } from "./rows.js";

/** The prices of the seed by the names of its products. */
export const seedPrices: ReadonlyMap<string, number> = new Map(products.map(({ Name, Price }) => [Name, Price]));

/** Drops all rows and plants those of the seed. */
export async function plantAll(session: Session): Promise<void> {
  for (const set of ["Products", "Categories", "MediaItems", "ReadOnlyItems", "DecimalSamples"])
    await session.clear(set);
  for (const category of categories) await session.plant("Categories", category);
  await plantProducts(session);
  await session.plant("Company", company);
  for (const { content, ...item } of mediaItems) {
    const [ID] = await session.plant("MediaItems", item);
    const contentType = { "content-type": item.ContentType };
    const url = `MediaItems(${String(ID)})/$value`;
    await session.request({ method: "PUT", url, headers: contentType, body: Buffer.from(content) });
    // The content has told its own size.
    await session.plant("MediaItems", { ID, ...item });
  }
  for (const item of readOnlyItems) await session.plant("ReadOnlyItems", item);
  for (const sample of decimalSamples) await session.plant("DecimalSamples", sample);
}

/** Drops all products with their descriptions and plants those of the seed. */
export async function plantProducts(session: Session): Promise<void> {
  await session.clear("Products");
  const found = await session.list<{ readonly ID: string; readonly Name: string }>("Categories?$select=ID,Name");
  const categoryIds = new Map(found.map(({ ID, Name }) => [Name, ID]));
  const productIds = new Map<string, unknown>();
  for (const { category, ...product } of products) {
    const [ID] = await session.plant("Products", { ...product, CategoryID: categoryIds.get(category) ?? null });
    productIds.set(product.Name, ID);
  }
  for (const { product, ...description } of productDescriptions) {
    await session.plant("ProductDescriptions", { ...description, ProductID: productIds.get(product) });
  }
}
