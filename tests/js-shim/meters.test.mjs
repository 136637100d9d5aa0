import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AllowedRequest,
  addMeters,
  attach,
  Gate,
  getMeters,
  getSubscriptionData,
  getUser,
  MeterError,
  setMeters,
} from "tollgate";
import { decide, NOW, policies, snapshot, World } from "./world.mjs";

async function allowed(options = { meters: { api_requests: 1 } }, balances = { api_requests: 1000, tokens: 1000 }) {
  const world = new World();
  world.set("k1", snapshot({}, balances));
  const gate = new Gate({ policies: policies({ p: options }), ...world.options });
  const request = new AllowedRequest(gate, await decide(gate, "Bearer k1"));
  const key = {};
  attach(key, request);
  const finish = async (status = 200) => {
    request.finish(status);
    await gate.flush();
    return Object.fromEntries(world.sent.map(({ type, data }) => [type, data.total]));
  };
  return { world, gate, request, key, finish };
}

test("S2.5: what stands behind the policy reads its subscription and its caller", async () => {
  const { key, finish } = await allowed();
  assert.equal(getSubscriptionData(key).plan.key, "pro");
  assert.deepEqual(getUser(key), { consumer: "acme-prod", subscriptionId: snapshot().id });
  await finish();
});

test("S2.5: without the policy there is nothing to read, and nobody to charge", () => {
  const key = {};
  assert.equal(getSubscriptionData(key), undefined);
  assert.equal(getUser(key), undefined);
  assert.equal(getMeters(key), undefined);
  assert.throws(() => setMeters(key, { a: 1 }), MeterError);
  assert.throws(() => addMeters(key, { a: 1 }), MeterError);
});

test("a key without a consumer is known by its subscription", async () => {
  const world = new World();
  const { consumer: _, ...nameless } = snapshot();
  world.set("k1", nameless);
  const gate = new Gate({ policies: policies({ p: {} }), ...world.options });
  assert.equal(gate.identity(await decide(gate, "Bearer k1")).consumer, snapshot().id);
});

test("the subscription that is read is the one that decided, also after it changed", async () => {
  const world = new World();
  world.set("k1", snapshot({ name: "before", revision: 1 }));
  const gate = new Gate({ policies: policies({ p: {} }), ...world.options });
  const first = await decide(gate, "Bearer k1");
  assert.equal(gate.subscription(first).name, "before");
  world.set("k1", snapshot({ name: "after", revision: 2, consumer: "renamed" }));
  world.kv.clear();
  world.now = NOW + 61_000;
  const second = await decide(gate, "Bearer k1", 0, world.now);
  assert.equal(gate.subscription(second).name, "after");
  assert.equal(gate.identity(second).consumer, "renamed");
  // An older revision is refused by the module, and its text with it.
  world.set("k1", snapshot({ name: "older", revision: 1 }));
  world.kv.clear();
  world.now = NOW + 122_000;
  const third = await decide(gate, "Bearer k1", 0, world.now);
  assert.equal(gate.subscription(third).name, "after");
});

test("who sent a request is known while it lasts, by the module's word, whatever else its snapshot says", async () => {
  const world = new World();
  // The module reads what it needs and skips the rest: here, something that is no JSON.
  const text = JSON.stringify(snapshot()).replace(/}$/, ',"note":tru}');
  world.onFetch = async () => ({ status: 200, text });
  const gate = new Gate({ policies: policies({ p: {} }), ...world.options });
  const result = await decide(gate, "Bearer k1");
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(gate.identity(result), { consumer: "acme-prod", subscriptionId: snapshot().id });
  }
  assert.equal(gate.subscription(result), undefined);
  gate.finish(result, 200);
  assert.equal(gate.identity(result), undefined);
});

test("S2.6: set replaces, add adds, both exactly", async () => {
  const set = await allowed();
  setMeters(set.key, { api_requests: 50 });
  assert.deepEqual(await set.finish(), { api_requests: 50 });

  const add = await allowed();
  addMeters(add.key, { api_requests: 10 });
  addMeters(add.key, { api_requests: 5 });
  assert.deepEqual(getMeters(add.key), { api_requests: 15 });
  assert.deepEqual(await add.finish(), { api_requests: 16 });

  const exact = await allowed({});
  addMeters(exact.key, { tokens: 0.1 });
  addMeters(exact.key, { tokens: 0.2 });
  assert.deepEqual(getMeters(exact.key), { tokens: 0.3 });
  assert.deepEqual(await exact.finish(), { tokens: 0.3 });

  const replaced = await allowed();
  addMeters(replaced.key, { api_requests: 10, tokens: 3 });
  setMeters(replaced.key, { tokens: 4 });
  assert.deepEqual(getMeters(replaced.key), { tokens: 4 });
  assert.deepEqual(await replaced.finish(), { api_requests: 1, tokens: 4 });
});

test("S2.6: a bad value is an error to the caller, names key and rule, and changes nothing", async () => {
  const bad = [NaN, Infinity, -Infinity, -1, -0.5, 1e300, 0.1 + 0.2, 1e-10, "5", null, undefined, true, {}, 5n];
  for (const value of bad) {
    const { key, finish } = await allowed();
    addMeters(key, { tokens: 2 });
    for (const change of [setMeters, addMeters]) {
      assert.throws(
        () => change(key, { api_requests: 7, tokens: value }),
        (error) => error instanceof MeterError && /tokens/.test(error.message),
        String(value),
      );
    }
    assert.deepEqual(getMeters(key), { tokens: 2 });
    assert.deepEqual(await finish(), { api_requests: 1, tokens: 2 });
  }
});

test("values at the edges are taken: zero, small, large, whole exponents", async () => {
  const { key, finish } = await allowed({}, { a: 1e15, b: 1, c: 1 });
  addMeters(key, { a: 1e15, b: 1e-9, c: -0 });
  assert.deepEqual(await finish(), { a: 1e15, b: 1e-9 });
});

test("meters after the end are an error", async () => {
  const { key, finish } = await allowed();
  await finish();
  assert.throws(() => addMeters(key, { tokens: 1 }), MeterError);
});

test("too many meters on one request are refused by name of the bound, and the rest counts", async () => {
  const { key, finish } = await allowed();
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`m${i}`, 1]));
  assert.throws(() => addMeters(key, many), MeterError);
  assert.throws(() => addMeters(key, { ["x".repeat(40_000)]: 1 }), MeterError);
  addMeters(key, { tokens: 1 });
  assert.deepEqual(await finish(), { api_requests: 1, tokens: 1 });
});
