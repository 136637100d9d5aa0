// Time, counted step by step: the bounds of recurrences, the phases of a subscription, its status.

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** `at` moved by whole months; the day is the last one where the month has not got it. */
function addMonths(at, months) {
  const date = new Date(at);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), days);
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day) + (at - Math.floor(at / DAY) * DAY);
}

/** The n-th bound of a recurrence, before its anchor for n below 0. */
export function bound(anchor, cadence, n) {
  const [, time, count, unit] = /^P(T?)(\d+)([HDWMY])$/.exec(cadence);
  const steps = Number(count) * n;
  if (unit === "M" && time === "") return addMonths(anchor, steps);
  if (unit === "Y") return addMonths(anchor, 12 * steps);
  return anchor + steps * { H: HOUR, D: DAY, W: 7 * DAY }[unit];
}

/** The number of the last bound of a recurrence that is not after `at`. */
function countTo(anchor, cadence, at) {
  let n = 0;
  while (bound(anchor, cadence, n) > at) n--;
  while (bound(anchor, cadence, n + 1) <= at) n++;
  return n;
}

/** The period of a recurrence that `at` lies in. */
export function periodAround(anchor, cadence, at) {
  const n = countTo(anchor, cadence, at);
  return { from: bound(anchor, cadence, n), to: bound(anchor, cadence, n + 1) };
}

/** The periods of a recurrence that touch [from, to) and begin by `until`, cut off at `from` and `to`. */
export function periods(anchor, cadence, from, to, until) {
  const found = [];
  let n = countTo(anchor, cadence, from);
  for (; bound(anchor, cadence, n) < to && bound(anchor, cadence, n) <= until; n++) {
    found.push({ from: Math.max(bound(anchor, cadence, n), from), to: Math.min(bound(anchor, cadence, n + 1), to) });
  }
  return found;
}

/** The end of a subscription; Infinity while none is planned. */
export const endOf = ({ activeTo }) => activeTo ?? Number.POSITIVE_INFINITY;

/** The phases of a plan from `begin` on, with nothing that ends them: `{phase, index, from, to}`. */
export function phasesFrom(plan, startingPhase, begin) {
  let from = begin;
  return plan.phases.slice(startingPhase).map((phase, skipped) => {
    const to = phase.duration ? bound(from, phase.duration, 1) : Number.POSITIVE_INFINITY;
    const span = { phase, index: startingPhase + skipped, from, to };
    from = to;
    return span;
  });
}

/** The phases that a subscription has, cut off at its end. */
export function phasesOf(subscription) {
  const end = endOf(subscription);
  return phasesFrom(subscription.plan, subscription.startingPhase, subscription.activeFrom)
    .filter(({ from }) => from < end)
    .map((span) => ({ ...span, to: Math.min(span.to, end) }));
}

/** S7.1. */
export function statusOf(subscription, now) {
  const end = endOf(subscription);
  if (end <= now || end <= subscription.activeFrom) return "inactive";
  if (now < subscription.activeFrom) return "scheduled";
  return end === Number.POSITIVE_INFINITY ? "active" : "canceled";
}

/** The moment of a subscription's life that `now` shows: its first before it, its last after it. */
export function momentOf(subscription, now) {
  const last = Math.max(subscription.activeFrom, Math.min(now, endOf(subscription) - 1));
  return Math.max(subscription.activeFrom, last);
}

/** The phase that a subscription is in; before it begins its first, after its end its last. Not cut off at its end. */
export function phaseAt(subscription, now) {
  const at = momentOf(subscription, now);
  const spans = phasesFrom(subscription.plan, subscription.startingPhase, subscription.activeFrom);
  return spans.find(({ from, to }) => from <= at && at < to);
}

/** The period around `at` of something that recurs in a phase: cut off at the bounds of the phase and at `end`. */
export function periodIn(span, anchor, cadence, at, end = Number.POSITIVE_INFINITY) {
  const { from, to } = periodAround(anchor, cadence, at);
  const begin = Math.max(from, span.from);
  return { from: begin, to: Math.max(begin, Math.min(to, span.to, end)) };
}
