// A control plane, a KV and a sink in memory, for gates under test. They keep what they are told and can be made to
// fail.

import { createHash, randomBytes } from "node:crypto";

export const NOW = Date.parse("2026-01-15T10:00:00Z");

export const digestOf = (key) => createHash("sha256").update(key).digest("hex");

const PERIOD = { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" };

/** A snapshot of a paid subscription with these balances. */
export function snapshot(overrides = {}, balances = { api_requests: 1000 }) {
  const entitlements = Object.fromEntries(
    Object.entries(balances).map(([key, balance]) => [
      key,
      {
        balance,
        limit: 1000,
        period: PERIOD,
        hasAccess: true,
        overage: 0,
        usage: 0,
        type: "metered",
        isSoftLimit: false,
      },
    ]),
  );
  return {
    id: "01KNVXHQG356VA7T7W0V9N21GH",
    customerId: "01KNVXHQG356VA7T7W0V9N21GJ",
    name: "Pro",
    status: "active",
    currency: "USD",
    plan: { id: "01KNVXHQG356VA7T7W0V9N21GK", key: "pro", name: "Pro", version: 1 },
    entitlements,
    paymentStatus: { status: "paid", isFirstPayment: false },
    billingCadence: "P1M",
    billingAnchor: "2025-10-01T00:00:00Z",
    nextBillingDate: "2026-02-01T00:00:00Z",
    activeFrom: "2025-10-01T00:00:00Z",
    maxPaymentOverdueDays: 3,
    consumer: "acme-prod",
    createdAt: "2025-10-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    ...overrides,
  };
}

/** A `policies.json` of one policy with these options for each name. */
export function policies(options) {
  return Object.entries(options).map(([name, own]) => ({
    name,
    policyType: "monetization-inbound",
    handler: { export: "MonetizationInboundPolicy", options: own },
  }));
}

/** What stands around a gate. */
export class World {
  now = NOW;
  lookups = [];
  kv = new Map();
  sent = [];
  errors = [];
  /** Snapshot or status by key digest. */
  #answers = new Map();
  /** Called instead of answering, when set. */
  onFetch;
  onSend;

  set(key, answer) {
    this.#answers.set(digestOf(key), answer);
  }

  answer(digest) {
    const answer = this.#answers.get(digest) ?? 404;
    return typeof answer === "number" ? { status: answer } : { status: 200, text: JSON.stringify(answer) };
  }

  get options() {
    return {
      snapshots: {
        kvGet: async (digest) => this.kv.get(digest) ?? null,
        kvPut: async (digest, stored, ttlSeconds) => {
          this.kv.set(digest, { ...stored, ttlSeconds });
        },
        fetch: async (digest, signal) => {
          this.lookups.push(digest);
          return this.onFetch === undefined ? this.answer(digest) : this.onFetch(digest, signal);
        },
      },
      events: {
        send: async (batch, events) => {
          if (this.onSend !== undefined) await this.onSend(batch, events);
          this.sent.push(...JSON.parse(batch));
        },
      },
      now: () => this.now,
      seed: randomBytes(32),
      onError: (error, what) => this.errors.push(`${what}: ${error?.message}`),
    };
  }
}

/** Decides as a host does. */
export async function decide(gate, header, policy = 0, now = NOW, context = undefined) {
  const result = gate.check(policy, header, now);
  return result === 0 ? (await gate.settle(policy, context)).result : result;
}

/** A promise and what settles it. */
export function deferred() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Begins some work whose request then goes away: its timers never fire. */
export async function abandonedByRuntime(begin) {
  const { setTimeout: realTimer } = globalThis;
  globalThis.setTimeout = () => 0;
  try {
    const work = begin();
    for (let turn = 0; turn < 50; turn++) await null;
    return { work };
  } finally {
    globalThis.setTimeout = realTimer;
  }
}
