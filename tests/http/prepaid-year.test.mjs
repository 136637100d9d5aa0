// A year of prepaid credits (S7.10): a pack is used up, topped up, granted to, changed into a plan with a monthly
// allowance and back, over ends of months and a leap day. After every event the balance, what is left of each grant and
// the invoices are what the reference says; at 0 service stops, at the edge as well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Account } from "../reference/account.mjs";
import { DAY } from "../reference/periods.mjs";
import { caller, clockSeen, start } from "./harness.mjs";
import { Customer } from "./lives/customer.mjs";
import { Random } from "./lives/random.mjs";
import { take } from "./lives/world.mjs";

const FEATURE = "api_requests";
const BEGIN = Date.parse("2027-08-31T00:00:00Z");
const at = (text) => Date.parse(`${text}Z`);

function planOf(key, fee, entitlement, more = {}) {
  const price = { type: "flat", amount: fee };
  const entitlementTemplate = { type: "metered", isSoftLimit: false, ...entitlement };
  const card = { type: "flat_fee", key: FEATURE, name: FEATURE, featureKey: FEATURE, price, entitlementTemplate };
  const phases = [{ key: "default", name: "Default", rateCards: [{ ...card, ...more }] }];
  return { key, name: key, currency: "EUR", billingCadence: "P1M", phases };
}
const PACK = planOf("year_pack", "40", { issueAfterReset: 5000, resets: false });
const MONTHLY = planOf("year_monthly", "29.00", { issueAfterReset: "400.5" }, { billingCadence: "P1M" });
const TOP_UP = planOf(
  "year_top_up",
  "12.345",
  { issueAfterReset: 750, resets: false },
  { discounts: { percentage: 10 } },
);

const { url, api } = await start();
const account = new Account({ now: BEGIN, meters: { [FEATURE]: "SUM" } });
const life = { key: "prepaid", account, catalog: { plans: [PACK, MONTHLY], packs: [TOP_UP] } };
const customer = new Customer(api, life);
const random = new Random(7);
let events = 0;
let key;

const step = (time, kind, more = {}) => take(api, customer, time, () => ({ kind, ...more }));
const current = () => account.subscriptions.findLast((one) => account.inEffect(one));
const balance = () => account.access(current(), FEATURE).balance;

/** One event, used at `time` and told at `now`. */
function use(now, total, time = now - 1) {
  const event = { id: `e${++events}`, meter: FEATURE, total: String(total), time };
  const subscription = account.subscriptions.find(
    ({ activeFrom, activeTo }) => activeFrom <= time && !(activeTo <= time),
  );
  return step(now, "use", { events: [{ subscription, event }] });
}
/** Something every two and a half days; now and then it was used earlier than what is known. */
async function useUntil(end, most) {
  for (let now = account.now + 2.5 * DAY; now < end; now += 2.5 * DAY) {
    const late = random.chance(20) ? random.below(10 * DAY) : 1;
    const time = Math.max(now - late, current().activeFrom);
    await use(now, `${random.below(most)}.${random.between(1, 999)}`, time);
  }
}
/** Debts would close the gate. */
async function pay() {
  for (const invoice of account.invoices.filter(({ status }) => status === "open")) {
    await step(account.now, "pay", { invoice });
  }
}
async function topUp(time, terms = {}) {
  await step(time, "topUp", { subscription: current(), pack: TOP_UP, ...terms });
  await pay();
}
/** Asks the gateway `count` times at a moment that it has seen; what was served counts as usage of that moment. */
async function ask(time, count) {
  await step(time, "wait");
  await clockSeen();
  const before = await api.usage(FEATURE, account.subscriptions.at(-1).id);
  const answers = [];
  for (let i = 0; i < count; i++) {
    const { status, body } = await caller(url, key)("/todos");
    answers.push(status === 200 ? "served" : body.code);
  }
  const served = answers.filter((answer) => answer === "served").length;
  if (served === 0) return answers;
  const known = await api.usageReaching(FEATURE, current().id, before + served);
  assert.ok(Math.abs(known - before - served) < 1e-6);
  account.use(current(), { id: `gateway-${time}`, meter: FEATURE, total: String(served), time });
  await customer.compare();
  return answers;
}

const OUT = "quota_exhausted";

test("a year of prepaid credits", { timeout: 170_000 }, async (t) => {
  await api.send("PUT", "test-clock", { now: new Date(BEGIN).toISOString(), frozen: true });
  await customer.register();

  await t.test("a pack is used up, over two ends of months, to its last unit", async () => {
    ({ key } = (await customer.subscribe({ plan: PACK, timing: "immediate" })).apiKey);
    await step(BEGIN, "wait");
    await pay();
    await useUntil(at("2027-11-20T00:00:00"), 250);
    assert.ok(balance() > 3, "the story is such that something is left");
    await use(at("2027-11-20T00:00:00"), (balance() - 2).toFixed(3));
    assert.deepEqual(await ask(at("2027-11-21T08:00:00"), 4), ["served", "served", OUT, OUT]);
    const { hasAccess, balance: left } = (await api.get(`subscriptions/${current().id}/access`)).entitlements[FEATURE];
    assert.deepEqual({ hasAccess, left }, { hasAccess: false, left: 0 });
  });

  await t.test("a top-up opens the gate, and makes up first for what is used too much", async () => {
    await use(at("2027-11-22T00:00:00"), "10.5");
    assert.equal(balance(), -10.5);
    await topUp(at("2027-11-23T00:00:00"));
    assert.equal(balance(), 739.5);
    assert.equal(account.invoices.at(-1).total, 1111n, "12.345 less 10 % is 11.11");
    assert.deepEqual(await ask(at("2027-11-24T00:00:00"), 2), ["served", "served"]);
  });

  await t.test("grants burn down by priority and expiry; the leap day ends one", async () => {
    const subscription = current();
    const leapDay = at("2028-02-29T00:00:00");
    const give = (time, amount, priority, expiresAt) =>
      step(time, "grant", { subscription, feature: FEATURE, amount, priority, effectiveAt: time, expiresAt });
    await give(at("2027-12-01T00:00:00"), "300", 5, undefined);
    await give(at("2027-12-02T00:00:00"), "900.25", 1, leapDay);
    await give(at("2027-12-03T00:00:00"), "200", 0, at("2028-01-31T00:00:00"));
    await topUp(at("2027-12-31T23:59:59"), { priority: 2, expiresAt: at("2028-06-30T00:00:00") });
    await useUntil(leapDay - DAY, 40);
    await use(leapDay - 1, "1.25", leapDay - 2);
    const before = balance();
    await step(leapDay, "wait");
    assert.ok(balance() < before, "what was left of the grant is lost");
    await use(leapDay + 1, "2.5", leapDay);
    await use(leapDay + 2, "0.125", leapDay - 1);
  });

  await t.test("grants go along with an upgrade: the month's allowance is used before them", async () => {
    await step(at("2028-03-10T12:00:00"), "change", { subscription: current(), plan: MONTHLY, timing: "immediate" });
    await pay();
    await useUntil(at("2028-04-10T12:00:00"), 60);
    const [moved] = account.grantsOf(current());
    await step(at("2028-04-11T00:00:00"), "voidGrant", { grant: moved });
    await topUp(at("2028-04-12T00:00:00"));
    await pay();
    await useUntil(at("2028-05-09T00:00:00"), 120);
  });

  await t.test("a top-up that was a mistake is undone with its invoice", async () => {
    await step(at("2028-05-09T01:00:00"), "topUp", { subscription: current(), pack: TOP_UP });
    const invoice = account.invoices.at(-1);
    await step(at("2028-05-09T02:00:00"), "voidInvoice", { invoice, voidGrants: true });
    await step(at("2028-05-09T03:00:00"), "reissue", { invoice });
    await pay();
  });

  await t.test("they go along with a downgrade at the end of the cycle as well", async () => {
    const downgrade = { subscription: current(), plan: PACK, timing: "next_billing_cycle" };
    await step(at("2028-05-10T00:00:00"), "change", downgrade);
    await step(at("2028-06-10T12:00:00"), "wait");
    await pay();
    await step(at("2028-06-11T12:00:00"), "wait");
    await pay();
    await useUntil(at("2028-07-15T00:00:00"), 90);
    await step(at("2028-07-15T00:00:00"), "cancel", { subscription: current(), timing: "next_billing_cycle" });
    await useUntil(at("2028-08-09T00:00:00"), 90);
  });

  await t.test("what is left at the end is left; nobody gets in", async () => {
    assert.deepEqual(await ask(at("2028-08-09T12:00:00"), 1), ["served"]);
    assert.deepEqual(await ask(at("2028-08-10T12:01:00"), 1), ["subscription_expired"]);
    await step(at("2028-09-30T00:00:00"), "wait");
    await customer.compareAll();
    assert.ok(events > 100 && account.invoices.length > 8);
  });
});
