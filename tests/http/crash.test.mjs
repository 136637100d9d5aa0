// What was acknowledged outlives SIGKILL: catalog rows, API keys, usage.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { caller, scratchFolder } from "./harness.mjs";

const ROUNDS = 3;
const BATCH = { "content-type": "application/cloudevents-batch+json" };

function event(subscription, id) {
  const time = new Date().toISOString();
  return {
    id,
    specversion: "1.0",
    type: "api_requests",
    source: "crash",
    subject: subscription,
    subscription,
    time,
    data: { total: 1 },
  };
}

test("killed between requests, again and again, on one state: nothing that was acknowledged is lost", async () => {
  const state = scratchFolder();
  let stack = await startStack({ port: await freePort(), state });
  const firstKey = stack.seededKey;
  const known = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
      // Rows, and at the very end events: acknowledged, and then no time for anything else.
      await plan(api, `plan_${round}`, { api_requests: 100 });
      const { id, apiKey } = await subscribe(api, `plan_${round}`, `customer-${round}`);
      const ask = caller(stack.url, apiKey.key);
      assert.equal((await ask("/todos")).status, 200);
      assert.equal(await api.usageReaching("api_requests", id, 1), 1);
      known.push({ id, key: apiKey.key, plan: `plan_${round}`, customer: `customer-${round}`, used: 1 });
      for (const subscription of known) {
        for (let i = 0; i < 3; i++) {
          const answer = await api.send(
            "POST",
            "events",
            [event(subscription.id, `${round}-${subscription.id}-${i}`)],
            BATCH,
          );
          assert.equal(answer.status, 204);
          subscription.used++;
        }
      }
      await stack.crash();
      stack = await startStack({ port: await freePort(), state });
      assert.equal(stack.seededKey, undefined, "what was seeded is still there");

      const after = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
      for (const { id, key, plan, customer, used } of known) {
        assert.equal(await after.usage("api_requests", id), used);
        assert.equal((await after.get(`subscriptions/${id}`)).plan.key, plan);
        assert.equal((await after.get(`customers/${customer}`)).key, customer);
        assert.ok(key.startsWith("tgk_"));
      }
      const { items } = await after.get("plans?pageSize=100");
      for (const { plan } of known) assert.ok(items.some((one) => one.key === plan));
      // An event that was acknowledged before the crash is still known by its id: it is not counted again.
      const [oldest] = known;
      await after.send("POST", "events", [event(oldest.id, `${round}-${oldest.id}-0`)], BATCH);
      assert.equal(await after.usage("api_requests", oldest.id), oldest.used);
    }
    // Keys of before the crashes still open.
    for (const { key } of known) assert.equal((await caller(stack.url, key)("/todos")).status, 200);
    assert.equal((await caller(stack.url, firstKey)("/todos")).status, 200);
  } finally {
    await stack.crash();
  }
});

test("stopped in order, it delivers the usage of every request that it has answered", async () => {
  const state = scratchFolder();
  let stack = await startStack({ port: await freePort(), state });
  const ask = caller(stack.url, stack.seededKey);
  const answers = await Promise.all(Array.from({ length: 15 }, () => ask("/todos")));
  assert.ok(answers.every(({ status }) => status === 200));
  await stack.stop();
  stack = await startStack({ port: await freePort(), state });
  try {
    const api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
    const { items } = await api.get("customers/acme/subscriptions");
    assert.equal(await api.usage("api_requests", items[0].id), 15);
  } finally {
    await stack.stop();
  }
});
