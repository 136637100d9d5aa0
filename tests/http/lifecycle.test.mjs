// The seven rows of a go-live checklist that are about a subscription's life, as one story over a test clock. What
// happens in the control plane is seen at the edge, by a request through the gateway, when the clock has gone on by the
// time that a snapshot may be cached.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caller, clockSeen, start } from "./harness.mjs";

const { url, api } = await start();

/** `cacheTtlSeconds` of the policies in config/, and a second. */
const TTL = "PT61S";

const fee = (amount) => ({
  type: "flat_fee",
  key: "fee",
  name: "Fee",
  billingCadence: "P1M",
  price: { type: "flat", amount, paymentTerm: "in_advance" },
});
const requests = (issueAfterReset) => ({
  type: "flat_fee",
  key: "api_requests",
  name: "Requests",
  featureKey: "api_requests",
  entitlementTemplate: { type: "metered", issueAfterReset, isSoftLimit: false },
});
const bulkExport = {
  type: "flat_fee",
  key: "bulk_export",
  name: "Export",
  featureKey: "bulk_export",
  entitlementTemplate: { type: "boolean" },
};
const trial = { key: "trial", name: "Trial", duration: "P14D", rateCards: [requests(2)] };
const paid = (...rateCards) => ({ key: "paid", name: "Paid", rateCards });

async function publish(key, phases) {
  const { id } = await api.post("plans", { key, name: key, currency: "USD", billingCadence: "P1M", phases });
  await api.post(`plans/${id}/publish`);
}

async function put(path, body) {
  const answer = await api.send("PUT", path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

/** Moves the clock, and waits until the gateway knows. */
async function advance(by) {
  const { now } = await api.post("test-clock/advance", by.startsWith("P") ? { by } : { to: by });
  await clockSeen();
  return now;
}

/** The day on which the story begins: the last of a January, so that months of all lengths follow. */
async function firstDay() {
  const { now } = await api.get("test-clock");
  return `${new Date(now).getUTCFullYear() + 1}-01-31T10:00:00Z`;
}

test("subscribe, trial to paid, upgrade, downgrade, cancel, reactivate, failed payment", async (t) => {
  await put("test-clock", { now: await firstDay() });
  await publish("lifecycle_basic", [trial, paid(fee("9.00"), requests(100))]);
  await publish("lifecycle_pro", [paid(fee("29.00"), requests(1000), bulkExport)]);
  await put("monetization-configuration", { planOrder: ["lifecycle_basic", "lifecycle_pro"] });

  let ask;
  let id;
  const edge = async (path) => {
    const { status, body } = await ask(path);
    return status === 200 ? "served" : `${status} ${body.code}`;
  };
  const subscription = () => api.get(`subscriptions/${id}`);
  const report = (body) => put(`subscriptions/${id}/payment-status`, body);

  await t.test("subscribe: the key opens the API at once, as far as the trial goes", async () => {
    await api.post("customers", { key: "lifecycle", name: "Life Cycle" });
    const made = await api.post("subscriptions", { plan: { key: "lifecycle_basic" }, customerKey: "lifecycle" });
    assert.equal(made.status, "active");
    assert.equal(made.currentPhase.key, "trial");
    assert.deepEqual(made.paymentStatus, { status: "not_required", isFirstPayment: true });
    id = made.id;
    ask = caller(url, made.apiKey.key);
    assert.deepEqual([await edge("/todos"), await edge("/todos")], ["served", "served"]);
    assert.equal(await edge("/todos"), "403 quota_exhausted");
  });

  await t.test(
    "trial to paid: the next phase begins by itself, and its payment is due, with days of grace",
    async () => {
      await advance("P14D");
      const { currentPhase, paymentStatus } = await subscription();
      assert.equal(currentPhase.key, "paid");
      assert.deepEqual(paymentStatus, { status: "pending", isFirstPayment: true });
      assert.equal(await edge("/todos"), "served");
      await advance("P3D");
      await advance(TTL);
      assert.equal(await edge("/todos"), "403 payment_not_made");
      assert.equal((await report({ status: "paid" })).paymentStatus.isFirstPayment, false);
      await advance(TTL);
      assert.equal(await edge("/todos"), "served");
    },
  );

  await t.test("upgrade: at once, under the same key, with fresh usage", async () => {
    assert.equal(await edge("/export"), "403 entitlement_denied");
    const { current, next } = await api.post(`subscriptions/${id}/change`, { plan: { key: "lifecycle_pro" } });
    assert.deepEqual([current.id, current.status, next.status], [id, "inactive", "active"]);
    id = next.id;
    await advance(TTL);
    assert.equal(await edge("/export"), "served");
    assert.equal(await edge("/todos"), "served");
    assert.equal(await api.usageReaching("api_requests", id, 1), 1);
    const { paymentStatus } = await subscription();
    assert.deepEqual([paymentStatus.status, paymentStatus.isFirstPayment], ["pending", false]);
    await report({ status: "paid" });
  });

  await t.test("downgrade: when the paid cycle ends, without a gap", async () => {
    const change = { plan: { key: "lifecycle_basic" }, startingPhase: "paid" };
    const { current, next } = await api.post(`subscriptions/${id}/change`, change);
    assert.deepEqual([current.status, next.status], ["canceled", "scheduled"]);
    assert.equal(next.activeFrom, current.activeTo);
    await advance(TTL);
    assert.equal(await edge("/export"), "served");
    id = next.id;
    // The gateway goes over the boundary with what it knew before.
    await advance(new Date(Date.parse(next.activeFrom) - 30_000).toISOString());
    assert.equal(await edge("/export"), "served");
    await advance(next.activeFrom);
    assert.equal(await edge("/todos"), "served");
    await advance(TTL);
    assert.equal(await edge("/export"), "403 entitlement_denied");
    assert.equal(await edge("/todos"), "served");
    assert.equal((await subscription()).status, "active");
    await report({ status: "paid" });
  });

  let end;
  await t.test("cancel: at once, or served until the end of the cycle", async () => {
    await api.post("customers", { key: "leaving", name: "Leaving" });
    const leaving = await api.post("subscriptions", { plan: { key: "lifecycle_pro" }, customerKey: "leaving" });
    const request = caller(url, leaving.apiKey.key);
    assert.equal((await request("/todos")).status, 200);
    assert.equal((await api.post(`subscriptions/${leaving.id}/cancel`)).status, "inactive");
    const canceled = await api.post(`subscriptions/${id}/cancel`, { timing: "next_billing_cycle" });
    assert.equal(canceled.status, "canceled");
    end = canceled.activeTo;
    await advance(TTL);
    assert.equal((await request("/todos")).body.code, "subscription_expired");
    assert.equal(await edge("/todos"), "served");
  });

  await t.test("reactivate: an end that has not come is taken back, and does not come", async () => {
    assert.equal((await api.post(`subscriptions/${id}/unschedule-cancelation`)).status, "active");
    await advance(TTL);
    await advance(end);
    assert.equal(await edge("/todos"), "served");
  });

  await t.test("failed payment: days of grace, then closed, then paid and open", async () => {
    await report({ status: "failed" });
    await advance(TTL);
    assert.equal(await edge("/todos"), "served");
    await advance("P3D");
    assert.equal(await edge("/todos"), "403 payment_overdue");
    await report({ status: "paid" });
    await advance(TTL);
    assert.equal(await edge("/todos"), "served");
  });
});
