// The stack with configurations of one's own, good and bad.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, LOCAL_ADMIN_KEY, StartError, startStack } from "../../scripts/stack/stack.mjs";
import { meter, plan, subscribe } from "./catalog.mjs";
import { caller, configuration, policy, scratchFolder, serve, start } from "./harness.mjs";

const seen = [];
const upstream = await serve(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  seen.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
  const { pathname, searchParams } = new URL(request.url, "http://upstream");
  if (pathname.endsWith("/cut")) return request.socket.destroy();
  const headers = Object.fromEntries(searchParams);
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ usage: { total: 7 } }));
});

const POLICIES = [
  policy("plain", { meters: { api_requests: 1 }, quotaHeaders: true }),
  policy("units", { meters: { api_requests: 1, units: 0 } }),
  policy("ghost", { meters: { api_requests: 1 } }),
  policy("keyed", { meters: { api_requests: 1 }, authHeader: "X-API-Key", authScheme: "" }),
];
const to = `${upstream.url}/base`;
const ROUTES = {
  bucket: "working-copy",
  maxRequestBytes: 1000,
  routes: [
    { path: "/plain/*", methods: ["*"], upstream: to, policies: ["plain"] },
    { path: "/by-header", methods: ["GET"], upstream: to, policies: ["units"], responseMeters: { units: "X-Units" } },
    {
      path: "/by-path",
      methods: ["GET"],
      upstream: to,
      policies: ["units"],
      responseMeters: { units: "$.usage.total" },
    },
    { path: "/ghost", methods: ["GET"], upstream: to, policies: ["ghost"], responseMeters: { ghosts: "X-Ghosts" } },
    { path: "/keyed", methods: ["GET"], upstream: to, policies: ["keyed"] },
    { path: "/open", methods: ["GET"], upstream: to, policies: [] },
  ],
};

const { url, api } = await start({ config: configuration(POLICIES, ROUTES) });
await meter(api, "units");
await plan(api, "measured", { api_requests: 100, units: 1000 });

test("an upstream elsewhere is sent the request without its key, and told who calls", async () => {
  const { apiKey, id } = await subscribe(api, "measured", "config-forwarding");
  const headers = { "x-tollgate-consumer": "forged", "x-own": "kept", "content-type": "text/plain" };
  const answer = await caller(url, apiKey.key)("/plain/a%20b/c?d=e&d=f", { method: "PUT", body: "hello", headers });
  assert.equal(answer.status, 200);
  const request = seen.at(-1);
  assert.equal(request.url, "/base/plain/a%20b/c?d=e&d=f");
  assert.equal(request.body, "hello");
  assert.equal(request.headers.authorization, undefined);
  assert.equal(request.headers["x-tollgate-subscription"], id);
  assert.notEqual(request.headers["x-tollgate-consumer"], "forged");
  assert.equal(request.headers["x-own"], "kept");
});

test("S2.8: quota headers where they are on", async () => {
  const { apiKey } = await subscribe(api, "measured", "config-quota-headers");
  const { headers } = await caller(url, apiKey.key)("/plain/x");
  assert.match(headers.get("ratelimit"), /^"api_requests";r=\d+;t=\d+$/);
  assert.match(headers.get("ratelimit-policy"), /^"api_requests";q=100;w=\d+$/);
});

test("a meter in a response header: metered, and hidden from the client", async () => {
  const { apiKey, id } = await subscribe(api, "measured", "config-header");
  const ask = caller(url, apiKey.key);
  const { headers, status } = await ask("/by-header?x-units=2.5&x-other=1");
  assert.equal(status, 200);
  assert.equal(headers.get("x-units"), null);
  assert.equal(headers.get("x-other"), "1");
  // Missing and bad ones break nothing.
  for (const path of ["/by-header", "/by-header?x-units=abc", "/by-header?x-units=-1"]) {
    assert.equal((await ask(path)).status, 200);
  }
  assert.equal(await api.usageReaching("units", id, 2.5), 2.5);
  assert.equal(await api.usageReaching("api_requests", id, 4), 4);
});

test("a meter in a JSON body that comes from elsewhere", async () => {
  const { apiKey, id } = await subscribe(api, "measured", "config-path");
  assert.deepEqual((await caller(url, apiKey.key)("/by-path")).body, { usage: { total: 7 } });
  assert.equal(await api.usageReaching("units", id, 7), 7);
});

test("a key in a header of its own, and a route that is open", async () => {
  const { apiKey } = await subscribe(api, "measured", "config-keyed");
  const keyed = await fetch(`${url}/keyed`, {
    headers: { "x-api-key": apiKey.key, authorization: "for the upstream" },
  });
  assert.equal(keyed.status, 200);
  await keyed.arrayBuffer();
  assert.equal(seen.at(-1).headers["x-api-key"], undefined);
  assert.equal(seen.at(-1).headers.authorization, "for the upstream");
  assert.equal((await fetch(`${url}/open`)).status, 200);
  assert.equal((await fetch(`${url}/keyed`)).status, 403);
});

test("an upstream that breaks off is a 502, and nobody is charged", async () => {
  const { apiKey, id } = await subscribe(api, "measured", "config-cut");
  const ask = caller(url, apiKey.key);
  const { status, body } = await ask("/plain/cut");
  assert.equal(status, 502);
  assert.equal(body.code, "upstream_unreachable");
  assert.equal((await ask("/plain/x")).status, 200);
  assert.equal(await api.usageReaching("api_requests", id, 1), 1);
});

test("bodies up to the configured bound pass, longer ones are 413", async () => {
  const { apiKey } = await subscribe(api, "measured", "config-bodies");
  const ask = caller(url, apiKey.key);
  assert.equal((await ask("/plain/x", { method: "POST", body: "x".repeat(1000) })).status, 200);
  assert.equal((await ask("/plain/x", { method: "POST", body: "x".repeat(1001) })).status, 413);
});

test("M5: an event that no ledger takes is a dead letter with its reason; the rest of its batch counts", async () => {
  const { apiKey, id } = await subscribe(api, "measured", "config-ghost");
  assert.equal((await caller(url, apiKey.key)("/ghost?x-ghosts=3")).status, 200);
  assert.equal(await api.usageReaching("api_requests", id, 1), 1);
  let letters = { totalCount: 0 };
  for (const until = Date.now() + 20_000; letters.totalCount === 0 && Date.now() < until; ) {
    letters = await api.get("dead-letters");
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(letters.totalCount, 1);
  const [letter] = letters.items;
  assert.match(letter.reason, /^4\d\d: .*type.*no meter/);
  assert.equal(letter.event.type, "ghosts");
  assert.equal(letter.event.subscription, id);
  assert.deepEqual(letter.event.data, { total: 3 });
});

test("another bucket is served where the environment says so", async () => {
  const { url, api } = await start({ vars: { TOLLGATE_BUCKET: "preview" } });
  assert.equal((await (await fetch(`${url}/healthz`)).json()).bucket, "preview");
  const preview = new ControlPlane(url, api.key, "preview");
  await meter(preview, "api_requests");
  await plan(preview, "tiny", { api_requests: 1 });
  const { apiKey, id } = await subscribe(preview, "tiny", "somebody");
  const ask = caller(url, apiKey.key);
  assert.equal((await ask("/todos")).status, 200);
  assert.equal((await ask("/todos")).status, 403);
  assert.equal(await preview.usageReaching("api_requests", id, 1), 1);
});

test("the key that everybody knows opens nothing outside a developer's machine", async () => {
  const port = await freePort();
  const options = { port, state: scratchFolder(), vars: { TOLLGATE_LOCAL: "" } };
  await assert.rejects(startStack({ ...options, startMs: 5_000 }), StartError);
});

const BAD = [
  [
    POLICIES,
    { ...ROUTES, routes: [{ ...ROUTES.routes[0], policies: ["plian"] }] },
    /route 1 \(\/plain\/\*\): policies is "plian"/,
  ],
  [POLICIES, { ...ROUTES, bucket: "nowhere" }, /bucket is "nowhere": must be one of/],
  [[policy("plain", { meters: { api_requests: 1 }, cacheTtlSeconds: 5 })], ROUTES, /plain.*cacheTtlSeconds.*5/],
  [
    POLICIES,
    { ...ROUTES, routes: [{ ...ROUTES.routes[0], upstream: "service:MISSING" }] },
    /service:MISSING, which .+ does not bind/,
  ],
];
for (const [policies, routes, reason] of BAD) {
  test(`a configuration that is refused does not start: ${reason.source.slice(0, 60)}`, async () => {
    const options = { port: await freePort(), state: scratchFolder(), config: configuration(policies, routes) };
    await assert.rejects(startStack(options), (error) => error instanceof StartError && reason.test(error.message));
  });
}

test("the admin key is the one that the environment gives", async () => {
  const { url } = await start({ adminKey: "a-key-of-my-own" });
  const status = async (key) => {
    const response = await fetch(`${url}/v3/metering/working-copy/plans`, {
      headers: { authorization: `Bearer ${key}` },
    });
    await response.arrayBuffer();
    return response.status;
  };
  assert.equal(await status("a-key-of-my-own"), 200);
  assert.equal(await status(LOCAL_ADMIN_KEY), 401);
});
