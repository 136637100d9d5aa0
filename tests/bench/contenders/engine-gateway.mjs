// A gateway whose decision is taken by a general policy engine. What surrounds the engine is idiomatic JavaScript: the
// key's entry from a Map, the facts as an object, usage added up, events pushed.

import { batchesOf, idsOf } from "./cloud-events.mjs";
import { factsOf, metersOf } from "./facts.mjs";

const MAX_EVENTS = 4096;

/**
 * @param refuse given `{policy, now, activeFrom, activeTo, paid, graceEnd, entitlements}`, the code of the refusal, or
 *   undefined; `entitlements` has `{left, soft, access}` for each of the subscription's meters
 */
export function makeEngineGateway(name, { keys, headerOf, snapshotTexts, policies }, refuse) {
  const rules = metersOf(policies);
  const cache = new Map(
    snapshotTexts.map((text, i) => {
      const snapshot = JSON.parse(text);
      const { meters, ...facts } = factsOf(snapshot);
      return [headerOf(keys[i]), { id: snapshot.id, facts, meters, used: {} }];
    }),
  );
  let events = [];

  function check(header, policy, now) {
    const entry = cache.get(header);
    if (entry === undefined) return "key_invalid";
    const { facts, meters, used } = entry;
    const entitlements = {};
    for (const { name, balance, isSoftLimit, hasAccess } of meters) {
      entitlements[name] = { left: balance - (used[name] ?? 0), soft: isSoftLimit, access: hasAccess };
    }
    const refusal = refuse({ policy, now, ...facts, entitlements });
    if (refusal !== undefined) return refusal;
    for (const { meter, cost } of rules[policy]) used[meter] = (used[meter] ?? 0) + cost;
    return { entry, policy, now };
  }

  function finish({ entry, policy, now }, status) {
    for (const { meter, cost } of rules[policy]) {
      if (status >= 200 && status < 300) events.push({ subscription: entry.id, meter, cost, status, time: now });
      else entry.used[meter] -= cost;
    }
    if (events.length >= MAX_EVENTS) events = [];
  }

  const nextId = idsOf(name);
  return {
    name,
    answer({ header, policy, status }, now) {
      const request = check(header, policy, now);
      if (typeof request === "string") return request;
      finish(request, status);
      return "allowed";
    },
    run(headers, now) {
      for (let i = 0; i < headers.length; i++) {
        const request = check(headers[i], i & 3, now);
        if (typeof request === "string") return i;
        finish(request, 200);
      }
      return headers.length;
    },
    drain() {
      const batches = batchesOf(events, nextId);
      events = [];
      return batches;
    },
  };
}

/** The checks of one policy in their order, each with the meter that it is about, if any. */
export function checksOf(meters) {
  const codes = ["meter_unknown", "quota_exhausted", "meter_disabled"];
  const perMeter = meters.flatMap(({ meter }) => codes.map((code) => ({ code, meter })));
  return [{ code: "subscription_expired" }, { code: "payment_overdue" }, ...perMeter];
}
