/** Longer stretches of client text are cut in error messages. */
const CLIP = 32;

const LETTER = /^[\p{L}\p{Nl}]$/u;
const LETTER_OR_MARK = /^[\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]$/u;

/** `DIGIT`, for a UTF-16 unit; `NaN`, what `charCodeAt` gives past the end, is none. */
export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** `HEXDIG`, in either case. */
export function isHexDigit(unit: number): boolean {
  return isDigit(unit) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}

/** `SP / HTAB`: what `RWS` and `BWS` are made of. */
export function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09;
}

/** How many units the `identifierLeadingCharacter` at a place takes; 0 where there is none. */
export function leadingCharacter(text: string, at: number): 0 | 1 | 2 {
  const unit = text.charCodeAt(at);
  if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f) return 1;
  return unit > 0x7f ? matching(text, at, LETTER) : 0;
}

/** How many units the `identifierCharacter` at a place takes; 0 where there is none. */
export function identifierCharacter(text: string, at: number): 0 | 1 | 2 {
  const unit = text.charCodeAt(at);
  if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f || isDigit(unit)) return 1;
  return unit > 0x7f ? matching(text, at, LETTER_OR_MARK) : 0;
}

function matching(text: string, at: number, category: RegExp): 0 | 1 | 2 {
  const point = String.fromCodePoint(text.codePointAt(at) as number);
  return category.test(point) ? (point.length as 1 | 2) : 0;
}

/** Text of a client made fit for an error message: short, and without characters that a log or terminal would obey. */
export function clip(text: string): string {
  const short = text.length > CLIP ? `${text.slice(0, CLIP)}...` : text;
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return short.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/g, "\ufffd");
}

/** Whether a text has a control character, which no part of a resource path may have. */
export function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
