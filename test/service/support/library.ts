import {
  badRequest,
  Edm,
  notFound,
  odata,
  type PlainObject,
  type Session,
  TypeOrmController,
} from "../../../src/index.js";
import type { Key, StoredEntities } from "../../../src/index.js";
import { Author, Book, CompanyAddress, Novel } from "./bookshop.js";

/** The bookshop's entities under rules, with functions and actions. */

/** What rules were called for. */
export const seen: unknown[] = [];

@odata.namespace("Books")
export class Stats {
  @Edm.Int32 count!: number;
  @Edm.Double average!: number | null;
}

@odata.type(Author)
export class Authors extends TypeOrmController {
  override async insert(@odata.body author: PlainObject): Promise<PlainObject> {
    seen.push(["insert author", author]);
    if (author.name === "nobody") throw badRequest("Nobody writes nothing.", { target: "name" });
    const stored = await super.insert({
      ...author,
      names: [...((author.names as string[] | undefined) ?? []), "checked"],
    });
    if (author.name === "too late") throw badRequest("Too late.");
    if (author.name === "prolific")
      await this.session.create("Books", {
        isbn: `of ${String(stored.id)}`,
        title: "First",
        "author@odata.bind": `Authors(${String(stored.id)})`,
      });
    return stored;
  }

  override async remove(key: Key): Promise<void> {
    const books = await this.session.list(`Authors(${String(key)})/books`);
    if (books.length > 0) throw badRequest("The author has books.");
    await super.remove(key);
  }

  override find(): StoredEntities {
    seen.push("find authors");
    return super.find() as StoredEntities;
  }

  override async findOne(@odata.key id: number): Promise<object | undefined> {
    const author = (await super.findOne(id)) as PlainObject | undefined;
    if (author?.name === "secret") throw notFound("There is no such author.");
    return author?.name === "masked" ? { ...author, born: null } : author;
  }

  @Edm.Action(Edm.EntityType(Author))
  async merge(@Edm.Required @Edm.Int32 from: number, @Edm.Required @Edm.Int32 into: number): Promise<PlainObject> {
    const books = await this.session.list(`Authors(${from})/books?$select=isbn`);
    for (const { isbn } of books)
      await this.session.update(`Books('${String(isbn)}')`, { "author@odata.bind": `Authors(${into})` });
    await this.remove(from);
    return (await this.session.get(`Authors(${into})`))!;
  }
}

@odata.type(Book)
export class BookList extends TypeOrmController {
  @Edm.BoundTo(Edm.EntityType(Book))
  @Edm.Term("Org.OData.Core.V1.OperationAvailable", { $Path: "bindingParameter/pages" })
  @Edm.Action
  bind(): void {
    seen.push("bound");
  }

  @Edm.BoundTo(Edm.EntityType(Book))
  @Edm.Term("Org.OData.Core.V1.OperationAvailable", false)
  @Edm.Action
  burn(): void {
    seen.push("burnt");
  }

  override async update(@odata.key isbn: string, @odata.body delta: PlainObject): Promise<PlainObject | undefined> {
    seen.push(["update book", isbn, delta]);
    if (Number(delta.price) < 0) throw badRequest("A price is not below zero.", { target: "price" });
    const stored = await super.update(isbn, delta);
    if (delta.title === "Bestseller")
      await this.session.request({ method: "PATCH", url: `Books('${isbn}')`, body: { rating: 5 } });
    return stored;
  }

  @Edm.Action
  async raise(@Edm.Required @Edm.Decimal by: string, @odata.result books: PlainObject[]): Promise<void> {
    for (const { isbn, price } of books)
      if (price !== null) await this.update(String(isbn), { price: String(Number(price) + Number(by)) });
  }

  @Edm.BoundTo(Edm.EntityType(Book))
  @Edm.Composable
  @Edm.Function(Edm.EntityType(Author))
  async writer(@odata.result book: PlainObject, @odata.session session: Session): Promise<unknown> {
    return session.get(`Books('${String(book.isbn)}')/author`);
  }

  @Edm.BoundTo(Edm.EntityType(Book))
  @Edm.Term("Org.OData.Core.V1.Description", "Sell some")
  @Edm.Action(Edm.Int64)
  async sell(
    @odata.key isbn: string,
    @odata.result book: PlainObject,
    @Edm.Required @Edm.Int64 copies: number | string,
  ): Promise<bigint> {
    const sold = BigInt(String(book.sold ?? 0)) + BigInt(copies);
    await this.session.update(`Books('${isbn}')`, { sold });
    if (sold > 10n ** 18n) throw badRequest("That is too much.");
    return sold;
  }
}

@odata.namespace("Books")
@odata.container("Library")
@odata.controller(Authors as never, "Authors")
@odata.controller(BookList as never, "Books")
@odata.types(CompanyAddress, Novel)
export class Library {
  @Edm.Composable
  @Edm.FunctionImport(Edm.ComplexType(Stats))
  async Statistics(@odata.session session: Session): Promise<Stats> {
    const books = await session.list<{ pages: number | null }>("Books?$select=pages");
    const pages = books.flatMap((book) => book.pages ?? []);
    return { count: books.length, average: pages.length === 0 ? null : pages.reduce((a, b) => a + b) / pages.length };
  }

  @Edm.Composable
  @Edm.FunctionImport(Edm.Collection(Edm.EntityType(Book)))
  Short(@Edm.Int32 below: number, @odata.session session: Session): Promise<PlainObject[]> {
    return session.list(`Books?$filter=pages%20lt%20${below}&$orderby=isbn`);
  }

  @Edm.FunctionImport(Edm.Int32)
  async Meddle(@odata.session session: Session): Promise<number> {
    await session.create("Books", { isbn: "no", title: "no" });
    return 1;
  }

  @Edm.FunctionImport(Edm.Int32)
  Wrong(): string {
    return "one";
  }

  @Edm.ActionImport(Edm.EntityType(Book))
  async Found(
    @Edm.Required @Edm.EntityType(Author) by: PlainObject,
    @odata.session session: Session,
  ): Promise<PlainObject> {
    return session.create("Books", { isbn: "found", title: `By ${String(by.name)}`, price: "0.10" });
  }
}
