// Prepaid usage (S7.10), event by event: each takes from what can be used at its time, in order, and what nobody can
// give is overdrawn. Balances (S7.5), period by period.

import { Fraction, greatest, least, sum, ZERO } from "./fraction.mjs";
import { endOf, momentOf, periodIn, phaseAt, phasesFrom } from "./periods.mjs";
import { eventsIn, usageIn } from "./usage.mjs";

/** The metered entitlement of a phase to a feature, if it has one. */
export function meteredOf(phase, feature) {
  const template = phase.rateCards.find(({ key }) => key === feature)?.entitlementTemplate;
  return template?.type === "metered" ? template : undefined;
}

/** Whether it is a hard limit: what grants can be added to. */
export const isHard = (entitlement) => entitlement !== undefined && !entitlement.isSoftLimit;

/** The period in which usage of an entitlement counts together, around `at`. */
function usagePeriod(subscription, entitlement, span, at) {
  if (entitlement.resets === false) return { from: span.from, to: Math.min(span.to, endOf(subscription)) };
  const cadence = entitlement.usagePeriod ?? subscription.plan.billingCadence;
  return periodIn(span, subscription.anchor, cadence, at, endOf(subscription));
}

/**
 * The usage periods that a feature has had by `at`, those with hard limits where `hardOnly`:
 * `{span, entitlement, period}`.
 */
function usagePeriods(subscription, feature, at, hardOnly) {
  const { plan, startingPhase, activeFrom } = subscription;
  return phasesFrom(plan, startingPhase, activeFrom).flatMap((span) => {
    const entitlement = meteredOf(span.phase, feature);
    if (entitlement === undefined || (hardOnly && !isHard(entitlement))) return [];
    const found = [];
    let from = span.from;
    while (from < span.to && from <= at) {
      const period = usagePeriod(subscription, entitlement, span, from);
      found.push({ span, entitlement, period });
      // A subscription that never began has one period, without a moment in it.
      from = Math.max(period.to, from + 1);
    }
    return found;
  });
}

/** The order in which grants are used: priority, expiry, beginning, id. */
function inOrder(a, b) {
  const begins = [a.priority - b.priority || a.expiresAt - b.expiresAt || a.effectiveAt - b.effectiveAt];
  return begins[0] || (a.id < b.id ? -1 : 1);
}

/** What can be used, and what was used beyond it. */
class Purse {
  overdrawn = ZERO;

  constructor(holders) {
    this.holders = holders;
  }
  usableAt(at) {
    return this.holders.filter(({ effectiveAt, expiresAt }) => effectiveAt <= at && at < expiresAt);
  }
  take(at, quantity) {
    let open = this.overdrawn.plus(quantity);
    for (const holder of this.usableAt(at).sort(inOrder)) {
      const taken = least(open, holder.left);
      holder.left = holder.left.minus(taken);
      open = open.minus(taken);
    }
    this.overdrawn = open;
  }
  balance(at) {
    return sum(this.usableAt(at).map(({ left }) => left)).minus(this.overdrawn);
  }
}

/** An allowance that does not reset has the place of a grant without priority; one that resets goes before all. */
function allowanceOf(entitlement, period) {
  const priority = entitlement.resets === false ? 0 : Number.NEGATIVE_INFINITY;
  const left = Fraction.of(entitlement.issueAfterReset);
  // What ends with a phase that has no end still goes before what has no end of itself.
  const expiresAt = Math.min(period.to, Number.MAX_SAFE_INTEGER);
  return { id: "", left, priority, effectiveAt: period.from, expiresAt };
}

const ofGrant = ({ id, amount, priority, effectiveAt, expiresAt = Number.POSITIVE_INFINITY }) => ({
  id,
  left: amount,
  priority,
  effectiveAt,
  expiresAt,
});

/**
 * Burns down what the subscription has used of a feature until `now`. `grants`: those on it, `{id, amount, priority,
 * effectiveAt, expiresAt?}` with the amount that is still to be used on it. Answers the balance and what is left of
 * each grant by its id.
 */
export function burnDown(subscription, feature, grants, now, meters) {
  const at = momentOf(subscription, now);
  const purse = new Purse(grants.map(ofGrant));
  for (const { span, entitlement, period } of usagePeriods(subscription, feature, at, true)) {
    const carries = Boolean(entitlement.preserveOverageAtReset) && span.from < period.from;
    if (!carries) purse.overdrawn = ZERO;
    purse.holders = purse.holders.filter(({ id }) => id !== "");
    purse.holders.push(allowanceOf(entitlement, period));
    const begins = purse.holders
      .map(({ effectiveAt }) => ({ time: effectiveAt, quantity: ZERO }))
      .filter(({ time }) => period.from <= time && time < period.to && time <= at);
    const used = eventsIn(subscription.events, feature, period).map((event) => ({
      time: event.time,
      quantity: usageIn([event], feature, period, meters),
    }));
    for (const { time, quantity } of [...begins, ...used].sort((a, b) => a.time - b.time)) purse.take(time, quantity);
  }
  const left = purse.holders.filter(({ id }) => id !== "").map((holder) => [holder.id, holder.left]);
  return { balance: purse.balance(at), left: new Map(left) };
}

/** Balance of an entitlement without grants: grant − usage − overage carried over. */
function plainBalance(subscription, feature, at, meters) {
  let carried = ZERO;
  let balance = ZERO;
  const current = phaseAt(subscription, at);
  for (const { span, entitlement, period } of usagePeriods(subscription, feature, at, false)) {
    if (span.index !== current.index) continue;
    const usage = usageIn(subscription.events, feature, period, meters);
    balance = Fraction.of(entitlement.issueAfterReset ?? "0")
      .minus(usage)
      .minus(carried);
    carried = entitlement.preserveOverageAtReset ? greatest(ZERO.minus(balance), ZERO) : ZERO;
  }
  return balance;
}

/** What a subscription can use of a feature at `now`, as `GET …/access` says it; undefined where it is not metered. */
export function accessTo(subscription, feature, grants, now, inEffect, meters) {
  const at = momentOf(subscription, now);
  const span = phaseAt(subscription, now);
  const entitlement = meteredOf(span.phase, feature);
  if (entitlement === undefined) return undefined;
  const prepaid = isHard(entitlement) && (entitlement.resets === false || grants.length > 0);
  const balance = prepaid
    ? burnDown(subscription, feature, grants, now, meters).balance
    : plainBalance(subscription, feature, at, meters);
  const usage = usageIn(subscription.events, feature, usagePeriod(subscription, entitlement, span, at), meters);
  return {
    type: "metered",
    hasAccess: inEffect && (Boolean(entitlement.isSoftLimit) || balance.compare(ZERO) > 0),
    balance: Number(balance.toString()),
    usage: Number(usage.toString()),
    overage: Number(greatest(ZERO.minus(balance), ZERO).toString()),
  };
}
