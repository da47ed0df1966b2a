/** Division goes this far behind the point and is cut there. */
const DIVISION_DIGITS = 20;

const FORM = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** More digits before the point, or behind it, than what is computed may have. */
const MOST_DIGITS = 400;

/** 10 to the power of small numbers, which is what scales are. */
const powers: bigint[] = [1n];

function power(exponent: number): bigint {
  for (let next = powers.length; next <= exponent; next++) powers.push(powers[next - 1]! * 10n);
  return powers[exponent]!;
}

/**
 * An exact number: the value of every integer type and of Edm.Decimal. It is `units` divided by 10 to the power of `scale`,
 * kept without trailing zeros behind the point, so that equal numbers have equal parts.
 *
 * @example Decimal.parse("1.50").equals(Decimal.parse("1.5")) // true
 */
export class Decimal {
  static readonly zero = new Decimal(0n, 0);

  readonly units: bigint;
  readonly scale: number;

  private constructor(units: bigint, scale: number) {
    this.units = units;
    this.scale = scale;
  }

  /** The number `units / 10^scale`; the scale is not negative. */
  static of(units: bigint, scale = 0): Decimal {
    if (units === 0n) return Decimal.zero;
    if (scale === 0 || units % 10n !== 0n) return new Decimal(units, scale);
    let rest = units;
    let digits = scale;
    // Many zeros at a time: there may be hundreds.
    for (let zeros = 1024; zeros > 0; zeros >>= 1) {
      while (zeros <= digits && rest % power(zeros) === 0n) {
        rest /= power(zeros);
        digits -= zeros;
      }
    }
    return new Decimal(rest, digits);
  }

  /**
   * @param text a number as JSON, a URL or JavaScript writes it, whose exponent is bounded by whoever has read it
   * @throws TypeError where it is no finite number
   */
  static parse(text: string): Decimal {
    const match = FORM.exec(text);
    if (match === null) throw new TypeError(`'${text}' is no number.`);
    const fraction = match[3] ?? "";
    const scale = fraction.length - Number(match[4] ?? 0);
    const units = BigInt(match[2]! + fraction) * (match[1] === "-" ? -1n : 1n);
    return scale >= 0 ? Decimal.of(units, scale) : Decimal.of(units * power(-scale));
  }

  get negative(): boolean {
    return this.units < 0n;
  }

  get isZero(): boolean {
    return this.units === 0n;
  }

  get isWhole(): boolean {
    return this.scale === 0;
  }

  /** The number, or null where it has more digits than the engine keeps: numbers must not grow with each operation. */
  bounded(): Decimal | null {
    if (this.scale > MOST_DIGITS) return null;
    const end = power(MOST_DIGITS + this.scale);
    return this.units < end && this.units > -end ? this : null;
  }

  equals(other: Decimal): boolean {
    return this.units === other.units && this.scale === other.scale;
  }

  /** Less than, equal to or greater than 0, as this number is to the other. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const left = this.#unitsAt(scale);
    const right = other.#unitsAt(scale);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return Decimal.of(this.#unitsAt(scale) + other.#unitsAt(scale), scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    return Decimal.of(this.units * other.units, this.scale + other.scale);
  }

  /** The quotient, cut toward zero behind its 20th digit after the point; the divisor is not zero. */
  dividedBy(other: Decimal): Decimal {
    const dividend = this.units * power(other.scale + DIVISION_DIGITS);
    return Decimal.of(dividend / (other.units * power(this.scale)), DIVISION_DIGITS);
  }

  /** The whole number of times that the divisor, which is not zero, fits in; cut toward zero. */
  wholeTimes(other: Decimal): Decimal {
    return Decimal.of((this.units * power(other.scale)) / (other.units * power(this.scale)));
  }

  /** What is left over then: it has the sign of this number. */
  remainder(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return Decimal.of(this.#unitsAt(scale) % other.#unitsAt(scale), scale);
  }

  /** Cut toward zero. */
  truncated(): Decimal {
    return this.isWhole ? this : Decimal.of(this.units / power(this.scale));
  }

  floor(): Decimal {
    const cut = this.truncated();
    return this.negative && !this.isWhole ? cut.minus(ONE) : cut;
  }

  ceiling(): Decimal {
    const cut = this.truncated();
    return this.negative || this.isWhole ? cut : cut.plus(ONE);
  }

  /** Halves go away from zero. */
  rounded(): Decimal {
    return this.plus(this.negative ? HALF.negated() : HALF).truncated();
  }

  /** The double that is nearest. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** Canonical text: no exponent, no zeros that say nothing. */
  toString(): string {
    if (this.isWhole) return this.units.toString();
    const digits = (this.negative ? -this.units : this.units).toString().padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    return `${this.negative ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
  }

  #unitsAt(scale: number): bigint {
    return scale === this.scale ? this.units : this.units * power(scale - this.scale);
  }
}

const ONE = Decimal.of(1n);
const HALF = Decimal.of(5n, 1);
