// A customer of the control plane who lives a life: each step is done by HTTP and in the reference's books, then both
// are compared. Every request is kept, so that a life can be read, and done again by hand.

import assert from "node:assert/strict";
import { amountText } from "../../reference/fraction.mjs";

const isoText = (at) => (at === undefined ? undefined : new Date(at).toISOString());
const timeOf = (text) => (text === undefined ? undefined : Date.parse(text));
const timingText = (timing) => (typeof timing === "number" ? isoText(timing) : timing);
const EVENTS = { "content-type": "application/cloudevents-batch+json" };

/** A line as both sides can say it. Where a credit comes from is told on one side only. */
function lineOf({ kind, card, amount, period, usage, billedUsage }) {
  if (kind === "credit" || kind === "carried") return { kind, card, amount };
  const [from, to] = [period?.from, period?.to].map((at) => (typeof at === "string" ? timeOf(at) : at));
  return { kind, card, amount, from, to, usage: usage?.toString(), billedUsage: billedUsage?.toString() };
}
/** Late usage has no order of its own. */
function inOrder(lines) {
  const texts = lines.map((line) => JSON.stringify(lineOf(line)));
  const late = (text) => text.startsWith('{"kind":"late_usage"');
  const sorted = texts.filter(late).sort();
  return texts.map((text) => (late(text) ? sorted.shift() : text));
}
const written = (lines, currency) => lines.map((line) => ({ ...line, amount: amountText(line.amount, currency) }));

export class Customer {
  #names = new Map();
  #script = [];
  #seen = new Map();

  constructor(api, life) {
    this.api = api;
    this.life = life;
    this.account = life.account;
  }

  /** Everything that was asked, with names for ids. */
  get script() {
    const named = (text) => [...this.#names].reduce((all, [id, name]) => all.replaceAll(id, name), text);
    return this.#script.map(named).join("\n");
  }
  note(text) {
    this.#script.push(text);
  }
  async #post(path, body, headers) {
    this.note(`POST ${path}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`);
    const answer = await this.api.send("POST", path, body === undefined ? undefined : JSON.stringify(body), headers);
    assert.ok(answer.status < 300, `POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async register() {
    const { key, catalog } = this.life;
    await this.#post("customers", { key, name: key });
    for (const plan of [...catalog.plans, ...catalog.packs]) {
      const { id } = await this.#post("plans", plan);
      this.#names.set(id, plan.key);
      await this.#post(`plans/${id}/publish`);
    }
  }

  /** Does one step on both sides. */
  async perform({ kind, ...step }) {
    if (kind === "wait") return;
    await this[kind](step);
  }
  #born({ id }) {
    this.#names.set(id, `s${this.account.subscriptions.length + 1}`);
    return id;
  }
  static #terms({ plan, timing, billingAnchor, startingPhase }) {
    const phase = startingPhase > 0 ? { startingPhase: plan.phases[startingPhase].key } : {};
    return { plan: { key: plan.key }, timing: timingText(timing), billingAnchor: isoText(billingAnchor), ...phase };
  }
  async subscribe(step) {
    const answer = await this.#post("subscriptions", { customerKey: this.life.key, ...Customer.#terms(step) });
    this.account.subscribe({ ...step, id: this.#born(answer) });
    return answer;
  }
  async change({ subscription, ...step }) {
    const terms = Customer.#terms(step);
    if (step.timing === "immediate") {
      const path = `subscriptions/${subscription.id}/change/estimate-credit`;
      const { credit } = await this.#post(path, terms);
      assert.equal(credit, amountText(this.account.estimate(subscription), subscription.plan.currency), "estimate");
    }
    const { next } = await this.#post(`subscriptions/${subscription.id}/change`, terms);
    this.account.change(subscription, { ...step, id: this.#born(next) });
  }
  async cancel({ subscription, timing }) {
    await this.#post(`subscriptions/${subscription.id}/cancel`, { timing: timingText(timing) });
    this.account.cancel(subscription, timing);
  }
  async unschedule({ subscription }) {
    await this.#post(`subscriptions/${subscription.id}/unschedule-cancelation`);
    this.account.unschedule(subscription);
  }
  async use({ events }) {
    const batch = events.map(({ subscription, event: { id, meter: type, total, time } }) => ({
      specversion: "1.0",
      source: "lives",
      id,
      type,
      subject: "s",
      time: isoText(time),
      subscription: subscription.id,
      data: { total: Number(total) },
    }));
    await this.#post("events", batch, EVENTS);
    for (const { subscription, event } of events) this.account.use(subscription, event);
  }
  async grant({ subscription, feature, amount, priority, effectiveAt, expiresAt }) {
    const body = {
      featureKey: feature,
      amount,
      priority,
      effectiveAt: isoText(effectiveAt),
      expiresAt: isoText(expiresAt),
    };
    const { id } = await this.#post(`subscriptions/${subscription.id}/grants`, body);
    this.#nameGrant(id);
    this.account.grant(subscription, { id, feature, amount, priority, effectiveAt, expiresAt });
  }
  async topUp({ subscription, pack, priority, expiresAt }) {
    const body = { plan: { key: pack.key }, priority, expiresAt: isoText(expiresAt) };
    const { grants } = await this.#post(`subscriptions/${subscription.id}/top-ups`, body);
    for (const { id } of grants) this.#nameGrant(id);
    const ids = grants.map(({ id }) => id);
    this.account.topUp(subscription, pack, ids, { priority, expiresAt });
  }
  async voidGrant({ grant }) {
    const path = `subscriptions/${grant.subscription.id}/grants/${grant.id}`;
    this.note(`DELETE ${path}`);
    assert.equal((await this.api.send("DELETE", path)).status, 204);
    this.account.voidGrant(grant);
  }
  async voidInvoice({ invoice, voidGrants }) {
    await this.#post(`invoices/${await this.#idOf(invoice)}/void`, { reason: "A mistake", voidGrants });
    this.account.voidInvoice(invoice, voidGrants);
  }
  async reissue({ invoice }) {
    await this.#post(`invoices/${await this.#idOf(invoice)}/reissue`);
    this.account.reissue(invoice);
  }
  async pay({ invoice }) {
    await this.#post(`invoices/${await this.#idOf(invoice)}/mark-paid`);
    this.account.pay(invoice);
  }
  #nameGrant(id) {
    this.#names.set(id, `g${this.account.grants.length + 1}`);
  }
  async #idOf(invoice) {
    const { subscription } = invoice;
    const heads = await this.#heads(subscription);
    return heads[this.account.invoicesOf(subscription).indexOf(invoice)].id;
  }

  // ---- comparing

  /** Compares what both sides say of the subscriptions that were in effect lately. */
  async compare() {
    const { subscriptions } = this.account;
    for (const subscription of subscriptions.slice(-2)) {
      const name = this.#names.get(subscription.id);
      await this.#compareDates(subscription, name);
      await this.#compareAccess(subscription, name);
      await this.#compareGrants(subscription, name);
      await this.#compareInvoices(subscription, name);
    }
  }
  /** Compares every invoice there ever was. */
  async compareAll() {
    this.#seen.clear();
    for (const subscription of this.account.subscriptions) {
      await this.#compareInvoices(subscription, this.#names.get(subscription.id));
    }
  }

  async #compareDates(subscription, name) {
    const answer = await this.api.get(`subscriptions/${subscription.id}`);
    const { activeFrom, activeTo, billingAnchor, nextBillingDate, status, currentPhase } = answer;
    assert.deepEqual(
      { status, phase: currentPhase.key, dates: [activeFrom, activeTo, billingAnchor, nextBillingDate].map(timeOf) },
      {
        status: this.account.status(subscription),
        phase: this.account.phase(subscription).phase.key,
        dates: [
          subscription.activeFrom,
          subscription.activeTo,
          subscription.anchor,
          this.account.nextBillingDate(subscription),
        ],
      },
      `dates of ${name}`,
    );
  }
  async #compareAccess(subscription, name) {
    // Grants have gone from it: what it is overdrawn by without them says nothing.
    if (this.account.status(subscription) === "inactive" && this.account.grants.length > 0) return;
    const { entitlements } = await this.api.get(`subscriptions/${subscription.id}/access`);
    const { phase } = this.account.phase(subscription);
    const expected = phase.rateCards
      .map(({ key }) => [key, this.account.access(subscription, key)])
      .filter(([, access]) => access !== undefined);
    assert.deepEqual(entitlements, Object.fromEntries(expected), `access of ${name}`);
  }
  async #compareGrants(subscription, name) {
    if (this.account.grants.length === 0) return;
    const { items } = await this.api.get(`subscriptions/${subscription.id}/grants?pageSize=100`);
    const left = items.map(({ id, remaining }) => [id, remaining]);
    const expected = this.account
      .grantsOf(subscription)
      .map((grant) => [grant.id, Number(this.account.remaining(grant).toString())]);
    // Where a grant of which nothing is left is listed makes no difference.
    const some = (list) => Object.fromEntries(list.filter(([, remaining]) => remaining > 0));
    assert.deepEqual(some(left), some(expected), `grants of ${name}`);
  }
  async #heads(subscription) {
    const heads = [];
    for (let page = 1; ; page++) {
      const path = `subscriptions/${subscription.id}/invoices?pageSize=100&page=${page}`;
      const { items, totalCount } = await this.api.get(path);
      heads.push(...items);
      if (heads.length >= totalCount) return heads;
    }
  }
  async #compareInvoices(subscription, name) {
    const heads = await this.#heads(subscription);
    const expected = this.account.invoicesOf(subscription);
    const { currency } = subscription.plan;
    assert.deepEqual(
      heads.map(({ date, status, total, plan }) => ({ date: timeOf(date), status, total, plan: plan.key })),
      expected.map(({ at, status, total, plan }) => ({
        date: at,
        status,
        total: amountText(total, currency),
        plan: plan.key,
      })),
      `invoices of ${name}`,
    );
    for (const [index, { id, status }] of heads.entries()) {
      if (this.#seen.get(id) === status) continue;
      this.#seen.set(id, status);
      this.#names.set(id, `${name}.i${index + 1}`);
      const { lines, failure } = await this.api.get(`invoices/${id}`);
      const what = `lines of ${name}.i${index + 1}`;
      assert.deepEqual(inOrder(lines), inOrder(written(expected[index].lines, currency)), what);
      assert.equal(failure, undefined);
    }
  }
  /** Compares what the next invoice would be. */
  async comparePreview() {
    const subscription = this.account.subscriptions.findLast(({ billedUntil }) => billedUntil !== undefined);
    if (subscription === undefined) return;
    const { status, body } = await this.api.send("GET", `subscriptions/${subscription.id}/invoices/preview`);
    const expected = this.account.preview(subscription);
    const name = `preview of ${this.#names.get(subscription.id)}`;
    if (expected === undefined) return assert.equal(status, 404, name);
    const { currency } = subscription.plan;
    assert.deepEqual([timeOf(body.date), body.total], [expected.at, amountText(expected.total, currency)], name);
    assert.deepEqual(inOrder(body.lines), inOrder(written(expected.lines, currency)), name);
  }
}
