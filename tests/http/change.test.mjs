// S7.7, S7.8: changes of plan and their credit, over HTTP, with usage that came through the gateway.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caller, clockSeen, start } from "./harness.mjs";

const { url, api } = await start();

/** A monthly plan with a fee in advance and so many requests. */
async function plan(key, amount, issueAfterReset, more = {}) {
  const rateCards = [
    { type: "flat_fee", key: "fee", name: "Fee", billingCadence: "P1M", price: { type: "flat", amount } },
    {
      type: "flat_fee",
      key: "api_requests",
      name: "Requests",
      featureKey: "api_requests",
      entitlementTemplate: { type: "metered", issueAfterReset, isSoftLimit: false },
    },
  ];
  const phases = [{ key: "default", name: "Default", rateCards }];
  const { id } = await api.post("plans", { key, name: key, currency: "USD", billingCadence: "P1M", phases, ...more });
  await api.post(`plans/${id}/publish`);
}

async function subscribe(customerKey, key) {
  await api.post("customers", { key: customerKey, name: customerKey });
  return api.post("subscriptions", { plan: { key }, customerKey });
}

/** The usage of a subscription's period, when it has reached so much. */
async function usageReaching(id, expected) {
  const until = Date.now() + 15_000;
  for (;;) {
    const usage = Number((await api.get(`subscriptions/${id}/access`)).entitlements.api_requests.usage);
    if (usage >= expected || Date.now() >= until) return usage;
    await new Promise((done) => setTimeout(done, 100));
  }
}

await plan("small", "29.00", 10);
await plan("large", "99.00", 1000);
await api.send("PUT", "monetization-configuration", { planOrder: ["small", "large"] });
// It stands still, so that fractions of the month are what the test makes them.
const year = new Date((await api.get("test-clock")).now).getUTCFullYear() + 1;
await api.send("PUT", "test-clock", { now: `${year}-06-01T00:00:00Z`, frozen: true });

test("the worked example of the credit, with usage from the ledger; nothing is changed by asking", async () => {
  const { id, apiKey } = await subscribe("credit", "small");
  const ask = caller(url, apiKey.key);
  for (let i = 0; i < 7; i++) assert.equal((await ask("/todos")).status, 200);
  assert.equal(await usageReaching(id, 7), 7);
  await api.post("test-clock/advance", { to: `${year}-06-16T00:00:00Z` });
  const path = `subscriptions/${id}/change/estimate-credit`;
  assert.deepEqual(await api.post(path, { plan: { key: "large" } }), {
    currency: "USD",
    credit: "8.70",
    effectiveAt: `${year}-06-16T00:00:00Z`,
    consumed: { time: "0.5", quota: "0.7" },
  });
  const later = await api.post(path, { plan: { key: "large" }, timing: "next_billing_cycle" });
  assert.deepEqual([later.credit, later.effectiveAt], ["0.00", `${year}-07-01T00:00:00Z`]);
  assert.equal((await api.get(`customers/credit/subscriptions`)).totalCount, 1);
});

test("changes at the same moment: one is made, the others hear why not", async () => {
  const { id } = await subscribe("crowd", "small");
  const attempts = Array.from({ length: 5 }, () =>
    api.send("POST", `subscriptions/${id}/change`, { plan: { key: "large" } }),
  );
  const answers = await Promise.all(attempts);
  const made = answers.filter(({ status }) => status === 200);
  assert.equal(made.length, 1);
  const codes = answers.filter(({ status }) => status === 409).map(({ body }) => body.code);
  assert.deepEqual(codes, Array(4).fill("subscription_inactive"));
  const { items } = await api.get("customers/crowd/subscriptions");
  assert.deepEqual(
    items.map(({ status }) => status),
    ["inactive", "active"],
  );
  assert.deepEqual([items[0].nextId, items[1].previousId], [items[1].id, items[0].id]);
});

test("the key moves with its quota spent, and opens the API again on the new plan", async () => {
  const { id, apiKey } = await subscribe("spent", "small");
  const ask = caller(url, apiKey.key);
  for (let i = 0; i < 10; i++) assert.equal((await ask("/todos")).status, 200);
  assert.equal((await ask("/todos")).body.code, "quota_exhausted");
  assert.equal(await usageReaching(id, 10), 10);
  const { next } = await api.post(`subscriptions/${id}/change`, { plan: { key: "large" } });
  await api.post("test-clock/advance", { by: "PT61S" });
  await clockSeen();
  assert.equal((await ask("/todos")).status, 200);
  assert.equal(await usageReaching(next.id, 1), 1);
});

test("a downgrade that was scheduled and withdrawn leaves everything as it was", async () => {
  const { id, apiKey } = await subscribe("undecided", "large");
  const { current, next } = await api.post(`subscriptions/${id}/change`, { plan: { key: "small" } });
  assert.deepEqual([current.status, next.status], ["canceled", "scheduled"]);
  const second = await api.send("POST", `subscriptions/${id}/change`, { plan: { key: "large" } });
  assert.deepEqual([second.status, second.body.code], [409, "change_scheduled"]);
  assert.equal((await api.post(`subscriptions/${id}/unschedule-cancelation`)).status, "active");
  assert.equal((await api.get(`subscriptions/${next.id}`)).status, "inactive");
  await api.send("PUT", `subscriptions/${id}/payment-status`, { status: "paid" });
  await api.post("test-clock/advance", { to: next.activeFrom });
  await clockSeen();
  assert.equal((await caller(url, apiKey.key)("/todos")).status, 200);
  assert.equal(await usageReaching(id, 1), 1);
});

test("a plan without proration gives no credit", async () => {
  await plan("rigid", "29.00", 10, { proRatingConfig: { enabled: false } });
  const { id } = await subscribe("rigid", "rigid");
  const { credit } = await api.post(`subscriptions/${id}/change/estimate-credit`, { plan: { key: "large" } });
  assert.equal(credit, "0.00");
});
