import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  TableInheritance,
  ChildEntity,
} from "typeorm";
import type { ODataResponse, Service, ServiceOptions } from "../../../src/index.js";
import { createService, Document, Edm, odata, TypeOrmController } from "../../../src/index.js";

@odata.namespace("Books")
export class Address {
  @Edm.String street!: string | null;
  @Edm.String city!: string | null;
  @Edm.Required @Edm.DefaultValue(0) @Edm.Int32 floor!: number;
}

@odata.namespace("Books")
export class CompanyAddress extends Address {
  @Edm.String company!: string | null;
}

@Entity("author")
@odata.namespace("Books")
@Edm.AlternateKey("name")
export class Author {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 id!: number;
  @Column("text", { unique: true }) @Edm.Required @Edm.Searchable @Edm.String name!: string;
  @Column("text", { nullable: true }) @Edm.Date born!: string | null;
  @Edm.ComplexType(Address) address!: Address | null;
  @Edm.Collection(Edm.ComplexType(Address)) former!: Address[];
  @Edm.Collection(Edm.String) names!: string[];

  @OneToMany(() => Book, (book) => book.author)
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Book)))
  books?: Book[];

  /** Kept in links. */
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Author))) friends?: Author[];
  @Edm.EntityType(Edm.ForwardRef(() => Author)) teacher?: Author | null;

  @Document() document!: string;
}

@Entity("book")
@TableInheritance({ column: { type: "text", name: "kind" } })
@odata.namespace("Books")
@Edm.OpenType
export class Book {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String isbn!: string;
  @Column("text") @Edm.Required @Edm.Searchable @Edm.String title!: string;
  @Column("text", { nullable: true }) @Edm.Precision(20) @Edm.Scale(4) @Edm.Decimal price!: string | null;
  @Column("bigint", { nullable: true }) @Edm.Int64 sold!: string | null;
  @Column("integer", { nullable: true }) @Edm.DefaultValue(100) @Edm.Int32 pages!: number | null;
  @Column("double precision", { nullable: true }) @Edm.Double rating!: number | null;
  @Column("text", { nullable: true }) @Edm.Precision(6) @Edm.DateTimeOffset published!: string | null;
  @Column("integer") @Edm.Generated("revision") @Edm.Concurrency @Edm.Required @Edm.Int32 version!: number;

  @Index()
  @ManyToOne(() => Author, (author) => author.books, { onDelete: "SET NULL", nullable: true })
  @JoinColumn({ name: "author_id" })
  @Edm.EntityType(Edm.ForwardRef(() => Author))
  author?: Author | null;

  @Document() document!: string;
}

@ChildEntity("Novel")
@odata.namespace("Books")
export class Novel extends Book {
  @Edm.String hero!: string | null;
}

@odata.type(Author)
class Authors extends TypeOrmController {}
@odata.type(Book)
class BookList extends TypeOrmController {}

@odata.namespace("Books")
@odata.container("Shop")
@odata.controller(Authors as never, "Authors")
@odata.controller(BookList as never, "Books")
@odata.types(CompanyAddress, Novel)
export class Bookshop {}

export type Json = Record<string, any>;

/** An answer of the service, called without a listener. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: Json;
  /** Whether the body came as a stream. */
  readonly streamed: boolean;
}

export const root = "http://example.org/shop/";

/** The service with what tests need around it. */
export interface Shop {
  readonly service: Service;
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  call(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export async function startShop(
  options: Partial<Omit<ServiceOptions, "database">> & { readonly url?: string; readonly database?: object } = {},
): Promise<Shop> {
  const { url = "sqlite::memory:", database, ...behaviour } = options;
  return shopOf(
    await createService(Bookshop, {
      ...behaviour,
      database: { url, synchronous: "NORMAL", ...database },
    }),
  );
}

/** A service of these classes with what tests need around it. */
export function shopOf(service: Service): Shop {
  const call: Shop["call"] = async (method, path, body, headers = {}) => {
    const own = body === undefined || typeof body === "string" ? {} : { "content-type": "application/json" };
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    return answerOf(
      await service.handle({ method, url: path, headers: { ...own, ...headers }, body: text, serviceRoot: root }),
    );
  };
  return { service, call, get: (path, headers) => call("GET", path, undefined, headers), close: () => service.close() };
}

async function answerOf({ status, headers, body }: ODataResponse): Promise<Answer> {
  let text = "";
  const streamed = body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);
  if (streamed) for await (const chunk of body) text += String(chunk);
  else if (body !== undefined) text = body.toString();
  return {
    status,
    headers,
    text,
    streamed,
    get json() {
      return JSON.parse(text) as Json;
    },
  };
}

/** The error of a request that is refused. */
export async function refusal(
  answer: Promise<unknown>,
): Promise<{ readonly status: number; readonly message: string }> {
  try {
    await answer;
  } catch (error) {
    return error as { status: number; message: string };
  }
  throw new Error("It was not refused.");
}

/** Authors 1 to 5 and some books of each, every third a novel. */
export async function fill(shop: Shop, books = 60): Promise<void> {
  for (let id = 1; id <= 5; id++) {
    await shop.call("POST", "/Authors", {
      id,
      name: `Author ${id}`,
      born: id === 3 ? null : `19${id}0-01-0${id}`,
      address: id === 5 ? null : { street: `Street ${id}`, city: id % 2 === 0 ? "Bonn" : "Oslo", floor: id },
      former: Array.from({ length: id - 1 }, (_, index) =>
        index % 2 === 0
          ? { city: `City ${index}`, floor: index }
          : {
              "@odata.type": "#Books.CompanyAddress",
              city: `City ${index}`,
              floor: index,
              company: `Company ${index}`,
            },
      ),
      names: Array.from({ length: id }, (_, index) => `Name ${index}`),
      ...(id > 1 ? { "teacher@odata.bind": `Authors(${id - 1})`, "friends@odata.bind": ["Authors(1)"] } : {}),
    });
  }
  for (let index = 0; index < books; index++) {
    const isNovel = index % 3 === 0;
    await shop.call("POST", "/Books", {
      ...(isNovel ? { "@odata.type": "#Books.Novel", hero: `Hero ${index}` } : {}),
      isbn: `isbn ${String(index).padStart(4, "0")}`,
      title: `Title ${index % 7}`,
      price: index % 5 === 0 ? null : Number((index * 1.25).toFixed(2)),
      sold: index % 4 === 0 ? null : index * 1_000_003,
      pages: index % 6 === 0 ? null : 100 + (index % 10),
      rating: index % 8 === 0 ? null : index / 7,
      published:
        index % 9 === 0 ? null : new Date(Date.UTC(2000, 0, 1 + (index % 20), 12, 0, 0, index % 3)).toISOString(),
      ...(index % 11 === 0 ? { shelf: `Shelf ${index}` } : {}),
      "author@odata.bind": `Authors(${(index % 5) + 1})`,
    });
  }
}
