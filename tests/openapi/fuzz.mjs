// Has schemathesis make requests up from docs/openapi.yaml and send them to a stack of its own: the valid, the nearly
// valid and the absurd, and chains of requests that use what others answered. No answer may be a server's error, or
// other than the document says, and nothing that the document does not allow may be taken.
//
//   node tests/openapi/fuzz.mjs [SEED] [OPTION…]   OPTIONs go to schemathesis: --include-path /plans --max-examples 100

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ROOT, readDocument } from "../../scripts/openapi/document.mjs";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { CUSTOMER } from "../../scripts/stack/catalog.mjs";
import { freePort, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";

/** Requests made up for each operation and each kind of test. */
const EXAMPLES = 10;
/** A run takes about a minute; one that takes longer than this hangs. */
const MOST_MS = 400_000;

const [seed = "1", ...options] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "tollgate-fuzz-"));
const stack = await startStack({ port: await freePort(), state: join(folder, "state") });
let failed = 1;
let passed = 0;
try {
  const file = join(folder, "openapi.yaml");
  writeFileSync(file, stringify(await testedDocument(), { aliasDuplicateObjects: false }));
  ({ passed, failed } = await fuzz(file, join(folder, "report.json")));
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The document with what the tester cannot know: names that something has, and that `null` counts as absent. */
async function testedDocument() {
  const document = readDocument();
  const { parameters, schemas } = document.components;
  for (const schema of Object.values(schemas)) acceptNulls(schema);
  const { subscription, draft, invoice } = await fixtures();
  parameters.SubscriptionId.example = subscription.id;
  parameters.CustomerIdOrKey.example = CUSTOMER;
  parameters.PlanId.example = draft.id;
  parameters.InvoiceId.example = invoice.id;
  document.paths["/snapshots/{digest}"].parameters[0].example = createHash("sha256")
    .update(stack.seededKey)
    .digest("hex");
  const { key, name, currency, billingCadence, phases } = draft;
  const replaced = document.paths["/plans/{planId}"].put.requestBody.content["application/json"];
  replaced.example = { key, name, currency, billingCadence, phases };
  // One key for all that creates would let one of them create.
  delete parameters.IdempotencyKey.example;
  parameters.IfMatch.example = "*";
  return document;
}

/** One of what takes several requests to get: a draft, and an invoice. */
async function fixtures() {
  const api = new ControlPlane(stack.url, LOCAL_ADMIN_KEY);
  await api.send("PUT", "monetization-configuration", { multipleSubscriptionsEnabled: true });
  const { items: plans } = await api.get("plans?status=active&key=pro");
  const draft = await api.post(`plans/${plans[0].id}/next`);
  const subscription = await api.post("subscriptions", { plan: { key: "pro" }, customerKey: CUSTOMER });
  // It is billed in advance, which the test clock waits for.
  await api.post("test-clock/advance", { by: "PT1S" });
  const { items: invoices } = await api.get(`subscriptions/${subscription.id}/invoices`);
  return { draft, subscription, invoice: invoices[0] };
}

/** Of what requests have, all that is not required. */
function acceptNulls(schema) {
  if (typeof schema !== "object" || schema === null) return;
  for (const child of Object.values(schema)) acceptNulls(child);
  if (schema.additionalProperties !== false || schema.properties === undefined) return;
  for (const [name, member] of Object.entries(schema.properties)) {
    const required = schema.required?.includes(name) ?? false;
    if (!required) schema.properties[name] = { anyOf: [member, { type: "null" }] };
  }
}

async function fuzz(document, report) {
  const config = join(ROOT, "tests/openapi/schemathesis.toml");
  const args = ["-m", "schemathesis.cli", "--config-file", config, "run", document];
  args.push("--url", `${stack.url}/v3/metering/working-copy`);
  args.push("--header", `Authorization: Bearer ${LOCAL_ADMIN_KEY}`, "--seed", seed, "--max-examples", String(EXAMPLES));
  args.push("--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all");
  args.push("--request-timeout", "30", "--generation-database", "none", "--no-color", "--output-sanitize", "false");
  args.push("--report", "json", "--report-json-path", report, ...options);
  const env = { ...process.env, PYTHONPATH: join(ROOT, ".deps/schemathesis"), PYTHONDONTWRITEBYTECODE: "1" };
  const { status, output } = await run("python3", args, env);
  if (status !== 0) console.log(`${output}\nagain: node tests/openapi/fuzz.mjs ${seed}`);
  return status === 0 || status === 1
    ? countsOf(JSON.parse(readFileSync(report, "utf8")), status)
    : { passed: 0, failed: 1 };
}

/** A run that has not tested everything, or nothing, has failed. */
function countsOf({ complete, operations, test_cases: cases, errors, valid_rates: rates }, status) {
  const whole = complete && operations.tested === operations.selected && cases.generated > 0;
  const wrong = cases.with_failures + errors.length;
  const accepted = Object.values(rates).filter((phases) => Object.values(phases).some((phase) => phase.accepted > 0));
  const counts = `${operations.tested} operations, of which ${accepted.length} were carried out`;
  console.log(`${counts}; ${cases.generated} requests; seed ${seed}`);
  return { passed: cases.generated - cases.with_failures, failed: whole && status === 0 ? wrong : Math.max(1, wrong) };
}

function run(command, args, env) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: folder, env, timeout: MOST_MS, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.once("error", failed);
    child.once("close", (status) => done({ status, output }));
  });
}
