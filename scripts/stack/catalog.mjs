// The catalog that the control plane seeds on a developer's machine, as far as the scripts rely on it.

/** The plan of the seeded subscription and of the demonstration. */
export const PLAN = "starter";
/** What it gives each month, as a hard limit. */
export const REQUESTS = 20;
/** Who holds the seeded subscription. */
export const CUSTOMER = "acme";

/** A new customer on the plan: the subscription, with its API key. */
export async function subscribe(api, customerKey) {
  await api.post("customers", { key: customerKey, name: customerKey });
  return api.post("subscriptions", { plan: { key: PLAN }, customerKey, timing: "immediate" });
}
