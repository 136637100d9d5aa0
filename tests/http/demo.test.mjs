// `scripts/demo` against a stack that serves, as its first user sees it. scripts/fresh shows it on a fresh machine.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { start } from "./harness.mjs";

const { url, api } = await start();

test("the demo ends by itself, and what was sent is what was metered", async () => {
  const demo = fileURLToPath(new URL("../../scripts/demo", import.meta.url));
  const env = { ...process.env, PORT: new URL(url).port, TOLLGATE_ADMIN_KEY: api.key };
  const { stdout } = await promisify(execFile)(demo, { env, timeout: 120_000 });
  assert.match(stdout, /sent = metered, and refused at the limit/);
  assert.match(stdout, /api_requests\s+20\s+20\s+3\s+equal/);
});
