import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, describePolicies, Gate } from "tollgate";
import { abandonedByRuntime, decide, deferred, digestOf, NOW, policies, snapshot, World } from "./world.mjs";

const ONE = policies({ basic: { meters: { api_requests: 1 } } });

function gateFor(world, more = {}) {
  return new Gate({ policies: ONE, ...world.options, ...more });
}

test("a cached key is decided in the same turn, an unknown one by a look-up", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = gateFor(world);
  assert.equal(gate.check(0, "Bearer k1", NOW), 0);
  const { result } = await gate.settle(0);
  assert.ok(result > 0);
  assert.ok(gate.check(0, "Bearer k1", NOW) > 0);
  assert.deepEqual(world.lookups, [digestOf("k1")]);
});

test("a refusal is an answer in problem+json with the path, the request and the build", async () => {
  const gate = gateFor(new World(), { buildId: "build_1" });
  const result = await decide(gate, null);
  const { status, body } = gate.problem(result, 0, '/a"b', "req_1", NOW);
  assert.equal(status, 403);
  const problem = JSON.parse(body);
  assert.equal(problem.detail, "No Authorization Header");
  assert.equal(problem.instance, '/a"b');
  assert.deepEqual(problem.trace, { timestamp: "2026-01-15T10:00:00Z", requestId: "req_1", buildId: "build_1" });
});

test("a very long path is quoted in part", async () => {
  const gate = gateFor(new World());
  const result = await decide(gate, null);
  const { body } = gate.problem(result, 0, `/${"x".repeat(100_000)}`, "r".repeat(1000), NOW);
  assert.equal(JSON.parse(body).instance.length, 2048);
});

test("a configuration error names policy, option, value and rule, and nothing starts", () => {
  const world = new World();
  const bad = policies({ basic: { meters: { api_requests: -1 } } });
  assert.throws(
    () => gateFor(world, { policies: bad }),
    (error) => error instanceof ConfigurationError && /basic.*meters.*api_requests.*-1.*at least 0/.test(error.message),
  );
  assert.throws(() => describePolicies(JSON.stringify(bad)), ConfigurationError);
  assert.throws(() => gateFor(world, { policies: "{" }), ConfigurationError);
  assert.throws(() => gateFor(world, { policies: " ".repeat(40_000) }), ConfigurationError);
  assert.throws(() => gateFor(world, { buildId: "b".repeat(65) }), ConfigurationError);
  assert.throws(() => gateFor(world, { buildId: "b".repeat(40_000) }), ConfigurationError);
  assert.equal(describePolicies(JSON.stringify(ONE))[0].name, "basic");
});

test("a policy is found by its name", () => {
  const gate = gateFor(new World(), { policies: policies({ a: {}, b: { authHeader: "X-Api-Key", authScheme: "" } }) });
  assert.equal(gate.policy("b"), 1);
  assert.equal(gate.policies[1].authHeader, "x-api-key");
  assert.throws(() => gate.policy("c"), /no policy is named "c"/);
});

test("concurrent misses of one key share one look-up", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = gateFor(world);
  const results = await Promise.all(Array.from({ length: 50 }, () => decide(gate, "Bearer k1")));
  assert.equal(new Set(results).size, 50);
  assert.ok(results.every((result) => result > 0));
  assert.equal(world.lookups.length, 1);
});

test("concurrent misses of an unknown key share one look-up, and one refusal", async () => {
  const world = new World();
  const gate = gateFor(world);
  const results = await Promise.all(Array.from({ length: 20 }, () => decide(gate, "Bearer nobody")));
  const details = results.map((result) => JSON.parse(gate.problem(result, 0, "/", "r", NOW).body).detail);
  assert.deepEqual([...new Set(details)], ["API Key is invalid or does not have access to the API"]);
  assert.equal(world.lookups.length, 1);
  assert.equal(
    JSON.parse(gate.problem(await decide(gate, "Bearer nobody"), 0, "/", "r", NOW).body).detail,
    "Authorization Failed",
  );
  assert.equal(world.lookups.length, 1);
});

test("a waiting request takes the look-up over from one that went away, whose late answer harms nobody", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const stuck = deferred();
  const gate = gateFor(world, { lookupTimeoutMs: 50 });
  world.onFetch = () => stuck.promise;
  const { work: first } = await abandonedByRuntime(() => decide(gate, "Bearer k1"));
  assert.equal(world.lookups.length, 1);
  world.onFetch = undefined;
  const others = await Promise.all([1, 2, 3].map(() => decide(gate, "Bearer k1")));
  assert.ok(others.every((result) => result > 0));
  assert.equal(gate.counters.takeOvers >= 1, true);
  assert.equal(world.lookups.length, 2);
  // Should it come back after all, it is served by what the other one fetched.
  stuck.resolve({ status: 404 });
  assert.ok((await first) > 0);
  assert.equal(gate.stats().module.inFlight, 4);
});

test("a look-up that is slow, but within its time, is not taken over", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gates = [];
  const held = deferred();
  world.onFetch = (digest) => {
    gates.push(digest);
    return gates.length === 1 ? held.promise : world.answer(digest);
  };
  const gate = gateFor(world, { lookupTimeoutMs: 200 });
  const first = decide(gate, "Bearer k1");
  await new Promise((done) => setTimeout(done, 1));
  const second = decide(gate, "Bearer k1");
  await new Promise((done) => setTimeout(done, 150));
  assert.equal(gates.length, 1);
  held.resolve(world.answer(digestOf("k1")));
  const results = await Promise.all([first, second]);
  assert.ok(results.every((result) => result > 0));
  assert.equal(gates.length, 1);
});

test("S4.2: a fetched snapshot goes to KV with its age, and another isolate takes it from there", async () => {
  const world = new World();
  world.set("k1", snapshot());
  await decide(gateFor(world), "Bearer k1");
  const stored = world.kv.get(digestOf("k1"));
  assert.equal(stored.takenAt, NOW);
  assert.ok(stored.ttlSeconds >= 60);
  assert.equal(JSON.parse(stored.text).id, snapshot().id);

  world.now = NOW + 30_000;
  const other = gateFor(world);
  assert.ok((await decide(other, "Bearer k1", 0, world.now)) > 0);
  assert.equal(world.lookups.length, 1);
  // Its age counts from when it was made, not from when it was read.
  world.now = NOW + 61_000;
  assert.ok((await decide(other, "Bearer k1", 0, world.now)) > 0);
  assert.equal(world.lookups.length, 2);
});

test("S4.4: garbage from the control plane counts as an outage: a known key goes on, others are refused", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const gate = gateFor(world);
  await decide(gate, "Bearer k1");
  world.kv.clear();
  world.now = NOW + 120_000;
  const garbage = [
    "",
    "<html>",
    "[]",
    "null",
    '{"id":7}',
    `{"id":"x","pad":"${"x".repeat(40_000)}"}`,
    '{"id":"x"',
    '{"id":"s"}',
  ];
  for (const text of garbage) {
    world.onFetch = async () => ({ status: 200, text });
    assert.ok((await decide(gate, "Bearer k1", 0, world.now)) > 0, text.slice(0, 20));
    const refused = await decide(gate, `Bearer other${garbage.indexOf(text)}`, 0, world.now);
    assert.equal(JSON.parse(gate.problem(refused, 0, "/", "r", NOW).body).detail, "Authorization Failed");
    world.now += 10_000;
  }
  assert.equal(gate.counters.traps, 0);
});

test("each way of answering nothing is an outage", async () => {
  const world = new World();
  const gate = gateFor(world, { lookupTimeoutMs: 50 });
  const ways = [
    async () => ({ status: 500 }),
    async () => ({ status: 200 }),
    async () => ({ status: 302 }),
    () => Promise.reject(new Error("refused")),
    () => {
      throw new Error("thrown");
    },
    () => new Promise(() => {}),
  ];
  for (const [i, way] of ways.entries()) {
    world.onFetch = way;
    const result = await decide(gate, `Bearer key${i}`);
    assert.equal(JSON.parse(gate.problem(result, 0, "/", "r", NOW).body).detail, "Authorization Failed");
  }
  assert.equal(gate.counters.lookupsFailed, ways.length);
});

test("a KV that fails does not matter", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const { options } = world;
  options.snapshots.kvGet = () => Promise.reject(new Error("KV is down"));
  options.snapshots.kvPut = () => Promise.reject(new Error("KV is down"));
  const gate = new Gate({ policies: ONE, ...options });
  assert.ok((await decide(gate, "Bearer k1")) > 0);
  await new Promise((done) => setImmediate(done));
  assert.equal(gate.counters.kvReadsFailed, 1);
  assert.equal(gate.counters.kvWritesFailed, 1);
  assert.ok(world.errors.every((error) => !error.includes("k1")));
});

test("background work outlives the request through waitUntil", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const works = [];
  const context = { waitUntil: (work) => works.push(work) };
  const gate = gateFor(world, { flushIntervalMs: 1 });
  const result = await decide(gate, "Bearer k1", 0, NOW, context);
  gate.finish(result, 200, "", context);
  await Promise.all(works);
  assert.equal(world.sent.length, 1);
  assert.equal(world.kv.size, 1);
});

test("several policies share a cache; each reads its own header", async () => {
  const world = new World();
  world.set("k1", snapshot());
  const options = { a: { meters: { api_requests: 1 } }, b: { authHeader: "x-key", authScheme: "" } };
  for (const knownHeaders of [false, true]) {
    const gate = gateFor(world, { policies: policies(options), knownHeaders });
    assert.ok((await decide(gate, "Bearer k1", 0)) > 0);
    assert.ok(gate.check(1, "k1", NOW) > 0);
    // What one policy knows by its scheme means nothing to the other.
    assert.ok((await decide(gate, "Bearer k1", 1)) < 0);
    assert.ok((await decide(gate, "k1", 0)) < 0);
  }
});
