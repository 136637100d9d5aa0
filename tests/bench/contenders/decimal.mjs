// P10's peer: rating written with decimal.js, prices read ahead.

import { Decimal } from "decimal.js";
import { pairs, prices } from "../rating-workload.mjs";

const MINOR_DIGITS = { JPY: 0, USD: 2, EUR: 2, KWD: 3 };
const ZERO = new Decimal(0);
// Enough digits to be exact, as it must be.
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });

export function makeDecimalRater() {
  const known = prices.map(readPrice);
  return {
    name: "decimal.js",
    total: ({ price, usage }) => totalOf(known[price], usage),
    run() {
      let characters = 0;
      for (const { price, usage } of pairs) characters += totalOf(known[price], usage).length;
      return characters;
    },
  };
}

const optional = (text) => (text === undefined ? undefined : new Exact(text));

function readPrice({ price, discounts, currency }) {
  return {
    type: price.type,
    graduated: price.mode === "graduated",
    tiers: price.tiers?.map((tier) => ({
      upTo: optional(tier.upToAmount),
      flat: optional(tier.flatPrice?.amount),
      unit: optional(tier.unitPrice?.amount),
    })),
    amount: optional(price.amount ?? price.multiplier),
    size: optional(price.quantityPerPackage),
    free: optional(discounts?.usage?.quantity),
    percentage: optional(discounts?.percentage),
    minimum: optional(price.commitments?.minimumAmount),
    maximum: optional(price.commitments?.maximumAmount),
    digits: MINOR_DIGITS[currency],
  };
}

function totalOf(price, text) {
  let usage = new Exact(text);
  if (price.free !== undefined) usage = Exact.max(usage.minus(price.free), ZERO);
  let amount = amountOf(price, usage);
  if (price.percentage !== undefined) amount = amount.minus(amount.times(price.percentage).div(100));
  if (price.maximum !== undefined) amount = Exact.min(amount, price.maximum);
  if (price.minimum !== undefined) amount = Exact.max(amount, price.minimum);
  return amount.toFixed(price.digits);
}

function amountOf(price, usage) {
  switch (price.type) {
    case "flat":
      return price.amount;
    case "package":
      return usage.div(price.size).ceil().times(price.amount);
    case "tiered":
      return price.graduated ? graduated(price.tiers, usage) : volume(price.tiers, usage);
    default:
      return usage.times(price.amount);
  }
}

function graduated(tiers, usage) {
  let sum = new Exact(0);
  let from = ZERO;
  for (const tier of tiers) {
    const last = tier.upTo === undefined || usage.lte(tier.upTo);
    sum = sum.plus(partOf(tier, (last ? usage : tier.upTo).minus(from)));
    if (last) return sum;
    from = tier.upTo;
  }
  return sum;
}

function volume(tiers, usage) {
  const tier = tiers.find(({ upTo }) => upTo === undefined || usage.lte(upTo));
  return partOf(tier, usage);
}

function partOf({ flat, unit }, units) {
  let part = flat ?? ZERO;
  if (unit !== undefined) part = units.times(unit).plus(part);
  return part;
}
