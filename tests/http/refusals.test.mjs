// What every route refuses alike, for each operation of docs/openapi.yaml: callers without a key or of another role,
// and bodies that are none.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { operationFinder, operationsOf, readDocument } from "../../scripts/openapi/document.mjs";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { CUSTOMER } from "../../scripts/stack/catalog.mjs";
import { start } from "./harness.mjs";

const NOBODY = "01KNVXHQG356VA7T7W0V9N21GH";
const ROLES = ["read-only", "edge", "portal"];
const MOST_BODY_BYTES = 1024 * 1024;

const { url, api } = await start();
const operations = operationsOf(readDocument());
const find = operationFinder(operations);
const withBody = operations.filter(({ definition }) => definition.requestBody !== undefined);
const planes = new Map();

before(async () => {
  for (const role of ROLES) {
    const { key } = await api.post("service-keys", { name: role, role });
    planes.set(role, new ControlPlane(url, key));
  }
});

/** The path with parameters that name nothing, without the slash at its front. */
function pathOf({ path }) {
  return path
    .slice(1)
    .replace("{digest}", "0".repeat(64))
    .replaceAll(/\{\w+\}/g, NOBODY);
}

/** Asks all and answers those whose status is not the one expected. */
async function differing(asked, ask, expected) {
  const strays = [];
  for (const operation of asked) {
    const { status, body } = await ask(operation);
    if (!expected(operation).includes(status))
      strays.push(`${operation.method} ${operation.path}: ${status} ${body.code}`);
  }
  return strays;
}

test("401 without a key", async () => {
  const nobody = new ControlPlane(url, "tgs_working_copy_wrong");
  const ask = (operation) => nobody.send(operation.method, pathOf(operation));
  assert.deepEqual(await differing(operations, ask, () => [401]), []);
});

for (const role of ROLES) {
  test(`403 for the role ${role} where the document does not name it, and nowhere else`, async () => {
    for (const operation of operations) {
      const { status, body } = await planes.get(role).send(operation.method, pathOf(operation));
      const allowed = operation.definition["x-roles"].includes(role);
      assert.equal(
        status === 403 && body.code === "role",
        !allowed,
        `${operation.method} ${operation.path}: ${status}`,
      );
    }
  });
}

test("415 for a body of another type", async () => {
  const ask = (operation) => api.send(operation.method, pathOf(operation), "{}", { "content-type": "text/plain" });
  assert.deepEqual(await differing(withBody, ask, () => [415]), []);
});

test("413 for a body that is too large", async () => {
  const large = JSON.stringify("x".repeat(MOST_BODY_BYTES));
  const ask = (operation) => api.send(operation.method, pathOf(operation), large);
  assert.deepEqual(await differing(withBody, ask, () => [413]), []);
});

test("400 for what is no JSON, names a member twice, or is nested too deep", async () => {
  for (const [text, code] of [
    ["{", "malformed_json"],
    ['{"a":1,"a":2}', "duplicate_name"],
    ["[".repeat(33) + "]".repeat(33), "too_deep"],
  ]) {
    const ask = async (operation) => {
      const answer = await api.send(operation.method, pathOf(operation), text);
      assert.equal(answer.body.code, code, `${operation.method} ${operation.path}`);
      return answer;
    };
    assert.deepEqual(await differing(withBody, ask, () => [400]), []);
  }
});

test("a field that is not known is refused by name, unless what the path names is not there", async () => {
  const ask = async (operation) => {
    const answer = await api.send(operation.method, pathOf(operation), { colour: "red" });
    const named = answer.body.invalidParameters?.some(({ field }) => field === "colour") ?? false;
    // An event may have attributes of its own.
    assert.ok(answer.status === 404 || named || operation.path === "/events", `${operation.method} ${operation.path}`);
    return answer;
  };
  assert.deepEqual(await differing(withBody, ask, ({ path }) => (path.includes("{") ? [400, 404] : [400])), []);
});

test("404 where the path names something that is not there", async () => {
  const named = operations.filter(({ path }) => path.includes("{"));
  const ask = async (operation) => {
    const body = operation.definition.requestBody === undefined ? undefined : {};
    const answer = await api.send(operation.method, pathOf(operation), body);
    assert.equal(answer.body.code, "not_found", `${operation.method} ${operation.path}`);
    return answer;
  };
  assert.deepEqual(await differing(named, ask, () => [404]), []);
});

test("405 for another method, with those that the path takes; 404 for another path", async () => {
  for (const path of new Set(operations.map(pathOf))) {
    const { status, headers } = await api.send("PATCH", path, {});
    assert.equal(status, 405, path);
    const methods = ["GET", "PUT", "POST", "DELETE"].filter((method) => find(method, `/${path}`) !== undefined);
    assert.deepEqual(headers.get("allow").split(", ").sort(), methods.sort(), path);
  }
  const { status, body } = await api.send("GET", "colours");
  assert.deepEqual([status, body.code], [404, "unknown_route"]);
});

test("lists refuse parameters that they do not know, and pages that are none", async () => {
  const { items } = await api.get(`customers/${CUSTOMER}/subscriptions`);
  const lists = operations.filter(({ parameters }) => parameters.some(({ name }) => name === "pageSize"));
  assert.ok(lists.length > 10);
  const ask = async ({ path }) => {
    const list = path.slice(1).replace("{idOrKey}", CUSTOMER).replace("{subscriptionId}", items[0].id);
    const answer = await api.send("GET", `${list}?page=0&pageSize=101&colour=red`);
    const fields = answer.body.invalidParameters?.map(({ field }) => field).sort();
    assert.deepEqual(fields, ["colour", "page", "pageSize"], path);
    return answer;
  };
  assert.deepEqual(await differing(lists, ask, () => [400]), []);
});

test("422 for an Idempotency-Key that another request has used, 400 for one that is too long", async () => {
  const creating = operations.filter(({ parameters }) => parameters.some(({ name }) => name === "Idempotency-Key"));
  assert.ok(creating.length > 10);
  const used = "used by the first";
  await api.post("service-keys", { name: "first", role: "edge" }, { "idempotency-key": used });
  for (const [key, status] of [
    [used, 422],
    ["x".repeat(256), 400],
  ]) {
    const ask = (operation) => {
      const body = operation.definition.requestBody === undefined ? undefined : {};
      return api.send(operation.method, pathOf(operation), body, { "idempotency-key": key });
    };
    assert.deepEqual(await differing(creating, ask, () => [status]), []);
  }
});
