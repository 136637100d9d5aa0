// Service keys of two buckets, in every role, at routes of both (S6): the same property as in tests/unit/control, on
// the running host. The table of roles is written down here once more, apart from the one that the control plane has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { LOCAL_ADMIN_KEY } from "../../scripts/stack/stack.mjs";
import { meter, plan, subscribe } from "./catalog.mjs";
import { start } from "./harness.mjs";

const BUCKETS = ["working-copy", "preview"];
const ROLES = ["admin", "read-only", "edge", "portal"];
const LISTS = [
  "meters",
  "features",
  "plans",
  "customers",
  "subscriptions",
  "plan-invites",
  "billing/profiles",
  "service-keys",
];

const { url } = await start();
const operator = Object.fromEntries(BUCKETS.map((name) => [name, new ControlPlane(url, LOCAL_ADMIN_KEY, name)]));
const world = {};
for (const bucket of BUCKETS) world[bucket] = await fill(operator[bucket], `secret of ${bucket}`);

/** The same things under the same keys in each bucket, with a secret of its own. */
async function fill(api, secret) {
  await meter(api, "shared");
  const planId = await plan(api, "shared", { shared: 5 });
  const subscription = await subscribe(api, "shared", "shared");
  await api.send("PUT", "customers/shared", { key: "shared", name: secret });
  await api.post("billing/profiles", { name: secret });
  await api.post("plan-invites", { email: "a@b", planId });
  const keys = {};
  for (const role of ROLES) keys[role] = (await api.post("service-keys", { name: secret, role })).key;
  return { secret, planId, subscriptionId: subscription.id, keys };
}

/** Routes, and the roles besides admin that may use them; ids are those of the bucket `of`. */
function routes({ planId, subscriptionId }) {
  return [
    ["GET", "meters", ["read-only"]],
    ["GET", "plans", ["read-only", "portal"]],
    ["GET", `plans/${planId}`, ["read-only", "portal"]],
    ["POST", `plans/${planId}/next`, []],
    ["GET", "customers", ["read-only"]],
    ["GET", "customers/shared", ["read-only", "portal"]],
    ["DELETE", "customers/shared", []],
    ["GET", `subscriptions/${subscriptionId}`, ["read-only", "portal"]],
    ["POST", `subscriptions/${subscriptionId}/cancel`, ["portal"]],
    ["POST", `subscriptions/${subscriptionId}/api-keys`, ["portal"]],
    ["GET", "plan-invites", ["read-only", "portal"]],
    ["GET", "billing/profiles", ["read-only"]],
    ["DELETE", "monetization-configuration", []],
    ["GET", "dead-letters", ["read-only", "edge"]],
    ["GET", "service-keys", []],
  ];
}

/** All that can be seen of a bucket. */
async function seen(bucket) {
  const lists = await Promise.all(LISTS.map((path) => operator[bucket].get(`${path}?pageSize=100`)));
  return JSON.stringify(lists);
}

for (const target of BUCKETS) {
  const elsewhere = BUCKETS.find((name) => name !== target);
  for (const holder of BUCKETS) {
    test(`keys of ${holder} at ${target}`, async () => {
      const before = { [elsewhere]: await seen(elsewhere), [target]: await seen(target) };
      for (const role of ROLES) {
        const caller = new ControlPlane(url, world[holder].keys[role], target);
        for (const of of BUCKETS) {
          for (const [method, path, roles] of routes(world[of])) {
            const { status, body } = await caller.send(method, path);
            const what = `${role}: ${method} ${path} answered ${status} ${JSON.stringify(body)}`;
            const mayNot = role !== "admin" && !roles.includes(role);
            const code = holder !== target ? "other_bucket" : mayNot ? "role" : undefined;
            assert.equal(status === 403 ? body.code : undefined, code, what);
            assert.ok(status < 500, what);
            assert.ok(!JSON.stringify(body ?? "").includes(world[elsewhere].secret), what);
          }
        }
      }
      assert.equal(await seen(elsewhere), before[elsewhere]);
      if (holder !== target) assert.equal(await seen(target), before[target]);
    });
  }
}
