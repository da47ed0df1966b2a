import { expect } from "chai";
import yaml from "js-yaml";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseExpression, parsePath, parseQuery, parseUri, percentDecode } from "../../src/syntax/index.js";
import type { LiteralForm, ResourcePath } from "../../src/syntax/index.js";

/** The test cases that OASIS publishes with the grammar, where a copy lies beside the repository. */
const CASES = resolve(import.meta.dirname, "../../../shared/spec/odata-abnf-testcases.yaml");

interface Case {
  readonly Name: string;
  readonly Rule: string;
  readonly Input: string;
  readonly FailAt?: string;
}

const SLASH = "a slash between quotes in parentheses cannot be anything but part of the key, so it is taken";
const MODEL = "what the names stand for, only a model tells";
const CUSTOM = "without a list of custom query options, any name may be one";
const TWICE = "the protocol (section 11.2.1) forbids a system query option to be there twice, and we keep to it";
const SEMI = "in nested options the grammar takes ; and %3B for the same, so we cannot take one of them for a letter";

/** The cases of the grammar that the parser does not answer as they ask, by rule and input, and why. */
export const EXCEPTIONS: readonly (readonly [rule: string, input: string, why: string])[] = [
  ["odataRelativeUri", "Categories('Smartphone/Tablet')", SLASH],
  ["resourcePath", "Categories('Tablet/Slate')", SLASH],
  ["resourcePath", "Categories(ID=wrong)", MODEL],
  ["odataRelativeUri", "Model.Rejection", MODEL],
  ["odataRelativeUri", "Categories/TheBestProduct()", MODEL],
  ["odataRelativeUri", "Categories(1)/Address/$value", MODEL],
  ["odataRelativeUri", "Categories(1)/Thumbnail/$value", MODEL],
  ["odataRelativeUri", "Products(1)/Model.BestSellingProduct/Model.BestSellingProduct", MODEL],
  ["queryOptions", "$search=more&more", CUSTOM],
  ["skiptoken", "$skiptoken=Not&this", CUSTOM],
  ["queryOptions", "$format=json&$Format=atom&$format=xml&$format=text/html", TWICE],
  ["queryOptions", "$format=JSON&$format=Atom&$format=XML&$format=text/html", TWICE],
  ["queryOptions", "$expand=Manager($search=a%3Bb)", SEMI],
];

/** Runs an input through the public function that stands for its rule; throws where the input is refused. */
type Reader = (input: string) => void;

const expression: Reader = (input) => void parseExpression(decode(input));
const query: Reader = (input) => void parseQuery(input);

const literal =
  (...forms: LiteralForm[]): Reader =>
  (input) => {
    const tree = parseExpression(decode(input));
    if (tree.kind !== "Literal" || !forms.includes(tree.form)) throw new Error(`this is a ${tree.kind}`);
  };

const NUMBER = ["integer", "decimal", "double"] as const;

const READERS: Readonly<Record<string, Reader>> = {
  odataUri: (input) => checkPath(parseUri(afterHost(input)).path, true),
  odataRelativeUri: (input) => checkPath(parseUri(input).path),
  resourcePath: (input) => checkPath(parsePath(input)),
  entitySetName: (input) => checkPath(parsePath(input)),
  odataIdentifier: (input) => {
    const name = parsePath(input).segments[0]?.name;
    if (name !== input || input.includes(".")) throw new Error("this is no identifier");
  },
  functionParameter: (input) => checkPath(parsePath(`F(${input})`)),

  queryOptions: query,
  systemQueryOption: query,
  customQueryOption: query,
  filter: query,
  orderby: query,
  orderBy: query,
  select: query,
  expand: query,
  search: query,
  compute: query,
  deltatoken: query,
  skiptoken: query,
  searchExpr: (input) => void parseQuery(`$search=${input}`),

  commonExpr: expression,
  boolCommonExpr: expression,
  boolcommonExpr: expression,
  notExpr: expression,
  isofExpr: expression,
  firstMemberExpr: expression,
  propertyPathExpr: expression,
  anyExpr: (input) => expression(`x/${input}`),
  stringInUrl: (input) => expression(`[${input}]`),

  primitiveLiteral: literal(...NUMBER, "string"),
  boolean: literal("boolean"),
  null: literal("null"),
  guid: literal("guid"),
  date: literal("date"),
  dateTimeOffsetLiteral: literal("dateTimeOffset"),
  dateTimeOffsetValueInUrl: literal("dateTimeOffset"),
  timeOfDayLiteral: literal("timeOfDay"),
  durationLiteral: literal("duration", "string"),
  stringLiteral: literal("string"),
  binaryLiteral: literal("binary"),
  enumLiteral: literal("enum", "string"),
  decimalLiteral: literal(...NUMBER),
  doubleLiteral: literal(...NUMBER),
  singleLiteral: literal(...NUMBER),
  sbyteLiteral: literal("integer"),
  int16Literal: literal("integer"),
  int32Literal: literal("integer"),
  int64Literal: literal("integer"),
  ...Object.fromEntries(
    ["Collection", "LineString", "MultiLineString", "MultiPoint", "MultiPolygon", "Point", "Polygon"].flatMap(
      (shape) => [
        [`geography${shape}`, literal("geography")],
        [`geometry${shape}`, literal("geometry")],
      ],
    ),
  ),
};

describe("the OASIS test cases for the grammar", function () {
  if (!existsSync(CASES)) {
    it("skipped: odata-abnf-testcases.yaml is not at hand", function () {
      this.skip();
    });
    return;
  }
  // The failsafe schema leaves every value the text that it is written as.
  const { TestCases } = yaml.load(readFileSync(CASES, "utf8"), { schema: yaml.FAILSAFE_SCHEMA }) as {
    TestCases: Case[];
  };
  const known = new Map(EXCEPTIONS.map(([rule, input, why]) => [`${rule} ${input}`, why]));
  const met = new Set<string>();

  for (const [rule, read] of Object.entries(READERS)) {
    it(rule, () => {
      const wrong: string[] = [];
      for (const { Name, Input, FailAt } of TestCases.filter((one) => one.Rule === rule)) {
        const problem = refusal(() => read(Input));
        if ((problem === undefined) === (FailAt === undefined)) continue;
        const key = `${rule} ${Input}`;
        if (known.has(key)) met.add(key);
        else wrong.push(`${Name}: ${Input}: ${problem ?? "was taken"}`);
      }
      expect(wrong, wrong.join("\n")).to.deep.equal([]);
    });
  }

  it("has no exception that is none", () => {
    expect([...known.keys()].filter((key) => !met.has(key))).to.deep.equal([]);
  });
});

function refusal(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function decode(input: string): string {
  return percentDecode(input, "the test case");
}

/** A path is well-formed where it begins with a name and no segment has arguments that cannot be read. */
function checkPath(path: ResourcePath, mayBeEmpty = false): void {
  const [first] = path.segments;
  if (first === undefined ? !mayBeEmpty : first.name === undefined)
    throw new Error("the path does not begin with a name");
  for (const segment of path.segments) if (segment.argumentsError !== undefined) throw segment.argumentsError;
}

/** What follows the host and the usual service root; other roots are segments like any to the grammar. */
function afterHost(url: string): string {
  const match = /^https?:\/\/[^/]+/i.exec(url);
  if (match === null) throw new Error("this is no absolute URL");
  return url.slice(match[0].length).replace(/^\/service\//, "/");
}
