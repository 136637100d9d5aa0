// S4.1, S4.5, S5: what the edge is told of a key, over HTTP.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { plan, subscribe } from "./catalog.mjs";
import { start } from "./harness.mjs";

const INSTANCE = "01KNVXHQG356VA7T7W0V9N21GJ";

const { api } = await start();
await plan(api, "snapshots", { api_requests: 100 });

const digestOf = (key) => createHash("sha256").update(key).digest("hex");
const snapshotOf = (key) => api.get(`snapshots/${digestOf(key)}`);

/** An event of an edge instance. */
const event = (subscription, number, data) => ({
  specversion: "1.0",
  id: `${INSTANCE}-${number}`,
  source: "monetization-policy",
  type: "api_requests",
  subject: subscription,
  subscription,
  data,
});

test("S5: a snapshot says what the ledger has taken in from each edge instance", async () => {
  const { id, apiKey } = await subscribe(api, "snapshots", "snapshots-marks");
  assert.deepEqual((await snapshotOf(apiKey.key)).highWater, {});
  const merged = event(id, 1, { total: 5, count: 3, min: 1, max: 3, last: 1 });
  const batch = [merged, event(id, 2, { total: 0.5 }), merged];
  assert.equal((await api.send("POST", "events", batch)).status, 204);
  const snapshot = await snapshotOf(apiKey.key);
  assert.deepEqual(snapshot.highWater, { [INSTANCE]: { api_requests: 5.5 } });
  assert.equal(snapshot.highWaterPartial, undefined);
  assert.equal(snapshot.entitlements.api_requests.usage, 5.5);
  assert.deepEqual([snapshot.bucket, snapshot.keyDigest], ["working-copy", digestOf(apiKey.key)]);
});

test("S4.5: a snapshot says what the next period begins with", async () => {
  const { apiKey } = await subscribe(api, "snapshots", "snapshots-next");
  const { period, nextPeriod } = (await snapshotOf(apiKey.key)).entitlements.api_requests;
  assert.equal(nextPeriod.balance, 100);
  assert.ok(Date.parse(nextPeriod.to) > Date.parse(period.to));
});

test("S4.2: the revision of a key rises with a change of plan and the deletion of another key", async () => {
  await plan(api, "snapshots_more", { api_requests: 200 });
  const { id, apiKey } = await subscribe(api, "snapshots", "snapshots-revision");
  const revisions = [(await snapshotOf(apiKey.key)).revision];
  const { next } = await api.post(`subscriptions/${id}/change`, {
    plan: { key: "snapshots_more" },
    timing: "immediate",
  });
  const moved = await snapshotOf(apiKey.key);
  assert.equal(moved.id, next.id);
  revisions.push(moved.revision);
  const other = await api.post(`subscriptions/${next.id}/api-keys`);
  assert.equal((await api.send("DELETE", `subscriptions/${next.id}/api-keys/${other.id}`)).status, 204);
  revisions.push((await snapshotOf(apiKey.key)).revision);
  assert.ok(revisions[0] < revisions[1] && revisions[1] < revisions[2], revisions.join());
  assert.equal((await api.send("GET", `snapshots/${digestOf(other.key)}`)).status, 404);
});

test("M5: every event of a batch that is refused is named, and the others can be sent again", async () => {
  const { id } = await subscribe(api, "snapshots", "snapshots-batch");
  const good = [event(id, 10, { total: 1 }), event(id, 11, { total: 2 })];
  const lies = event(id, 12, { total: 9, count: 2, min: 1, max: 2, last: 1 });
  const batch = [lies, good[0], { ...good[1], subscription: INSTANCE }, good[1], { ...good[0], type: "bananas" }];
  const refused = await api.send("POST", "events", batch);
  assert.equal(refused.status, 400);
  assert.deepEqual(
    refused.body.invalidParameters.map(({ field, rule }) => [field, rule]),
    [
      ["events[0].data.total", "merged"],
      ["events[2].subscription", "exists"],
      ["events[4].type", "exists"],
    ],
  );
  assert.equal((await api.send("POST", "events", good)).status, 204);
});

test("S4.1: a plan whose snapshots the edge could not take is not published", async () => {
  const keys = Array.from({ length: 65 }, (_, i) => `snapshots_${i}`);
  for (const key of keys) await api.post("features", { key, name: key });
  const rateCards = keys.map((key) => ({
    type: "flat_fee",
    key,
    name: key,
    featureKey: key,
    entitlementTemplate: { type: "boolean" },
  }));
  const draft = await api.post("plans", {
    key: "snapshots_large",
    name: "Large",
    currency: "USD",
    billingCadence: "P1M",
    phases: [{ key: "default", name: "Default", rateCards }],
  });
  const refused = await api.send("POST", `plans/${draft.id}/publish`);
  assert.equal(refused.status, 400);
  assert.deepEqual(
    refused.body.invalidParameters.map(({ field, rule }) => [field, rule]),
    [["phases[0].rateCards[64].entitlementTemplate", "too_many_entitlements"]],
  );
});
