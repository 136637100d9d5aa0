// The catalog's routes, each for what it is there for; the harness holds every answer against docs/openapi.yaml.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { meter, plan, subscribe } from "./catalog.mjs";
import { start } from "./harness.mjs";

const { api, stack } = await start();

/** The answer, which must have this status. */
async function expect(status, method, path, body, headers) {
  const answer = await api.send(method, path, body, headers);
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const TOKENS = {
  slug: "words",
  name: "Words",
  description: "What a model reads and writes.",
  eventType: "words",
  aggregation: "SUM",
  valueProperty: "$.usage.total",
  groupBy: { model: "$.model" },
};

test("meters: made, listed, read by id and by slug, replaced, deleted", async () => {
  const made = await expect(201, "POST", "meters", TOKENS);
  const { id, createdAt, updatedAt, ...definition } = made;
  assert.deepEqual(definition, TOKENS);
  assert.deepEqual(await expect(200, "GET", `meters/${id}`), made);
  assert.deepEqual(await expect(200, "GET", "meters/words"), made);
  const { items } = await expect(200, "GET", "meters?pageSize=100");
  assert.deepEqual(items.at(-1), made);
  const renamed = await expect(200, "PUT", "meters/words", { ...TOKENS, name: "All words" });
  assert.equal(renamed.name, "All words");
  const refused = await expect(400, "PUT", "meters/words", { ...TOKENS, aggregation: "MAX" });
  assert.deepEqual(refused.invalidParameters[0].rule, "immutable");
  await expect(204, "DELETE", "meters/words");
  await expect(404, "GET", "meters/words");
});

test("a meter whose slug is taken, or that a feature names, is a conflict", async () => {
  await meter(api, "pages");
  const again = { slug: "pages", eventType: "pages", aggregation: "COUNT" };
  assert.equal((await expect(409, "POST", "meters", again)).code, "slug_taken");
  assert.equal((await expect(409, "DELETE", "meters/pages")).code, "meter_in_use");
});

test("features: listed, read by id and by key, archived; archiving frees the key", async () => {
  const first = await expect(200, "GET", "features/pages");
  assert.deepEqual(await expect(200, "GET", `features/${first.id}`), first);
  const taken = await expect(409, "POST", "features", { key: "pages", name: "Pages" });
  assert.equal(taken.code, "key_taken");
  await expect(204, "DELETE", "features/pages");
  const second = await expect(201, "POST", "features", { key: "pages", name: "Pages", meterSlug: "pages" });
  assert.deepEqual(await expect(200, "GET", "features/pages"), second);
  assert.ok((await expect(200, "GET", `features/${first.id}`)).archivedAt);
  const keysOf = async (query) => (await expect(200, "GET", `features?pageSize=100${query}`)).items.map(({ id }) => id);
  assert.ok(!(await keysOf("")).includes(first.id));
  assert.ok((await keysOf("&includeArchived=true")).includes(first.id));
});

test("plans: a draft is replaced and deleted; a published one is frozen, archived, followed by a version", async () => {
  const id = await plan(api, "reader", { pages: 10 });
  const published = await expect(200, "GET", `plans/${id}`);
  assert.deepEqual([published.status, published.version], ["active", 1]);
  const { phases } = published;
  const definition = { key: "reader", name: "Reader", currency: "USD", billingCadence: "P1M", phases };
  assert.equal((await expect(409, "PUT", `plans/${id}`, definition)).code, "plan_state");
  assert.equal((await expect(409, "DELETE", `plans/${id}`)).code, "plan_state");
  assert.equal((await expect(409, "POST", `plans/${id}/publish`)).code, "plan_state");

  const draft = await expect(201, "POST", `plans/${id}/next`);
  assert.deepEqual([draft.status, draft.version], ["draft", 2]);
  assert.equal((await expect(409, "POST", `plans/${id}/next`)).code, "draft_exists");
  assert.equal((await expect(409, "POST", "plans", definition)).code, "draft_exists");
  const renamed = await expect(200, "PUT", `plans/${draft.id}`, definition);
  assert.equal(renamed.name, "Reader");
  await expect(204, "DELETE", `plans/${draft.id}`);

  const next = await expect(201, "POST", `plans/${id}/next`);
  await expect(200, "POST", `plans/${next.id}/publish`);
  const { items } = await expect(200, "GET", "plans?key=reader&status=archived");
  assert.deepEqual(
    items.map((item) => item.id),
    [id],
  );
  assert.equal((await expect(200, "POST", `plans/${next.id}/archive`)).status, "archived");
  assert.equal((await expect(409, "POST", `plans/${next.id}/archive`)).code, "plan_state");
});

test("customers: listed, replaced, deleted unless they have a subscription", async () => {
  const customer = {
    key: "ada",
    name: "Ada",
    primaryEmail: "ada@example.com",
    currency: "USD",
    metadata: { tier: "1" },
  };
  const made = await expect(201, "POST", "customers", customer);
  assert.equal((await expect(409, "POST", "customers", customer)).code, "key_taken");
  const { items } = await expect(200, "GET", "customers?pageSize=100");
  assert.deepEqual(items.at(-1), made);
  const renamed = await expect(200, "PUT", `customers/${made.id}`, { ...customer, key: "lovelace" });
  assert.equal(renamed.key, "lovelace");
  assert.equal((await expect(409, "PUT", "customers/lovelace", { ...customer, key: "acme" })).code, "key_taken");
  await expect(204, "DELETE", "customers/lovelace");
  assert.equal((await expect(409, "DELETE", "customers/acme")).code, "customer_in_use");
});

test("subscriptions: a second one is refused; a cancelation is taken back in either spelling", async () => {
  const { id, customerId } = await subscribe(api, "starter", "canceler");
  const second = { plan: { key: "starter" }, customerId };
  assert.equal((await expect(409, "POST", "subscriptions", second)).code, "subscription_in_effect");
  const { items } = await expect(200, "GET", `subscriptions?customerId=${customerId}`);
  assert.deepEqual(
    items.map((item) => item.id),
    [id],
  );
  for (const spelling of ["unschedule-cancelation", "unschedule-cancellation"]) {
    assert.equal((await expect(409, "POST", `subscriptions/${id}/${spelling}`)).code, "not_canceled");
    const canceled = await expect(200, "POST", `subscriptions/${id}/cancel`, { timing: "next_billing_cycle" });
    assert.equal(canceled.status, "canceled");
    assert.equal((await expect(200, "POST", `subscriptions/${id}/${spelling}`)).status, "active");
  }
  assert.equal((await expect(200, "POST", `subscriptions/${id}/cancel`)).status, "inactive");
  assert.equal((await expect(409, "POST", `subscriptions/${id}/cancel`)).code, "subscription_inactive");
});

test("configuration: what is set is kept beside what was, and deleting it is the defaults", async () => {
  const defaults = await expect(200, "GET", "monetization-configuration");
  await expect(200, "PUT", "monetization-configuration", { planOrder: ["free", "starter"] });
  const settings = await expect(200, "PUT", "monetization-configuration", { maxPaymentOverdueDays: 5 });
  assert.deepEqual(settings, { ...defaults, planOrder: ["free", "starter"], maxPaymentOverdueDays: 5 });
  await expect(204, "DELETE", "monetization-configuration");
  assert.deepEqual(await expect(200, "GET", "monetization-configuration"), defaults);
});

test("the edge: a key's snapshot, and letters that could not be delivered", async () => {
  const digest = createHash("sha256").update(stack.seededKey).digest("hex");
  const snapshot = await expect(200, "GET", `snapshots/${digest}`);
  assert.equal(snapshot.consumer, "acme");
  assert.equal((await expect(400, "GET", "snapshots/abc")).invalidParameters[0].field, "digest");
  const letter = { reason: "400", event: { id: "1", what: ["ever"] } };
  for (let i = 0; i < 2; i++) await expect(204, "POST", "dead-letters", letter);
  const { items } = await expect(200, "GET", "dead-letters");
  const { id, receivedAt, ...kept } = items.at(-1);
  assert.deepEqual(kept, { ...letter, times: 2 });
});

test("billing profiles: one is the default, and stays it until another becomes it", async () => {
  const { id } = await expect(201, "POST", "billing/profiles", { name: "Standard" });
  const input = { name: "By the week", invoicing: { draftPeriod: "P7D" } };
  const replaced = await expect(200, "PUT", `billing/profiles/${id}`, input);
  assert.deepEqual([replaced.default, replaced.invoicing.draftPeriod], [true, "P7D"]);
  const refused = await expect(409, "PUT", `billing/profiles/${id}`, { ...input, default: false });
  assert.equal(refused.code, "default_profile");
  await expect(204, "DELETE", `billing/profiles/${id}`);
});

test("what has an entity tag is replaced and deleted by its tag, and not by another", async () => {
  await plan(api, "tagged", {});
  const draft = await expect(201, "POST", `plans/${(await api.get("plans?key=tagged")).items[0].id}/next`);
  const { key, name, currency, billingCadence, phases } = draft;
  const profile = await expect(201, "POST", "billing/profiles", { name: "Tagged" });
  await expect(201, "POST", "customers", { key: "tagged", name: "Tagged" });
  await expect(201, "POST", "meters", { ...TOKENS, slug: "tagged" });
  for (const [path, input] of [
    [`plans/${draft.id}`, { key, name, currency, billingCadence, phases }],
    [`billing/profiles/${profile.id}`, { name: "Tagged again" }],
    ["customers/tagged", { key: "tagged", name: "Tagged again" }],
    ["meters/tagged", { ...TOKENS, slug: "tagged" }],
    ["monetization-configuration", { maxPaymentOverdueDays: 7 }],
  ]) {
    const other = { "if-match": '"0000000000000000"' };
    assert.equal((await expect(412, "PUT", path, input, other)).code, "precondition_failed");
    await expect(412, "DELETE", path, undefined, other);
    const read = await api.send("GET", path);
    const replaced = await api.send("PUT", path, input, { "if-match": read.headers.get("etag") });
    assert.equal(replaced.status, 200, path);
    await expect(204, "DELETE", path, undefined, { "if-match": replaced.headers.get("etag") });
  }
});

test("a draft whose feature was archived meanwhile is not published", async () => {
  await meter(api, "fleeting");
  await plan(api, "fleeting", { fleeting: 1 });
  const draft = await expect(201, "POST", `plans/${(await api.get("plans?key=fleeting")).items[0].id}/next`);
  await expect(204, "DELETE", "features/fleeting");
  const refused = await expect(400, "POST", `plans/${draft.id}/publish`);
  assert.deepEqual(
    refused.invalidParameters.map(({ field }) => field),
    ["phases[0].rateCards[0].featureKey"],
  );
});

test("a subscription that has ended takes no key and no change", async () => {
  const { id } = await subscribe(api, "starter", "ended");
  await expect(200, "POST", `subscriptions/${id}/cancel`);
  for (const [path, body] of [
    ["api-keys", {}],
    ["api-keys/roll", {}],
    ["change", { plan: { key: "free" } }],
    ["change/estimate-credit", { plan: { key: "free" } }],
  ]) {
    const refused = await expect(409, "POST", `subscriptions/${id}/${path}`, body);
    assert.equal(refused.code, "subscription_inactive", path);
  }
});

test("invoices: made void for a reason, issued again once, and what a plan would have cost", async () => {
  const { id } = await subscribe(api, "pro", "billed");
  // It is billed in advance, which the test clock waits for.
  const { now } = await expect(200, "POST", "test-clock/advance", { by: "PT1S" });
  const [drawn] = (await expect(200, "GET", `subscriptions/${id}/invoices`)).items;
  const invoice = `invoices/${drawn.id}`;
  assert.deepEqual([drawn.total, drawn.status], ["29.00", "open"]);
  await expect(400, "GET", `${invoice}?format=pdf`);
  assert.match(await expect(200, "GET", `${invoice}?format=csv`), /^number,/);
  assert.match(await expect(200, "GET", `${invoice}?format=html`), /29\.00/);
  assert.equal((await expect(409, "POST", `${invoice}/reissue`)).code, "not_void");

  const voided = await expect(200, "POST", `${invoice}/void`, { reason: "Billed by mistake." });
  assert.deepEqual([voided.status, voided.void.reason], ["void", "Billed by mistake."]);
  assert.equal((await expect(409, "POST", `${invoice}/void`, { reason: "Again." })).code, "invoice_void");
  for (const outcome of ["mark-paid", "mark-failed"]) {
    assert.equal((await expect(409, "POST", `${invoice}/${outcome}`)).code, "not_open");
  }
  const reissued = await expect(201, "POST", `${invoice}/reissue`);
  assert.deepEqual([reissued.replaces, reissued.total], [drawn.id, "29.00"]);
  assert.equal((await expect(409, "POST", `${invoice}/reissue`)).code, "reissued");
  assert.equal((await expect(200, "POST", `invoices/${reissued.id}/mark-paid`)).status, "paid");

  const { items: plans } = await api.get("plans?key=pro&status=active");
  const span = { subscriptionId: id, from: drawn.date, to: now };
  const simulated = await expect(200, "POST", `plans/${plans[0].id}/simulate`, span);
  assert.equal(simulated.total, "29.00");
});

test("service keys: listed without the key, and revoked at once", async () => {
  const { key, ...made } = await expect(201, "POST", "service-keys", { name: "short-lived", role: "read-only" });
  assert.deepEqual((await expect(200, "GET", "service-keys?pageSize=100")).items.at(-1), made);
  const headers = { authorization: `Bearer ${key}` };
  await expect(200, "GET", "meters", undefined, headers);
  await expect(204, "DELETE", `service-keys/${made.id}`);
  await expect(401, "GET", "meters", undefined, headers);
});

test("an Idempotency-Key repeats the answer without the secret, and refuses another request", async () => {
  const headers = { "idempotency-key": "5f1b2a9e-9c47-4f6b-8a51-0f6f6f0f7f10" };
  const body = { name: "repeated", role: "edge" };
  const { key, ...first } = await expect(201, "POST", "service-keys", body, headers);
  const again = await api.send("POST", "service-keys", body, headers);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual([again.status, again.body], [201, first]);
  assert.equal(
    (await expect(422, "POST", "service-keys", { ...body, role: "admin" }, headers)).code,
    "idempotency_key_reused",
  );
});
