// All suites, whichever part of the package they ask.

import { runCoreCases } from "./core-suites.mjs";
import { runEdgeCases } from "./edge-suite.mjs";
import { runGatewayCases } from "./gateway-suite.mjs";
import { runCases } from "./policy-suite.mjs";

/**
 * Runs the cases of one file.
 *
 * @param modules {edge?, gateway?, rating?}: those in the package where there are none
 * @param bare the edge module for the suite that calls it by itself
 */
export function runSuite(suite, cases, modules, bare) {
  if (suite === "policy" || suite === "status-codes") return runCases(suite, cases, modules.edge);
  if (suite === "edge") return runEdgeCases(suite, cases, bare);
  if (suite === "gateway") return runGatewayCases(suite, cases, modules.gateway);
  return runCoreCases(suite, cases, modules.rating);
}
