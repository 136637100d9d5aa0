// A stack that is told to end delivers what it owes: every answer of 200 is in the ledger afterwards (S3.1, M5).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, HOST, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { configuration, policy, scratchFolder, serve } from "./harness.mjs";
import { makeRun } from "./make-run.mjs";

const KEYS = 30;
const CONNECTIONS = 24;
/** Answers of 200 after which the stack is told to end, while more are asked for. */
const ANSWERS = 600;

const upstream = await serve((request, response) => {
  const wait = request.url === "/slow" ? 400 : 0;
  setTimeout(() => response.writeHead(200).end("done"), wait);
});
const config = configuration([policy("p", { meters: { api_requests: 1 } })], {
  routes: [{ path: "/*", methods: ["GET"], upstream: upstream.url, policies: ["p"] }],
});

/** Sends requests until nobody answers any more; `served` counts the answers of 200 for each subscription. */
function load(url, subscriptions) {
  const served = new Map(subscriptions.map(({ id }) => [id, 0]));
  const connection = async (number) => {
    for (let i = number; ; i++) {
      const { id, apiKey } = subscriptions[i % subscriptions.length];
      const headers = { authorization: `Bearer ${apiKey.key}` };
      const path = i % 50 === 0 ? "/slow" : "/";
      const response = await fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(30_000) }).catch(() => null);
      if (response === null) return;
      await response.arrayBuffer().catch(() => null);
      if (response.status === 200) served.set(id, served.get(id) + 1);
      else await delay(50);
    }
  };
  return { served, ended: Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => connection(number))) };
}

const delay = (ms) => new Promise((done) => setTimeout(done, ms));
const sum = (counts) => [...counts.values()].reduce((total, count) => total + count, 0);

async function usageIn(state, subscriptions) {
  const stack = await startStack({ port: await freePort(), state });
  try {
    const api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
    return new Map(await Promise.all(subscriptions.map(async ({ id }) => [id, await api.usage("api_requests", id)])));
  } finally {
    await stack.stop();
  }
}

test("M5: SIGTERM under load, twice at once: what was answered with 200 is in the ledger", async () => {
  const state = scratchFolder();
  const { url, child, exited, said } = await makeRun({ TOLLGATE_STATE: state, TOLLGATE_CONFIG: config });
  const api = new ControlPlane(url, LOCAL_ADMIN_KEY);
  await plan(api, "many", { api_requests: 1_000_000 });
  const subscriptions = [];
  for (let i = 0; i < KEYS; i++) subscriptions.push(await subscribe(api, "many", `ending-${i}`));
  const { served, ended } = load(url, subscriptions);
  while (sum(served) < ANSWERS) await delay(10);
  // make hands on to its child what the whole group has heard already.
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGTERM"), 100);
  assert.equal(await exited, 0, said.text);
  await ended;
  assert.deepEqual(await usageIn(state, subscriptions), served);
  assert.match(said.text, /the state is kept/);
});

test("what cannot be delivered in time is told with its number", async () => {
  const state = scratchFolder();
  const port = await freePort();
  const stack = await startStack({ port, state, config });
  const api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
  await plan(api, "many", { api_requests: 1_000_000 });
  // Whoever has no admin key ends nothing.
  if (HOST === "workerd") {
    const endings = { POST: 401, GET: 405 };
    for (const [method, status] of Object.entries(endings)) {
      assert.equal((await fetch(`${stack.url}/healthz/ending`, { method })).status, status);
    }
    assert.equal((await fetch(`${stack.url}/`)).status, 403);
  }
  const keys = [];
  for (let i = 0; i < 3; i++) keys.push((await subscribe(api, "many", `ending-cut-${i}`)).apiKey.key);
  await stack.stop();

  // The same state behind a control plane that takes no events.
  const plane = await serve(async (request, response) => {
    for await (const _ of request);
    if (request.url.endsWith("/events")) return response.writeHead(503).end("down");
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, {
      method: request.method,
      headers: { authorization: request.headers.authorization },
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const cut = await startStack({ port, state, config, vars: { TOLLGATE_CONTROL_URL: plane.url } });
  for (const key of keys) {
    const headers = { authorization: `Bearer ${key}` };
    assert.equal((await fetch(`${cut.url}/`, { headers })).status, 200);
  }
  const began = Date.now();
  // workerd is given up by the script, `tollgate serve` gives up by itself.
  const left = await cut.stop({ patienceMs: HOST === "workerd" ? 4_000 : 40_000 });
  assert.match(left, /\b3\b/);
  assert.ok(Date.now() - began < 45_000);
});
