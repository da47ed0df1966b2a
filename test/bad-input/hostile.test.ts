import { expect } from "chai";
import type { Answer } from "../support/client.js";
import { storeKinds } from "../support/stores.js";
import { labOn } from "./fuzz/servers.js";
import { expectError } from "./support.js";

/** So many of something, with a separator between them. */
function many(count: number, one: string | ((index: number) => string), separator = ","): string {
  return Array.from({ length: count }, (_, index) => (typeof one === "string" ? one : one(index))).join(separator);
}

function nested(depth: number, open: string, inside: string, close: string): string {
  return open.repeat(depth) + inside + close.repeat(depth);
}

/** Options by their names; most bodies are too long for a URL. */
type Query = Readonly<Record<string, string>>;

/** What goes as deep as a client likes; all of it is refused at a depth of 101, in one way or another, and deeper. */
const deep: Readonly<Record<string, (depth: number) => Query>> = {
  parentheses: (depth) => ({ $filter: nested(depth, "(", "true", ")") }),
  "not without parentheses": (depth) => ({ $filter: `${"not ".repeat(depth)}true` }),
  "not with parentheses": (depth) => ({ $filter: nested(depth, "not (", "title eq 'a'", ")") }),
  "minus signs": (depth) => ({ $filter: `${"- ".repeat(depth)}id eq 1` }),
  arrays: (depth) => ({ $filter: `cStrings eq ${nested(depth, "[", "", "]")}` }),
  objects: (depth) => ({ $filter: `cPlace eq ${nested(depth, '{"spot":', "1", "}")}` }),
  functions: (depth) => ({ $filter: `${nested(depth, "tolower(", "title", ")")} eq 'x'` }),
  "functions of two": (depth) => ({ $filter: `${nested(depth, "concat('a',", "title", ")")} eq 'x'` }),
  case: (depth) => ({ $filter: `${nested(depth, "case(id eq 1:1,true:", "1", ")")} eq 1` }),
  "conditions of case": (depth) => ({ $filter: nested(depth, "case(", "true", ":true)") }),
  cast: (depth) => ({ $filter: `${nested(depth, "cast(", "title", ",Edm.String)")} eq 'x'` }),
  arithmetic: (depth) => ({ $filter: `${nested(depth, "(1 add ", "id", ")")} eq 1` }),
  "and and or": (depth) => ({ $filter: nested(depth, "(id eq 1 and (id eq 2 or ", "cBoolean", "))") }),
  "comparisons of comparisons": (depth) => ({ $filter: nested(depth, "(true eq ", "cBoolean", ")") }),
  lists: (depth) => ({ $filter: nested(depth, "(1 in (", "1", "))") }),
  "any in any": (depth) => ({
    $filter: `${many(depth, (index) => `${index === 0 ? "" : `v${index - 1}/`}related/any(v${index}:`, "")}true${")".repeat(depth)}`,
  }),
  "$filter in $filter": (depth) => ({ $filter: `${"related/$filter(".repeat(depth)}true${")/any()".repeat(depth)}` }),
  "$count in $count": (depth) => ({ $filter: nested(depth, "related/$count($filter=", "true", ") gt 0") }),
  "$expand in $expand": (depth) => ({ $expand: nested(depth, "related($expand=", "friend", ")") }),
  "$filter in $expand": (depth) => ({ $expand: `related($filter=${nested(depth, "(", "true", ")")})` }),
  "$select in $select": (depth) => ({ $select: nested(depth, "cPlace($select=", "city", ")") }),
  "a path in $select": (depth) => ({ $select: many(depth, "cPlace", "/") }),
  "$search with parentheses": (depth) => ({ $search: nested(depth, "(", "a", ")") }),
  "$search with NOT": (depth) => ({ $search: nested(depth, "NOT (a OR ", "b", ")") }),
  "groupby in groupby": (depth) => ({ $apply: nested(depth, "groupby((id),", "identity", ")") }),
  "concat in concat": (depth) => ({ $apply: nested(depth, "concat(identity,", "identity", ")") }),
  "aliases of aliases": (depth) => ({
    $filter: "@a0",
    ...Object.fromEntries(Array.from({ length: depth }, (_, index) => [`@a${index}`, `not @a${index + 1}`])),
  }),
};

/** What is as long as a client likes: an answer or a refusal at any length, a refusal in the end. */
const long: Readonly<Record<string, (length: number) => Query>> = {
  and: (length) => ({ $filter: many(length, "true", " and ") }),
  "or of comparisons": (length) => ({ $filter: many(length, "id eq 1", " or ") }),
  "or of functions": (length) => ({ $filter: many(length, "contains(title,'a')", " or ") }),
  "or of collections": (length) => ({ $filter: many(length, "cStrings/any(s:s eq 'a')", " or ") }),
  "or of paths": (length) => ({ $filter: many(length, "friend/owner/name eq 'a'", " or ") }),
  "or of complex values": (length) => ({ $filter: many(length, 'cPlace eq {"city":"a"}', " or ") }),
  "or of doubles": (length) => ({ $filter: many(length, "dDouble lt 1.5", " or ") }),
  add: (length) => ({ $filter: `${many(length, "cDecimal", " add ")} eq 1` }),
  mul: (length) => ({ $filter: `${many(length, "cInt64", " mul ")} eq 1` }),
  "a list of numbers": (length) => ({ $filter: `id in (${many(length, String)})` }),
  "a list of texts": (length) => ({ $filter: `title in (${many(length, (index) => `'${index}'`)})` }),
  "a list of decimals": (length) => ({ $filter: `cDecimal in (${many(length, (index) => `${index}.5`)})` }),
  "a JSON array": (length) => ({ $filter: `hassubset(cInt32s,[${many(length, "1")}])` }),
  branches: (length) => ({ $filter: `case(${many(length, (index) => `id eq ${index}:${index}`)}) eq 1` }),
  "a path": (length) => ({ $filter: `${many(length, "friend", "/")}/id eq 1` }),
  computed: (length) => ({ $compute: many(length, (index) => `id as x${index}`) }),
  "computed of computed": (length) => ({
    $compute: `id add 1 as x0,${many(length, (index) => `x${index} add 1 as x${index + 1}`)}`,
  }),
  $orderby: (length) => ({ $orderby: many(length, "id") }),
  $select: (length) => ({ $select: many(length, "cPlace/city") }),
  $expand: (length) => ({ $expand: many(length, (index) => `related($top=${index})`) }),
  "words to search for": (length) => ({ $search: many(length, (index) => `w${index}`, " OR ") }),
  transformations: (length) => ({ $apply: many(length, "filter(true)", "/") }),
  aggregates: (length) => ({ $apply: `aggregate(${many(length, (index) => `id with sum as x${index}`)})` }),
  "aggregates of others": (length) => ({
    $apply: `aggregate(${many(length, (index) => `parts/size with sum as x${index}`)})`,
  }),
  "levels of rollup": (length) => ({
    $apply: `groupby((rollup(${many(length, (index) => (index % 2 ? "id" : "title"))})))`,
  }),
  "concatenated rows": (length) => ({
    $apply: `concat(${many(length, (index) => `aggregate(id with sum as x${index})`)})`,
  }),
  aliases: (length) => Object.fromEntries(Array.from({ length }, (_, index) => [`@a${index}`, "1"])),
};

/** What grows by itself: each step is made of several of the one before. */
const growing: Readonly<Record<string, (steps: number) => Query>> = {
  "aliases in arithmetic": (steps) => ({
    $filter: "@a0 eq 1",
    ...chain(steps, "@a", (next) => `${next} add ${next}`, "id"),
  }),
  "aliases in conditions": (steps) => ({
    $filter: "@a0",
    ...chain(steps, "@a", (next) => `${next} and ${next}`, "id eq 1"),
  }),
  "aliases in paths": (steps) => ({ $filter: "true", ...chain(steps, "@a", (next) => `${next} or ${next}`, "true") }),
  "computed numbers": (steps) => ({
    $compute: `id as x0,${many(steps, (index) => `x${index} mul x${index} as x${index + 1}`)}`,
    $filter: `x${steps} eq 1`,
  }),
  "computed texts": (steps) => ({
    $compute: `concat('abc',title) as x0,${many(steps, (index) => `concat(x${index},x${index}) as x${index + 1}`)}`,
    $select: `x${steps}`,
  }),
  "texts of transformations": (steps) => ({
    $apply: `compute(concat('abc',title) as x0)/${many(steps, (index) => `compute(concat(x${index},x${index}) as x${index + 1})`, "/")}`,
    $select: `x${steps}`,
  }),
  "numbers of transformations": (steps) => ({
    $apply: `compute(cDecimal as x0)/${many(steps, (index) => `compute(x${index} mul x${index} as x${index + 1})`, "/")}`,
    $select: `x${steps}`,
  }),
  "groups of transformations": (steps) => ({
    $apply: `groupby((title))/${many(steps, (index) => `compute(concat(${index === 0 ? "title,title" : `x${index},x${index}`}) as x${index + 1})`, "/")}`,
    $select: `x${steps}`,
  }),
  "collections of transformations": (steps) => ({
    $apply: `compute(cStrings as x0)/${many(steps, (index) => `compute(concat(x${index},x${index}) as x${index + 1})`, "/")}`,
    $select: `x${steps}`,
  }),
  "rollups of each other": (steps) => ({ $apply: `groupby((${many(steps, "rollup(id,title,cInt32)")}))` }),
  "levels of everything": (steps) => ({ $expand: `*($levels=${steps})` }),
  "everything in everything": (steps) => ({ $expand: nested(steps, "related($expand=*,", "friend", ")") }),
};

function chain(steps: number, prefix: string, one: (next: string) => string, last: string): Query {
  const links = Array.from({ length: steps }, (_, index) => [`${prefix}${index}`, one(`${prefix}${index + 1}`)]);
  return Object.fromEntries([...links, [`${prefix}${steps}`, last]]) as Query;
}

const kinds = storeKinds.filter(({ name }) => ["better-sqlite3, memory", "sqlite3, file", "postgres"].includes(name));

for (const kind of kinds) {
  describe(`requests that ask for too much (${kind.name})`, () => {
    const server = labOn(kind);

    const post = (query: Query): Promise<Answer> => {
      const body = Object.entries(query).map((option) => option.map(encodeURIComponent).join("="));
      return server().client.post("/Items/$query", body.join("&"), { headers: { "content-type": "text/plain" } });
    };
    /** An answer, or a refusal that says why. */
    const answers = async (query: Query): Promise<number> => {
      const answer = await post(query);
      expect(answer.status, `${answer.text.slice(0, 500)}\n${server().failures().join("\n")}`).to.be.oneOf([
        200, 400, 501,
      ]);
      if (answer.status !== 200) expectError(answer, answer.status);
      return answer.status;
    };
    /** A refusal that comes before anything is asked of the store. */
    const refused = async (query: Query): Promise<void> => {
      const answer = await post(query);
      expectError(answer, answer.status);
      expect(answer.status, answer.text.slice(0, 500)).to.be.oneOf([400, 413]);
    };

    for (const [what, query] of Object.entries(deep)) {
      it(`${what}, deep: an answer, or 400 at the latest from a depth of 101 on`, async () => {
        for (const depth of [20, 80, 99]) await answers(query(depth));
        for (const depth of [101, 1_000, 10_000]) await refused(query(depth));
      });
    }

    for (const [what, query] of Object.entries(long)) {
      it(`${what}, long: an answer, or 400 at the latest from 5,001 on`, async function () {
        this.timeout(60_000);
        for (const length of [30, 300, 1_200]) await answers(query(length));
        for (const length of [5_001, 12_000]) await refused(query(length));
      });
    }

    for (const [what, query] of Object.entries(growing)) {
      it(`${what}, growing: an answer, or 400 at the latest with 40 steps`, async () => {
        for (const steps of [3, 10, 20]) await answers(query(steps));
        for (const steps of what === "aliases in paths" ? [] : [40, 90]) await refused(query(steps));
      });
    }

    it("an alias in each of many segments: 400", async () => {
      const aliases = Object.entries(chain(9, "@a", (next) => `${next} or ${next}`, "true"));
      const query = aliases.map((option) => option.map(encodeURIComponent).join("=")).join("&");
      expectError(await server().client.get(`/Items${"/$filter(@a0)".repeat(40)}?${query}`), 400, {
        says: "too complex",
      });
    });

    it("a long text in many places: 400", async () => {
      const often = (times: number) => ({ $filter: `length(${nested(times, "concat(@a,", "title", ")")}) eq 1` });
      expect(await answers({ ...often(5), "@a": `'${"x".repeat(9_000)}'` })).to.equal(200);
      expectError(await post({ ...often(90), "@a": `'${"x".repeat(9_000)}'` }), 400, { says: "too complex" });
    });

    it("a phrase of very many words is a phrase", async () => {
      for (const length of [100, 5_001, 12_000])
        await answers({ $search: `"${many(length, (index) => `w${index}`, " ")}"` });
    });

    it("aliases that stand for each other: 400", async () => {
      expectError(await post({ $filter: "@a", "@a": "@b", "@b": "@a" }), 400, { says: "stands for itself" });
      expectError(await post({ $filter: "@a", "@a": "not @b", "@b": "(@c)", "@c": "@a and @b" }), 400, {
        says: "stands for itself",
      });
    });

    it("patterns that are slow elsewhere are answered", async () => {
      const text = `${"a".repeat(2_000)}!`;
      for (const pattern of [
        "(a+)+$",
        "(a*)*b",
        "(a|aa)+$",
        "(a|a?)+$",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(.*a){12}$",
        "(x+x+)+y",
      ]) {
        expect(await answers({ $filter: `matchesPattern(@a,'${pattern}')`, "@a": `'${text}'` }), pattern).to.equal(200);
      }
    });

    it("patterns that repeat too much: 400", async () => {
      for (const pattern of [
        "(a{1000}){1000}",
        "((a{100}){100}){100}",
        "(.?){1000}".repeat(9),
        "a{1001}",
        `${"(".repeat(500)}a${")?".repeat(499)})`,
      ])
        expect(await answers({ $filter: `matchesPattern(title,'${pattern}')` }), pattern).to.equal(400);
      const several = many(40, (index) => `matchesPattern(title,'(.?){50}${index}')`, " or ");
      expectError(await post({ $filter: several }), 400, { says: "too complex" });
    });

    it("numbers with very many digits: 400", async () => {
      for (const number of [
        "1".repeat(401),
        `0.${"1".repeat(401)}`,
        "1".repeat(100_000),
        `1e${"9".repeat(50)}`,
        "1e100000",
      ])
        expectError(await post({ $filter: `cDecimal eq ${number}` }), 400, { target: "$filter" });
    });

    it("a body that is too long: 413", async () => {
      const tooLong = await post({ $filter: `title eq '${"a".repeat(300_000)}'` });
      expectError(tooLong, 413);
      expectError(await post({ $filter: nested(150_000, "(", "true", ")") }), 413);
    });

    it("a URL that is too long: 414", async () => {
      expectError(await server().client.get(`/Items?$filter=${nested(10_000, "(", "true", ")")}`), 414);
    });
  });

  describe(`queries that take too long (${kind.name})`, () => {
    const server = labOn(kind, { statementTimeoutMs: 100 });

    /** True for no combination of eight items, each of which has to be looked at. */
    const combination = `${many(7, (index) => `$root/Items/any(v${index}:`, "")}${many(7, (index) => `v${index}/id`, " add ")} add $it/id eq -1${")".repeat(7)}`;
    for (const [what, query] of Object.entries({
      "conditions on everything in conditions on everything": `$filter=${combination}`,
      "an order by such a condition": `$orderby=${combination}`,
      "such a computed property": `$compute=${combination} as x&$select=x`,
      "such a condition in $apply": `$apply=filter(${combination})/aggregate($count as n)`,
      "such a condition in $expand": `$expand=parts($filter=${combination})`,
    })) {
      it(`${what}: 504`, async () => {
        const answer = await server().client.get(`/Items?${query.replaceAll(" ", "%20")}`);
        expectError(answer, 504, { says: "ask for less at once" });
      });
    }

    it("such a condition in a path: 504", async () => {
      expectError(await server().client.get(`/Items/$filter(${combination.replaceAll(" ", "%20")})`), 504);
      expectError(await server().client.get(`/Items/$filter(${combination.replaceAll(" ", "%20")})/$count`), 504);
    });
  });
}
