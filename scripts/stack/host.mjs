// What a host is to the stack: a command that serves gateway and control plane.

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The stack did not start; the message says why. */
export class StartError extends Error {}

/**
 * @typedef {object} HostOptions
 * @property {number} port
 * @property {string} state folder that keeps everything
 * @property {{folder: string, policies: string, routes: string}} [configuration] in place of the files of config/
 * @property {Record<string, string>} vars of gateway and control plane (host-bindings/workers/README.md)
 * @property {number} [queueRetries] in place of those of wrangler.toml; `tollgate serve` has no queues
 */

/**
 * @typedef {object} HostCommand
 * @property {string} program
 * @property {string[]} args
 * @property {Record<string, string | undefined>} env
 */

/**
 * The hosts by name. Each is a module with `command(options)`; `failures`, how its log says why it did not start; and
 * either `settle(stack, options)`, which has delivered what the host owes, or `leftovers`, how the log of a host that
 * does so by itself when it ends says what is left.
 */
const HOSTS = { workerd: () => import("./workerd.mjs"), wasmtime: () => import("./wasmtime.mjs") };

/** The host that the stack runs on: workerd, or what TOLLGATE_HTTP_HOST says. */
export const HOST = process.env.TOLLGATE_HTTP_HOST ?? "workerd";

/** @throws {StartError} when there is no such host */
export function host() {
  const load = HOSTS[HOST];
  if (load === undefined) {
    throw new StartError(`TOLLGATE_HTTP_HOST is ${HOST}: must be one of ${Object.keys(HOSTS).join(", ")}`);
  }
  return load();
}
