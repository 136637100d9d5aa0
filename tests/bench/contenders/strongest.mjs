// The strongest JavaScript known to us: one Map from the whole header to the offset of a record in one Float64Array,
// numbers only, no object made for a request. What a gateway could be, had somebody tuned its policy by hand.

import { batchesOf, idsOf } from "./cloud-events.mjs";
import { factsOf, metersOf } from "./facts.mjs";
import * as refusals from "./refusals.mjs";

/** A record: 16 doubles, the 128 bytes that two cache lines have. */
const RECORD = 16;
const STALE_AT = 0;
const ACTIVE_FROM = 1;
const ACTIVE_TO = 2;
const PAID = 3;
const GRACE_END = 4;
/** From here on for each of three meters: its number with its flags, what was granted, what was used since. */
const METER = 7;
const GRANTED = 10;
const USED = 13;
const METERS_OF_RECORD = 3;

const METER_BITS = 0xff;
const ACCESS = 1 << 8;
const SOFT = 1 << 9;

const IN_FLIGHT = 1024;
const METERS_OF_REQUEST = 4;
/** An event: record, meter and status, cost, time. */
const EVENT = 4;
const EVENTS = 4096;

export function makeStrongest({ keys, headerOf, snapshotTexts, policies, now: loadedAt, ttlMs }) {
  const meterNames = [];
  const meterNumber = (name) => {
    if (!meterNames.includes(name)) meterNames.push(name);
    return meterNames.indexOf(name) + 1;
  };

  // ---- policies, by their index
  const policyMeters = new Int32Array(policies.length * METERS_OF_REQUEST);
  const policyCosts = new Float64Array(policies.length * METERS_OF_REQUEST);
  const policySizes = new Int32Array(policies.length);
  metersOf(policies).forEach((meters, policy) => {
    policySizes[policy] = meters.length;
    meters.forEach(({ meter, cost }, i) => {
      policyMeters[policy * METERS_OF_REQUEST + i] = meterNumber(meter);
      policyCosts[policy * METERS_OF_REQUEST + i] = cost;
    });
  });

  // ---- records, by the header
  const offsets = new Map();
  const records = new Float64Array(keys.length * RECORD);
  const subscriptions = [];
  snapshotTexts.forEach((text, i) => {
    const snapshot = JSON.parse(text);
    const facts = factsOf(snapshot);
    const at = i * RECORD;
    subscriptions.push(snapshot.id);
    offsets.set(headerOf(keys[i]), at);
    records[at + STALE_AT] = loadedAt + ttlMs;
    records[at + ACTIVE_FROM] = facts.activeFrom;
    records[at + ACTIVE_TO] = facts.activeTo;
    records[at + PAID] = facts.paid ? 1 : 0;
    records[at + GRACE_END] = facts.graceEnd;
    facts.meters.forEach(({ name, balance, hasAccess, isSoftLimit }, place) => {
      records[at + METER + place] = meterNumber(name) | (hasAccess ? ACCESS : 0) | (isSoftLimit ? SOFT : 0);
      records[at + GRANTED + place] = balance;
    });
  });

  // ---- requests between check and finish; `slotNext` chains the free ones
  const slotRecord = new Int32Array(IN_FLIGHT);
  const slotSize = new Uint8Array(IN_FLIGHT);
  const slotLive = new Uint8Array(IN_FLIGHT);
  const slotNext = Int32Array.from({ length: IN_FLIGHT }, (_, i) => i + 1);
  const slotTime = new Float64Array(IN_FLIGHT);
  const slotPlaces = new Int32Array(IN_FLIGHT * METERS_OF_REQUEST);
  const slotCosts = new Float64Array(IN_FLIGHT * METERS_OF_REQUEST);
  let free = 0;

  const events = new Float64Array(EVENTS * EVENT);
  let recorded = 0;
  let drained = 0;

  function check(header, policy, now) {
    const at = offsets.get(header);
    if (at === undefined || now >= records[at + STALE_AT]) return refusals.KEY_INVALID;
    if (now < records[at + ACTIVE_FROM] || now >= records[at + ACTIVE_TO]) return refusals.SUBSCRIPTION_EXPIRED;
    if (records[at + PAID] !== 1 && now >= records[at + GRACE_END]) return refusals.PAYMENT_OVERDUE;
    const slot = free;
    if (slot >= IN_FLIGHT) return refusals.OVERLOADED;

    const from = policy * METERS_OF_REQUEST;
    const size = policySizes[policy];
    const mine = slot * METERS_OF_REQUEST;
    for (let i = 0; i < size; i++) {
      const meter = policyMeters[from + i];
      let place = 0;
      let found = 0;
      for (; place < METERS_OF_RECORD; place++) {
        found = records[at + METER + place] | 0;
        if ((found & METER_BITS) === meter) break;
      }
      if (place === METERS_OF_RECORD) return refusals.METER_UNKNOWN;
      if (records[at + GRANTED + place] - records[at + USED + place] <= 0 && !(found & SOFT)) {
        return refusals.QUOTA_EXHAUSTED;
      }
      if (!(found & ACCESS)) return refusals.METER_DISABLED;
      slotPlaces[mine + i] = place;
      slotCosts[mine + i] = policyCosts[from + i];
    }
    for (let i = 0; i < size; i++) records[at + USED + slotPlaces[mine + i]] += slotCosts[mine + i];
    free = slotNext[slot];
    slotRecord[slot] = at;
    slotSize[slot] = size;
    slotLive[slot] = 1;
    slotTime[slot] = now;
    return slot;
  }

  function finish(slot, status) {
    if (slot < 0 || slot >= IN_FLIGHT || !slotLive[slot]) return -1;
    slotLive[slot] = 0;
    const at = slotRecord[slot];
    const size = slotSize[slot];
    const mine = slot * METERS_OF_REQUEST;
    for (let i = 0; i < size; i++) {
      const place = slotPlaces[mine + i];
      if (status >= 200 && status < 300) {
        const event = (recorded++ & (EVENTS - 1)) * EVENT;
        events[event] = at >> 4;
        events[event + 1] = (records[at + METER + place] & METER_BITS) | (status << 8);
        events[event + 2] = slotCosts[mine + i];
        events[event + 3] = slotTime[slot];
      } else {
        records[at + USED + place] -= slotCosts[mine + i];
      }
    }
    slotNext[slot] = free;
    free = slot;
    return recorded;
  }

  const nextId = idsOf("strongest");
  return {
    name: "strongest",
    answer({ header, policy, status }, now) {
      const result = check(header, policy, now);
      if (result < 0) return refusals.codeOf(result);
      finish(result, status);
      return "allowed";
    },
    run(headers, now) {
      for (let i = 0; i < headers.length; i++) {
        const slot = check(headers[i], i & 3, now);
        if (slot < 0) return i;
        finish(slot, 200);
      }
      return headers.length;
    },
    drain() {
      const usage = [];
      for (drained = Math.max(drained, recorded - EVENTS); drained < recorded; drained++) {
        const event = (drained & (EVENTS - 1)) * EVENT;
        usage.push({
          subscription: subscriptions[events[event]],
          meter: meterNames[(events[event + 1] & METER_BITS) - 1],
          cost: events[event + 2],
          time: events[event + 3],
        });
      }
      return batchesOf(usage, nextId);
    },
  };
}
