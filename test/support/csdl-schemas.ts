import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { validateXML } from "xmllint-wasm";

/** Where the schemas of OASIS lie, where they do. */
const specification = "../shared/spec";

const file = (fileName: string) => ({ fileName, contents: readFileSync(`${specification}/${fileName}`, "utf8") });

/** A hook that skips a suite where the schemas of OASIS are not there, and says so. */
export function needSchemas(this: Mocha.Context): void {
  if (existsSync(`${specification}/edmx.xsd`)) return;
  console.log(`      skipped: the schemas of OASIS are not at ${specification}`);
  this.skip();
}

/** What is wrong with a CSDL XML document by `edmx.xsd` and `edm.xsd`. */
export async function xmlProblems(contents: string): Promise<string[]> {
  const result = await validateXML({
    xml: { fileName: "metadata.xml", contents },
    schema: file("edmx.xsd"),
    preload: file("edm.xsd"),
  });
  return result.errors.map(({ message }) => message);
}

/** What is wrong with a CSDL JSON document by `csdl.schema.json`. */
export function jsonProblems(document: unknown): unknown[] {
  // Draft 7, which is Ajv's default. The annotations' keywords `examples` are no constraint.
  const validate = new Ajv({ allErrors: true, strict: false }).compile(
    JSON.parse(file("csdl.schema.json").contents) as object,
  );
  validate(document);
  return validate.errors ?? [];
}
