// The life of one customer, made up as it goes: when he does something next, and what. What is possible follows from
// the reference's books; what was chosen depends on nothing but the seed.

import { Account, EARLY_MS, LATE_MS } from "../../reference/account.mjs";
import { dueLines } from "../../reference/due.mjs";
import { DAY, endOf } from "../../reference/periods.mjs";
import { catalogOf, METERS } from "./plans.mjs";
import { Random } from "./random.mjs";

/** Before anybody is born. */
export const BIRTH_OF_ALL = Date.parse("2027-08-25T00:00:00Z");
/** Ends of months, of a year, of a short month, the leap day; else any moment. */
const BEGINNINGS = ["2027-08-31T00:00:00Z", "2027-10-31T15:30:00Z", "2027-12-31T23:59:59.999Z", "2028-01-31T00:00:00Z"];
/** How long a gateway may go on with what it knew of a subscription that has ended. */
const STALE_MS = 3_600_000;
/** After this, nothing late can come any more, and no invoice waits. */
const AFTERLIFE_MS = 45 * DAY;
const STEPS = 36;

export class Life {
  #steps = 0;
  #eventCount = 0;
  #sent = [];
  #ended = false;

  constructor(seed, { draftMs }) {
    this.random = new Random(seed);
    this.key = `life_${seed}`;
    this.catalog = catalogOf(this.random, this.key);
    this.account = new Account({ now: BIRTH_OF_ALL, meters: METERS, draftMs });
    const anyTime = BIRTH_OF_ALL + this.random.below(150 * DAY);
    const begin = this.random.chance(60)
      ? Date.parse(this.random.pick([...BEGINNINGS, "2028-02-29T00:00:00Z"]))
      : anyTime;
    this.end = begin + this.catalog.scale.days * DAY;
    /** When it does something next; undefined once it is over. */
    this.nextAt = begin;
  }

  /** What it does, at `nextAt`, to which the account has come. */
  next() {
    const step = this.#ended ? this.#afterEnd() : this.#step();
    this.#steps++;
    return step;
  }
  /** To be called when that is done. */
  plan() {
    const { now } = this.account;
    if (this.#ended) {
      const last = this.end + AFTERLIFE_MS;
      this.nextAt = now >= last ? undefined : Math.min(last, now + this.random.between(1, 15 * DAY));
      return;
    }
    this.nextAt = this.#steps < STEPS ? Math.min(this.end, this.#nextMoment(now)) : this.end;
  }

  #nextMoment(now) {
    const gap = Math.floor((this.end - now) / (STEPS - this.#steps));
    const soon = now + this.random.below(2 * gap + 1);
    const due = this.account.nextInstant();
    if (!Number.isFinite(due) || due > now + 4 * gap || this.random.chance(50)) return soon;
    return Math.max(now, due + this.random.pick([0, 0, 0, -1, 1]));
  }

  get #current() {
    return this.account.subscriptions.findLast((one) => this.account.inEffect(one));
  }
  get #scheduled() {
    return this.account.subscriptions.findLast((one) => this.account.status(one) === "scheduled");
  }

  #step() {
    const current = this.#current;
    if (this.account.now >= this.end) return this.#finish(current);
    if (current === undefined && this.#scheduled === undefined) return this.#subscribe();
    const kinds = [
      [30, () => this.#use()],
      ...(current === undefined ? [] : this.#withCurrent(current)),
      ...this.#withScheduled(this.#scheduled),
      ...this.#withInvoices(),
      [3, () => ({ kind: "wait" })],
    ];
    return this.random.weighted(kinds)() ?? { kind: "wait" };
  }

  // ---- beginning and end

  #subscribe() {
    const { now } = this.account;
    const timing = this.random.weighted([
      [8, "immediate"],
      [1, "next_billing_cycle"],
      [1, now + this.random.between(1, 20 * DAY)],
    ]);
    const anchored = timing === "next_billing_cycle" || this.random.chance(15);
    const billingAnchor = anchored ? now + this.random.between(-40 * DAY, 40 * DAY) : undefined;
    return { kind: "subscribe", timing, billingAnchor, ...this.#choice() };
  }
  #choice() {
    const plan = this.random.pick(this.catalog.plans);
    return { plan, startingPhase: this.random.chance(15) ? plan.phases.length - 1 : 0 };
  }
  #finish(current) {
    const scheduled = this.#scheduled;
    const subject = current ?? scheduled;
    // Whoever is to come never comes; what is left is what comes late.
    this.#ended = scheduled === undefined || scheduled === subject || scheduled.previous === subject;
    if (subject === undefined) {
      this.#ended = true;
      return { kind: "wait" };
    }
    return { kind: "cancel", subscription: subject, timing: "immediate" };
  }
  #afterEnd() {
    return (
      this.random.weighted([[4, () => this.#use()], [1, () => undefined], ...this.#withInvoices()])() ?? {
        kind: "wait",
      }
    );
  }

  // ---- what one can do

  #withCurrent(current) {
    const { now } = this.account;
    const ends = endOf(current);
    const sooner = [
      [5, () => ({ kind: "change", subscription: current, timing: "immediate", ...this.#choice() })],
      [1, () => ({ kind: "cancel", subscription: current, timing: "immediate" })],
      [2, () => ({ kind: "cancel", subscription: current, timing: "next_billing_cycle" })],
      [1, () => ({ kind: "cancel", subscription: current, timing: now + this.random.between(1, 30 * DAY) })],
      ...this.#withGrants(current),
    ];
    if (current.next !== undefined) return [...sooner.slice(1), [6, () => this.#unschedule(current)]];
    if (ends < Number.POSITIVE_INFINITY) return [...sooner, [5, () => this.#unschedule(current)]];
    const later = now + this.random.between(1, 30 * DAY);
    return [
      ...sooner,
      [3, () => ({ kind: "change", subscription: current, timing: "next_billing_cycle", ...this.#choice() })],
      [1, () => ({ kind: "change", subscription: current, timing: later, ...this.#choice() })],
    ];
  }
  #unschedule(subscription) {
    return { kind: "unschedule", subscription };
  }
  #withScheduled(scheduled) {
    if (scheduled === undefined) return [];
    return [[1, () => ({ kind: "cancel", subscription: scheduled, timing: "immediate" })]];
  }

  #withGrants(current) {
    const features = this.account.hardLimits(current).filter((key) => METERS[key] === "SUM");
    if (features.length === 0) return [];
    const feature = this.random.pick(features);
    const grants = this.account.grantsOf(current).filter((grant) => Number(this.account.remaining(grant)) > 0);
    return [
      [6, () => this.#grant(current, feature)],
      [6, () => this.#topUp(current, feature)],
      [grants.length > 0 ? 2 : 0, () => ({ kind: "voidGrant", grant: this.random.pick(grants) })],
    ];
  }
  /** Two grants that nothing but their ids puts in order would be used in an order that nobody knows. */
  #isTaken(subscription, feature, priority, effectiveAt, expiresAt) {
    return this.account
      .grantsOf(subscription)
      .some(
        (one) =>
          one.feature === feature &&
          one.priority === priority &&
          one.effectiveAt === effectiveAt &&
          one.expiresAt === expiresAt,
      );
  }
  #grant(subscription, feature) {
    const { now } = this.account;
    const priority = this.random.pick([0, 0, 1, 5]);
    const effectiveAt = this.random.chance(25) ? now + this.random.below(20 * DAY) : now;
    const expiresAt = this.random.chance(60) ? effectiveAt + this.random.between(1, 60 * DAY) : undefined;
    if (this.#isTaken(subscription, feature, priority, effectiveAt, expiresAt)) return undefined;
    const amount = this.random.pick(["100", "50.5", "500", "1000"]);
    return { kind: "grant", subscription, feature, amount, priority, effectiveAt, expiresAt };
  }
  #topUp(subscription, feature) {
    const { now } = this.account;
    const priority = this.random.pick([0, 0, 0, 3]);
    const expiresAt = this.random.chance(30) ? now + this.random.between(1, 60 * DAY) : undefined;
    if (this.#isTaken(subscription, feature, priority, now, expiresAt)) return undefined;
    const pack = this.catalog.packs.find(({ key }) => key.endsWith(feature));
    return { kind: "topUp", subscription, pack, priority, expiresAt };
  }

  #withInvoices() {
    const { invoices } = this.account;
    const voidable = invoices.filter((invoice) => this.account.isVoidable(invoice));
    const gone = invoices.filter(({ status, replacedBy }) => status === "void" && replacedBy === undefined);
    const open = invoices.filter(({ status }) => status === "open");
    const one = (list, kind) => ({ kind, invoice: this.random.pick(list) });
    return [
      [voidable.length > 0 ? 2 : 0, () => ({ ...one(voidable, "voidInvoice"), voidGrants: this.random.chance(40) })],
      [gone.length > 0 ? 3 : 0, () => one(gone, "reissue")],
      [open.length > 0 ? 1 : 0, () => one(open, "pay")],
    ];
  }

  // ---- usage

  #use() {
    const events = Array.from({ length: this.random.between(1, 6) }, () => this.#event()).filter(Boolean);
    const repeated = this.#sent.filter(
      ({ subscription, event }) => event.time >= this.account.now - LATE_MS && this.account.isOpen(subscription),
    );
    if (repeated.length > 0 && this.random.chance(25)) events.push(this.random.pick(repeated));
    if (repeated.length > 0 && this.random.chance(5)) events.push(this.#conflict(this.random.pick(repeated)));
    if (events.length === 0) return undefined;
    this.#sent.push(...events);
    return { kind: "use", events: this.random.shuffled(events) };
  }
  /** Usage of a moment up to 35 days past in which a subscription was in effect, or was so just before or after. */
  #event() {
    const { now, subscriptions } = this.account;
    const stale = this.random.chance(10) ? STALE_MS : 0;
    const early = this.random.chance(10) ? EARLY_MS : 0;
    const spans = subscriptions
      .filter((one) => this.account.isOpen(one))
      .map((one) => ({
        one,
        from: Math.max(one.activeFrom - early, now - LATE_MS),
        to: Math.min(endOf(one) + stale, now) - 1,
      }))
      .filter(({ from, to }) => from <= to);
    if (spans.length === 0) return undefined;
    const { one, from, to } = this.random.chance(75) ? spans.at(-1) : this.random.pick(spans);
    const time = this.#eventTime(one, from, to);
    const features = one.plan.phases.flatMap(({ rateCards }) => rateCards.map(({ featureKey }) => featureKey));
    const meter = this.random.pick(features.filter((key) => key !== undefined));
    const whole = this.random.pick([0, 1, 50, 100, 100, 250, this.random.below(700)]);
    const total = this.random.chance(60) ? String(whole) : `${whole}.${this.random.between(1, 999)}`;
    return { subscription: one, event: { id: `${this.key}-${++this.#eventCount}`, meter, total, time } };
  }
  #eventTime(subscription, from, to) {
    const bounds = dueLines(subscription, to)
      .flatMap(({ period, at }) => [at, period?.from ?? at])
      .filter((at) => from <= at && at <= to);
    return this.random.weighted([
      [4, () => Math.max(from, to - this.random.below(DAY))],
      [3, () => from + this.random.below(to - from + 1)],
      [1, () => from],
      [bounds.length > 0 ? 3 : 0, () => Math.max(from, this.random.pick(bounds) - this.random.below(2))],
    ])();
  }
  #conflict({ subscription, event }) {
    return { subscription, event: { ...event, total: `${event.total}1` } };
  }
}
