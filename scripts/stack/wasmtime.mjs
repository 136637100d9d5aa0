// The second host: `tollgate serve`, gateway and control plane in one process under wasmtime.

import { join } from "node:path";
import { ROOT } from "./host.mjs";

/** The command that the build leaves; another build of it by TOLLGATE_COMMAND. */
const PROGRAM = process.env.TOLLGATE_COMMAND ?? join(ROOT, "build/native/tollgate");

/** How it says why it did not start. */
export const failures = [/^tollgate: (.+)/m];
/** How it says what it could not deliver before it ended. */
export const leftovers = /^tollgate: (events left .+)/m;

/**
 * What to start.
 *
 * @param {import("./host.mjs").HostOptions} options
 * @returns {Promise<import("./host.mjs").HostCommand>}
 */
export async function command({ port, state, configuration, vars }) {
  const args = ["serve", "--port", String(port), "--state", state];
  if (configuration !== undefined) args.push("--config", configuration.folder);
  return { program: PROGRAM, args, env: { ...process.env, ...vars } };
}
