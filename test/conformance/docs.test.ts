import { expect } from "chai";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The tests that a table of the page names: `` `file`: name `` in the last cell of a row. */
function namedTests(page: string): { readonly file: string; readonly name: string }[] {
  return page.split("\n").flatMap((line) => {
    const [, file, name] = /\| `([\w./-]+)`: (.*?)\s*\|$/.exec(line) ?? [];
    return file === undefined ? [] : [{ file, name: name!.replace(/\\([*|])/g, "$1") }];
  });
}

describe("the page on conformance", () => {
  const tests = namedTests(readFileSync(here("../../docs/conformance.md"), "utf8"));

  it("names tests", () => {
    expect(tests).to.have.length.greaterThan(100);
  });

  for (const file of new Set(tests.map((test) => test.file))) {
    it(`names only tests that ${file} has`, () => {
      const text = readFileSync(here(`./${file}.test.ts`), "utf8");
      const missing = tests.filter((test) => test.file === file && !text.includes(`it("${test.name}"`));
      expect(missing).to.deep.equal([]);
    });
  }
});
