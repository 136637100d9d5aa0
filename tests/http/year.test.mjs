// A year of simulated time over the billing models, with changes of plan, cancelations, ends of months and a leap day: what
// the control plane bills by itself is what the reference implementation says, line by line and to the last unit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { invoicesOf } from "../reference/billing.mjs";
import { meter } from "./catalog.mjs";
import { start } from "./harness.mjs";

const DAY = 86_400_000;
const BEGIN = Date.parse("2027-08-31T00:00:00Z");
const END = Date.parse("2028-09-06T00:00:00Z");

const flat = (key, amount, more = {}) => {
  const { paymentTerm, ...rest } = more;
  const price = { type: "flat", amount, ...(paymentTerm && { paymentTerm }) };
  return { type: "flat_fee", key, name: key, billingCadence: "P1M", price, ...rest };
};
const oneTime = (key, amount, more = {}) => {
  const { billingCadence: _, ...card } = flat(key, amount, more);
  return card;
};
const usage = (featureKey, price, more = {}) => ({
  type: "usage_based",
  key: featureKey,
  name: featureKey,
  featureKey,
  billingCadence: "P1M",
  price,
  ...more,
});
const grants = (issueAfterReset, isSoftLimit = false) => ({
  entitlementTemplate: { type: "metered", issueAfterReset, isSoftLimit },
});
const quota = (amount, requests) => flat("api_requests", amount, { featureKey: "api_requests", ...grants(requests) });
const unitPrice = (amount) => ({ type: "unit", amount });
const flatPrice = (amount) => ({ type: "flat", amount });

const PAY_AS_YOU_GO = [
  usage("tokens", {
    type: "tiered",
    mode: "volume",
    tiers: [
      { upToAmount: 500, flatPrice: flatPrice("2"), unitPrice: unitPrice("0.0301") },
      { upToAmount: 2000, unitPrice: unitPrice("0.02") },
      { flatPrice: flatPrice("5.55"), unitPrice: unitPrice("0.0175") },
    ],
  }),
  usage("bytes", { type: "package", amount: "7.77", quantityPerPackage: 100 }, { discounts: { percentage: 12.5 } }),
  usage("ai", {
    type: "dynamic",
    multiplier: "1.35",
    commitments: { minimumAmount: "3.5", maximumAmount: "2700" },
  }),
];

const PLANS = {
  fixed: [quota("29.00", 10_000)],
  fixed_plus: [
    quota("99.99", 50_000),
    oneTime("setup", "49"),
    flat("support", "33.33", { billingCadence: "P3M", discounts: { percentage: 10 } }),
  ],
  overage: [
    flat("base", "49"),
    usage(
      "tokens",
      {
        type: "tiered",
        mode: "graduated",
        tiers: [
          { upToAmount: 1000, unitPrice: unitPrice("0") },
          { upToAmount: 3000, flatPrice: flatPrice("1.5"), unitPrice: unitPrice("0.0505") },
          { unitPrice: unitPrice("0.01") },
        ],
      },
      { ...grants(1000, true), discounts: { usage: { quantity: 10 } } },
    ),
  ],
  payg: PAY_AS_YOU_GO,
  payg_jpy: PAY_AS_YOU_GO,
  payg_kwd: PAY_AS_YOU_GO,
  pack: [oneTime("api_requests", "20", { featureKey: "api_requests", ...grants(5_000) })],
  yearly: [
    flat("licence", "999.99", { billingCadence: "P1Y" }),
    flat("review", "15.25", { billingCadence: "P3M", paymentTerm: "in_arrears" }),
    usage("tokens", unitPrice("0.0033")),
  ],
};
const CURRENCIES = { payg_jpy: "JPY", payg_kwd: "KWD" };
const METERS = ["api_requests", "tokens", "bytes", "ai"];

const TRIAL = {
  key: "trial",
  phases: [
    { key: "trial", name: "Trial", duration: "P14D", rateCards: [usage("tokens", unitPrice("0"))] },
    {
      key: "paid",
      name: "Paid",
      rateCards: [flat("seat", "19.90", { paymentTerm: "in_arrears" }), usage("tokens", unitPrice("0.015"))],
    },
  ],
};

function definition(key) {
  const phases = key === "trial" ? TRIAL.phases : [{ key: "default", name: "Default", rateCards: PLANS[key] }];
  const billingCadence = key === "yearly" ? "P1Y" : "P1M";
  return { key, name: key, currency: CURRENCIES[key] ?? "USD", billingCadence, phases };
}

/** Numbers that are the same in every run. */
function* numbers(seed) {
  for (let state = BigInt(seed); ; ) {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    yield Number(state >> 40n);
  }
}

/** A customer with the subscriptions that follow one another. */
class Customer {
  constructor(api, key, seed) {
    this.api = api;
    this.key = key;
    this.random = numbers(seed);
    this.chain = [];
  }

  get current() {
    return this.chain.at(-1);
  }
  #add(answer) {
    const { id, activeFrom, billingAnchor, plan } = answer;
    const dates = { activeFrom: Date.parse(activeFrom), anchor: Date.parse(billingAnchor) };
    this.chain.push({ id, plan: definition(plan.key), ...dates, events: [] });
  }

  async subscribe(plan) {
    await this.api.post("customers", { key: this.key, name: this.key });
    this.#add(await this.api.post("subscriptions", { plan: { key: plan }, customerKey: this.key }));
  }
  async change(plan, timing) {
    const { next } = await this.api.post(`subscriptions/${this.current.id}/change`, { plan: { key: plan }, timing });
    this.current.activeTo = Date.parse(next.activeFrom);
    if (timing === "next_billing_cycle") this.current.changedBy = "cycle_end";
    this.#add(next);
  }
  async cancel(timing) {
    const { activeTo } = await this.api.post(`subscriptions/${this.current.id}/cancel`, { timing });
    this.current.activeTo = Date.parse(activeTo);
  }

  /** Events of a subscription in effect at `time`, as they are sent at `sentAt`. */
  usageAt(time, sentAt) {
    const of = this.chain.find(({ activeFrom, activeTo }) => activeFrom <= time && time < (activeTo ?? END));
    return of === undefined ? [] : this.#events(of, time, sentAt);
  }

  /** What a gateway lets in that has not heard yet of the end of a subscription. */
  usageAfterEnd(time) {
    const of = this.chain.find(({ activeTo }) => activeTo <= time && time < activeTo + 5 * DAY);
    return of === undefined ? [] : this.#events(of, time, time);
  }

  #events(of, time, sentAt) {
    return METERS.flatMap((name) => {
      const total = `${this.random.next().value % 700}.${String(this.random.next().value % 1000).padStart(3, "0")}`;
      of.events.push({ meter: name, total, time, sentAt });
      const id = `${of.id}-${of.events.length}`;
      const at = new Date(time).toISOString();
      const data = { total: Number(total) };
      return { specversion: "1.0", source: "year", id, type: name, subject: "s", time: at, subscription: of.id, data };
    });
  }
}

const { url, api: other } = await start();
const api = new ControlPlane(url, other.key, "preview");

const customers = {};
const at = (text) => Date.parse(text);

/** What happens, in the order of time. */
const STORY = [
  ...["fixed", "overage", "payg", "pack", "yearly", "payg_kwd"].map((plan) => [
    BEGIN,
    () => customers[plan].subscribe(plan),
  ]),
  [BEGIN, () => customers.downgrade.subscribe("overage")],
  [at("2027-10-31T15:00:00Z"), () => customers.payg_jpy.subscribe("payg_jpy")],
  [at("2027-11-15T12:00:00Z"), () => customers.fixed.change("fixed_plus", "immediate")],
  [at("2027-12-10T00:00:00Z"), () => customers.downgrade.change("fixed", "next_billing_cycle")],
  [at("2028-01-31T07:00:00Z"), () => customers.trial.subscribe("trial")],
  [at("2028-02-10T00:00:00Z"), () => customers.fixed.change("fixed", "immediate")],
  [at("2028-02-29T12:00:00Z"), () => customers.payg_jpy.change("payg_jpy", "immediate")],
  [at("2028-03-17T08:30:15Z"), () => customers.overage.cancel("immediate")],
  [at("2028-04-02T00:00:00Z"), () => customers.pack.cancel("immediate")],
  [at("2028-05-20T00:00:00Z"), () => customers.fixed.cancel("next_billing_cycle")],
  [at("2028-06-30T23:59:59Z"), () => customers.yearly.change("overage", "immediate")],
];

/**
 * Every five days everybody uses something, also what has just ended, and every fifteen days something arrives twenty days
 * late.
 */
async function consume(now) {
  const times = (now - BEGIN) % (15 * DAY) === 12 * 3_600_000 ? [now, now - 20 * DAY] : [now];
  const events = Object.values(customers).flatMap((customer) => [
    ...times.flatMap((time) => customer.usageAt(time, now)),
    ...customer.usageAfterEnd(now),
  ]);
  if (events.length === 0) return;
  const body = JSON.stringify(events);
  const { status, body: answer } = await api.send("POST", "events", body, {
    "content-type": "application/cloudevents-batch+json",
  });
  assert.equal(status, 204, JSON.stringify(answer));
}

async function live() {
  const steps = STORY.map(([time, run]) => ({ time, run }));
  for (let time = BEGIN + DAY / 2; time < END; time += 5 * DAY) steps.push({ time, run: () => consume(time) });
  steps.sort((a, b) => a.time - b.time);
  for (const { time, run } of steps) {
    await api.post("test-clock/advance", { to: new Date(time).toISOString() });
    await run();
  }
  await api.post("test-clock/advance", { to: new Date(END).toISOString() });
}

async function billed(subscription) {
  const { items } = await api.get(`subscriptions/${subscription.id}/invoices?pageSize=100`);
  const whole = await Promise.all(items.map(({ id }) => api.get(`invoices/${id}`)));
  return whole.map(({ date, total, lines }) => ({
    date,
    total,
    lines: lines.map(({ kind, card, amount }) => ({ kind, card, amount })),
  }));
}

test("a year of four billing models bills what the reference says", { timeout: 600_000 }, async (t) => {
  await api.send("PUT", "test-clock", { now: new Date(BEGIN).toISOString(), frozen: true });
  for (const name of METERS) await meter(api, name);
  for (const key of [...Object.keys(PLANS), "trial"]) {
    const { id } = await api.post("plans", definition(key));
    await api.post(`plans/${id}/publish`);
  }
  const names = ["fixed", "overage", "payg", "pack", "yearly", "payg_kwd", "downgrade", "payg_jpy", "trial"];
  for (const [index, name] of names.entries()) customers[name] = new Customer(api, name, index + 1);
  await live();

  const numbersSeen = [];
  for (const { key, chain } of Object.values(customers)) {
    await t.test(key, async () => {
      const expected = invoicesOf(chain, END);
      assert.ok(expected.flat().length > 0);
      for (const [index, subscription] of chain.entries()) {
        assert.deepEqual(await billed(subscription), expected[index], `${key}, subscription ${index}`);
      }
    });
  }
  await t.test("every invoice is final, and no number is missing", async () => {
    for (let page = 1; ; page++) {
      const { items, totalCount } = await api.get(`invoices?pageSize=100&page=${page}`);
      numbersSeen.push(...items.map(({ number }) => number));
      if (numbersSeen.length >= totalCount || items.length === 0) break;
    }
    const all = numbersSeen.map((_, index) => `INV-${String(index + 1).padStart(6, "0")}`);
    assert.deepEqual([...numbersSeen].sort(), all);
    assert.ok(all.length > 80);
  });
});
