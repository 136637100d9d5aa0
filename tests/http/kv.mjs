// The KV of a state, while no stack runs on it: what the hosts keep snapshots in.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { HOST, ROOT } from "../../scripts/stack/stack.mjs";

const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");

/** The KV that `wrangler dev` emulates. */
function wrangler(state, ...args) {
  const where = ["--binding", "SNAPSHOTS", "--local", "--persist-to", state];
  const env = {
    ...process.env,
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(state, "wrangler-logs"),
  };
  return execFileSync(process.execPath, [WRANGLER, "kv", "key", ...args, ...where], {
    cwd: ROOT,
    encoding: "utf8",
    env,
  });
}

/** One statement on the table that `tollgate serve` keeps; it must change one row. */
function table(state, statement, ...values) {
  const script = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    assert database.execute(sys.argv[2], sys.argv[3:]).rowcount == 1
`;
  execFileSync("python3", ["-c", script, join(state, "kv.sqlite"), statement, ...values.map(String)]);
}

const KV = {
  workerd: {
    age(state, name, seconds) {
      const file = join(state, "aged.json");
      writeFileSync(file, wrangler(state, "get", name));
      JSON.parse(readFileSync(file, "utf8"));
      const metadata = JSON.stringify({ takenAt: Date.now() - seconds * 1000 });
      wrangler(state, "put", name, "--path", file, "--metadata", metadata);
    },
    forget: (state, name) => wrangler(state, "delete", name),
  },
  wasmtime: {
    age: (state, name, seconds) =>
      table(state, "UPDATE kv SET taken_at = taken_at - CAST(? AS REAL) * 1000 WHERE name = ?", seconds, name),
    forget: (state, name) => table(state, "DELETE FROM kv WHERE name = ?", name),
  },
};

function nameOf(key) {
  return `snapshot/working-copy/${createHash("sha256").update(key).digest("hex")}`;
}

/** Makes a stored snapshot older than it is. */
export function ageSnapshot(state, key, seconds) {
  KV[HOST].age(state, nameOf(key), seconds);
}

/** Takes a snapshot away. */
export function forgetSnapshot(state, key) {
  KV[HOST].forget(state, nameOf(key));
}

/** The messages of queues that workerd keeps in KV, since nobody could deal with them. */
export function keptMessages(state) {
  const names = JSON.parse(wrangler(state, "list", "--prefix", "last-resort/")).map(({ name }) => name);
  return names.map((name) => wrangler(state, "get", name));
}
