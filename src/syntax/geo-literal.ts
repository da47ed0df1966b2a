import { isDigit } from "./characters.js";
import { matchNumber } from "./literal.js";

/** Collections in collections deeper than this are no geography that anyone means. */
const DEEPEST_COLLECTION = 16;

/** Reads well-known text, as far as the grammar has it; `at` is -1 as soon as something is wrong. */
interface Reader {
  readonly text: string;
  at: number;
}

type Rule = (reader: Reader) => boolean;

/**
 * `sridLiteral` and one of `collectionLiteral`, `lineStringLiteral`, `multiLineStringLiteral`, `multiPointLiteral`,
 * `multiPolygonLiteral`, `pointLiteral` and `polygonLiteral`: what stands between the quotes of a geography or geometry.
 */
export function isGeo(value: string): boolean {
  const reader: Reader = { text: value, at: 0 };
  return sridLiteral(reader) && geoLiteral(reader, 0) && reader.at === value.length;
}

/** `sridLiteral = "SRID" EQ 1*5DIGIT SEMI` */
function sridLiteral(reader: Reader): boolean {
  if (!word(reader, "SRID=")) return false;
  const start = reader.at;
  while (isDigit(reader.text.charCodeAt(reader.at))) reader.at++;
  const length = reader.at - start;
  return length >= 1 && length <= 5 && word(reader, ";");
}

/** `pointData = OPEN positionLiteral CLOSE` */
const pointData: Rule = (reader) => word(reader, "(") && position(reader) && word(reader, ")");

/** `lineStringData = OPEN positionLiteral 1*( COMMA positionLiteral ) CLOSE` */
const lineStringData: Rule = (reader) => list(reader, position, 2);

/** `ringLiteral = OPEN positionLiteral *( COMMA positionLiteral ) CLOSE` */
const ringLiteral: Rule = (reader) => list(reader, position, 1);

/** `polygonData = OPEN ringLiteral *( COMMA ringLiteral ) CLOSE` */
const polygonData: Rule = (reader) => list(reader, ringLiteral, 1);

/** The rules by keyword. Longer keywords first, as `Point` also begins nothing else but `MultiPoint` ends with it. */
const SHAPES: readonly (readonly [string, Rule])[] = [
  ["MultiLineString", (reader) => list(reader, lineStringData, 0)],
  ["MultiPolygon", (reader) => list(reader, polygonData, 0)],
  ["MultiPoint", (reader) => list(reader, pointData, 0)],
  ["LineString", lineStringData],
  ["Polygon", polygonData],
  ["Point", pointData],
];

/** `geoLiteral`; `collectionLiteral = "GeometryCollection(" geoLiteral *( COMMA geoLiteral ) CLOSE` */
function geoLiteral(reader: Reader, depth: number): boolean {
  if (word(reader, "GeometryCollection")) {
    return depth < DEEPEST_COLLECTION && list(reader, (inner) => geoLiteral(inner, depth + 1), 1);
  }
  for (const [keyword, rule] of SHAPES) if (word(reader, keyword)) return rule(reader);
  return false;
}

/** `positionLiteral = doubleValue SP doubleValue [ SP doubleValue ] [ SP doubleValue ]` */
function position(reader: Reader): boolean {
  if (!double(reader)) return false;
  let count = 1;
  while (count < 4 && reader.text[reader.at] === " ") {
    reader.at++;
    if (!double(reader)) return false;
    count++;
  }
  return count >= 2;
}

function double(reader: Reader): boolean {
  const number = matchNumber(reader.text, reader.at);
  if (number !== undefined) {
    reader.at = number.end;
    return true;
  }
  return word(reader, "INF") || word(reader, "NaN");
}

function list(reader: Reader, item: Rule, least: number): boolean {
  if (!word(reader, "(")) return false;
  if (least === 0 && word(reader, ")")) return true;
  let count = 0;
  do {
    if (!item(reader)) return false;
    count++;
  } while (word(reader, ","));
  return count >= least && word(reader, ")");
}

/** Steps over a keyword, in whatever case; strings in ABNF have none. */
function word(reader: Reader, expected: string): boolean {
  const end = reader.at + expected.length;
  if (reader.text.slice(reader.at, end).toLowerCase() !== expected.toLowerCase()) return false;
  reader.at = end;
  return true;
}
