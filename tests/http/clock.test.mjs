// The test clock (S10): the control plane and the edge live in the time that it shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { caller, clockSeen, configuration, policy, start } from "./harness.mjs";

const POLICIES = [policy("counted", { meters: { api_requests: 1 } })];
const ROUTES = {
  bucket: "working-copy",
  routes: [{ path: "/todos", methods: ["GET"], upstream: "service:DEMO_UPSTREAM", policies: ["counted"] }],
};
const { url, api } = await start({ config: configuration(POLICIES, ROUTES) });

test("a bucket without a test clock lives in real time", async () => {
  const { now, set, frozen } = await api.get("test-clock");
  assert.ok(Math.abs(Date.parse(now) - Date.now()) < 5_000);
  assert.deepEqual({ set, frozen }, { set: false, frozen: false });
});

test("production refuses a test clock", async () => {
  const production = new ControlPlane(url, api.key, "production");
  for (const [method, path, body] of [
    ["GET", "test-clock"],
    ["PUT", "test-clock", { now: "2030-01-01T00:00:00Z" }],
    ["POST", "test-clock/advance", { by: "P1D" }],
  ]) {
    const { status, body: answer } = await production.send(method, path, body);
    assert.equal(status, 403);
    assert.equal(answer.code, "not_in_production");
  }
});

test("a quota is fresh at the edge when the clock enters the next period", async () => {
  await plan(api, "clocked", { api_requests: 2 });
  const { apiKey, billingAnchor } = await subscribe(api, "clocked", "clock-acme");
  const call = caller(url, apiKey.key);
  assert.equal((await call("/todos")).status, 200);
  assert.equal((await call("/todos")).status, 200);
  assert.equal((await call("/todos")).status, 403);

  const { now } = await api.post("test-clock/advance", { by: "P32D" });
  assert.ok(Date.parse(now) > Date.parse(billingAnchor));
  await clockSeen();
  const fresh = await call("/todos");
  assert.equal(fresh.status, 200, fresh.text);
  const { timestamp } = (await call("/todos").then(() => call("/todos"))).body.trace;
  assert.ok(Date.parse(timestamp) >= Date.parse(now), "refusals are dated by the clock");
});

test("usage is metered at the clock's time", async () => {
  const { items } = await api.get("customers/clock-acme/subscriptions");
  const [{ id }] = items;
  await api.usageReaching("api_requests", id, 4);
  const { now } = await api.get("test-clock");
  const from = new Date(Date.parse(now) - 86_400_000).toISOString();
  const { data } = await api.post("meters/api_requests/query", { filterSubscription: [id], from, to: now });
  assert.equal(
    data.reduce((sum, { value }) => sum + Number(value), 0),
    2,
  );
});

test("a frozen clock stands still until it is moved", async () => {
  const { now } = await api.get("test-clock");
  const target = new Date(Date.parse(now) + 3_600_000).toISOString().replace(/\.\d+Z/, "Z");
  const set = await api.send("PUT", "test-clock", { now: target, frozen: true });
  assert.deepEqual(set.body, { now: target, set: true, frozen: true });
  await clockSeen();
  assert.equal((await api.get("test-clock")).now, target);
  assert.equal((await api.send("PUT", "test-clock", { now: "2020-01-01T00:00:00Z" })).body.code, "clock_backwards");
});
