// Builds dist/: of the gate, of the calculator and of the gateway one entry for each way of getting at its module, the
// declarations, and the modules themselves.
//   node build.mjs [path of edge.wasm]     default: $TOLLGATE_EDGE_WASM, else build/wasi/edge.wasm of the checkout;
//                                          the other modules are taken from beside it
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
// Made aside and put in place in one step: a server may be starting from what is there.
const fresh = join(here, `.dist-${process.pid}`);
const edge = resolve(process.argv[2] ?? process.env.TOLLGATE_EDGE_WASM ?? join(here, "../build/wasi/edge.wasm"));
const modules = {
  "edge.wasm": await readModule(edge),
  "gateway.wasm": await readModule(join(dirname(edge), "gateway.wasm")),
  "rating.wasm": await readModule(join(dirname(edge), "rating.wasm")),
};

async function readModule(path) {
  try {
    return await readFile(path);
  } catch {
    console.error(`js-shim: ${path} is missing; build it first: cmake --preset wasi && cmake --build --preset wasi`);
    process.exit(1);
  }
}

/** Resolves "inline:x.wasm" to the module in base64; other imports of modules stay imports. */
const moduleImports = {
  name: "module-imports",
  setup(build) {
    build.onResolve({ filter: /^inline:/ }, ({ path }) => ({
      path: path.slice("inline:".length),
      namespace: "inline",
    }));
    build.onLoad({ filter: /.*/, namespace: "inline" }, ({ path }) => ({
      contents: modules[path].toString("base64"),
      loader: "text",
    }));
    build.onResolve({ filter: /^\.\/\w+\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** All of one entry: as `output.js` for each way, and for `require`. */
function entry(source, output, names) {
  return [
    bundle(source, `${output}.js`, "esm", "inline"),
    bundle(source, `${names("workerd")}.js`, "esm", "workerd"),
    bundle(source, `${names("edge-light")}.js`, "esm", "edge-light"),
    bundle(source, `cjs/${output}.js`, "cjs", "inline"),
  ];
}

async function bundle(source, output, format, way) {
  await build({
    entryPoints: [join(here, source)],
    outfile: join(fresh, output),
    bundle: true,
    format,
    platform: "neutral",
    target: "es2022",
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    alias: {
      "#wasm": join(here, `src/wasm/${way}.ts`),
      "#gateway-wasm": join(here, `src/wasm/gateway-${way}.ts`),
      "#rating-wasm": join(here, `src/wasm/rating-${way}.ts`),
    },
    plugins: [moduleImports],
    logLevel: "warning",
  });
}

process.once("exit", () => rmSync(fresh, { recursive: true, force: true }));
await mkdir(join(fresh, "cjs"), { recursive: true });
await Promise.all([
  ...entry("src/index.ts", "index", (way) => way),
  ...entry("src/calculator.ts", "calculator", (way) => `calculator-${way}`),
  ...entry("src/gateway/index.ts", "gateway", (way) => `gateway-${way}`),
  ...Object.entries(modules).map(([name, bytes]) => writeFile(join(fresh, name), bytes)),
  writeFile(join(fresh, "cjs/package.json"), '{"type":"commonjs"}\n'),
]);

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const types = ["-p", join(here, "tsconfig.types.json"), "--outDir", join(fresh, "types")];
execFileSync(process.execPath, [tsc, ...types], { stdio: "inherit" });
await cp(join(fresh, "types"), join(fresh, "cjs/types"), { recursive: true });
await rm(dist, { recursive: true, force: true });
await rename(fresh, dist);
