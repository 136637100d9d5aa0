// Imported by tests that talk to a control plane: from then on every exchange is held against the document, and what
// was exercised is noted for the count at the end (coverage.mjs).

import assert from "node:assert/strict";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { note } from "./coverage.mjs";
import { Validator } from "./validator.mjs";

const validator = new Validator();

ControlPlane.observer = (exchange) => {
  const { operation, complaints } = validator.check(exchange);
  if (operation !== undefined) note(operation, exchange.status);
  const { method, target, status } = exchange;
  assert.deepEqual(complaints, [], `${method} ${target} → ${status} is not as docs/openapi.yaml says`);
};
