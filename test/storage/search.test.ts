import { expect } from "chai";
import fc from "fast-check";
import { sql } from "kysely";
import { ChildEntity, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, TableInheritance } from "typeorm";
import type { DecoratedClass } from "../../src/index.js";
import { Database, Document, Edm, odata, TypeOrmController } from "../../src/index.js";
import { buildModel, readClasses } from "../../src/edm/index.js";
import type { EntityMapping } from "../../src/query/index.js";
import { searchCondition } from "../../src/query/sql/search.js";
import type { SearchExpression } from "../../src/syntax/index.js";
import { parseUri } from "../../src/syntax/index.js";
import { indexName } from "../../src/storage/index-name.js";
import type { StoreKind } from "../support/stores.js";
import { freshStores, storeKinds } from "../support/stores.js";

@Entity("shelf")
@odata.namespace("Search")
class Shelf {
  @PrimaryColumn("text") @Edm.Key @Edm.String id!: string;
  @Column("text", { nullable: true }) @Edm.Searchable @Edm.String label!: string | null;
}

/** One searchable property in a column, one in the document, and what only some types have. */
@Entity("work")
@TableInheritance({ column: { type: "text", name: "type" } })
@odata.namespace("Search")
class Work {
  @PrimaryColumn("integer") @Edm.Key @Edm.Int32 id!: number;
  @Column("text", { nullable: true }) @Edm.Searchable @Edm.String title!: string | null;
  @Edm.Searchable @Edm.String summary!: string | null;
  @Edm.String hidden!: string | null;
  @ManyToOne(() => Shelf, { onDelete: "CASCADE", nullable: true })
  @JoinColumn({ name: "shelf_id" })
  @Edm.EntityType(Edm.ForwardRef(() => Shelf))
  shelf?: Shelf | null;
  @Document() document!: string;
}

@ChildEntity("book")
@odata.namespace("Search")
class Book extends Work {
  @Edm.Searchable @Edm.String note!: string | null;
}

@ChildEntity("film")
@odata.namespace("Search")
class Film extends Work {
  /** Not searchable here. */
  @Edm.String note!: string | null;
}

/** A key of two columns. */
@Entity("translation")
@odata.namespace("Search")
class Translation {
  @PrimaryColumn("integer") @Edm.Key @Edm.Int32 term!: number;
  @PrimaryColumn("text") @Edm.Key @Edm.String language!: string;
  @Column("text") @Edm.Searchable @Edm.String text!: string;
}

/** The same table, of which something else can be searched. */
@Entity("translation")
@odata.namespace("Search")
class OtherTranslation {
  @PrimaryColumn("integer") @Edm.Key @Edm.Int32 term!: number;
  @PrimaryColumn("text") @Edm.Key @Edm.Searchable @Edm.String language!: string;
  @Column("text") @Edm.String text!: string;
}

/** The same table, of which nothing can be searched. */
@Entity("translation")
@odata.namespace("Search")
class MuteTranslation {
  @PrimaryColumn("integer") @Edm.Key @Edm.Int32 term!: number;
  @PrimaryColumn("text") @Edm.Key @Edm.String language!: string;
  @Column("text") @Edm.String text!: string;
}

function serviceOf(...classes: readonly DecoratedClass[]): DecoratedClass {
  @odata.namespace("Search")
  class Service {}
  odata.types(...classes)(Service);
  classes.forEach((entityClass, index) => {
    class Controller extends TypeOrmController {}
    odata.type(entityClass as never)(Controller as never);
    odata.controller(Controller as never, `Set${index}`)(Service as never);
  });
  return Service;
}

/** A store with what it takes to search it. */
class SearchStore {
  readonly database: Database;
  readonly #kind: StoreKind;
  readonly #mapping: (name: string) => EntityMapping;

  private constructor(database: Database, kind: StoreKind, mapping: (name: string) => EntityMapping) {
    this.database = database;
    this.#kind = kind;
    this.#mapping = mapping;
  }

  static async open(kind: StoreKind, url: string, ...classes: readonly DecoratedClass[]): Promise<SearchStore> {
    const read = readClasses(serviceOf(...classes));
    const model = buildModel(read.source);
    const database = await Database.open({
      url,
      entities: [...read.classes.values()],
      model: { model, classes: read.classes },
    });
    const mapping = (name: string) => {
      const type = model.types.get(`Search.${name}`);
      if (type?.kind !== "entity") throw new Error(`There is no type ${name}.`);
      return database.mapping.entity(type);
    };
    return new SearchStore(database, kind, mapping);
  }

  run(text: string, ...parameters: (string | number | null)[]): Promise<number> {
    return this.database.transaction((transaction) => transaction.run(this.#kind.sql(text), parameters));
  }

  work(id: number, type: string, title: string | null, document: object, shelf: string | null = null) {
    return this.run(
      "insert into work (id, type, title, document, shelf_id) values (?, ?, ?, ?, ?)",
      id,
      type,
      title,
      JSON.stringify(document),
      shelf,
    );
  }

  /** The values of a column of the rows that a search finds, in order. */
  async find(name: string, column: string, search: string | SearchExpression): Promise<unknown[]> {
    return (await this.#rows(name, column, search)).flat();
  }

  /** How the database goes about a search. */
  async explain(name: string, search: string): Promise<string> {
    const how = this.#kind.database === "sqlite" ? "explain query plan " : "explain ";
    return (await this.#rows(name, "language", search, how)).map((row) => row.join(" ")).join("\n");
  }

  async #rows(name: string, column: string, search: string | SearchExpression, explain = ""): Promise<unknown[][]> {
    const mapping = this.#mapping(name);
    const expression = typeof search === "string" ? parse(search) : search;
    const { dialect } = this.database;
    const condition = searchCondition("e0", mapping, expression, dialect);
    const value = sql.ref(`e0.${column}`);
    const statement = sql`select ${value} from ${sql.table(mapping.table)} as e0 where ${condition} order by ${value}`;
    const { sql: text, parameters } = statement.compile(dialect.builder);
    return this.database.reader.rows(explain + text, parameters as string[]);
  }
}

function parse(search: string): SearchExpression {
  return parseUri(`/x?$search=${encodeURIComponent(search)}`).options.search!;
}

for (const kind of storeKinds) {
  describe(`search (${kind.name})`, () => {
    const store = freshStores(kind);
    let works: SearchStore;
    const found = (search: string) => works.find("Work", "id", search);
    beforeEach(async () => (works = await SearchStore.open(kind, store().url, Shelf, Work, Book, Film, Translation)));
    afterEach(() => works.database.close());

    it("finds words in columns and documents, as a whole, in upper and lower case", async () => {
      await works.work(1, "book", "The Nail-Gun, 2nd edition", { summary: "How to build a SHED" });
      await works.work(2, "book", "Nails", { summary: null });
      await works.work(3, "film", null, { summary: "Straße, Élan" });
      expect(await found("nail")).to.deep.equal([1]);
      expect(await found("NAILS")).to.deep.equal([2]);
      expect(await found("2ND")).to.deep.equal([1]);
      expect(await found("shed")).to.deep.equal([1]);
      expect(await found("STRASSE")).to.deep.equal([]);
      expect(await found("STRAßE")).to.deep.equal([3]);
      expect(await found("élan")).to.deep.equal([3]);
      expect(await found("elan")).to.deep.equal([]);
      expect(await found("nai")).to.deep.equal([]);
    });

    it("finds phrases, and terms of several words, only where the words are next to each other in one property", async () => {
      await works.work(1, "book", "one two three", { summary: "four five" });
      await works.work(2, "book", "three two one", { summary: "five four" });
      expect(await found('"one two"')).to.deep.equal([1]);
      expect(await found('"ONE,  Two"')).to.deep.equal([1]);
      expect(await found("one-two")).to.deep.equal([1]);
      expect(await found('"one three"')).to.deep.equal([]);
      expect(await found('"three four"')).to.deep.equal([]);
      expect(await found("three four")).to.deep.equal([1, 2]);
      expect(await found('"one two three"')).to.deep.equal([1]);
    });

    it("combines with AND, OR and NOT", async () => {
      await works.work(1, "book", "a b", {});
      await works.work(2, "book", "a", {});
      await works.work(3, "book", "b", {});
      await works.work(4, "book", null, {});
      for (const [search, ids] of Object.entries({
        "a AND b": [1],
        "a b": [1],
        "a OR b": [1, 2, 3],
        "NOT a": [3, 4],
        "a AND NOT b": [2],
        "NOT a AND NOT b": [4],
        "a OR NOT b": [1, 2, 4],
        "NOT (a AND b)": [2, 3, 4],
        "NOT (a OR b)": [4],
        "NOT NOT a": [1, 2],
        "a AND NOT a": [],
        "a OR NOT a": [1, 2, 3, 4],
      }))
        expect(await found(search), search).to.deep.equal(ids);
    });

    it("finds nothing by what has no letter and no digit", async () => {
      await works.work(1, "book", "a & b", { summary: "&" });
      expect(await found("&")).to.deep.equal([]);
      expect(await found('"&-*"')).to.deep.equal([]);
      expect(await found("a AND &")).to.deep.equal([]);
      expect(await found("a OR &")).to.deep.equal([1]);
      expect(await found("NOT &")).to.deep.equal([1]);
      expect(await found("NOT & AND a")).to.deep.equal([1]);
    });

    it("takes nothing for syntax", async () => {
      await works.work(1, "book", "null and or not near words alpha", {});
      for (const word of ["null", "and", "or", "not", "near", "words", "alpha"])
        expect(await found(word), word).to.deep.equal([1]);
      for (const [phrase, ids] of Object.entries({
        "alpha*": [1],
        "^alpha": [1],
        "-alpha": [1],
        "{alpha}": [1],
        "'alpha": [1],
        "words:alpha": [1],
        "words + alpha": [1],
        "NEAR(alpha)": [],
        "al%": [],
        alph_: [],
      }))
        expect(await found(`"${phrase}"`), phrase).to.deep.equal(ids);
      expect(await found('"); drop table work; --"')).to.deep.equal([]);
      expect(await found("alpha")).to.deep.equal([1]);
    });

    it("looks only into what the actual type declares as searchable", async () => {
      await works.work(1, "book", null, { note: "word", hidden: "secret" });
      await works.work(2, "film", null, { note: "word", hidden: "secret" });
      expect(await found("word")).to.deep.equal([1]);
      expect(await found("secret")).to.deep.equal([]);
      await works.run("update work set type = 'book' where id = 2");
      expect(await found("word")).to.deep.equal([1, 2]);
    });

    it("follows changes, also of keys, and deletions, also by foreign keys", async () => {
      await works.run("insert into shelf (id, label) values ('s', 'top')");
      await works.work(1, "book", "old", { summary: "kept" }, "s");
      await works.work(2, "book", "old", {});
      await works.run("update work set title = 'new' where id = 1");
      expect(await found("old")).to.deep.equal([2]);
      expect(await found("new kept")).to.deep.equal([1]);
      await works.run("update work set document = ? where id = 1", JSON.stringify({ summary: "other" }));
      expect(await found("kept")).to.deep.equal([]);
      expect(await found("new other")).to.deep.equal([1]);
      await works.run("update work set id = 7 where id = 1");
      expect(await found("new")).to.deep.equal([7]);
      await works.run("delete from work where id = 2");
      expect(await found("old")).to.deep.equal([]);
      await works.run("delete from shelf");
      expect(await found("new OR NOT new")).to.deep.equal([]);
      expect(await found("new")).to.deep.equal([]);
      // A key that comes again has nothing of the one before.
      await works.work(7, "book", "again", {});
      expect(await found("new OR old")).to.deep.equal([]);
      expect(await found("again")).to.deep.equal([7]);
    });

    it("forgets what is rolled back", async () => {
      await works.work(1, "book", "old", {});
      await works.database
        .transaction(async (transaction) => {
          await transaction.run("update work set title = 'new'", []);
          throw new Error("no");
        })
        .catch(() => undefined);
      expect(await found("new")).to.deep.equal([]);
      expect(await found("old")).to.deep.equal([1]);
    });

    it("follows what is written past our transactions", async () => {
      await works.work(1, "book", "old", {});
      await works.database.dataSource.query("update work set title = 'new'");
      expect(await found("new")).to.deep.equal([1]);
      expect(await found("old")).to.deep.equal([]);
      await works.database.dataSource.query(
        `insert into work (id, type, title, document) values (2, 'book', 'more', '{}')`,
      );
      expect(await found("more")).to.deep.equal([2]);
      await works.database.dataSource.query("delete from work where id = 1");
      expect(await found("new")).to.deep.equal([]);
    });

    it("works for keys of several columns", async () => {
      for (const [term, language, text] of [
        [1, "en", "house"],
        [1, "de", "Haus"],
        [2, "en", "mouse"],
      ] as const)
        await works.run("insert into translation (term, language, text) values (?, ?, ?)", term, language, text);
      const terms = (search: string) => works.find("Translation", "language", search);
      expect(await terms("haus")).to.deep.equal(["de"]);
      expect(await terms("NOT haus")).to.deep.equal(["en", "en"]);
      await works.run("delete from translation where language = 'de'");
      expect(await terms("haus")).to.deep.equal([]);
    });

    it("takes words and texts of any length", async () => {
      const long = "x".repeat(5_000);
      await works.work(1, "book", `${long}a ${long}b`, { summary: "y ".repeat(50_000) });
      await works.work(2, "book", `${long}b`, {});
      expect(await found(`${long}a`)).to.deep.equal([1]);
      expect(await found(`${long}b`)).to.deep.equal([1, 2]);
      expect(await found(long)).to.deep.equal([]);
      expect(await found("y")).to.deep.equal([1]);
      expect(await found("NOT y")).to.deep.equal([2]);
    });

    it("takes long chains and deep nesting", async () => {
      await works.work(1, "book", "w0", {});
      const words = Array.from({ length: 1_000 }, (_, index) => `w${index}`);
      expect(await found(words.join(" OR "))).to.deep.equal([1]);
      expect(await found(words.join(" AND "))).to.deep.equal([]);
      expect(await found(words.map((word) => `NOT ${word}`).join(" OR "))).to.deep.equal([1]);
      expect(await found(words.map((word) => `NOT ${word}`).join(" AND "))).to.deep.equal([]);
      expect(await found(words.map((word) => `"${word} x"`).join(" OR "))).to.deep.equal([]);
    });

    it("finds what a plain look at the words finds", async function () {
      this.timeout(120_000);
      const word = fc.constantFrom(
        "a",
        "b",
        "ab",
        "É",
        "ß",
        "ΑΣ",
        "ας",
        "ασ",
        "İ",
        "i",
        "ſ",
        "s",
        "µ",
        "μ",
        "ＡＢ",
        "Ⅷ",
        "٣",
        "𐐀",
        "ა",
        "Ა",
        "null",
        "OR",
      );
      const gap = fc.constantFrom(" ", "  ", "-", "_", "'", "\u0307", "½", "\u2016", ".", "");
      const text = fc.array(fc.tuple(word, gap), { maxLength: 6 }).map((parts) => parts.flat().join(""));
      const term: fc.Arbitrary<SearchExpression> = fc
        .array(fc.tuple(word, gap), { minLength: 1, maxLength: 2 })
        .map((parts) => ({
          kind: "SearchTerm",
          text: parts.flat().join(""),
          phrase: true,
          place: { start: 0, end: 0 },
        }));
      const { expression } = fc.letrec<{ expression: SearchExpression }>((tie) => ({
        expression: fc.oneof(
          { maxDepth: 3, withCrossShrink: true },
          term,
          tie("expression").map((operand) => ({ kind: "SearchNot" as const, operand, place: { start: 0, end: 0 } })),
          fc
            .tuple(fc.constantFrom("AND" as const, "OR" as const), tie("expression"), tie("expression"))
            .map(([operator, left, right]) => ({
              kind: "SearchBinary" as const,
              operator,
              left,
              right,
              place: { start: 0, end: 0 },
            })),
        ),
      }));
      const row = fc.record({ title: fc.option(text), summary: fc.option(text) });
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { minLength: 1, maxLength: 5 }),
          fc.array(expression, { minLength: 1, maxLength: 6 }),
          async (rows, searches) => {
            await works.run("delete from work");
            for (const [id, { title, summary }] of rows.entries()) await works.work(id, "film", title, { summary });
            for (const search of searches) {
              const expected = rows.flatMap(({ title, summary }, id) => (holds([title, summary], search) ? id : []));
              expect(await works.find("Work", "id", search)).to.deep.equal(expected);
            }
          },
        ),
        { numRuns: kind.name === "sqlite3, file" ? 20 : 60 },
      );
    });
  });

  if (kind.inMemory) continue;

  describe(`what search is kept in (${kind.name})`, () => {
    const store = freshStores(kind);
    const opened: SearchStore[] = [];
    const open = async (...classes: readonly DecoratedClass[]): Promise<SearchStore> => {
      for (const before of opened.splice(0)) await before.database.close();
      const search = await SearchStore.open(kind, store().url, ...classes);
      opened.push(search);
      return search;
    };
    afterEach(async () => {
      for (const search of opened.splice(0)) await search.database.close();
    });
    const add = (search: SearchStore, term: number, language: string, text: string) =>
      search.run("insert into translation (term, language, text) values (?, ?, ?)", term, language, text);
    /** What there is in the database for searching. */
    const things = async ({ database }: SearchStore) =>
      (
        await database.reader.rows(
          kind.database === "sqlite"
            ? "select name from sqlite_master where name like 'odata_search%' order by name"
            : "select relname from pg_class where relname like 'odata_search%' order by relname",
          [],
        )
      ).flat();

    it("stays as it is from start to start", async () => {
      const first = await open(Translation);
      await add(first, 1, "en", "house");
      const before = await things(first);
      expect(before.length).to.be.greaterThan(0);
      const second = await open(Translation);
      expect(await things(second)).to.deep.equal(before);
      expect(await second.find("Translation", "term", "house")).to.deep.equal([1]);
    });

    it("is made for rows that were there before", async () => {
      await add(await open(MuteTranslation), 1, "en", "house");
      expect(await (await open(Translation)).find("Translation", "term", "house")).to.deep.equal([1]);
    });

    it("is made anew where something else can be searched", async () => {
      await add(await open(Translation), 1, "en", "house");
      const search = await open(OtherTranslation);
      expect(await search.find("OtherTranslation", "term", "house")).to.deep.equal([]);
      expect(await search.find("OtherTranslation", "term", "en")).to.deep.equal([1]);
      await add(search, 2, "de", "Haus");
      expect(await search.find("OtherTranslation", "term", "de")).to.deep.equal([2]);
    });

    it("goes where nothing can be searched any more, and changes hold nothing up", async () => {
      await add(await open(Translation), 1, "en", "house");
      const search = await open(MuteTranslation);
      expect(await things(search)).to.deep.equal([]);
      await add(search, 2, "de", "Haus");
      await search.run("update translation set text = 'x'");
      await search.run("delete from translation where term = 1");
      const again = await open(Translation);
      expect(await again.find("Translation", "term", "x")).to.deep.equal([2]);
    });

    it("is made anew where a part of it is gone", async () => {
      const search = await open(Translation);
      await add(search, 1, "en", "house");
      await search.run(
        kind.database === "sqlite"
          ? "drop trigger odata_search_translation_update"
          : "drop index odata_search_translation",
      );
      await search.run("update translation set text = 'mouse'");
      const again = await open(Translation);
      expect(await again.find("Translation", "term", "mouse")).to.deep.equal([1]);
      expect(await again.find("Translation", "term", "house")).to.deep.equal([]);
      await again.run("update translation set text = 'louse'");
      expect(await again.find("Translation", "term", "louse")).to.deep.equal([1]);
    });

    it("is used: no search looks at every row", async () => {
      const search = await open(Translation);
      if (kind.database === "sqlite") {
        const plan = await search.explain("Translation", "a b");
        expect(plan)
          .to.match(/SCAN odata_search_translation_words VIRTUAL TABLE INDEX/)
          .and.not.match(/SCAN e0/);
        return;
      }
      await search.run(
        "insert into translation (term, language, text) select i, 'en', 'word' || i from generate_series(1, 5000) as i",
      );
      await search.database.dataSource.query("analyze translation");
      expect(await search.explain("Translation", '"word 1" OR word2')).to.match(
        /Bitmap Index Scan on odata_search_translation/,
      );
    });
  });
}

/** Whether one of the texts holds the words of a search: docs/query-semantics.md, section "Search". */
function holds(texts: readonly (string | null)[], search: SearchExpression): boolean {
  switch (search.kind) {
    case "SearchNot":
      return !holds(texts, search.operand);
    case "SearchBinary":
      return search.operator === "AND"
        ? holds(texts, search.left) && holds(texts, search.right)
        : holds(texts, search.left) || holds(texts, search.right);
    case "SearchTerm": {
      const wanted = words(search.text);
      return wanted.length > 0 && texts.some((text) => text !== null && contains(words(text), wanted));
    }
  }
}

function contains(all: readonly string[], wanted: readonly string[]): boolean {
  return all.some((_, start) => wanted.every((word, index) => all[start + index] === word));
}

/** Character by character: a letter or a digit goes on with a word, anything else ends it. */
function words(text: string): string[] {
  const found: string[] = [];
  let word = "";
  for (const character of `${text.toLowerCase()} `) {
    if (/^[\p{L}\p{Nd}]$/u.test(character)) word += character;
    else {
      if (word !== "") found.push(word);
      word = "";
    }
  }
  return found;
}

describe("indexName", () => {
  it("is short, and different for what is different", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 80 }),
        fc.string({ unit: "grapheme", maxLength: 80 }),
        (a, b) => {
          expect(Buffer.byteLength(indexName("odata_search_", a))).to.be.at.most(48);
          if (a !== b) expect(indexName("odata_search_", a)).to.not.equal(indexName("odata_search_", b));
        },
      ),
    );
  });
});
