// Builds dist/: one entry for each way of getting at the module, the declarations, and the module itself.
//   node build.mjs [path of edge.wasm]     default: $TOLLGATE_EDGE_WASM, else build/wasi/edge.wasm of the checkout
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
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
    outfile: join(dist, output),
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

await rm(dist, { recursive: true, force: true });
await mkdir(join(dist, "cjs"), { recursive: true });
await Promise.all([
  bundle("index.js", "esm", "inline"),
  bundle("workerd.js", "esm", "workerd"),
  bundle("edge-light.js", "esm", "edge-light"),
  bundle("cjs/index.js", "cjs", "inline"),
  writeFile(join(dist, "edge.wasm"), bytes),
  writeFile(join(dist, "cjs/package.json"), '{"type":"commonjs"}\n'),
]);

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", join(here, "tsconfig.types.json")], { stdio: "inherit" });
await cp(join(dist, "types"), join(dist, "cjs/types"), { recursive: true });
