import type { LiteralForm } from "../../syntax/ast.js";
import type { PrimitiveTypeName } from "../model.js";
import type { Codec } from "./codec.js";
import { PrimitiveValueError } from "./error.js";
import type { Scalar } from "./value.js";

/**
 * Edm.Untyped and Edm.PrimitiveType: values are taken as they come. A number is a JavaScript number here; payload readers
 * that must not lose a digit keep the number's text themselves.
 */
export function untypedCodec(readLiteral: (form: LiteralForm, text: string) => Scalar | undefined): Codec {
  return {
    readJson: (_, value) => (typeof value === "object" ? Number(value.text) : value),
    readLiteral,
    readText: (text) => text,
    writeJson: (value) => JSON.stringify(value),
    writeLiteral: (value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value)),
    zero: "null",
  };
}

/** A type that has no values among the scalars of a payload or URL. */
export function unreadableCodec(name: PrimitiveTypeName, right: string): Codec {
  const refuse = (): never => {
    throw new PrimitiveValueError(`a value of ${name} cannot be given here; ${right}`);
  };
  return {
    readJson: refuse,
    readLiteral: () => undefined,
    readText: refuse,
    writeJson: refuse,
    writeLiteral: refuse,
    zero: "null",
  };
}
