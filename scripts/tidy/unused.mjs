// The rules about what nobody uses. They have the shape of those in rules.mjs.

import { dirname, join } from "node:path/posix";

/** Where the product is; tests alone keep nothing alive. */
const PRODUCT = /^(?:src|wasm|host-bindings|js-shim)\//;

const constants = {
  name: "constant",
  reason: "a bound that nothing is held to says something that is not so",
  check(files) {
    const product = files.filter((file) => file.isCpp && PRODUCT.test(file.path));
    const uses = new Map();
    for (const { code } of product) {
      for (const [word] of code.matchAll(/\b[A-Za-z_]\w*/g)) uses.set(word, (uses.get(word) ?? 0) + 1);
    }
    return product
      .filter(({ path }) => path.endsWith(".h"))
      .flatMap((file) =>
        [...file.code.matchAll(/\binline constexpr [^=;{]*?\b(\w+)(?:\[\w*\])?\s*(?==[^=]|\{)/g)]
          .filter(([, name]) => uses.get(name) === 1)
          .map((found) => ({ path: file.path, line: file.lineAt(found.index), what: `${found[1]} is not used` })),
      );
  },
  planted: {
    "src/base/limits.h": "inline constexpr std::size_t kUnused = 1;  // not kUnused\ninline constexpr int kUsed{2};",
    "src/a.h": "inline constexpr std::string_view kNames[] = {kUsed};",
    "tests/a.cpp": "int x = kUnused;",
  },
  bystanders: ["tests/a.cpp"],
  sound: { "src/a.h": "inline constexpr int kA = 1;\ninline constexpr int kB = kA;\nstatic_assert(kB == 1);" },
};

const DECLARED =
  /^export (?:(?:declare|async|abstract) )*(?:function\*?|class|(?:const )?enum|const|let|type|interface) (\w+)/gm;
const LISTED = /^export (?:type )?\{([^}]*)\}(?!\s*from)/gm;
const FROM = /^(?:import|export)\b([^"'`;]*?)\bfrom\s*"([^"]+)"/gm;
/** `import("…")`, in a type or at run time, and `load("…")` of tests/workers, with what is taken of it. */
const DYNAMIC = /(?:\{([^{}]*)\}\s*=\s*await\s+)?\b(import|load)\(\s*["`]([^"`]+)["`]\s*\)(?:\.([A-Za-z]\w*))?/g;

/** The names that a module exports: [name, position]. */
function exportsOf({ code }) {
  const declared = [...code.matchAll(DECLARED)].map((found) => [found[1], found.index]);
  const listed = [...code.matchAll(LISTED)].flatMap((found) =>
    namesIn(found[1]).map(({ outside }) => [outside, found.index]),
  );
  return [...declared, ...listed];
}

/** `a, type b as c` as [{ inside: "a", outside: "a" }, { inside: "b", outside: "c" }]. */
function namesIn(list) {
  return list
    .split(",")
    .map((part) => part.trim().replace(/^type /, ""))
    .filter((part) => part !== "")
    .map((part) => {
      const [inside, outside = inside] = part.split(/\s+as\s+/);
      return { inside, outside };
    });
}

const takenOf = (list) => namesIn(list).map(({ inside }) => inside);

/** What a module takes from others: [path, name], with the name * for all of it. */
function importsOf(file, paths) {
  const taken = [];
  const take = (specifier, names) => {
    for (const path of resolve(file.path, specifier, paths)) taken.push(...names.map((name) => [path, name]));
  };
  for (const [, clause, specifier] of file.text.matchAll(FROM)) {
    const list = /\{([^}]*)\}/.exec(clause);
    take(specifier, [...(clause.includes("*") ? ["*"] : []), ...takenOf(list?.[1] ?? "")]);
  }
  for (const [, list, how, specifier, member] of file.text.matchAll(DYNAMIC)) {
    const names = list === undefined ? [member ?? "*"] : takenOf(list.replaceAll(":", " as "));
    take(how === "load" ? join("../../host-bindings/workers/src", specifier) : specifier, names);
  }
  return taken;
}

/** The modules that a specifier names: several where it has a hole. */
function resolve(from, specifier, paths) {
  if (!specifier.startsWith(".")) return [];
  const path = join(dirname(from), specifier);
  if (!path.includes("${")) return [path, path.replace(/\.js$/, ".ts")].filter((one) => paths.has(one));
  const [before, after] = path.split(/\$\{.*\}/);
  return [...paths].filter((one) => one.startsWith(before) && one.endsWith(after));
}

/** Modules that are loaded from outside of any: by the package's users and its bundler, and by workerd. */
const ENTRIES = [
  /^js-shim\/src\/(?:index|calculator|wasm\/[\w-]+)\.ts$/,
  /^host-bindings\/workers\/src\/index\.ts$/,
  /^tests\/bench\/control\/\w+\.mjs$/,
];

const exported = {
  name: "export",
  reason:
    "an export that no other module takes is not part of any interface; without `export` the compiler finds it dead",
  check(files) {
    const modules = files.filter((file) => file.isScript);
    const paths = new Set(modules.map(({ path }) => path));
    const taken = new Set(modules.flatMap((file) => importsOf(file, paths)).map(([path, name]) => `${path} ${name}`));
    return modules
      .filter(({ path }) => !ENTRIES.some((entry) => entry.test(path)) && !taken.has(`${path} *`))
      .flatMap((file) =>
        exportsOf(file)
          .filter(([name]) => !taken.has(`${file.path} ${name}`))
          .map(([name, at]) => ({ path: file.path, line: file.lineAt(at), what: `no other module takes ${name}` })),
      );
  },
  planted: {
    "a/a.mjs": 'export function a() {}\nexport const b = 1;\n// import { a } from "./a.mjs";',
    "a/b.ts": 'import { b } from "./a.mjs";\nexport interface B {}\nexport type { C } from "./c.js";',
    "a/c.ts": "export class C {}\nclass D {}\nexport { D as E, C as F };",
  },
  sound: {
    "b/a.mjs": "export function a() {}\nexport class B {}",
    "b/b.mjs":
      'import { a as c } from "./a.mjs";\n/** @type {import("./a.mjs").B} */\nconst d = await import("./c.mjs");',
    "b/c.mjs": "export const anything = 1;",
    "host-bindings/workers/src/index.ts": "export class BucketObject {}",
  },
};

export const useRules = [constants, exported];
