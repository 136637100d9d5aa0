// The host workerd: `workerd serve` with the benchmarks as a Worker, started anew for each task.

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const require = createRequire(import.meta.url);
const WORKERD = join(dirname(require.resolve("workerd/package.json")), "bin/workerd");

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .bench) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);
const bench :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "edge.wasm", wasm = embed "edge.wasm"),
    (name = "emscripten.wasm", wasm = embed "emscripten.wasm"),
    (name = "rating.wasm", wasm = embed "rating.wasm"),
    (name = "rating-emscripten.wasm", wasm = embed "rating-emscripten.wasm"),
  ],
  compatibilityDate = "2026-04-01",
);
`;

/** Puts the Worker together in `folder`; returns what runs one of its tasks. */
export async function makeWorkerd(folder) {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(here, "worker.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    external: ["*.wasm"],
    logLevel: "warning",
  });
  copyFileSync(join(root, "build/wasi/edge.wasm"), join(folder, "edge.wasm"));
  copyFileSync(join(root, "build/emscripten/edge.wasm"), join(folder, "emscripten.wasm"));
  copyFileSync(join(root, "build/wasi/rating.wasm"), join(folder, "rating.wasm"));
  copyFileSync(join(root, "build/emscripten/rating.wasm"), join(folder, "rating-emscripten.wasm"));
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  return (task, argument) => runTask(folder, task, argument);
}

async function runTask(folder, task, argument) {
  const server = await serve(folder);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/${task}?${encodeURIComponent(argument)}`);
    const body = await response.text();
    if (!response.ok) throw new Error(`${task} ${argument} on workerd: ${body}`);
    return JSON.parse(body);
  } finally {
    server.process.kill("SIGKILL");
  }
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
