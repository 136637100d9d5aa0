// Tollgate as a gateway uses it: the npm package's Gate, with a control plane that answers at once and a queue that
// takes everything.

import { Gate } from "tollgate";

/** Events leave when the benchmark says so and not in the midst of what is timed. */
const NEVER_MS = 2 ** 30;

export async function makeGate({ keys, headerOf, snapshotTexts, policies, now: loadedAt }, { name, module }) {
  const snapshots = new Map();
  for (const [i, key] of keys.entries()) snapshots.set(await digestOf(key), snapshotTexts[i]);
  let batches = [];
  // The gate asks for the time as it does everywhere, by Date.now; only its zero is moved to the workload's.
  const ahead = loadedAt - Date.now();
  const gate = new Gate({
    policies,
    module,
    snapshots: {
      fetch: async (digest) => {
        const text = snapshots.get(digest);
        return text === undefined ? { status: 404 } : { status: 200, text };
      },
    },
    events: {
      send: async (batch) => {
        batches.push(batch);
      },
    },
    flushIntervalMs: NEVER_MS,
    now: () => Date.now() + ahead,
  });

  async function decide(header, policy, now) {
    const result = gate.check(policy, header, now);
    return result === 0 ? (await gate.settle(policy)).result : result;
  }
  for (const key of keys) {
    const result = await decide(headerOf(key), 0, loadedAt);
    if (result > 0) gate.abandon(result);
  }

  return {
    name,
    async answer({ header, policy, status }, now) {
      const result = await decide(header, policy, now);
      if (result < 0) return JSON.parse(gate.problem(result, policy, "/", "req", now).body).code;
      gate.finish(result, status);
      return "allowed";
    },
    run(headers, now) {
      for (let i = 0; i < headers.length; i++) {
        const result = gate.check(i & 3, headers[i], now);
        if (result <= 0) return i;
        gate.finish(result, 200);
      }
      return headers.length;
    },
    /** The first request after a flush sets the timer of the next: it has its place in the time with draining. */
    prepare() {
      gate.finish(gate.check(0, headerOf(keys[0]), loadedAt + 60_000), 200);
    },
    async drain() {
      await gate.flush();
      const sent = batches;
      batches = [];
      return sent;
    },
  };
}

export async function digestOf(key) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
