/**
 * A value inside the engine.
 *
 * - Edm.Boolean: a boolean
 * - Edm.Byte, SByte, Int16, Int32, Single, Double: a number (`Infinity` and `NaN` for `INF` and `NaN`)
 * - Edm.Int64, Edm.Decimal: canonical decimal text, because neither fits a JavaScript number
 * - everything else: canonical text (see the readers of each type)
 */
export type Scalar = string | number | boolean;

/** A JSON number as it was written, so that no digit is lost on the way. */
export interface JsonNumber {
  readonly text: string;
}

/** A JSON value that is neither null, array nor object. */
export type JsonScalar = string | boolean | JsonNumber;
