// Prints how much of the document the HTTP tests have exercised. Exit status 1 where a success was never seen.
//
//   node tests/openapi/report.mjs [--refusals]   with it: each refusal that no test has seen

import { readDocument } from "../../scripts/openapi/document.mjs";
import { coverageOf, notedByAll } from "./coverage.mjs";

const exercised = notedByAll();
if (exercised.size === 0) {
  console.log("nothing was exercised: run scripts/test http openapi");
  process.exit(1);
}
const { documented, exercised: seen, missingSuccesses, missingRefusals } = coverageOf(readDocument(), exercised);
console.log(`${seen} of ${documented} documented answers were exercised; refusals not seen: ${missingRefusals.length}`);
if (process.argv.includes("--refusals")) console.log(missingRefusals.join("\n"));
if (missingSuccesses.length > 0) {
  console.log(`successes that no test has seen:\n  ${missingSuccesses.join("\n  ")}`);
  process.exitCode = 1;
}
