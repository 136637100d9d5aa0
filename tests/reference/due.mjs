// What falls due, and when (S8), by laying out the whole life of a subscription.

import { bound, periods, phasesOf } from "./periods.mjs";

/** Whether a card is a fee that is due when its period begins, or its phase. */
export const isAdvance = (card) =>
  card.type === "flat_fee" && Boolean(card.price) && (card.price.paymentTerm ?? "in_advance") === "in_advance";

function linesOfCard(subscription, span, index, until) {
  const card = span.phase.rateCards[index];
  const place = { phase: span.index, index, card, advance: isAdvance(card) };
  if (!card.price) return [];
  if (!card.billingCadence) {
    const at = place.advance ? span.from : span.to;
    return [{ ...place, key: `${span.index}/${index}`, at }];
  }
  return periods(subscription.anchor, card.billingCadence, span.from, span.to, until).map((period) => ({
    ...place,
    key: `${span.index}/${index}/${period.from}`,
    period,
    at: place.advance ? period.from : period.to,
  }));
}

/** All lines that fall due until `until` (inclusive): `{key, phase, index, card, advance, period?, at}`, in order. */
export function dueLines(subscription, until) {
  return phasesOf(subscription)
    .flatMap((span) => span.phase.rateCards.flatMap((_, index) => linesOfCard(subscription, span, index, until)))
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at || a.phase - b.phase || a.index - b.index);
}

/** An instant after `from` by which something more has fallen due, if anything ever will. */
export function horizon(subscription, from) {
  if (subscription.activeTo !== undefined) return Math.max(from, subscription.activeTo);
  const begin = Math.max(from, ...phasesOf(subscription).map((span) => span.from));
  const cadences = subscription.plan.phases
    .flatMap(({ rateCards }) => rateCards.map(({ billingCadence }) => billingCadence))
    .filter((cadence) => cadence !== undefined);
  return Math.max(begin, ...cadences.map((cadence) => bound(begin, cadence, 2)));
}
