// The rules about files and lines. A rule has
//   name, reason
//   check(files)   the violations: [{ path, line?, what }]
//   planted        files, as { path: text }, that must be refused, but for `bystanders`
//   sound          files that must not be refused

import { functionsOf } from "./code.mjs";

const KIB = 1024;

/** One violation for each file that `judge` says something of. */
function eachFile(judge) {
  return (files) =>
    files.flatMap((file) => {
      const what = judge(file);
      return what === undefined ? [] : [{ path: file.path, what }];
    });
}

/** One violation for each line that `judge` says something of. */
function eachLine(applies, judge) {
  return (files) =>
    files.filter(applies).flatMap((file) =>
      file.lines.flatMap((line, i) => {
        const what = judge(line, file);
        return what === undefined ? [] : [{ path: file.path, line: i + 1, what }];
      }),
    );
}

const large = {
  name: "size",
  reason: "what is large is a build product, a dump or a data set; a clone carries it for ever",
  check: eachFile(({ path, bytes }) =>
    bytes.length > 256 * KIB && path !== "package-lock.json"
      ? `${Math.ceil(bytes.length / KIB)} KiB, limit 256`
      : undefined,
  ),
  planted: { core: "x".repeat(256 * KIB + 1) },
  sound: { "package-lock.json": "x".repeat(300 * KIB), "src/a.h": "" },
};

const ENDINGS =
  /\.(?:cpp|h|ts|mjs|js|json|md|cmake|css|svg|png|yaml|toml|exports|imports|dict)$|(?:^|\/)CMakeLists\.txt$/;
const NAMES = new Set([
  ".clang-format",
  ".clang-tidy",
  ".editorconfig",
  ".gitignore",
  ".npmrc",
  "LICENSE",
  "Makefile",
  "scripts/env",
  "tests/openapi/requirements.txt",
  "wasm/compat/coroutine",
]);
const CORPUS = "tests/fuzz/corpus/";

const kinds = {
  name: "kind",
  reason: "a file of a kind that is not known here was added by mistake, or its kind belongs into this list",
  check: eachFile(({ path, lines }) => {
    const known = ENDINGS.test(path) || NAMES.has(path) || path.startsWith(CORPUS) || lines[0].startsWith("#!");
    return known ? undefined : "not a kind of file that the project has";
  }),
  planted: { "src/base/a.orig": "text", core: "\0" },
  sound: {
    "scripts/x": "#!/usr/bin/env bash\n",
    "docs/a.png": "\x89",
    [`${CORPUS}event/a`]: "\0",
    "src/CMakeLists.txt": "",
  },
};

const binary = {
  name: "binary",
  reason: "nobody can review what is not text",
  check: eachFile(({ path, isText }) =>
    isText || path.endsWith(".png") || path.startsWith(CORPUS) ? undefined : "not UTF-8 text",
  ),
  planted: { "src/a.h": "\0", "docs/a.md": Buffer.from([0xff, 0xfe]) },
  sound: { "docs/a.png": "\0", [`${CORPUS}event/a`]: "\0", "docs/b.md": "für" },
};

/** Columns as people count them. */
const columns = (line) => [...line].length;

/** A document in a table of tests, which a break would make another text. */
const DOCUMENT = /R"\(.*?\)"/g;

const width = {
  name: "width",
  reason: "two files side by side fit a screen; the formatters leave comments and strings alone",
  check: eachLine(
    (file) => file.language !== undefined,
    (line) => {
      const count = columns(line);
      return count > 120 && columns(line.replace(DOCUMENT, "")) > 120 ? `${count} columns, limit 120` : undefined;
    },
  ),
  planted: {
    "src/a.h": `// ${"x".repeat(118)}`,
    "scripts/x": `#!/bin/sh\n# ${"x".repeat(119)}`,
    "a.cmake": `# ${"x".repeat(119)}`,
    "a.ts": `/* ${"x".repeat(118)}`,
  },
  sound: {
    "src/a.h": `// ${"ü".repeat(117)}`,
    "docs/a.md": "x".repeat(200),
    "tests/a.cpp": `  R"({"a":"${"x".repeat(120)}"})"},`,
  },
};

const length = {
  name: "length",
  reason: "a file above 400 lines holds two ideas",
  check: eachFile(({ language, text }) => {
    const count = text.split("\n").length - 1;
    return language !== undefined && count > 400 ? `${count} lines, limit 400` : undefined;
  }),
  planted: { "src/a.cpp": "\n".repeat(401) },
  sound: { "src/a.cpp": "\n".repeat(400), "docs/a.md": "\n".repeat(500) },
};

const FUNCTION_LINES = 60;

const screen = {
  name: "screen",
  reason: "a function is read in one look",
  // A test that tells a story is as long as that is; what counts is each of its steps.
  check: (files) =>
    files
      .filter((file) => file.isCpp || file.isScript)
      .flatMap(({ path, code, isCpp }) =>
        functionsOf(code, isCpp)
          .map(({ name, line, lines, own }) => ({ name, line, count: path.startsWith("tests/") ? own : lines }))
          .filter(({ count }) => count > FUNCTION_LINES)
          .map(({ name, line, count }) => ({
            path,
            line,
            what: `${name} has ${count} lines, limit ${FUNCTION_LINES}`,
          })),
      ),
  planted: {
    "src/a.cpp": `int a(int x) noexcept {\n${"x++;\n".repeat(59)}}`,
    "src/b.cpp": `A::A(int x) : a_(x),\n b_{x} {\n${"// {\n".repeat(60)}}`,
    "src/c.cpp": `const auto c = [&](int x) {\n${"x++;\n".repeat(60)}};`,
    "a.ts": `export async function a(x: { y: string }): Promise<void> {\n${"x++;\n".repeat(60)}}`,
    "tests/b.mjs": `test("b", async () => {\n${'f("}");\n'.repeat(60)}});`,
  },
  sound: {
    "src/a.cpp": `int a(int x) {\n${"x++;\n".repeat(58)}}`,
    "src/b.cpp": `namespace b {\n${"int x();\n".repeat(60)}}`,
    "src/b.h": `class C : public B<void()> {\n${"int x();\n".repeat(60)}};`,
    "src/c.cpp": `const int c[] = {\n${"1,\n".repeat(70)}};`,
    "tests/a.mjs": `test("a", async () => {\n${"it(() => {\n  f();\n});\n".repeat(30)}});`,
    "a.mjs": `const a = {\n${"  b: 1,\n".repeat(70)}};`,
  },
};

/** Who may include a package, by its header. */
function onlyIn(name, header, where, reason) {
  const pattern = new RegExp(`^\\s*#\\s*include\\s*[<"]${header}[>"]`);
  return {
    name,
    reason,
    check: eachLine(
      (file) => file.isCpp && !where.test(file.path),
      (line) => (pattern.test(line) ? "must not be included here" : undefined),
    ),
  };
}

const simdjson = {
  ...onlyIn("simdjson", "simdjson\\.h", /^src\/json\//, "JSON is parsed in one place, src/json, into checked values"),
  planted: { "src/policy/a.cpp": "#include <simdjson.h>", "tests/unit/a.cpp": '#include "simdjson.h"' },
  sound: { "src/json/a.cpp": "#include <simdjson.h>", "src/policy/b.cpp": "// #include <simdjson.h>" },
};

const ENGINE =
  /^(?:host-bindings\/wasmtime\/(?:[^/]*|control\/control_module\.h|cli\/main\.cpp)|tests\/unit\/hosts\/[^/]*)$/;

const wasmtime = {
  ...onlyIn(
    "wasmtime",
    "wasmtime\\.hh?",
    ENGINE,
    "the engine is known to the files that run a module; what serves and forwards does not care which it is",
  ),
  planted: {
    "host-bindings/wasmtime/serve/a.cpp": "#include <wasmtime.hh>",
    "host-bindings/common/a.h": "#include <wasmtime.h>",
  },
  sound: { "host-bindings/wasmtime/exports.h": "#include <wasmtime.hh>" },
};

/** What marks work that was left. Written so that this line is none. */
const LEFT = /\b(?:TO[D]O|FIX[M]E)\b/;

const unfinished = {
  name: "unfinished",
  reason: "what is left to do stands in an issue, where somebody sees it",
  check: eachLine(
    (file) => file.isText,
    (line) => (LEFT.test(line) ? `says ${LEFT.exec(line)[0]}` : undefined),
  ),
  planted: { "src/a.h": `// ${["TO", "DO"].join("")}: all`, "docs/a.md": ["FIX", "ME"].join("") },
  sound: { "config/a.json": '{"urlPattern": "/todos"}' },
};

const trailing = {
  name: "trailing",
  reason: "blanks at the end of a line are changes that nobody sees",
  check: eachLine(
    (file) => file.isText && !file.path.startsWith(CORPUS),
    (line) => (/[ \t\r]$/.test(line) ? "ends in blanks" : undefined),
  ),
  planted: { "docs/a.md": "text  \n", "src/a.h": "int x;\r\n", Makefile: "a:\n\t\n" },
  sound: { "docs/a.md": "text\n" },
};

export const fileRules = [large, kinds, binary, width, length, screen, simdjson, wasmtime, unfinished, trailing];
