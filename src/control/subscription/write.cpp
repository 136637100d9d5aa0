#include "control/subscription/write.h"

namespace tollgate::control {
namespace {

void write_described_plan(JsonWriter& to, const StoredPlan& plan) {
  to.key("plan");
  to.begin_object();
  write_plan_reference(to, plan);
  if (plan.plan.description.has_value()) to.member("description", std::string_view(*plan.plan.description));
  to.end_object();
}

}  // namespace

void write_payment_status(JsonWriter& to, const StoredSubscription& subscription,
                          std::optional<Instant> grace_starts_at) {
  to.key("paymentStatus");
  to.begin_object();
  to.member("status", subscription::name(subscription.payment.status));
  to.member("isFirstPayment", subscription.payment.is_first);
  write_instant_member(to, "lastPaymentFailedAt", subscription.payment.last_failed_at);
  write_instant_member(to, "lastPaymentSucceededAt", subscription.payment.last_succeeded_at);
  write_instant_member(to, "graceStartsAt", grace_starts_at);
  to.end_object();
}

void write_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now,
                                std::optional<Instant> grace_starts_at) {
  to.member("id", std::string_view(subscription.id));
  to.member("customerId", std::string_view(subscription.customer_id));
  to.member("name", std::string_view(subscription.name));
  to.member("status", subscription::name(subscription.status(now)));
  to.member("currency", std::string_view(subscription.plan.plan.currency));
  write_described_plan(to, subscription.plan);
  write_payment_status(to, subscription, grace_starts_at);
  if (subscription.payment.access_blocked) to.member("accessBlocked", true);
  to.member("billingCadence", std::string_view(subscription.plan.plan.billing_cadence.text));
  write_instant_member(to, "billingAnchor", subscription.billing_anchor);
  write_instant_member(to, "nextBillingDate", subscription.next_billing_date(now));
  write_instant_member(to, "activeFrom", subscription.active_from);
  write_instant_member(to, "activeTo", subscription.active_to);
  to.member("revision", subscription.revision);
  write_instant_member(to, "createdAt", subscription.created_at);
  write_instant_member(to, "updatedAt", subscription.updated_at);
}

void write_whole_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now) {
  write_subscription_members(to, subscription, now);
  if (subscription.description.has_value()) to.member("description", std::string_view(*subscription.description));
  const subscription::PhaseSpan span = subscription.phase(now);
  const catalog::Phase& phase = subscription.plan.plan.phases[span.index];
  to.key("currentPhase");
  to.begin_object();
  to.member("key", std::string_view(phase.key));
  to.member("name", std::string_view(phase.name));
  write_instant_member(to, "activeFrom", span.from);
  write_instant_member(to, "activeTo", span.to);
  to.end_object();
  to.key("alignment");
  to.begin_object();
  to.member("billablesMustAlign", subscription.billables_must_align);
  to.end_object();
  if (subscription.previous_id.has_value()) to.member("previousId", std::string_view(*subscription.previous_id));
  if (subscription.next_id.has_value()) to.member("nextId", std::string_view(*subscription.next_id));
  to.raw_member("metadata", subscription.metadata);
}

void write_subscription(JsonWriter& to, const StoredSubscription& subscription, Instant now) {
  to.begin_object();
  write_whole_subscription_members(to, subscription, now);
  to.end_object();
}

}  // namespace tollgate::control
