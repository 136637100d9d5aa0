// The policy as most people would write it: split the header, look the key up, walk the parsed snapshot, push events.

import { batchesOf, idsOf } from "./cloud-events.mjs";
import { factsOf, metersOf } from "./facts.mjs";
import * as refusals from "./refusals.mjs";

const MAX_EVENTS = 4096;

export function makeIdiomatic({ keys, snapshotTexts, policies, now: loadedAt, ttlMs }) {
  const rules = metersOf(policies).map((meters) => ({ meters }));
  const cache = new Map(
    snapshotTexts.map((text, i) => {
      const subscription = JSON.parse(text);
      const { activeFrom, activeTo, graceEnd } = factsOf(subscription);
      return [keys[i], { staleAt: loadedAt + ttlMs, subscription, activeFrom, activeTo, graceEnd, used: {} }];
    }),
  );
  let events = [];

  /** The request, or the refusal. */
  function check(header, policy, now) {
    const [scheme, key] = header.split(" ");
    if (scheme !== "Bearer") return refusals.KEY_INVALID;
    const entry = cache.get(key);
    if (!entry || now >= entry.staleAt) return refusals.KEY_INVALID;
    const { subscription, used } = entry;
    if (subscription.status !== "active" || now < entry.activeFrom || now >= entry.activeTo) {
      return refusals.SUBSCRIPTION_EXPIRED;
    }
    if (subscription.paymentStatus.status !== "paid" && now >= entry.graceEnd) return refusals.PAYMENT_OVERDUE;
    const rule = rules[policy];
    for (const { meter } of rule.meters) {
      const entitlement = subscription.entitlements[meter];
      if (!entitlement) return refusals.METER_UNKNOWN;
      if (!entitlement.isSoftLimit && entitlement.balance - (used[meter] ?? 0) <= 0) return refusals.QUOTA_EXHAUSTED;
      if (!entitlement.hasAccess) return refusals.METER_DISABLED;
    }
    for (const { meter, cost } of rule.meters) used[meter] = (used[meter] ?? 0) + cost;
    return { entry, rule, now };
  }

  function finish({ entry, rule, now }, status) {
    if (status >= 200 && status < 300) {
      for (const { meter, cost } of rule.meters) {
        events.push({ subscription: entry.subscription.id, meter, cost, status, time: now });
      }
    } else {
      for (const { meter, cost } of rule.meters) entry.used[meter] -= cost;
    }
    if (events.length >= MAX_EVENTS) events = [];
  }

  const nextId = idsOf("idiomatic");
  return {
    name: "idiomatic",
    answer({ header, policy, status }, now) {
      const request = check(header, policy, now);
      if (typeof request === "number") return refusals.codeOf(request);
      finish(request, status);
      return "allowed";
    },
    run(headers, now) {
      for (let i = 0; i < headers.length; i++) {
        const request = check(headers[i], i & 3, now);
        if (typeof request === "number") return i;
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
