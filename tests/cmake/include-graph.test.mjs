// What the configure step says of a wrong include (scripts/cmake/include_graph.cmake), on small projects of their own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const MODULES = resolve(dirname(fileURLToPath(import.meta.url)), "../../scripts/cmake");
const folders = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project of the files, with `libraries` as `folder: arguments of tollgate_declare_library`. */
function project(libraries, files) {
  const root = mkdtempSync(join(tmpdir(), "tollgate-graph-"));
  folders.push(root);
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const lists = Object.entries(libraries);
  for (const [folder, calls] of lists) {
    write(`${folder}/CMakeLists.txt`, calls.map((call) => `tollgate_declare_library(${call})\n`).join(""));
  }
  write(
    "CMakeLists.txt",
    `cmake_minimum_required(VERSION 3.25)
project(graph NONE)
list(APPEND CMAKE_MODULE_PATH "${MODULES}")
include(include_graph)
${lists.map(([folder]) => `add_subdirectory(${folder})\n`).join("")}tollgate_check_includes()
`,
  );
  for (const [path, text] of Object.entries(files)) write(path, text);
  return root;
}

/** What the configure step says that is wrong; nothing when it succeeds. */
function configure(root) {
  const { status, stderr } = spawnSync("cmake", ["-G", "Ninja", "-S", root, "-B", join(root, "build")], {
    encoding: "utf8",
  });
  const said = stderr.split("\n").filter((line) => /^ {4}\S/.test(line));
  assert.equal(status !== 0, said.length > 0, stderr);
  return said.map((line) => line.trim());
}

const BASE = { "src/base/text.h": "", "src/base/text.cpp": '#include "base/text.h"\n' };
const MONEY = { "src/money/amount.h": '// Money.\n#include "base/text.h"\n', "src/money/amount.cpp": "" };
const base = { "src/base": ["base SOURCES text.cpp"] };
const money = { ...base, "src/money": ["money SOURCES amount.cpp USES base"] };

const ROWS = [
  ["what USES names", money, { ...BASE, ...MONEY }, []],
  [
    "what it does not name",
    { ...base, "src/money": ["money SOURCES amount.cpp"] },
    { ...BASE, ...MONEY },
    ['src/money/amount.h:2: includes "base/text.h", of the library base, which the USES of money does not name.'],
  ],
  [
    "what is named only by what it names",
    { ...money, "src/plan": ["plan SOURCES plan.cpp USES money"] },
    { ...BASE, ...MONEY, "src/plan/plan.cpp": '#include "money/amount.h"\n#include "base/text.h"\n' },
    ['src/plan/plan.cpp:2: includes "base/text.h", of the library base, which the USES of plan does not name.'],
  ],
  [
    "another library of its own folder, as seen from there",
    { "src/json": ["json SOURCES a.cpp", "json_document SOURCES b.cpp"] },
    { "src/json/a.cpp": '#include "b.h"\n', "src/json/b.cpp": "", "src/json/b.h": "" },
    ['src/json/a.cpp:1: includes "b.h", of the library json_document, which the USES of json does not name.'],
  ],
  [
    "a header that several libraries could have",
    { "src/json": ["json SOURCES a.cpp", "json_document SOURCES b.cpp"] },
    { "src/json/a.cpp": '#include "json/c.h"\n', "src/json/b.cpp": "", "src/json/c.h": "" },
    [
      'src/json/a.cpp:1: includes "json/c.h", which no library of this build has: list it in HEADERS of the one it ' +
        "belongs to.",
    ],
  ],
  [
    "a header that one lists",
    { "src/json": ["json SOURCES a.cpp USES writer", "writer HEADERS c.h"] },
    { "src/json/a.cpp": '#include "json/c.h"\n#include <vector>\n', "src/json/c.h": "" },
    [],
  ],
  [
    "a library that is named in vain",
    { ...base, "src/money": ["money SOURCES amount.cpp USES base"] },
    { ...BASE, "src/money/amount.cpp": "" },
    ["The USES of money names base, of which money includes nothing."],
  ],
  [
    "a circle",
    { "src/a": ["a SOURCES a.cpp USES b"], "src/b": ["b SOURCES b.cpp USES a"] },
    { "src/a/a.cpp": '#include "b/b.h"\n', "src/a/a.h": "", "src/b/b.cpp": '#include "a/a.h"\n', "src/b/b.h": "" },
    ["The libraries go round in a circle: a uses b uses a."],
  ],
  [
    "a host, seen from the root",
    { ...base, "host-bindings/common": ["host SOURCES gate.cpp USES base"] },
    {
      ...BASE,
      "host-bindings/common/gate.cpp": '#include "host-bindings/common/gate.h"\n',
      "host-bindings/common/gate.h": '#include "base/text.h"\n',
    },
    [],
  ],
];

for (const [name, libraries, files, wrong] of ROWS) {
  test(`include graph: ${name}`, () => assert.deepEqual(configure(project(libraries, files)), wrong));
}

test("include graph: a build after an edit looks again", () => {
  const root = project({ ...base, "src/money": ["money SOURCES amount.cpp"] }, { ...BASE, "src/money/amount.cpp": "" });
  assert.deepEqual(configure(root), []);
  const source = join(root, "src/money/amount.cpp");
  writeFileSync(source, '#include "base/text.h"\n');
  const later = new Date(Date.now() + 5_000);
  utimesSync(source, later, later);
  const { status, stderr } = spawnSync("cmake", ["--build", join(root, "build")], { encoding: "utf8" });
  assert.notEqual(status, 0);
  assert.match(stderr, /amount\.cpp:1: includes "base\/text\.h", of the library base/);
});
