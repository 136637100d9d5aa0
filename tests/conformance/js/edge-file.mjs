// The format of the suite `edge`: README.md says it in words.

import { choice, entries, FileError, instant, list, members, number, object, string, whole } from "./checks.mjs";
import { checkHeaders, checkMeterChanges } from "./request-checks.mjs";

export const EDGE_CASE_MEMBERS = {
  needed: ["name", "spec", "snapshots", "steps"],
  other: ["options", "policies", "keyFormat", "bucket"],
};

/** What each step may have beside itself. */
const STEPS = {
  request: { needed: ["expect"], other: [], check: checkRequest, expect: checkDecision },
  finish: { needed: [], other: ["expect"], check: checkFinish, expect: checkEnd },
  abandon: { needed: [], other: ["expect"], check: string, expect: checkEnd },
  kv: { needed: [], other: [], check: checkKv },
  controlPlane: { needed: [], other: [], check: checkControlPlane },
  deliver: {
    needed: [],
    other: ["expect"],
    check: (value, where) => choice(value, where, ["all", "fail", "hold", "none"]),
    expect: checkEnd,
  },
};
const REQUEST_MEMBERS = ["path", "status", "setMeters", "addMeters", "policy", "lookup", "times", "leave"];
const MAX_TIMES = 10_000;

/** @throws FileError */
export function checkEdgeCase(one, where) {
  const scope = { policies: policyNames(one, where), snapshots: new Set(), open: new Set() };
  for (const [name, snapshot] of entries(one.get("snapshots"), `${where}: snapshots`)) {
    if (!snapshot.isObject) string(snapshot, `${where}: snapshots.${name}`);
    scope.snapshots.add(name);
  }
  if (one.get("keyFormat") !== undefined) choice(one.get("keyFormat"), `${where}: keyFormat`, ["tgk"]);
  if (one.get("bucket") !== undefined) string(one.get("bucket"), `${where}: bucket`);
  const steps = list(one.get("steps"), `${where}: steps`);
  if (steps.length === 0) throw new FileError(`${where}: steps is empty`);
  steps.forEach((step, i) => {
    checkStep(step, `${where}: steps[${i}]`, scope);
  });
}

function policyNames(one, where) {
  if (one.get("policies") === undefined) {
    object(one.get("options"), `${where}: options`);
    return ["conformance"];
  }
  if (one.get("options") !== undefined) throw new FileError(`${where}: options and policies exclude each other`);
  const policies = list(one.get("policies"), `${where}: policies`);
  if (policies.length === 0) throw new FileError(`${where}: policies is empty`);
  return policies.map((policy) => {
    members(policy, `${where}: policies`, ["name", "options"], []);
    object(policy.get("options"), `${where}: options`);
    return string(policy.get("name"), `${where}: policies: name`);
  });
}

function checkStep(step, where, scope) {
  const kind = kindOf(step);
  if (kind === undefined) throw new FileError(`${where}: must be one of ${Object.keys(STEPS).join(", ")}`);
  const { needed, other, check, expect } = STEPS[kind];
  members(step, where, [kind, ...needed], other);
  check(step.get(kind), `${where}: ${kind}`, scope);
  if (step.get("expect") !== undefined) expect(step.get("expect"), `${where}: expect`);
}

/** What a step does, undefined when it is none. */
export function kindOf(step) {
  return Object.keys(STEPS).find((name) => step.get(name) !== undefined);
}

function checkRequest(request, where, scope) {
  members(request, where, ["now", "headers"], REQUEST_MEMBERS);
  instant(request.get("now"), `${where}: now`);
  checkHeaders(request, where);
  checkResponse(request, where);
  if (request.get("policy") !== undefined) choice(request.get("policy"), `${where}: policy`, scope.policies);
  const lookup = request.get("lookup");
  if (lookup !== undefined) {
    members(lookup, `${where}: lookup`, ["askedAt", "answeredAt"], []);
    for (const name of ["askedAt", "answeredAt"]) instant(lookup.get(name), `${where}: lookup: ${name}`);
  }
  const times = request.get("times");
  if (times !== undefined) {
    whole(times, `${where}: times`);
    if (times.value < 1 || times.value > MAX_TIMES)
      throw new FileError(`${where}: times is not from 1 to ${MAX_TIMES}`);
  }
  if (request.get("leave") !== undefined) {
    const name = string(request.get("leave"), `${where}: leave`);
    if (scope.open.has(name)) throw new FileError(`${where}: leave is not a new name`);
    if (times !== undefined) throw new FileError(`${where}: leave is for a request that is made once`);
    scope.open.add(name);
  }
}

function checkFinish(finish, where) {
  members(finish, where, ["request"], ["status", "setMeters", "addMeters"]);
  string(finish.get("request"), `${where}: request`);
  checkResponse(finish, where);
}

function checkResponse(value, where) {
  if (value.get("status") !== undefined) whole(value.get("status"), `${where}: status`);
  checkMeterChanges(value, where);
}

function checkKv(kv, where, scope) {
  for (const [key, copy] of entries(object(kv, where), where)) {
    if (copy.raw === "null") continue;
    members(copy, `${where}.${key}`, ["snapshot", "takenAt"], []);
    choice(copy.get("snapshot"), `${where}.${key}: snapshot`, [...scope.snapshots]);
    instant(copy.get("takenAt"), `${where}.${key}: takenAt`);
  }
}

function checkControlPlane(answers, where, scope) {
  for (const [key, answer] of entries(object(answers, where), where)) {
    if (answer.isObject) {
      members(answer, `${where}.${key}`, ["status"], []);
      whole(answer.get("status"), `${where}.${key}: status`);
    } else {
      choice(answer, `${where}.${key}`, ["unreachable", ...scope.snapshots]);
    }
  }
}

function checkDecision(expect, where) {
  const other = ["events", "cloudEvents", "headers", "lookups", "kvReads"];
  const allowed = choice(expect.get("allowed"), `${where}: allowed`, [true, false]);
  if (allowed) members(expect, where, ["allowed"], other);
  else members(expect, where, ["allowed"], [...other, "detail", "status", "code", "retryAfter"]);
  for (const name of ["detail", "code"]) {
    if (expect.get(name) !== undefined) string(expect.get(name), `${where}: ${name}`);
  }
  for (const name of ["status", "lookups", "kvReads"]) {
    if (expect.get(name) !== undefined) whole(expect.get(name), `${where}: ${name}`);
  }
  if (expect.get("headers") !== undefined) {
    for (const line of list(expect.get("headers"), `${where}: headers`)) string(line, `${where}: headers`);
  }
  if (expect.get("retryAfter") !== undefined) {
    const ends = list(expect.get("retryAfter"), `${where}: retryAfter`);
    if (ends.length !== 2) throw new FileError(`${where}: retryAfter is not the least and the most seconds`);
    for (const end of ends) whole(end, `${where}: retryAfter`);
  }
  checkEvents(expect, where);
}

function checkEnd(expect, where) {
  members(expect, where, [], ["events", "cloudEvents", "stale"]);
  if (expect.get("stale") !== undefined) choice(expect.get("stale"), `${where}: stale`, [true, false]);
  checkEvents(expect, where);
}

function checkEvents(expect, where) {
  for (const [meter, total] of entries(expect.get("events"), `${where}: events`))
    number(total, `${where}: events.${meter}`);
  if (expect.get("cloudEvents") === undefined) return;
  for (const event of list(expect.get("cloudEvents"), `${where}: cloudEvents`)) object(event, `${where}: cloudEvents`);
}
