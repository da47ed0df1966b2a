import { expect } from "chai";
import fc from "fast-check";
import { parsePreferences } from "../../src/syntax/index.js";

/** What is read, without what is empty. */
function read(header: string): Record<string, unknown> {
  const { other, problems, ...known } = parsePreferences(header);
  const more = other.map(({ name, value, parameters }) => [name, value, ...parameters]);
  return {
    ...known,
    ...(more.length > 0 ? { other: more } : {}),
    ...(problems.length > 0 ? { at: problems.map((problem) => problem.at) } : {}),
  };
}

describe("preferences", () => {
  const table: readonly (readonly [header: string, expected: Record<string, unknown>])[] = [
    ["", {}],
    ["return=minimal", { return: "minimal" }],
    ["RETURN=representation", { return: "representation" }],
    ['return="minimal"', { return: "minimal" }],
    ["odata.maxpagesize=20,wait=5 , respond-async", { maxpagesize: 20, wait: 5, respondAsync: true }],
    ["maxpagesize = 20", { maxpagesize: 20 }],
    [`maxpagesize=1${"0".repeat(30)}`, { maxpagesize: Number.MAX_SAFE_INTEGER }],
    ["wait=0", { wait: 0 }],
    ["omit-values=NULLS", { omitValues: "nulls" }],
    ["omit-values=defaults", { omitValues: "defaults" }],
    ["continue-on-error", { continueOnError: true }],
    ["odata.continue-on-error=False", { continueOnError: false }],
    ["allow-entityreferences, odata.track-changes", { allowEntityReferences: true, trackChanges: true }],
    ['track-changes=""', { trackChanges: true }],
    ['callback; url="http://host/a?b#c"', { callback: "http://host/a?b#c" }],
    ['include-annotations="*,-n.*,n.m.T#q"', { includeAnnotations: "*,-n.*,n.m.T#q" }],
    ["include-annotations=*", { includeAnnotations: "*" }],
    [", ,wait=1,,", { wait: 1 }],
    // The first counts, and the name without a prefix before the one with it.
    ["wait=1, wait=2", { wait: 1 }],
    ["wait=x, wait=2", { at: [5] }],
    ["odata.maxpagesize=1,maxpagesize=2", { maxpagesize: 2 }],
    ["return=minimal,return=minimal", { return: "minimal" }],
    ["return=minimal,return=representation", { at: [0] }],
    // Others are kept as they are.
    [
      'foo, bar="a,\\"b\\"";x=1;Y = "z";;x=2',
      {
        other: [
          ["foo", undefined],
          ["bar", 'a,"b"', ["x", "1"], ["y", "z"]],
        ],
      },
    ],
    [
      "odata.return=minimal, odata.foo",
      {
        other: [
          ["odata.return", "minimal"],
          ["odata.foo", undefined],
        ],
      },
    ],
    ["handling=lenient;wait=3", { other: [["handling", "lenient", ["wait", "3"]]] }],
    // What is wrong is passed over, and the rest is read.
    ["return=none, wait=1", { wait: 1, at: [7] }],
    ["return=Minimal", { at: [7] }],
    ["respond-async=yes", { at: [14] }],
    ["odata.respond-async", { other: [["odata.respond-async", undefined]] }],
    ["maxpagesize=0,maxpagesize", { at: [12] }],
    ["maxpagesize=-5", { at: [12] }],
    ["maxpagesize", { at: [11] }],
    ["callback", { at: [8] }],
    ['callback;url="nowhere"', { at: [8] }],
    ['include-annotations="a"', { at: [22] }],
    ['include-annotations="a.b,"', { at: [25] }],
    ["@, wait=1", { wait: 1, at: [0] }],
    ['a="b, wait=1', { wait: 1, at: [2] }],
    ['a="b" "c,d", wait=1', { wait: 1, at: [6] }],
    ["a=, wait=1", { wait: 1, at: [2] }],
    ["a b=1,wait=1", { wait: 1, at: [2] }],
  ];
  for (const [header, expected] of table) {
    it(header.length > 60 ? `${header.slice(0, 60)}...` : header || "(nothing)", () =>
      expect(read(header)).to.deep.equal(expected),
    );
  }

  it("are read from whatever text without an error", () => {
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom(...'return minimal wait maxpagesize = , ; " \\ odata. url 1 x'.split(" "), " "),
          fc.string(),
        ),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (header) => {
        const { problems } = parsePreferences(header);
        for (const { at, message } of problems) {
          expect(at).to.be.within(0, header.length);
          expect(message.length).to.be.lessThan(200);
        }
      }),
    );
  });
});
