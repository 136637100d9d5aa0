// Where the events of a gateway end when ledger and bucket do not take them: every one is counted and kept (M5).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, HOST, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { caller, configuration, policy, scratchFolder, serve } from "./harness.mjs";
import { keptMessages } from "./kv.mjs";

const port = await freePort();
/** What the control plane answers to these paths in place of what it would. */
const answers = { events: 0, "dead-letters": 0 };
const plane = await serve(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const forced = answers[request.url.split("/").at(-1)] ?? 0;
  if (forced !== 0) return response.writeHead(forced).end("out of order");
  const { authorization, "content-type": type } = request.headers;
  const headers = type === undefined ? { authorization } : { authorization, "content-type": type };
  const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
  const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, { method: request.method, headers, body });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
  response.end(answer.status === 204 ? undefined : Buffer.from(await answer.arrayBuffer()));
});
const upstream = await serve((request, response) => {
  const { searchParams } = new URL(request.url, "http://upstream");
  response.writeHead(200, Object.fromEntries(searchParams)).end("done");
});

const config = configuration([policy("p", { meters: { api_requests: 1 } })], {
  routes: [
    { path: "/*", methods: ["GET"], upstream: upstream.url, policies: ["p"], responseMeters: { ghosts: "X-Ghosts" } },
  ],
});
const state = scratchFolder();
const vars = { TOLLGATE_CONTROL_URL: plane.url };
const stack = await startStack({ port, state, config, vars, queueRetries: 1 });
const api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
await plan(api, "many", { api_requests: 1000 });
test.after(() => stack.stop({ patienceMs: 0 }));

async function queue() {
  const headers = { authorization: `Bearer ${LOCAL_ADMIN_KEY}` };
  return (await (await fetch(`${stack.url}/healthz`, { headers })).json()).queue;
}

/** Waits until nothing is under way; answers how the counters have changed, by name. */
async function settled(before) {
  let now = await queue();
  for (const until = Date.now() + 60_000; Date.now() < until; now = await queue()) {
    const { sent, accepted, rejected, deadLettered, inFlight } = now;
    assert.equal(sent, accepted + rejected + deadLettered + inFlight);
    if (sent > before.sent && inFlight === 0) break;
    await new Promise((done) => setTimeout(done, 200));
  }
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - before[name]]));
}

/** A subscription that sends one request, and events in one batch: one that counts and `ghosts`, of no meter. */
async function useOnce(name, ghosts = "") {
  const { apiKey, id } = await subscribe(api, "many", name);
  const before = await queue();
  const { status } = await caller(stack.url, apiKey.key)(`/?${ghosts}`);
  assert.equal(status, 200);
  return { id, before };
}

test("what the ledger takes is accepted, what it refuses is a dead letter with its reason", async () => {
  const { id, before } = await useOnce("queues-plain", "x-ghosts=3");
  const change = await settled(before);
  assert.deepEqual([change.sent, change.accepted, change.rejected, change.deadLettered], [2, 1, 1, 0]);
  assert.equal(await api.usage("api_requests", id), 1);
  const { items } = await api.get("dead-letters");
  assert.deepEqual(
    items.map(({ event }) => [event.type, event.subscription]),
    [["ghosts", id]],
  );
  assert.match(items[0].reason, /^400: type /);
});

const skip = HOST !== "workerd" && "it has no queues: a batch stays in the gate until it is taken";

test("what no ledger takes however often it is tried becomes a dead letter of its bucket", { skip }, async () => {
  answers.events = 500;
  const { id, before } = await useOnce("queues-given-up");
  const change = await settled(before);
  answers.events = 0;
  assert.deepEqual([change.sent, change.accepted, change.rejected, change.deadLettered], [1, 0, 0, 1]);
  const { items } = await api.get("dead-letters");
  const letter = items.find(({ event }) => event.subscription === id);
  assert.match(letter.reason, /^delivery was tried .*500: out of order/);
  assert.deepEqual(letter.event.data, { total: 1 });
});

test("what the bucket does not take either is kept in KV, whichever way it came", { skip }, async () => {
  answers.events = 500;
  answers["dead-letters"] = 500;
  const { id, before } = await useOnce("queues-last-resort");
  const given = await settled(before);
  assert.deepEqual([given.deadLettered, given.keptMessages], [1, 1]);
  answers.events = 0;
  const refused = await settled((await useOnce("queues-last-letter", "x-ghosts=5")).before);
  assert.deepEqual([refused.accepted, refused.deadLettered, refused.keptMessages], [1, 1, 1]);
  answers["dead-letters"] = 0;
  await stack.stop();
  const kept = keptMessages(state);
  assert.equal(kept.length, 2);
  const batch = kept.map((text) => JSON.parse(text)).find(({ events }) => events !== undefined);
  assert.equal(batch.bucket, "working-copy");
  assert.equal(batch.events[0].subscription, id);
  const letter = kept.map((text) => JSON.parse(text)).find(({ event }) => event !== undefined);
  assert.equal(JSON.parse(letter.event).type, "ghosts");
});
