// S11 of the invariants: a control plane over a real socket that answers, but not as it should. The gate's time is
// for the whole answer.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { Gate } from "tollgate";
import { controlPlane } from "../../js-shim/examples/node-http.mjs";
import { decide, NOW, policies, snapshot } from "./world.mjs";

const LOOKUP_MS = 300;
const HEAD = { "content-type": "application/json" };
const whole = JSON.stringify(snapshot());

let answer;
let hungUp = 0;
const server = createServer((request, response) => {
  response.once("close", () => {
    if (!response.writableFinished) hungUp++;
  });
  answer(response, request);
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => {
  server.closeAllConnections();
  server.close();
});

/** Writes `piece` every few milliseconds until nobody listens any more. */
function dribble(response, piece, ms) {
  response.writeHead(200, HEAD);
  const timer = setInterval(() => response.write(piece), ms);
  response.once("close", () => clearInterval(timer));
}

const BAD = {
  "never answers": () => {},
  "begins a head that never ends": (response) => response.socket.write("HTTP/1.1 200 OK\r\nx: "),
  "a byte now and then": (response) => dribble(response, " ", 20),
  "a snapshot, and then a blank now and then": (response) => {
    dribble(response, " ", 20);
    response.write(whole);
  },
  "a body without end": (response) => dribble(response, "x".repeat(65_536), 1),
  "closes in the middle": (response) => {
    response.writeHead(200, { ...HEAD, "content-length": String(whole.length) });
    response.write(whole.slice(0, 100), () => response.destroy());
  },
  "something else": (response) => response.writeHead(200, HEAD).end("<html>"),
  "an error": (response) => response.writeHead(503, HEAD).end("{}"),
};

for (const [name, bad] of Object.entries(BAD)) {
  test(`S4.4, S11: ${name}: a known key goes on, an unknown one is refused, in time and counted`, async () => {
    const address = `http://127.0.0.1:${server.address().port}`;
    const clock = { now: NOW };
    const gate = new Gate({
      policies: policies({ p: { meters: { api_requests: 1 } } }),
      ...controlPlane(address, "tg_key"),
      lookupTimeoutMs: LOOKUP_MS,
      now: () => clock.now,
    });
    answer = (response) => response.writeHead(200, HEAD).end(whole);
    assert.ok((await decide(gate, "Bearer known")) > 0);
    answer = bad;
    clock.now += 120_000;
    const started = performance.now();
    const [known, unknown] = await Promise.all(
      ["known", "unknown"].map((key) => decide(gate, `Bearer ${key}`, 0, clock.now)),
    );
    const took = performance.now() - started;
    assert.ok(took < 3 * LOOKUP_MS, `${took} ms`);
    assert.ok(known > 0);
    assert.equal(JSON.parse(gate.problem(unknown, 0, "/", "r", NOW).body).detail, "Authorization Failed");
    assert.deepEqual([gate.counters.lookups, gate.counters.lookupsFailed, gate.counters.traps], [3, 2, 0]);
  });
}

test("a question that nobody listens to any more is taken back", async () => {
  answer = BAD["never answers"];
  const before = hungUp;
  const plane = controlPlane(`http://127.0.0.1:${server.address().port}`, "tg_key");
  const gate = new Gate({ policies: policies({ p: {} }), ...plane, lookupTimeoutMs: 50 });
  await decide(gate, "Bearer k1", 0, Date.now());
  for (const end = Date.now() + 2_000; hungUp === before && Date.now() < end; ) {
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.equal(hungUp, before + 1);
});
