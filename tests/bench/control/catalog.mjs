// What both sides hold before anything is measured.

import { copyTables } from "./copy.mjs";
import { ADMIN_KEY } from "./serve.mjs";

/** A paid plan whose entitlements are not metered, so that a snapshot asks no ledger. */
export const PLAN = {
  key: "team",
  name: "Team",
  description: "For everybody who works together, with a month to try it.",
  currency: "USD",
  billingCadence: "P1M",
  metadata: { popular: "true" },
  phases: [
    {
      key: "trial",
      name: "Trial",
      duration: "P1M",
      rateCards: [
        {
          type: "flat_fee",
          key: "export",
          name: "Export",
          featureKey: "export",
          entitlementTemplate: { type: "boolean" },
        },
      ],
    },
    {
      key: "default",
      name: "Default",
      rateCards: [
        {
          type: "flat_fee",
          key: "base_fee",
          name: "Base fee",
          billingCadence: "P1M",
          price: { type: "flat", amount: "29.00", paymentTerm: "in_advance" },
        },
        {
          type: "flat_fee",
          key: "export",
          name: "Export",
          featureKey: "export",
          entitlementTemplate: { type: "boolean" },
        },
        {
          type: "flat_fee",
          key: "limits",
          name: "Limits",
          featureKey: "limits",
          entitlementTemplate: { type: "static", config: { seats: 25, regions: ["eu", "us"], burst: 100 } },
        },
      ],
    },
  ],
};

export const CUSTOMERS = 200;

const customer = (n) => ({
  key: `customer-${n}`,
  name: `Customer number ${n}`,
  primaryEmail: `billing+${n}@customer.example`,
  currency: "USD",
  metadata: { tier: "gold", account: String(100_000 + n) },
});

/** The body of a customer that is there, and those of more of them. */
export const customerBody = customer;

/** A subscription that begins on a day to come, or at once. What begins at once is billed before the next request. */
export const subscriptionBody = (n, timing = "immediate") => ({
  plan: { key: "team" },
  customerKey: `customer-${n}`,
  timing,
  metadata: { seat: String(n) },
});

/**
 * Fills the control plane through its API and copies the database to its peer, so that both have the same tables, rows
 * and ids. `{customers, subscriptions, digests}`: ids, and digests of API keys.
 */
export async function fill(tollgate, plain, digestOf) {
  tollgate.use(ADMIN_KEY);
  for (const key of ["export", "limits"]) await tollgate.must("POST", "features", { key, name: key });
  const plan = await tollgate.must("POST", "plans", PLAN);
  await tollgate.must("POST", `plans/${plan.id}/publish`);
  const filled = { customers: [], subscriptions: [], digests: [] };
  for (let n = 0; n < CUSTOMERS; n++) {
    filled.customers.push((await tollgate.must("POST", "customers", customer(n))).id);
    const { id, apiKey } = await tollgate.must("POST", "subscriptions", subscriptionBody(n));
    filled.subscriptions.push(id);
    filled.digests.push(digestOf(apiKey.key));
  }
  while (JSON.parse((await tollgate.call("host", "/timers/run")).body).more);
  const { key } = await tollgate.must("POST", "service-keys", { name: "bench", role: "admin" });
  await copyTables(tollgate, plain, "BUCKET/production");
  tollgate.use(key);
  plain.use(key);
  return filled;
}
