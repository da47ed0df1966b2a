import type { LiteralForm } from "../../syntax/ast.js";
import type { PrimitiveTypeName } from "../model.js";
import type { Facets } from "../source.js";
import { PrimitiveValueError } from "./error.js";
import type { JsonScalar, Scalar } from "./value.js";

/** How the values of one primitive type are read and written. `index.ts` holds one for each type. */
export interface Codec {
  /** From a payload, facets checked. Throws a {@link PrimitiveValueError}. */
  readJson(facets: Facets, value: JsonScalar): Scalar;
  /** From a URL literal; `undefined` where the form is of another type. Throws where the form fits and the value does not. */
  readLiteral(form: LiteralForm, text: string): Scalar | undefined;
  /** From bare text, as in a key segment. Throws a {@link PrimitiveValueError}. */
  readText(text: string): Scalar;
  writeJson(value: Scalar, ieee754Compatible: boolean): string;
  writeLiteral(value: Scalar): string;
  /** JSON text of the value that stands in for "none" where null may not. */
  readonly zero: string;
}

/** What the codec of a type with text values needs to know of the type. */
export interface TextType {
  readonly name: PrimitiveTypeName;
  /** The form of its URL literal. */
  readonly form: LiteralForm;
  /** Stands before the quotes in a URL literal; a type without prefix has bare literals. */
  readonly prefix?: string;
  /** Gives the canonical text or throws a {@link PrimitiveValueError}. */
  readonly parse: (text: string) => string;
  /** Throws where the canonical text is against a facet. */
  readonly check?: (facets: Facets, value: string) => void;
  /** The canonical text that stands in for "none". */
  readonly zero: string;
}

/** The codec of a type whose values are JSON strings of a certain form; canonical text never needs an escape. */
export function textCodec(type: TextType): Codec {
  const { name, form, prefix, parse, check } = type;
  return {
    readJson(facets, value) {
      if (typeof value !== "string") throw mismatch(value, name, "a JSON string");
      const canonical = parse(value);
      check?.(facets, canonical);
      return canonical;
    },
    readLiteral: (written, text) => (written === form ? parse(text) : undefined),
    readText: parse,
    writeJson: (value) => `"${value as string}"`,
    writeLiteral: (value) => (prefix === undefined ? (value as string) : `${prefix}'${value as string}'`),
    zero: `"${type.zero}"`,
  };
}

/** The error for a JSON value of the wrong kind. */
export function mismatch(value: JsonScalar, name: PrimitiveTypeName, right: string): PrimitiveValueError {
  const kind = typeof value === "object" ? "number" : typeof value;
  return new PrimitiveValueError(`a JSON ${kind} is not a valid ${name}; write it as ${right}`);
}
