// The first host: workerd with gateway and control plane, through `wrangler dev`, offline.

import { execFile } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT, StartError } from "./host.mjs";

const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");

/** How workerd, or else wrangler, says why a Worker did not start. */
export const failures = [/Uncaught (?:\w*Error: )*(.+)/, /\[ERROR\] (.+)/];

/**
 * What to start.
 *
 * @param {import("./host.mjs").HostOptions} options
 * @returns {Promise<import("./host.mjs").HostCommand>}
 */
export async function command({ port, state, configuration, vars, queueRetries }) {
  // In a file that only its owner reads: command lines are seen by everybody on the machine.
  const envFile = join(state, "stack.env");
  const variables = { ...vars, ...texts(configuration) };
  writeFileSync(envFile, Object.entries(variables).map(envLine).join(""), { mode: 0o600 });
  const worker = await workerIn(state, queueRetries);
  const args = [WRANGLER, "dev", "--config", worker, "--ip", "127.0.0.1", "--port", String(port)];
  args.push("--inspector-port", "0", "--persist-to", state, "--env-file", envFile);
  args.push("--show-interactive-dev-session=false");
  return { program: process.execPath, args, env: environment(state) };
}

/** How often it is asked whether all is delivered. */
const ASK_MS = 150;

/**
 * Has everything delivered that the Worker owes, which then serves no further request: isolate and queues are in memory
 * here, and end with it.
 *
 * @param {import("./stack.mjs").Stack} stack
 * @param {import("./stack.mjs").StopOptions} options
 * @returns {Promise<string | undefined>} what is left, if anything
 */
export async function settle({ url, adminKey, exited }, { patienceMs, progress }) {
  let ended = false;
  exited.then(() => {
    ended = true;
  });
  let left;
  for (const until = Date.now() + patienceMs; !ended && Date.now() < until; ) {
    const owed = await askOwed(url, adminKey);
    const now = owed === undefined ? undefined : described(owed);
    if (owed !== undefined && now === undefined) return undefined;
    if (now !== undefined && now !== left) progress(`to be delivered: ${now}`);
    left = now ?? left ?? "the Worker does not answer";
    await new Promise((done) => setTimeout(done, ASK_MS));
  }
  return left;
}

/** @returns {Promise<{requests: number, outbox: number, queue: number} | undefined>} undefined when nothing answers */
async function askOwed(url, adminKey) {
  const headers = { authorization: `Bearer ${adminKey}` };
  const request = { method: "POST", headers, signal: AbortSignal.timeout(5_000) };
  try {
    const response = await fetch(`${url}/healthz/ending`, request);
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** In words, undefined when nothing is owed. */
function described({ requests, outbox, queue }) {
  if (requests + outbox + queue === 0) return undefined;
  return `${requests} requests under way, ${outbox} events in the gate, ${queue} on the queues`;
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

/** How long bundling may take; wrangler has no limit of its own. */
const BUNDLE_MS = 120_000;

/**
 * Bundles the Worker into a folder, which is made anew.
 *
 * @param {string} folder
 * @param {string} scratch for wrangler's logs
 */
export async function bundle(folder, scratch) {
  rmSync(folder, { recursive: true, force: true });
  const args = [WRANGLER, "deploy", "--dry-run", "--outdir", folder];
  const options = { cwd: ROOT, env: environment(scratch), timeout: BUNDLE_MS };
  await promisify(execFile)(process.execPath, args, options).catch((error) => {
    throw new StartError(`the Worker could not be bundled: ${error.stderr || error.message}`);
  });
}

/**
 * The Worker as the stack serves it: a bundle of its own, once and for all. `wrangler dev` starts its isolates anew
 * when a source changes, which a stack that serves must not do because somebody builds. Tests start many stacks, and
 * have it bundled once: TOLLGATE_WORKER is the folder.
 *
 * @returns the path of the configuration to serve
 */
async function workerIn(state, queueRetries) {
  const folder = join(state, "worker");
  if (process.env.TOLLGATE_WORKER === undefined) {
    await bundle(folder, state);
  } else {
    rmSync(folder, { recursive: true, force: true });
    cpSync(process.env.TOLLGATE_WORKER, folder, { recursive: true });
  }
  const config = join(folder, "wrangler.toml");
  const bundled = readFileSync(join(ROOT, "wrangler.toml"), "utf8")
    .replace(/^main = .*$/m, 'main = "index.js"\nno_bundle = true\nfind_additional_modules = true')
    .replace(
      /\{ type = "Text".*\}/,
      '{ type = "Text", globs = ["**/*.json", "**/*.yaml", "**/*.html"], fallthrough = false }',
    )
    .replaceAll(/^max_retries = .*$/gm, (line) =>
      queueRetries === undefined ? line : `max_retries = ${queueRetries}`,
    );
  writeFileSync(config, bundled);
  return config;
}

/** The texts in place of those that were built in. */
function texts(configuration) {
  if (configuration === undefined) return {};
  return { TOLLGATE_POLICIES: configuration.policies, TOLLGATE_ROUTES: configuration.routes };
}

/** A line of an env file. Single quotes keep all but themselves; JSON can do without those and without line breaks. */
function envLine([name, value]) {
  const text = value.replaceAll("'", "\\u0027").replaceAll(/\s*\n\s*/g, " ");
  return `${name}='${text}'\n`;
}
