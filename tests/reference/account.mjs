// The books of one customer, kept by hand: his subscriptions one after another, what was used, granted, billed and
// given back. Every answer is worked out from the beginning; the only thing that is written down is what an invoice
// says.

import { Credits } from "./credits.mjs";
import { draw } from "./draw.mjs";
import { dueLines, horizon } from "./due.mjs";
import { Fraction, ZERO } from "./fraction.mjs";
import { DAY, endOf, momentOf, periodAround, phaseAt, phasesFrom, statusOf } from "./periods.mjs";
import { accessTo, burnDown, isHard, meteredOf } from "./prepaid.mjs";
import { isFree } from "./prices.mjs";
import { changeCredit } from "./proration.mjs";
import { usageIn } from "./usage.mjs";

/** How long events may come late. */
export const LATE_MS = 35 * DAY;
/** How far clocks may be behind when a subscription begins. */
export const EARLY_MS = 10 * 60_000;

/**
 * An account at a moment. `meters`: their aggregations by name; `draftMs`: how long an invoice waits for late usage.
 * `advance` lets time pass. Every other method does something at that moment.
 */
export class Account {
  subscriptions = [];
  invoices = [];
  grants = [];
  credits = new Credits();

  constructor({ now, meters, draftMs = 0 }) {
    this.now = now;
    this.meters = meters;
    this.draftMs = draftMs;
  }

  // ---- what there is

  status(subscription) {
    return statusOf(subscription, this.now);
  }
  /** Whether events of it are still taken: it has begun, and did not end too long ago. */
  isOpen(subscription) {
    const end = endOf(subscription);
    return subscription.activeFrom <= this.now && subscription.activeFrom < end && this.now - end < LATE_MS;
  }
  inEffect(subscription) {
    return ["active", "canceled"].includes(this.status(subscription));
  }
  phase(subscription) {
    return phaseAt(subscription, this.now);
  }
  nextBillingDate(subscription) {
    const { anchor, plan } = subscription;
    return periodAround(anchor, plan.billingCadence, momentOf(subscription, this.now)).to;
  }
  access(subscription, feature) {
    const grants = this.#grantsOn(subscription, feature);
    return accessTo(subscription, feature, grants, this.now, this.inEffect(subscription), this.meters);
  }
  /** The features on which the subscription has a hard limit now. */
  hardLimits(subscription) {
    const { phase } = this.phase(subscription);
    return phase.rateCards.map(({ key }) => key).filter((key) => isHard(meteredOf(phase, key)));
  }
  invoicesOf(subscription) {
    return this.invoices.filter((invoice) => invoice.subscription === subscription);
  }
  grantsOf(subscription) {
    return this.grants.filter((grant) => grant.subscription === subscription);
  }
  /** What can still be used of a grant. */
  remaining(grant) {
    if (grant.expiresAt !== undefined && grant.expiresAt <= this.now) return ZERO;
    return this.#left(grant.subscription, grant.feature).get(grant.id);
  }
  #grantsOn(subscription, feature) {
    return this.grantsOf(subscription).filter((grant) => grant.feature === feature);
  }
  #left(subscription, feature, at = this.now) {
    return burnDown(subscription, feature, this.#grantsOn(subscription, feature), at, this.meters).left;
  }

  // ---- time

  /** Lets time pass; all that falls due until then happens when it is due. */
  advance(to) {
    for (let next = this.nextInstant(); next <= to; next = this.nextInstant()) {
      this.now = Math.max(this.now, next);
      this.#runDue();
    }
    this.now = to;
  }
  /** When something happens next by itself. */
  nextInstant() {
    const billing = this.subscriptions.map((subscription) => this.nextBilling(subscription));
    const drafts = this.invoices.filter(({ status }) => status === "draft").map(({ finalizeAt }) => finalizeAt);
    const handovers = this.subscriptions.filter((one) => this.#takesGrants(one)).map(({ activeFrom }) => activeFrom);
    return Math.min(...[...billing, ...drafts, ...handovers].filter((at) => at !== undefined));
  }
  #runDue() {
    for (const subscription of this.subscriptions) {
      const at = this.nextBilling(subscription);
      if (at !== undefined && at <= this.now) this.#bill(subscription, at);
    }
    for (const subscription of this.subscriptions) {
      if (subscription.activeFrom <= this.now && this.#takesGrants(subscription)) this.#takeGrants(subscription);
    }
    for (const invoice of this.invoices) {
      if (invoice.status === "draft" && invoice.finalizeAt <= this.now) this.#complete(invoice);
    }
  }
  /** When the next invoice of a subscription is drawn up. */
  nextBilling(subscription) {
    if (endOf(subscription) <= subscription.activeFrom) return undefined;
    if (subscription.billedUntil === undefined) return subscription.activeFrom;
    const from = subscription.billedUntil;
    const ahead = dueLines(subscription, horizon(subscription, from)).filter(
      ({ key, at }) => at >= from && !subscription.billed.has(key),
    );
    if (ahead.length > 0) return ahead[0].at;
    const open = this.#open(subscription);
    return open.length > 0 ? Math.max(...open.map(({ line }) => line.period.to)) + LATE_MS : undefined;
  }

  // ---- subscriptions

  /** `timing` is "immediate", "next_billing_cycle" or a time. */
  subscribe({ id, plan, timing = "immediate", billingAnchor, startingPhase = 0 }) {
    const from =
      timing === "next_billing_cycle" ? periodAround(billingAnchor, plan.billingCadence, this.now).to : timing;
    const activeFrom = timing === "immediate" ? this.now : from;
    const anchor = billingAnchor ?? defaultAnchor(plan, startingPhase, activeFrom);
    return this.#add({ id, plan, startingPhase, activeFrom, anchor });
  }
  change(subscription, { id, plan, timing = "immediate", startingPhase = 0 }) {
    const activeFrom = this.#moment(subscription, timing);
    const goesOn = periodAround(subscription.anchor, plan.billingCadence, activeFrom).from === activeFrom;
    const kept = goesOn ? subscription.anchor : activeFrom;
    const anchor = kept === activeFrom ? defaultAnchor(plan, startingPhase, activeFrom) : kept;
    const next = this.#add({ id, plan, startingPhase, activeFrom, anchor });
    next.previous = subscription;
    next.onTheSpot = timing === "immediate";
    subscription.next = next;
    subscription.activeTo = activeFrom;
    return next;
  }
  cancel(subscription, timing = "immediate") {
    this.#withdrawNext(subscription);
    subscription.activeTo = this.#moment(subscription, timing);
    const neverBegins = subscription.activeTo <= subscription.activeFrom;
    if (neverBegins && subscription.previous?.next === subscription) subscription.previous.next = undefined;
  }
  unschedule(subscription) {
    this.#withdrawNext(subscription);
    subscription.activeTo = undefined;
  }
  /** What a change on the spot would give back. */
  estimate(subscription) {
    return changeCredit(subscription, this.now, true, this.#feesPaid(subscription), this.meters);
  }
  #add({ id, plan, startingPhase, activeFrom, anchor }) {
    const subscription = { id, plan, startingPhase, activeFrom, anchor, events: [], billed: new Map() };
    this.subscriptions.push(subscription);
    return subscription;
  }
  #moment({ anchor, plan, ...subscription }, timing) {
    if (timing === "immediate") return this.now;
    if (timing !== "next_billing_cycle") return timing;
    return periodAround(anchor, plan.billingCadence, momentOf(subscription, this.now)).to;
  }
  #withdrawNext(subscription) {
    if (subscription.next === undefined || this.status(subscription.next) !== "scheduled") return;
    subscription.next.activeTo = this.now;
    subscription.next = undefined;
  }

  // ---- usage and grants

  /** Takes an event, unless it has it: `{id, meter, total, time}`. */
  use(subscription, event) {
    if (!subscription.events.some(({ id }) => id === event.id)) subscription.events.push(event);
  }
  grant(subscription, { id, feature, amount, priority = 0, effectiveAt = this.now, expiresAt }) {
    const whole = Fraction.of(amount);
    this.grants.push({ id, subscription, feature, amount: whole, priority, effectiveAt, expiresAt });
  }
  voidGrant(grant) {
    grant.amount = grant.amount.minus(this.remaining(grant));
  }
  /** Buys a pack; `ids` are those of its grants. Its fees are on an invoice of their own, which waits for nothing. */
  topUp(subscription, pack, ids, { priority, expiresAt } = {}) {
    const [phase] = pack.phases;
    const gives = phase.rateCards.filter(({ entitlementTemplate: one }) => Number(one?.issueAfterReset ?? 0) > 0);
    for (const [index, { key, entitlementTemplate }] of gives.entries()) {
      const amount = entitlementTemplate.issueAfterReset;
      this.grant(subscription, { id: ids[index], feature: key, amount, priority, expiresAt });
    }
    const bought = this.grants.slice(-gives.length);
    const own = { plan: pack, startingPhase: 0, activeFrom: this.now, anchor: this.now };
    const due = dueLines(own, this.now).map((line) => ({ line }));
    // They are lines of the pack's plan: of the subscription's own there is none that they could be known by.
    const kept = draw(pack, { due, change: 0n, carried: 0n }).lines.map((line) => ({ ...line, key: undefined }));
    if (kept.length === 0) return;
    this.#issue({ subscription, at: this.now, finalizeAt: this.now, plan: pack, bought }, { due: [], kept });
  }
  #takesGrants(subscription) {
    const { previous, activeFrom } = subscription;
    if (previous === undefined || endOf(subscription) <= activeFrom) return false;
    return this.grantsOf(previous).some(({ expiresAt }) => expiresAt === undefined || expiresAt > activeFrom);
  }
  #takeGrants(subscription) {
    const { previous, activeFrom } = subscription;
    const moving = this.grantsOf(previous).filter((grant) => !(grant.expiresAt <= activeFrom));
    const left = moving.map((grant) => this.#left(previous, grant.feature, activeFrom).get(grant.id));
    for (const [index, grant] of moving.entries()) Object.assign(grant, { subscription, amount: left[index] });
  }

  // ---- invoices

  /** Everything that the next invoice would be by what is known now; undefined where none is ahead. */
  preview(subscription) {
    const at = this.nextBilling(subscription);
    if (at === undefined) return undefined;
    const { due, late } = this.#upcoming(subscription, at);
    if (due.length + late.length === 0) return undefined;
    return { at, ...draw(subscription.plan, { due, late, ...this.credits.of(subscription) }) };
  }
  voidInvoice(invoice, withGrants = false) {
    if (withGrants) for (const grant of invoice.bought ?? []) this.voidGrant(grant);
    this.credits.giveBack(invoice);
    this.credits.drop(invoice);
    invoice.status = "void";
  }
  /** Whether an invoice can be made void: nobody has paid it, and nobody uses a credit that comes from it. */
  isVoidable(invoice) {
    const isPaid = invoice.status === "paid" && invoice.total !== 0n;
    return invoice.status !== "void" && !isPaid && this.credits.isUntouched(invoice);
  }
  reissue(invoice) {
    const { subscription, at, plan, bought } = invoice;
    const due = this.#again(invoice);
    const kept = invoice.lines.filter(({ kind, key }) => kind === "late_usage" || (kind === "fee" && !key));
    const head = { subscription, at, finalizeAt: this.now, plan, bought };
    invoice.replacedBy = this.#issue(head, { due, kept });
    // What a change has given back of its fees went with the void one, and comes again.
    if (subscription.next?.billedUntil !== undefined) {
      const returned = this.#returned(subscription.next, invoice.replacedBy);
      this.credits.add("change", invoice.replacedBy, this.#heirOf(subscription), returned);
    }
    return invoice.replacedBy;
  }
  pay(invoice) {
    invoice.status = "paid";
  }

  #bill(subscription, at) {
    if (subscription.billedUntil === undefined) this.#takeCredit(subscription);
    const { due, late } = this.#upcoming(subscription, at);
    for (const entry of this.#open(subscription)) entry.checkedAt = this.now;
    for (const { entry, all } of late) entry.usage = all;
    for (const { entry } of due) subscription.billed.set(entry.line.key, entry);
    subscription.billedUntil = at;
    if (due.length + late.length === 0) return;
    const { plan } = subscription;
    this.#issue({ subscription, at, finalizeAt: at + this.draftMs, plan }, { due, late });
  }
  /** What is due at an instant and was not billed, and what has become known late of what was. */
  #upcoming(subscription, at) {
    const due = dueLines(subscription, at)
      .filter((line) => line.at === at && !subscription.billed.has(line.key))
      .map((line) => ({ line, usage: this.#usageOf(subscription, line), checkedAt: this.now }))
      .map((entry) => ({ entry, ...entry }));
    const late = this.#open(subscription)
      .map((entry) => ({ entry, line: entry.line, billed: entry.usage, all: this.#usageOf(subscription, entry.line) }))
      .filter(({ billed, all }) => !billed.equals(all));
    return { due, late };
  }
  /** Usage that was billed and that late events may still change. */
  #open(subscription) {
    return [...subscription.billed.values()].filter(
      ({ line, usage, invoice, checkedAt }) =>
        usage !== undefined && !["draft", "void"].includes(invoice.status) && checkedAt < line.period.to + LATE_MS,
    );
  }
  /** The first period of a subscription takes in what is dated just before it, the last what was used after its end. */
  #usageOf(subscription, { card, period }) {
    if (card.type !== "usage_based") return undefined;
    const from = period.from === subscription.activeFrom ? period.from - EARLY_MS : period.from;
    const to = period.to === subscription.activeTo ? Number.POSITIVE_INFINITY : period.to;
    return usageIn(subscription.events, card.featureKey, { from, to }, this.meters);
  }
  /** What was due on an invoice, its usage asked for anew; what a later invoice has corrected stays as it was. */
  #again(invoice) {
    const { subscription, lines } = invoice;
    const entries = [...subscription.billed.values()].filter((entry) => entry.invoice === invoice);
    return entries.map((entry) => {
      const said = lines.find(({ kind, key }) => kind === "usage" && key === entry.line.key)?.usage;
      if (said !== undefined && !said.equals(entry.usage)) return { entry, line: entry.line, usage: said };
      Object.assign(entry, { usage: this.#usageOf(subscription, entry.line), checkedAt: this.now });
      return { entry, ...entry };
    });
  }
  #issue(head, drawing) {
    const invoice = { ...head, uses: [], status: "draft" };
    this.invoices.push(invoice);
    for (const { entry } of drawing.due) entry.invoice = invoice;
    this.#draw(invoice, drawing);
    return invoice;
  }
  /** The draft period is over. */
  #complete(invoice) {
    const due = this.#again(invoice);
    const kept = invoice.lines.filter(({ kind }) => kind === "late_usage");
    this.credits.giveBack(invoice);
    this.#draw(invoice, { due, kept });
  }
  #draw(invoice, drawing) {
    const { subscription, plan, finalizeAt } = invoice;
    const { lines, total, used, carriedOn } = draw(plan, { ...drawing, ...this.credits.of(subscription) });
    Object.assign(invoice, { lines, total });
    this.credits.use(invoice, used);
    if (finalizeAt > this.now) return;
    invoice.status = total === 0n ? "paid" : "open";
    this.credits.add("carried", invoice, this.#heirOf(subscription), carriedOn);
  }

  /** What a subscription gets from the one whose place it takes. */
  #takeCredit(subscription) {
    const { previous } = subscription;
    if (previous === undefined) return;
    this.credits.move(previous, subscription);
    for (const invoice of this.invoicesOf(previous)) {
      this.credits.add("change", invoice, subscription, this.#returned(subscription, invoice));
    }
  }
  /** What the change to a subscription gives back of the fees on an invoice of the one before. */
  #returned({ previous, activeFrom, onTheSpot }, invoice) {
    const fees = this.#feesPaid(previous).filter((fee) => fee.invoice === invoice);
    return changeCredit(previous, activeFrom, onTheSpot, fees, this.meters);
  }
  /** The fees for periods that are on invoices which are not void. */
  #feesPaid(subscription) {
    return [...subscription.billed.values()]
      .filter(({ line, invoice }) => line.advance && line.period && invoice.status !== "void")
      .map(({ line: { card, period }, invoice }) => ({ card, period, invoice }));
  }
  #heirOf(subscription) {
    const { next } = subscription;
    return next === undefined || next.activeFrom > this.now ? subscription : this.#heirOf(next);
  }
}

/** Where periods count from when nobody says: the first phase that costs something, else the beginning. */
function defaultAnchor(plan, startingPhase, activeFrom) {
  const costly = phasesFrom(plan, startingPhase, activeFrom).find(({ phase }) => !phase.rateCards.every(isFree));
  return costly?.from ?? activeFrom;
}
