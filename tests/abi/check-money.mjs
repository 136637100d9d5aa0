// Invariant $1 in what was built: no binary floating point between meter and invoice. node tests/abi/check-money.mjs
//
// The rating module has not one instruction or type of floating point, in either build. In the control module, where
// clocks are doubles, no function of src/money and src/billing has one. Neither have their sources. Ends with
// "N passed, N failed".

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url).pathname;
const FLOATING = /\bf(?:32|64)\b/;
const EXACT = /\btollgate::(?:money|billing)::/;

let passed = 0;
let failed = 0;

/** Passes when `problem` is nothing. */
function test(name, problem) {
  if (problem) console.log(`FAIL ${name}: ${problem}`);
  if (problem) failed++;
  else passed++;
}

const sample = (names) => `${names.length}, such as ${names.slice(0, 3).join(", ")}`;

/** The functions of a module: name → whether floating point occurs in it; "" is what stands outside of functions. */
function functionsOf(file) {
  const text = execFileSync("wasm-dis", [`${root}${file}`], { encoding: "utf8", maxBuffer: 2 ** 30 });
  const functions = new Map();
  let name = "";
  for (const line of text.split("\n")) {
    if (line.startsWith(" (data")) continue;
    const begun = /^ \(func \$(\S+)/.exec(line);
    // Characters that a name may not have are written as \28 and the like.
    if (begun) name = begun[1].replace(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    functions.set(name, (functions.get(name) ?? false) || FLOATING.test(begun ? line.slice(begun[0].length) : line));
  }
  return functions;
}

const floating = (functions) => [...functions].filter(([, floats]) => floats).map(([name]) => name);

for (const build of ["wasi", "emscripten"]) {
  const file = `build/${build}/rating.wasm`;
  const functions = functionsOf(file);
  const found = floating(functions);
  test(`${file} was read`, functions.size < 50 ? `only ${functions.size} functions` : undefined);
  test(`${file} has no floating point`, found.length > 0 ? sample(found) : undefined);
}

const control = functionsOf("build/wasi/control.named.wasm");
const exact = new Map([...control].filter(([name]) => EXACT.test(name)));
test("the control module rates", exact.size < 5 ? `only ${exact.size} functions of money and billing` : undefined);
test("floating point is recognised", floating(control).length === 0 ? "not even the clock of a request" : undefined);
const inexact = floating(exact);
test("money and billing in the control module", inexact.length > 0 ? sample(inexact) : undefined);

const WORDS = /\b(?:double|float|strtod|stod|from_chars)\b/;
for (const folder of ["src/money", "src/billing"]) {
  const files = readdirSync(`${root}${folder}`).filter((name) => /\.(?:h|cpp)$/.test(name));
  const found = files.filter((name) => {
    const code = readFileSync(`${root}${folder}/${name}`, "utf8").replace(/\/\/.*/g, "");
    return WORDS.test(code);
  });
  test(`${folder} was read`, files.length < 5 ? `only ${files.length} files` : undefined);
  test(`${folder} names no type of floating point`, found.length > 0 ? sample(found) : undefined);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
