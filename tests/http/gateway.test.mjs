// What stands around the policy, on a host that serves: paths, fields, CORS, meters of responses whose client has gone.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { plan, subscribe } from "./catalog.mjs";
import { caller, configuration, head, policy, raw, serve, start } from "./harness.mjs";

const ORIGIN = "https://app.example.com";
const seen = [];
let finishSlowly = () => {};

const upstream = await serve(async (request, response) => {
  const { method, url: path, headers, rawHeaders } = request;
  seen.push({ method, path, headers, rawHeaders });
  if (path === "/location") {
    return response.writeHead(302, { location: `${upstream.url}/elsewhere?x=1`, "cache-control": "public" }).end();
  }
  if (path === "/slow") {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(`{"pad":"${"x".repeat(100_000)}",`);
    await new Promise((done) => {
      finishSlowly = done;
    });
    return response.end('"tokens":42}');
  }
  if (path === "/exact") return response.end(`{"tokens":"0.30000000000000004","pad":"${"x".repeat(2_000_000)}"}`);
  response.end(JSON.stringify({ tokens: 1 }));
});

const guarded = { upstream: upstream.url, policies: ["p"] };
const { url, api } = await start({
  config: configuration(
    [policy("p", { meters: { api_requests: 1 } }), policy("t", { meters: { api_requests: 1, tokens: 0 } })],
    {
      cors: { origins: [ORIGIN] },
      routes: [
        { path: "/todos", methods: ["GET"], ...guarded },
        { path: "/location", methods: ["GET"], ...guarded },
        ...["/slow", "/exact"].map((path) => {
          const responseMeters = { tokens: "$.tokens" };
          return { path, methods: ["GET"], ...guarded, policies: ["t"], responseMeters };
        }),
        { path: "/*", methods: ["*"], upstream: upstream.url, policies: [], open: true },
      ],
    },
  ),
});
await plan(api, "gateway", { api_requests: 1000, tokens: 1000 });
const { apiKey, id } = await subscribe(api, "gateway", "gateway");
const ask = caller(url, apiKey.key);
const anonymous = async (target, ...lines) =>
  raw(url, head([`GET ${target} HTTP/1.1`, "Host: gateway.example", "Connection: close", ...lines]));

test("no spelling of a guarded path reaches the open route behind it", async () => {
  for (const [target, status] of [
    ["/todos", 403],
    ["/tod%6Fs", 403],
    ["//todos", 403],
    ["/x/../todos", 403],
    ["/%2e/todos", 403],
    ["/todos/", 404],
    ["/TODOS", 404],
    ["/todos;a=b", 400],
    ["/todos%2F", 400],
    ["/todos%00", 400],
  ]) {
    assert.equal((await anonymous(target)).status, status, target);
  }
  assert.equal(seen.length, 0);
  assert.equal((await anonymous("/a//./b%7e")).status, 200);
  assert.equal(seen.pop().path, "/a/b~");
});

test("methods that nobody passes on", async () => {
  for (const method of ["TRACE", "PROPFIND"]) {
    const { status } = await raw(url, head([`${method} /open HTTP/1.1`, "Host: x", "Connection: close"]));
    assert.ok([405, 501].includes(status), `${method}: ${status}`);
  }
  assert.equal(seen.length, 0);
});

test("only we say who calls, and from where", async () => {
  const { status } = await anonymous(
    "/todos",
    `Authorization: Bearer ${apiKey.key}`,
    "Connection: x-tollgate-consumer, x-tollgate-subscription, x-named",
    "X_Tollgate_Consumer: victim",
    "X-Tollgate-Consumer: victim",
    "X-Forwarded-For: 6.6.6.6",
    "X-Real-IP: 6.6.6.6",
    "Forwarded: for=6.6.6.6",
    "X-Named: 1",
    "TE: trailers",
  );
  assert.equal(status, 200);
  const { headers, rawHeaders } = seen.pop();
  assert.equal(headers["x-tollgate-subscription"], id);
  assert.ok(headers["x-tollgate-consumer"]);
  assert.equal(headers["x-forwarded-host"], "gateway.example");
  assert.equal(headers["x-forwarded-proto"], "http");
  assert.equal(headers["x-forwarded-for"], "127.0.0.1");
  assert.equal(headers.forwarded, "for=127.0.0.1;host=gateway.example;proto=http");
  assert.doesNotMatch(rawHeaders.join("\n"), /victim|6\.6\.6\.6|trailers/i);
  // workerd takes Connection for itself: the Worker never learns what it names.
  if (process.env.TOLLGATE_HTTP_HOST === "wasmtime") assert.equal(headers["x-named"], undefined);
});

test("a location of the upstream's own is ours, and answers to a key are private", async () => {
  const { status, headers } = await ask("/location");
  assert.equal(status, 302);
  assert.equal(headers.get("location"), "/elsewhere?x=1");
  assert.equal(headers.get("cache-control"), "private");
});

test("preflights are answered without a key; every answer to an allowed origin says that it may be read", async () => {
  seen.length = 0;
  const asking = { origin: ORIGIN, "access-control-request-method": "GET" };
  const preflight = await fetch(`${url}/todos`, { method: "OPTIONS", headers: asking });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), ORIGIN);
  assert.equal(seen.length, 0);
  for (const headers of [{}, { authorization: `Bearer ${apiKey.key}` }]) {
    const answer = await fetch(`${url}/todos`, { headers: { origin: ORIGIN, ...headers } });
    await answer.body.cancel();
    assert.equal(answer.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(answer.headers.get("access-control-expose-headers"), "RateLimit, RateLimit-Policy, Retry-After");
  }
  const other = await fetch(`${url}/todos`, { headers: { origin: "https://evil.example" } });
  await other.body.cancel();
  assert.equal(other.headers.get("access-control-allow-origin"), null);
});

test("what doubles make of 0.3, in a text, in a body of two megabytes, is metered", async () => {
  assert.equal((await ask("/exact")).status, 200);
  assert.equal(await api.usageReaching("tokens", id, 0.3), 0.3);
});

test("a client that goes away in the middle of a body pays for what the body says at its end", async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(head(["GET /slow HTTP/1.1", "Host: x", `Authorization: Bearer ${apiKey.key}`]));
  await once(socket, "data");
  socket.destroy();
  await new Promise((done) => setTimeout(done, 500));
  finishSlowly();
  assert.equal(await api.usageReaching("tokens", id, 42.3), 42.3);
});

test("after all of this nothing is under way", async () => {
  const health = await (await fetch(`${url}/healthz`, { headers: { authorization: `Bearer ${api.key}` } })).json();
  assert.equal(health.gate.traps, 0);
  assert.equal(health.gate.module.inFlight, 0);
});
