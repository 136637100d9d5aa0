// The main job, step by step, as a user would take it: each test goes on where the one before it stopped.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { meter, plan, subscribe } from "./catalog.mjs";
import { caller, start } from "./harness.mjs";

const { url, api, stack } = await start();
const wellFormedKey = `${stack.seededKey.slice(0, 4)}${"0".repeat(32)}_`;

test("ready: /healthz tells the state, and counters to the admin only", async () => {
  const open = await (await fetch(`${url}/healthz`)).json();
  assert.deepEqual(open, { status: "ok", bucket: "working-copy" });
  const admin = await (await fetch(`${url}/healthz`, { headers: { authorization: `Bearer ${api.key}` } })).json();
  assert.equal(admin.gate.traps, 0);
  assert.equal(admin.seededKey, undefined, "the key that was seeded is told once");
  const other = await (await fetch(`${url}/healthz`, { headers: { authorization: "Bearer wrong" } })).json();
  assert.equal(other.gate, undefined);
  assert.equal((await fetch(`${url}/healthz`, { method: "POST" })).status, 405);
});

test("the seeded key is let through, and the bucket holds a small catalog", async () => {
  assert.match(stack.seededKey, /^tgk_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/);
  const { status, body } = await caller(url, stack.seededKey)("/todos");
  assert.equal(status, 200);
  assert.equal(body.length, 3);
  const plans = await api.get("plans");
  assert.ok(plans.totalCount >= 1);
});

test("S6.2: no key and a wrong key are 401, a key of another bucket is 403", async () => {
  const path = `${url}/v3/metering/working-copy/plans`;
  assert.equal((await fetch(path)).status, 401);
  assert.equal((await fetch(path, { headers: { authorization: "Bearer tg_wrong" } })).status, 401);
  const preview = new ControlPlane(url, api.key, "preview");
  const answer = await preview.post("service-keys", { name: "for preview", role: "admin" });
  const foreign = { authorization: `Bearer ${answer.key}` };
  assert.equal((await fetch(`${url}/v3/metering/preview/plans`, { headers: foreign })).status, 200);
  assert.equal((await fetch(path, { headers: foreign })).status, 403);
});

let acme;
let limited;

test("a catalog is made, and a customer subscribes: the API key is shown once", async () => {
  await plan(api, "tiny", { api_requests: 5, tokens: 100 }, ["bulk_export"]);
  acme = await subscribe(api, "tiny", "walk-acme");
  assert.match(acme.apiKey.key, /^tgk_/);
  const read = await api.get(`subscriptions/${acme.id}`);
  assert.equal(read.status, "active");
  assert.ok(!JSON.stringify(read).includes(acme.apiKey.key));
});

test("requests pass until the quota is spent; the limit is exact", async () => {
  const ask = caller(url, acme.apiKey.key);
  for (let i = 0; i < 5; i++) assert.equal((await ask("/todos")).status, 200, `request ${i + 1}`);
  const { status, headers, body } = await ask("/todos");
  assert.equal(status, 403);
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(body.detail, 'API Key has exceeded the allowed limit for "api_requests" meter.');
  assert.equal(body.code, "quota_exhausted");
  assert.equal(body.instance, "/todos");
  assert.ok(body.trace.requestId);
  assert.ok(!JSON.stringify(body).includes(acme.apiKey.key));
});

test("what the ledger has is what was sent, and what the refused ones sent is not there", async () => {
  assert.equal(await api.usageReaching("api_requests", acme.id, 5), 5);
  const { entitlements } = await api.get(`subscriptions/${acme.id}/access`);
  assert.equal(Number(entitlements.api_requests.usage), 5);
  assert.equal(Number(entitlements.api_requests.balance), 0);
  assert.equal(entitlements.api_requests.hasAccess, false);
});

test("concurrent requests at the limit: not one too many", async () => {
  await plan(api, "ten", { api_requests: 10 });
  limited = await subscribe(api, "ten", "walk-crowd");
  const ask = caller(url, limited.apiKey.key);
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask("/todos")));
  const count = (status) => answers.filter((answer) => answer.status === status).length;
  assert.deepEqual([count(200), count(403)], [10, 30]);
  assert.equal(await api.usageReaching("api_requests", limited.id, 10), 10);
});

test("a response that is not a success is neither metered nor charged against the quota", async () => {
  await plan(api, "two", { api_requests: 2 });
  const { id, apiKey } = await subscribe(api, "two", "walk-failing");
  const ask = caller(url, apiKey.key);
  for (const code of [500, 404, 302, 503]) assert.equal((await ask(`/status/${code}`)).status, code);
  for (const [method, code] of [
    ["POST", 201],
    ["DELETE", 204],
  ]) {
    assert.equal((await ask(`/status/${code}`, { method })).status, code);
  }
  assert.equal((await ask("/todos")).status, 403);
  assert.equal(await api.usageReaching("api_requests", id, 2), 2);
});

test("a meter that only the response knows: recorded as it says, and it blocks once spent", async () => {
  await plan(api, "talkative", { api_requests: 100, tokens: 100 });
  const { id, apiKey } = await subscribe(api, "talkative", "walk-talkative");
  const ask = caller(url, apiKey.key);
  const generate = (tokens) => ask("/generate", { method: "POST", body: JSON.stringify({ tokens }) });
  assert.deepEqual((await generate(60)).body.usage, { total_tokens: 60 });
  assert.equal((await generate(60)).status, 200, "more than what is left completes once");
  const refused = await generate(1);
  assert.equal(refused.status, 403);
  assert.equal(refused.body.detail, 'API Key has exceeded the allowed limit for "tokens" meter.');
  assert.equal(await api.usageReaching("tokens", id, 120), 120);
  assert.equal(await api.usageReaching("api_requests", id, 2), 2);
  // The other meter is not spent.
  assert.equal((await ask("/todos")).status, 200);
});

test("what the API refuses is not charged: bad bodies", async () => {
  const { id, apiKey } = await subscribe(api, "talkative", "walk-bad-bodies");
  const ask = caller(url, apiKey.key);
  for (const body of ["", "{", "[]", "null", '{"tokens": "5"}', '{"tokens": -1}', '{"tokens": 1.5}']) {
    assert.equal((await ask("/generate", { method: "POST", body })).status, 400, body);
  }
  assert.equal((await ask("/generate", { method: "POST", body: '{"tokens": 1}' })).status, 200);
  assert.equal(await api.usageReaching("api_requests", id, 1), 1);
  assert.equal(await api.usageReaching("tokens", id, 1), 1);
});

test("a required entitlement opens a route, and its absence closes it", async () => {
  assert.equal((await caller(url, acme.apiKey.key)("/export")).status, 200);
  const { status, body } = await caller(url, limited.apiKey.key)("/export");
  assert.equal(status, 403);
  assert.equal(body.detail, 'The required "bulk_export" entitlement is not allowed or its quota has been exhausted.');
});

test("no key, other schemes, bad and unknown keys: each by its own message", async () => {
  const detail = async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${url}/todos`, { headers });
    assert.equal(response.status, 403);
    return (await response.json()).detail;
  };
  assert.equal(await detail(undefined), "No Authorization Header");
  assert.equal(await detail("Basic abc"), "Invalid Authorization Scheme");
  assert.equal(await detail("Bearer"), "No key present");
  assert.equal(await detail("Bearer abc"), "API Key is invalid or does not have access to the API");
  // Its checksum is wrong: nobody is asked, so nothing is remembered either.
  for (let i = 0; i < 2; i++) {
    assert.equal(
      await detail(`Bearer ${wellFormedKey}000000`),
      "API Key is invalid or does not have access to the API",
    );
  }
});

test("a subscription that is canceled is refused without waiting for a cache", async () => {
  const { id, apiKey } = await subscribe(api, "talkative", "walk-canceled");
  const ask = caller(url, apiKey.key);
  await api.post(`subscriptions/${id}/cancel`, { timing: "immediate" });
  const { status, body } = await ask("/todos");
  assert.equal(status, 403);
  assert.equal(body.detail, "API Key has an expired subscription.");
});

test("404 and 405 in the gateway and in the control plane", async () => {
  const unknown = await fetch(`${url}/nowhere`);
  assert.equal(unknown.status, 404);
  assert.equal(unknown.headers.get("content-type"), "application/problem+json");
  const method = await fetch(`${url}/todos`, { method: "DELETE" });
  assert.equal(method.status, 405);
  assert.equal(method.headers.get("allow"), "GET, HEAD");
  assert.equal((await api.send("GET", "nothing")).status, 404);
  const refused = await api.send("PATCH", "plans");
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "POST, GET");
});

test("S6.1: buckets are isolated: catalog, customers, keys and usage", async () => {
  const preview = new ControlPlane(url, api.key, "preview");
  assert.equal((await preview.get("plans")).totalCount, 0);
  assert.equal((await preview.send("GET", `subscriptions/${acme.id}`)).status, 404);
  assert.equal((await preview.send("GET", "customers/walk-acme")).status, 404);
  await meter(preview, "api_requests");
  await plan(preview, "tiny", { api_requests: 5 });
  const theirs = await subscribe(preview, "tiny", "walk-acme");
  // Its key opens its own bucket only, and this gateway serves another.
  const { status, body } = await caller(url, theirs.apiKey.key)("/todos");
  assert.equal(status, 403);
  assert.equal(body.detail, "API Key is invalid or does not have access to the API");
  assert.equal(await preview.usage("api_requests", theirs.id), 0);
  const elsewhere = await preview.send("POST", "events", [event(acme.id, "preview-1")], BATCH);
  assert.ok([400, 422].includes(elsewhere.status), `${elsewhere.status}`);
  assert.equal(await api.usage("api_requests", acme.id), 5);
});

const BATCH = { "content-type": "application/cloudevents-batch+json" };

function event(subscription, id, total = 1) {
  const time = new Date().toISOString();
  return {
    id,
    specversion: "1.0",
    type: "api_requests",
    source: "walk",
    subject: subscription,
    subscription,
    time,
    data: { total },
  };
}

test("M2, M4: events are counted once, however often and in whatever batches they come", async () => {
  const { id } = await subscribe(api, "talkative", "walk-events");
  const [one, two] = [event(id, "e1", 0.1), event(id, "e2", 0.2)];
  for (const batch of [[one], [two, one], [one, two], [two, two]]) {
    assert.equal((await api.send("POST", "events", batch, BATCH)).status, 204);
  }
  assert.equal(await api.usage("api_requests", id), 0.3);
});

test("a batch with a bad event is refused whole, by field and rule", async () => {
  const { id } = await subscribe(api, "talkative", "walk-bad-events");
  const bad = { ...event(id, "b2"), data: { total: -1 } };
  const { status, body } = await api.send("POST", "events", [event(id, "b1"), bad], BATCH);
  assert.ok([400, 422].includes(status));
  assert.match(JSON.stringify(body.invalidParameters), /total/);
  assert.equal(await api.usage("api_requests", id), 0);
});

test("everything that was let through was metered: the gateway's own count agrees", async () => {
  const { gate } = await (await fetch(`${url}/healthz`, { headers: { authorization: `Bearer ${api.key}` } })).json();
  assert.equal(gate.module.inFlight, 0);
  assert.equal(gate.module.outbox, 0);
  assert.equal(gate.eventsLost + gate.traps + gate.staleHandles, 0);
  assert.equal((await api.get("dead-letters")).totalCount, 0);
});
