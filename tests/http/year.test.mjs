// A year of simulated time over the billing models, with changes of plan, cancelations, ends of months and a leap day:
// what the control plane bills by itself is what the reference implementation says, line by line and to the last unit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { Account } from "../reference/account.mjs";
import { DAY } from "../reference/periods.mjs";
import { meter } from "./catalog.mjs";
import { start } from "./harness.mjs";
import { Customer } from "./lives/customer.mjs";
import { Random } from "./lives/random.mjs";
import { passTime } from "./lives/world.mjs";

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

const { url, api: other } = await start();
const api = new ControlPlane(url, other.key, "preview");
const at = (text) => Date.parse(text);

const NAMES = ["fixed", "overage", "payg", "pack", "yearly", "payg_kwd", "downgrade", "payg_jpy", "trial"];
const meters = Object.fromEntries(METERS.map((name) => [name, "SUM"]));
const customers = NAMES.map((key, index) => {
  const account = new Account({ now: BEGIN, meters });
  const customer = new Customer(api, { key, account, catalog: { plans: [], packs: [] } });
  return Object.assign(customer, { key, random: new Random(index), events: 0 });
});

const subscribe = (plan) => ({ kind: "subscribe", plan: definition(plan), timing: "immediate" });
const change = (plan, timing) => ({ kind: "change", plan: definition(plan), timing });
const cancel = (timing) => ({ kind: "cancel", timing });

/** What happens, in the order of time: to whom, and what. */
const STORY = [
  ...["fixed", "overage", "payg", "pack", "yearly", "payg_kwd"].map((plan) => [BEGIN, plan, subscribe(plan)]),
  [BEGIN, "downgrade", subscribe("overage")],
  [at("2027-10-31T15:00:00Z"), "payg_jpy", subscribe("payg_jpy")],
  [at("2027-11-15T12:00:00Z"), "fixed", change("fixed_plus", "immediate")],
  [at("2027-12-10T00:00:00Z"), "downgrade", change("fixed", "next_billing_cycle")],
  [at("2028-01-31T07:00:00Z"), "trial", subscribe("trial")],
  [at("2028-02-10T00:00:00Z"), "fixed", change("fixed", "immediate")],
  [at("2028-02-29T12:00:00Z"), "payg_jpy", change("payg_jpy", "immediate")],
  [at("2028-03-17T08:30:15Z"), "overage", cancel("immediate")],
  [at("2028-04-02T00:00:00Z"), "pack", cancel("immediate")],
  [at("2028-05-20T00:00:00Z"), "fixed", cancel("next_billing_cycle")],
  [at("2028-06-30T23:59:59Z"), "yearly", change("overage", "immediate")],
];

/** Something of every meter, used at `time`. */
function eventsOf(customer, subscription, time) {
  if (subscription === undefined) return [];
  return METERS.map((meter) => {
    const total = `${customer.random.below(700)}.${String(customer.random.below(1000)).padStart(3, "0")}`;
    return { subscription, event: { id: `${customer.key}-${++customer.events}`, meter, total, time } };
  });
}

/**
 * Every five days everybody uses something, also what has just ended or, by a clock that is behind, just begun, and
 * every fifteen days something arrives twenty days late.
 */
async function consume(now) {
  const times = (now - BEGIN) % (15 * DAY) === DAY / 2 ? [now, now - 20 * DAY] : [now];
  for (const customer of customers) {
    const { subscriptions } = customer.account;
    const inEffect = (time) => subscriptions.find((one) => one.activeFrom <= time && !(one.activeTo <= time));
    const stale = subscriptions.find(({ activeTo }) => activeTo <= now && now < activeTo + 5 * DAY);
    const fresh = subscriptions.find(({ activeFrom }) => activeFrom <= now && now < activeFrom + 5 * DAY);
    const events = [
      ...times.flatMap((time) => eventsOf(customer, inEffect(time), time)),
      ...eventsOf(customer, stale, now),
      ...eventsOf(customer, fresh, fresh?.activeFrom - 4 * 60_000),
    ];
    if (events.length > 0) await customer.perform({ kind: "use", events });
  }
}

async function happen(name, step) {
  const customer = customers.find(({ key }) => key === name);
  await customer.perform({ ...step, subscription: customer.account.subscriptions.at(-1) });
}

async function live() {
  const steps = STORY.map(([time, name, step]) => ({ time, run: () => happen(name, step) }));
  for (let time = BEGIN + DAY / 2; time < END; time += 5 * DAY) steps.push({ time, run: () => consume(time) });
  steps.sort((a, b) => a.time - b.time);
  for (const { time, run } of steps) {
    await passTime(api, customers, time);
    await run();
    await passTime(api, customers, time);
  }
  await passTime(api, customers, END);
}

test("a year of four billing models bills what the reference says", { timeout: 600_000 }, async (t) => {
  await api.send("PUT", "test-clock", { now: new Date(BEGIN).toISOString(), frozen: true });
  for (const name of METERS) await meter(api, name);
  for (const key of [...Object.keys(PLANS), "trial"]) {
    const { id } = await api.post("plans", definition(key));
    await api.post(`plans/${id}/publish`);
  }
  for (const customer of customers) await customer.register();
  await live();

  for (const customer of customers) {
    await t.test(customer.key, async () => {
      assert.ok(customer.account.invoices.length > 0);
      await customer.compareAll();
      await customer.compare();
    });
  }
  await t.test("every invoice is final, and no number is missing", async () => {
    const numbersSeen = [];
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
