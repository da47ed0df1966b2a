import { expect } from "chai";
import fc from "fast-check";
import { literalValue, scanQuery } from "../../src/service/shape.js";
import { parseQuery } from "../../src/syntax/index.js";
import type { Literal } from "../../src/syntax/index.js";

const encode = encodeURIComponent;
const shapeOf = (query: string) => scanQuery(query)!.text;
const literalsOf = (query: string) => scanQuery(query)!.literals.map(literalValue);

/** All literals of a parsed query, at any depth, as `option start value`. */
function parsedLiterals(query: string): Set<string> {
  const found = new Set<string>();
  const walk = (option: string, node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { kind, place, value } = node as Literal;
    if (kind === "Literal") found.add(`${option} ${place.start}-${place.end} ${value}`);
    else for (const inner of node instanceof Map ? node.values() : Object.values(node)) walk(option, inner);
  };
  const { aliases, custom: _, ...options } = parseQuery(query);
  for (const [name, value] of [...Object.entries(options), ...aliases]) walk(name, value);
  return found;
}

describe("the shape of a query", () => {
  const same: [string, string][] = [
    ["$filter=name eq 'a'", "$filter=name eq 'b'"],
    ["$filter=name eq ''", "$filter=name eq 'it''s %26 (so) = on'"],
    ["$filter=name eq 'a' and price gt 5", "$filter=name eq 'x y' and price gt 123456789"],
    ["$filter=price gt 1.5", "$filter=price gt 12345.00"],
    ["$filter=price gt -5", "$filter=price gt -17"],
    ["$filter=price gt -5.5", "$filter=price gt -0.1"],
    ["$filter=id eq 01234567-89ab-cdef-0123-456789abcdef", "$filter=id eq ABCDEFAB-89ab-cdef-0123-456789abcdef"],
    ["$filter=at ge 2024-01-01T10:00:00Z", "$filter=at ge 1999-12-31T23:59:59.123-05:30"],
    ["$filter=day eq 2024-01-01", "$filter=day eq 1999-12-31"],
    ["$filter=time lt 10:20:30", "$filter=time lt 23:59:59"],
    ["$filter=name in ('a','b')", "$filter=name in ('c','d')"],
    ["$filter=tags/any(t:t eq 'a')", "$filter=tags/any(t:t eq 'b')"],
    ["$filter=name eq @p&@p='a'", "$filter=name eq @p&@p='b'"],
    ["$compute=price mul 2 as double", "$compute=price mul 3 as double"],
    ["$expand=parts($filter=no gt 5)", "$expand=parts($filter=no gt 6)"],
    ["$top=5&$skip=10", "$top=500&$skip=0"],
    ["$top=5&$skiptoken=abc", "$top=5&$skiptoken=def"],
  ];
  for (const [one, other] of same) {
    it(`${one} is that of ${other}`, () => {
      expect(shapeOf(one)).to.equal(shapeOf(other));
    });
  }

  const different: [string, string][] = [
    ["$filter=name eq 'a'", "$filter=name ne 'a'"],
    ["$filter=name eq 'a'", "$filter=name eq 5"],
    ["$filter=price gt 5", "$filter=price gt -5"],
    ["$filter=price gt 5", "$filter=price gt 5.0"],
    ["$filter=price gt 5", "$filter=price gt 5000000000"],
    ["$filter=price gt 5", "$filter=price gt 5e3"],
    ["$filter=time lt 10:20", "$filter=time lt 10:20:30"],
    ["$filter=length eq duration'PT1H'", "$filter=length eq duration'PT2H'"],
    ["$filter=name eq null", "$filter=name eq 'null'"],
    ["$filter=name eq 'a'", "$orderby=name eq 'a'"],
    ["$search=a", "$search=b"],
    ["$count=true", "$count=false"],
    ["$top=5", "$top=5&$skip=0"],
    ["$top=5", ""],
    ["$select=a", "$select=b"],
    ["a=1", "a=2"],
    ['$filter=doc eq {"a":"it\'s"} or name eq \'x\'', '$filter=doc eq {"a":"its"} or name eq \'x\''],
  ];
  for (const [one, other] of different) {
    it(`${one} is not that of ${other}`, () => {
      expect(shapeOf(one)).not.to.equal(shapeOf(other));
    });
  }

  it("does not depend on how the query is percent-encoded", () => {
    const plain = "$filter=name eq 'it''s' and at ge 2024-01-01T10:00:00Z";
    const encoded = `$filter=${encode("name eq 'it''s' and at ge 2024-01-01T10:00:00Z")}`;
    const quotes = encoded.replaceAll("'", "%27");
    const pluses = encoded.replaceAll("%20", "+");
    for (const query of [encoded, quotes, pluses, encoded.replace("$", "%24"), encoded.replace("$", "")]) {
      expect(shapeOf(query), query).to.equal(shapeOf(plain));
      expect(literalsOf(query), query).to.deep.equal(["it's", "2024-01-01T10:00:00Z"]);
    }
  });

  it("takes a plus sign for a space, but one that is encoded for itself", () => {
    expect(literalsOf("$filter=name+eq+'a+b'")).to.deep.equal(["a b"]);
    expect(literalsOf("$filter=name+eq+'a%2Bb'")).to.deep.equal(["a+b"]);
    expect(literalsOf("$filter=at+ge+2024-01-01T10:00:00%2B02:00")).to.deep.equal(["2024-01-01T10:00:00+02:00"]);
  });

  it("has the numbers of $top and $skip", () => {
    expect(scanQuery("$top=5&skip=7")).to.include({ top: 5, skip: 7 });
  });

  it("has the token of $skiptoken as it is written", () => {
    expect(scanQuery("$skiptoken=a-b_c")).to.include({ skiptoken: "a-b_c" });
  });

  for (const query of [
    "$filter=name eq 'a",
    "$filter=name eq '%'",
    "$filter=name eq '%ff'",
    "$filter=name eq '%00'",
    "$filter=name eq '\0'",
    "$top=-1",
    "$top=five",
    "$top=12345678901",
    "$TOP=5",
    "Skip=5",
    "%24T%6fp=5",
    "$SkipToken=a",
    "$skiptoken=a%2Bb",
    "%ff=1",
    `$filter=name eq '${"a".repeat(5_000)}'`,
  ]) {
    it(`is left to the parser where it cannot be told: ${query.slice(0, 40)}`, () => {
      expect(scanQuery(query)).to.equal(undefined);
    });
  }

  describe("against the parser", () => {
    const quoted = fc.string({ unit: fc.constantFrom("a", "'", " ", "é", "(", "&", "%", "+", '"', ":") });
    const literal = fc.oneof(
      quoted.map((text) => `'${text.replaceAll("'", "''")}'`),
      fc.integer({ min: -999_999_999, max: 999_999_999 }).map(String),
      fc.tuple(fc.integer({ min: -999, max: 999 }), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`),
      fc.uuid(),
      fc
        .date({ min: new Date("0001-01-01"), max: new Date("9999-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString()),
      fc
        .date({ min: new Date("0001-01-01"), max: new Date("9999-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
      fc
        .date({ min: new Date("0001-01-01"), max: new Date("9999-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString().slice(11, 19)),
      fc.constantFrom("null", "true", "1e5", "duration'PT1H'", "5000000000", "-INF", "binary'AAAA'", "Ns.Color'red'"),
    );
    const condition = fc.letrec<{ all: string }>((tie) => ({
      all: fc.oneof(
        { depthSize: "small" },
        literal.map((value) => `a eq ${value}`),
        fc.tuple(literal, literal).map(([one, other]) => `b in (${one},${other})`),
        literal.map((value) => `c/any(x:x/d gt ${value})`),
        literal.map((value) => `contains(e,${value})`),
        fc.tuple(literal, literal).map(([one, other]) => `case(f gt ${one}:${other},true:1) eq 2`),
        literal.map((value) => `g eq {"h":${value.startsWith("'") ? '"it\'s"' : "1"},"i":[1,2]}`),
        fc.tuple(tie("all"), tie("all")).map(([one, other]) => `(${one}) and ${other}`),
        fc.tuple(tie("all")).map(([one]) => `not (${one})`),
      ),
    })).all;
    const query = fc
      .tuple(condition, condition, literal, fc.nat(99))
      .map(([filter, inner, alias, top]) => [
        `$filter=${encode(filter)}`,
        `$expand=${encode(`p($filter=${inner};$top=3)`)}`,
        `@x=${encode(alias)}`,
        `$top=${top}`,
      ])
      .chain((options) => fc.shuffledSubarray(options, { minLength: 1 }))
      .map((options) => options.join("&"));

    /** The scanner's literals that the parser sees in the same places. */
    const shared = (text: string) => {
      const parsed = parsedLiterals(text);
      return scanQuery(text)!.literals.filter((literal) =>
        parsed.has(`${literal.option} ${literal.start}-${literal.end} ${literalValue(literal)}`),
      );
    };
    const isReadable = (text: string) => {
      try {
        parseQuery(text);
        return scanQuery(text) !== undefined;
      } catch {
        return false;
      }
    };

    it("no literal is missed but those of kinds that the scanner does not know", () => {
      fc.assert(
        fc.property(
          query.filter((text) => isReadable(text) && !text.includes("case")),
          (text) => {
            const found = new Set(shared(text).map(({ option, start, end }) => `${option} ${start}-${end}`));
            // Words, prefixes, long and floating numbers, texts in JSON.
            const unknown = / (?:null|true|1e5|PT1H|5000000000|-INF|AAAA|red|it's)?$/;
            const missed = [...parsedLiterals(text)].filter(
              (entry) => !found.has(entry.split(" ", 2).join(" ")) && !unknown.test(entry),
            );
            expect(missed, text).to.deep.equal([]);
          },
        ),
        { numRuns: 500 },
      );
    });

    it("a query with other literals of the same kinds is parsed to the same tree but for them", () => {
      /** The query with a literal of the other one, of the same kind, in the place of each that is shared. */
      const swap = (text: string, other: string) => {
        const replacements = scanQuery(other)!.literals;
        const options = text.split("&").map((option) => {
          const equals = option.indexOf("=");
          const name = option.slice(0, equals);
          const value = decodeURIComponent(option.slice(equals + 1));
          let result = "";
          let from = 0;
          for (const literal of shared(text).filter((candidate) => candidate.option === name.replace("$", ""))) {
            const alike = replacements.filter(
              (candidate) =>
                candidate.form === literal.form &&
                (literal.form === "string" || candidate.text.startsWith("-") === literal.text.startsWith("-")),
            );
            result += value.slice(from, literal.start) + (alike[0]?.text ?? literal.text);
            from = literal.end;
          }
          return `${name}=${encode(result + value.slice(from))}`;
        });
        return options.join("&");
      };
      /** The tree without places, and without the values of the shared literals. */
      const treeOf = (text: string) => {
        const lifted = new Set(shared(text).map(({ option, start, end }) => `${option} ${start}-${end}`));
        const strip = (option: string, node: unknown): unknown => {
          if (typeof node !== "object" || node === null) return node;
          if (node instanceof Map) return [...node].map(([name, inner]) => [name, strip(option, inner)]);
          if (Array.isArray(node)) return node.map((inner) => strip(option, inner));
          const { kind, place, form } = node as Literal;
          if (kind === "Literal" && lifted.has(`${option} ${place.start}-${place.end}`)) return { kind, form };
          const members = Object.entries(node).filter(([name]) => name !== "place");
          return Object.fromEntries(members.map(([name, inner]) => [name, strip(option, inner)]));
        };
        const { aliases, custom: _, ...options } = parseQuery(text);
        return [...Object.entries(options), ...aliases].map(([name, value]) => [name, strip(name, value)]);
      };
      fc.assert(
        fc.property(query.filter(isReadable), query.filter(isReadable), (text, other) => {
          const swapped = swap(text, other);
          expect(scanQuery(swapped)?.text, swapped).to.equal(scanQuery(text)!.text);
          expect(treeOf(swapped), swapped).to.deep.equal(treeOf(text));
        }),
        { numRuns: 500 },
      );
    });
  });
});
