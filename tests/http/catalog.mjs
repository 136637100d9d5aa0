// Catalog entries for the tests.

import assert from "node:assert/strict";

/** Meter and feature of the same name. */
export async function meter(api, slug) {
  await api.post("meters", { slug, name: slug, eventType: slug, aggregation: "SUM", valueProperty: "$.total" });
  await api.post("features", { key: slug, name: slug, meterSlug: slug });
}

/** A published plan that gives these amounts each month as hard limits, and these features. */
export async function plan(api, key, limits, features = []) {
  const metered = Object.entries(limits).map(([featureKey, issueAfterReset]) => ({
    type: "flat_fee",
    key: featureKey,
    name: featureKey,
    featureKey,
    entitlementTemplate: { type: "metered", issueAfterReset, isSoftLimit: false },
  }));
  const flags = features.map((featureKey) => ({
    type: "flat_fee",
    key: featureKey,
    name: featureKey,
    featureKey,
    entitlementTemplate: { type: "boolean" },
  }));
  const phases = [{ key: "default", name: "Default", rateCards: [...metered, ...flags] }];
  const { id } = await api.post("plans", { key, name: key, currency: "USD", billingCadence: "P1M", phases });
  await api.post(`plans/${id}/publish`);
  return id;
}

/** A new customer on a plan. */
export async function subscribe(api, planKey, customerKey) {
  const customer = await api.send("POST", "customers", { key: customerKey, name: customerKey });
  assert.equal(customer.status, 201, JSON.stringify(customer.body));
  const answer = await api.send("POST", "subscriptions", { plan: { key: planKey }, customerKey, timing: "immediate" });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}
