// Timers run by themselves, and one that cannot be run keeps nothing else waiting.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
import { scratchFolder, start } from "./harness.mjs";

/** A plan of a fee of 10 a month. */
function rent(key, paymentTerm) {
  const price = { type: "flat", amount: "10", paymentTerm };
  const rateCards = [{ type: "flat_fee", key: "rent", name: "Rent", billingCadence: "P1M", price }];
  const phases = [{ key: "default", name: "Default", duration: null, rateCards }];
  return { key, name: "Rent", currency: "EUR", billingCadence: "P1M", phases };
}

async function rentTo(api, customer, plan) {
  const { id } = await api.post("plans", plan);
  await api.post(`plans/${id}/publish`);
  await api.post("customers", { key: customer, name: customer });
  return await api.post("subscriptions", { plan: { key: plan.key }, customerKey: customer });
}

/** Sets the payment status of a subscription in the databases of a host that is not running, whatever the text. */
const SET_STATUS = `
import sqlite3, sys
status, subscription, *files = sys.argv[1:]
changed = 0
for file in files:
    with sqlite3.connect(file) as database:
        if database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'subscriptions'").fetchone():
            statement = "UPDATE subscriptions SET payment_status = ? WHERE id = ?"
            changed += database.execute(statement, (status, subscription)).rowcount
    database.close()
print(changed)
`;

function setStatus(state, subscription, status) {
  const files = readdirSync(state, { recursive: true }).filter((file) => file.endsWith(".sqlite"));
  const paths = files.map((file) => join(state, file));
  const changed = execFileSync("python3", ["-c", SET_STATUS, status, subscription, ...paths], { encoding: "utf8" });
  assert.equal(changed.trim(), "1");
}

async function datesOf(api, subscription) {
  const { items } = await api.get(`subscriptions/${subscription}/invoices?pageSize=100`);
  return items.map(({ date }) => date).sort();
}

test("a subscription that the module traps on is set aside: others are billed, and later it is", async () => {
  const state = scratchFolder();
  let stack = await startStack({ port: await freePort(), state });
  const again = async (change) => {
    await stack.crash();
    change();
    stack = await startStack({ port: await freePort(), state });
    return new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
  };
  try {
    let api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
    await api.send("PUT", "test-clock", { now: "2030-01-10T00:00:00Z", frozen: true });
    const { id: broken } = await rentTo(api, "a-broken", rent("rent_a", "in_advance"));
    const { id: sound } = await rentTo(api, "b-sound", rent("rent_b", "in_advance"));
    assert.equal((await datesOf(api, broken)).length, 1);

    api = await again(() => setStatus(state, broken, "no status at all"));
    await api.post("test-clock/advance", { by: "P3M" });
    const dates = await datesOf(api, sound);
    assert.deepEqual(
      dates.map((date) => date.slice(0, 10)),
      ["2030-01-10", "2030-02-10", "2030-03-10", "2030-04-10"],
    );
    assert.equal((await api.send("GET", `subscriptions/${broken}`)).status, 500);
    assert.equal((await api.send("GET", "customers/b-sound")).status, 200);

    api = await again(() => setStatus(state, broken, "paid"));
    await api.post("test-clock/advance", { by: "P2D" });
    assert.deepEqual(await datesOf(api, broken), dates);
  } finally {
    await stack.crash();
  }
});

test("what falls due sooner than all else is not left to the next request, nor to a later alarm", async () => {
  const { api } = await start();
  const { id, apiKey } = await rentTo(api, "leaves", rent("rent_c", "in_arrears"));
  // Without a key there is no snapshot to write, which would wake the bucket up.
  await api.send("DELETE", `subscriptions/${id}/api-keys/${apiKey.id}`);
  await new Promise((done) => setTimeout(done, 3_000));
  const end = Date.now() + 2_000;
  await api.post(`subscriptions/${id}/cancel`, { timing: new Date(end).toISOString() });
  await new Promise((done) => setTimeout(done, 10_000));
  const asked = Date.now();
  const { items } = await api.get(`subscriptions/${id}/invoices`);
  assert.equal(items.length, 1);
  assert.ok(Date.parse(items[0].createdAt) < asked - 3_000, "it was drawn up before anybody asked");
});

test("an end in the year 9000 is no alarm that cannot be set", async () => {
  const { api } = await start();
  const { id } = await rentTo(api, "stays", rent("rent_d", "in_arrears"));
  const { activeTo } = await api.post(`subscriptions/${id}/cancel`, { timing: "9000-01-01T00:00:00Z" });
  assert.equal(activeTo, "9000-01-01T00:00:00Z");
  const { id: other } = await rentTo(api, "comes", rent("rent_e", "in_advance"));
  assert.equal((await datesOf(api, other)).length, 1);
});
