// What is asked of every contender: keys, subscriptions, policies, and the questions whose answers are compared before
// anything is timed. Pure data, the same on every host.

/** Every key that the warm rows use is in the module's cache, which has room for 10 240 entitlements: three of each. */
export const CACHED_KEYS = 3400;
/** Subscriptions that somebody has to refuse, among them: the last ones. */
const ODD_KEYS = 16;
const WARM_KEYS = CACHED_KEYS - ODD_KEYS;

/** When the requests come, which is soon after the snapshots were taken: none is looked up again. */
export const NOW = Date.parse("2026-10-15T10:00:00Z");
export const TTL_SECONDS = 3600;
/** When the warm rows ask: later than any snapshot was taken, whatever loading them took. */
export const ASKED_AT = NOW + 60_000;

const DAY_MS = 86_400_000;
const METERS = ["api_requests", "tokens", "images"];

/** One, two and three meters; the last names one that is not at a fixed place of every subscription. */
const POLICY_METERS = [
  { api_requests: 1 },
  { api_requests: 1, tokens: 25 },
  { api_requests: 1, tokens: 25, images: 1000 },
  { images: 5 },
];

/** The text of the `policies.json`. */
export const policies = POLICY_METERS.map((meters, i) => ({
  name: `p${i}`,
  policyType: "monetization-inbound",
  handler: {
    export: "MonetizationInboundPolicy",
    // Refusals are compared, too: none is to be checked again before it is given.
    options: { meters, quota: "cached", cacheTtlSeconds: TTL_SECONDS, recheckDeniedSeconds: TTL_SECONDS },
  },
}));
export const policyCount = policies.length;

// ---- keys

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const KEY_LENGTH = 50;

/** A linear congruential generator: the same numbers in every run and on every host. */
export function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** `count` different keys of 50 characters, so that a header has 57. */
export function makeKeys(count, seed) {
  const pick = random(seed);
  const letter = () => LETTERS[pick(LETTERS.length)];
  return Array.from({ length: count }, () => {
    let key = "bench_live_";
    while (key.length < KEY_LENGTH) key += letter();
    return key;
  });
}

export const keys = makeKeys(CACHED_KEYS, 12345);
export const headerOf = (key) => `Bearer ${key}`;
const warmHeaders = keys.slice(0, WARM_KEYS).map(headerOf);

/**
 * Headers of one chunk of requests as a host gets them: flat strings made a moment ago, whose hash nobody has computed.
 * @returns a function that makes the next chunk
 */
export function headerChunks(length, seed) {
  const pick = random(seed);
  const chunk = Array.from({ length }, () => warmHeaders[pick(warmHeaders.length)]);
  const text = JSON.stringify(chunk);
  return () => JSON.parse(text);
}

// ---- subscriptions

const PLENTY = 900_000_000_000;
const iso = (instant) => new Date(instant).toISOString();

function entitlement(changes = {}) {
  return {
    type: "metered",
    isSoftLimit: false,
    hasAccess: true,
    balance: PLENTY,
    usage: 1000,
    overage: 0,
    limit: PLENTY + 1000,
    period: { from: "2026-10-01T00:00:00Z", to: "2026-11-01T00:00:00Z" },
    ...changes,
  };
}

const ulid = (kind, i) => `01J${kind}8ZQ4M7XK3V9T2B${String(i).padStart(6, "0")}`;

/** The snapshot of subscription `i`, about 1.5 KB. Its meters stand in one of three orders. */
export function snapshot(i, changes = {}) {
  const { entitlements = {}, ...others } = changes;
  const places = METERS.map((_, place) => METERS[(place + i) % METERS.length]);
  const inGrace = i % 7 === 0;
  return {
    id: ulid("SUB", i),
    customerId: ulid("CUS", i),
    name: "Pro plan subscription",
    status: "active",
    currency: "USD",
    plan: {
      id: ulid("PLN", i),
      key: "pro",
      name: "Pro",
      version: 1,
      description: "For teams that call the API all day, every day, and want to know in advance what it costs",
    },
    entitlements: {
      ...Object.fromEntries(places.map((meter) => [meter, entitlement()])),
      priority_support: { type: "boolean", hasAccess: true, balance: 0, usage: 0, overage: 0 },
      ...entitlements,
    },
    paymentStatus: inGrace
      ? { status: "failed", isFirstPayment: false, lastPaymentFailedAt: iso(NOW - DAY_MS) }
      : { status: "paid", isFirstPayment: false, lastPaymentSucceededAt: "2026-10-01T00:00:00Z" },
    billingCadence: "P1M",
    billingAnchor: "2026-01-01T00:00:00Z",
    nextBillingDate: "2026-11-01T00:00:00Z",
    activeFrom: "2026-01-01T00:00:00Z",
    maxPaymentOverdueDays: 30,
    consumer: `consumer-${i}`,
    revision: 7,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-10-01T00:00:00Z",
    ...others,
  };
}

/** A snapshot of about 6 KB: twenty-two entitlements that no policy names stand before those that one does. */
export function largeSnapshot(i, changes = {}) {
  const more = Array.from({ length: 22 }, (_, n) => [`feature_meter_${n}`, entitlement({ balance: 1000 * n })]);
  const { entitlements, ...others } = snapshot(i, changes);
  return { ...others, entitlements: { ...Object.fromEntries(more), ...entitlements } };
}

const failedPayment = (daysAgo) => ({
  paymentStatus: { status: "failed", isFirstPayment: false, lastPaymentFailedAt: iso(NOW - daysAgo * DAY_MS) },
});

/** What is odd about the odd subscriptions, and what is asked of them: [policy, status of the response, answer]…. */
const ODD = [
  {
    // Two requests are left; one that was not metered gives back what it had reserved.
    changes: { entitlements: { api_requests: entitlement({ balance: 2 }) } },
    asked: [
      [0, 200, "allowed"],
      [0, 500, "allowed"],
      [1, 404, "allowed"],
      [1, 201, "allowed"],
      [0, 200, "quota_exhausted"],
      [3, 200, "allowed"],
    ],
  },
  {
    // A request that costs more than what is left completes; the next one is refused.
    changes: { entitlements: { images: entitlement({ balance: 10 }) } },
    asked: [
      [2, 200, "allowed"],
      [2, 200, "quota_exhausted"],
      [1, 200, "allowed"],
    ],
  },
  {
    changes: { entitlements: { tokens: entitlement({ balance: 0, isSoftLimit: true }) } },
    asked: [
      [1, 200, "allowed"],
      [1, 200, "allowed"],
    ],
  },
  { changes: { activeTo: iso(NOW - 1) }, asked: [[0, 200, "subscription_expired"]] },
  { changes: { activeFrom: iso(NOW + DAY_MS) }, asked: [[3, 200, "subscription_expired"]] },
  { changes: failedPayment(29), asked: [[2, 200, "allowed"]] },
  { changes: failedPayment(31), asked: [[2, 200, "payment_overdue"]] },
  {
    changes: { entitlements: { tokens: undefined } },
    asked: [
      [0, 200, "allowed"],
      [1, 200, "meter_unknown"],
    ],
  },
  {
    changes: { entitlements: { images: entitlement({ hasAccess: false }) } },
    asked: [
      [3, 200, "meter_disabled"],
      [1, 200, "allowed"],
    ],
  },
  {
    changes: { entitlements: { images: entitlement({ hasAccess: false, balance: 0 }) } },
    asked: [[2, 200, "quota_exhausted"]],
  },
];

const oddness = (i) => ODD[i - WARM_KEYS]?.changes ?? {};

/** Text of each subscription's snapshot, by the place of its key. */
export const snapshotTexts = keys.map((_, i) => JSON.stringify(snapshot(i, oddness(i))));

// ---- questions

const WARM_QUESTIONS = 2000;
const STATUSES = [200, 200, 204, 299, 300, 404, 500, 503];

function warmQuestions() {
  const pick = random(777);
  return Array.from({ length: WARM_QUESTIONS }, () => ({
    key: keys[pick(WARM_KEYS)],
    policy: pick(policyCount),
    status: STATUSES[pick(STATUSES.length)],
    answer: "allowed",
  }));
}

function oddQuestions() {
  return ODD.flatMap(({ asked }, i) =>
    asked.map(([policy, status, answer]) => ({ key: keys[WARM_KEYS + i], policy, status, answer })),
  );
}

const unknownQuestions = makeKeys(2, 999).map((key) => ({ key, policy: 0, status: 200, answer: "key_invalid" }));

/**
 * Requests in the order in which they are asked, one after the other: `{header, policy, status, answer}`. `answer` is
 * `"allowed"` or the code of the refusal; `status` is how the response ends.
 */
export const questions = [...oddQuestions(), ...unknownQuestions, ...warmQuestions()].map(({ key, ...asked }) => ({
  header: headerOf(key),
  ...asked,
}));

/** What the answers must add up to: usage by `subscription meter`, of responses with a metered status. */
export function expectedUsage() {
  const idOf = new Map(keys.map((key, i) => [headerOf(key), ulid("SUB", i)]));
  const usage = new Map();
  for (const { header, policy, status, answer } of questions) {
    if (answer !== "allowed" || status < 200 || status > 299) continue;
    for (const [meter, cost] of Object.entries(POLICY_METERS[policy])) {
      const name = `${idOf.get(header)} ${meter}`;
      usage.set(name, (usage.get(name) ?? 0) + cost);
    }
  }
  return usage;
}
