// The gateway's TypeScript as a module that Node can import.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Imports files of `host-bindings/workers/src`, as one module. */
export async function load(...paths) {
  const outfile = join(root, "build/test-workers", paths[0].replace(/\.ts$/, `.${process.pid}.mjs`));
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    stdin: {
      contents: paths.map((path) => `export * from "./${path}";`).join("\n"),
      resolveDir: join(root, "host-bindings/workers/src"),
    },
    bundle: true,
    format: "esm",
    external: ["tollgate", "tollgate/internal/gateway"],
    outfile,
    logLevel: "warning",
  });
  return withSourceText(() => import(pathToFileURL(outfile)));
}

/** Workers can read the text behind a number of JSON (exact-json.ts). This Node can in a realm that begins so. */
async function withSourceText(load) {
  setFlagsFromString("--harmony-json-parse-with-source");
  const own = globalThis.JSON;
  globalThis.JSON = runInNewContext("JSON");
  try {
    return await load();
  } finally {
    globalThis.JSON = own;
  }
}
