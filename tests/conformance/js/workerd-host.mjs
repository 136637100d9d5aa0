// The host `workerd`: bundles the suite with the package as a Worker sees it, and has `workerd serve` run it.

import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const WORKERD = join(dirname(require.resolve("workerd/package.json")), "bin/workerd");

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .conformance) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);
const conformance :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "edge.wasm", wasm = embed "edge.wasm"),
    (name = "gateway.wasm", wasm = embed "gateway.wasm"),
    (name = "rating.wasm", wasm = embed "rating.wasm"),
  ],
  compatibilityDate = "2026-04-01",
);
`;

/** A report for each file. */
export async function runFiles(files, modulePath) {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-conformance-"));
  try {
    await bundle(folder, modulePath);
    const server = await serve(folder);
    try {
      const reports = [];
      for (const { text } of files) reports.push(await ask(server.port, text));
      return reports;
    } finally {
      server.process.kill("SIGKILL");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(folder, modulePath) {
  await build({
    entryPoints: [join(here, "workerd-worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["./edge.wasm", "./gateway.wasm", "./rating.wasm"],
    logLevel: "warning",
  });
  const edge = modulePath ?? require.resolve("tollgate/wasm");
  copyFileSync(edge, join(folder, "edge.wasm"));
  for (const name of ["gateway.wasm", "rating.wasm"]) copyFileSync(join(dirname(edge), name), join(folder, name));
  writeFileSync(join(folder, "config.capnp"), CONFIG);
}

/** Starts workerd on a free port, which it tells through a descriptor of its own. */
function serve(folder) {
  const child = spawn(WORKERD, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`workerd ended with ${code} before it served`)));
    let told = "";
    child.stdio[3].on("data", (chunk) => {
      told += chunk;
      const listening = /"event":\s*"listen",\s*"socket":\s*"http",\s*"port":\s*(\d+)/.exec(told);
      if (listening !== null) resolve({ process: child, port: Number(listening[1]) });
    });
  });
}

async function ask(port, text) {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: text });
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return JSON.parse(body);
}
