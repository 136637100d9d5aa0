// What the numbers were taken on.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem } from "node:os";

const root = new URL("../../", import.meta.url);
const require = createRequire(import.meta.url);

/** `[name, value]` lines about machine and versions. */
export function describeMachine(nodes) {
  const processors = cpus();
  return [
    ["processor", `${processors[0].model}, ${processors.length} cores`],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${systemName()}, Linux ${release().split("-")[0]}`],
    ...nodes.map(({ name, version }) => [name, version]),
    ["workerd", require("workerd/package.json").version],
    ["wasmtime", wasmtimeVersion()],
    ["clang", firstLine("clang++-19", ["--version"])],
    ["Emscripten", firstLine("emcc", ["--version"])],
    ["date", new Date().toISOString().slice(0, 10)],
  ];
}

function systemName() {
  const found = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"));
  return found === null ? "Linux" : found[1];
}

function wasmtimeVersion() {
  const file = new URL(".deps/wasmtime/version", root);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "of WASMTIME_C_API_DIR";
}

function firstLine(command, parameters) {
  try {
    return execFileSync(command, parameters, { encoding: "utf8" }).split("\n")[0].trim();
  } catch {
    return "not found in PATH";
  }
}
