// The shipped configuration; what a configuration may say is in tests/conformance/vectors/gateway-*.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describePolicies } from "tollgate";
import { GatewayRules, RouteError } from "tollgate/internal/gateway";

const read = (name) => readFileSync(`config/${name}.json`, "utf8");
const policies = describePolicies(read("policies"));

test("the shipped configuration is accepted", () => {
  const { table } = new GatewayRules(read("routes"), policies);
  assert.equal(table.bucket, "working-copy");
  assert.deepEqual(
    table.routes.map(({ path, readsBody }) => [path, readsBody]),
    [
      ["/todos", false],
      ["/status/{code}", false],
      ["/generate", true],
      ["/export", false],
    ],
  );
});

test("a configuration that is refused says where and why", () => {
  assert.throws(() => new GatewayRules("{", policies), RouteError);
});
