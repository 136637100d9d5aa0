// Timers run by themselves, and one that cannot be run keeps nothing else waiting.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
import { scratchFolder } from "./harness.mjs";

const RENT = {
  key: "rent",
  name: "Rent",
  currency: "EUR",
  billingCadence: "P1M",
  phases: [
    {
      key: "default",
      name: "Default",
      duration: null,
      rateCards: [
        { type: "flat_fee", key: "rent", name: "Rent", billingCadence: "P1M", price: { type: "flat", amount: "10" } },
      ],
    },
  ],
};

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
    const { id: planId } = await api.post("plans", RENT);
    await api.post(`plans/${planId}/publish`);
    await api.send("PUT", "test-clock", { now: "2030-01-10T00:00:00Z", frozen: true });
    const ids = [];
    for (const key of ["a-broken", "b-sound"]) {
      await api.post("customers", { key, name: key });
      ids.push((await api.post("subscriptions", { plan: { key: "rent" }, customerKey: key })).id);
    }
    const [broken, sound] = ids;
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
