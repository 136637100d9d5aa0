// The gateway: what is passed on, and what is answered in its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, snapshot } from "../js-shim/world.mjs";
import { ROUTES, setUp } from "./gateway-world.mjs";

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

test("fields that a client makes up do not reach the upstream; ours do, whatever Connection names", async () => {
  const { seen, ask } = setUp();
  await ask("/todos", {
    headers: {
      "x-forwarded-for": "6.6.6.6",
      "x-real-ip": "6.6.6.6",
      forwarded: "for=6.6.6.6",
      X_Tollgate_Consumer: "victim",
      te: "trailers",
      "cf-connecting-ip": "192.0.2.7",
    },
  });
  const headers = Object.fromEntries(seen[0].headers);
  assert.equal(headers["x-forwarded-for"], "192.0.2.7");
  assert.equal(headers["x-forwarded-host"], "gateway.example");
  assert.equal(headers["x-forwarded-proto"], "http");
  assert.equal(headers.forwarded, "for=192.0.2.7;host=gateway.example;proto=http");
  assert.equal(headers["x-tollgate-consumer"], "acme-prod");
  for (const name of ["x-real-ip", "x_tollgate_consumer", "te", "cf-connecting-ip"])
    assert.equal(headers[name], undefined);
});

test("answers to a key are for nobody else, and locations are ours", async () => {
  const headers = { "cache-control": "public, max-age=60", location: "https://upstream.example/base/todos/7" };
  const { ask, seen } = setUp(() => new Response("ok", { headers }));
  const guarded = await ask("/todos");
  assert.equal(guarded.headers.get("cache-control"), "max-age=60, private");
  assert.equal(guarded.headers.get("location"), "/todos/7");
  assert.equal(seen[0].cache, "no-store");
  const open = await ask("/open");
  assert.equal(open.headers.get("cache-control"), "public, max-age=60");
  assert.equal(seen[1].cache, "default");
});

test("a path is sent upstream in its normal form; what is ambiguous is refused", async () => {
  const { ask, seen } = setUp();
  assert.equal((await ask("//tod%6Fs?q=%41")).status, 200);
  assert.equal(seen[0].url, "https://upstream.example/base/todos?q=%41");
  const { status, text } = await ask("/todos%2F7");
  assert.deepEqual([status, JSON.parse(text).code], [400, "path_ambiguous"]);
  assert.equal(seen.length, 1);
});

test("preflights are answered without a key and uncounted; refusals carry the fields too", async () => {
  const origin = "https://app.example.com";
  const { ask, gateway, metered } = setUp(undefined, undefined, { ...ROUTES, cors: { origins: [origin] } });
  const asking = { origin, "access-control-request-method": "POST" };
  const preflight = await ask("/todos", { method: "OPTIONS", key: null, headers: asking });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
  assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD, POST");
  assert.equal(gateway.counters.preflights, 1);
  for (const path of ["/todos", "/nowhere"]) {
    const { headers } = await ask(path, { key: null, headers: { origin } });
    assert.equal(headers.get("access-control-allow-origin"), origin);
    assert.equal(headers.get("access-control-expose-headers"), "RateLimit, RateLimit-Policy, Retry-After");
  }
  assert.deepEqual(await metered(), {});
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
