import { badRequest } from "../errors/index.js";
import type { ODataError } from "../errors/index.js";

/** A JSON value with its place; numbers keep the text they came with. */
export type JsonValue = JsonObject | JsonArray | JsonString | JsonNumberNode | JsonBoolean | JsonNull;

interface Node {
  /** Where the value begins: UTF-16 units from the start of the text. */
  readonly at: number;
}

export interface JsonObject extends Node {
  readonly kind: "object";
  /** In the order of the text. A map, so that no name (`__proto__`) means anything. */
  readonly members: ReadonlyMap<string, JsonValue>;
}

export interface JsonArray extends Node {
  readonly kind: "array";
  readonly items: readonly JsonValue[];
}

export interface JsonString extends Node {
  readonly kind: "string";
  readonly value: string;
}

export interface JsonNumberNode extends Node {
  readonly kind: "number";
  readonly text: string;
}

export interface JsonBoolean extends Node {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface JsonNull extends Node {
  readonly kind: "null";
}

export interface JsonLimits {
  /** How deep arrays and objects may nest; 100 where it is not given. The parser recurses once for each. */
  readonly maxDepth?: number;
}

/**
 * Parses JSON text by RFC 8259 and nothing more lenient, except for a byte order mark at the start.
 *
 * @param text what a client sent
 * @returns the tree
 * @throws ODataError 400 that says what was expected in which line and column; also for a name that an object has twice,
 * which RFC 8259 leaves open and OData forbids (JSON Format 4.01, section 4.1)
 * @example parseJson('{"size":1.50}').members.get("size").text // "1.50"
 */
export function parseJson(text: string, limits: JsonLimits = {}): JsonValue {
  return new Parser(text, limits.maxDepth ?? 100).whole();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BYTE_ORDER_MARK = 0xfeff;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.#at = 1;
  }

  // JSON-text = ws value ws
  whole(): JsonValue {
    this.#space();
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#expected("the end of the text");
    return value;
  }

  #value(depth: number): JsonValue {
    const at = this.#at;
    switch (this.#text.charCodeAt(at)) {
      case OPEN_BRACE:
        return { kind: "object", members: this.#members(depth + 1), at };
      case OPEN_BRACKET:
        return { kind: "array", items: this.#items(depth + 1), at };
      case QUOTE:
        return { kind: "string", value: this.#string(), at };
      case 0x74: // t
        return { kind: "boolean", value: this.#word("true", true), at };
      case 0x66: // f
        return { kind: "boolean", value: this.#word("false", false), at };
      case 0x6e: // n
        this.#word("null", null);
        return { kind: "null", at };
      default:
        return { kind: "number", text: this.#number(), at };
    }
  }

  // object = begin-object [ member *( value-separator member ) ] end-object
  #members(depth: number): Map<string, JsonValue> {
    this.#enter(depth);
    const members = new Map<string, JsonValue>();
    if (this.#take(CLOSE_BRACE)) return members;
    for (let first = true; ; first = false) {
      const at = this.#at;
      if (this.#text.charCodeAt(at) !== QUOTE) {
        throw this.#expected(`a property name in double quotes${first ? " or '}'" : ""}`);
      }
      const name = this.#string();
      if (members.has(name)) {
        throw badRequest(`The property '${name.slice(0, 128)}' stands twice in one object, at ${this.#place(at)}.`);
      }
      this.#space();
      if (!this.#take(COLON)) throw this.#expected("':'");
      members.set(name, this.#value(depth));
      this.#space();
      if (this.#text.charCodeAt(this.#at) === CLOSE_BRACE) break;
      if (!this.#take(COMMA)) throw this.#expected("',' or '}'");
    }
    this.#at++;
    return members;
  }

  // array = begin-array [ value *( value-separator value ) ] end-array
  #items(depth: number): JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    if (this.#text.charCodeAt(this.#at) === CLOSE_BRACKET) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.#value(depth));
      this.#space();
      if (this.#text.charCodeAt(this.#at) === CLOSE_BRACKET) break;
      if (!this.#take(COMMA)) throw this.#expected("',' or ']'");
    }
    this.#at++;
    return items;
  }

  /** Goes behind the bracket. */
  #enter(depth: number): void {
    if (depth > this.#maxDepth) {
      const place = this.#place(this.#at);
      throw badRequest(
        `The request body nests deeper than the ${this.#maxDepth} levels that are allowed, at ${place}.`,
      );
    }
    this.#at++;
    this.#space();
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.#stringWithEscapes(start, at);
      // Behind the end of the text the code is NaN, which is less than nothing.
      if (!(code >= 0x20)) return this.#unendedString(at);
    }
  }

  #stringWithEscapes(start: number, firstEscape: number): string {
    const text = this.#text;
    let value = text.slice(start, firstEscape);
    let from = firstEscape;
    for (let at = firstEscape; ;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return value + text.slice(from, at);
      }
      if (code === BACKSLASH) {
        value += text.slice(from, at) + this.#escape(at);
        at = from = this.#at;
      } else if (code >= 0x20) at++;
      else return this.#unendedString(at);
    }
  }

  #unendedString(at: number): never {
    this.#at = at;
    throw this.#expected(at < this.#text.length ? "control characters of a string to be escaped" : "the closing '\"'");
  }

  /** The character that the escape at `at` stands for. Half a surrogate pair is taken as it is, as JavaScript does. */
  #escape(at: number): string {
    const letter = this.#text[at + 1];
    this.#at = at + 2;
    if (letter === "u") {
      const digits = this.#text.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#expected("four hexadecimal digits after '\\u'");
      this.#at = at + 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = letter === undefined || !Object.hasOwn(ESCAPES, letter) ? undefined : ESCAPES[letter];
    if (character !== undefined) return character;
    this.#at = at + 1;
    throw this.#expected('one of " \\ / b f n r t u after a backslash');
  }

  #number(): string {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) throw this.#expected("a value");
    this.#at += text.length;
    return text;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#expected("a value");
    this.#at += word.length;
    return value;
  }

  /** Skips a character and the space behind it, where it is there. */
  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    this.#space();
    return true;
  }

  // ws = *( space / tab / line feed / carriage return )
  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #expected(what: string): ODataError {
    const end = this.#at >= this.#text.length ? ", where the text ends" : "";
    return badRequest(`The request body is not valid JSON: expected ${what} at ${this.#place(this.#at)}${end}.`);
  }

  #place(at: number): string {
    let line = 1;
    let lineStart = 0;
    for (let next = this.#text.indexOf("\n"); next !== -1 && next < at; next = this.#text.indexOf("\n", next + 1)) {
      line++;
      lineStart = next + 1;
    }
    return `line ${line}, column ${at - lineStart + 1}`;
  }
}

/**
 * The compact text of a parsed value; numbers digit for digit as they came.
 *
 * @example writeJsonValue(parseJson('{ "a": [1.0] }')) // '{"a":[1.0]}'
 */
export function writeJsonValue(value: JsonValue): string {
  switch (value.kind) {
    case "object":
      return `{${Array.from(value.members, ([name, member]) => `${escapeJson(name)}:${writeJsonValue(member)}`).join(",")}}`;
    case "array":
      return `[${value.items.map(writeJsonValue).join(",")}]`;
    case "string":
      return escapeJson(value.value);
    case "number":
      return value.text;
    case "boolean":
      return String(value.value);
    case "null":
      return "null";
  }
}

/** A JSON string with its quotes. */
export function escapeJson(text: string): string {
  return JSON.stringify(text);
}

/**
 * The raw texts of an object's members, by name, without parsing them.
 *
 * @param text canonical JSON text of an object that the engine wrote itself: compact and well-formed, which is not checked
 * @example splitMembers('{"a":[1,2],"b":null}') // Map { "a" => "[1,2]", "b" => "null" }
 */
export function splitMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = 1;
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = stringEnd(text, at);
    const name = text.slice(at + 1, nameEnd - 1);
    const start = nameEnd + 1;
    const end = valueEnd(text, start);
    members.set(name.includes("\\") ? (JSON.parse(`"${name}"`) as string) : name, text.slice(start, end));
    at = end + 1;
  }
  return members;
}

/** The place behind the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** The place behind the value that begins at `at`. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let end = at; end < text.length;) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) {
      end = stringEnd(text, end);
      if (depth === 0) return end;
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      // The closing bracket of the object around a number or word.
      if (depth === 0) return end;
      if (--depth === 0) return end + 1;
    } else if (code === COMMA && depth === 0) return end;
    end++;
  }
  return text.length;
}
