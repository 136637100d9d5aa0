// What a change of plan gives back of fees that were paid in advance (S7.8), in minor units.

import { isAdvance } from "./due.mjs";
import { Fraction, greatest, least, minorDigits, ONE, ZERO } from "./fraction.mjs";
import { periodIn, phasesFrom } from "./periods.mjs";
import { accessTo, meteredOf } from "./prepaid.mjs";
import { rate } from "./prices.mjs";

/** How much of the greatest quota is used up, of the period around `inside`. */
function quotaConsumed(subscription, phase, inside, meters) {
  let most = ZERO;
  for (const { key } of phase.rateCards) {
    const entitlement = meteredOf(phase, key);
    if (!entitlement || entitlement.resets === false) continue;
    const limit = Fraction.of(entitlement.issueAfterReset ?? "0");
    if (limit.compare(ZERO) === 0) continue;
    // Grants on top are no quota of a fee: what counts is what the plan itself gives.
    const { balance } = accessTo(subscription, key, [], inside, true, meters);
    const used = limit.minus(Fraction.of(balance));
    most = greatest(most, least(ONE, greatest(ZERO, used).over(limit)));
  }
  return most;
}

/**
 * The credit of a change at `at` away from `subscription`. `fees`: what was billed in advance and not voided, `{card,
 * period}`. A change that is made on the spot finds the period that begins with it paid for already; one that was
 * planned ends the period before.
 */
export function changeCredit(subscription, at, onTheSpot, fees, meters) {
  const { plan, anchor, startingPhase, activeFrom } = subscription;
  if (plan.proRatingConfig?.enabled === false) return 0n;
  const inside = Math.max(activeFrom, onTheSpot ? at : at - 1);
  const span = phasesFrom(plan, startingPhase, activeFrom).find(({ from, to }) => from <= inside && inside < to);
  const open = onTheSpot ? { ...subscription, activeTo: undefined } : subscription;
  const quota = quotaConsumed(open, span.phase, inside, meters);
  let credit = 0n;
  for (const card of span.phase.rateCards) {
    if (!isAdvance(card) || !card.billingCadence) continue;
    // As it is without an end of the subscription, since the fee was due in full.
    const period = periodIn(span, anchor, card.billingCadence, inside);
    if (!fees.some((fee) => fee.card === card && fee.period.from === period.from)) continue;
    const time = new Fraction(BigInt(at - period.from), BigInt(period.to - period.from));
    const digits = minorDigits(plan.currency);
    const fee = new Fraction(rate(card, ZERO, plan.currency), 10n ** BigInt(digits));
    credit += fee.times(ONE.minus(greatest(time, quota))).toMinor(digits);
  }
  return credit;
}
