// Runs the cases of the suites `policy` and `status-codes` through the gate of the npm package. Nothing here knows its
// host: the same code runs in Node and in workerd.

import { ConfigurationError, Gate } from "tollgate";
import { scaled, totals, unscaled } from "./amounts.mjs";
import { parseRaw } from "./raw-json.mjs";
import { BUILD_ID, credential, digestOf, policyEntry, runtimeMeters, SEED } from "./request.mjs";

const CONTROL_PLANE_DOWN = new Error("the control plane is down");

/**
 * Runs the cases of one file.
 *
 * @param module the edge module, undefined for the one in the package
 * @returns {{failures: {name, expected, got}[], passed: number, transcript: string}}
 */
export async function runCases(suite, cases, module) {
  const report = { failures: [], passed: 0, transcript: "" };
  for (let i = 0; i < cases.length; i++) {
    const one = suite === "policy" ? cases[i] : policyCaseOf(cases[i]);
    const { lines, mismatch } = await runPolicyCase(one, i, module);
    report.transcript += lines
      .map((fields) => `${[`${suite}/${fields[0]}`, ...fields.slice(1)].join("\t")}\n`)
      .join("");
    if (mismatch === undefined) report.passed++;
    else report.failures.push({ name: one.get("name").value, ...mismatch });
  }
  return report;
}

/** What a case's control plane is, and its KV. */
class World {
  now = 0;
  down = false;
  lookups = 0;
  batches = [];
  #answers = new Map();
  #kv = new Map();

  /** Keys are known by their digest, as a control plane knows them. */
  async learn(keys) {
    for (const [key, answer] of keys) this.#answers.set(await digestOf(key), answer);
  }

  snapshots = {
    kvGet: async (digest) => {
      const entry = this.#kv.get(digest);
      return entry === undefined || entry.expiresAt <= this.now ? null : entry;
    },
    kvPut: async (digest, snapshot, ttlSeconds) => {
      this.#kv.set(digest, { ...snapshot, expiresAt: this.now + ttlSeconds * 1000 });
    },
    fetch: async (digest) => {
      this.lookups++;
      const answer = this.#answers.get(digest);
      if (this.down || (answer !== undefined && !answer.isObject)) throw CONTROL_PLANE_DOWN;
      if (answer === undefined) return { status: 404 };
      const status = answer.get("status")?.value;
      return typeof status === "number" ? { status } : { status: 200, text: answer.raw };
    },
  };

  events = {
    send: async (batch) => {
      this.batches.push(batch);
    },
  };
}

async function runPolicyCase(one, index, module) {
  const world = new World();
  await world.learn(one.get("keys")?.members ?? []);
  let gate;
  try {
    gate = new Gate({
      policies: `[${policyEntry("conformance", one.get("options"))}]`,
      keyFormat: one.get("keyFormat") === undefined ? "any" : "tgk",
      buildId: BUILD_ID,
      seed: SEED,
      snapshots: world.snapshots,
      events: world.events,
      now: () => world.now,
      ...(module === undefined ? {} : { module }),
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return refusedOptions(one, index, error.message);
  }
  if (one.get("configError") !== undefined)
    return { lines: [], mismatch: { expected: "refused options", got: "accepted" } };

  const lines = [];
  const got = [];
  const requests = one.get("requests").items;
  for (let i = 0; i < requests.length; i++) {
    const { outcome, fields } = await runRequest(requests[i], `req_${index}_${i}`, gate, world);
    lines.push([`${index}/${i}`, ...fields]);
    got.push(outcome);
  }
  return { lines, mismatch: compare(one, got, world.lookups) };
}

function refusedOptions(one, index, sentence) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a line of the transcript must not hold
  const lines = [[`${index}`, "refused", sentence.replace(/[\x00-\x1f]/g, "?")]];
  if (one.get("configError") !== undefined) return { lines };
  return { lines, mismatch: { expected: "accepted options", got: `refused: ${sentence}` } };
}

async function runRequest(request, requestId, gate, world) {
  world.now = Date.parse(request.get("now").value);
  const switched = request.get("controlPlane")?.value;
  if (switched !== undefined) world.down = switched === "down";

  const header = credential(request.get("headers"), gate.policies[0].authHeader);
  let result = gate.check(0, header, world.now);
  if (result === 0) ({ result } = await gate.settle(0));

  world.batches = [];
  if (result > 0) {
    const meters = runtimeMeters(request, (state, verb, { value }) => gate.mergeMeters(state, verb, value));
    gate.finish(result, request.get("status")?.value ?? 200, meters);
    await gate.flush();
    return { outcome: { allowed: true, events: totals(world.batches) }, fields: ["allowed", ...world.batches] };
  }
  const { status, body } = gate.problem(result, 0, request.get("path")?.value ?? "/", requestId, world.now);
  await gate.flush();
  const outcome = { allowed: false, detail: JSON.parse(body).detail };
  if (world.batches.length > 0) outcome.events = totals(world.batches);
  return { outcome, fields: ["denied", String(status), body] };
}

function compare(one, got, lookups) {
  const expected = one.get("expect").items.map((entry) => {
    if (!entry.get("allowed").value) return { allowed: false, detail: entry.get("detail").value };
    const events = (entry.get("events")?.members ?? []).map(([meter, total]) => [meter, unscaled(scaled(total.raw))]);
    return { allowed: true, events: Object.fromEntries(events.sort()) };
  });
  for (let i = 0; i < expected.length; i++) {
    const [want, have] = [JSON.stringify(expected[i]), JSON.stringify(got[i])];
    if (want !== have) return { expected: `request ${i}: ${want}`, got: have };
  }
  const wanted = one.get("lookups")?.value;
  if (wanted !== undefined && wanted !== lookups) return { expected: `${wanted} look-ups`, got: `${lookups}` };
  return undefined;
}

const PLENTY = {
  id: "01KNVXHQG356VA7T7W0V9N21GH",
  customerId: "01KNVXHQG356VA7T7W0V9N21GJ",
  name: "Status codes",
  status: "active",
  currency: "USD",
  plan: { id: "01KNVXHQG356VA7T7W0V9N21GK", key: "pro", name: "Pro", version: 1 },
  entitlements: {
    requests: { balance: 1000000, hasAccess: true, overage: 0, usage: 0, type: "metered", isSoftLimit: false },
  },
  paymentStatus: { status: "paid", isFirstPayment: false },
  billingCadence: "P1M",
  billingAnchor: "2025-10-01T00:00:00Z",
  nextBillingDate: "2026-02-01T00:00:00Z",
  activeFrom: "2025-10-01T00:00:00Z",
  maxPaymentOverdueDays: 3,
  createdAt: "2025-10-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
};

/** A status-codes case as the policy case that tests it. */
function policyCaseOf(one) {
  const expect = one.get("expect");
  const refused = expect.get("error") !== undefined;
  const codes = refused ? [] : [...expect.get("in").value, ...expect.get("out").value];
  const metered = refused ? 0 : expect.get("in").items.length;
  const request = (status) => ({ now: "2026-01-15T10:00:00Z", headers: { authorization: "Bearer k1" }, status });
  const outcome = (_, i) => ({ allowed: true, ...(i < metered ? { events: { requests: 1 } } : {}) });
  const text = `{
    "name": ${one.get("name").raw},
    "options": {"meters": {"requests": 1}, "meterOnStatusCodes": ${one.get("value").raw}},
    "keys": {"k1": ${JSON.stringify(PLENTY)}},
    "requests": ${JSON.stringify(codes.map(request))},
    ${refused ? '"configError": true' : `"expect": ${JSON.stringify(codes.map(outcome))}`}
  }`;
  return parseRaw(text);
}
