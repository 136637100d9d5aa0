// Bodies pass the gateway piece by piece, whatever their length, in both directions.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { plan, subscribe } from "./catalog.mjs";
import { configuration, head, policy, serve, start } from "./harness.mjs";

const MEBIBYTE = 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, "tollgate");
const open = new Set();

/** Sends `bytes` as fast as they are taken, until nobody takes them. */
async function pour(response, bytes) {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  for (let sent = 0; sent < bytes && !response.destroyed; sent += piece.length) {
    if (!response.write(piece)) await once(response, "drain", { signal: gone.signal }).catch(() => {});
  }
}

const upstream = await serve(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://upstream");
  open.add(pathname);
  response.on("close", () => open.delete(pathname));
  if (pathname === "/two-pieces") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: first\n\n");
    await waiting.promise;
    return response.end("data: second\n\n");
  }
  if (pathname === "/pour" || pathname === "/endless") {
    response.writeHead(200);
    await pour(response, pathname === "/pour" ? Number(searchParams.get("bytes")) : Number.POSITIVE_INFINITY);
    return response.end();
  }
  const hash = createHash("sha256");
  for await (const chunk of request) hash.update(chunk);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ sha256: hash.digest("hex"), length: request.headers["content-length"] }));
});

/** What the upstream waits for between two pieces. */
let waiting = withResolvers();

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

const { url, api } = await start({
  config: configuration([policy("p", { meters: { api_requests: 1 } })], {
    routes: [{ path: "/*", methods: ["*"], upstream: upstream.url, policies: ["p"] }],
  }),
});
await plan(api, "streams", { api_requests: 1000 });
const { apiKey, id } = await subscribe(api, "streams", "streaming");
const headers = { authorization: `Bearer ${apiKey.key}` };

test("an upload arrives whole, with its length and without", async () => {
  const body = Buffer.alloc(9 * MEBIBYTE, "upload");
  const sha256 = createHash("sha256").update(body).digest("hex");
  const send = async (init) => {
    const signal = AbortSignal.timeout(60_000);
    return (await fetch(`${url}/upload`, { method: "PUT", headers, signal, ...init })).json();
  };
  assert.deepEqual(await send({ body }), { sha256, length: String(body.length) });
  const pieces = async function* () {
    for (let at = 0; at < body.length; at += MEBIBYTE) yield body.subarray(at, at + MEBIBYTE);
  };
  assert.deepEqual(await send({ body: pieces(), duplex: "half" }), { sha256 });
});

test("a piece arrives while the upstream is still thinking about the next", async () => {
  waiting = withResolvers();
  const response = await fetch(`${url}/two-pieces`, { headers, signal: AbortSignal.timeout(20_000) });
  const reader = response.body.getReader();
  assert.equal(Buffer.from((await reader.read()).value).toString(), "data: first\n\n");
  waiting.resolve();
  assert.equal(Buffer.from((await reader.read()).value).toString(), "data: second\n\n");
  assert.equal((await reader.read()).done, true);
});

test("a download that is larger than any buffer arrives whole", async () => {
  const bytes = 32 * MEBIBYTE;
  const response = await fetch(`${url}/pour?bytes=${bytes}`, { headers, signal: AbortSignal.timeout(60_000) });
  const hash = createHash("sha256");
  let seen = 0;
  for await (const chunk of response.body) {
    hash.update(chunk);
    seen += chunk.length;
  }
  assert.equal(seen, bytes);
  const expected = createHash("sha256");
  for (let i = 0; i < bytes; i += piece.length) expected.update(piece);
  assert.equal(hash.digest("hex"), expected.digest("hex"));
});

test("a client that leaves a download that never ends takes the upstream's connection with it", async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(head(["GET /endless HTTP/1.1", "Host: x", `Authorization: ${headers.authorization}`]));
  for (let seen = 0; seen < 4 * MEBIBYTE; ) seen += (await once(socket, "data"))[0].length;
  assert.ok(open.has("/endless"));
  socket.destroy();
  for (const until = Date.now() + 20_000; open.has("/endless") && Date.now() < until; ) {
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.ok(!open.has("/endless"));
});

test("each of these was one request", async () => {
  assert.equal(await api.usageReaching("api_requests", id, 5), 5);
});
