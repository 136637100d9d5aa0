// Which answers of the document the tests have got: noted by each test process, added up by the step.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { operationsOf, ROOT } from "../../scripts/openapi/document.mjs";

/** One file for each process; scripts/test.d/50-http empties it. */
const FOLDER = join(ROOT, "build/openapi-coverage");

const noted = new Set();

/** Notes that an operation has answered a status. */
export function note(operation, status) {
  if (noted.size === 0) process.once("exit", keep);
  noted.add(`${operation} ${status}`);
}

function keep() {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${process.pid}.json`), JSON.stringify([...noted].sort()));
}

/** Everything noted, by all processes; empty where no test has run. */
export function notedByAll() {
  let names = [];
  try {
    names = readdirSync(FOLDER);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  return new Set(names.flatMap((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8"))));
}

/** What the document has, and which of it was exercised. */
export function coverageOf(document, exercised) {
  const documented = operationsOf(document).flatMap(({ method, path, definition }) =>
    Object.keys(definition.responses).map((status) => ({ answer: `${method} ${path} ${status}`, status })),
  );
  const missing = documented.filter(({ answer }) => !exercised.has(answer));
  return {
    documented: documented.length,
    exercised: documented.length - missing.length,
    /** Successes that no test ever saw. */
    missingSuccesses: missing.filter(({ status }) => status.startsWith("2")).map(({ answer }) => answer),
    /** Refusals that no test ever saw; those of a broken machine are not expected of tests of a whole one. */
    missingRefusals: missing.filter(({ status }) => status.startsWith("4")).map(({ answer }) => answer),
  };
}
