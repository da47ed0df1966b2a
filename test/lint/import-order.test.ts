import { expect } from "chai";
import { ESLint } from "eslint";

/** Texts as if they stood in files, under the repository's own configuration. */
describe("the order of the folders", () => {
  const eslint = new ESLint({
    // Only the rules about imports; without the others the type checker is not needed, which takes seconds to load.
    ruleFilter: ({ ruleId }) => ruleId === "odatum/layers" || ruleId === "import-x/no-cycle",
    overrideConfig: {
      languageOptions: { parserOptions: { projectService: false } },
      linterOptions: { reportUnusedDisableDirectives: "off" },
    },
  });

  async function messages(file: string, text: string): Promise<string[]> {
    const [result] = await eslint.lintText(text, { filePath: file });
    return result!.messages.filter(({ ruleId }) => ruleId === "odatum/layers").map(({ message }) => message);
  }

  const allowed: readonly [file: string, text: string][] = [
    ["src/syntax/index.ts", 'import { x } from "../errors/index.js"; x();'],
    ["src/syntax/index.ts", 'import type { x } from "../edm/index.js"; export type y = x;'],
    ["src/edm/index.ts", 'import type { x } from "../syntax/index.js"; export type y = x;'],
    ["src/edm/index.ts", 'import { type x } from "../syntax/index.js"; export type y = x;'],
    ["src/edm/index.ts", 'export type { x } from "../syntax/index.js";'],
    ["src/binding/index.ts", 'import { x } from "../edm/index.js"; x();'],
    ["src/binding/index.ts", 'import { x } from "./path.js"; x();'],
    ["src/query/index.ts", 'import { x } from "../binding/index.js"; x();'],
    ["src/format/index.ts", 'import { x } from "../query/index.js"; x();'],
    ["src/storage/index.ts", 'import { x } from "../format/index.js"; x();'],
    ["src/service/index.ts", 'import { x } from "../storage/index.js"; x();'],
    ["src/http/index.ts", 'import { x } from "../service/index.js"; x();'],
    ["src/index.ts", 'export { x } from "./http/index.js";'],
    ["src/graph/index.ts", 'import { x } from "../index.js"; x();'],
    ["src/graph/index.ts", 'import { x } from "#migrations"; x();'],
    ["src/cli/main.ts", 'import { x } from "../index.js"; x();'],
    ["src/cli/main.ts", 'export const x = import("../graph/index.js");'],
    ["src/cli/main.ts", 'import { x } from "../storage/index.js"; x();'],
    ["test/support/client.ts", 'import { x } from "../../src/index.js"; x();'],
  ];
  for (const [file, text] of allowed) {
    it(`${file} may: ${text}`, async () => expect(await messages(file, text)).to.eql([]));
  }

  const forbidden: readonly [file: string, text: string, message: RegExp][] = [
    ["src/errors/index.ts", 'import { x } from "../syntax/index.js"; x();', /'errors' comes before 'syntax'/],
    [
      "src/errors/index.ts",
      'import type { x } from "../edm/index.js"; export type y = x;',
      /'errors' comes before 'edm'/,
    ],
    ["src/syntax/index.ts", 'import { x } from "../edm/index.js"; x();', /only types from 'edm'/],
    ["src/syntax/index.ts", 'import { x } from "../binding/index.js"; x();', /'syntax' comes before 'binding'/],
    ["src/edm/index.ts", 'import { x } from "../syntax/index.js"; x();', /only types from 'syntax'/],
    ["src/edm/index.ts", 'import { type x, y } from "../syntax/index.js"; export type z = x; y();', /only types/],
    ["src/edm/index.ts", 'export * from "../syntax/index.js";', /only types from 'syntax'/],
    ["src/edm/index.ts", 'import { x } from "../errors/index.js"; x();', /'edm' stands alone/],
    ["src/edm/csdl/index.ts", 'import { x } from "../../binding/index.js"; x();', /'edm' stands alone/],
    ["src/binding/index.ts", 'import { x } from "../query/index.js"; x();', /'binding' comes before 'query'/],
    ["src/query/index.ts", 'import { x } from "../format/index.js"; x();', /'query' comes before 'format'/],
    ["src/query/sql/read.ts", 'import { x } from "../../storage/index.js"; x();', /'query' comes before 'storage'/],
    ["src/format/media.ts", 'import { x } from "../storage/index.js"; x();', /'format' comes before 'storage'/],
    ["src/storage/index.ts", 'import { x } from "../service/index.js"; x();', /'storage' comes before 'service'/],
    ["src/service/index.ts", 'import { x } from "../http/index.js"; x();', /'service' comes before 'http'/],
    ["src/service/index.ts", 'export const x = import("../http/index.js");', /'service' comes before 'http'/],
    ["src/service/index.ts", 'export type x = import("../http/index.js").Logger;', /'service' comes before 'http'/],
    ["src/service/index.ts", 'import { x } from "../index.js"; x();', /for those who use the framework/],
    ["src/http/index.ts", 'import { x } from "../graph/index.js"; x();', /'http' comes before 'graph'/],
    ["src/http/index.ts", 'import { x } from "../cli/main.js"; x();', /'http' comes before 'cli'/],
    ["src/index.ts", 'export { x } from "./graph/index.js";', /The framework knows nothing of 'graph'/],
    ["src/graph/index.ts", 'import { x } from "../service/index.js"; x();', /public face only/],
    ["src/graph/model/index.ts", 'import type { x } from "../../edm/index.js"; export type y = x;', /public face only/],
    ["src/graph/index.ts", 'import { x } from "../cli/main.js"; x();', /public face only/],
    ["src/service/index.ts", 'import { x } from "../../test/support/client.js"; x();', /outside of it/],
    ["src/service/index.ts", 'import { x } from "../helpers/index.js"; x();', /no place in the order/],
  ];
  for (const [file, text, message] of forbidden) {
    it(`${file} may not: ${text}`, async () => {
      const found = await messages(file, text);
      expect(found).to.have.length(1);
      expect(found[0]).to.match(message);
    });
  }

  it("a circle of modules is found", async () => {
    const [result] = await eslint.lintText('export { x } from "./index.js";', {
      filePath: "src/errors/odata-error.ts",
    });
    expect(result!.messages.map(({ ruleId }) => ruleId)).to.eql(["import-x/no-cycle"]);
  });
});
