// The consumers of the queues, with messages as the platform gives them; the control plane is a function that answers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Gate } from "tollgate";
import { GatewayRules } from "tollgate/internal/gateway";
import { decide, policies, snapshot, World } from "../js-shim/world.mjs";
import { load } from "./load.mjs";

const { consume, queueSink, queueCounters, inFlight } = await load("events-queue.ts", "queue-counters.ts");
const rules = new GatewayRules('{"routes":[{"path":"/","methods":["GET"],"upstream":"service:UP","policies":[]}]}', []);

/** Queues, KV and a control plane around the consumers. `refuses(event)` tells the reason against one. */
function setUp({ refuses = () => undefined, names = true, down = () => false, downWith = 503 } = {}) {
  const world = { posted: [], ledger: new Map(), letters: [], queued: [], kv: new Map(), acked: 0, retried: 0 };
  const plane = {
    ask: async (_method, path, { text }) => {
      if (down(path)) return new Response("down", { status: downWith });
      if (path.endsWith("/dead-letters")) {
        world.letters.push(JSON.parse(text));
        return new Response(null, { status: 204 });
      }
      const events = JSON.parse(text);
      world.posted.push(events.length);
      const wrong = events.flatMap((event, index) => {
        const message = refuses(event);
        return message === undefined ? [] : [{ field: `events[${index}].type`, rule: "exists", message }];
      });
      if (wrong.length > 0) {
        return Response.json({ detail: "bad", ...(names ? { invalidParameters: wrong } : {}) }, { status: 400 });
      }
      for (const event of events) world.ledger.set(event.id, event);
      return new Response(null, { status: 204 });
    },
  };
  const env = {
    DEAD_LETTERS: { sendBatch: async (messages) => void world.queued.push(...messages.map(({ body }) => body)) },
    SNAPSHOTS: { put: async (key, text, { metadata }) => void world.kv.set(key, { text, metadata }) },
  };
  const take = (queue, ...bodies) => {
    const messages = bodies.map((body, i) => ({
      id: `${queue}-${i}`,
      body,
      attempts: 1,
      timestamp: new Date(0),
      ack: () => world.acked++,
      retry: () => world.retried++,
    }));
    return consume({ queue, messages }, env, plane, rules);
  };
  return { world, take };
}

const batchOf = (count) => {
  const events = Array.from({ length: count }, (_, i) => ({ id: `e${i}`, type: "t", data: { total: 1 } }));
  return JSON.stringify({ bucket: "working-copy", events });
};
const difference = (before) =>
  Object.fromEntries(Object.entries(queueCounters).map(([name, value]) => [name, value - before[name]]));

test("one refused event of a hundred: the other 99 go in one request", async () => {
  const { world, take } = setUp({ refuses: ({ id }) => (id === "e7" ? "is unknown" : undefined) });
  const before = { ...queueCounters };
  await take("tollgate-events", batchOf(100));
  assert.deepEqual(world.posted, [100, 99]);
  assert.equal(world.ledger.size, 99);
  assert.equal(world.queued.length, 1);
  assert.equal(world.queued[0].reason, "400: type is unknown");
  assert.equal(world.acked, 1);
  await take("tollgate-dead-letters", ...world.queued);
  assert.equal(world.letters[0].event.id, "e7");
  assert.deepEqual(difference(before), { sent: 0, accepted: 99, rejected: 1, deadLettered: 0, keptMessages: 0 });
});

test("a ledger that names none: halves, not singles", async () => {
  const { world, take } = setUp({ refuses: ({ id }) => (id === "e7" ? "is unknown" : undefined), names: false });
  await take("tollgate-events", batchOf(100));
  assert.equal(world.ledger.size, 99);
  assert.equal(world.queued.length, 1);
  // The whole, then a pair of halves on each of seven levels.
  assert.ok(world.posted.length <= 1 + 2 * 7, String(world.posted));
});

test("refused and not reachable in one batch: nothing is acknowledged, nothing is lost", async () => {
  let posts = 0;
  const { world, take } = setUp({
    refuses: ({ id }) => (id === "e0" ? "is unknown" : undefined),
    down: () => posts++ === 1,
  });
  await take("tollgate-events", batchOf(3));
  assert.deepEqual([world.acked, world.retried, world.queued.length], [0, 1, 0]);
  await take("tollgate-events", batchOf(3));
  assert.deepEqual([world.acked, world.ledger.size, world.queued.length], [1, 2, 1]);
});

// S4.4: garbage is an outage, whatever status it has; what it says it took would be lost.
for (const downWith of [200, 202, 302, 401, 403, 404, 429, 500]) {
  test(`an answer ${downWith} commits nothing`, async () => {
    const { world, take } = setUp({ down: () => true, downWith });
    await take("tollgate-events", batchOf(3));
    await take("tollgate-dead-letters", { bucket: "working-copy", reason: "400: no", event: '{"id":"e9"}' });
    assert.deepEqual([world.acked, world.retried], [0, 2]);
  });
}

const STRANGE = [
  "not json",
  '{"events":[]}',
  '{"bucket":"../x","events":[]}',
  '{"bucket":"preview","events":{}}',
  "",
  7,
  null,
];
for (const body of STRANGE) {
  test(`a message that is none of ours is kept and counted, on every queue: ${JSON.stringify(body)}`, async () => {
    for (const queue of ["tollgate-events", "tollgate-undelivered", "tollgate-last-resort"]) {
      const { world, take } = setUp();
      const before = { ...queueCounters };
      await take(queue, body);
      assert.equal(world.acked, 1);
      const { text, metadata } = world.kv.get(`last-resort/${queue}-0`);
      assert.equal(text, typeof body === "string" ? body : JSON.stringify(body));
      assert.ok(metadata.reason.length > 0);
      assert.deepEqual(difference(before), { sent: 0, accepted: 0, rejected: 0, deadLettered: 0, keptMessages: 1 });
    }
  });
}

test("undelivered events are tried once more, and are dead letters of their bucket else", async () => {
  const working = setUp();
  await working.take("tollgate-undelivered", batchOf(2));
  assert.equal(working.world.ledger.size, 2);

  const { world, take } = setUp({ down: (path) => path.endsWith("/events") });
  const before = { ...queueCounters };
  await take("tollgate-undelivered", batchOf(2));
  assert.deepEqual(
    world.letters.map(({ event }) => event.id),
    ["e0", "e1"],
  );
  assert.match(world.letters[0].reason, /^delivery was tried .*503: down$/);
  assert.equal(difference(before).deadLettered, 2);
});

test("what not even its bucket takes stays on its queue, and is kept in KV at last", async () => {
  const { world, take } = setUp({ down: () => true });
  await take("tollgate-undelivered", batchOf(2));
  const letter = { bucket: "working-copy", reason: "400: no", event: '{"id":"e9","data":{"total":1.0}}' };
  await take("tollgate-dead-letters", letter);
  assert.deepEqual([world.acked, world.retried], [0, 2]);
  const before = { ...queueCounters };
  await take("tollgate-last-resort", batchOf(2), letter);
  assert.equal(world.kv.get("last-resort/tollgate-last-resort-0").text, batchOf(2));
  assert.deepEqual(JSON.parse(world.kv.get("last-resort/tollgate-last-resort-1").text), letter);
  assert.deepEqual([difference(before).deadLettered, difference(before).keptMessages], [3, 2]);
});

test("M5: sent = accepted + rejected + dead-lettered + in flight, also when a queue takes no message", async () => {
  const taken = [];
  let works = true;
  const env = {
    EVENTS: {
      send: async (text) => {
        if (!works) throw new Error("down");
        taken.push(text);
      },
    },
  };
  const sink = queueSink(env, "working-copy");
  const before = inFlight(queueCounters);
  await sink.send('[{"id":"a"},{"id":"b"}]', 2);
  works = false;
  await assert.rejects(sink.send('[{"id":"c"}]', 1));
  assert.equal(inFlight(queueCounters) - before, 2);
  await setUp().take("tollgate-events", ...taken);
  assert.equal(inFlight(queueCounters) - before, 0);
});

// Queues take 128 KB, of which a KB may be a thousand bytes.
test("a message of a hundred merged events with the longest names fits into a queue", async () => {
  const meter = "m".repeat(64);
  const world = new World();
  const names = policies({ basic: { meters: { [meter]: 123456.987654321 }, subject: "consumer" } });
  const gate = new Gate({
    policies: names,
    ...world.options,
    events: queueSink({ EVENTS: { send: async (text) => void sizes.push(Buffer.byteLength(text)) } }, "working-copy"),
  });
  const sizes = [];
  for (let i = 0; i < 250; i++) {
    const consumer = `${i}`.padEnd(64, '\\"');
    world.set(`k${i}`, snapshot({ id: `01KNVXHQG356VA7T7W0V9N${i}`.padEnd(26, "0"), consumer }, { [meter]: 1e15 }));
    for (let n = 0; n < 2; n++) gate.finish(await decide(gate, `Bearer k${i}`, 0, world.now), 200);
  }
  await gate.flush();
  assert.equal(gate.stats().module.outbox, 0);
  assert.ok(sizes.length >= 3 && Math.max(...sizes) > 10_000, String(sizes));
  assert.ok(Math.max(...sizes) <= 128_000, String(sizes));
});

test("every queue that wrangler.toml names has a consumer, and all but the last say where their messages go", () => {
  const text = readFileSync("wrangler.toml", "utf8");
  const named = new Set(Array.from(text.matchAll(/^(?:queue|dead_letter_queue) = "(.+)"$/gm), ([, name]) => name));
  const consumers = text
    .split(/^\[\[/m)
    .filter((part) => part.startsWith("queues.consumers]]"))
    .map((part) =>
      Object.fromEntries(Array.from(part.matchAll(/^(\w+) = "?(.+?)"?$/gm), ([, key, value]) => [key, value])),
    );
  assert.deepEqual(new Set(consumers.map(({ queue }) => queue)), named);
  const last = consumers.filter(({ dead_letter_queue: next }) => next === undefined);
  assert.deepEqual(
    last.map(({ queue }) => queue),
    ["tollgate-last-resort"],
  );
  for (const { queue } of consumers) assert.match(queue, /-(events|undelivered|dead-letters|last-resort)$/);
});
