// A gateway that keeps nothing but what its key-value store gives it: the text of the snapshot is there, is parsed for
// each request, and checked.

import { batchesOf, idsOf } from "./cloud-events.mjs";
import { graceEnd, metersOf } from "./facts.mjs";
import * as refusals from "./refusals.mjs";

const MAX_EVENTS = 4096;

export function makeParse({ keys, snapshotTexts, policies }) {
  const rules = metersOf(policies).map((meters) => ({ meters }));
  const store = new Map(snapshotTexts.map((text, i) => [keys[i], { text, used: {} }]));
  let events = [];

  /** The request, or the refusal. */
  function check(header, policy, now) {
    const [scheme, key] = header.split(" ");
    if (scheme !== "Bearer") return refusals.KEY_INVALID;
    const entry = store.get(key);
    if (!entry) return refusals.KEY_INVALID;
    const { used } = entry;
    const subscription = JSON.parse(entry.text);
    const { activeFrom, activeTo, paymentStatus, maxPaymentOverdueDays, entitlements } = subscription;
    const ended = activeTo !== undefined && now >= Date.parse(activeTo);
    if (subscription.status !== "active" || now < Date.parse(activeFrom) || ended) return refusals.SUBSCRIPTION_EXPIRED;
    if (paymentStatus.status !== "paid" && now >= graceEnd(paymentStatus, maxPaymentOverdueDays)) {
      return refusals.PAYMENT_OVERDUE;
    }
    const rule = rules[policy];
    for (const { meter } of rule.meters) {
      const entitlement = entitlements[meter];
      if (!entitlement) return refusals.METER_UNKNOWN;
      if (!entitlement.isSoftLimit && entitlement.balance - (used[meter] ?? 0) <= 0) return refusals.QUOTA_EXHAUSTED;
      if (!entitlement.hasAccess) return refusals.METER_DISABLED;
    }
    for (const { meter, cost } of rule.meters) used[meter] = (used[meter] ?? 0) + cost;
    return { id: subscription.id, used, rule, now };
  }

  function finish({ id, used, rule, now }, status) {
    if (status >= 200 && status < 300) {
      for (const { meter, cost } of rule.meters) events.push({ subscription: id, meter, cost, status, time: now });
    } else {
      for (const { meter, cost } of rule.meters) used[meter] -= cost;
    }
    if (events.length >= MAX_EVENTS) events = [];
  }

  const nextId = idsOf("parse");
  return {
    name: "parse",
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
