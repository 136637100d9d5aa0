// Bills, computed the slow and obvious way: fractions of whole numbers, periods counted one by one, every unit at its tier by
// subtraction, usage by adding up a list of events. Nothing is shared with the core.

/** A fraction. Never rounded before `toMinor`. */
class Fraction {
  constructor(numerator, denominator = 1n) {
    this.n = numerator;
    this.d = denominator;
  }
  static of(text) {
    const [, sign, whole, digits = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text));
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
  over(other) {
    return new Fraction(this.n * other.d, this.d * other.n);
  }
  compare(other) {
    const left = this.n * other.d;
    const right = other.n * this.d;
    return left < right ? -1 : left > right ? 1 : 0;
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
}

const ZERO = new Fraction(0n);
const ONE = new Fraction(1n);
const least = (a, b) => (a.compare(b) < 0 ? a : b);
const greatest = (a, b) => (a.compare(b) > 0 ? a : b);

const MINOR_DIGITS = { USD: 2, EUR: 2, JPY: 0, KWD: 3 };

/** Minor units as an amount is written. */
export function amountText(minor, currency) {
  const digits = MINOR_DIGITS[currency];
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return `${minor < 0n ? "-" : ""}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ""}`;
}

// ---- time

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LATE_MS = 35 * DAY;

/** `at` moved by whole months; the day is the last one where the month has not got it. */
function addMonths(at, months) {
  const date = new Date(at);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), days);
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day) + (at - Math.floor(at / DAY) * DAY);
}

/** The n-th bound of a recurrence. */
function bound(anchor, cadence, n) {
  const [, time, count, unit] = /^P(T?)(\d+)([HDWMY])$/.exec(cadence);
  const steps = Number(count) * n;
  if (unit === "M" && time === "") return addMonths(anchor, steps);
  if (unit === "Y") return addMonths(anchor, 12 * steps);
  return anchor + steps * { H: HOUR, D: DAY, W: 7 * DAY }[unit];
}

/** The periods of a recurrence that touch [from, to), cut off there. */
function periods(anchor, cadence, from, to) {
  const found = [];
  let n = 0;
  while (bound(anchor, cadence, n) > from) n--;
  for (; bound(anchor, cadence, n) < to; n++) {
    const begin = Math.max(bound(anchor, cadence, n), from);
    const end = Math.min(bound(anchor, cadence, n + 1), to);
    if (begin < end) found.push({ from: begin, to: end });
  }
  return found;
}

/** The phases of a subscription until `until`. */
function phaseSpans(subscription, until) {
  const end = Math.min(subscription.activeTo ?? until, until);
  const spans = [];
  let from = subscription.activeFrom;
  for (const phase of subscription.plan.phases) {
    const ends = phase.duration ? bound(from, phase.duration, 1) : Number.POSITIVE_INFINITY;
    if (from >= end) break;
    spans.push({ phase, from, to: Math.min(ends, end), over: Math.min(ends, subscription.activeTo ?? ends) <= until });
    from = ends;
  }
  return spans;
}

// ---- prices

function tierAmount(tier, units) {
  const flat = tier.flatPrice ? Fraction.of(tier.flatPrice.amount) : ZERO;
  const unit = tier.unitPrice ? Fraction.of(tier.unitPrice.amount) : ZERO;
  return flat.plus(unit.times(units));
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
  return amount.toMinor(MINOR_DIGITS[currency]);
}

// ---- bills

const isAdvance = (card) => card.type === "flat_fee" && (card.price.paymentTerm ?? "in_advance") === "in_advance";

/** What falls due until `until` (inclusive), in order. */
function dueLines(subscription, until) {
  const lines = [];
  for (const { phase, from, to, over } of phaseSpans(subscription, until)) {
    phase.rateCards.forEach((card, index) => {
      if (!card.price) return;
      const place = { phase: subscription.plan.phases.indexOf(phase), index, card };
      if (!card.billingCadence) {
        if (isAdvance(card)) lines.push({ ...place, at: from });
        else if (over) lines.push({ ...place, at: to });
        return;
      }
      const end = over ? to : Number.POSITIVE_INFINITY;
      const horizon = Math.min(end, until + 400 * DAY);
      for (const period of periods(subscription.anchor, card.billingCadence, from, horizon)) {
        lines.push({ ...place, period, at: isAdvance(card) ? period.from : period.to });
      }
    });
  }
  return lines.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.phase - b.phase || a.index - b.index);
}

/** Usage of a meter in a period as it was known before `known`. */
function usageOf(events, meter, period, known) {
  return events
    .filter((event) => event.meter === meter && event.sentAt < known)
    .filter(({ time }) => period.from <= time && time < period.to)
    .reduce((sum, { total }) => sum.plus(Fraction.of(total)), ZERO);
}

/** The span whose usage a line bills: its period; of the one that the subscription ended with, everything from it on. */
function counted(subscription, period) {
  return period.to === subscription.activeTo ? { ...period, to: Number.POSITIVE_INFINITY } : period;
}

/** What a change at `at` gives back of the fees of the subscription that it ends, in minor units. */
function changeCredit(subscription, at) {
  if (subscription.plan.proRatingConfig?.enabled === false) return 0n;
  const { phase, from } = phaseSpans({ ...subscription, activeTo: undefined }, at).at(-1);
  const around = (cadence) =>
    periods(subscription.anchor, cadence, from, at + 400 * DAY).find((period) => period.from <= at && at < period.to);
  let quota = ZERO;
  for (const { entitlementTemplate: entitlement, featureKey } of phase.rateCards) {
    if (entitlement?.type !== "metered" || !entitlement.issueAfterReset) continue;
    const period = around(entitlement.usagePeriod ?? subscription.plan.billingCadence);
    const used = usageOf(subscription.events, featureKey, period, at + 1);
    quota = greatest(quota, least(ONE, used.over(Fraction.of(entitlement.issueAfterReset))));
  }
  return phase.rateCards
    .filter((card) => card.price && card.billingCadence && isAdvance(card))
    .reduce((sum, card) => {
      const period = around(card.billingCadence);
      const time = new Fraction(BigInt(at - period.from), BigInt(period.to - period.from));
      const { currency } = subscription.plan;
      const digits = MINOR_DIGITS[currency];
      const fee = new Fraction(rate(card, ZERO, currency), 10n ** BigInt(digits));
      return sum + fee.times(ONE.minus(greatest(time, quota))).toMinor(digits);
    }, 0n);
}

/** Late usage of periods that were billed before `at`; notes it as billed. */
function lateLines(subscription, billed, at) {
  const lines = [];
  for (const entry of billed) {
    const usage = usageOf(subscription.events, entry.card.featureKey, counted(subscription, entry.period), at);
    if (usage.compare(entry.usage) === 0) continue;
    const { currency } = subscription.plan;
    const amount = rate(entry.card, usage, currency) - rate(entry.card, entry.usage, currency);
    lines.push({ kind: "late_usage", card: entry.card.key, amount });
    entry.usage = usage;
  }
  return lines;
}

/** The lines of one invoice; takes its part of `credit`. */
function invoiceLines(subscription, due, billed, credit) {
  const { events, plan } = subscription;
  const lines = [];
  for (const { card, period, at } of due) {
    const isUsage = card.type === "usage_based";
    const usage = isUsage ? usageOf(events, card.featureKey, counted(subscription, period), at) : ZERO;
    const amount = rate(card, usage, plan.currency);
    lines.push({ kind: isUsage ? "usage" : "fee", card: card.key, amount });
    if (isUsage) billed.push({ card, period, usage });
    const taken = isAdvance(card) ? (credit.left < amount ? credit.left : amount) : 0n;
    credit.left -= taken;
    if (taken > 0n) lines.push({ kind: "credit", card: card.key, amount: -taken });
  }
  return lines;
}

/**
 * The invoices of a chain of subscriptions, each of which took the place of the one before: for each of them a list of
 * `{date, total, lines: [{kind, card, amount}]}` with amounts as they are written.
 *
 * A subscription is `{plan, anchor, activeFrom, activeTo?, events: [{meter, total, time, sentAt}], changedBy?}` with times in
 * milliseconds; `changedBy` is "cycle_end" where its end is that of a period, which gives no credit.
 */
export function invoicesOf(chain, until) {
  const credit = { left: 0n };
  return chain.map((subscription, index) => {
    const before = chain[index - 1];
    if (before !== undefined && before.changedBy !== "cycle_end") credit.left += changeCredit(before, before.activeTo);
    const billed = [];
    const invoices = [];
    const add = (at, lines) => {
      if (lines.length > 0) invoices.push({ at, lines });
    };
    const due = dueLines(subscription, until);
    for (const at of new Set(due.map((line) => line.at))) {
      const late = lateLines(subscription, billed, at);
      const own = due.filter((line) => line.at === at);
      add(at, [...invoiceLines(subscription, own, billed, credit), ...late]);
    }
    const lastEnd = Math.max(...billed.map(({ period }) => period.to));
    const last = lastEnd + LATE_MS;
    if (subscription.activeTo !== undefined && last <= until) add(last, lateLines(subscription, billed, last));
    const { currency } = subscription.plan;
    return invoices.map(({ at, lines }) => ({
      date: new Date(at).toISOString().replace(".000Z", "Z"),
      total: amountText(
        lines.reduce((sum, { amount }) => sum + amount, 0n),
        currency,
      ),
      lines: lines.map((line) => ({ ...line, amount: amountText(line.amount, currency) })),
    }));
  });
}
