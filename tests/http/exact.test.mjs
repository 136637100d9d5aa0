// A quantity keeps every digit on its way from the policy through the queue to the ledger.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { plan, subscribe } from "./catalog.mjs";
import { caller, configuration, start } from "./harness.mjs";

// More digits than a double holds: written as text, since JavaScript would round it here already.
const COST = "123456789.123456789";

const config = configuration([], {
  routes: [{ path: "/todos", methods: ["GET"], upstream: "service:DEMO_UPSTREAM", policies: ["dear"] }],
});
writeFileSync(
  join(config, "policies.json"),
  `[{"name":"dear","policyType":"monetization-inbound","handler":{"options":{"meters":{"api_requests":${COST}}}}}]`,
);
const { url, api } = await start({ config });

test("an amount of eighteen digits is metered to the last one", async () => {
  await plan(api, "dear", { api_requests: 1_000_000_000_000 });
  const { apiKey, id } = await subscribe(api, "dear", "exact-customer");
  const ask = caller(url, apiKey.key);
  assert.equal((await ask("/todos")).status, 200);
  await api.usageReaching("api_requests", id, 123456789);
  assert.match(await queryText(id), new RegExp(`"value":${COST.replace(".", "\\.")}[,}]`));
});

/** The ledger's answer as it stands, unparsed. */
async function queryText(subscription) {
  const response = await fetch(`${url}/v3/metering/working-copy/meters/api_requests/query`, {
    method: "POST",
    headers: { authorization: "Bearer tg_admin_local", "content-type": "application/json" },
    body: JSON.stringify({ filterSubscription: [subscription] }),
  });
  return response.text();
}
