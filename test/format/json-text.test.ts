import { expect } from "chai";
import fc from "fast-check";
import { ODataError } from "../../src/errors/index.js";
import { escapeJson, parseJson, splitMembers, writeJsonValue, type JsonValue } from "../../src/format/json-text.js";

/** The tree as plain data, for comparison. */
function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case "object":
      // Entries, so that `__proto__` is a member like any other.
      return Array.from(value.members, ([name, member]) => [name, plain(member)]);
    case "array":
      return { items: value.items.map(plain) };
    case "number":
      return Number(value.text) + 0;
    case "null":
      return null;
    default:
      return value.value;
  }
}

function entries(value: unknown): unknown {
  if (Array.isArray(value)) return { items: value.map(entries) };
  if (typeof value === "object" && value !== null) return Object.entries(value).map(([k, v]) => [k, entries(v)]);
  return value === 0 ? 0 : value;
}

function failure(text: string, maxDepth?: number): ODataError {
  try {
    parseJson(text, maxDepth === undefined ? {} : { maxDepth });
  } catch (error) {
    expect(error).to.be.instanceOf(ODataError);
    return error as ODataError;
  }
  return expect.fail(`parsed: ${text}`);
}

describe("format/json-text", () => {
  it("parses what JSON.stringify prints to the same", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 2), (value, indent) => {
        // `-0` is printed as `0`.
        const text = JSON.stringify(value, null, indent);
        expect(plain(parseJson(text))).to.deep.equal(entries(JSON.parse(text)));
        expect(writeJsonValue(parseJson(text))).to.equal(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("accepts and refuses what JSON.parse does, except for doubled names", () => {
    const token = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"b"',
      "1",
      "-",
      "0",
      ".5",
      "e1",
      "null",
      "true",
      " ",
      '"',
      "\\u0041",
      "\t",
      "NaN",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 8 }), (tokens) => {
        const text = tokens.join("");
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          failure(text);
          return;
        }
        let value: JsonValue;
        try {
          value = parseJson(text);
        } catch (error) {
          expect((error as Error).message).to.contain("stands twice");
          return;
        }
        expect(plain(value)).to.deep.equal(entries(expected));
      }),
      { numRuns: 5000 },
    );
  });

  it("keeps numbers as written, and places", () => {
    const value = parseJson('{"a": -1.50e+3, "b": [true]}');
    if (value.kind !== "object") return expect.fail();
    expect(value.members.get("a")).to.deep.equal({ kind: "number", text: "-1.50e+3", at: 6 });
    expect(value.members.get("b")).to.deep.equal({
      kind: "array",
      items: [{ kind: "boolean", value: true, at: 22 }],
      at: 21,
    });
  });

  it("takes __proto__ for a name like any other", () => {
    const value = parseJson('{"__proto__":{"x":1},"constructor":2}');
    if (value.kind !== "object") return expect.fail();
    expect([...value.members.keys()]).to.deep.equal(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["x"]).to.equal(undefined);
  });

  it("undoes escapes and takes half a surrogate pair", () => {
    expect(plain(parseJson(String.raw`"a\"\\\/\b\f\n\r\té😀\ud800"`))).to.equal('a"\\/\b\f\n\r\té😀\ud800');
  });

  it("tolerates a byte order mark", () => expect(plain(parseJson("\ufeff1"))).to.equal(1));

  const messages: readonly [string, string][] = [
    ['{"a":1 "b":2}', "expected ',' or '}' at line 1, column 8."],
    ['{\n  "a": 1,\n  "b": x\n}', "expected a value at line 3, column 8."],
    ["[1 2]", "expected ',' or ']' at line 1, column 4."],
    ['{"a" 1}', "expected ':' at line 1, column 6."],
    ["{a:1}", "expected a property name in double quotes or '}' at line 1, column 2."],
    ['{"a":1,}', "expected a property name in double quotes at line 1, column 8."],
    ["[1,]", "expected a value at line 1, column 4."],
    ["", "expected a value at line 1, column 1, where the text ends."],
    ['"abc', "expected the closing '\"' at line 1, column 5, where the text ends."],
    ['"a\nb"', "expected control characters of a string to be escaped at line 1, column 3."],
    [String.raw`"\x"`, "after a backslash at line 1, column 3."],
    [String.raw`"\u12"`, "four hexadecimal digits after '\\u' at line 1, column 4."],
    ["{} {}", "expected the end of the text at line 1, column 4."],
    ["01", "expected the end of the text at line 1, column 2."],
    ["NaN", "expected a value at line 1, column 1."],
    ["nul", "expected a value at line 1, column 1."],
    ['{"x":1,\n"x":2}', "The property 'x' stands twice in one object, at line 2, column 1."],
  ];
  for (const [text, message] of messages) {
    it(`says of ${JSON.stringify(text)}: ${message}`, () => {
      const error = failure(text);
      expect(error.status).to.equal(400);
      expect(error.message).to.contain(message);
    });
  }

  it("nests only so deep", () => {
    expect(parseJson("[".repeat(100) + "]".repeat(100)).kind).to.equal("array");
    expect(failure("[".repeat(101) + "]".repeat(101)).message).to.contain("deeper than the 100 levels");
    expect(failure('{"a":{"a":1}}', 1).message).to.equal(
      "The request body nests deeper than the 1 levels that are allowed, at line 1, column 6.",
    );
    expect(failure("[".repeat(1_000_000)).message).to.contain("deeper");
  });

  it("splits the members of canonical text", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object);
        const expected = Object.entries(JSON.parse(text) as object).map(([name, value]) => [
          name,
          JSON.stringify(value),
        ]);
        expect([...splitMembers(text)]).to.deep.equal(expected);
      }),
    );
    expect([...splitMembers("{}")]).to.deep.equal([]);
    expect(escapeJson('a"b')).to.equal('"a\\"b"');
  });
});
