// Usage by looking at every event. An event is `{id, meter, total, time}`: times in milliseconds, totals as texts.

import { Fraction, greatest, sum, ZERO } from "./fraction.mjs";

const totals = (events) => events.map(({ total }) => Fraction.of(total));

const AGGREGATIONS = {
  SUM: (events) => sum(totals(events)),
  COUNT: (events) => new Fraction(BigInt(events.length)),
  MAX: (events) => totals(events).reduce(greatest, ZERO),
};

/** The events of a meter in a period. */
export function eventsIn(events, meter, { from, to }) {
  return events.filter((event) => event.meter === meter && from <= event.time && event.time < to);
}

/** What `events` come to in a period. `meters`: their aggregations by name. */
export function usageIn(events, meter, period, meters) {
  return AGGREGATIONS[meters[meter]](eventsIn(events, meter, period));
}
