// S7.10: a prepaid pack is spent to its last unit, service stops, a top-up opens the gate again and is billed at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { subscribe } from "./catalog.mjs";
import { caller, clockSeen, start } from "./harness.mjs";

const { url, api } = await start();

async function pack(key, amount, issueAfterReset) {
  const card = {
    type: "flat_fee",
    key: "api_requests",
    name: "Prepaid requests",
    featureKey: "api_requests",
    price: { type: "flat", amount },
    entitlementTemplate: { type: "metered", issueAfterReset, resets: false },
  };
  const phases = [{ key: "default", name: "Default", rateCards: [card] }];
  const { id } = await api.post("plans", { key, name: key, currency: "USD", billingCadence: "P1M", phases });
  await api.post(`plans/${id}/publish`);
}

await pack("prepaid", "5.00", 3);
await pack("more", "10.00", 2);

/** Lets what the gateway has cached grow old. */
async function outdate() {
  await api.post("test-clock/advance", { by: "PT61S" });
  await clockSeen();
}

test("prepaid usage is spent, topped up, and spent again", async () => {
  const { id, apiKey } = await subscribe(api, "prepaid", "credits");
  const call = async () => {
    const { status, body } = await caller(url, apiKey.key)("/todos");
    return status === 200 ? "served" : `${status} ${body.code}`;
  };
  const balance = async () => (await api.get(`subscriptions/${id}/access`)).entitlements.api_requests.balance;

  for (let i = 0; i < 3; ++i) assert.equal(await call(), "served");
  assert.equal(await call(), "403 quota_exhausted");
  assert.equal(await api.usageReaching("api_requests", id, 3), 3);
  assert.equal(await balance(), 0);

  const bought = await api.post(`subscriptions/${id}/top-ups`, { plan: { key: "more" } });
  assert.equal(bought.invoice.total, "10.00");
  assert.equal(await balance(), 2);
  await outdate();
  assert.deepEqual([await call(), await call(), await call()], ["served", "served", "403 quota_exhausted"]);
  assert.equal(await api.usageReaching("api_requests", id, 5), 5);

  const { items } = await api.get(`subscriptions/${id}/invoices`);
  assert.deepEqual(
    items.map(({ total, plan, status }) => [plan.key, total, status]),
    [
      ["prepaid", "5.00", "open"],
      ["more", "10.00", "open"],
    ],
  );
  const list = await api.get(`subscriptions/${id}/grants`);
  assert.deepEqual(
    list.items.map(({ amount, remaining, invoiceId }) => [amount, remaining, invoiceId]),
    [[2, 0, bought.invoice.id]],
  );
});

test("a grant by hand opens the gate until it expires or is voided", async () => {
  const { id, apiKey } = await subscribe(api, "prepaid", "credits-given");
  const grants = `subscriptions/${id}/grants`;
  const status = async () => {
    await outdate();
    return (await caller(url, apiKey.key)("/todos")).status;
  };
  const { now } = await api.get("test-clock");
  const expiresAt = new Date(Date.parse(now) + 3_600_000).toISOString();
  const short = await api.post(grants, { featureKey: "api_requests", amount: 50, expiresAt, name: "Goodwill" });
  assert.equal(short.priority, 0);
  for (let i = 0; i < 3; ++i) assert.equal(await status(), 200);
  assert.equal(await api.usageReaching("api_requests", id, 3), 3);
  assert.deepEqual(
    (await api.get(grants)).items.map(({ remaining }) => remaining),
    [47],
  );
  await api.post("test-clock/advance", { by: "PT1H" });
  assert.equal((await api.get(`subscriptions/${id}/access`)).entitlements.api_requests.balance, 3);
  const later = await api.post(grants, { featureKey: "api_requests", amount: "2.5", priority: 9 });
  assert.equal((await api.get(`subscriptions/${id}/access`)).entitlements.api_requests.balance, 5.5);
  assert.equal((await api.send("DELETE", `${grants}/${later.id}`)).status, 204);
  assert.equal((await api.get(`subscriptions/${id}/access`)).entitlements.api_requests.balance, 3);
});

test("what is no pack is refused with the reason", async () => {
  const { id } = await subscribe(api, "prepaid", "credits-refused");
  const { status, body } = await api.send("POST", `subscriptions/${id}/top-ups`, { plan: { key: "starter" } });
  assert.equal(status, 400);
  assert.equal(body.invalidParameters[0].rule, "pack");
});

test("what was used long ago stays used, and counts in no question any more", async () => {
  const { id, apiKey } = await subscribe(api, "prepaid", "credits-settled");
  await api.post(`subscriptions/${id}/grants`, { featureKey: "api_requests", amount: 5, priority: 1 });
  await outdate();
  for (let i = 0; i < 4; ++i) assert.equal((await caller(url, apiKey.key)("/todos")).status, 200);
  assert.equal(await api.usageReaching("api_requests", id, 4), 4);
  for (const by of ["P50D", "P50D"]) {
    await api.post("test-clock/advance", { by });
    const { balance, usage } = (await api.get(`subscriptions/${id}/access`)).entitlements.api_requests;
    assert.deepEqual([balance, usage], [4, 4]);
    assert.equal((await api.get(`subscriptions/${id}/grants`)).items[0].remaining, 4);
  }
});

test("a pack is bought on terms, and its sale undone", async () => {
  const { id } = await subscribe(api, "prepaid", "credits-undone");
  const { now } = await api.get("test-clock");
  const expiresAt = new Date(Date.parse(now) + 86_400_000).toISOString();
  const bought = await api.post(`subscriptions/${id}/top-ups`, { plan: { key: "more" }, priority: 7, expiresAt });
  assert.deepEqual(
    bought.grants.map((grant) => [grant.priority, Date.parse(grant.expiresAt)]),
    [[7, Date.parse(expiresAt)]],
  );
  const balance = async () => (await api.get(`subscriptions/${id}/access`)).entitlements.api_requests.balance;
  assert.equal(await balance(), 5);
  const invoice = `invoices/${bought.invoice.id}`;
  await api.post(`${invoice}/void`, { reason: "another address" });
  const again = await api.post(`${invoice}/reissue`);
  assert.equal(again.plan.key, "more");
  assert.equal(await balance(), 5);
  await api.post(`invoices/${again.id}/void`, { reason: "changed his mind", voidGrants: true });
  assert.equal(await balance(), 3);
});
