// S4 and S9 of the invariants: what clients must not send, byte by byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caller, head, raw, start } from "./harness.mjs";

const { url, stack, api } = await start();
const key = stack.seededKey;
const get = (...lines) => head(["GET /todos HTTP/1.1", "Host: localhost", "Connection: close", ...lines]);
const INVALID = "API Key is invalid or does not have access to the API";

/** The status, and the detail of the problem. */
async function ask(...lines) {
  const { status, body } = await raw(url, get(...lines));
  const json = /\{.*\}/s.exec(body)?.[0];
  return [status, json === undefined || status !== 403 ? undefined : JSON.parse(json).detail];
}

test("the key as it is: let through", async () => {
  assert.deepEqual(await ask(`Authorization: Bearer ${key}`), [200, undefined]);
  assert.deepEqual(await ask(`AUTHORIZATION: bearer   ${key}  `), [200, undefined]);
});

test("two lines of the credential header are refused, whatever they say, in whatever order", async () => {
  const good = `Authorization: Bearer ${key}`;
  for (const lines of [
    [good, good],
    [good, "Authorization: Bearer x"],
    ["Authorization: Bearer x", good],
    [good, "authorization: Basic abc"],
    [good, "Authorization:"],
  ]) {
    const [status, detail] = await ask(...lines);
    assert.equal(status, 403, lines.join(" + "));
    assert.equal(detail, INVALID, lines.join(" + "));
  }
});

test("a comma-joined header is refused", async () => {
  assert.deepEqual(await ask(`Authorization: Bearer ${key}, Bearer ${key}`), [403, INVALID]);
  assert.deepEqual(await ask(`Authorization: Bearer ${key},`), [403, INVALID]);
});

test("control characters and bytes above 0x7F never pass", async () => {
  for (const bytes of ["\x01", "\x7f", "\x80", "\xe9", "\xc3\xa9", "\t"]) {
    const [status, detail] = await ask(`Authorization: Bearer ${key.slice(0, 10)}${bytes}${key.slice(10)}`);
    assert.ok([400, 403].includes(status), JSON.stringify(bytes));
    if (status === 403) assert.equal(detail, INVALID, JSON.stringify(bytes));
  }
  const [status] = await ask(`Authorization: Bearer ${key}\x00`);
  assert.ok([0, 400, 403].includes(status));
});

test("over-long credentials are refused", async () => {
  for (const length of [1018, 4000, 15_000]) {
    const [status] = await ask(`Authorization: Bearer ${"k".repeat(length)}`);
    assert.ok([403, 431].includes(status), `${length}`);
  }
});

test("a client names neither itself nor what it used", async () => {
  const { entitlements } = await api.get(`subscriptions/${await subscriptionId()}/access`);
  const before = Number(entitlements.api_requests.usage);
  const answer = await ask(
    `Authorization: Bearer ${key}`,
    "X-Tollgate-Subscription: other",
    "X-Tollgate-Meters: api_requests=0",
  );
  assert.equal(answer[0], 200);
  const used = await api.usageReaching("api_requests", await subscriptionId(), before + 1);
  assert.ok(used >= before + 1);
});

async function subscriptionId() {
  const { items } = await api.get("customers/acme/subscriptions");
  return items[0].id;
}

test("bodies beyond the bound are 413, declared or not", async () => {
  const body = "x".repeat(11 * 1024 * 1024);
  const declared = await caller(url, key)("/generate", { method: "POST", body });
  assert.equal(declared.status, 413);
  assert.equal(declared.body.code, "body_too_large");

  const chunk = `${(65536).toString(16)}\r\n${"x".repeat(65536)}\r\n`;
  const chunked = head([
    "POST /generate HTTP/1.1",
    "Host: localhost",
    `Authorization: Bearer ${key}`,
    "Transfer-Encoding: chunked",
    "Connection: close",
  ]);
  // 11 MiB, where 10 are allowed.
  const { status, answer } = await raw(url, `${chunked}${chunk.repeat(176)}0\r\n\r\n`);
  assert.equal(status, 413, answer);
});

test("an empty line of the credential header before a good one is none, on every host", async () => {
  assert.deepEqual(await ask("Authorization:", `Authorization: Bearer ${key}`), [200, undefined]);
  assert.deepEqual(await ask("Authorization:", "Authorization:"), await ask("Authorization:"));
});

test("a body that comes with a GET is passed on or refused, at once, and harms nobody", async () => {
  // workerd makes no request of its own with one.
  const expected = process.env.TOLLGATE_HTTP_HOST === "wasmtime" ? 200 : 400;
  const chunked = `${get(`Authorization: Bearer ${key}`, "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`;
  for (const bytes of [`${get(`Authorization: Bearer ${key}`, "Content-Length: 5")}hello`, chunked]) {
    const began = Date.now();
    const { status } = await raw(url, bytes);
    assert.equal(status, expected, bytes);
    assert.ok(Date.now() - began < 3_000, `${Date.now() - began} ms`);
  }
});

test("methods that nobody knows", async () => {
  const ask = caller(url, key);
  assert.equal((await ask("/todos", { method: "PROPFIND" })).status, 501);
  assert.equal((await ask("/status/200", { method: "PURGE" })).status, 501);
  assert.equal((await ask("/todos", { method: "DELETE" })).status, 405);
  assert.equal((await ask("/todos", { method: "HEAD" })).status, 200);
});

test("paths are quoted, never reflected raw", async () => {
  const path = '/todos/"<script>alert(1)</script>%00%0d%0aX-Injected: 1';
  const { status, answer } = await raw(
    url,
    `GET ${path.replaceAll(" ", "%20")} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  assert.equal(status, 400);
  assert.doesNotMatch(answer, /^X-Injected/m);
  JSON.parse(/\{.*\}/s.exec(answer)[0]);
  const long = await raw(url, `GET /${"a".repeat(6000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  assert.ok([404, 414].includes(long.status));
});

test("the control plane: oversized bodies 413, malformed JSON 400, bad fields by name and rule", async () => {
  const large = await api.send("POST", "customers", `{"key":"x","name":"${"x".repeat(2 * 1024 * 1024)}"}`);
  assert.equal(large.status, 413);
  const malformed = await api.send("POST", "customers", "{");
  assert.equal(malformed.status, 400);
  assert.equal(malformed.headers.get("content-type"), "application/problem+json");
  const bad = await api.send("POST", "customers", { key: "K ey!", nickname: "x" });
  assert.ok([400, 422].includes(bad.status));
  const fields = bad.body.invalidParameters.map(({ field }) => field);
  assert.ok(fields.includes("name") || fields.includes("nickname"));
  for (const parameter of bad.body.invalidParameters) assert.ok(parameter.rule && parameter.message);
  assert.equal((await api.send("GET", "customers/K ey!")).status, 404);
});

test("after all of this, the stack is well, and nothing waits", async () => {
  const health = await (await fetch(`${url}/healthz`, { headers: { authorization: `Bearer ${api.key}` } })).json();
  assert.equal(health.status, "ok");
  assert.equal(health.gate.traps, 0);
  assert.equal(health.gate.module.inFlight, 0);
});
