// The folder of policies.json and routes.json that a stack serves: config/, or the one of TOLLGATE_CONFIG.

import { readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT, StartError } from "./host.mjs";
import { jsonFault } from "./json-fault.mjs";

export const SHIPPED = join(ROOT, "config");

/**
 * The two files as texts, of which it is known that they are JSON.
 *
 * @throws {StartError} with the file, the place and what is wrong there
 */
export function readConfiguration(folder) {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StartError(
      `the configuration ${shown(folder)} is not a folder; it is to hold policies.json and routes.json`,
    );
  }
  return { policies: readJson(folder, "policies.json"), routes: readJson(folder, "routes.json") };
}

function readJson(folder, name) {
  const file = join(folder, name);
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(`the configuration ${shown(folder)} has no ${name} that can be read: ${error.code}`);
  }
  const fault = jsonFault(text);
  if (fault !== undefined) throw new StartError(`${shown(file)} is not JSON: ${fault}`);
  return text;
}

/** What a host says of a configuration, with the file that is meant: the hosts know the texts only. */
export function withFile(reason, folder = SHIPPED) {
  if (reason.startsWith(`${folder}/`)) return `${shown(folder)}${reason.slice(folder.length)}`;
  if (reason.startsWith('policy "')) return `${shown(join(folder, "policies.json"))}: ${reason}`;
  return reason.replace(/^config\/(?=(?:policies|routes)\.json\b)/, () => `${shown(folder)}/`);
}

/** A path as it is shortest to write here. */
export function shown(path) {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
