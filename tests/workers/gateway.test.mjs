// The gateway on a real gate; upstreams are functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "tollgate";
import { NOW, policies, snapshot, World } from "../js-shim/world.mjs";
import { load } from "./load.mjs";

const { Gateway } = await load("gateway/gateway.ts");
const { parseRoutes } = await load("gateway/routes.ts");

const POLICIES = policies({
  metered: { meters: { api_requests: 1 }, quotaHeaders: true },
  generate: { meters: { api_requests: 1, tokens: 0 } },
  keyed: { meters: { api_requests: 1 }, authHeader: "X-Api-Key", authScheme: "" },
});
const UPSTREAM = "https://upstream.example/base";
const ROUTES = {
  maxRequestBytes: 1000,
  maxMeteredResponseBytes: 200,
  routes: [
    { path: "/todos", methods: ["GET", "POST"], upstream: UPSTREAM, policies: ["metered"] },
    { path: "/open", methods: ["*"], upstream: UPSTREAM, policies: [] },
    { path: "/keyed", methods: ["GET"], upstream: UPSTREAM, policies: ["keyed"] },
    { path: "/keep", methods: ["GET"], upstream: UPSTREAM, policies: ["metered"], forwardCredential: true },
    {
      path: "/json",
      methods: ["POST"],
      upstream: UPSTREAM,
      policies: ["generate"],
      responseMeters: { tokens: "$.usage.total" },
    },
    {
      path: "/header",
      methods: ["POST"],
      upstream: UPSTREAM,
      policies: ["generate"],
      responseMeters: { tokens: "X-Tokens" },
    },
  ],
};

function setUp(answer = () => Response.json({ ok: true }), balances = { api_requests: 100, tokens: 100 }) {
  const world = new World();
  world.set("k1", snapshot({}, balances));
  const names = POLICIES.map(({ name }) => name);
  const gate = new Gate({ policies: POLICIES, ...world.options });
  const seen = [];
  const upstream = async (request) => {
    seen.push(request);
    return answer(request);
  };
  const routes = parseRoutes(JSON.stringify(ROUTES), names);
  const gateway = new Gateway({ gate, routes, fetchFor: () => upstream, buildId: "b1", now: () => world.now });
  const works = [];
  const context = { waitUntil: (work) => works.push(work) };
  const ask = async (path, { key = "Bearer k1", ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (key !== null) headers.set("authorization", key);
    const duplex = init.body instanceof ReadableStream ? { duplex: "half" } : {};
    const request = new Request(`http://gateway.example${path}`, { ...init, ...duplex, headers });
    const response = await gateway.serve(request, context);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const metered = async () => {
    await gate.flush();
    const totals = {};
    for (const { type, data } of world.sent) totals[type] = (totals[type] ?? 0) + data.total;
    return totals;
  };
  return { world, gate, gateway, seen, ask, metered, works, context };
}

test("a request is passed on as it is, without its key, with who sent it", async () => {
  const { seen, ask, metered } = setUp();
  const headers = {
    "X-Tollgate-Consumer": "somebody-else",
    "x-tollgate-anything": "1",
    "x-kept": "yes",
    "content-type": "text/plain",
  };
  const { status } = await ask("/todos?a=1&b=%20", { method: "POST", body: "the body", headers });
  assert.equal(status, 200);
  const [request] = seen;
  assert.equal(request.url, "https://upstream.example/base/todos?a=1&b=%20");
  assert.equal(request.method, "POST");
  assert.equal(await request.text(), "the body");
  assert.equal(request.headers.get("authorization"), null);
  assert.equal(request.headers.get("x-tollgate-consumer"), "acme-prod");
  assert.equal(request.headers.get("x-tollgate-subscription"), snapshot().id);
  assert.equal(request.headers.get("x-tollgate-anything"), null);
  assert.equal(request.headers.get("x-kept"), "yes");
  assert.deepEqual(await metered(), { api_requests: 1 });
});

test("S5 of the invariants: an open route strips identities that a client made up, and meters nothing", async () => {
  const { seen, ask, metered } = setUp();
  await ask("/open", { key: "Bearer of something else", headers: { "x-tollgate-subscription": "forged" } });
  assert.equal(seen[0].headers.get("x-tollgate-subscription"), null);
  assert.equal(seen[0].headers.get("authorization"), "Bearer of something else");
  assert.deepEqual(await metered(), {});
});

test("the key stays where a policy reads another header, and goes where the route says so", async () => {
  const { seen, ask } = setUp();
  await ask("/keyed", { key: "Basic for-the-upstream", headers: { "x-api-key": "k1" } });
  assert.equal(seen[0].headers.get("x-api-key"), null);
  assert.equal(seen[0].headers.get("authorization"), "Basic for-the-upstream");
  await ask("/keep");
  assert.equal(seen[1].headers.get("authorization"), "Bearer k1");
});

test("a refusal never reaches the upstream, and tells when to come back", async () => {
  const { seen, ask, gateway } = setUp(undefined, { api_requests: 1 });
  assert.equal((await ask("/todos")).status, 200);
  const { status, headers, text } = await ask("/todos");
  assert.equal(status, 403);
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(headers.get("cache-control"), "no-store");
  const problem = JSON.parse(text);
  assert.equal(problem.code, "quota_exhausted");
  assert.equal(problem.instance, "/todos");
  assert.match(problem.trace.requestId, /^req_[0-9a-f]{32}$/);
  assert.equal(seen.length, 1);
  assert.equal(gateway.counters.refused, 1);
});

test("an answer that cannot be handed on is 502, ends what the request owes, and is not charged", async () => {
  for (const path of ["/todos", "/json", "/header"]) {
    const { ask, metered, gate, gateway } = setUp(() => Response.error());
    const { status, text } = await ask(path, { method: "POST" });
    assert.deepEqual([status, JSON.parse(text).code], [502, "upstream_unreachable"], path);
    assert.equal(gateway.counters.upstreamFailures, 1);
    assert.equal(gate.stats().module.inFlight, 0);
    assert.equal(gate.counters.staleHandles, 0);
    assert.deepEqual(await metered(), {});
  }
});

test("a refusal with 503 says when to come back, whatever the policy says of headers", async () => {
  const { world, ask } = setUp();
  world.onFetch = () => new Promise(() => {});
  for (let i = 0; i < 256; i++) void ask("/json", { method: "POST", key: `Bearer unknown${i}` });
  const { status, headers, text } = await ask("/json", { method: "POST", key: "Bearer one-more" });
  assert.deepEqual([status, JSON.parse(text).code], [503, "overloaded"]);
  assert.match(headers.get("retry-after") ?? "none", /^[1-9]\d*$/);
});

test("404, 405 with Allow, 413: before anybody is charged", async () => {
  const { ask, metered, seen } = setUp();
  const unknown = await ask("/nowhere");
  assert.equal(unknown.status, 404);
  assert.equal(JSON.parse(unknown.text).code, "route_not_found");
  const method = await ask("/todos", { method: "DELETE" });
  assert.equal(method.status, 405);
  assert.equal(method.headers.get("allow"), "GET, HEAD, POST");
  const large = await ask("/todos", { method: "POST", body: "x".repeat(1001), headers: { "content-length": "1001" } });
  assert.equal(large.status, 413);
  assert.equal(seen.length, 0);
  assert.deepEqual(await metered(), {});
});

test("a body that only turns out to be too long ends the same way, and is not charged", async () => {
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("x".repeat(100)));
      },
    });
  const { ask, metered, gate } = setUp(async (request) => new Response(await request.text()));
  const { status } = await ask("/todos", { method: "POST", body: endless() });
  assert.equal(status, 413);
  assert.deepEqual(await metered(), {});
  assert.equal(gate.stats().module.inFlight, 0);
});

test("an upstream that fails is a 502 that charges nobody", async () => {
  const { ask, metered, gateway, gate } = setUp(() => {
    throw new Error("connection refused");
  });
  const { status, text } = await ask("/todos");
  assert.equal(status, 502);
  assert.equal(JSON.parse(text).code, "upstream_unreachable");
  assert.deepEqual(await metered(), {});
  assert.equal(gateway.counters.upstreamFailures, 1);
  assert.equal(gate.stats().module.inFlight, 0);
});

test("an error of the upstream is handed on as it is and not metered", async () => {
  const { ask, metered } = setUp(() => new Response("no", { status: 500, headers: { "x-own": "1" } }));
  const { status, headers, text } = await ask("/todos");
  assert.deepEqual([status, headers.get("x-own"), text], [500, "1", "no"]);
  assert.deepEqual(await metered(), {});
});

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
  '{"usage":{"total":"5"}}',
  '{"usage":{"total":-1}}',
  '{"usage":{"total":1e400}}',
  '{"usage":{"total":0.12345678901}}',
  '{"usage":{"total":1e-12}}',
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

for (const value of [undefined, "", "abc", "-1", "1e3", "0x10", "1,2", "NaN", "1".repeat(30)]) {
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

test("a client that leaves in the middle of a body is metered for what is known", async () => {
  const slow = () =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(" "));
      },
    });
  const { gateway, metered, gate, works, context } = setUp(() => new Response(slow()));
  const request = new Request("http://gateway.example/json", {
    method: "POST",
    headers: { authorization: "Bearer k1" },
  });
  const response = await gateway.serve(request, context);
  await response.body.cancel();
  await Promise.allSettled(works);
  assert.equal(gate.stats().module.inFlight, 0);
  assert.deepEqual(await metered(), { api_requests: 1 });
});

/** Turns of the microtask queue until a promise is settled. */
async function turnsOf(promise) {
  let settled = false;
  Promise.resolve(promise).then(() => {
    settled = true;
  });
  let turns = 0;
  for (; !settled; turns++) await null;
  return turns;
}

test("a request whose key is cached reaches its upstream in the same turn, and its answer a turn later", async () => {
  const { gateway, ask, context, seen } = setUp();
  await ask("/todos");
  const request = () => new Request("http://gateway.example/todos", { headers: { authorization: "Bearer k1" } });
  const without = await turnsOf((async () => Response.json({ ok: true }))());

  const before = seen.length;
  const answer = gateway.serve(request(), context);
  assert.equal(seen.length, before + 1, "asked before anything was awaited");
  const withPolicy = await turnsOf(answer);
  assert.ok(withPolicy - without <= 1, `${withPolicy} turns, ${without} without`);

  // A refusal takes no turn at all.
  const refused = gateway.serve(new Request("http://gateway.example/todos"), context);
  assert.ok(refused instanceof Response);
  assert.equal(refused.status, 403);
});

test("quota headers are appended where they are on", async () => {
  const { ask } = setUp(() => new Response("ok", { headers: { ratelimit: '"own";r=1' } }));
  const { headers } = await ask("/todos");
  const values = headers.get("ratelimit");
  assert.match(values, /^"own";r=1, /);
  assert.ok(headers.get("ratelimit-policy"));
  assert.equal((await ask("/keyed", { headers: { "x-api-key": "k1" } })).headers.get("ratelimit-policy"), null);
});

test("the clock of the gateway is the one that decides", async () => {
  const { world, ask } = setUp();
  world.set("k2", snapshot({ keyExpiresAt: "2026-01-15T10:00:10Z" }));
  assert.equal((await ask("/todos", { key: "Bearer k2" })).status, 200);
  world.now = NOW + 10_000;
  assert.equal(JSON.parse((await ask("/todos", { key: "Bearer k2" })).text).detail, "API Key has expired.");
});
