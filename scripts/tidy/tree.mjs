// The files of the project as the rules see them.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { codeOf } from "./code.mjs";

/** A file: its path from the root, its bytes, and what it says if it is text. */
export class ProjectFile {
  #code;

  constructor(path, bytes) {
    this.path = path;
    this.bytes = bytes;
    const text = bytes.toString("utf8");
    this.isText = !text.includes("\0") && Buffer.from(text).equals(bytes);
    this.text = this.isText ? text : "";
    this.lines = this.text.split("\n");
    this.language = languageOf(path, this.lines[0]);
  }

  get isCpp() {
    return this.language === "C++";
  }

  get isScript() {
    return this.language === "JavaScript";
  }

  /** The text without comments and the insides of strings; of C++ and JavaScript only. */
  get code() {
    this.#code ??= codeOf(this.text, this.isCpp);
    return this.#code;
  }

  /** The line, counted from 1, that a position of the text is in. */
  lineAt(position) {
    return this.text.slice(0, position).split("\n").length;
  }
}

const LANGUAGES = {
  ".cpp": "C++",
  ".h": "C++",
  ".mjs": "JavaScript",
  ".js": "JavaScript",
  ".ts": "JavaScript",
  ".cmake": "CMake",
  ".css": "CSS",
  ".py": "script",
};

/** The language of a source, or undefined for what is none. TypeScript counts as JavaScript. */
function languageOf(path, firstLine) {
  if (path.startsWith("tests/fuzz/corpus/")) return undefined;
  if (path.endsWith("CMakeLists.txt")) return "CMake";
  const known = LANGUAGES[extname(path)];
  if (known !== undefined) return known;
  if (path === "wasm/compat/coroutine") return "C++";
  if (/^#!.*\bnode\b/.test(firstLine)) return "JavaScript";
  return firstLine.startsWith("#!") || path === "Makefile" || path === "scripts/env" ? "script" : undefined;
}

/** The files that are committed or would be, in the checkout at `root`. */
export function readTree(root) {
  const names = execFileSync(join(root, "scripts/files"), ["*"], { encoding: "utf8", maxBuffer: 1 << 26 });
  return names
    .split("\n")
    .filter((name) => name !== "")
    .map((name) => new ProjectFile(name, readFileSync(join(root, name))));
}
