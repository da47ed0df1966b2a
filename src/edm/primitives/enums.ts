import type { LiteralForm } from "../../syntax/ast.js";
import type { EnumType } from "../model.js";
import { PrimitiveValueError, quoted } from "./error.js";
import type { JsonScalar } from "./value.js";

const MOST_NAMED = 10;
const WHOLE = /^[+-]?\d{1,19}$/;

/**
 * An enumeration value from a payload: member names, or their number (JSON Format 4.01, section 7.1: `enumValue`).
 *
 * @returns canonical names text: one name, or for a flags type several with commas, in the order of their values
 * @throws PrimitiveValueError where a name or number is no member's, listing some of the members
 * @example readEnumJson(colours, "Yellow,Red") // "Red,Yellow"
 */
export function readEnumJson(type: EnumType, value: JsonScalar): string {
  if (typeof value === "boolean") {
    throw new PrimitiveValueError(`a JSON boolean is not a valid ${type.qualifiedName}; ${members(type)}`);
  }
  return readEnumText(type, typeof value === "string" ? value : value.text);
}

/**
 * An enumeration value from a URL literal. In 4.01 it may do without the type name and is then written like a string.
 *
 * @returns canonical names text, or `undefined` where the form is of another type
 * @throws PrimitiveValueError where a name or number is no member's
 */
export function readEnumLiteral(type: EnumType, form: LiteralForm, text: string): string | undefined {
  return form === "enum" || form === "string" ? readEnumText(type, text) : undefined;
}

/** @example writeEnumLiteral(colours, "Red,Yellow") // "sales.colour'Red,Yellow'" */
export function writeEnumLiteral(type: EnumType, value: string): string {
  return `${type.qualifiedName}'${value}'`;
}

/** The number behind names text, for `has` and for comparisons. */
export function enumNumber(type: EnumType, value: string): bigint {
  const single = type.members.get(value);
  if (single !== undefined) return BigInt(single);
  let number = 0n;
  for (const name of value.split(",")) number |= memberNumber(type, name.trim());
  return number;
}

function readEnumText(type: EnumType, text: string): string {
  const single = type.members.get(text);
  if (single !== undefined) return type.names.get(single) ?? text;
  if (!type.flags && text.includes(",")) {
    throw new PrimitiveValueError(
      `${quoted(text)} is not a valid ${type.qualifiedName}; it takes a single member, because it is no flags type`,
    );
  }
  return namesOf(type, enumNumber(type, text), text);
}

/** The number that one name or number stands for. */
function memberNumber(type: EnumType, name: string): bigint {
  const value = type.members.get(name);
  if (value !== undefined) return BigInt(value);
  if (WHOLE.test(name)) return BigInt(name);
  throw unknownMember(type, name);
}

/** The member with that number, else for flags the fewest members that make it up, taking the greatest first. */
function namesOf(type: EnumType, value: bigint, written: string): string {
  const whole = type.names.get(Number(value));
  if (whole !== undefined && BigInt(type.members.get(whole)!) === value) return whole;
  if (!type.flags || value < 0n) throw unknownMember(type, written);
  const numbers = [...type.names.keys()].filter((number) => number > 0).sort((a, b) => b - a);
  const parts: number[] = [];
  let rest = value;
  for (const number of numbers) {
    const bits = BigInt(number);
    if ((rest & bits) === bits) {
      parts.unshift(number);
      rest &= ~bits;
    }
  }
  if (rest !== 0n || parts.length === 0) throw unknownMember(type, written);
  return parts.map((number) => type.names.get(number)!).join(",");
}

function unknownMember(type: EnumType, written: string): PrimitiveValueError {
  const message = `${quoted(written)} is not a member of ${type.qualifiedName}; ${members(type)}`;
  return new PrimitiveValueError(message, { written, known: type.members.keys() });
}

function members(type: EnumType): string {
  const names = [...type.members.keys()];
  const more = names.length - MOST_NAMED;
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return more > 0 ? `its members are ${shown} and ${more} more` : `its members are ${shown}`;
}
