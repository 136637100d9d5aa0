// Decimals of any length, compared exactly.

import { parseRaw } from "./raw-json.mjs";

/** Meter → exact total of its events, as a decimal text. */
export function totals(batches) {
  const sums = new Map();
  for (const event of batches.flatMap((batch) => parseRaw(batch).items)) {
    const meter = event.get("type").value;
    sums.set(meter, (sums.get(meter) ?? 0n) + scaled(event.get("data").get("total").raw));
  }
  return Object.fromEntries([...sums].sort().map(([meter, sum]) => [meter, unscaled(sum)]));
}

const DIGITS = 18;

/** A JSON number as a whole count of 10^-18. */
export function scaled(text) {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const shift = DIGITS - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  if (shift < 0 && digits % 10n ** BigInt(-shift) !== 0n) throw new Error(`${text} has too many digits to compare`);
  const value = shift < 0 ? digits / 10n ** BigInt(-shift) : digits * 10n ** BigInt(shift);
  return sign === "-" ? -value : value;
}

export function unscaled(value) {
  const text = value.toString().padStart(DIGITS + 1, "0");
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`.replace(/\.?0+$/, "");
}
