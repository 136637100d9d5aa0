// The catalog as its owner and the portal work with it: entity tags, invitations, filters, billing profiles.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { plan } from "./catalog.mjs";
import { start } from "./harness.mjs";

const { url, api } = await start();
const { key } = await api.post("service-keys", { name: "portal", role: "portal" });
const portal = new ControlPlane(url, key);
const PHASES = [{ key: "default", name: "Default", rateCards: [] }];
const definition = (more) => ({
  key: "draft",
  name: "Draft",
  currency: "USD",
  billingCadence: "P1M",
  phases: PHASES,
  ...more,
});

test("of two edits of one draft, the second is told that it comes too late", async () => {
  const { id } = await api.post("plans", definition());
  const read = await api.send("GET", `plans/${id}`);
  const tag = read.headers.get("etag");
  assert.match(tag, /^"[0-9a-f]{16}"$/);
  const first = await api.send("PUT", `plans/${id}`, definition({ name: "Mine" }), { "if-match": tag });
  assert.equal(first.status, 200);
  const second = await api.send("PUT", `plans/${id}`, definition({ name: "Theirs" }), { "if-match": tag });
  assert.deepEqual([second.status, second.body.code], [412, "precondition_failed"]);
  const now = await api.send("GET", `plans/${id}`);
  assert.equal(now.body.name, "Mine");
  assert.equal(now.headers.get("etag"), first.headers.get("etag"));
  assert.equal((await api.send("DELETE", `plans/${id}`, undefined, { "if-match": tag })).status, 412);
  assert.equal(
    (await api.send("DELETE", `plans/${id}`, undefined, { "if-match": `"x", ${first.headers.get("etag")}` })).status,
    204,
  );
});

test("the configuration has an entity tag, and warns of plans that are not there", async () => {
  const before = await api.send("GET", "monetization-configuration");
  const put = await api.send(
    "PUT",
    "monetization-configuration",
    { planOrder: ["later"] },
    { "if-match": before.headers.get("etag") },
  );
  assert.deepEqual([put.status, put.body.warnings[0].field], [200, "planOrder[0]"]);
  const after = await api.send("GET", "monetization-configuration");
  assert.equal(after.body.warnings, undefined);
  assert.equal(after.headers.get("etag"), put.headers.get("etag"));
  const late = { "if-match": before.headers.get("etag") };
  assert.equal((await api.send("DELETE", "monetization-configuration", undefined, late)).status, 412);
  assert.equal((await api.send("DELETE", "monetization-configuration", undefined, { "if-match": "*" })).status, 204);
});

test("a private plan is there for those who are invited, whatever the case of their address", async () => {
  const { id } = await api.post("plans", { ...definition({ metadata: { zuplo_private_plan: "true" } }), key: "club" });
  await api.post(`plans/${id}/publish`);
  const keys = async (query) => (await portal.get(`plans?status=active${query}`)).items.map((item) => item.key);
  assert.ok(!(await keys("")).includes("club"));
  assert.equal((await portal.send("GET", `plans/${id}`)).status, 404);

  const customer = { key: "member", name: "Member", primaryEmail: "Member@Club.example" };
  await portal.post("customers", customer);
  const wish = { plan: { key: "club" }, customerKey: "member" };
  const refused = await portal.send("POST", "subscriptions", wish);
  assert.deepEqual([refused.status, refused.body.code], [403, "plan_private"]);

  const invite = await api.post("plan-invites", { email: "member@club.example", planId: id });
  assert.deepEqual([invite.email, invite.planKey], ["member@club.example", "club"]);
  const twice = await api.send("POST", "plan-invites", { email: "MEMBER@club.example", planId: id });
  assert.deepEqual([twice.status, twice.body.code], [409, "invited"]);
  assert.ok((await keys("&email=MEMBER%40club.example")).includes("club"));
  assert.ok(!(await keys("&email=other%40club.example")).includes("club"));
  assert.equal((await portal.post("subscriptions", wish)).plan.key, "club");
  assert.equal((await api.send("DELETE", `plan-invites/${invite.id}`)).status, 204);
  assert.equal((await api.get(`plan-invites?planId=${id}`)).totalCount, 0);
});

test("lists are narrowed down", async () => {
  await plan(api, "listed", { api_requests: 5 });
  await api.post("customers", { key: "listed", name: "Listed", primaryEmail: "l@listed.example" });
  const { id, customerId } = await api.post("subscriptions", { plan: { key: "listed" }, customerKey: "listed" });
  assert.deepEqual(
    (await api.get("customers?email=L%40listed.example")).items.map((one) => one.id),
    [customerId],
  );
  for (const query of ["customerKey=listed", `customerId=${customerId}&status=active`, "planKey=listed"]) {
    assert.deepEqual(
      (await api.get(`subscriptions?${query}`)).items.map((one) => one.id),
      [id],
      query,
    );
  }
  assert.equal((await api.get("subscriptions?planKey=listed&status=canceled")).totalCount, 0);
  assert.equal((await api.get("meters?eventType=api_requests")).totalCount, 1);
  assert.equal((await api.get("features?key=api_requests")).items[0].meterSlug, "api_requests");
  assert.equal(
    (await api.send("GET", "subscriptions?status=paused", undefined, {}, { undocumented: true })).status,
    400,
  );
});

test("exactly one billing profile is the default, and readiness names it", async () => {
  assert.deepEqual(await api.get("billing-readiness"), {
    hasStripeApp: false,
    stripeAppId: null,
    hasDefaultBillingProfile: false,
    defaultBillingProfileId: null,
  });
  const first = await api.post("billing/profiles", { name: "First" });
  assert.equal(first.default, true);
  const second = await api.post("billing/profiles", {
    name: "Second",
    default: true,
    workflow: { tax: { enabled: true } },
    invoicing: { draftPeriod: "P1D" },
  });
  assert.equal((await api.get(`billing/profiles/${first.id}`)).default, false);
  assert.equal((await api.get("billing-readiness")).defaultBillingProfileId, second.id);
  const refused = await api.send("DELETE", `billing/profiles/${second.id}`);
  assert.deepEqual([refused.status, refused.body.code], [409, "default_profile"]);
  assert.equal((await api.send("DELETE", `billing/profiles/${first.id}`)).status, 204);
  assert.equal((await api.send("DELETE", `billing/profiles/${second.id}`)).status, 204);
});
