import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./load.mjs";

const { parseRoutes, RouteError } = await load("gateway/routes.ts");
const { Router } = await load("gateway/router.ts");
const { parseJsonPath, valueAt } = await load("gateway/json-path.ts");

const POLICIES = ["p", "q"];
const ROUTE = { path: "/a", methods: ["GET"], upstream: "service:UP", policies: ["p"] };
const parse = (document) => parseRoutes(typeof document === "string" ? document : JSON.stringify(document), POLICIES);
const routes = (...list) => ({ routes: list.map((route) => ({ ...ROUTE, ...route })) });

test("the shipped configuration is accepted", () => {
  const text = readFileSync("config/routes.json", "utf8");
  const { bucket, routes } = parseRoutes(text, ["todos", "generate", "export"]);
  assert.equal(bucket, "working-copy");
  assert.equal(routes.length, 4);
  assert.deepEqual(routes[2].responseMeters, [{ meter: "tokens", kind: "json", path: ["usage", "total_tokens"] }]);
});

// What is refused, and what the message must say: where, the value, the rule.
const REFUSED = [
  ["{", /not JSON/],
  [[], /the document is \[\]: must be an object/],
  [{}, /the document: routes is undefined: must be a list of at least one route/],
  [{ routes: [] }, /the document: routes is \[\]/],
  [{ ...routes({}), bucket: "staging" }, /bucket is "staging": must be one of working-copy, preview, production/],
  [{ ...routes({}), bucketId: 1 }, /the document: bucketId is 1: must be no such field; there are bucket/],
  [{ ...routes({}), maxRequestBytes: 0 }, /maxRequestBytes is 0: must be a whole number of bytes from 1 to/],
  [{ ...routes({}), maxRequestBytes: 1.5 }, /maxRequestBytes is 1.5/],
  [{ ...routes({}), maxMeteredResponseBytes: "1" }, /maxMeteredResponseBytes is "1"/],
  [{ routes: [7] }, /route 1 is 7: must be an object/],
  [routes({ path: undefined }), /route 1: path is undefined: must be a path/],
  [routes({ path: "a" }), /route 1 \(a\): path is "a": must be a path of segments/],
  [routes({ path: "/a/" }), /path is "\/a\/"/],
  [routes({ path: "/a//b" }), /path is "\/a\/\/b"/],
  [routes({ path: "/a?b" }), /path is "\/a\?b"/],
  [routes({ path: "/{a}b" }), /path is "\/\{a\}b"/],
  [routes({ path: "/*/a" }), /path is "\/\*\/a"/],
  [routes({ path: "/healthz" }), /path is "\/healthz": must be not below \/v3 or \/healthz/],
  [routes({ path: "/v3/x" }), /path is "\/v3\/x"/],
  [routes({ methods: undefined }), /route 1 \(\/a\): methods is undefined: must be a list of methods/],
  [routes({ methods: [] }), /methods is \[\]/],
  [routes({ methods: ["get"] }), /methods is "get"/],
  [routes({ methods: ["GET", "*"] }), /methods is "\*"/],
  [routes({ methods: ["G T"] }), /methods is "G T"/],
  [routes({ upstream: "http://example.com" }), /upstream is "http:\/\/example.com": must be https/],
  [routes({ upstream: "ftp://example.com" }), /upstream/],
  [routes({ upstream: "service:" }), /upstream is "service:"/],
  [routes({ upstream: "https://u:p@example.com" }), /upstream/],
  [routes({ upstream: "https://example.com/?q" }), /upstream/],
  [routes({ policies: undefined }), /policies is undefined: must be a list of at most one policy/],
  [routes({ policies: "p" }), /policies is "p"/],
  [routes({ policies: ["p", "q"] }), /policies is \["p","q"\]: must be a list of at most one/],
  [routes({ policies: ["x"] }), /policies is "x": must be a list of at most one policy out of policies.json \(p, q\)/],
  [routes({ responseMeters: [] }), /responseMeters is \[\]: must be an object/],
  [routes({ responseMeters: { t: "$" } }), /responseMeters.t is "\$": must be a JSON path/],
  [routes({ responseMeters: { t: "$..a" } }), /responseMeters.t is "\$..a"/],
  [routes({ responseMeters: { t: "a b" } }), /responseMeters.t is "a b"/],
  [routes({ responseMeters: { t: 1 } }), /responseMeters.t is 1/],
  [routes({ policies: [], responseMeters: { t: "x" } }), /responseMeters .* must be only with a policy/],
  [routes({ forwardCredential: "yes" }), /forwardCredential is "yes": must be true or false/],
  [routes({ policy: "p" }), /policy is "p": must be no such field/],
  [routes({}, {}), /route 2 \(\/a\): methods is "GET": must be not also served by route 1/],
  [routes({ path: "/{a}" }, { path: "/{b}" }), /route 2 \(\/\{b\}\): methods is "GET"/],
];

for (const [document, message] of REFUSED) {
  test(`refused: ${JSON.stringify(document).slice(0, 90)}`, () => {
    assert.throws(
      () => parse(document),
      (error) =>
        error instanceof RouteError && error.message.startsWith("config/routes.json") && message.test(error.message),
    );
  });
}

test("upstreams: a service, an address, an address on this machine", () => {
  const upstream = (text) => parse(routes({ upstream: text })).routes[0].upstream;
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

// Pattern, method, path, and the pattern that serves it, or the methods that its path takes.
const TABLE = [
  { path: "/", methods: ["GET"] },
  { path: "/todos", methods: ["GET"] },
  { path: "/todos", methods: ["POST"] },
  { path: "/todos/{id}", methods: ["GET", "DELETE"] },
  { path: "/todos/new", methods: ["GET"] },
  { path: "/files/*", methods: ["*"] },
  { path: "/files/{name}/meta", methods: ["GET"] },
];
const MATCHES = [
  ["GET", "/", "/"],
  ["GET", "/todos", "/todos"],
  ["HEAD", "/todos", "/todos"],
  ["POST", "/todos", "/todos"],
  ["PUT", "/todos", ["GET", "HEAD", "POST"]],
  ["GET", "/todos/", []],
  ["GET", "/todos/7", "/todos/{id}"],
  ["GET", "/todos/new", "/todos/new"],
  ["DELETE", "/todos/new", "/todos/{id}"],
  ["PATCH", "/todos/new", ["DELETE", "GET", "HEAD"]],
  ["GET", "/todos/7/8", []],
  ["GET", "/files", []],
  ["PURGE", "/files/a/b/c", "/files/*"],
  ["GET", "/files/a/meta", "/files/{name}/meta"],
  ["POST", "/files/a/meta", "/files/*"],
  ["GET", "/Todos", []],
  ["GET", "/todos/%2e%2e", "/todos/{id}"],
];

test("a request finds the most exact route that takes its method", () => {
  const router = new Router(parse(routes(...TABLE)).routes);
  for (const [method, path, expected] of MATCHES) {
    const match = router.match(method, path);
    assert.deepEqual("route" in match ? match.route.path : match.allow, expected, `${method} ${path}`);
  }
});

test("JSON paths: names, indices, quoted names, and nothing else", () => {
  const document = { usage: { total_tokens: 5 }, list: [{ cost: 0.5 }], "a b": { "c.d": 1 }, "with-dash": 2 };
  const cases = [
    ["$.usage.total_tokens", 5],
    ["$.list[0].cost", 0.5],
    ["$['a b']['c.d']", 1],
    ["$.with-dash", 2],
    ["$.list[1].cost", undefined],
    ["$.usage[0]", undefined],
    ["$.constructor", undefined],
    ["$.list.length", undefined],
    ["$.usage.total_tokens.x", undefined],
  ];
  for (const [path, expected] of cases) assert.deepEqual(valueAt(document, parseJsonPath(path)), expected, path);
  for (const path of ["", "$", "usage", "$.", "$.a.", "$[", "$[-1]", "$.*", "$..a", "$['a", "$.a b", "$[?(@.a)]"]) {
    assert.equal(parseJsonPath(path), undefined, path);
  }
});
