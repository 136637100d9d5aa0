// S4.4: the control plane is out of reach, or answers garbage. Between the gateway and it stands a server of the test
// that can be told to.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { caller, scratchFolder, serve } from "./harness.mjs";
import { ageSnapshot, forgetSnapshot } from "./kv.mjs";

/** What stands between: passes on, hangs up, or answers what it is told. */
async function between() {
  const mode = { answer: undefined, target: undefined, asked: 0 };
  const { server, url } = await serve(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    mode.asked++;
    if (mode.answer !== undefined) return mode.answer(request, response, mode);
    const { host: _, connection: __, "content-length": ___, "transfer-encoding": ____, ...headers } = request.headers;
    const bodiless = ["GET", "HEAD"].includes(request.method);
    const body = bodiless ? undefined : Buffer.concat(chunks);
    try {
      const passed = await fetch(`${mode.target}${request.url}`, { method: request.method, headers, body });
      response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "text/plain" });
      response.end(passed.status === 204 ? undefined : Buffer.from(await passed.arrayBuffer()));
    } catch {
      response.destroy();
    }
  });
  return { mode, server, url };
}

/** The first one meets a key whose look-up is due; after it, such a key is left alone for a while. */
const OUTAGES = {
  "the gateway's own credential is refused": (_, response) => response.writeHead(401).end("{}"),
  "it is allowed less than it needs": (_, response) => response.writeHead(403).end("{}"),
  "another bucket's snapshot": async (request, response, { target }) => {
    const { authorization } = request.headers;
    const passed = await fetch(`${target}${request.url}`, { headers: { authorization } });
    response.writeHead(passed.status).end(JSON.stringify({ ...(await passed.json()), bucket: "preview" }));
  },
  "connections are cut": (request) => request.socket.destroy(),
  "status 500": (_, response) => response.writeHead(500).end("oops"),
  "garbage with status 200": (_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end("<html>{]"),
  "something else in JSON": (_, response) => response.writeHead(200).end('{"id":1,"entitlements":"yes"}'),
  "a body without end": (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x".repeat(16_384)), 1);
    response.on("close", () => clearInterval(timer));
  },
  "a redirect": (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
};

test("a known key goes on through every kind of outage, and its use is delivered afterwards", async () => {
  const state = scratchFolder();
  const first = await startStack({ port: await freePort(), state });
  const api = new ControlPlane(first.url, LOCAL_ADMIN_KEY);
  await plan(api, "hundred", { api_requests: 100 });
  const known = await subscribe(api, "hundred", "outage-known");
  const unknown = await subscribe(api, "hundred", "outage-unknown");
  const forgotten = await subscribe(api, "hundred", "outage-forgotten");
  for (const { apiKey } of [known, forgotten])
    assert.equal((await caller(first.url, apiKey.key)("/todos")).status, 200);
  for (const { id } of [known, forgotten]) assert.equal(await api.usageReaching("api_requests", id, 1), 1);
  await first.stop();
  // Beyond its TTL, but within what an outage allows; and beyond that.
  ageSnapshot(state, known.apiKey.key, 300);
  ageSnapshot(state, forgotten.apiKey.key, 7200);
  forgetSnapshot(state, unknown.apiKey.key);

  const proxy = await between();
  const port = await freePort();
  proxy.mode.target = `http://127.0.0.1:${port}`;
  const stack = await startStack({ port, state, vars: { TOLLGATE_CONTROL_URL: proxy.url } });
  try {
    const ask = caller(stack.url, known.apiKey.key);
    const failed = (answer) => {
      assert.equal(answer.status, 403);
      assert.equal(answer.body.detail, "Authorization Failed");
    };
    let served = 0;
    for (const [name, answer] of Object.entries(OUTAGES)) {
      proxy.mode.answer = answer;
      const asked = proxy.mode.asked;
      for (let i = 0; i < 3; i++) {
        assert.equal((await ask("/todos")).status, 200, name);
        served++;
      }
      failed(await caller(stack.url, unknown.apiKey.key)("/todos"));
      failed(await caller(stack.url, forgotten.apiKey.key)("/todos"));
      assert.ok(proxy.mode.asked > asked, `${name}: the control plane was asked`);
    }

    // An operator sees it: apart from other outages, and in the log, though not for every request.
    const authorization = `Bearer ${LOCAL_ADMIN_KEY}`;
    proxy.mode.answer = undefined;
    const { gate } = await (await fetch(`${stack.url}/healthz`, { headers: { authorization } })).json();
    assert.ok(gate.credentialRefused >= 4, `${gate.credentialRefused}`);
    assert.ok(gate.lookupsFailed >= 7, `${gate.lookupsFailed}`);
    const told = readFileSync(stack.log, "utf8").split("refuses the credential of this gateway").length - 1;
    assert.equal(told, 1);

    // It is back: nobody was remembered as bad, and nothing of what was used is lost.
    assert.equal((await caller(stack.url, unknown.apiKey.key)("/todos")).status, 200);
    const after = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
    assert.equal(await after.usageReaching("api_requests", known.id, 1 + served, 120_000), 1 + served);
    assert.equal(await after.usageReaching("api_requests", unknown.id, 1), 1);
    const log = readFileSync(stack.log, "utf8");
    for (const { apiKey } of [known, unknown, forgotten]) assert.ok(!log.includes(apiKey.key));
    assert.ok(!log.includes(LOCAL_ADMIN_KEY));
  } finally {
    await stack.stop();
  }
});
