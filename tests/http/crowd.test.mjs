// Many keys and many connections at once: what was answered with 200 is in the ledger, and a hard limit is exact within
// one instance, whatever keys are used and whenever each is first seen (M10, S3.1, S5).

import assert from "node:assert/strict";
import { test } from "node:test";
import { plan, subscribe } from "./catalog.mjs";
import { configuration, policy, serve, start } from "./harness.mjs";

/** More than one instance had places for when each key had its own. */
const SUBSCRIPTIONS = 12;
const KEYS_OF_EACH = 100;
const CONNECTIONS = 32;
const REQUESTS = 4 * SUBSCRIPTIONS * KEYS_OF_EACH;
const HARD_LIMIT = 1_000;

const upstream = await serve((_request, response) => response.writeHead(200).end("done"));
const config = configuration([policy("p", { meters: { api_requests: 1 } })], {
  routes: [{ path: "/*", methods: ["GET"], upstream: upstream.url, policies: ["p"] }],
});
const { url, api } = await start({ config });
await plan(api, "many", { api_requests: 1_000_000 });
await plan(api, "hard", { api_requests: HARD_LIMIT });

/** Does `task(0)` … `task(count - 1)`, so many at once; their results in that order. */
async function together(count, atOnce, task) {
  const results = [];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const i = next++;
      results[i] = await task(i);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return results;
}

/** A subscription with as many keys as it may have. */
async function crowd(planKey, customer) {
  const { id, apiKey } = await subscribe(api, planKey, customer);
  const more = await together(KEYS_OF_EACH - 1, 8, () => api.post(`subscriptions/${id}/api-keys`, {}));
  return { id, keys: [apiKey.key, ...more.map(({ key }) => key)] };
}

/** Sends requests over several connections at once; counts statuses by what `labelOf` says of each request. */
async function load(count, connections, keyOf, labelOf) {
  const statuses = new Map();
  await together(count, connections, async (i) => {
    const response = await fetch(`${url}/`, { headers: { authorization: `Bearer ${keyOf(i)}` } });
    await response.arrayBuffer();
    const label = `${labelOf(i)} ${response.status}`;
    statuses.set(label, (statuses.get(label) ?? 0) + 1);
  });
  return statuses;
}

test("M10: usage of many keys at once is all in the ledger", async () => {
  const crowds = [];
  for (let i = 0; i < SUBSCRIPTIONS; i++) crowds.push(await crowd("many", `crowd-${i}`));
  const of = (i) => crowds[i % SUBSCRIPTIONS];
  const keyOf = (i) => of(i).keys[Math.floor(i / SUBSCRIPTIONS) % KEYS_OF_EACH];
  const statuses = await load(REQUESTS, CONNECTIONS, keyOf, (i) => of(i).id);
  assert.equal(
    [...statuses.values()].reduce((sum, count) => sum + count, 0),
    REQUESTS,
  );
  for (const { id } of crowds) {
    const served = statuses.get(`${id} 200`);
    assert.equal(served, REQUESTS / SUBSCRIPTIONS);
    assert.equal(await api.usageReaching("api_requests", id, served), served);
  }
  const { gate } = await (await fetch(`${url}/healthz`, { headers: { authorization: `Bearer ${api.key}` } })).json();
  assert.equal(gate.eventsLost, 0);
});

test("S5: a hard limit is exact within one instance, whatever keys the requests use", async () => {
  const { id, keys } = await crowd("hard", "hard");
  const statuses = await load(
    HARD_LIMIT + 500,
    64,
    (i) => keys[i % keys.length],
    () => "any",
  );
  assert.deepEqual(Object.fromEntries(statuses), { "any 200": HARD_LIMIT, "any 403": 500 });
  assert.equal(await api.usageReaching("api_requests", id, HARD_LIMIT), HARD_LIMIT);
});
