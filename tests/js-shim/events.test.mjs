import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "tollgate";
import { abandonedByRuntime, decide, deferred, policies, snapshot, World } from "./world.mjs";

const ONE = policies({ basic: { meters: { api_requests: 1 } } });

/** Takes a place for each request, and lets usage pass that it cannot record. */
const NO_ROOM = policies({ basic: { meters: { api_requests: 1 }, merge: false, whenUndeliverable: "allow" } });

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

test("T4: a clock that is put back does not hold usage up until it has caught up", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 5 });
  const result = await decide(gate, "Bearer k1", 0, world.now);
  await abandonedByRuntime(() => gate.finish(result, 200, "", { waitUntil: () => {} }));
  world.now -= 3_600_000;
  const held = [];
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

/** Uses the keys of these numbers once each, of as many subscriptions: nothing merges. */
async function usedByMany(world, gate, from, to) {
  for (let i = from; i < to; i++) {
    world.set(`k${i}`, snapshot({ id: `sub-${i}` }));
    await used(world, gate, `k${i}`);
  }
}

/** Holds everything that is sent; answers what settles each. */
function holdSends(world) {
  const sends = [];
  world.onSend = () => {
    const sending = deferred();
    sends.push({ ...sending, at: Date.now() });
    return sending.promise;
  };
  return sends;
}

const turns = (ms = 0) => new Promise((done) => setTimeout(done, ms));

// S3.1: while delivery works nothing is dropped, so one slow answer must not hold up all others.
test("six batches are under way at once, each confirmed on its own", async () => {
  const world = new World();
  const gate = new Gate({ policies: ONE, ...world.options, batchesAtOnce: 6, flushIntervalMs: 1_000_000 });
  const sends = holdSends(world);
  await usedByMany(world, gate, 0, 99);
  await turns();
  assert.equal(sends.length, 0, "less than a batch waits for the flush that is planned");
  await usedByMany(world, gate, 99, 899);
  await turns();
  assert.equal(sends.length, 6, "a full batch leaves at once");
  sends[4].resolve();
  await turns();
  assert.equal(sends.length, 7);
  assert.equal(gate.counters.batchesSent, 1);
  assert.equal(gate.stats().module.outbox, 899 - 100);
  world.onSend = undefined;
  for (const { resolve } of sends) resolve();
  await turns(20);
  await gate.flush();
  assert.equal(new Set(world.sent.map(({ id }) => id)).size, 899);
  assert.equal(gate.stats().module.outbox, 0);
});

test("less than a full batch waits behind the one under way: no message for a handful of events", async () => {
  const world = new World();
  const gate = new Gate({ policies: ONE, ...world.options, flushIntervalMs: 10 });
  const first = deferred();
  let sends = 0;
  world.onSend = () => (sends++ === 0 ? first.promise : undefined);
  await usedByMany(world, gate, 0, 1);
  await turns(40);
  world.now += 5_000;
  await used(world, gate, "k0");
  await turns(40);
  assert.equal(sends, 1);
  first.resolve();
  await turns();
  assert.equal(sends, 2);
});

test("batches that fail together are one failure; one alone tries whether it works again, then all go", async () => {
  const world = new World();
  const gate = new Gate({ policies: ONE, ...world.options, batchesAtOnce: 6, flushIntervalMs: 40 });
  const sends = holdSends(world);
  await usedByMany(world, gate, 0, 600);
  await turns(5);
  assert.equal(sends.length, 6);
  const failedAt = Date.now();
  for (const { reject } of sends) reject(new Error("the queue is down"));
  await turns(120);
  assert.equal(sends.length, 7, "after twice the interval, one");
  assert.ok(sends[6].at - failedAt >= 75);
  sends[6].reject(new Error("still down"));
  await turns(200);
  assert.equal(sends.length, 8, "after four times the interval, one");
  assert.ok(sends[7].at - sends[6].at >= 155);
  world.onSend = undefined;
  sends[7].resolve();
  await turns(10);
  assert.equal(new Set(world.sent.map(({ id }) => id)).size, 600);
  assert.equal(gate.counters.batchesFailed, 7);
});

test("M10: what is lost is one figure, with instances that trapped and for want of room", async () => {
  const world = new World();
  const gate = new Gate({ policies: NO_ROOM, ...world.options, batchesAtOnce: 6, flushIntervalMs: 1_000_000 });
  const held = deferred();
  world.onSend = () => held.promise;
  // Nothing is taken, and the outbox fills up: what goes beyond it is let through and lost.
  let places = 0;
  world.set("k1", snapshot({}, { api_requests: 100_000 }));
  for (; gate.stats().eventsLost === 0 && places < 20_000; places++) await used(world, gate);
  places--;
  await turns(5);
  const lost = gate.stats().eventsLost;
  assert.equal(lost, 1);
  assert.equal(gate.stats().module.eventsLost, undefined, "no second figure");
  assert.equal(gate.counters.eventsLost, lost);
  const { outbox, outboxWaiting } = gate.stats().module;
  assert.equal(outbox - outboxWaiting, 600, "six batches are under way");
  gate.check(0, null, Number.NaN);
  assert.equal(gate.stats().eventsLost, lost + outboxWaiting);
  held.reject(new Error("it never arrived"));
  await turns(10);
  assert.equal(gate.stats().eventsLost, places + lost);
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
