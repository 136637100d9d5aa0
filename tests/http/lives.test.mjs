// Lives of customers, made up at random from a seed, against the reference's books: tests/http/lives/README.md.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { start } from "./harness.mjs";
import { liveAll } from "./lives/world.mjs";

/** Numbers such as `17` or `1-50,99`. */
function numbersOf(text) {
  return text.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * Buckets bill by rules of their own: one at once, one after two days of waiting for late usage. The seeds differ in
 * kind: by the month, the week, the day, the hour. `TOLLGATE_LIVES` names others, for both.
 */
const BUCKETS = [
  { bucket: "preview", name: "invoices that wait for nothing", seeds: "1,3,11" },
  { bucket: "working-copy", name: "invoices that wait for two days", draftPeriod: "P2D", seeds: "4,6,7" },
];
const LIFE_MS = 60_000;

const { url, api: other } = await start();

for (const { bucket, name, draftPeriod, seeds: few } of BUCKETS) {
  const seeds = numbersOf(process.env.TOLLGATE_LIVES ?? few);
  test(name, { timeout: 120_000 + LIFE_MS * seeds.length }, async (t) => {
    const api = new ControlPlane(url, other.key, bucket);
    for (const { seed, error, script } of await liveAll(api, seeds, draftPeriod)) {
      await t.test(`life ${seed}`, () => {
        assert.equal(error, undefined, `${script}\n\nTOLLGATE_LIVES=${seed}: ${error?.message}`);
      });
    }
  });
}
