// The format of vector files: a file is read whole, and refused whole, before its first case runs.

import { choice, entries, FileError, instant, list, members, number, object, string, truth, whole } from "./checks.mjs";
import { checkEdgeCase, EDGE_CASE_MEMBERS } from "./edge-file.mjs";
import { checkGatewayCase, GATEWAY_CASE_MEMBERS } from "./gateway-file.mjs";
import { parseRaw } from "./raw-json.mjs";
import { checkHeaders, checkMeterChanges } from "./request-checks.mjs";

export { FileError };

const CASE_MEMBERS = {
  policy: {
    needed: ["name", "options", "requests"],
    other: ["spec", "keys", "keyFormat", "expect", "lookups", "configError"],
  },
  edge: EDGE_CASE_MEMBERS,
  gateway: GATEWAY_CASE_MEMBERS,
  "status-codes": { needed: ["name", "value", "expect"], other: ["spec"] },
  pricing: { needed: ["name", "price", "usage", "currency", "expect"], other: ["spec", "discounts"] },
  proration: {
    needed: ["name", "fee", "from", "to", "at", "limit", "used", "currency", "expect"],
    other: ["spec"],
  },
  periods: { needed: ["name", "anchor", "cadence", "at", "expect"], other: ["spec"] },
  alignment: { needed: ["name", "plan", "rateCard", "expect"], other: ["spec"] },
  lifecycle: { needed: ["name", "activeFrom", "activeTo", "now", "expect"], other: ["spec"] },
};
/** What `expect` holds in the suites that are one question each, and how it is read. */
const CORE_EXPECTATIONS = {
  pricing: { total: string },
  proration: { credit: string },
  periods: { from: instant, to: instant },
  alignment: { aligned: truth },
  lifecycle: { status: string, access: truth },
};
const REQUEST_MEMBERS = ["now", "headers", "path", "status", "setMeters", "addMeters", "controlPlane"];
const EXPECT_MEMBERS = ["allowed", "events", "detail"];

/** The suite and the cases of a file's text, with their raw values. @throws FileError */
export function readVectorFile(text) {
  let file;
  try {
    file = parseRaw(text);
  } catch (error) {
    throw new FileError(`not JSON: ${error.message}`);
  }
  members(file, "the file", ["suite", "cases"], []);
  const suite = file.get("suite").value;
  const known = CASE_MEMBERS[suite];
  if (known === undefined) throw new FileError(`suite ${JSON.stringify(suite)} is unknown`);
  const cases = list(file.get("cases"), "cases");
  if (cases.length === 0) throw new FileError("cases is empty");
  cases.forEach((one, i) => {
    const where = `case ${i}`;
    members(one, where, known.needed, known.other);
    string(one.get("name"), `${where}: name`);
    if (one.get("spec") !== undefined) string(one.get("spec"), `${where}: spec`);
    if (suite === "policy") checkPolicyCase(one, where);
    else if (suite === "edge") checkEdgeCase(one, where);
    else if (suite === "gateway") checkGatewayCase(one, where);
    else if (suite === "status-codes") checkStatusCodeCase(one, where);
    else checkCoreCase(one, where, CORE_EXPECTATIONS[suite]);
  });
  return { suite, cases };
}

function checkPolicyCase(one, where) {
  const expect = one.get("expect");
  const refused = one.get("configError");
  for (const [key, answer] of entries(one.get("keys"), `${where}: keys`)) checkAnswer(answer, `${where}: keys.${key}`);
  const format = one.get("keyFormat");
  if (format !== undefined) choice(format, `${where}: keyFormat`, ["tgk"]);
  const lookups = one.get("lookups");
  if (lookups !== undefined) whole(lookups, `${where}: lookups`);
  const requests = list(one.get("requests"), `${where}: requests`);
  requests.forEach((request, i) => {
    checkRequest(request, `${where}: requests[${i}]`);
  });
  if (refused !== undefined) {
    choice(refused, `${where}: configError`, [true]);
    if (expect !== undefined) throw new FileError(`${where}: expect and configError exclude each other`);
    return;
  }
  if (expect === undefined) throw new FileError(`${where}: expect is missing`);
  const expected = list(expect, `${where}: expect`);
  if (expected.length !== requests.length) throw new FileError(`${where}: expect has not one entry for each request`);
  expected.forEach((entry, i) => {
    checkExpected(entry, `${where}: expect[${i}]`);
  });
}

/** A snapshot, `{"status": 401 | 404 | 503}`, or "unreachable". */
function checkAnswer(answer, where) {
  if (answer.isObject) {
    const status = answer.get("status")?.value;
    if (typeof status === "number") {
      members(answer, where, ["status"], []);
      if (!Number.isInteger(status) || status < 100 || status > 599) throw new FileError(`${where}: no HTTP status`);
    }
    return;
  }
  choice(answer, where, ["unreachable"]);
}

function checkRequest(request, where) {
  members(request, where, ["now", "headers"], REQUEST_MEMBERS);
  instant(request.get("now"), `${where}: now`);
  checkHeaders(request, where);
  if (request.get("status") !== undefined) whole(request.get("status"), `${where}: status`);
  if (request.get("controlPlane") !== undefined)
    choice(request.get("controlPlane"), `${where}: controlPlane`, ["up", "down"]);
  checkMeterChanges(request, where);
}

function checkExpected(entry, where) {
  members(entry, where, ["allowed"], EXPECT_MEMBERS);
  const allowed = choice(entry.get("allowed"), `${where}: allowed`, [true, false]);
  if (allowed && entry.get("detail") !== undefined) throw new FileError(`${where}: detail is for refusals`);
  if (!allowed && entry.get("events") !== undefined) throw new FileError(`${where}: a refusal has no events`);
  if (!allowed) string(entry.get("detail"), `${where}: detail`);
  for (const [meter, total] of entries(entry.get("events"), `${where}: events`))
    number(total, `${where}: events.${meter}`);
}

function checkStatusCodeCase(one, where) {
  const expect = object(one.get("expect"), `${where}: expect`);
  if (expect.get("error") !== undefined) {
    members(expect, `${where}: expect`, ["error"], []);
    choice(expect.get("error"), `${where}: expect.error`, [true]);
    return;
  }
  members(expect, `${where}: expect`, ["in", "out"], []);
  for (const field of ["in", "out"]) {
    for (const code of list(expect.get(field), `${where}: expect.${field}`)) whole(code, `${where}: expect.${field}`);
  }
}

function checkCoreCase(one, where, expectations) {
  const expect = object(one.get("expect"), `${where}: expect`);
  if (expect.get("error") !== undefined) {
    members(expect, `${where}: expect`, ["error"], []);
    choice(expect.get("error"), `${where}: expect.error`, [true]);
    return;
  }
  members(expect, `${where}: expect`, Object.keys(expectations), []);
  for (const [name, check] of Object.entries(expectations)) check(expect.get(name), `${where}: expect.${name}`);
}
