// The document against the source: routes, roles, bodies, bounds.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { operationsOf, ROOT, readDocument, resolved } from "../../scripts/openapi/document.mjs";
import { readRoutes } from "./routes.mjs";

const document = readDocument();
const operations = operationsOf(document);
const routes = readRoutes();
const { schemas, parameters } = document.components;

const nameOf = ({ method, path }) => `${method} ${path.slice(1).replaceAll(/\{\w+\}/g, "{}")}`;
const documented = new Map(operations.map((operation) => [nameOf(operation), operation]));
const routed = new Map(routes.map((route) => [`${route.method} ${route.pattern}`, route]));

/** What the source says of each route, and what the document says of it. */
function compare(said, read) {
  const both = [...routed].filter(([name]) => documented.has(name));
  const differing = both
    .map(([name, route]) => ({ name, source: said(route), document: read(documented.get(name)) }))
    .filter(({ source, document }) => !isDeepStrictEqual(source, document));
  assert.deepEqual(differing, []);
}

test("every route is in the document, and nothing else is", () => {
  assert.ok(routes.length > 40, "the table of routes could not be read");
  const undocumented = [...routed.keys()].filter((name) => !documented.has(name));
  const unknown = [...documented.keys()].filter((name) => !routed.has(name));
  assert.deepEqual({ undocumented, unknown }, { undocumented: [], unknown: [] });
});

test("roles are those of the table", () => {
  compare(
    ({ roles }) => roles,
    ({ definition }) => [...definition["x-roles"]].sort(),
  );
});

test("bodies are those of the table", () => {
  compare(
    ({ body }) => body,
    ({ definition: { requestBody } }) => {
      if (requestBody === undefined) return "none";
      if (Object.keys(requestBody.content).length > 1) return "events";
      return requestBody.required ? "json" : "optional_json";
    },
  );
});

test("what creates accepts Idempotency-Key, and nothing else does", () => {
  compare(
    ({ creates }) => creates,
    ({ parameters }) => parameters.some(({ name }) => name === "Idempotency-Key"),
  );
});

test("what has an entity tag answers it, and is replaced or deleted only where it matches", () => {
  compare(
    ({ method, tagged }) => [tagged && method !== "DELETE", tagged && method !== "GET"],
    ({ definition, parameters }) => [
      resolved(document, definition.responses[200])?.headers?.ETag !== undefined,
      parameters.some(({ name }) => name === "If-Match"),
    ],
  );
});

test("every answer that any request may get is there", () => {
  for (const { method, path, definition, parameters } of operations) {
    const wanted = [401, 403, 500];
    if (definition.requestBody !== undefined) wanted.push(400, 413, 415);
    if (path.includes("{") && !path.includes("{digest}")) wanted.push(404);
    if (parameters.some(({ name }) => name === "If-Match")) wanted.push(412);
    if (parameters.some(({ name }) => name === "Idempotency-Key")) wanted.push(400, 422);
    if (parameters.some(({ name }) => name === "pageSize")) wanted.push(400);
    const missing = wanted.filter((status) => definition.responses[status] === undefined);
    assert.deepEqual(missing, [], `${method} ${path}`);
  }
});

test("bodies refuse fields that are not known", () => {
  const open = [];
  const look = (schema, where, seen = new Set()) => {
    const target = resolved(document, schema);
    if (seen.has(target)) return;
    seen.add(target);
    for (const branch of [...(target.oneOf ?? []), ...(target.anyOf ?? [])]) {
      if (branch.type !== "null") look(branch, where, seen);
    }
    if (target.items !== undefined) look(target.items, `${where}[]`, seen);
    if (target.type === "object" && target.additionalProperties === undefined) open.push(where);
    for (const [name, child] of Object.entries(target.properties ?? {})) look(child, `${where}.${name}`, seen);
  };
  for (const { path, definition } of operations) {
    for (const { schema } of Object.values(definition.requestBody?.content ?? {})) look(schema, path);
  }
  assert.deepEqual(open, []);
});

test("currencies are those of src/money/currency.cpp", () => {
  const source = readFileSync(join(ROOT, "src/money/currency.cpp"), "utf8");
  const lists = [...source.matchAll(/"([A-Z]{3}(?: [A-Z]{3})* ?)"/g)].flatMap(([, list]) => list.trim().split(" "));
  assert.ok(lists.length > 100);
  assert.deepEqual(schemas.Currency.enum, lists.sort());
});

test("bounds are those of src/base/limits.h", () => {
  const source = readFileSync(join(ROOT, "src/base/limits.h"), "utf8");
  const limit = (name) => {
    const expression = new RegExp(`${name} = ([\\d' *]+)(?:;|LL)`).exec(source)?.[1];
    assert.ok(expression !== undefined, `${name} is not in limits.h`);
    return expression
      .replaceAll("'", "")
      .split("*")
      .reduce((product, factor) => product * Number(factor), 1);
  };
  const event = schemas.Event.properties;
  const bounds = [
    [schemas.Key.maxLength, "kMaxNameLength"],
    [schemas.Label.maxLength, "kMaxLabel"],
    [schemas.Description.maxLength, "kMaxDescription"],
    [schemas.CustomerKey.maxLength, "kMaxCustomerKey"],
    [schemas.Metadata.maxProperties, "kMaxMetadataEntries"],
    [schemas.Metadata.additionalProperties.maxLength, "kMaxMetadataValue"],
    [schemas.OverdueDays.oneOf[1].maximum, "kMaxOverdueDays"],
    [schemas.EventType.maxLength, "kMaxEventType"],
    [schemas.PropertyPath.maxLength, "kMaxJsonPath"],
    [schemas.Dimensions.maxProperties, "kMaxDimensions"],
    [schemas.MeterQuery.properties.filterSubject.maxItems, "kMaxQuerySubjects"],
    [schemas.Phases.maxItems, "kMaxPhases"],
    [schemas.Phase.properties.rateCards.maxItems, "kMaxRateCards"],
    [schemas.TieredPrice.properties.tiers.maxItems, "kMaxTiers"],
    [schemas.Consumer.maxLength, "kMaxConsumer"],
    [schemas.EventBatch.maxItems, "kMaxIngestEvents"],
    [schemas.Event.maxProperties, "kMaxEventAttributes"],
    [event.id.maxLength, "kMaxEventId"],
    [event.source.maxLength, "kMaxEventSource"],
    [event.type.maxLength, "kMaxEventType"],
    [event.subject.maxLength, "kMaxEventSubject"],
    [event.subscription.maxLength, "kMaxSubscriptionId"],
    [schemas.DeadLetterInput.properties.reason.maxLength, "kMaxDeadLetterReason"],
    [parameters.PageSize.schema.maximum, "kMaxPageSize"],
    [parameters.PageSize.schema.default, "kDefaultPageSize"],
    [parameters.IdempotencyKey.schema.maxLength, "kMaxIdempotencyKey"],
  ];
  for (const [documented, name] of bounds) assert.equal(documented, limit(name), name);
});
