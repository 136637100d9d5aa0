import { Fields, notFound, Refusal } from "./answers.mjs";
import { findCustomer } from "./customers.mjs";
import { ulid } from "./identity.mjs";
import { instant, periodContaining } from "./time.mjs";

const SELECT =
  "SELECT id, customer_id, plan_id, name, description, metadata, active_from, active_to, billing_anchor," +
  " billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at, updated_at," +
  " last_payment_failed_at, last_payment_succeeded_at, access_blocked, previous_id, next_id" +
  " FROM subscriptions ";
const PLAN = "SELECT id, version, state, definition FROM plans ";

const optionalInstant = (ms) => (ms === null ? undefined : instant(ms));

function planFrom(row) {
  return { id: row.id, version: row.version, ...JSON.parse(row.definition) };
}

/** With its plan, of which one that was read before is taken from `plans`. */
function withPlan(sql, row, plans = new Map()) {
  let plan = plans.get(row.plan_id);
  if (plan === undefined) {
    plan = planFrom(sql.exec(`${PLAN}WHERE id = ?`, row.plan_id).one());
    plans.set(row.plan_id, plan);
  }
  row.plan = plan;
  return row;
}

function findSubscription(sql, id) {
  const [row] = sql.exec(`${SELECT}WHERE id = ?`, id).toArray();
  return row === undefined ? undefined : withPlan(sql, row);
}

function statusAt({ active_from: from, active_to: to }, now) {
  if (to !== null && (to <= now || to <= from)) return "inactive";
  if (from > now) return "scheduled";
  return to === null ? "active" : "canceled";
}

/** `now` as far as the subscription lasts. */
function momentOf({ active_from: from, active_to: to }, now) {
  const last = to === null ? now : Math.max(from, to - 1);
  return Math.max(from, Math.min(now, last));
}

/** The phase at a moment; the last one has no end. */
function phaseAt({ plan, starting_phase: first, active_from: begin }, at) {
  let from = begin;
  for (let index = first; ; index++) {
    const { duration } = plan.phases[index];
    if (duration === undefined) return { phase: plan.phases[index], from };
    const { to } = periodContaining(from, duration, from);
    if (at < to) return { phase: plan.phases[index], from, to };
    from = to;
  }
}

/** What a subscription and its snapshot share. */
function shared(row, now) {
  const { plan } = row;
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    status: statusAt(row, now),
    currency: plan.currency,
    plan: { id: plan.id, key: plan.key, name: plan.name, version: plan.version, description: plan.description },
    paymentStatus: {
      status: row.payment_status,
      isFirstPayment: row.is_first_payment !== 0,
      lastPaymentFailedAt: optionalInstant(row.last_payment_failed_at),
      lastPaymentSucceededAt: optionalInstant(row.last_payment_succeeded_at),
    },
    accessBlocked: row.access_blocked !== 0 ? true : undefined,
    billingCadence: plan.billingCadence,
    billingAnchor: instant(row.billing_anchor),
    nextBillingDate: instant(periodContaining(row.billing_anchor, plan.billingCadence, momentOf(row, now)).to),
    activeFrom: instant(row.active_from),
    activeTo: optionalInstant(row.active_to),
    revision: row.revision,
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  };
}

function shown(row, now) {
  const { phase, from, to } = phaseAt(row, momentOf(row, now));
  return {
    ...shared(row, now),
    description: row.description ?? undefined,
    currentPhase: {
      key: phase.key,
      name: phase.name,
      activeFrom: instant(from),
      activeTo: optionalInstant(to ?? null),
    },
    alignment: { billablesMustAlign: row.billables_must_align !== 0 },
    previousId: row.previous_id ?? undefined,
    nextId: row.next_id ?? undefined,
    metadata: JSON.parse(row.metadata),
  };
}

export function getSubscription(sql, id, now) {
  const row = findSubscription(sql, id);
  if (row === undefined) throw notFound("subscription");
  return shown(row, now);
}

const LIST = `${SELECT}ORDER BY rowid LIMIT ? OFFSET ?`;

/** Of all subscriptions. */
export function listSubscriptions(sql, { number, size }, now) {
  const [[total]] = sql.exec("SELECT count(*) FROM subscriptions ").raw().toArray();
  const rows = sql.exec(LIST, size, (number - 1) * size).toArray();
  const plans = new Map();
  const items = rows.map((row) => shown(withPlan(sql, row, plans), now));
  return { items, totalCount: total, page: number, pageSize: size };
}

const isFree = ({ price, discounts }) =>
  price === undefined || (price.type === "flat" && Number(price.amount) === 0) || discounts?.percentage === 100;

function refuseOverlap(sql, customerId, from) {
  const setting = sql.exec("SELECT value FROM configuration WHERE name = ?", "multipleSubscriptionsEnabled").toArray();
  if (setting[0]?.value === "true") return;
  const others = sql.exec(
    "SELECT 1 FROM subscriptions WHERE customer_id = ?1 AND id <> ?3" +
      " AND (active_to IS NULL OR (active_to > ?2 AND active_to > active_from)) LIMIT 1",
    ...[customerId, from, ""],
  );
  if (others.toArray().length > 0) throw new Refusal(409, "subscription_in_effect", "The customer has a subscription.");
}

/** `immediate`, or an instant that is not past. */
function readTiming(fields, now) {
  const timing = fields.optionalText("timing", 64) ?? "immediate";
  const from = timing === "immediate" ? now : Date.parse(timing);
  if (!(from >= now)) fields.refuse("timing", "timing", "must be immediate, or an instant that is not past");
  return from;
}

function readInput(sql, text, now) {
  const fields = new Fields(text);
  const reference = new Fields(fields.take("plan") ?? {});
  const planKey = reference.text("key", 64, /^[a-z0-9_]+$/);
  reference.end();
  const customerKey = fields.text("customerKey", 128);
  const description = fields.optionalText("description", 1024);
  const [row] = sql.exec(`${PLAN}WHERE key = ? AND state = 'active'`, planKey).toArray();
  if (row === undefined) fields.refuse("plan.key", "exists", "names no plan that is for sale");
  const customer = findCustomer(sql, customerKey);
  if (customer?.key !== customerKey) fields.refuse("customerKey", "exists", "names no customer of this bucket");
  const from = readTiming(fields, now);
  const metadata = fields.metadata();
  fields.end();
  const plan = planFrom(row);
  const pays = customer.currency ?? plan.currency;
  if (pays !== plan.currency) throw new Refusal(400, "invalid_parameters", "The customer pays in another currency.");
  return { plan, customer, description, metadata, from };
}

function setTimer(sql, kind, subject, due) {
  sql.exec(
    "INSERT INTO timers (kind, subject, due_at) VALUES (?1, ?2, ?3)" +
      " ON CONFLICT (kind, subject) DO UPDATE SET due_at = ?3, failures = 0",
    ...[kind, subject, due],
  );
}

/** `key`: the API key that it gets, `{text, digest}`. */
export function createSubscription(sql, text, key, now) {
  const { plan, customer, description, metadata, from } = readInput(sql, text, now);
  refuseOverlap(sql, customer.id, from);
  const [first] = plan.phases;
  const row = {
    id: ulid(now),
    customer_id: customer.id,
    plan,
    name: plan.name,
    description,
    metadata: JSON.stringify(metadata),
    active_from: from,
    active_to: null,
    billing_anchor: from,
    billables_must_align: 0,
    starting_phase: 0,
    payment_status: first.rateCards.every(isFree) ? "not_required" : "pending",
    is_first_payment: plan.phases.every(({ rateCards }) => rateCards.every(isFree)) ? 0 : 1,
    revision: 1,
    created_at: now,
    updated_at: now,
    last_payment_failed_at: null,
    last_payment_succeeded_at: null,
    access_blocked: 0,
    previous_id: null,
    next_id: null,
  };
  insert(sql, row);
  const issued = issueKey(sql, row.id, key, customer.key, now);
  schedule(sql, row, now);
  publish(sql, row.id, now);
  return { ...shown(row, now), apiKey: issued };
}

function insert(sql, row) {
  sql.exec(
    "INSERT INTO subscriptions (id, customer_id, plan_id, name, description, metadata, active_from, active_to," +
      " billing_anchor, billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at," +
      " updated_at, last_payment_failed_at, last_payment_succeeded_at, access_blocked, previous_id)" +
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ...[row.id, row.customer_id, row.plan.id, row.name, row.description, row.metadata, row.active_from, row.active_to],
    ...[row.billing_anchor, row.billables_must_align, row.starting_phase, row.payment_status, row.is_first_payment],
    ...[row.revision, row.created_at, row.updated_at, row.last_payment_failed_at, row.last_payment_succeeded_at],
    ...[row.access_blocked, row.previous_id],
  );
}

function issueKey(sql, subscriptionId, { text, digest }, consumer, now) {
  const id = ulid(now);
  sql.exec(
    "INSERT INTO api_keys (id, subscription_id, digest, consumer, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    ...[id, subscriptionId, digest, consumer, null, now],
  );
  return { id, key: text, consumer, createdAt: instant(now) };
}

/** A timer of its own where it begins or its phase ends, and one where something falls due. */
function schedule(sql, row, now) {
  const next = now < row.active_from ? row.active_from : phaseAt(row, now).to;
  if (next === undefined) sql.exec("DELETE FROM timers WHERE kind = ? AND subject = ?", "subscription", row.id);
  else setTimer(sql, "subscription", row.id, next);
  const [[until]] = sql.exec("SELECT billed_until FROM subscriptions WHERE id = ?", row.id).raw().toArray();
  setTimer(sql, "billing", row.id, until ?? row.active_from);
}

function publish(sql, subscriptionId, now) {
  sql.exec(
    "WITH changed AS (SELECT digest FROM api_keys WHERE subscription_id = ?2)" +
      " INSERT INTO outbox (kind, target, body, idempotency_key, generation, attempts, not_before, created_at)" +
      " SELECT 'snapshot', digest, '', 'snapshot:' || digest, 1, 0, ?1, ?1 FROM changed WHERE true" +
      " ON CONFLICT (idempotency_key) DO UPDATE SET generation = outbox.generation + 1, attempts = 0," +
      " not_before = excluded.not_before, last_error = NULL",
    ...[now, subscriptionId],
  );
}

const DAYS = ["zuplo_max_payment_overdue_days", "max_payment_overdue_days"];

const overdueDays = (metadata) => DAYS.map((name) => metadata[name]).find((value) => value !== undefined);

/** The first of customer, plan and bucket that says something. */
function graceDays(sql, row) {
  const customer = findCustomer(sql, row.customer_id);
  const days = overdueDays(JSON.parse(customer.metadata)) ?? overdueDays(row.plan.metadata ?? {});
  if (days !== undefined) return Number(days);
  const setting = sql.exec("SELECT value FROM configuration WHERE name = ?", "maxPaymentOverdueDays").toArray();
  return Number(setting[0]?.value ?? 3);
}

function paymentDueAt(row, at) {
  const { phase, from } = phaseAt(row, at);
  if (phase.rateCards.every(isFree)) return undefined;
  const period = periodContaining(row.billing_anchor, row.plan.billingCadence, at);
  if (from < period.from) return instant(period.from);
  const inAdvance = phase.rateCards.some(
    (card) => card.type === "flat_fee" && !isFree(card) && card.price.paymentTerm !== "in_arrears",
  );
  return instant(inAdvance ? from : period.to);
}

/** The bucket that the peer is. */
const BUCKET = "production";

/** Of a plan whose entitlements are not metered: no ledger is asked. */
export function getSnapshot(sql, digest, now) {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new Refusal(400, "invalid_parameters", "must be 64 hexadecimal digits");
  const [key] = sql
    .exec("SELECT subscription_id, consumer, expires_at FROM api_keys WHERE digest = ?", digest)
    .toArray();
  if (key === undefined) throw notFound("key");
  const row = findSubscription(sql, key.subscription_id);
  const at = momentOf(row, now);
  const entitlements = {};
  for (const { key: name, entitlementTemplate: template } of phaseAt(row, at).phase.rateCards) {
    if (template === undefined) continue;
    entitlements[name] = { type: template.type, hasAccess: true, config: template.config };
  }
  const members = shared(row, now);
  const { paymentStatus } = members;
  const dueAt = paymentDueAt(row, at);
  const isOwed = paymentStatus.status === "pending" || paymentStatus.status === "failed";
  if (isOwed) paymentStatus.graceStartsAt = paymentStatus.lastPaymentFailedAt ?? dueAt;
  return {
    ...members,
    entitlements,
    maxPaymentOverdueDays: graceDays(sql, row),
    paymentDueAt: dueAt,
    consumer: key.consumer,
    keyExpiresAt: optionalInstant(key.expires_at),
    bucket: BUCKET,
    keyDigest: digest,
  };
}
