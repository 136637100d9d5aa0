// S4.2, S4.4: one look-up for a key, whoever goes away meanwhile; what is handed over, and with which age.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "tollgate";
import { abandonedByRuntime, decide, deferred, digestOf, NOW, policies, snapshot, World } from "./world.mjs";

const ONE = policies({ basic: { meters: { api_requests: 1 } } });
const HOUR = 3_600_000;

function gateFor(world, more = {}) {
  return new Gate({ policies: ONE, ...world.options, ...more });
}

const later = (ms) => new Promise((done) => setTimeout(done, ms));
const crowd = (gate, key, size) => Promise.all(Array.from({ length: size }, () => decide(gate, `Bearer ${key}`)));
const detail = (gate, result) => JSON.parse(gate.problem(result, 0, "/", "r", NOW).body).detail;

/** Counts the questions that are under way at one moment, answered by `answer`. */
function watched(world, answer) {
  const seen = { most: 0, now: 0 };
  world.onFetch = async (digest, signal) => {
    seen.now++;
    seen.most = Math.max(seen.most, seen.now);
    try {
      return await answer(digest, signal);
    } finally {
      seen.now--;
    }
  };
  return seen;
}

/** Rejects when the signal says so. */
const stopped = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));

test("S4.4: 200 requests for one key, KV and control plane both slow: one question, no take-over", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const { options } = world;
  // Each within its time, together far beyond it.
  options.snapshots.kvGet = () => later(80).then(() => null);
  const seen = watched(world, (digest) => later(80).then(() => world.answer(digest)));
  const gate = new Gate({ policies: ONE, ...options, lookupTimeoutMs: 100 });
  const results = await crowd(gate, "k1", 200);
  assert.ok(results.every((result) => result > 0));
  assert.deepEqual([world.lookups.length, seen.most, gate.counters.takeOvers], [1, 1, 0]);
});

test("S4.4: a control plane slower than its time-out: one question at a time; once it answers, all go on", async () => {
  const world = new World();
  world.set("k1", snapshot());
  let slow = 300;
  const seen = watched(world, (digest, signal) =>
    Promise.race([later(slow).then(() => world.answer(digest)), stopped(signal)]),
  );
  const gate = gateFor(world, { lookupTimeoutMs: 100 });
  for (let round = 0; round < 2; round++) {
    const refused = await crowd(gate, "k1", 200);
    assert.deepEqual([...new Set(refused.map((result) => detail(gate, result)))], ["Authorization Failed"]);
    assert.equal(world.lookups.length, round + 1);
  }
  slow = 50;
  assert.ok((await crowd(gate, "k1", 200)).every((result) => result > 0));
  assert.deepEqual([world.lookups.length, seen.most, gate.counters.takeOvers], [3, 1, 0]);
});

test("S4.4: of 200 who wait for one that is gone, one takes its place", async () => {
  const world = new World();
  world.set("k1", snapshot());
  world.onFetch = () => new Promise(() => {});
  const gate = gateFor(world, { lookupTimeoutMs: 50 });
  await abandonedByRuntime(() => decide(gate, "Bearer k1"));
  assert.equal(world.lookups.length, 1);
  const seen = watched(world, (digest) => later(40).then(() => world.answer(digest)));
  assert.ok((await crowd(gate, "k1", 200)).every((result) => result > 0));
  assert.deepEqual([world.lookups.length, seen.most, gate.counters.takeOvers], [2, 1, 1]);
});

test("S4.4: the late answer of one that was taken over from serves all who wait", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const stuck = deferred();
  world.onFetch = () => stuck.promise;
  const gate = gateFor(world, { lookupTimeoutMs: 200 });
  const { work: first } = await abandonedByRuntime(() => decide(gate, "Bearer k1"));
  const takenOver = deferred();
  const other = deferred();
  world.onFetch = () => {
    takenOver.resolve();
    return other.promise;
  };
  let served = 0;
  const waiting = Array.from({ length: 3 }, async () => {
    assert.ok((await decide(gate, "Bearer k1")) > 0);
    served++;
  });
  await takenOver.promise;
  stuck.resolve(world.answer(digestOf("k1")));
  assert.ok((await first) > 0);
  // Two are served at once; the one that took over when its own question ends, however it does.
  await later(0);
  assert.equal(served, 2);
  other.resolve({ status: 500 });
  await Promise.all(waiting);
  assert.equal(gate.counters.staleHandles, 0);
});

test("S4.2: a fetched snapshot is as old as the question, not as its answer", async () => {
  const world = new World();
  world.set("k1", snapshot());
  world.onFetch = (digest) => {
    world.now = NOW + 4_000;
    return world.answer(digest);
  };
  assert.ok((await decide(gateFor(world), "Bearer k1")) > 0);
  assert.equal(world.kv.get(digestOf("k1")).takenAt, NOW);
});

test("S4.2: what KV says of an age is handed over as it is: a snapshot from the future is due", async () => {
  const world = new World();
  world.set("k1", 404);
  world.kv.set(digestOf("k1"), { text: JSON.stringify(snapshot()), takenAt: NOW + HOUR });
  const gate = gateFor(world);
  assert.ok((await decide(gate, "Bearer k1")) < 0);
  assert.equal(world.lookups.length, 1);
});

test("an age in KV that is none is a KV that failed, not a trap", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const ages = [Number.NaN, 1e300, Number.POSITIVE_INFINITY, undefined, "yesterday"];
  for (const takenAt of ages) {
    const gate = gateFor(world);
    world.kv.set(digestOf("k1"), { text: JSON.stringify(snapshot()), takenAt });
    assert.ok((await decide(gate, "Bearer k1")) > 0, String(takenAt));
    assert.deepEqual([gate.counters.traps, gate.counters.kvReadsFailed], [0, 1], String(takenAt));
  }
});

test("S4.4: a credential that is refused is told loudly, though not for every key, and counted apart", async () => {
  for (const status of [401, 403]) {
    const world = new World();
    world.set("k1", snapshot());
    const gate = gateFor(world);
    await decide(gate, "Bearer k1");
    world.kv.clear();
    world.now = NOW + 120_000;
    world.onFetch = async () => ({ status });
    for (let i = 0; i < 5; i++) assert.ok((await decide(gate, `Bearer other${i}`, 0, world.now)) < 0);
    assert.ok((await decide(gate, "Bearer k1", 0, world.now)) > 0, `known, ${status}`);
    assert.equal(gate.counters.credentialRefused, 6);
    assert.equal(gate.counters.lookupsFailed, 0);
    const told = world.errors.filter((error) => error.includes("credential"));
    assert.equal(told.length, 1);
    assert.match(told[0], new RegExp(`it answers ${status}`));
  }
});

test("S6.1: another bucket's snapshot is no answer, and counted", async () => {
  const world = new World();
  world.set("ours", snapshot({ bucket: "preview" }));
  world.set("theirs", snapshot({ bucket: "working-copy" }));
  const gate = gateFor(world, { bucket: "preview" });
  assert.ok((await decide(gate, "Bearer ours")) > 0);
  assert.equal(gate.counters.lookupsFailed, 0);
  assert.equal(detail(gate, await decide(gate, "Bearer theirs")), "Authorization Failed");
  assert.equal(gate.counters.lookupsFailed, 1);
  assert.match(world.errors[0], /snapshot was not taken/);
});

test("a bucket's name that the module cannot take is a configuration error", () => {
  assert.throws(() => gateFor(new World(), { bucket: "b".repeat(65) }), { name: "ConfigurationError" });
});

test("whoever is told of an error and throws ends nothing", async () => {
  const world = new World();
  world.onFetch = () => Promise.reject(new Error("down"));
  const onError = () => {
    throw new Error("the log is full");
  };
  const gate = gateFor(world, { onError });
  assert.equal(detail(gate, await decide(gate, "Bearer k1")), "Authorization Failed");
  assert.equal(gate.counters.traps, 0);
});

test("S4.3: more look-ups at once than there may be are refused with 503, and told when to come back", async () => {
  const world = new World();
  const held = deferred();
  world.onFetch = () => held.promise;
  const gate = gateFor(world);
  const looked = Array.from({ length: 400 }, (_, i) => {
    const result = gate.check(0, `Bearer unknown${i}`, NOW);
    if (result === 0) return gate.settle(0);
    return { result, quotaHeaders: gate.quotaHeaders(result, 0, NOW), ...gate.problem(result, 0, "/", "r", NOW) };
  });
  const refused = looked.filter((outcome) => !(outcome instanceof Promise));
  assert.ok(refused.length > 0);
  for (const { status, body, quotaHeaders } of refused) {
    assert.deepEqual([status, JSON.parse(body).code], [503, "overloaded"]);
    assert.match(quotaHeaders, /^Retry-After: [1-9]\d*\n$/);
  }
  held.resolve({ status: 404 });
  await Promise.all(looked);
});
