import type { PrimitiveTypeName } from "../model.js";
import { invalid, type PrimitiveValueError } from "./error.js";
import { DEPTH, MOST_NESTED, type Coordinates, type Geometry, type GeometryKind, type Position } from "./geometry.js";

const NUMBER = /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]+/y;
const KINDS: ReadonlyMap<string, GeometryKind | "GeometryCollection"> = new Map(
  [...(Object.keys(DEPTH) as GeometryKind[]), "GeometryCollection" as const].map((kind) => [kind.toLowerCase(), kind]),
);

/**
 * Reads the text between the quotes of a geo literal, `fullCollectionLiteral` and its fellows of the ABNF.
 *
 * @throws PrimitiveValueError where the text does not follow the grammar
 * @example parseWellKnownText("SRID=4326;Point(1 2)", "Edm.GeographyPoint")
 */
export function parseWellKnownText(text: string, name: PrimitiveTypeName): { srid: number; geometry: Geometry } {
  const head = /^SRID=(\d{1,5});/i.exec(text);
  if (head === null) throw failure(text, name);
  const parser = new Parser(text, head[0].length, name);
  return { srid: Number(head[1]), geometry: parser.whole() };
}

function failure(text: string, name: PrimitiveTypeName): PrimitiveValueError {
  return invalid(text, name, "a geo literal looks like SRID=4326;Point(12.5 41.9)");
}

class Parser {
  readonly #text: string;
  readonly #name: PrimitiveTypeName;
  #at: number;

  constructor(text: string, at: number, name: PrimitiveTypeName) {
    this.#text = text;
    this.#at = at;
    this.#name = name;
  }

  whole(): Geometry {
    const geometry = this.#geoLiteral(0);
    if (this.#at !== this.#text.length) throw failure(this.#text, this.#name);
    return geometry;
  }

  // geoLiteral = collectionLiteral / lineStringLiteral / ... / polygonLiteral
  #geoLiteral(depth: number): Geometry {
    const kind = KINDS.get(this.#match(WORD).toLowerCase());
    if (kind === undefined || depth > MOST_NESTED) throw failure(this.#text, this.#name);
    if (kind === "GeometryCollection") {
      return { type: kind, geometries: this.#list(() => this.#geoLiteral(depth + 1)) };
    }
    if (kind === "Point") return { type: kind, coordinates: this.#pointData() };
    return { type: kind, coordinates: this.#coordinates(DEPTH[kind], kind === "MultiPoint") };
  }

  /** Lists in lists of positions; only those of a MultiPoint have parentheses of their own. */
  #coordinates(depth: number, ofPoints: boolean): Coordinates {
    return this.#list<Coordinates>(() => {
      if (depth > 1) return this.#coordinates(depth - 1, ofPoints);
      return ofPoints ? this.#pointData() : this.#position();
    });
  }

  // pointData = OPEN positionLiteral CLOSE
  #pointData(): Position {
    this.#expect("(");
    const position = this.#position();
    this.#expect(")");
    return position;
  }

  // positionLiteral = doubleValue SP doubleValue [ SP doubleValue ] [ SP doubleValue ]
  #position(): Position {
    const position = [this.#number()];
    while (position.length < 4 && this.#take(" ")) position.push(this.#number());
    return position;
  }

  #number(): number {
    return Number(this.#match(NUMBER));
  }

  #list<T>(item: () => T): T[] {
    this.#expect("(");
    if (this.#take(")")) return [];
    const items = [item()];
    while (this.#take(",")) items.push(item());
    this.#expect(")");
    return items;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw failure(this.#text, this.#name);
    this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw failure(this.#text, this.#name);
  }
}

/**
 * The inverse: `SRID=4326;Point(1 2)`, without prefix and quotes.
 *
 * @example writeWellKnownText({ type: "Point", coordinates: [1, 2] }, 4326)
 */
export function writeWellKnownText(geometry: Geometry, srid: number): string {
  return `SRID=${srid};${writeGeometry(geometry)}`;
}

function writeGeometry(geometry: Geometry): string {
  if (geometry.type === "GeometryCollection") {
    return `GeometryCollection(${geometry.geometries.map(writeGeometry).join(",")})`;
  }
  const { type, coordinates } = geometry;
  if (type === "Point") return `Point(${writePosition(coordinates as Position)})`;
  return type + writeCoordinates(coordinates as readonly Coordinates[], DEPTH[type], type === "MultiPoint");
}

function writeCoordinates(coordinates: readonly Coordinates[], depth: number, ofPoints: boolean): string {
  const items = coordinates.map((inner) => {
    if (depth > 1) return writeCoordinates(inner as readonly Coordinates[], depth - 1, ofPoints);
    return ofPoints ? `(${writePosition(inner as Position)})` : writePosition(inner as Position);
  });
  return `(${items.join(",")})`;
}

function writePosition(position: Position): string {
  // No plus sign in an exponent: a URL would have to escape it.
  return position.map((ordinate) => String(ordinate).replace("+", "")).join(" ");
}
