// The host `node`: the package as Node loads it, or another build of the module.

import { readFileSync } from "node:fs";
import { runCases } from "./policy-suite.mjs";

/** A report for each file. */
export async function runFiles(files, modulePath) {
  const module = modulePath === undefined ? undefined : new WebAssembly.Module(readFileSync(modulePath));
  const reports = [];
  for (const { suite, cases } of files) reports.push(await runCases(suite, cases, module));
  return reports;
}
