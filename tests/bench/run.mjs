// Runs the benchmarks: node tests/bench/run.mjs [--write] [ROW…]; README.md tells what the rows are.
//
// Progress goes to stderr, tables to stdout, everything to build/bench/results.json, and with --write the tables to
// docs/benchmarks.md. A wrong answer ends the run; a slow one is reported.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ENGINES, groupsFor } from "./contenders/index.mjs";
import { startServer } from "./control/serve.mjs";
import { judge } from "./goals.mjs";
import { runCpp, runRatingCpp } from "./hosts/cpp.mjs";
import { makeWorkerd } from "./hosts/workerd.mjs";
import { describeMachine } from "./machine.mjs";
import { writePage } from "./page.mjs";
import { DRAINED, tablesOf } from "./report.mjs";
import { measureIngest } from "./rows/ingest.mjs";
import { measureLarge } from "./rows/large.mjs";
import { measurePlane } from "./rows/plane.mjs";
import { measureSizes } from "./rows/size.mjs";

const root = new URL("../../", import.meta.url);
const inRoot = (path) => fileURLToPath(new URL(path, root));
const BUILDS = ["wasi", "emscripten"];
const SIZES = ["1.5 KB", "6 KB"];
const ROWS = ["P1", "P2", "P3", "P4", "P5", "P7", "P8", "P9", "P9L", "P10", "P11"];

const { values: options, positionals } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((row) => !ROWS.includes(row));
if (unknown.length > 0) {
  console.error(`bench: no row ${unknown.join(", ")}; there are ${ROWS.join(", ")}`);
  process.exit(2);
}
const wanted = (row) => positionals.length === 0 || positionals.includes(row);
const progress = (text) => console.error(`bench: ${text}`);

// ---- hosts

/** This Node, and the newer one that package.json brings where there is one for this machine. */
function findNodes() {
  const newer = fileURLToPath(new URL(`node_modules/node-linux-${process.arch}/bin/node`, import.meta.url));
  return [process.execPath, newer].filter(existsSync).map((path) => {
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1);
    return { name: `Node ${version.split(".")[0]}`, version, path };
  });
}

const nodes = findNodes();
if (nodes.length < 2) progress("no second Node: run scripts/bench, which installs it");
const scratch = inRoot("build/bench");
mkdirSync(scratch, { recursive: true });

/** Hosts that run JavaScript: `{name, isNode, run(task, argument)}`. */
async function javaScriptHosts() {
  const child = fileURLToPath(new URL("hosts/node-child.mjs", import.meta.url));
  const hosts = nodes.map(({ name, path }) => ({
    name,
    isNode: true,
    run: async (task, argument) => {
      const out = execFileSync(path, [child, task, argument], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
      return JSON.parse(out);
    },
  }));
  return [...hosts, { name: "workerd", isNode: false, run: await makeWorkerd(`${scratch}/workerd`) }];
}

// ---- rows; each returns measurements: {row, host, group, contender, what, unit, samples}

async function warm(row, host, groups) {
  const measurements = [];
  for (const group of groups) {
    progress(`${row} ${host.name}: ${group}`);
    for (const { contender, samples, drained } of await host.run("warm", group)) {
      const common = { row, host: host.name, group, contender, unit: "ns" };
      measurements.push({ ...common, what: "warm", samples }, { ...common, what: DRAINED, samples: drained });
    }
  }
  return measurements;
}

async function cold(host) {
  const measurements = [];
  for (const size of SIZES) {
    progress(`P3 ${host.name}: ${size}`);
    for (const { contender, samples } of await host.run("cold", size)) {
      measurements.push({ row: "P3", host: host.name, contender, what: size, unit: "ns", samples });
    }
  }
  return measurements;
}

async function start(host) {
  const measurements = [];
  for (const build of BUILDS) {
    progress(`P5 ${host.name}: ${build}`);
    const { steps, memoryBytes } = await host.run("start", build);
    const common = { row: "P5", host: host.name, contender: build };
    measurements.push(...steps.map(({ what, samples }) => ({ ...common, what, unit: "ns", samples })));
    measurements.push({ ...common, what: "memory", unit: "bytes", samples: [memoryBytes] });
  }
  return measurements;
}

async function growth(host) {
  progress(`P11 ${host.name}`);
  const results = await host.run("growth", "wasi");
  return results.map(({ contender, samples }) => {
    return { row: "P11", host: host.name, contender, what: "warm", unit: "ns", samples };
  });
}

async function rating(host) {
  progress(`P10 ${host.name}`);
  const results = await host.run("rating", "all");
  return results.map(({ contender, samples }) => {
    return { row: "P10", host: host.name, contender, what: "rating", unit: "ns", samples };
  });
}

function ratingCpp() {
  progress("P10 native and wasmtime");
  return runRatingCpp(`${scratch}/cpp`).map((one) => ({ row: "P10", unit: "ns", ...one }));
}

/** The rows that ask a server over HTTP. */
const SERVED = { P8: measureIngest, P9: measurePlane, P9L: measureLarge };

async function served(row) {
  progress(row);
  const server = await startServer(`${scratch}/control`);
  try {
    const results = await SERVED[row](server, (text) => progress(`${row} ${text}`));
    return results.map((one) => ({ row, host: "workerd", ...one }));
  } finally {
    await server.end();
  }
}

function size() {
  const bytes = Object.fromEntries(BUILDS.map((build) => [build, readFileSync(inRoot(`build/${build}/edge.wasm`))]));
  return measureSizes(bytes).map((one) => ({ row: "P4", host: "all", unit: "bytes", ...one }));
}

/** The C++ program gives two rows at once. */
function cpp() {
  progress("P7 native and wasmtime");
  return runCpp(`${scratch}/cpp`).map(({ host, contender, what, samples }) => {
    const row = what === "compile" || what === "instantiate" ? "P5" : "P7";
    const unit = what.startsWith("fuel") ? "fuel" : "ns";
    return { row, host, contender, what, unit, samples };
  });
}

// ---- the run

const measurements = [];
for (const host of await javaScriptHosts()) {
  if (wanted("P1")) measurements.push(...(await warm("P1", host, groupsFor(host))));
  if (wanted("P2") && host.isNode) measurements.push(...(await warm("P2", host, [ENGINES])));
  if (wanted("P3")) measurements.push(...(await cold(host)));
  if (wanted("P5")) measurements.push(...(await start(host)));
  if (wanted("P10")) measurements.push(...(await rating(host)));
  if (wanted("P11") && host.isNode) measurements.push(...(await growth(host)));
}
for (const row of Object.keys(SERVED).filter(wanted)) measurements.push(...(await served(row)));
if (wanted("P10")) measurements.push(...ratingCpp());
if (wanted("P4")) measurements.push(...size());
if (wanted("P7") || wanted("P5")) measurements.push(...cpp().filter(({ row }) => wanted(row)));

const machine = describeMachine(nodes);
const verdicts = judge(measurements);
writeFileSync(`${scratch}/results.json`, `${JSON.stringify({ machine, measurements, verdicts }, null, 1)}\n`);
const tables = tablesOf(measurements, verdicts);
console.log(`${tables}\n\n${verdicts.filter(({ met }) => met).length} of ${verdicts.length} goals met`);
if (options.write) writePage(inRoot("docs/benchmarks.md"), machine, tables);
