// Why the peers refuse. They answer these numbers as the module does; only who asks for words pays for them.

export const KEY_INVALID = -5;
export const SUBSCRIPTION_EXPIRED = -7;
export const PAYMENT_OVERDUE = -10;
export const METER_UNKNOWN = -13;
export const METER_DISABLED = -14;
export const QUOTA_EXHAUSTED = -15;
export const OVERLOADED = -16;

const CODES = new Map([
  [KEY_INVALID, "key_invalid"],
  [SUBSCRIPTION_EXPIRED, "subscription_expired"],
  [PAYMENT_OVERDUE, "payment_overdue"],
  [METER_UNKNOWN, "meter_unknown"],
  [METER_DISABLED, "meter_disabled"],
  [QUOTA_EXHAUSTED, "quota_exhausted"],
  [OVERLOADED, "overloaded"],
]);

/** The stable code of a refusal. */
export const codeOf = (refusal) => CODES.get(refusal);
