// Starts the running stack, gateway and control plane, on one of its hosts.

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, constants, openSync, readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join, resolve } from "node:path";
import { readConfiguration, withFile } from "./configuration.mjs";
import { host, ROOT, StartError } from "./host.mjs";
import { holdState } from "./state.mjs";

export { HOST, ROOT, StartError } from "./host.mjs";
export const LOCAL_ADMIN_KEY = "tg_admin_local";

const START_MS = 120_000;
/** How long a stack may take to deliver what it owes before it ends. `tollgate serve` gives itself as long. */
const SETTLE_MS = 30_000;
/** What it may take beyond to end. */
const STOP_MS = 5_000;

/**
 * @typedef {object} StackOptions
 * @property {number} port
 * @property {string} state folder that keeps everything; made when missing
 * @property {string} [adminKey]
 * @property {string} [config] folder of policies.json and routes.json; default: config/
 * @property {Record<string, string>} [vars] further variables
 * @property {number} [startMs] how long the start may take
 * @property {number} [queueRetries] how often a message is tried again, in place of wrangler.toml's
 */

/**
 * @typedef {object} StopOptions
 * @property {number} [patienceMs] how long what is owed may take to be delivered; 0: it is left
 * @property {(text: string) => void} [progress] told what is still owed
 */

/** A running stack. */
export class Stack {
  #host;

  constructor(child, url, adminKey, log, host) {
    this.child = child;
    this.#host = host;
    this.url = url;
    this.adminKey = adminKey;
    /** Where the output of the host goes. */
    this.log = log;
    /** The API key of the seeded subscription, when this start has made it: told once. */
    this.seededKey = undefined;
    this.exited = new Promise((done) => {
      child.once("exit", done);
    });
  }

  /**
   * Ends it as Ctrl-C does: no further request is served, what is owed to the ledger is delivered, then it ends.
   *
   * @param {StopOptions} [options]
   * @returns {Promise<string | undefined>} what could not be delivered
   */
  async stop({ patienceMs = SETTLE_MS, progress = () => {} } = {}) {
    const { settle, leftovers } = this.#host;
    const left = patienceMs > 0 ? await settle?.(this, { patienceMs, progress }) : undefined;
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), (settle === undefined ? patienceMs : 0) + STOP_MS);
    await this.exited;
    clearTimeout(timer);
    this.#signal("SIGKILL");
    return left ?? leftovers?.exec(readFileSync(this.log, "utf8"))?.[1];
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
  vars: given = {},
  startMs = START_MS,
  queueRetries,
}) {
  const state = resolve(folder);
  const configuration = config === undefined ? undefined : { folder: resolve(config), ...readConfiguration(config) };
  const served = await host();
  const lock = holdState(state);
  const log = join(state, "stack.log");
  let stack;
  try {
    if (await isTaken(port)) {
      throw new StartError(`port ${port} is taken; choose another: PORT=${port === 65535 ? 8788 : port + 1} make run`);
    }
    const vars = { TOLLGATE_ADMIN_KEY: adminKey, TOLLGATE_LOCAL: "1", ...given };
    const command = await served.command({ port, state, configuration, queueRetries, vars });
    stack = new Stack(launch(command, log, lock), `http://127.0.0.1:${port}`, adminKey, log, served);
  } finally {
    // What was launched holds the state as long as it runs.
    closeSync(lock);
  }
  try {
    stack.seededKey = await ready(stack, startMs, (said) => reasonIn(said, served.failures, configuration?.folder));
  } catch (error) {
    await stack.crash();
    throw error;
  }
  return stack;
}

/**
 * Starts a host in a session of its own, which the signals of a terminal do not reach: who started it ends it in order.
 * It is told to end when that process has ended, however that came.
 */
function launch({ program, args, env }, log, lock) {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
  const output = openSync(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  try {
    const stdio = ["ignore", output, output, lock];
    const command = ["--pdeathsig", "TERM", "--", program, ...args];
    return spawn("setpriv", command, { cwd: ROOT, detached: true, stdio, env });
  } finally {
    closeSync(output);
  }
}

/** Why a host has not started, by its log. */
function reasonIn(said, failures, folder) {
  const reason = failures.map((pattern) => pattern.exec(said)?.[1]).find((found) => found !== undefined);
  return reason === undefined ? undefined : withFile(reason, folder);
}

/** Waits for the stack; answers the key that was seeded, if one was. */
async function ready(stack, startMs, reasonIn) {
  let ended = false;
  stack.exited.then(() => {
    ended = true;
  });
  const until = Date.now() + startMs;
  while (Date.now() < until) {
    const health = await healthOf(stack.url, { authorization: `Bearer ${stack.adminKey}` });
    if (health !== undefined) return health.seededKey;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal are taken out
    const said = readFileSync(stack.log, "utf8").replace(/\x1b\[[\d;]*m/g, "");
    const reason = reasonIn(said);
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

function isTaken(port) {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    const end = (taken) => {
      socket.destroy();
      done(taken);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** A port that nobody listens at, below those that the system gives to connections, which come and go. */
export async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    if (await canListen(port)) return port;
  }
}

function canListen(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
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
