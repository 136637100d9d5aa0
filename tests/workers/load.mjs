// The gateway's TypeScript as a module that Node can import.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Imports a file of `host-bindings/workers/src`. */
export async function load(path) {
  const outfile = join(root, "build/test-workers", path.replace(/\.ts$/, `.${process.pid}.mjs`));
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(root, "host-bindings/workers/src", path)],
    bundle: true,
    format: "esm",
    external: ["tollgate"],
    outfile,
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile));
}
