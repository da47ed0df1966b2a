import { primitiveTypes } from "../../src/edm/primitive-types.js";
import { readKeySegment } from "../../src/edm/primitives/index.js";
import {
  parseExpression,
  parseIsolation,
  parsePath,
  parsePreferences,
  parseQuery,
  parseRequestId,
  parseUri,
  parseVersion,
  percentDecode,
} from "../../src/syntax/index.js";
import type { LiteralForm, ResourcePath } from "../../src/syntax/index.js";
import { PlacedError, afterServiceRoot, describeCases } from "./abnf-cases.js";
import type { Exception, Placed, Reader } from "./abnf-cases.js";

const MODEL = "what the names stand for, only a model tells";
const CUSTOM = "without a list of custom query options, any name may be one";
const TWICE = "the protocol (section 11.2.1) forbids a system query option to be there twice, and we keep to it";
const RESPONSE = "this header stands in responses";
const YEAR = "years go from 0000 to 9999 here";

/** The cases of the grammar that are not answered as they ask, and why. */
const EXCEPTIONS: readonly Exception[] = [
  ["odataRelativeUri", "Categories/TheBestProduct()", MODEL],
  ["odataRelativeUri", "Categories(1)/Address/$value", MODEL],
  ["odataRelativeUri", "Categories(1)/Thumbnail/$value", MODEL],
  ["odataRelativeUri", "Products(1)/Model.BestSellingProduct/Model.BestSellingProduct", MODEL],
  ["queryOptions", "$search=more&more", CUSTOM],
  ["skiptoken", "$skiptoken=Not&this", CUSTOM],
  ["queryOptions", "$format=json&$Format=atom&$format=xml&$format=text/html", TWICE],
  ["queryOptions", "$format=JSON&$format=Atom&$format=XML&$format=text/html", TWICE],
  ["dateTimeOffsetValue", "-10000-04-01T00:00Z", YEAR],
  ["header", "AsyncResult: 200", RESPONSE],
  ["header", "odata-entityid: ralf:handl", RESPONSE],
  ["header", "odata-entityID: empty-path:/", RESPONSE],
  ["header", "odata-entityId:strange:ÿ/", RESPONSE],
  [
    "header",
    'OData-error: {"code":"err123","message":"Unsupported functionality","target":"query","details":[{"code":"fourtytwo","target":"$search","message":"$search query option not supported"}]}',
    RESPONSE,
  ],
];

const QUOTE = "the message points at the quote that is never closed, not at where the text ends";
const FUNCTION = "the message points at the name, which needs a path before it";
const WHOLE = "the message is about the literal as a whole, and points at its beginning";
const VALUE = "a value is read as a whole, and the message quotes it";
const NAME = "the path says what the segment is; that no resource has such a name, the binder tells";
const MISSING = "something is missing, or there where it may not be, which has no character of its own";

/** Where we say that an input goes wrong, if not where the case does, and why. */
const PLACED: readonly Placed[] = [
  [
    "boolCommonExpr",
    "Products/all()",
    13,
    "a function 'all' could be called so, but we read 'all' as the operator only",
  ],
  ["boolCommonExpr", "all(lambda:true)", 0, FUNCTION],
  ["boolCommonExpr", "any()", 0, FUNCTION],
  ["odataRelativeUri", "Categories('Smartphone/Tablet')", 11, QUOTE],
  ["resourcePath", "Categories('Tablet/Slate')", 11, QUOTE],
  ["search", '$search="blue', 8, QUOTE],
  ["search", "$search=%22blue", 8, QUOTE],
  ["resourcePath", "Categories(ID=wrong)", 14, "the grammar goes on to where the quote of an enumeration could stand"],
  ["filter", "$filter= true", 8, "the space could begin an array to the grammar"],
  ["date", "-INF", 0, WHOLE],
  ["guid", "01234567-89ab-cdef-456789abcdef", 0, WHOLE],
  ["guid", "01234g67-89ab-cdef-0123-456789abcdef", 0, WHOLE],
  ["enumValue", "Solid%2CYellow", 0, WHOLE],
  ["filter", "$filter =true", undefined, "the name of the option is what is wrong, and the message says it"],
  ["odataIdentifier", "0time", undefined, NAME],
  ["odataIdentifier", "No.Dot", undefined, NAME],
  ["odataRelativeUri", ".Products('foo')", undefined, NAME],
  ["odataRelativeUri", "Products.('foo')", undefined, NAME],
  ["odataRelativeUri", "Model.Rejection", undefined, NAME],
  ["odataRelativeUri", "$entity?$format=json", undefined, MISSING],
  [
    "odataRelativeUri",
    "$entity?$id=http://myservice/Customers('ALFKI')&$select=CompanyName,ContactName&$expand=Orders",
    undefined,
    MISSING,
  ],
  ["queryOptions", "$count", undefined, MISSING],
  ["odataUri", "http//My.Org/", undefined, "the server reads scheme and host; the parser begins behind them"],
  ["booleanValue", "tRUe", undefined, VALUE],
  ["dateTimeOffsetValue", "-INF", undefined, VALUE],
  ["dateTimeOffsetValue", "INF", undefined, VALUE],
  ["dateTimeOffsetValue", "2011-12-31T24:00:00Z", undefined, VALUE],
  ["dateTimeOffsetValue", "2011-12-31T24:00Z", undefined, VALUE],
  ["dateTimeOffsetValue", "2012-09-03T23%3A59Z", undefined, VALUE],
  ["dateTimeOffsetValue", "2012-09-03T23:59+01%3A00", undefined, VALUE],
  ["dateTimeOffsetValue", "2012-09-03T24:00-03:00", undefined, VALUE],
  ["decimalValue", ".1", undefined, VALUE],
  ["decimalValue", "42.", undefined, VALUE],
  ["doubleValue", "-0.314e1e2", undefined, VALUE],
  ["durationValue", "+P6DT23H59M59.9999S", undefined, VALUE],
  ["durationValue", "P1M6DT23H59M59.9999S", undefined, VALUE],
  ["durationValue", "P1Y6DT23H59M59.9999S", undefined, VALUE],
  ["primitiveValue", "a1234567 89\rab\r\n              cdefABA", undefined, VALUE],
  ["timeOfDayValue", "11%3A22%3a33", undefined, VALUE],
  ["timeOfDayValue", "24:00:00", undefined, VALUE],
];

/** The rules that a service does not read by, and why. */
const NOT_READ: Readonly<Record<string, string>> = {
  context: "context URLs are written; of what a client sends, the request's URL and the model say the type",
};

const expression: Reader = (input) => void parseExpression(decode(input));
const query: Reader = (input) => void parseQuery(input);

const literal =
  (...forms: LiteralForm[]): Reader =>
  (input) => {
    const tree = parseExpression(decode(input));
    if (tree.kind === "Literal" && forms.includes(tree.form)) return;
    throw new PlacedError(`this is a ${tree.kind}`, tree.place.start);
  };

const NUMBER = ["integer", "decimal", "double"] as const;

/** The members of an enumeration, which a payload has as they stand in a literal. */
const enumValue: Reader = (input) => void parseExpression(`Model.Pattern'${input}'`);
const anyValue = value("Boolean", "Guid", "Duration", "DateTimeOffset", "GeographyPoint", "Decimal", "Binary");

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

  header,
  prefer: header,
  preference: preferences,
  includeAnnotationsPreference: preferences,
  maxpagesizePreference: preferences,
  "request-id": (input) => void parseRequestId(input),

  booleanValue: value("Boolean"),
  dateValue: value("Date"),
  dateTimeOffsetValue: value("DateTimeOffset"),
  timeOfDayValue: value("TimeOfDay"),
  durationValue: value("Duration"),
  decimalValue: value("Decimal", "Double"),
  doubleValue: value("Double"),
  singleValue: value("Single"),
  enumValue,
  primitiveValue: (input) => (/^[A-Z]\w+$/.test(input) ? enumValue(input) : anyValue(input)),
  byteValue: value("Byte"),
  sbyteValue: value("SByte"),
  int16Value: value("Int16"),
  int32Value: value("Int32"),
  int64Value: value("Int64"),
  ...Object.fromEntries(
    ["Collection", "LineString", "MultiLineString", "MultiPoint", "MultiPolygon", "Point", "Polygon"].flatMap(
      (shape) => [
        [`geography${shape}`, literal("geography")],
        [`geometry${shape}`, literal("geometry")],
      ],
    ),
  ),
};

describeCases("the OASIS test cases for the grammar", {
  file: "odata-abnf-testcases.yaml",
  readers: READERS,
  notRead: NOT_READ,
  exceptions: EXCEPTIONS,
  placed: PLACED,
});

function decode(input: string): string {
  return percentDecode(input, "the test case");
}

/** A path is well-formed where no segment has arguments that cannot be read, and it begins with a name without a namespace. */
function checkPath(path: ResourcePath, mayBeEmpty = false): void {
  for (const segment of path.segments) if (segment.argumentsError !== undefined) throw segment.argumentsError;
  const [first] = path.segments;
  if (first === undefined && mayBeEmpty) return;
  if (first?.name === undefined || first.name.includes(".")) throw new Error("the path does not begin with a name");
}

/** What follows the host and the usual service root; other roots are segments like any to the grammar. */
function afterHost(url: string): string {
  const start = afterServiceRoot(url);
  if (start === 0) throw new Error("this is no absolute URL");
  return url.slice(start);
}

/** The header of a line such as `OData-Version: 4.0`, read as the service reads it. */
function header(line: string): void {
  const [, name = "", value = ""] = /^([^:]+):(.*)$/.exec(line) ?? [];
  switch (name.toLowerCase()) {
    case "odata-version":
      return void parseVersion(value, "OData-Version");
    case "odata-maxversion":
      return void parseVersion(value, "OData-MaxVersion");
    case "isolation":
    case "odata-isolation":
      return void parseIsolation(value);
    case "content-id":
      return void parseRequestId(value);
    case "prefer":
      return preferences(value);
    default:
      throw new Error(`${name} is a header of responses`);
  }
}

/** Preferences without a problem and without one that is not OData's. */
function preferences(value: string): void {
  const { problems, other } = parsePreferences(value);
  const [problem] = problems;
  if (problem !== undefined) throw new PlacedError(problem.message, problem.at);
  if (other.length > 0) throw new Error("this is a preference of others");
}

/** A value as it stands in a payload or is one: by the readers of its types. */
function value(...types: readonly string[]): Reader {
  return (input) => {
    const read = types.some((type) => readKeySegment(primitiveTypes.get(`Edm.${type}`)!, input) !== undefined);
    if (!read) throw new Error(`this is no ${types.join(" or ")}`);
  };
}
