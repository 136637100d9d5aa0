// The gateway's rules as JavaScript has them; what they say is in tests/conformance/vectors/gateway-*.json.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEdits, GatewayRules, readingOf, watch } from "tollgate/internal/gateway";

const ROUTES = {
  routes: [
    {
      path: "/todos",
      methods: ["GET"],
      upstream: "service:UP",
      policies: ["p"],
      responseMeters: { tokens: "$.tokens" },
    },
    { path: "/status/{code}", methods: ["GET"], upstream: "service:UP", policies: [] },
  ],
};
const rules = () => new GatewayRules(JSON.stringify(ROUTES), [{ name: "p", authHeader: "authorization" }]);

test("edits drop, set and append, in order", () => {
  const headers = new Headers({ "x-a": "1", "x-b": "2", vary: "Accept" });
  applyEdits(headers, "-X-A\n=x-b: 3: 4\n+vary: Origin\n=x-c: \n");
  assert.deepEqual(Object.fromEntries(headers), { "x-b": "3: 4", "x-c": "", vary: "Accept, Origin" });
  applyEdits(headers, "");
  assert.equal(headers.get("x-b"), "3: 4");
});

test("a path that stands in the table and one that does not are matched alike", () => {
  const known = rules();
  assert.deepEqual(known.match("GET", "/todos"), { route: 0, path: "/todos" });
  assert.deepEqual(known.match("GET", "/tod%6Fs"), { route: 0, path: "/todos" });
  assert.deepEqual(known.match("GET", "/status/200"), { route: 1, path: "/status/200" });
  assert.deepEqual(known.match("GET", "/nowhere"), { problem: "route_not_found", subject: "" });
});

test("what is asked again is answered alike, however much is asked in between", () => {
  const known = rules();
  const first = known.requestFields(0, "", ["authorization", "x-kept"]);
  assert.equal(first, "-authorization\n");
  for (let i = 0; i < 2000; i++) known.requestFields(0, "", [`x-${i}`, "te"]);
  assert.equal(known.requestFields(0, "", ["authorization", "x-kept"]), first);
});

test("a body of any length is read; readers do not disturb each other", () => {
  const known = rules();
  const readers = [1, 2, 3].map(() => known.read(0, 200, []));
  const bytes = (text) => new TextEncoder().encode(text);
  for (const reader of readers) reader.feed(bytes(`{"pad":"${"x".repeat(300_000)}",`));
  readers.forEach((reader, i) => {
    reader.feed(bytes(`"tokens":${i}}`));
    assert.equal(reader.wantsBody, false);
  });
  readers.forEach((reader, i) => {
    assert.equal(reader.end(true).meters, `{"tokens":{"value":${i},"replaces":false}}`);
    assert.throws(() => reader.end(true));
  });
});

test("a client that takes nothing for half a minute has gone: the body is read on without it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const reader = rules().read(0, 200, []);
  const pieces = ['{"tokens":', "7", "}"].map((text) => new TextEncoder().encode(text));
  const source = new ReadableStream({
    pull: (controller) => (pieces.length > 0 ? controller.enqueue(pieces.shift()) : controller.close()),
  });
  const readings = [];
  const bounds = { maxMeteredResponseBytes: 1000, drainSeconds: 30 };
  const { done } = watch(source, reader, bounds, (whole) => readings.push(readingOf(reader, whole).meters));
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(29_000);
  assert.deepEqual(readings, []);
  t.mock.timers.tick(31_000);
  await done;
  assert.deepEqual(readings, ['{"tokens":{"value":7,"replaces":false}}']);
});

test("a question that is too long is refused, and the module goes on", () => {
  const known = rules();
  assert.throws(() => known.requestFields(0, "", ["x".repeat(200_000)]), RangeError);
  assert.deepEqual(known.match("GET", "/todos/"), { problem: "route_not_found", subject: "" });
});
