// Holds the tree to the rules of rules.mjs, maps.mjs and unused.mjs, after seeing that each of them refuses what is
// planted for it and nothing that is sound. Ends with the line "N passed, N failed": a rule on what is planted is a
// case, and on the tree.

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { maps } from "./maps.mjs";
import { fileRules } from "./rules.mjs";
import { ProjectFile, readTree } from "./tree.mjs";
import { useRules } from "./unused.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const tree = readTree(root);
let passed = 0;
let failed = 0;

/** Counts a case, and says what is wrong with it. */
function count(wrong) {
  if (wrong.length === 0) passed++;
  else failed++;
  for (const text of wrong) console.log(text);
}

const made = (texts) => Object.entries(texts).map(([path, text]) => new ProjectFile(path, Buffer.from(text)));
const shown = ({ path, line, what }) => `${path}${line === undefined ? "" : `:${line}`}: ${what}`;

for (const rule of [...fileRules, maps, ...useRules]) {
  const refused = new Set(rule.check(made(rule.planted)).map(({ path }) => path));
  const missed = Object.keys(rule.planted).filter((path) => !refused.has(path) && !rule.bystanders?.includes(path));
  count(missed.map((path) => `the rule ${rule.name} does not see what is planted in ${path}`));
  count(rule.check(made(rule.sound)).map((one) => `the rule ${rule.name} refuses what is sound: ${shown(one)}`));

  const violations = rule.check(tree);
  count(violations.map((one) => `${shown(one)} (${rule.name})`));
  if (violations.length > 0) console.log(`  because ${rule.reason}`);
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
