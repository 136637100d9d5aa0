// The gateway: what a response says it used.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES, setUp, UPSTREAM } from "./gateway-world.mjs";

test("a meter that stands in the body: metered when the client has the answer", async () => {
  const { ask, metered, gate } = setUp(() => Response.json({ usage: { total: 42 } }));
  const { text } = await ask("/json", { method: "POST", body: "{}" });
  assert.equal(text, '{"usage":{"total":42}}');
  assert.equal(gate.stats().module.inFlight, 0);
  assert.deepEqual(await metered(), { api_requests: 1, tokens: 42 });
});

test("a meter that stands in a header: metered, and taken away", async () => {
  const { ask, metered } = setUp(() => new Response("text", { headers: { "x-tokens": "7.5", "x-other": "1" } }));
  const { headers } = await ask("/header", { method: "POST" });
  assert.equal(headers.get("x-tokens"), null);
  assert.equal(headers.get("x-other"), "1");
  assert.deepEqual(await metered(), { api_requests: 1, tokens: 7.5 });
});

// What an upstream may answer instead of a meter: counted, the response untouched, the static meters recorded.
const BAD_BODIES = [
  "",
  "not json",
  "[]",
  '{"usage":null}',
  '{"usage":{"total":"five"}}',
  '{"usage":{"total":-1}}',
  '{"usage":{"total":1e400}}',
  `{"pad":"${"x".repeat(300)}"}`,
];
for (const body of BAD_BODIES) {
  test(`a body without a meter breaks nothing: ${body.slice(0, 40)}`, async () => {
    const { ask, metered, gateway } = setUp(() => new Response(body));
    const { status, text } = await ask("/json", { method: "POST" });
    assert.deepEqual([status, text], [200, body]);
    assert.equal(gateway.counters.responseMetersMissing, 1);
    assert.deepEqual(await metered(), { api_requests: 1 });
  });
}

for (const value of [undefined, "", "abc", "-1", "0x10", "1,2", "NaN", "1".repeat(30)]) {
  test(`a header without a meter breaks nothing: ${value}`, async () => {
    const headers = value === undefined ? {} : { "x-tokens": value };
    const { ask, metered, gateway } = setUp(() => new Response("text", { headers }));
    const { status, headers: got } = await ask("/header", { method: "POST" });
    assert.equal(status, 200);
    assert.equal(got.get("x-tokens"), null);
    assert.equal(gateway.counters.responseMetersMissing, 1);
    assert.deepEqual(await metered(), { api_requests: 1 });
  });
}

test("a response that is not a success need not say what it used", async () => {
  const { ask, metered, gateway } = setUp(() => Response.json({ error: "bad" }, { status: 400 }));
  assert.equal((await ask("/json", { method: "POST" })).status, 400);
  assert.equal(gateway.counters.responseMetersMissing, 0);
  assert.deepEqual(await metered(), {});
});

test("a body that breaks off is metered for what is known", async () => {
  const broken = () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"usage":'));
        controller.error(new Error("connection reset"));
      },
    });
  const { ask, metered, gate, works } = setUp(() => new Response(broken()));
  await assert.rejects(ask("/json", { method: "POST" }));
  await Promise.allSettled(works);
  assert.equal(gate.stats().module.inFlight, 0);
  assert.deepEqual(await metered(), { api_requests: 1 });
});

/** A body of blanks that never ends, whose pieces come by themselves. */
function blanks(everyMs, cancelled = () => {}) {
  let timer;
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode(" ".repeat(50))), everyMs);
    },
    cancel() {
      clearInterval(timer);
      cancelled();
    },
  });
}

const posted = () =>
  new Request("http://gateway.example/json", { method: "POST", headers: { authorization: "Bearer k1" } });

test("a client that leaves in the middle of a body pays for what the body says at its end", async () => {
  let controller;
  const body = new ReadableStream({
    start(given) {
      controller = given;
    },
  });
  const say = (text) => controller.enqueue(new TextEncoder().encode(text));
  const { gateway, metered, gate, works, context } = setUp(() => new Response(body));
  const response = await gateway.serve(posted(), context);
  say('{"usage":');
  await response.body.cancel();
  say('{"total":42}}');
  await Promise.allSettled(works);
  assert.equal(gate.stats().module.inFlight, 0);
  assert.deepEqual(await metered(), { api_requests: 1, tokens: 42 });
});

test("a body is read on for drainSeconds and the bound of bytes at most, and its slot settles", async () => {
  for (const bound of [{ drainSeconds: 1 }, { drainSeconds: 300, maxMeteredResponseBytes: 200 }]) {
    let cancelled = false;
    const document = { ...ROUTES, maxMeteredResponseBytes: 16_000_000, ...bound };
    const noted = () => {
      cancelled = true;
    };
    const answer = () => new Response(blanks(5, noted));
    const { gateway, metered, gate, works, context } = setUp(answer, undefined, document);
    const response = await gateway.serve(posted(), context);
    await response.body.cancel();
    await Promise.allSettled(works);
    assert.equal(cancelled, true);
    assert.equal(gate.stats().module.inFlight, 0);
    assert.deepEqual(await metered(), { api_requests: 1 });
  }
});

test("what doubles make of 0.3, numbers as texts and long bodies are metered", async () => {
  for (const [total, tokens] of [
    ["0.30000000000000004", 0.3],
    ['"7"', 7],
    ["1e1", 10],
  ]) {
    const body = `{"pad":"${"x".repeat(3000)}","usage":{"total":${total}},"pad2":"${"y".repeat(3000)}"}`;
    const { ask, metered } = setUp(() => new Response(body));
    assert.equal((await ask("/json", { method: "POST" })).text, body);
    assert.deepEqual(await metered(), { api_requests: 1, tokens });
  }
});

test("a value whose absence is refused: 502, and nobody is charged", async () => {
  const meters = { tokens: { header: "x-tokens", onMissing: "refuse" } };
  const route = {
    path: "/header",
    methods: ["POST"],
    upstream: UPSTREAM,
    policies: ["generate"],
    responseMeters: meters,
  };
  const { ask, metered, gate } = setUp(() => new Response("text"), undefined, { routes: [route] });
  const { status, text } = await ask("/header", { method: "POST" });
  assert.deepEqual([status, JSON.parse(text).code], [502, "meter_missing"]);
  assert.equal(gate.stats().module.inFlight, 0);
  assert.deepEqual(await metered(), {});
});

test("a module that traps while it reads loses the reading, not the response nor the static meters", async () => {
  const { ask, metered, gate, rules } = setUp(() => Response.json({ usage: { total: 42 } }));
  const read = rules.read.bind(rules);
  rules.read = (...args) => {
    const reader = read(...args);
    reader.feed = () => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    reader.end = reader.feed;
    return reader;
  };
  const { status, text } = await ask("/json", { method: "POST" });
  assert.deepEqual([status, text], [200, '{"usage":{"total":42}}']);
  assert.equal(gate.stats().module.inFlight, 0);
  assert.deepEqual(await metered(), { api_requests: 1 });
});
