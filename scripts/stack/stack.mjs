// Starts the running stack, gateway and control plane, on one of its hosts.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { host, ROOT, StartError } from "./host.mjs";

export { HOST, ROOT, StartError } from "./host.mjs";
export const LOCAL_ADMIN_KEY = "tg_admin_local";

const START_MS = 120_000;

/**
 * @typedef {object} StackOptions
 * @property {number} port
 * @property {string} state folder that keeps everything; made when missing
 * @property {string} [adminKey]
 * @property {string} [config] folder of policies.json and routes.json; default: config/
 * @property {Record<string, string>} [vars] further variables
 * @property {number} [startMs] how long the start may take
 */

/** A running stack. */
export class Stack {
  constructor(child, url, log) {
    this.child = child;
    this.url = url;
    /** Where the output of the host goes. */
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

  /** Ends what serves without a warning, as a machine that fails does, and everything else after it. */
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
  const { command, failures } = await host();
  const { program, args, env } = await command({
    port,
    state,
    config,
    vars: { TOLLGATE_ADMIN_KEY: adminKey, TOLLGATE_LOCAL: "1", ...vars },
  });
  const output = openSync(log, "w");
  const child = spawn(program, args, { cwd: ROOT, detached: true, stdio: ["ignore", output, output], env });
  closeSync(output);
  const stack = new Stack(child, `http://127.0.0.1:${port}`, log);
  try {
    stack.seededKey = await ready(stack, adminKey, startMs, failures);
  } catch (error) {
    await stack.crash();
    throw error;
  }
  return stack;
}

/** Waits for the stack; answers the key that was seeded, if one was. */
async function ready(stack, adminKey, startMs, failures) {
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
    const reason = failures.map((pattern) => pattern.exec(said)?.[1]).find((found) => found !== undefined);
    if (reason !== undefined || ended) throw new StartError(reason ?? `it ended; see ${stack.log}`);
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
