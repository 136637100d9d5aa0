import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "tollgate";
import { abandonedByRuntime, decide, deferred, policies, snapshot, World } from "./world.mjs";

const ONE = policies({ basic: { meters: { api_requests: 1 } } });

async function used(world, gate, key = "k1") {
  const result = await decide(gate, `Bearer ${key}`, 0, world.now);
  gate.finish(result, 200);
}

const total = (events) => events.reduce((sum, { data }) => sum + data.total, 0);

test("what was used is sent, merged, after a moment", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 20 });
  for (let i = 0; i < 10; i++) await used(world, gate);
  assert.equal(world.sent.length, 0);
  await new Promise((done) => setTimeout(done, 60));
  assert.equal(world.sent.length, 1);
  assert.equal(total(world.sent), 10);
  const [event] = world.sent;
  assert.equal(event.type, "api_requests");
  assert.equal(event.subscription, snapshot().id);
});

test("M1: a batch that failed is sent again with the same ids, until it is taken", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 5 });
  const tries = [];
  world.onSend = (batch) => {
    tries.push(JSON.parse(batch).map(({ id }) => id));
    if (tries.length < 4) throw new Error("the queue is down");
  };
  await used(world, gate);
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(tries.length, 4);
  assert.equal(new Set(tries.flat()).size, 1);
  assert.equal(total(world.sent), 1);
  assert.equal(gate.counters.batchesFailed, 3);
  assert.equal(gate.stats().module.outbox, 0);
});

test("a sink that never answers is given up, and the events go out later", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 5, sendTimeoutMs: 30 });
  let tries = 0;
  world.onSend = () => (tries++ === 0 ? new Promise(() => {}) : undefined);
  await used(world, gate);
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(total(world.sent), 1);
  assert.equal(gate.counters.batchesFailed, 1);
});

test("a flush that died with its request does not hold the events for ever", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, sendTimeoutMs: 1_000_000 });
  const hung = deferred();
  world.onSend = () => hung.promise;
  await used(world, gate);
  const dead = gate.flush();
  world.onSend = undefined;
  await gate.flush();
  assert.equal(world.sent.length, 0, "one batch is out at a time");
  world.now += 3_000_000;
  await gate.flush();
  assert.equal(total(world.sent), 1);
  const [{ id }] = world.sent;
  // The dead one comes back to life: what it sent twice has the same id, and nothing else goes wrong.
  hung.resolve();
  await dead;
  assert.deepEqual(new Set(world.sent.map((event) => event.id)), new Set([id]));
  assert.equal(gate.stats().module.outbox, 0);
});

test("a plan of a request that went away is made anew by a later one", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 10 });
  const held = [];
  const result = await decide(gate, "Bearer k1");
  await abandonedByRuntime(() => gate.finish(result, 200, "", { waitUntil: () => {} }));
  world.now += 5_000;
  const context = { waitUntil: (work) => held.push(work) };
  gate.finish(await decide(gate, "Bearer k1", 0, world.now), 200, "", context);
  await Promise.all(held);
  assert.equal(total(world.sent), 2);
});

test("more than a batch holds goes out in several", async () => {
  const world = new World();
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 1_000 });
  for (let i = 0; i < 250; i++) {
    world.set(`k${i}`, snapshot({ id: `sub-${i}` }));
    await used(world, gate, `k${i}`);
  }
  await gate.flush();
  assert.equal(gate.counters.batchesSent, 3);
  assert.equal(new Set(world.sent.map(({ id }) => id)).size, 250);
});

test("a status that is not metered, and an abandoned request, record nothing", async () => {
  const world = new World();
  world.set("k1", snapshot({}, { api_requests: 1 }));
  const gate = new Gate({ policies: ONE, ...world.options });
  gate.finish(await decide(gate, "Bearer k1"), 500);
  gate.abandon(await decide(gate, "Bearer k1"));
  // What was reserved came back both times.
  const last = await decide(gate, "Bearer k1");
  assert.ok(last > 0);
  await gate.flush();
  assert.equal(world.sent.length, 0);
});

test("ending a request twice is counted and changes nothing", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options });
  const result = await decide(gate, "Bearer k1");
  gate.finish(result, 200);
  gate.finish(result, 200);
  gate.abandon(result);
  await gate.flush();
  assert.equal(total(world.sent), 1);
  assert.equal(gate.counters.staleHandles, 2);
  assert.equal(gate.identity(result), undefined);
});
