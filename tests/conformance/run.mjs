// Runs vector files on the hosts `node` and `workerd`; README.md tells how.
//
//   node tests/conformance/run.mjs --host node|workerd [--module edge.wasm] [--transcript FILE] FILE...

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FileError, readVectorFile } from "./js/vector-file.mjs";

const USAGE = "usage: run.mjs --host node|workerd [--module edge.wasm] [--transcript FILE] FILE...";

let args;
try {
  args = parseArgs({
    options: { host: { type: "string" }, module: { type: "string" }, transcript: { type: "string" } },
    allowPositionals: true,
  });
} catch (error) {
  fail(`${error.message}\n${USAGE}`);
}
const { host, module, transcript } = args.values;
if (!["node", "workerd"].includes(host) || args.positionals.length === 0) fail(USAGE);

// A file that cannot be run does not keep the others from running.
let unusable = false;
const files = args.positionals.flatMap((path) => {
  try {
    const text = readFileSync(path, "utf8");
    return [{ path, text, ...readVectorFile(text) }];
  } catch (error) {
    console.error(`${path}: ${error instanceof FileError ? error.message : error}`);
    unusable = true;
    return [];
  }
});

let reports = [];
try {
  const { runFiles } = await import(`./js/${host}-host.mjs`);
  if (files.length > 0) reports = await runFiles(files, module);
} catch (error) {
  fail(error.stack);
}

for (const { name, expected, got } of reports.flatMap(({ failures }) => failures)) {
  console.log(`${name}: expected ${expected}, got ${got}`);
}
if (transcript !== undefined) writeFileSync(transcript, reports.map((report) => report.transcript).join(""));
const passed = reports.reduce((sum, report) => sum + report.passed, 0);
const failed = reports.reduce((sum, report) => sum + report.failures.length, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = unusable ? 2 : failed === 0 ? 0 : 1;

function fail(message) {
  console.error(message);
  process.exit(2);
}
