import type { Facets } from "../source.js";
import { mismatch, textCodec, type Codec } from "./codec.js";
import { PrimitiveValueError, invalid, quoted } from "./error.js";

function readBoolean(text: string): boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  throw invalid(text, "Edm.Boolean", "a Boolean is true or false");
}

/** Edm.Boolean. A URL literal may be in any case (`boolean` of the ABNF), a payload's is JSON's. */
export const boolean: Codec = {
  readJson(_, value) {
    if (typeof value !== "boolean") throw mismatch(value, "Edm.Boolean", "true or false, without quotes");
    return value;
  },
  readLiteral: (form, text) => (form === "boolean" ? readBoolean(text.toLowerCase()) : undefined),
  readText: readBoolean,
  writeJson: String,
  writeLiteral: String,
  zero: "false",
};

/** `MaxLength` counts characters, not UTF-16 units, and `Unicode` false means ASCII: CSDL 4.01, sections 7.2.2 and 7.2.5. */
function checkString(facets: Facets, value: string): void {
  const { maxLength, unicode } = facets;
  // There are never more characters than units, so most texts need no counting.
  if (typeof maxLength === "number" && value.length > maxLength) {
    let characters = 0;
    for (const _ of value) characters++;
    if (characters > maxLength) {
      throw new PrimitiveValueError(
        `${quoted(value)} has ${characters} characters, and at most ${maxLength} are allowed`,
      );
    }
  }
  // eslint-disable-next-line no-control-regex -- ASCII begins with the control characters
  if (unicode === false && !/^[\x00-\x7f]*$/.test(value)) {
    throw new PrimitiveValueError(`${quoted(value)} has characters outside ASCII, which are not allowed`);
  }
}

/** Edm.String. */
export const string: Codec = {
  readJson(facets, value) {
    if (typeof value !== "string") throw mismatch(value, "Edm.String", "a JSON string, in double quotes");
    checkString(facets, value);
    return value;
  },
  readLiteral: (form, text) => (form === "string" ? text : undefined),
  readText: (text) => text,
  writeJson: (value) => JSON.stringify(value),
  writeLiteral: (value) => `'${(value as string).replaceAll("'", "''")}'`,
  zero: '""',
};

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Edm.Guid: lower case. */
export const guid: Codec = textCodec({
  name: "Edm.Guid",
  form: "guid",
  parse(text) {
    const lower = text.toLowerCase();
    if (!GUID.test(lower)) throw invalid(text, "Edm.Guid", "a GUID looks like 8-4-4-4-12 hexadecimal digits");
    return lower;
  },
  zero: "00000000-0000-0000-0000-000000000000",
});

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** base64url without padding, of base64url or base64 (RFC 4648, sections 5 and 4), padded or not. */
function parseBinary(text: string): string {
  const right = "binary values are base64url text, as in 'T0RhdGE'";
  if (!BASE64.test(text)) throw invalid(text, "Edm.Binary", right);
  const padding = text.length - text.replace(/=+$/, "").length;
  const digits = text.length - padding;
  if (digits % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) {
    throw new PrimitiveValueError(`${quoted(text)} has a length that no Edm.Binary has; ${right}`);
  }
  return Buffer.from(text, "base64url").toString("base64url");
}

/** Edm.Binary: `MaxLength` counts bytes here. */
export const binary: Codec = textCodec({
  name: "Edm.Binary",
  form: "binary",
  prefix: "binary",
  parse: parseBinary,
  check({ maxLength }, value) {
    const bytes = Math.floor((value.length * 3) / 4);
    if (typeof maxLength === "number" && bytes > maxLength) {
      throw new PrimitiveValueError(`it has ${bytes} bytes, and at most ${maxLength} are allowed`);
    }
  },
  zero: "",
});
