// The calendar of S8, as far as plans that are billed by the month need it.

/** RFC 3339, without the milliseconds where there are none. */
export function instant(ms) {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

function movedByMonths(anchor, months) {
  const date = new Date(anchor);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

const monthNumber = (at) => at.getUTCFullYear() * 12 + at.getUTCMonth();

/** The period around `at` of a cadence `P<n>M` that recurs from `anchor`. */
export function periodContaining(anchor, cadence, at) {
  const count = Number(/^P(\d+)M$/.exec(cadence)[1]);
  const apart = monthNumber(new Date(at)) - monthNumber(new Date(anchor));
  let months = Math.floor(apart / count) * count;
  if (movedByMonths(anchor, months) > at) months -= count;
  return { from: movedByMonths(anchor, months), to: movedByMonths(anchor, months + count) };
}
