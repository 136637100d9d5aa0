// S10 of the invariants: a trap costs one instance, never the host.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "tollgate";
import { decide, deferred, digestOf, NOW, policies, snapshot, World } from "./world.mjs";

const ONE = policies({ basic: { meters: { api_requests: 1 } } });
/** An instant that is no number: the module takes it for the bug of the host that it is, and traps. */
const TRAP = Number.NaN;

test("closed: the request is refused with 503, the next one is served by a new instance", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options, buildId: "b1" });
  const before = await decide(gate, "Bearer k1");
  const refused = gate.check(0, "Bearer k1", TRAP);
  assert.ok(refused < 0);
  const { status, body } = gate.problem(refused, 0, "/x", "req_1", NOW);
  assert.equal(status, 503);
  assert.equal(JSON.parse(body).code, "policy_unavailable");
  assert.equal(JSON.parse(body).trace.requestId, "req_1");
  assert.equal(gate.quotaHeaders(refused, 0, NOW), "Retry-After: 1\n");

  const after = await decide(gate, "Bearer k1");
  assert.ok(after > 0);
  assert.equal(gate.counters.traps, 1);
  assert.equal(gate.counters.undecided, 1);
  // Handles of the instance that is gone reach nobody.
  assert.notEqual(before, after);
  assert.equal(gate.identity(before), undefined);
  gate.finish(before, 200);
  assert.equal(gate.counters.staleHandles, 1);
  gate.finish(after, 200);
  await gate.flush();
  assert.equal(world.sent.length, 1);
});

test("open: the request passes, and nothing of it is metered", async () => {
  const world = new World();
  const gate = new Gate({ policies: ONE, ...world.options, failureMode: "open" });
  const result = gate.check(0, "Bearer k1", TRAP);
  assert.ok(result > 0);
  assert.equal(gate.identity(result), undefined);
  assert.equal(gate.subscription(result), undefined);
  gate.finish(result, 200);
  gate.abandon(result);
  await gate.flush();
  assert.equal(world.sent.length, 0);
  assert.equal(gate.counters.staleHandles, 0);
});

test("requests that wait when the instance traps are answered by the failure mode, at once", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const held = deferred();
  world.onFetch = () => held.promise;
  const gate = new Gate({ policies: ONE, ...world.options, lookupTimeoutMs: 10_000 });
  const fetching = decide(gate, "Bearer k1");
  await new Promise((done) => setTimeout(done, 1));
  const waiting = decide(gate, "Bearer k1");
  gate.check(0, "Bearer k2", TRAP);
  const second = await waiting;
  held.resolve(world.answer(digestOf("k1")));
  for (const result of [await fetching, second]) assert.equal(gate.problem(result, 0, "/", "r", NOW).status, 503);
  assert.equal(gate.counters.undecided, 3);
});

test("a trap while a look-up is handed over", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options });
  world.onFetch = (digest) => {
    world.now = TRAP;
    return world.answer(digest);
  };
  const result = await decide(gate, "Bearer k1");
  assert.ok(result < 0);
  assert.equal(gate.counters.traps, 1);
  world.now = NOW;
  world.onFetch = undefined;
  assert.ok((await decide(gate, "Bearer k1")) > 0);
});

test("events that were lost with an instance are counted; those that were out are delivered", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options });
  gate.finish(await decide(gate, "Bearer k1"), 200);
  const sending = deferred();
  world.onSend = () => sending.promise;
  const flush = gate.flush();
  gate.check(0, null, TRAP);
  sending.resolve();
  await flush;
  assert.equal(world.sent.length, 1);

  gate.finish(await decide(gate, "Bearer k1"), 200);
  gate.check(0, null, TRAP);
  assert.equal(gate.counters.eventsLost, 1);
  world.onSend = undefined;
  await gate.flush();
  assert.equal(world.sent.length, 1);
});

test("instances name their events apart", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = new Gate({ policies: ONE, ...world.options });
  for (let i = 0; i < 3; i++) {
    gate.finish(await decide(gate, "Bearer k1"), 200);
    await gate.flush();
    gate.check(0, null, TRAP);
  }
  assert.equal(new Set(world.sent.map(({ id }) => id)).size, 3);
});
