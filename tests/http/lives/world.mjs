// Lives that are lived in one bucket, side by side: its clock goes from step to step of whoever is next.

import { Customer } from "./customer.mjs";
import { BIRTH_OF_ALL, Life } from "./life.mjs";
import { METERS } from "./plans.mjs";

const DRAFT_MS = { P2D: 2 * 86_400_000 };
const isoText = (at) => new Date(at).toISOString();

async function prepare(api, draftPeriod) {
  await api.send("PUT", "test-clock", { now: isoText(BIRTH_OF_ALL), frozen: true });
  for (const [slug, aggregation] of Object.entries(METERS)) {
    const value = aggregation === "COUNT" ? {} : { valueProperty: "$.total" };
    await api.post("meters", { slug, name: slug, eventType: slug, aggregation, ...value });
    await api.post("features", { key: slug, name: slug, meterSlug: slug });
  }
  if (draftPeriod) await api.post("billing/profiles", { name: "Waits", invoicing: { draftPeriod } });
}

/** Lets time pass on both sides. */
export async function passTime(api, customers, at) {
  await api.post("test-clock/advance", { to: isoText(at) });
  for (const { account } of customers) account.advance(at);
}

/**
 * Lets time pass on both sides until `at`, does there what `next` says, `{kind, …}`, lets everything happen that is due
 * by then, and compares.
 */
export async function take(api, customer, at, next) {
  await passTime(api, [customer], at);
  const step = next();
  customer.note(`# ${isoText(at)} ${step.kind}`);
  await customer.perform(step);
  await passTime(api, [customer], at);
  await customer.compare();
}

/** Does the next step of a life. */
async function live(api, customer) {
  const { life } = customer;
  await take(api, customer, life.nextAt, () => life.next());
  if (life.random.chance(15)) await customer.comparePreview();
  life.plan();
  if (life.nextAt === undefined) await customer.compareAll();
}

/**
 * Lives the lives of `seeds` in the bucket of `api`, which is empty, and tells what went wrong with each:
 * `{seed, steps, invoices, error?, script}`.
 */
export async function liveAll(api, seeds, draftPeriod) {
  await prepare(api, draftPeriod);
  const draftMs = DRAFT_MS[draftPeriod] ?? 0;
  const customers = seeds.map((seed) => new Customer(api, new Life(seed, { draftMs })));
  const reports = customers.map((_, index) => ({ seed: seeds[index], steps: 0 }));
  for (const customer of customers) await customer.register();
  for (;;) {
    const alive = customers.filter(({ life }, index) => life.nextAt !== undefined && !reports[index].error);
    if (alive.length === 0) break;
    const first = alive.reduce((a, b) => (b.life.nextAt < a.life.nextAt ? b : a));
    const report = reports[customers.indexOf(first)];
    report.steps++;
    try {
      await live(api, first);
    } catch (error) {
      report.error = error;
    }
  }
  return reports.map((report, index) => ({
    ...report,
    invoices: customers[index].account.invoices.length,
    script: customers[index].script,
  }));
}
