// docs/guide/first-policy.md: its configuration serves, and its commands print what it shows.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/stack/stack.mjs";
import { configuration, start } from "./harness.mjs";

const GUIDE = "docs/guide/first-policy.md";
const text = readFileSync(join(ROOT, GUIDE), "utf8");

/** The JSON block under the mention of a file. */
function file(name) {
  const block = new RegExp(`\`my-api/${name}\`:\\n\\n\`\`\`json\\n([\\s\\S]*?)\`\`\``).exec(text);
  assert.ok(block, name);
  return JSON.parse(block[1]);
}

test("the guide's configuration serves, and its commands print what it shows", async () => {
  const config = configuration(file("policies.json"), file("routes.json"));
  const { url, stack, api } = await start({ config });
  const env = { ...process.env, URL: url, KEY: stack.seededKey, ADMIN: `Authorization: Bearer ${api.key}` };
  const { status, stdout, stderr } = await run("tests/command/check-guide", [GUIDE], env);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^(\d{2,}) passed, 0 failed$/m);
});

test("the other blocks of the guide are JSON", () => {
  const blocks = [...text.matchAll(/^```json\n([\s\S]*?)^```/gm)];
  assert.ok(blocks.length >= 5);
  for (const [, block] of blocks) JSON.parse(block);
});

function run(command, args, env) {
  return spawnSync(join(ROOT, command), args, { cwd: ROOT, env, encoding: "utf8" });
}
