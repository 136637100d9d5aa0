// All suites, whichever part of the package they ask.

import { runCoreCases } from "./core-suites.mjs";
import { runCases } from "./policy-suite.mjs";

/**
 * Runs the cases of one file.
 *
 * @param modules {edge?, rating?}: those in the package where there are none
 */
export function runSuite(suite, cases, modules = {}) {
  if (suite === "policy" || suite === "status-codes") return runCases(suite, cases, modules.edge);
  return runCoreCases(suite, cases, modules.rating);
}
