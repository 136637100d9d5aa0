// Builds dist/: one entry for each way of getting at the module, the declarations, and the module itself.
//   node build.mjs [path of edge.wasm]     default: $TOLLGATE_EDGE_WASM, else build/wasi/edge.wasm of the checkout
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
const wasm = resolve(process.argv[2] ?? process.env.TOLLGATE_EDGE_WASM ?? join(here, "../build/wasi/edge.wasm"));
const bytes = await readFile(wasm).catch(() => {
  console.error(`js-shim: ${wasm} is missing; build it first: cmake --preset wasi && cmake --build --preset wasi`);
  process.exit(1);
});

/** Resolves "inline:edge.wasm" to the module in base64; other imports of it stay imports. */
const moduleImports = {
  name: "module-imports",
  setup(build) {
    build.onResolve({ filter: /^inline:edge\.wasm$/ }, () => ({ path: wasm, namespace: "inline" }));
    build.onLoad({ filter: /.*/, namespace: "inline" }, () => ({ contents: bytes.toString("base64"), loader: "text" }));
    build.onResolve({ filter: /^\.\/edge\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
  },
};

async function bundle(output, format, way) {
  await build({
    entryPoints: [join(here, "src/index.ts")],
    outfile: join(fresh, output),
    bundle: true,
    format,
    platform: "neutral",
    target: "es2022",
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    alias: { "#wasm": join(here, `src/wasm/${way}.ts`) },
    plugins: [moduleImports],
    logLevel: "warning",
  });
}

process.once("exit", () => rmSync(fresh, { recursive: true, force: true }));
await mkdir(join(fresh, "cjs"), { recursive: true });
await Promise.all([
  bundle("index.js", "esm", "inline"),
  bundle("workerd.js", "esm", "workerd"),
  bundle("edge-light.js", "esm", "edge-light"),
  bundle("cjs/index.js", "cjs", "inline"),
  writeFile(join(fresh, "edge.wasm"), bytes),
  writeFile(join(fresh, "cjs/package.json"), '{"type":"commonjs"}\n'),
]);

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const types = ["-p", join(here, "tsconfig.types.json"), "--outDir", join(fresh, "types")];
execFileSync(process.execPath, [tsc, ...types], { stdio: "inherit" });
await cp(join(fresh, "types"), join(fresh, "cjs/types"), { recursive: true });
await rm(dist, { recursive: true, force: true });
await rename(fresh, dist);
