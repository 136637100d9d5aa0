// The package as the hosts load it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import * as esm from "tollgate";

const require = createRequire(import.meta.url);
const manifest = require("tollgate/package.json");
const root = dirname(require.resolve("tollgate/package.json"));
const folder = mkdtempSync(join(tmpdir(), "tollgate-loading-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const TRY = `
  const handler = { export: "MonetizationInboundPolicy", options: {} };
  const [{ name }] = describePolicies(JSON.stringify([{ name: "p", policyType: "monetization-inbound", handler }]));
  console.log(name);
`;

test("import and require give the same names, and both work without init", () => {
  const cjs = require("tollgate");
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  const text = JSON.stringify([
    { name: "p", policyType: "monetization-inbound", handler: { export: "MonetizationInboundPolicy", options: {} } },
  ]);
  assert.equal(cjs.describePolicies(text)[0].name, "p");
  assert.equal(esm.describePolicies(text)[0].name, "p");
});

test("every file that the manifest exports is there, types first, and edge runtimes before the rest", () => {
  const files = [];
  const walk = (entry) => {
    if (typeof entry === "string") files.push(entry);
    else for (const value of Object.values(entry)) walk(value);
  };
  walk(manifest.exports);
  for (const file of files) assert.ok(existsSync(join(root, file)), file);
  const conditions = Object.keys(manifest.exports["."]);
  assert.deepEqual(conditions.slice(0, 2), ["workerd", "edge-light"]);
  for (const condition of conditions) assert.equal(Object.keys(manifest.exports["."][condition])[0], "types");
});

test("each entry gets at the module in its host's own way", () => {
  const entry = (name) => readFileSync(join(root, manifest.exports["."][name].default), "utf8");
  assert.match(entry("workerd"), /from "\.\/edge\.wasm"/);
  assert.match(entry("edge-light"), /from "\.\/edge\.wasm\?module"/);
  for (const name of ["workerd", "edge-light"]) assert.doesNotMatch(entry(name), /AGFzbQ/);
  for (const name of ["import", "require"]) assert.match(entry(name), /AGFzbQ/);
  // What runs in workerd and in the edge VM may not compile from bytes, nor may anything evaluate text.
  for (const name of ["workerd", "edge-light", "import", "require"])
    assert.doesNotMatch(entry(name), /\beval\(|new Function\(/);
});

test("the module is importable by itself and imports nothing", () => {
  const module = new WebAssembly.Module(readFileSync(require.resolve("tollgate/wasm")));
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test("bundled into one file, it still works", async () => {
  for (const format of ["esm", "cjs"]) {
    const outfile = join(folder, `bundle.${format === "esm" ? "mjs" : "cjs"}`);
    await build({
      stdin: { contents: `import { describePolicies } from "tollgate"; ${TRY}`, resolveDir: root },
      bundle: true,
      platform: "node",
      format,
      outfile,
      logLevel: "silent",
    });
    assert.equal(execFileSync(process.execPath, [outfile], { cwd: folder, encoding: "utf8" }).trim(), "p");
  }
});

test("init takes a module, bytes and a response, any number of times", async () => {
  const bytes = readFileSync(require.resolve("tollgate/wasm"));
  const response = () => new Response(bytes, { headers: { "content-type": "application/wasm" } });
  for (const source of [undefined, bytes, new WebAssembly.Module(bytes), response(), Promise.resolve(response())]) {
    await esm.init(source);
    await esm.init();
  }
});

test("what is no module is refused with advice", async () => {
  const advice = /tollgate: the edge module is not available .*Give it to init\(\)/;
  await assert.rejects(esm.init(new Uint8Array([1, 2, 3])), advice);
  await assert.rejects(esm.init(new Response("not found", { status: 404 })), advice);
});

test("a module of another ABI is refused by its version", () => {
  // (module (func (export "tg_abi_version") (result i32) i32.const 3))
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 18, 1, 14];
  bytes.push(...Buffer.from("tg_abi_version"), 0, 0, 10, 6, 1, 4, 0, 65, 3, 11);
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  assert.throws(() => esm.describePolicies("[]", module), /ABI version 3, this package 2/);
});

test("the declarations stand on their own, for both module systems", () => {
  const main = `
    import { Gate, type GateOptions, getSubscriptionData, type MonetizationSubscription } from "tollgate";
    const snapshots = { fetch: async () => ({ status: 404 }) };
    const options: GateOptions = { policies: "[]", snapshots, events: { send: async () => {} } };
    const gate: Gate = new Gate(options);
    const data: MonetizationSubscription | undefined = getSubscriptionData(gate);
    const result: number = gate.check(0, null, 0);
    // @ts-expect-error a policy is named by its index
    gate.check("p", null, 0);
    export { data, result };
  `;
  const packages = join(folder, "node_modules");
  execFileSync("mkdir", ["-p", packages]);
  execFileSync("ln", ["-sfn", root, join(packages, "tollgate")]);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  for (const name of ["main.mts", "main.cts"]) {
    writeFileSync(join(folder, name), main);
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom",
      "--types",
      "",
    ];
    execFileSync(process.execPath, [tsc, ...flags, join(folder, name)], { cwd: folder, encoding: "utf8" });
  }
});
