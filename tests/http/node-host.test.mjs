// The example in plain Node, behind the same control plane as the gateway.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createExample } from "../../js-shim/examples/node-http.mjs";
import { plan, subscribe } from "./catalog.mjs";
import { caller, head, raw, serve, start } from "./harness.mjs";

const { api } = await start();
const { gate, server } = createExample({ url: api.base, key: api.key });
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;
test.after(() => {
  server.closeAllConnections();
  server.close();
});
await plan(api, "words", { api_requests: 10, tokens: 1000 });

test("requests are let through, metered by what they said at run time, and refused at the limit", async () => {
  const { apiKey, id } = await subscribe(api, "words", "node-host");
  const ask = caller(url, apiKey.key);
  const first = await ask("/", { method: "POST", body: "three words here" });
  assert.deepEqual(first.body, { words: 3, plan: "words" });
  assert.match(first.headers.get("ratelimit"), /^"api_requests";r=9;/);
  for (let i = 0; i < 9; i++) assert.equal((await ask("/", { method: "POST", body: "two words" })).status, 200);
  const refused = await ask("/x", { method: "POST", body: "one" });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.code, "quota_exhausted");
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  assert.equal(await api.usageReaching("api_requests", id, 10), 10);
  assert.equal(await api.usageReaching("tokens", id, 21), 21);
});

test("S4 of the invariants: of two credentials none is taken, here as in workerd", async () => {
  const { apiKey } = await subscribe(api, "words", "node-host-twice");
  const line = `Authorization: Bearer ${apiKey.key}`;
  const { status, body } = await raw(url, head(["GET / HTTP/1.1", "Host: x", "Connection: close", line, line]));
  assert.equal(status, 403);
  assert.match(body, /API Key is invalid or does not have access to the API/);
});

test("a client that goes away while its key is looked up leaves nothing behind", async () => {
  const { apiKey } = await subscribe(api, "words", "node-host-impatient");
  let asked = 0;
  // The control plane, after a while.
  const slow = await serve(async (request, response) => {
    asked++;
    await new Promise((done) => setTimeout(done, 300));
    const { authorization } = request.headers;
    const answer = await fetch(`${api.base}${request.url}`, { headers: { authorization } });
    response.writeHead(answer.status).end(await answer.text());
  });
  const example = createExample({ url: slow.url, key: api.key });
  example.server.listen(0, "127.0.0.1");
  await once(example.server, "listening");
  const socket = connect(example.server.address().port, "127.0.0.1");
  socket.write(head(["GET / HTTP/1.1", "Host: x", `Authorization: Bearer ${apiKey.key}`]));
  for (const end = Date.now() + 5_000; asked === 0 && Date.now() < end; )
    await new Promise((done) => setTimeout(done, 5));
  socket.destroy();
  await new Promise((done) => setTimeout(done, 800));
  example.server.close();
  const { module } = example.gate.stats();
  assert.deepEqual([asked, module.cachedKeys, module.inFlight], [1, 1, 0]);
});

test("a client that goes away before the answer leaves nothing behind", async () => {
  const { apiKey } = await subscribe(api, "words", "node-host-gone");
  assert.equal((await caller(url, apiKey.key)("/", { method: "POST", body: "a" })).status, 200);
  const socket = connect(server.address().port, "127.0.0.1");
  socket.write(head(["POST / HTTP/1.1", "Host: x", `Authorization: Bearer ${apiKey.key}`, "Content-Length: 100"]));
  await new Promise((done) => setTimeout(done, 100));
  socket.destroy();
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(gate.stats().module.inFlight, 0);
});
