import { Readable, type Writable } from "node:stream";
import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { ResourceNotFoundError } from "odata-v4-server/build/lib/error.js";
import { ODataResult } from "odata-v4-server/build/lib/result.js";
import { Edm, odata } from "../../../src/index.js";
import { matching } from "./tokens.js";

/** A shop as one would write it for `odata-v4-server`: arrays in memory, tokens, generators, streams. */

@odata.namespace("Northwind")
export class Product {
  @Edm.Key @Edm.Computed @Edm.String _id!: string;
  @Edm.Required @Edm.String Name!: string;
  @Edm.Decimal UnitPrice!: number | null;
  @Edm.Boolean Discontinued!: boolean | null;
  @Edm.String CategoryId!: string | null;
  @Edm.ForeignKey("CategoryId")
  @Edm.EntityType(Edm.ForwardRef(() => Category))
  @Edm.Partner("Products")
  Category?: Category;

  @Edm.Function(Edm.Double)
  getUnitPrice(@odata.result product: Product): number {
    return Number(product.UnitPrice);
  }

  @Edm.Function(Edm.Decimal)
  priceWith(@Edm.Double rate: number): number {
    return Number(this.UnitPrice) * rate;
  }

  @Edm.Action
  invertDiscontinued(@odata.result product: { _id: string }): void {
    const own = products.find(({ _id }) => _id === product._id)!;
    own.Discontinued = own.Discontinued !== true;
  }

  @Edm.Action(Edm.EntityType(Product))
  setPrice(@odata.result product: { _id: string }, @Edm.Required @Edm.Decimal price: number): object {
    const own = products.find(({ _id }) => _id === product._id)!;
    own.UnitPrice = price;
    return own;
  }
}

@odata.namespace("Northwind")
@Edm.OpenType
export class Category {
  @Edm.Key @Edm.Computed @Edm.String _id!: string;
  @Edm.String Name!: string | null;
  @Edm.String Description!: string | null;
  @Edm.ForeignKey("CategoryId")
  @Edm.Collection(Edm.EntityType(Product))
  @Edm.Partner("Category")
  Products?: Product[];

  @Edm.Collection(Edm.String)
  @Edm.Function
  echo(): string[] {
    return ["echotest"];
  }
}

@odata.namespace("Northwind")
@Edm.MediaEntity("audio/mp3")
export class Music {
  @Edm.Key @Edm.Int32 Id!: number;
  @Edm.String Artist!: string | null;
  @Edm.Stream("image/png") Cover?: unknown;
}

type ProductRow = Omit<Product, "Category" | "getUnitPrice" | "priceWith" | "invertDiscontinued" | "setPrice">;

export let products: ProductRow[] = [];
export let categories: { _id: string; Name: string; Description: string; Extra?: string }[] = [];
export let sounds = new Map<number, Buffer>();
/** What methods saw. */
export let calls: unknown[] = [];

export function reset(): void {
  categories = [
    { _id: "c1", Name: "Beverages", Description: "Soft drinks", Extra: "dynamic" },
    { _id: "c2", Name: "Sweets", Description: "Candies" },
  ];
  products = [
    { _id: "p1", Name: "Chai", UnitPrice: 39, Discontinued: false, CategoryId: "c1" },
    { _id: "p2", Name: "Chang", UnitPrice: 19.5, Discontinued: true, CategoryId: "c1" },
    { _id: "p3", Name: "Pavlova & Co", UnitPrice: 17, Discontinued: false, CategoryId: "c2" },
    { _id: "p4", Name: "Ikura", UnitPrice: 31, Discontinued: false, CategoryId: null },
  ];
  sounds = new Map([[1, Buffer.from("la la la")]]);
  calls = [];
}

@odata.type(Product)
export class ProductsController extends ODataController {
  @odata.GET
  find(@odata.filter filter: unknown) {
    calls.push(filter === undefined ? "all" : "filtered");
    return filter === undefined ? products : products.filter(matching(filter));
  }

  @odata.GET
  findOne(@odata.key key: string) {
    return products.find(({ _id }) => _id === key);
  }

  @odata.POST
  insert(@odata.body product: ProductRow) {
    const created = { ...product, _id: `p${products.length + 1}` };
    products.push(created);
    return created;
  }

  @odata.PATCH
  update(@odata.key key: string, @odata.body delta: Partial<ProductRow>) {
    Object.assign(
      products.find(({ _id }) => _id === key)!,
      delta,
    );
  }

  @odata.PUT
  upsert(@odata.key key: string, @odata.body body: ProductRow) {
    const known = products.findIndex(({ _id }) => _id === key);
    const product = { ...body, _id: key };
    if (known >= 0) {
      products[known] = product;
      return null;
    }
    products.push(product);
    return product;
  }

  @odata.DELETE
  remove(@odata.key key: string) {
    products = products.filter(({ _id }) => _id !== key);
  }

  @odata.GET("Name")
  getName(@odata.result result: ProductRow): string {
    return result.Name;
  }

  @odata.createRef("Category")
  @odata.updateRef("Category")
  setCategory(@odata.key key: string, @odata.link link: string): void {
    products.find(({ _id }) => _id === key)!.CategoryId = link;
  }

  @odata.deleteRef("Category")
  unsetCategory(@odata.key key: string): void {
    products.find(({ _id }) => _id === key)!.CategoryId = null;
  }

  @Edm.Function(Edm.EntityType(Product))
  getCheapest() {
    return [...products].sort((one, other) => Number(one.UnitPrice) - Number(other.UnitPrice))[0];
  }

  @Edm.Function(Edm.Collection(Edm.EntityType(Product)))
  @Edm.Composable
  getCheap(@Edm.Decimal below: number) {
    return products.filter(({ UnitPrice }) => Number(UnitPrice) < below);
  }

  @Edm.Action
  discontinueAll(): Promise<void> {
    for (const product of products) product.Discontinued = true;
    return Promise.resolve();
  }
}

@odata.type(Category)
export class CategoriesController extends ODataController {
  @odata.GET
  *find(@odata.query query: unknown): Generator<unknown, unknown, any[]> {
    const tokens = query as { value: { options: { type: string; value: any }[] } } | null;
    const optionOf = (type: string) => tokens?.value.options.find((one) => one.type === type)?.value as unknown;
    let found: any[] = yield Promise.resolve(categories);
    const filter = optionOf("Filter");
    if (filter !== undefined) found = found.filter(matching(filter));
    const count = found.length;
    const [skip, top] = ["Skip", "Top"].map((type) => (optionOf(type) as { raw?: string } | undefined)?.raw);
    found = found.slice(Number(skip ?? 0), top === undefined ? undefined : Number(skip ?? 0) + Number(top));
    return Object.assign(found, { inlinecount: count });
  }

  @odata.GET
  @odata.parameters({ key: odata.key })
  findOne(key: string) {
    return categories.find(({ _id }) => _id === key) ?? null;
  }

  @odata.POST
  insert(@odata.body body: any, @odata.type type: string) {
    calls.push(type);
    const category = { ...body, _id: `c${categories.length + 1}` };
    categories.push(category);
    return ODataResult.Created(Promise.resolve(category));
  }

  @odata.GET("Products")
  getProducts(@odata.result category: { _id: string }, @odata.stream stream: Writable) {
    for (const product of products) if (product.CategoryId === category._id) stream.write(product);
    stream.end();
  }

  @odata.POST("Products")
  insertProduct(@odata.key key: string, @odata.body body: ProductRow) {
    const created = { ...body, _id: `p${products.length + 1}`, CategoryId: key };
    products.push(created);
    return created;
  }

  @(odata.POST("Products").$ref)
  @(odata.method("PUT", "Products").$ref)
  *addProduct(@odata.key key: string, @odata.link link: string) {
    yield products.filter((product) => product._id === link).map((product) => (product.CategoryId = key));
  }

  @(odata.DELETE("Products").$ref)
  removeProduct(@odata.key _: string, @odata.link link: string) {
    products.find(({ _id }) => _id === link)!.CategoryId = null;
  }
}

@odata.type(Music)
export class MusicController extends ODataController {
  @odata.GET
  findAll() {
    return Readable.from([Object.assign(new Music(), { Id: 1, Artist: "Dream Theater" })]);
  }

  @odata.GET
  findOne(@odata.key key: number) {
    if (!sounds.has(key)) throw new ResourceNotFoundError();
    return Object.assign(new Music(), { Id: key, Artist: "Dream Theater" });
  }

  @odata.GET.$value
  mp3(@odata.key key: number, @odata.context context: { response: Writable }) {
    return Readable.from([sounds.get(key)!]).pipe(context.response);
  }

  @odata.POST.$value
  async record(@odata.key key: number, @odata.body upload: Readable) {
    const chunks: Buffer[] = [];
    for await (const chunk of upload) chunks.push(chunk as Buffer);
    sounds.set(key, Buffer.concat(chunks));
  }

  @odata.GET("Cover")
  cover(@odata.key _: number) {
    return Readable.from([Buffer.from("png")], { objectMode: false });
  }
}

@odata.namespace("Northwind")
@odata.controller(ProductsController, "Products")
@odata.controller(CategoriesController, "Categories")
@odata.controller(MusicController, "Music")
export class NorthwindServer {
  @Edm.EntityType(Category)
  @Edm.FunctionImport
  *GetCategoryById(@Edm.String id: string): Generator<unknown, unknown, unknown> {
    return yield categories.find(({ _id }) => _id === id);
  }

  @Edm.ActionImport
  initDb(): void {
    reset();
  }

  @Edm.ActionImport
  ActionImportParams(@Edm.Required @Edm.Int32 value: number, @Edm.Collection(Edm.String) words: string[]): void {
    calls.push([value, words]);
  }

  @Edm.FunctionImport(Edm.String)
  FunctionImportMore(@Edm.String message: string, @Edm.Int64 value: number): string {
    return `The number is ${value} and your message was ${message}.`;
  }

  @Edm.FunctionImport(Edm.String)
  SetStatusCode(@odata.context context: { response: { sendStatus(code: number): void } }): string {
    context.response.sendStatus(403);
    return "never shown";
  }
}
