// Exact numbers the slow way: fractions of whole numbers of any length. Nothing is shared with the core.

/** The greatest whole number that divides both; `b` is above 0. */
function divisor(a, b) {
  let [large, small] = [a < 0n ? -a : a, b];
  while (large !== 0n) [large, small] = [small % large, large];
  return small;
}

/** A fraction, in lowest terms. Never rounded before `toMinor`. */
export class Fraction {
  constructor(numerator, denominator = 1n) {
    const common = divisor(numerator, denominator);
    this.n = numerator / common;
    this.d = denominator / common;
  }
  /** Of a decimal, as a text or as a number that prints as one. */
  static of(decimal) {
    const [, sign, whole, digits = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(decimal));
    return new Fraction(BigInt(sign + whole + digits), 10n ** BigInt(digits.length));
  }
  plus(other) {
    return new Fraction(this.n * other.d + other.n * this.d, this.d * other.d);
  }
  minus(other) {
    return new Fraction(this.n * other.d - other.n * this.d, this.d * other.d);
  }
  times(other) {
    return new Fraction(this.n * other.n, this.d * other.d);
  }
  /** `other` is above 0. */
  over(other) {
    return new Fraction(this.n * other.d, this.d * other.n);
  }
  compare(other) {
    const left = this.n * other.d;
    const right = other.n * this.d;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  equals(other) {
    return this.compare(other) === 0;
  }
  /** Whole number of it, rounded up; of what is not negative. */
  ceiling() {
    return new Fraction((this.n + this.d - 1n) / this.d);
  }
  /** Minor units, rounded half away from zero; of what is not negative. */
  toMinor(digits) {
    const scaled = this.n * 10n ** BigInt(digits);
    return (2n * scaled + this.d) / (2n * this.d);
  }
  /** As a decimal, without digits that say nothing. Throws where it has more than nine of them. */
  toString() {
    const nanos = this.n * 10n ** 9n;
    if (nanos % this.d !== 0n) throw new Error(`${this.n}/${this.d} has more than nine fractional digits`);
    const text = (nanos < 0n ? -nanos : nanos) / this.d;
    const digits = text.toString().padStart(10, "0");
    const fraction = digits.slice(-9).replace(/0+$/, "");
    return `${nanos < 0n ? "-" : ""}${digits.slice(0, -9)}${fraction === "" ? "" : `.${fraction}`}`;
  }
}

export const ZERO = new Fraction(0n);
export const ONE = new Fraction(1n);
export const least = (a, b) => (a.compare(b) < 0 ? a : b);
export const greatest = (a, b) => (a.compare(b) > 0 ? a : b);
export const sum = (fractions) => fractions.reduce((total, one) => total.plus(one), ZERO);

const MINOR_DIGITS = { JPY: 0, KRW: 0, CLP: 0, KWD: 3, BHD: 3, TND: 3 };

/** How many digits the minor unit of a currency has. */
export const minorDigits = (currency) => MINOR_DIGITS[currency] ?? 2;

/** Minor units as an amount is written. */
export function amountText(minor, currency) {
  const digits = minorDigits(currency);
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return `${minor < 0n ? "-" : ""}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ""}`;
}
