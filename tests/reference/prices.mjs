// What usage costs (S7.6), tier by tier.

import { Fraction, greatest, least, minorDigits, ONE, ZERO } from "./fraction.mjs";

const amountOf = (price) => (price ? Fraction.of(price.amount) : ZERO);

function tierAmount(tier, units) {
  return amountOf(tier.flatPrice).plus(amountOf(tier.unitPrice).times(units));
}

function tieredAmount({ mode, tiers }, usage) {
  let sum = ZERO;
  let below = ZERO;
  for (const tier of tiers) {
    const top = tier.upToAmount === undefined || tier.upToAmount === null ? undefined : Fraction.of(tier.upToAmount);
    const last = top === undefined || usage.compare(top) <= 0;
    if (mode === "volume" && last) return tierAmount(tier, usage);
    if (mode === "graduated") {
      sum = sum.plus(tierAmount(tier, (last ? usage : top).minus(below)));
      if (last) return sum;
      below = top;
    }
  }
  throw new Error("the tiers do not cover the usage");
}

function priceAmount(price, usage) {
  switch (price.type) {
    case "flat":
      return Fraction.of(price.amount);
    case "unit":
      return usage.times(Fraction.of(price.amount));
    case "tiered":
      return tieredAmount(price, usage);
    case "package":
      return usage.over(Fraction.of(price.quantityPerPackage)).ceiling().times(Fraction.of(price.amount));
    case "dynamic":
      return usage.times(Fraction.of(price.multiplier ?? "1"));
  }
  throw new Error(`no price of type ${price.type}`);
}

/** Free quantity, price, percentage, maximum, minimum, and one rounding: minor units. */
export function rate(card, usage, currency) {
  const free = Fraction.of(card.discounts?.usage?.quantity ?? "0");
  let amount = priceAmount(card.price, greatest(usage.minus(free), ZERO));
  amount = amount.times(ONE.minus(Fraction.of(card.discounts?.percentage ?? "0").over(Fraction.of("100"))));
  const { minimumAmount, maximumAmount } = card.price.commitments ?? {};
  if (maximumAmount !== undefined) amount = least(amount, Fraction.of(maximumAmount));
  if (minimumAmount !== undefined) amount = greatest(amount, Fraction.of(minimumAmount));
  return amount.toMinor(minorDigits(currency));
}

/** Whether a card can never cost anything (S7.4): no price, a price of 0, a discount of 100 %. */
export function isFree(card) {
  if (!card.price || Number(card.discounts?.percentage ?? 0) === 100) return true;
  const { type, amount, multiplier = "1", tiers, commitments } = card.price;
  if (commitments?.maximumAmount !== undefined && Number(commitments.maximumAmount) === 0) return true;
  if (Number(commitments?.minimumAmount ?? 0) > 0) return false;
  const isZero = (price) => Number(price?.amount ?? 0) === 0;
  if (type === "tiered") return tiers.every(({ flatPrice, unitPrice }) => isZero(flatPrice) && isZero(unitPrice));
  return Number(type === "dynamic" ? multiplier : amount) === 0;
}
