// The table of routes of the control plane, as its source has it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/openapi/document.mjs";

const NAMES = { admin: "admin", read_only: "read-only", edge: "edge", portal: "portal" };

/**
 * @typedef {object} Route
 * @property {string} method
 * @property {string} pattern `plans/{}/publish`
 * @property {string[]} roles
 * @property {string} body the name of a `BodyKind`
 * @property {boolean} creates whether it accepts Idempotency-Key
 * @property {boolean} tagged whether its resource has an entity tag
 */

/** @returns {Route[]} */
export function readRoutes() {
  const source = readFileSync(join(ROOT, "src/control/router.cpp"), "utf8");
  const sets = new Map();
  for (const [, name, expression] of source.matchAll(/constexpr std::uint8_t (k\w+) = ([^;]+);/g)) {
    sets.set(name, rolesOf(expression, sets));
  }
  const table = /kRoutes\[\] = \{(.*?)\n\};/s.exec(source)?.[1] ?? "";
  const row = /\{\s*"(\w+)",\s*"([^"]+)",\s*([^,]+),\s*BodyKind::(\w+),\s*(true|false),\s*[\w<>]+(,\s*\w+)?\s*\}/g;
  return [...table.matchAll(row)].map(([, method, pattern, roles, body, creates, represent]) => ({
    method,
    pattern,
    roles: [...rolesOf(roles, sets)].sort(),
    body,
    creates: creates === "true",
    tagged: represent !== undefined,
  }));
}

/** The roles of `kReaders | portal`. */
function rolesOf(expression, sets) {
  const words = expression.match(/\w+/g) ?? [];
  return new Set(words.flatMap((word) => [...(sets.get(word) ?? (word in NAMES ? [NAMES[word]] : []))]));
}
