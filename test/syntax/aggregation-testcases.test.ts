import { parseExpression, parseQuery, parseUri } from "../../src/syntax/index.js";
import { describeCases } from "./abnf-cases.js";
import type { Exception, Placed } from "./abnf-cases.js";

const COLLECTION = "which properties have many values, only a model tells";
const CUSTOM = "which names are custom aggregates, only a model tells";

/** The cases of the grammar that are not answered as they ask, and why. */
const EXCEPTIONS: readonly Exception[] = [
  ["queryOptions", "$apply=aggregate(Sales/Amount sub Sales/Cost with sum as TotalAmount)", COLLECTION],
  ["queryOptions", "$apply=groupby((Sales/Product/Name))", COLLECTION],
  ["queryOptions", "$apply=join(ShipTo as Detail,identity)", COLLECTION],
  ["queryOptions", "$apply=aggregate(Amount as Total)", CUSTOM],
  ["queryOptions", "$apply=aggregate(Amount)", CUSTOM],
  ["queryOptions", "$apply=aggregate(Amount from Time with average as DailyAverage)", CUSTOM],
  ["queryOptions", "$apply=groupby((Product/Price/Quantity))", "which name is a property of what, only a model tells"],
];

/** Where we say that an input goes wrong, if not where the case does, and why. */
const PLACED: readonly Placed[] = [
  [
    "queryOptions",
    "$apply=addnested(Products,addnested(Sales,filter(Amount gt 3) as FilteredSales) as Stuff,addnested(Suppliers,nest(Products)))",
    114,
    "the grammar goes on to where the dot of a qualified name could stand",
  ],
  [
    "queryOptions",
    "$apply=aggregate(Sales(Amount mul Product/TaxRate with sum as Tax))",
    23,
    "the grammar goes on to where the quote of an enumeration could stand",
  ],
  [
    "queryOptions",
    "$apply=groupby((Product/Price/@Measures.ISOCurrency))",
    30,
    "that nothing follows a price, only a model tells",
  ],
  [
    "queryOptions",
    "$filter=aggregate(Amount with sum) gt 5",
    8,
    "the message points at the name, which needs a path before it",
  ],
];

describeCases("the OASIS test cases for data aggregation", {
  file: "odata-aggregation-testcases.yaml",
  readers: {
    queryOptions: (input) => void parseQuery(input),
    odataRelativeUri: (input) => void parseUri(input),
    commonExpr: (input) => void parseExpression(input),
  },
  notRead: {},
  exceptions: EXCEPTIONS,
  placed: PLACED,
});
