// The host `node`: the package as Node loads it, or other builds of the modules.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runSuite } from "./suites.mjs";

/** A report for each file. */
export async function runFiles(files, modulePath) {
  const beside = (name) => compiled(join(dirname(modulePath), name));
  const modules =
    modulePath === undefined
      ? {}
      : { edge: compiled(modulePath), gateway: beside("gateway.wasm"), rating: beside("rating.wasm") };
  const bare = modules.edge ?? compiled(createRequire(import.meta.url).resolve("tollgate/wasm"));
  const reports = [];
  for (const { suite, cases } of files) reports.push(await runSuite(suite, cases, modules, bare));
  return reports;
}

function compiled(path) {
  return new WebAssembly.Module(readFileSync(path));
}
