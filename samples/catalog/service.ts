import type { DatabaseOptions, Service, Session } from "odatum";
import { badRequest, createService, Edm, odata } from "odatum";
import * as controllers from "./controllers/index.js";
import * as model from "./model/index.js";
import { asPrice, withoutPercentage } from "./model/prices.js";
import { plantAll, plantProducts, seedPrices } from "./seed/index.js";

const { Product, ProductStats } = model;

/** A result of many products. */
const products = Edm.Collection(Edm.EntityType(Product));

/** How many products are the top ones where nobody says it. */
const TOP = 10;

/** The catalog of a small shop: its entity sets, its singleton, and the operations that are bound to nothing. */
@odata.namespace(model.namespace)
@Edm.DefaultNamespace
@odata.controller(controllers.Products, "Products")
@odata.controller(controllers.Categories, "Categories")
@odata.controller(controllers.ProductDescriptions, "ProductDescriptions")
@odata.controller(controllers.MediaItems, "MediaItems")
@odata.controller(controllers.ReadOnlyItems, "ReadOnlyItems")
@odata.controller(controllers.DecimalSamples, "DecimalSamples")
@odata.singleton("Company", model.CompanyInfo)
@odata.types(...Object.values(model))
export class Catalog {
  @Edm.Import({ includeInServiceDocument: true })
  @Edm.BoundTo(products)
  @Edm.EntitySetPath("bindingParameter")
  @Edm.Composable
  @Edm.FunctionImport(products)
  GetTopProducts(@odata.result bound: readonly model.Product[] | undefined, @odata.session session: Session) {
    return topProducts(bound, session, TOP);
  }

  @Edm.OperationName("GetTopProducts")
  @Edm.BoundTo(products)
  @Edm.EntitySetPath("bindingParameter")
  @Edm.Composable
  @Edm.FunctionImport(products)
  topProductsOfCount(
    @odata.result bound: readonly model.Product[] | undefined,
    @odata.session session: Session,
    @Edm.Required @Edm.Int32 count: number,
  ) {
    return topProducts(bound, session, count);
  }

  /** @param category the name of a category */
  @Edm.OperationName("GetTopProducts")
  @Edm.BoundTo(products)
  @Edm.EntitySetPath("bindingParameter")
  @Edm.Composable
  @Edm.FunctionImport(products)
  topProductsOfCategory(
    @odata.result bound: readonly model.Product[] | undefined,
    @odata.session session: Session,
    @Edm.Required @Edm.Int32 count: number,
    @Edm.Required @Edm.String category: string,
  ) {
    return topProducts(bound, session, count, category);
  }

  @Edm.BoundTo(products)
  @Edm.Composable
  @Edm.FunctionImport(Edm.ComplexType(ProductStats))
  @Edm.Required
  async GetProductStats(
    @odata.result bound: readonly model.Product[] | undefined,
    @odata.session session: Session,
  ): Promise<model.ProductStats> {
    const found = bound ?? (await session.list<model.Product>("Products?$select=Price"));
    const prices = found.map(({ Price }) => Price);
    const any = prices.length > 0;
    return {
      totalProducts: prices.length,
      averagePrice: any ? asPrice(prices.reduce((sum, price) => sum + price, 0) / prices.length) : null,
      maxPrice: any ? Math.max(...prices) : null,
      minPrice: any ? Math.min(...prices) : null,
    };
  }

  /** Products whose name contains a text and that cost no more than `maxPrice`. */
  @Edm.Composable
  @Edm.FunctionImport(products)
  FindProducts(
    @Edm.Required @Edm.String name: string,
    @Edm.Required @Edm.Double maxPrice: number,
    @odata.session session: Session,
  ): Promise<model.Product[]> {
    const filter = `contains(Name,${literal(name)}) and Price le ${maxPrice}`;
    return session.list(`Products?$filter=${encodeURIComponent(filter)}&$orderby=Name`);
  }

  @Edm.FunctionImport(Edm.Int64)
  @Edm.Required
  Calculate(@Edm.Required @Edm.Int64 value: string): string {
    return asInt64(2n * BigInt(value));
  }

  @Edm.OperationName("Calculate")
  @Edm.FunctionImport(Edm.Int64)
  @Edm.Required
  calculateSum(@Edm.Required @Edm.Int64 a: string, @Edm.Required @Edm.Int64 b: string): string {
    return asInt64(BigInt(a) + BigInt(b));
  }

  @Edm.FunctionImport(Edm.String)
  @Edm.Required
  Convert(@Edm.Required @Edm.String input: string): string {
    return `String: ${input}`;
  }

  @Edm.OperationName("Convert")
  @Edm.FunctionImport(Edm.String)
  @Edm.Required
  convertNumber(@Edm.Required @Edm.Double number: number): string {
    return `Number: ${number}`;
  }

  /** Gives the products of the seed the prices that they had there. */
  @Edm.ActionImport
  async ResetAllPrices(@odata.session session: Session): Promise<void> {
    for (const { ID, Name, Price } of await session.list<model.Product>("Products?$select=ID,Name,Price")) {
      const seeded = seedPrices.get(Name);
      if (seeded !== undefined && seeded !== Price) await session.update(`Products(${ID})`, { Price: seeded });
    }
  }

  /** Drops all products and plants those of the seed again. */
  @Edm.ActionImport
  ResetProducts(@odata.session session: Session): Promise<void> {
    return plantProducts(session);
  }

  /** Reduces the prices of products that cost `minPrice` or more by a percentage. */
  @Edm.ActionImport
  async Process(
    @Edm.Required @Edm.Double percentage: number,
    @Edm.Optional(0) @Edm.Required @Edm.Double minPrice: number,
    @odata.session session: Session,
  ): Promise<void> {
    const factor = withoutPercentage(percentage, "percentage");
    const found = await session.list<model.Product>(`Products?$select=ID,Price&$filter=Price%20ge%20${minPrice}`);
    for (const { ID, Price } of found) await session.update(`Products(${ID})`, { Price: asPrice(Price * factor) });
  }

  /** Drops all rows and plants those of the seed again. */
  @Edm.ActionImport
  Reseed(@odata.session session: Session): Promise<void> {
    return plantAll(session);
  }
}

/**
 * The products that cost most, highest price first.
 *
 * @param bound those to choose from; all where absent
 */
async function topProducts(
  bound: readonly model.Product[] | undefined,
  session: Session,
  count: number,
  category?: string,
): Promise<model.Product[]> {
  if (count < 0) throw badRequest(`There are no ${count} products.`, { target: "count" });
  const filter =
    category === undefined ? "" : `$filter=${encodeURIComponent(`Category/Name eq ${literal(category)}`)}&`;
  if (bound === undefined) {
    const query = `${filter}$orderby=Price%20desc&$top=${count}`;
    return session.list(`Products?${query}`);
  }
  let found = bound;
  if (category !== undefined) {
    const [of] = await session.list<model.Category>(
      `Categories?$filter=${encodeURIComponent(`Name eq ${literal(category)}`)}`,
    );
    found = bound.filter(({ CategoryID }) => CategoryID !== null && CategoryID === of?.ID);
  }
  return found.toSorted((one, other) => other.Price - one.Price).slice(0, count);
}

/** A text as a literal in a URL. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @throws {ODataError} 400 for a result that an Edm.Int64 cannot hold */
function asInt64(value: bigint): string {
  if (BigInt.asIntN(64, value) === value) return String(value);
  throw badRequest(`The result ${value} is beyond the range of an Edm.Int64.`);
}

/**
 * Starts the catalog; a store that it has never been in gets the rows of the seed.
 *
 * @param database where its rows are: `sqlite:catalog.db`, `sqlite::memory:`, `postgres://user@host/database`
 */
export async function createCatalog(database: Pick<DatabaseOptions, "url" | "synchronous">): Promise<Service> {
  const service = await createService(Catalog, { database });
  const own = { headers: {}, serviceRoot: "http://localhost/" };
  // The company has a name as soon as anything was planted.
  const planted = await service.handle({ ...own, method: "GET", url: `/Company?$select=Name` });
  if ((JSON.parse(String(planted.body)) as { Name: string }).Name === "") {
    await service.handle({ ...own, method: "POST", url: "/Reseed" });
  }
  return service;
}
