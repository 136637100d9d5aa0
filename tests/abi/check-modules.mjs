// Holds every built module to its lists, its header and its size: node tests/abi/check-modules.mjs
//
// Lists: wasm/MODULE.exports (with `memory`) and wasm/MODULE.imports ("module.name" a line), both exactly. Sizes:
// goals P4 and P5. Ends with "N passed, N failed".

import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const KIB = 1024;
const root = new URL("../../", import.meta.url);

const modules = [
  { name: "edge", build: "wasi", fixedMemory: 4096 * KIB, raw: 128 * KIB, brotli: 44 * KIB },
  { name: "edge", build: "emscripten", fixedMemory: 4096 * KIB, raw: 128 * KIB, brotli: 44 * KIB },
  { name: "control", build: "wasi" },
  { name: "gateway", build: "wasi", fixedMemory: 4096 * KIB, raw: 64 * KIB },
  { name: "gateway", build: "emscripten", fixedMemory: 4096 * KIB, raw: 64 * KIB },
  { name: "rating", build: "wasi" },
  { name: "rating", build: "emscripten" },
];

let passed = 0;
let failed = 0;

/** One test: passes when `check` returns nothing, fails with what it returns or throws. */
function test(name, check) {
  let problem;
  try {
    problem = check();
  } catch (error) {
    problem = error.message;
  }
  if (problem) console.log(`FAIL ${name}: ${problem}`);
  if (problem) failed++;
  else passed++;
}

const read = (path) => readFileSync(new URL(path, root));
const list = (path) =>
  read(path)
    .toString()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));

/** What is missing from or too much in `found`, in words; nothing when the two agree. */
function difference(wanted, found) {
  const missing = wanted.filter((name) => !found.includes(name));
  const extra = found.filter((name) => !wanted.includes(name));
  return [
    missing.length > 0 && `missing ${missing.join(", ")}`,
    extra.length > 0 && `not in the list: ${extra.join(", ")}`,
  ]
    .filter(Boolean)
    .join("; ");
}

const atMost = (limit, size) => (size > limit ? `${size} bytes, ${size - limit} more than ${limit}` : undefined);

/** The memory of a module without imports, which must be of one size for ever. */
function memoryProblem(module, limit) {
  const { memory } = new WebAssembly.Instance(module).exports;
  const size = memory.buffer.byteLength;
  try {
    memory.grow(1);
  } catch {
    return atMost(limit, size);
  }
  return "it grows";
}

for (const { name, build, fixedMemory, raw, brotli } of modules) {
  const of = `build/${build}/${name}.wasm`;
  const bytes = () => read(of);
  const module = () => new WebAssembly.Module(bytes());
  test(`${of} exports`, () =>
    difference(
      [...new Set(["memory", ...list(`wasm/${name}.exports`)])],
      WebAssembly.Module.exports(module()).map((one) => one.name),
    ));
  test(`${of} imports`, () =>
    difference(
      list(`wasm/${name}.imports`),
      WebAssembly.Module.imports(module()).map((one) => `${one.module}.${one.name}`),
    ));
  if (fixedMemory) test(`${of} memory`, () => memoryProblem(module(), fixedMemory));
  if (raw) test(`${of} size`, () => atMost(raw, bytes().length));
  if (brotli) test(`${of} size, brotli`, () => atMost(brotli, brotliCompressSync(bytes()).length));
}

const calls = (text) => [...new Set(text.match(/\btg[gr]?_\w+(?=\()/g))];
for (const name of ["edge", "gateway", "rating"]) {
  const exported = () => list(`wasm/${name}.exports`).filter((one) => one !== "memory");
  test(`wasm/${name}_abi.h declares the exports of the ${name} module`, () =>
    difference(exported(), calls(read(`wasm/${name}_abi.h`).toString())));
  test(`wasm/ABI.md explains the exports of the ${name} module`, () => {
    const explained = read("wasm/ABI.md").toString();
    return difference(
      exported(),
      exported().filter((one) => new RegExp(`\`${one}\\b`).test(explained)),
    );
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
