// The API's document and the page that shows it, as the control plane serves them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DOCUMENT, operationsOf, readDocument } from "../../scripts/openapi/document.mjs";
import { start } from "./harness.mjs";

const { url } = await start();

test("the document is served as it is, without a key", async () => {
  const response = await fetch(`${url}/v3/openapi.yaml`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/yaml; charset=utf-8");
  assert.equal(await response.text(), readFileSync(DOCUMENT, "utf8"));
});

test("the page has every operation and every schema, and links to nothing that is not there", async () => {
  const response = await fetch(`${url}/v3/docs`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const page = await response.text();
  const document = readDocument();
  const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const { definition } of operationsOf(document)) assert.ok(anchors.has(definition.operationId));
  for (const name of Object.keys(document.components.schemas)) assert.ok(anchors.has(`schema-${name}`), name);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(anchors.has(target), target);
});

test("the page needs nothing from elsewhere, and its policy lets nothing in", async () => {
  const response = await fetch(`${url}/v3/docs`);
  const page = await response.text();
  assert.doesNotMatch(page, /<script|<link|<img|<iframe|src=|@import|url\(/);
  assert.match(response.headers.get("content-security-policy"), /^default-src 'none'; .*frame-ancestors 'none'$/);
  const style = /<style>(.*?)<\/style>/s.exec(page)[1];
  const digest = createHash("sha256").update(style).digest("base64");
  assert.ok(page.includes(`default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`));
});

test("they are read, not written", async () => {
  for (const path of ["/v3/openapi.yaml", "/v3/docs"]) {
    const head = await fetch(`${url}${path}`, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    const response = await fetch(`${url}${path}`, { method: "POST", body: "{}" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  }
});
