// Runs the cases of the suite `edge`. Nothing here knows its host: the same code runs in Node and in workerd.

import { ConfigurationError } from "tollgate";
import { scaled, totals, unscaled } from "./amounts.mjs";
import { EdgePlayer, PlayError } from "./edge-player.mjs";
import { parseRaw } from "./raw-json.mjs";

/** What an instance that starts from the seed of all cases calls itself. */
const INSTANCE_NAME = "0N2G9H448G2RBHG68T3CE1T7GZ";

/**
 * Runs the cases of one file.
 *
 * @param module the edge module
 * @returns {{failures: {name, expected, got}[], passed: number, transcript: string}}
 */
export async function runEdgeCases(suite, cases, module) {
  const report = { failures: [], passed: 0, transcript: "" };
  for (let i = 0; i < cases.length; i++) {
    const played = await play(cases[i], i, module);
    report.transcript += transcript(`${suite}/${i}`, played);
    const mismatch = judge(cases[i], played);
    if (mismatch === undefined) report.passed++;
    else report.failures.push({ name: cases[i].get("name").value, ...mismatch });
  }
  return report;
}

/** {steps: what came of each step, failure: why it could not be played to its end}. */
async function play(one, index, module) {
  const played = { steps: [], failure: undefined };
  try {
    const player = new EdgePlayer(one, index, module);
    const steps = one.get("steps").items;
    for (let i = 0; i < steps.length; i++) played.steps.push(await player.play(steps[i], i));
  } catch (error) {
    const known = [ConfigurationError, PlayError, WebAssembly.RuntimeError].some((kind) => error instanceof kind);
    if (!known) throw error;
    played.failure = error.message;
  }
  return played;
}

/** How a case differs from what it expects, undefined when it does not. */
function judge(one, { steps, failure }) {
  const events = new Map();
  for (let i = 0; i < steps.length; i++) {
    const expect = one.get("steps").items[i].get("expect");
    if (steps[i].length === 0) continue;
    for (const [time, played] of steps[i].entries()) {
      if (played.allowed === undefined) continue;
      const [expected, got] = [expectedDecision(expect), decision(played, expect)].map((part) => JSON.stringify(part));
      if (expected !== got) return { expected: `for step ${i} time ${time + 1} ${expected}`, got };
    }
    const [expected, got] = [expectedSums(expect), sums(steps[i], expect, events)].map((part) => JSON.stringify(part));
    if (expected !== got) return { expected: `for step ${i} ${expected}`, got };
  }
  return failure === undefined ? undefined : { expected: "a case that can be played to its end", got: failure };
}

function expectedDecision(expect) {
  const members = { allowed: expect.get("allowed").value };
  if (!members.allowed) {
    members.status = expect.get("status")?.value ?? 403;
    for (const name of ["detail", "code"]) {
      if (expect.get(name) !== undefined) members[name] = expect.get(name).value;
    }
    if (expect.get("retryAfter") !== undefined) members.retryAfter = expect.get("retryAfter").value.join(" to ");
  }
  if (expect.get("headers") !== undefined) {
    members.headers = expect
      .get("headers")
      .value.map((line) => `${line}\n`)
      .join("");
  }
  return members;
}

/** The parts of a decision that the case speaks of. */
function decision(played, expect) {
  const members = { allowed: played.allowed };
  if (!played.allowed) {
    const { status, body } = played.problem;
    const { type, status: said, detail, code } = JSON.parse(body);
    if (said !== status || !code || type !== `https://httpproblems.com/http-status/${status}`) {
      return `${status} with a body that is not as S2.3 says: ${body}`;
    }
    members.status = status;
    if (expect.get("detail") !== undefined) members.detail = detail;
    if (expect.get("code") !== undefined) members.code = code;
    if (expect.get("retryAfter") !== undefined) members.retryAfter = retryAfter(played, expect.get("retryAfter").value);
  }
  if (expect.get("headers") !== undefined) members.headers = played.headers;
  return members;
}

/** The seconds; the range where they lie within it. */
function retryAfter({ headers }, [least, most]) {
  const seconds = /^Retry-After: (\d+)$/m.exec(headers)?.[1];
  if (seconds === undefined) return null;
  return seconds >= least && seconds <= most ? `${least} to ${most}` : Number(seconds);
}

function expectedSums(expect) {
  const totalsOf = (expect?.get("events")?.members ?? []).map(([meter, total]) => [meter, unscaled(scaled(total.raw))]);
  const members = { events: Object.fromEntries(totalsOf.sort()) };
  if (expect?.get("stale")?.value) members.stale = true;
  if (expect?.get("cloudEvents") !== undefined) {
    members.cloudEvents = expect.get("cloudEvents").items.map((event) => sortedMembers(event.members));
  }
  for (const name of ["lookups", "kvReads"]) {
    if (expect?.get(name) !== undefined) members[name] = expect.get(name).value;
  }
  return members;
}

/** The parts of a step's sums that the case speaks of; of each event, the members that it names. */
function sums(times, expect, known) {
  const batches = times.flatMap((played) => played.batches);
  const events = batches.flatMap((batch) => parseRaw(batch).items);
  for (const event of events) {
    const id = event.get("id").value;
    const same = known.get(id) === undefined || known.get(id) === event.raw;
    // M1: a second try has the same id and says the same; nothing else has that id.
    if (!same || !id.startsWith(`${INSTANCE_NAME}-`)) return `an event that is not as S3.1 says: ${event.raw}`;
    known.set(id, event.raw);
  }
  const members = { events: totals(batches) };
  if (times.some((played) => played.stale)) members.stale = true;
  const wanted = expect?.get("cloudEvents")?.items;
  if (wanted !== undefined) {
    members.cloudEvents = events.map((event, i) =>
      sortedMembers(event.members.filter(([name]) => wanted[i] === undefined || wanted[i].get(name) !== undefined)),
    );
  }
  for (const name of ["lookups", "kvReads"]) {
    if (expect?.get(name) !== undefined) members[name] = times.reduce((sum, played) => sum + played[name], 0);
  }
  return members;
}

function sortedMembers(members) {
  return Object.fromEntries(members.map(([name, value]) => [name, value.compact]).sort());
}

function transcript(where, { steps, failure }) {
  let lines = "";
  for (const [step, times] of steps.entries()) {
    for (const played of times) {
      const fields = [`${where}/${step}`];
      if (played.allowed === undefined) {
        fields.push(played.stale ? "stale" : "done");
      } else {
        if (played.allowed) fields.push("allowed");
        else fields.push("denied", String(played.problem.status), played.problem.body);
        fields.push(`${played.kvReads}/${played.lookups}`, played.headers.replaceAll("\n", "|"));
      }
      lines += `${[...fields, ...played.batches].join("\t")}\n`;
    }
  }
  return failure === undefined ? lines : `${lines}${where}\tfailed\n`;
}
