// Promotion: what one bucket sells is brought into another (S10).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { LOCAL_ADMIN_KEY } from "../../scripts/stack/stack.mjs";
import { meter, plan, subscribe } from "./catalog.mjs";
import { start } from "./harness.mjs";

const { url, api } = await start();
const preview = new ControlPlane(url, LOCAL_ADMIN_KEY, "preview");
const production = new ControlPlane(url, LOCAL_ADMIN_KEY, "production");
await meter(api, "pages");
await plan(api, "reader", { pages: 100 });

/** `kind key` of the items of a list. */
const names = (items) => items.map(({ kind, key }) => `${kind} ${key}`).sort();
const promote = (to, body) => to.post("promote", { from: "working-copy", ...body });

test("a dry run shows what a promotion then does, and a second one finds nothing to do", async () => {
  const shown = await promote(preview, { dryRun: true });
  assert.deepEqual([shown.from, shown.to, shown.dryRun], ["working-copy", "preview", true]);
  for (const item of ["meter pages", "feature pages", "plan reader"]) assert.ok(names(shown.additions).includes(item));
  assert.deepEqual(shown.conflicts, []);
  assert.equal((await preview.get("plans")).totalCount, 0);

  const done = await promote(preview);
  assert.deepEqual(done, { ...shown, dryRun: false });
  assert.equal((await preview.get("plans?key=reader")).items[0].status, "active");
  assert.equal((await preview.get("customers")).totalCount, 0);

  const again = await promote(preview);
  for (const list of ["additions", "newVersions", "updates", "leftAlone", "conflicts"])
    assert.deepEqual(again[list], []);
  assert.ok(names(again.unchanged).includes("plan reader"));
});

test("what was promoted can be bought and used", async () => {
  const { id } = await subscribe(preview, "reader", "promoted");
  const access = await preview.get(`subscriptions/${id}/access`);
  assert.equal(access.entitlements.pages.balance, 100);
});

test("a plan that differs becomes a new version; subscriptions stay where they are, and drafts too", async () => {
  const { id, plan: bought } = await subscribe(preview, "reader", "stays");
  const draft = await preview.post(`plans/${bought.id}/next`);
  await plan(api, "reader", { pages: 200 });
  const done = await promote(preview);
  assert.deepEqual(done.newVersions, [{ kind: "plan", key: "reader", version: 3, fromVersion: 2 }]);
  assert.deepEqual(names(done.leftAlone), ["plan reader"]);
  assert.equal((await preview.get(`plans/${bought.id}`)).status, "archived");
  assert.equal((await preview.get(`plans/${draft.id}`)).status, "draft");
  assert.equal((await preview.get(`subscriptions/${id}`)).plan.version, 1);
});

test("a conflict is told, and nothing is promoted", async () => {
  await production.post("meters", { slug: "pages", eventType: "sheets", aggregation: "COUNT" });
  const shown = await promote(production, { dryRun: true });
  assert.deepEqual(names(shown.conflicts), ["meter pages"]);
  const refused = await production.send("POST", "promote", { from: "working-copy" });
  assert.deepEqual([refused.status, refused.body.code], [409, "promotion_conflict"]);
  assert.deepEqual(refused.body.conflicts, shown.conflicts);
  assert.equal((await production.get("plans")).totalCount, 0);
});

test("only the operator promotes, and only from another bucket", async () => {
  const { key } = await preview.post("service-keys", { name: "admin", role: "admin" });
  const refused = await new ControlPlane(url, key, "preview").send("POST", "promote", { from: "working-copy" });
  assert.deepEqual([refused.status, refused.body.code], [403, "operator_only"]);
  const self = await preview.send("POST", "promote", { from: "preview" });
  assert.deepEqual([self.status, self.body.invalidParameters[0].rule], [400, "other_bucket"]);
});
