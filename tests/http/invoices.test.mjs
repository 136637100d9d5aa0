// Invoices over HTTP: they come by themselves, can be read in three formats, audited from outside, and their payment
// opens and closes the gate.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/stack/stack.mjs";
import { meter } from "./catalog.mjs";
import { caller, clockSeen, configuration, policy, start } from "./harness.mjs";

const POLICIES = [policy("counted", { meters: { api_requests: 1 } })];
const ROUTES = {
  bucket: "working-copy",
  routes: [{ path: "/todos", methods: ["GET"], upstream: "service:DEMO_UPSTREAM", policies: ["counted"] }],
};
const { url, api } = await start({ config: configuration(POLICIES, ROUTES) });

const MONTHLY = { billingCadence: "P1M" };
const CARDS = [
  {
    ...MONTHLY,
    type: "flat_fee",
    key: "api_requests",
    name: "Requests",
    featureKey: "api_requests",
    price: { type: "flat", amount: "29.00" },
    entitlementTemplate: { type: "metered", issueAfterReset: 1000, isSoftLimit: false },
  },
  {
    ...MONTHLY,
    type: "usage_based",
    key: "pages",
    name: "Pages",
    featureKey: "pages",
    price: {
      type: "tiered",
      mode: "graduated",
      tiers: [
        { upToAmount: 100, unitPrice: { type: "unit", amount: "0.10" } },
        { unitPrice: { type: "unit", amount: "0.05" } },
      ],
    },
    discounts: { percentage: 15 },
  },
];

let events = 0;

async function use(subscription, total, time) {
  const event = { specversion: "1.0", source: "test", id: `e${++events}`, type: "pages", subject: "s", time };
  const body = JSON.stringify({ ...event, subscription, data: { total } });
  const { status } = await api.send("POST", "events", body, { "content-type": "application/cloudevents+json" });
  assert.equal(status, 204);
}

/** The command's exit status and what it printed as JSON. */
function audit(invoice) {
  const command = process.env.TOLLGATE_COMMAND ?? join(ROOT, "build/native/tollgate");
  const env = { ...process.env, TOLLGATE_ADMIN_KEY: api.key };
  return new Promise((done) => {
    execFile(command, ["audit", invoice, "--url", url, "--json"], { env }, (error, stdout, stderr) => {
      done({ status: error?.code ?? 0, report: stdout === "" ? undefined : JSON.parse(stdout), stderr });
    });
  });
}

await meter(api, "pages");
const { id: planId } = await api.post("plans", {
  key: "paid",
  name: "Paid",
  currency: "USD",
  billingCadence: "P1M",
  phases: [{ key: "default", name: "Default", rateCards: CARDS }],
});
await api.post(`plans/${planId}/publish`);
await api.send("PUT", "test-clock", { now: "2028-01-31T00:00:00Z", frozen: true });
await api.post("customers", { key: "payer", name: "Payer <Ltd>" });
const subscription = await api.post("subscriptions", { plan: { key: "paid" }, customerKey: "payer" });
const invoices = () => api.get(`subscriptions/${subscription.id}/invoices`).then(({ items }) => items);

test("the first invoice is there as soon as the subscription is", async () => {
  const [first] = await invoices();
  assert.equal(first.status, "open");
  assert.equal(first.total, "29.00");
  assert.equal(first.date, "2028-01-31T00:00:00Z");
});

test("moving the clock bills the month, the leap day included", async () => {
  await use(subscription.id, 250, "2028-01-31T00:00:00Z");
  assert.equal((await api.get(`subscriptions/${subscription.id}/invoices/preview`)).total, "43.88");
  await api.post("test-clock/advance", { to: "2028-03-01T00:00:00Z" });
  const [, second] = await invoices();
  const { total, date, lines } = await api.get(`invoices/${second.id}`);
  assert.equal(date, "2028-02-29T00:00:00Z");
  assert.equal(total, "43.88");
  assert.deepEqual(
    lines[1].rating.steps.map(({ tier, quantity, unitPrice, subtotal }) => [tier, quantity, unitPrice, subtotal]),
    [
      [0, "100", "0.1", "10"],
      [1, "150", "0.05", "7.5"],
    ],
  );
  assert.equal(lines[1].rating.beforeRounding, "14.875");
});

test("an invoice is a table and a page to print as well", async () => {
  const [, { id, number }] = await invoices();
  const csv = await api.send("GET", `invoices/${id}?format=csv`);
  assert.match(csv.headers.get("content-type"), /^text\/csv/);
  assert.match(csv.headers.get("content-disposition"), new RegExp(`${number}.csv`));
  assert.equal(csv.body.trimEnd().split("\r\n").length, 3);
  const page = await api.send("GET", `invoices/${id}?format=html`);
  assert.match(page.headers.get("content-type"), /^text\/html/);
  assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
  assert.ok(page.body.includes("Payer &lt;Ltd&gt;"));
  assert.ok(page.body.includes("43.88 USD"));
});

test("anybody who may read can compute an invoice again from the ledger", async () => {
  const [, second] = await invoices();
  const { status, report } = await audit(second.number);
  assert.equal(status, 0);
  assert.deepEqual(
    report.lines.map(({ kind, amount, computed, usage, ledgerUsage }) => ({
      kind,
      amount,
      computed,
      usage,
      ledgerUsage,
    })),
    [
      { kind: "fee", amount: "29.00", computed: "29.00", usage: undefined, ledgerUsage: undefined },
      { kind: "usage", amount: "14.88", computed: "14.88", usage: "250", ledgerUsage: "250" },
    ],
  );
  assert.equal((await audit("INV-999999")).status, 2);
});

test("usage that comes late is told by the audit until the next invoice has billed it", async () => {
  const [, second] = await invoices();
  await use(subscription.id, 50, "2028-02-28T00:00:00Z");
  const before = await audit(second.id);
  assert.equal(before.status, 1);
  assert.equal(before.report.lines[1].ledgerUsage, "300");
  await api.post("test-clock/advance", { to: "2028-03-31T00:00:00Z" });
  const third = await api.get(`invoices/${(await invoices())[2].id}`);
  assert.deepEqual(
    third.lines.map(({ kind, amount }) => [kind, amount]),
    [
      ["fee", "29.00"],
      ["usage", "0.00"],
      ["late_usage", "2.12"],
    ],
  );
  assert.equal((await audit(second.id)).status, 0);
  assert.equal((await audit(third.id)).status, 0);
});

test("a payment that fails closes the gate when grace is over, and one that succeeds opens it", async () => {
  const call = caller(url, subscription.apiKey.key);
  for (const { id } of await invoices()) await api.post(`invoices/${id}/mark-paid`);
  assert.equal((await api.get(`subscriptions/${subscription.id}`)).paymentStatus.status, "paid");
  await api.post("test-clock/advance", { to: "2028-05-01T00:00:00Z" });
  const last = (await invoices()).at(-1);
  await api.post(`invoices/${last.id}/mark-failed`, {});
  await clockSeen();
  assert.equal((await call("/todos")).status, 200);
  await api.post("test-clock/advance", { by: "P4D" });
  await clockSeen();
  const refused = await call("/todos");
  assert.equal(refused.status, 403);
  assert.match(refused.body.detail, /^Payment is overdue/);
  await api.post(`invoices/${last.id}/mark-paid`, {});
  // Isolates hold what they knew for as long as their cache says.
  await api.post("test-clock/advance", { by: "PT2M" });
  await clockSeen();
  assert.equal((await call("/todos")).status, 200);
});

test("what a gateway lets in after the end of a subscription, on what it knew of it, is billed to it", async () => {
  const rateCards = [
    {
      ...MONTHLY,
      type: "usage_based",
      key: "api_requests",
      name: "Requests",
      featureKey: "api_requests",
      price: { type: "unit", amount: "0.25" },
      entitlementTemplate: { type: "metered", isSoftLimit: true },
    },
  ];
  const phases = [{ key: "default", name: "Default", rateCards }];
  const plan = { key: "metered", name: "Metered", currency: "USD", billingCadence: "P1M", phases };
  await api.post(`plans/${(await api.post("plans", plan)).id}/publish`);
  await api.post("customers", { key: "walker", name: "Walker" });
  const old = await api.post("subscriptions", { plan: { key: "metered" }, customerKey: "walker" });
  await api.post("test-clock/advance", { by: "P1D" });
  await clockSeen();
  const call = caller(url, old.apiKey.key);
  assert.equal((await call("/todos")).status, 200);
  assert.equal(await api.usageReaching("api_requests", old.id, 1), 1);
  // The clock stands still: the gateway goes by the snapshot that it has just got.
  const { current, next } = await api.post(`subscriptions/${old.id}/change`, {
    plan: { key: "metered" },
    timing: "immediate",
  });
  for (let i = 0; i < 3; i++) assert.equal((await call("/todos")).status, 200);
  assert.equal(await api.usageReaching("api_requests", old.id, 4), 4);
  assert.equal(await api.usage("api_requests", next.id), 0);
  await api.post("test-clock/advance", { by: "P35D" });
  const { items } = await api.get(`subscriptions/${old.id}/invoices`);
  const [closing, late] = await Promise.all(items.map(({ id }) => api.get(`invoices/${id}`)));
  const told = ({ kind, usage, billedUsage, amount }) => [kind, usage, billedUsage, amount];
  assert.deepEqual(closing.lines.map(told), [["usage", "1", undefined, "0.25"]]);
  assert.deepEqual(late.lines.map(told), [["late_usage", "4", "1", "0.75"]]);
  assert.equal(late.lines[0].period.to, current.activeTo);
  assert.equal(Date.parse(late.lines[0].usageUntil) - Date.parse(current.activeTo), 36 * 86_400_000);
  for (const { id } of items) assert.equal((await audit(id)).status, 0);
  // Its account is closed: what still comes is for the dead letters.
  const event = { specversion: "1.0", source: "test", id: "after", type: "api_requests", subject: "s" };
  const body = JSON.stringify({ ...event, subscription: old.id, data: { total: 1 } });
  const refused = await api.send("POST", "events", body, { "content-type": "application/cloudevents+json" });
  assert.deepEqual([refused.status, refused.body.invalidParameters[0].rule], [400, "closed"]);
});

test("M7: usage of a subscription that ended the moment it began is on the write-off list", async () => {
  await api.post("customers", { key: "blink", name: "Blink" });
  const old = await api.post("subscriptions", { plan: { key: "metered" }, customerKey: "blink" });
  const call = caller(url, old.apiKey.key);
  assert.equal((await call("/todos")).status, 200);
  assert.equal(await api.usageReaching("api_requests", old.id, 1), 1);
  await api.post(`subscriptions/${old.id}/change`, { plan: { key: "metered" }, timing: "immediate" });
  assert.equal((await call("/todos")).status, 200);
  let letters = { totalCount: 0 };
  for (const until = Date.now() + 20_000; letters.totalCount === 0 && Date.now() < until; ) {
    letters = await api.get("dead-letters");
    await new Promise((done) => setTimeout(done, 100));
  }
  const [letter] = letters.items;
  assert.match(letter.reason, /^400: .*ended before it began/);
  assert.equal(letter.event.subscription, old.id);
  assert.equal((await api.get(`subscriptions/${old.id}/invoices`)).totalCount, 0);
});

test("a credit line says how it came about, and is computed again", async () => {
  const change = (id, key) => api.post(`subscriptions/${id}/change`, { plan: { key }, timing: "immediate" });
  // It waits for a plan with a fee in advance.
  const there = await change(subscription.id, "metered");
  await api.post("test-clock/advance", { by: "P1D" });
  const { next } = await change(there.next.id, "paid");
  await api.post("test-clock/advance", { by: "P1D" });
  const { items } = await api.get(`subscriptions/${next.id}/invoices`);
  const { lines } = await api.get(`invoices/${items[0].id}`);
  const [{ granted, used, change: origin }] = lines[1].sources;
  assert.deepEqual([lines[1].kind, lines[1].amount, granted], ["credit", `-${used}`, used]);
  assert.deepEqual([origin.subscriptionId, origin.at], [subscription.id, there.current.activeTo]);
  assert.equal(origin.fees[0].amount, "29.00");
  const { status, report } = await audit(items[0].id);
  assert.equal(status, 0);
  assert.deepEqual(
    report.lines.map(({ kind, equal, detail }) => [kind, equal, detail]),
    [
      ["fee", true, undefined],
      ["credit", true, undefined],
    ],
  );
});
