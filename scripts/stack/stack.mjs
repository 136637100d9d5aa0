// Starts the running stack: workerd with gateway and control plane, through `wrangler dev`, offline.

import { execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const LOCAL_ADMIN_KEY = "tg_admin_local";

const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
const START_MS = 120_000;
/** How workerd, or else wrangler, says why a Worker did not start. */
const START_FAILURES = [/Uncaught (?:\w*Error: )*(.+)/, /\[ERROR\] (.+)/];

/** The stack did not start; the message says why. */
export class StartError extends Error {}

/**
 * @typedef {object} StackOptions
 * @property {number} port
 * @property {string} state folder that keeps everything; made when missing
 * @property {string} [adminKey]
 * @property {string} [config] folder of policies.json and routes.json; default: config/
 * @property {Record<string, string>} [vars] further variables of the Worker
 * @property {number} [startMs] how long the start may take
 */

/** A running stack. */
export class Stack {
  constructor(child, url, log) {
    this.child = child;
    this.url = url;
    /** Where the output of wrangler and of the Worker goes. */
    this.log = log;
    /** The API key of the seeded subscription, when this start has made it: told once. */
    this.seededKey = undefined;
    this.exited = new Promise((done) => {
      child.once("exit", done);
    });
  }

  /** Ends it as Ctrl-C does. */
  async stop() {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), 5_000);
    await this.exited;
    clearTimeout(timer);
    this.#signal("SIGKILL");
  }

  /** Ends workerd without a warning, as a machine that fails does, and everything else after it. */
  async crash() {
    for (const pid of descendants(this.child.pid).filter((pid) => commandOf(pid).includes("workerd"))) {
      process.kill(pid, "SIGKILL");
    }
    this.#signal("SIGKILL");
    await this.exited;
  }

  #signal(signal) {
    try {
      process.kill(-this.child.pid, signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
}

/**
 * Starts the stack and waits until it is ready.
 *
 * @param {StackOptions} options
 * @returns {Promise<Stack>}
 * @throws {StartError}
 */
export async function startStack({
  port,
  state: folder,
  adminKey = LOCAL_ADMIN_KEY,
  config,
  vars = {},
  startMs = START_MS,
}) {
  const state = resolve(folder);
  mkdirSync(state, { recursive: true });
  const log = join(state, "stack.log");
  // In a file that only its owner reads: command lines are seen by everybody on the machine.
  const envFile = join(state, "stack.env");
  const variables = { TOLLGATE_ADMIN_KEY: adminKey, TOLLGATE_LOCAL: "1", ...configuration(config), ...vars };
  writeFileSync(envFile, Object.entries(variables).map(envLine).join(""), { mode: 0o600 });

  const worker = await bundle(state);
  const args = ["dev", "--config", worker, "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
  args.push("--persist-to", state, "--env-file", envFile, "--show-interactive-dev-session=false");
  const output = openSync(log, "w");
  const stdio = ["ignore", output, output];
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    detached: true,
    stdio,
    env: environment(state),
  });
  closeSync(output);
  const stack = new Stack(child, `http://127.0.0.1:${port}`, log);
  try {
    stack.seededKey = await ready(stack, adminKey, startMs);
  } catch (error) {
    await stack.crash();
    throw error;
  }
  return stack;
}

/** wrangler as it is to behave: offline, and quiet about itself. */
function environment(state) {
  return {
    ...process.env,
    CI: "1",
    NO_COLOR: "1",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_LOG_PATH: join(state, "wrangler-logs"),
    // Its own: stacks on one machine must not find each other.
    WRANGLER_REGISTRY_PATH: join(state, "registry"),
  };
}

/**
 * Bundles the Worker, once and for all: `wrangler dev` starts its isolates anew when a source changes, which a stack that
 * serves must not do because somebody builds.
 *
 * @returns the path of the configuration to serve
 */
async function bundle(state) {
  const folder = join(state, "worker");
  rmSync(folder, { recursive: true, force: true });
  const args = [WRANGLER, "deploy", "--dry-run", "--outdir", folder];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: environment(state) }).catch((error) => {
    throw new StartError(`the Worker could not be bundled: ${error.stderr || error.message}`);
  });
  const config = join(folder, "wrangler.toml");
  const bundled = readFileSync(join(ROOT, "wrangler.toml"), "utf8")
    .replace(/^main = .*$/m, 'main = "index.js"\nno_bundle = true\nfind_additional_modules = true')
    .replace(/\{ type = "Text".*\}/, '{ type = "Text", globs = ["**/*.json"], fallthrough = false }');
  writeFileSync(config, bundled);
  return config;
}

/** The files of a folder in place of those that were built in. */
function configuration(folder) {
  if (folder === undefined) return {};
  const read = (name) => readFileSync(join(folder, name), "utf8");
  return { TOLLGATE_POLICIES: read("policies.json"), TOLLGATE_ROUTES: read("routes.json") };
}

/** A line of an env file. Single quotes keep all but themselves; JSON can do without those and without line breaks. */
function envLine([name, value]) {
  const text = value.replaceAll("'", "\\u0027").replaceAll(/\s*\n\s*/g, " ");
  return `${name}='${text}'\n`;
}

/** Waits for the stack; answers the key that was seeded, if one was. */
async function ready(stack, adminKey, startMs) {
  let ended = false;
  stack.exited.then(() => {
    ended = true;
  });
  const until = Date.now() + startMs;
  while (Date.now() < until) {
    const health = await healthOf(stack.url, { authorization: `Bearer ${adminKey}` });
    if (health !== undefined) return health.seededKey;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal are taken out
    const said = readFileSync(stack.log, "utf8").replace(/\x1b\[[\d;]*m/g, "");
    const reason = START_FAILURES.map((pattern) => pattern.exec(said)?.[1]).find((found) => found !== undefined);
    if (reason !== undefined || ended) throw new StartError(reason ?? `wrangler ended; see ${stack.log}`);
    await new Promise((done) => setTimeout(done, 150));
  }
  throw new StartError(`not ready after ${startMs / 1000} s; see ${stack.log}`);
}

/** Whether a stack answers at an address and says that it is ready. */
export async function isReady(url) {
  return (await healthOf(url, {})) !== undefined;
}

/** What a stack that is ready says of itself, else undefined. */
async function healthOf(url, headers) {
  try {
    const response = await fetch(`${url}/healthz`, { headers, signal: AbortSignal.timeout(5_000) });
    const health = response.ok ? await response.json() : undefined;
    return health?.status === "ok" ? health : undefined;
  } catch {
    return undefined;
  }
}

/** A port that nobody listens at. */
export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function descendants(pid) {
  const children = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (one) => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid) {
  try {
    // The command in parentheses may hold anything: what counts stands behind its end.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
