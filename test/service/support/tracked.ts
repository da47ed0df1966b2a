import { Column, Entity, ManyToOne, JoinColumn, OneToMany, PrimaryColumn } from "typeorm";
import { createService, Edm, odata, TypeOrmController } from "../../../src/index.js";
import type { Answer, Json, Shop } from "./bookshop.js";
import { Author, Book, CompanyAddress, Novel, root, shopOf } from "./bookshop.js";

const TRACKING = "Org.OData.Capabilities.V1.ChangeTracking";

/** A key of several parts, one of them with more digits than a JavaScript number holds. */
@Entity("shelf")
@odata.namespace("Books")
export class Shelf {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String room!: string;
  @PrimaryColumn("bigint") @Edm.Key @Edm.Required @Edm.Int64 number!: string;
  @Column("text", { nullable: true }) @Edm.String label!: string | null;

  @ManyToOne(() => Room, (room) => room.shelves, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "place_id" })
  @Edm.EntityType(Edm.ForwardRef(() => Room))
  place?: Room | null;
}

@Entity("room")
@odata.namespace("Books")
export class Room {
  @PrimaryColumn("text") @Edm.Key @Edm.Required @Edm.String id!: string;
  @Column("boolean", { nullable: true }) @Edm.Boolean open!: boolean | null;

  @OneToMany(() => Shelf, (shelf) => shelf.place)
  @Edm.Contained
  @Edm.Term(TRACKING, { Supported: true })
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => Shelf)))
  shelves?: Shelf[];
}

@odata.type(Author)
@Edm.Term(TRACKING, { Supported: true, ExpandableProperties: ["books", "friends", "teacher"] })
class Authors extends TypeOrmController {}
@odata.type(Book)
@Edm.Term(TRACKING, { Supported: true, ExpandableProperties: ["author"] })
class BookList extends TypeOrmController {}
@odata.type(Room)
class Rooms extends TypeOrmController {}
@odata.type(Shelf)
@Edm.Term(TRACKING, { Supported: true })
class Shelves extends TypeOrmController {}

/** The bookshop, with changes tracked. */
@odata.namespace("Books")
@odata.container("Shop")
@odata.controller(Authors as never, "Authors")
@odata.controller(BookList as never, "Books")
@odata.controller(Rooms as never, "Rooms")
@odata.controller(Shelves as never, "Shelves")
@odata.types(CompanyAddress, Novel)
class TrackedShop {}

@odata.type(Book)
class OtherBooks extends TypeOrmController {}
@odata.type(Author)
class OtherAuthors extends TypeOrmController {}

/** The same tables with nothing tracked. */
@odata.namespace("Books")
@odata.container("Shop")
@odata.controller(OtherAuthors as never, "Authors")
@odata.controller(OtherBooks as never, "Books")
@odata.types(CompanyAddress, Novel)
class UntrackedShop {}

export async function startTracked(
  url = "sqlite::memory:",
  {
    tracked = true,
    pageSize,
    ...database
  }: { readonly tracked?: boolean; readonly pageSize?: number; readonly changeRetentionDays?: number } = {},
): Promise<Shop> {
  return shopOf(
    await createService(tracked ? TrackedShop : UntrackedShop, {
      ...(pageSize === undefined ? {} : { pageSize }),
      database: { url, synchronous: "NORMAL", ...database },
    }),
  );
}

export const tracking = { prefer: "track-changes" };

/** A URL of the service as its requests have it. */
export function below(absolute: unknown, serviceRoot = root): string {
  if (typeof absolute !== "string" || !absolute.startsWith(serviceRoot))
    throw new Error(`No URL of ours: ${String(absolute)}`);
  return absolute.slice(serviceRoot.length - 1);
}

/** What a client knows of a collection, kept up to date by delta links alone. */
export class Follower {
  readonly #shop: Pick<Shop, "get">;
  readonly #keyOf: (item: Json) => string;
  readonly #root: () => string;
  readonly items = new Map<string, Json>();
  /** The delta link, once everything was read. */
  link = "";

  /** @param serviceRoot what the service's URLs begin with now */
  constructor(shop: Pick<Shop, "get">, keyOf: (item: Json) => string, serviceRoot = () => root) {
    this.#shop = shop;
    this.#keyOf = keyOf;
    this.#root = serviceRoot;
  }

  /** Reads everything, with something done between two pages. */
  async begin(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    between?: () => Promise<unknown>,
  ): Promise<Answer> {
    this.items.clear();
    return this.#read(url, { prefer: [tracking.prefer, headers.prefer].filter(Boolean).join(", ") }, between);
  }

  /** Asks for the changes and applies them; @returns these, page by page */
  async follow(headers: Readonly<Record<string, string>> = {}, between?: () => Promise<unknown>): Promise<Json[]> {
    const found: Json[] = [];
    await this.#read(this.link, headers, between, found);
    return found;
  }

  async #read(
    url: string,
    headers: Readonly<Record<string, string>>,
    between?: () => Promise<unknown>,
    found: Json[] = [],
  ): Promise<Answer> {
    let first: Answer | undefined;
    for (let next: unknown = this.#root() + url.replace(/^\//, ""); next !== undefined;) {
      const answer = await this.#shop.get(below(next, this.#root()), headers);
      first ??= answer;
      for (const item of answer.json.value as Json[]) {
        found.push(item);
        if ("@removed" in item) this.items.delete(this.#keyOf(item));
        else this.items.set(this.#keyOf(item), item);
      }
      next = answer.json["@odata.nextLink"];
      if (next === undefined) this.link = below(answer.json["@odata.deltaLink"], this.#root());
      else await between?.();
    }
    return first!;
  }
}
