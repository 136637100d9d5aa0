// Who serves a state folder: one stack at a time, for two would write over each other's files.

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./host.mjs";

/**
 * Holds a state folder for this process and for every process that is given the descriptor; the system lets go of it
 * when all of them have ended or closed it, however they end.
 *
 * @param {string} folder made when missing
 * @returns {number} the descriptor
 * @throws {StartError} when somebody else holds it
 */
export function holdState(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "stack.lock");
  const lock = openSync(file, "a", 0o600);
  // The lock belongs to the open file, which is this process's too: it outlives the command.
  const { status, error } = spawnSync("flock", ["--nonblock", "3"], { stdio: ["ignore", "ignore", "ignore", lock] });
  if (status === 0) {
    ftruncateSync(lock);
    writeSync(lock, `${process.pid}\n`);
    return lock;
  }
  closeSync(lock);
  if (error !== undefined) throw new StartError(`flock, of util-linux, does not run: ${error.message}`);
  throw new StartError(
    `the state in ${folder} is served by ${holderOf(file)}; ` +
      "end that, or serve another state beside it: TOLLGATE_STATE=FOLDER PORT=NUMBER make run",
  );
}

function holderOf(file) {
  const pid = Number(readFileSync(file, "utf8"));
  return existsSync(`/proc/${pid}/stat`) && pid > 0 ? `process ${pid}` : "a stack that is just starting or ending";
}
