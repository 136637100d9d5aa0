// S6.3: API keys beside the one that a subscription begins with, over HTTP and at the edge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { caller, clockSeen, start } from "./harness.mjs";

const { url, api } = await start();
await plan(api, "keys", { api_requests: 100 });

/** What the gateway says to a key. */
async function opens(key) {
  const { status, body } = await caller(url, key)("/todos");
  return status === 200 ? "served" : body.code;
}

/** Lets what the gateway has cached grow old. */
async function outdate() {
  await api.post("test-clock/advance", { by: "PT61S" });
  await clockSeen();
}

test("a further key opens the API, counts for the same subscription, and can be revoked alone", async () => {
  const { id, apiKey } = await subscribe(api, "keys", "keys-two");
  const second = await api.post(`subscriptions/${id}/api-keys`, { consumer: "mobile" });
  assert.match(second.key, /^tgk_/);
  assert.deepEqual([await opens(apiKey.key), await opens(second.key)], ["served", "served"]);
  assert.equal(await api.usageReaching("api_requests", id, 2), 2);
  const list = await api.get(`subscriptions/${id}/api-keys`);
  assert.deepEqual(
    list.items.map(({ id, consumer }) => [id, consumer]),
    [
      [apiKey.id, "keys-two"],
      [second.id, "mobile"],
    ],
  );
  assert.ok(!JSON.stringify(list).includes("tgk_"));
  assert.equal((await api.send("DELETE", `subscriptions/${id}/api-keys/${apiKey.id}`)).status, 204);
  await outdate();
  assert.deepEqual([await opens(apiKey.key), await opens(second.key)], ["key_invalid", "served"]);
});

test("rolling: the old key opens the API until the transition is over", async () => {
  const { id, apiKey } = await subscribe(api, "keys", "keys-roll");
  const next = await api.post(`subscriptions/${id}/api-keys/roll`, { transitionSeconds: 3600 });
  assert.equal(next.consumer, apiKey.consumer);
  await outdate();
  assert.deepEqual([await opens(apiKey.key), await opens(next.key)], ["served", "served"]);
  await api.post("test-clock/advance", { by: "PT1H" });
  await clockSeen();
  assert.deepEqual([await opens(apiKey.key), await opens(next.key)], ["key_expired", "served"]);
  const last = await api.post(`subscriptions/${id}/api-keys/roll`);
  await outdate();
  assert.deepEqual([await opens(next.key), await opens(last.key)], ["key_expired", "served"]);
});

test("a key that was made elsewhere is imported, once", async () => {
  const first = await subscribe(api, "keys", "keys-import-1");
  const second = await subscribe(api, "keys", "keys-import-2");
  // Made and forgotten by this bucket, so made elsewhere as far as it knows.
  const { id, key } = await api.post(`subscriptions/${first.id}/api-keys`);
  const taken = await api.send("POST", `subscriptions/${second.id}/api-keys`, { key });
  assert.deepEqual([taken.status, taken.body.code], [409, "key_taken"]);
  await api.send("DELETE", `subscriptions/${first.id}/api-keys/${id}`);
  const imported = await api.post(`subscriptions/${second.id}/api-keys`, { key, expiresAt: "2099-01-01T00:00:00Z" });
  assert.deepEqual([imported.key, imported.consumer], [key, "keys-import-2"]);
  assert.equal(await opens(key), "served");
  assert.equal(await api.usageReaching("api_requests", second.id, 1), 1);
});

test("a repetition shows no key, and makes none", async () => {
  const { id } = await subscribe(api, "keys", "keys-again");
  const once = { "idempotency-key": "keys-again" };
  const first = await api.send("POST", `subscriptions/${id}/api-keys`, {}, once);
  const again = await api.send("POST", `subscriptions/${id}/api-keys`, {}, once);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual([again.body.id, again.body.key], [first.body.id, undefined]);
  assert.equal((await api.get(`subscriptions/${id}/api-keys`)).totalCount, 2);
});

test("customers see to their own keys, but neither import nor read others' by the wrong role", async () => {
  const { id } = await subscribe(api, "keys", "keys-roles");
  const as = async (role) => {
    const { key } = await api.post("service-keys", { name: `keys ${role}`, role });
    return new ControlPlane(url, key);
  };
  const [portal, reader, edge] = [await as("portal"), await as("read-only"), await as("edge")];
  assert.equal((await portal.send("POST", `subscriptions/${id}/api-keys`, {})).status, 201);
  const imported = await portal.send("POST", `subscriptions/${id}/api-keys`, { key: "chosen-by-a-customer" });
  assert.equal(imported.status, 403);
  assert.equal((await reader.send("GET", `subscriptions/${id}/api-keys`)).status, 200);
  assert.equal((await reader.send("POST", `subscriptions/${id}/api-keys`, {})).status, 403);
  assert.equal((await edge.send("GET", `subscriptions/${id}/api-keys`)).status, 403);
});

test("a subscription that has ended gets no keys", async () => {
  const { id } = await subscribe(api, "keys", "keys-ended");
  await api.post(`subscriptions/${id}/cancel`);
  const { status, body } = await api.send("POST", `subscriptions/${id}/api-keys`, {});
  assert.deepEqual([status, body.code], [409, "subscription_inactive"]);
});
