// `workerd serve` with two Workers in it: the control plane, and the plain JavaScript that does the same SQL. Each has
// Durable Objects of its own. One process and one thread serve both, so they are measured in turn.

import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const require = createRequire(import.meta.url);
const WORKERD = join(dirname(require.resolve("workerd/package.json")), "bin/workerd");

/** The operator's key: the control plane takes none that is shorter. */
export const ADMIN_KEY = "an operator's key of thirty-two characters and more".replaceAll(" ", "-");

const worker = (name, modules, bindings) => `const ${name} :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "${name}.js")${modules} ],
  compatibilityDate = "2026-04-01",
  durableObjectNamespaces = [
    (className = "BucketObject", uniqueKey = "${name}-bucket", enableSql = true),
    (className = "LedgerObject", uniqueKey = "${name}-ledger", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [
    (name = "BUCKET", durableObjectNamespace = "BucketObject"),
    (name = "LEDGER", durableObjectNamespace = "LedgerObject"),${bindings}
  ],
);
`;

/** Files there are never flushed to a disk. */
const MEMORY = "/dev/shm";

const configOf = (disk) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "tollgate", worker = .tollgate),
    (name = "plain", worker = .plain),
    (name = "disk", disk = (path = "${disk}", writable = true)),
  ],
  sockets = [
    (name = "tollgate", address = "127.0.0.1:0", http = (), service = "tollgate"),
    (name = "plain", address = "127.0.0.1:0", http = (), service = "plain"),
  ],
);
${worker(
  "tollgate",
  `, (name = "control.wasm", wasm = embed "control.wasm")`,
  `
    (name = "TOLLGATE_ADMIN_KEY", text = "${ADMIN_KEY}"),`,
)}${worker("plain", "", "")}`;

/** The Worker imports its module from where it was built; beside it in the configuration it has no folder. */
const wasmBesideIt = {
  name: "wasm",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};

async function bundle(name, folder) {
  await build({
    entryPoints: [join(here, `${name}.mjs`)],
    outfile: join(folder, `${name}.js`),
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".json": "text" },
    plugins: [wasmBesideIt],
    logLevel: "warning",
  });
}

/**
 * Starts both with empty databases in `folder`: `{ports: {tollgate, plain}, cpu(), restart(), stop(), end()}`. `cpu()`:
 * nanoseconds of processor time that workerd has used; `restart()` starts it anew on the databases that are there;
 * `end()` throws them away.
 */
export async function startServer(folder) {
  mkdirSync(folder, { recursive: true });
  const disk = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : folder, "tollgate-bench-"));
  await Promise.all(["tollgate", "plain"].map((name) => bundle(name, folder)));
  copyFileSync(join(root, "build/wasi/control.wasm"), join(folder, "control.wasm"));
  writeFileSync(join(folder, "config.capnp"), configOf(disk));
  const server = await serve(folder);
  server.restart = async () => {
    await server.stop();
    Object.assign(server, await serve(folder), { restart: server.restart, end: server.end });
  };
  server.end = async () => {
    await server.stop();
    rmSync(disk, { recursive: true, force: true });
  };
  return server;
}

/** Starts workerd on free ports, which it tells through a descriptor of its own. */
function serve(folder) {
  const child = spawn(WORKERD, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  void ended.then(() => process.off("exit", end));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code} before it served`)));
    let told = "";
    const ports = {};
    child.stdio[3].on("data", (chunk) => {
      told += chunk;
      for (const [, socket, port] of told.matchAll(/"event":\s*"listen",\s*"socket":\s*"(\w+)",\s*"port":\s*(\d+)/g)) {
        ports[socket] = Number(port);
      }
      if (Object.keys(ports).length === 2) resolve({ ports, stop, cpu: () => cpuTime(child.pid) });
    });
  });
}

/** Of all threads of a process, in nanoseconds. */
function cpuTime(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const spent = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]));
  return spent.reduce((sum, ns) => sum + ns, 0);
}
