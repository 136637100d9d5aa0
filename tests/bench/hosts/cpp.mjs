// The hosts native and wasmtime: the program of ../cpp/, given the workload in files.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pairs, prices } from "../rating-workload.mjs";
import { expectedTotals } from "../rows/rating.mjs";
import * as workload from "../workload.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const WARM_REQUESTS = 2048;

/** Runs the program of the decisions; returns `[{host, contender, what, samples}]`. */
export function runCpp(folder) {
  mkdirSync(folder, { recursive: true });
  writeWorkload(folder);
  return run("bench_cpp", folder);
}

/** Runs the program of the ratings. */
export function runRatingCpp(folder) {
  mkdirSync(folder, { recursive: true });
  const totals = expectedTotals();
  const ratings = {
    prices: prices.map((price) => JSON.stringify(price)),
    pairs: pairs.map((pair, i) => ({ ...pair, total: totals[i] })),
  };
  writeFileSync(join(folder, "ratings.json"), JSON.stringify(ratings));
  return run("bench_rating", folder);
}

function run(program, folder) {
  const lines = execFileSync(join(root, "build/native/tests/bench/cpp", program), [folder], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [host, contender, what, ...samples] = line.split("\t");
      return { host, contender, what, samples: samples.map(Number) };
    });
}

function writeWorkload(folder) {
  const { keys, headerOf, snapshotTexts, policies, policyCount, questions, expectedUsage, headerChunks, NOW } =
    workload;
  const subscribers = keys.map((key, i) => `${headerOf(key)}\t${snapshotTexts[i]}\n`);
  writeFileSync(join(folder, "subscribers.tsv"), subscribers.join(""));
  const rest = {
    now: NOW,
    policies: JSON.stringify(policies),
    policyCount,
    questions,
    usage: Object.fromEntries(expectedUsage()),
    warm: headerChunks(WARM_REQUESTS, 4711)(),
  };
  writeFileSync(join(folder, "workload.json"), JSON.stringify(rest));
}
