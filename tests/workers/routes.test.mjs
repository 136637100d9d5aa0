import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./load.mjs";

const { parseRoutes, RouteError } = await load("gateway/routes.ts");
const { Router } = await load("gateway/router.ts");
const { parseJsonPath, valueAt } = await load("gateway/json-path.ts");

// What both gateways must agree on.
const cases = JSON.parse(readFileSync("tests/gateway/routes.json", "utf8"));
const parse = (document) =>
  parseRoutes(typeof document === "string" ? document : JSON.stringify(document), cases.policies);

test("the shipped configuration is accepted", () => {
  const text = readFileSync("config/routes.json", "utf8");
  const { bucket, routes } = parseRoutes(text, ["todos", "generate", "export"]);
  assert.equal(bucket, "working-copy");
  assert.equal(routes.length, 4);
  assert.deepEqual(routes[2].responseMeters, [{ meter: "tokens", kind: "json", path: ["usage", "total_tokens"] }]);
});

for (const { text, document, message } of cases.refused) {
  test(`refused: ${(text ?? JSON.stringify(document)).slice(0, 90)}`, () => {
    assert.throws(
      () => parse(text ?? document),
      (error) =>
        error instanceof RouteError &&
        error.message.startsWith("config/routes.json") &&
        new RegExp(message).test(error.message),
    );
  });
}

test("upstreams: a service, an address, an address on this machine", () => {
  const route = { path: "/a", methods: ["GET"], policies: ["p"] };
  const upstream = (text) => parse({ routes: [{ ...route, upstream: text }] }).routes[0].upstream;
  assert.deepEqual(upstream("service:UP"), { kind: "service", binding: "UP" });
  assert.deepEqual(upstream("https://api.example.com"), {
    kind: "url",
    origin: "https://api.example.com",
    basePath: "",
  });
  assert.deepEqual(upstream("https://api.example.com/v1/"), {
    kind: "url",
    origin: "https://api.example.com",
    basePath: "/v1",
  });
  assert.equal(upstream("http://127.0.0.1:9000").origin, "http://127.0.0.1:9000");
});

test("a request finds the most exact route that takes its method", () => {
  const router = new Router(parse(cases.table).routes);
  for (const { method, path, route, allow } of cases.matches) {
    const match = router.match(method, path);
    if (route === undefined) assert.deepEqual(match.allow, allow, `${method} ${path}`);
    else assert.equal(match.route?.path, route, `${method} ${path}`);
  }
});

test("JSON paths: names, indices, quoted names, and nothing else", () => {
  const { document, values, refused } = cases.jsonPaths;
  for (const { path, value } of values) assert.deepEqual(valueAt(document, parseJsonPath(path)) ?? null, value, path);
  for (const path of refused) assert.equal(parseJsonPath(path), undefined, path);
});
