#include "control/subscription_input.h"

#include "base/limits.h"
#include "control/timing.h"
#include "json/metadata.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

const json::TextRule kReferenceText = {1, limits::kMaxCustomerKey, nullptr, {}, {}};

std::optional<StoredCustomer> read_customer(Context& context, json::ObjectReader& fields) {
  const bool by_id = fields.has("customerId");
  if (by_id == fields.has("customerKey")) {
    fields.refuse("customerId", "exactly_one", "exactly one of customerId and customerKey is required");
  }
  const auto id = fields.optional_text("customerId", json::kUlidText);
  const auto key = fields.optional_text("customerKey", kReferenceText);
  const auto& reference = by_id ? id : key;
  if (!reference.has_value()) return std::nullopt;
  auto customer = find_customer(context.sql, *reference);
  const bool meant = customer.has_value() && (by_id ? customer->id : customer->key) == *reference;
  if (meant) return customer;
  fields.refuse(by_id ? "customerId" : "customerKey", "exists", "names no customer of this bucket");
  return std::nullopt;
}

std::optional<StoredPlan> read_plan_reference(Context& context, json::ObjectReader& fields) {
  if (!fields.has("plan")) fields.refuse_missing("plan");
  const json::Value object = fields.optional_object("plan");
  if (object.absent()) return std::nullopt;
  json::ObjectReader reference(object, "plan", context.violations);
  const std::string key = reference.text("key", json::kKeyText);
  const auto version = reference.optional_integer("version", 1, 1'000'000);
  reference.refuse_others();
  if (key.empty()) return std::nullopt;
  auto plan = find_plan_version(context.sql, key, version);
  if (!plan.has_value()) {
    reference.refuse(version.has_value() ? "version" : "key", "exists", "names no plan that is for sale");
  } else if (plan->state != catalog::PlanState::active) {
    reference.refuse("version", "for_sale", "names a version that is not for sale");
  } else {
    return plan;
  }
  return std::nullopt;
}

void read_alignment(json::ObjectReader& fields, StoredSubscription& subscription) {
  const json::Value object = fields.optional_object("alignment");
  if (object.absent()) return;
  json::ObjectReader alignment(object, fields.path("alignment"), fields.violations());
  subscription.billables_must_align = alignment.optional_truth("billablesMustAlign").value_or(false);
  alignment.refuse_others();
}

void resolve_starting_phase(json::ObjectReader& fields, const std::optional<std::string>& key,
                            StoredSubscription& subscription) {
  if (!key.has_value()) return;
  const auto& phases = subscription.plan.plan.phases;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].key == *key) {
      subscription.starting_phase = i;
      return;
    }
  }
  fields.refuse("startingPhase", "exists", "names no phase of the plan");
}

/// `activeFrom` from the timing, and the anchor, which is `activeFrom` unless the body sets it.
void resolve_dates(json::ObjectReader& fields, const Timing& timing, const std::optional<Instant>& anchor, Instant now,
                   StoredSubscription& subscription) {
  const Cadence cadence = subscription.plan.plan.billing_cadence.cadence;
  if (timing.kind == Timing::Kind::next_billing_cycle && !anchor.has_value()) {
    fields.refuse("timing", "billing_anchor_required", "next_billing_cycle needs a billingAnchor to count from");
    return;
  }
  const auto begin = moment_of(timing, now, anchor.value_or(now), cadence);
  subscription.active_from = begin.value_or(now);
  subscription.billing_anchor = anchor.value_or(subscription.active_from);
  const bool reachable = begin.has_value() &&
                         period_containing(subscription.billing_anchor, cadence, subscription.active_from).ok() &&
                         subscription::phase_at(subscription.plan.plan, subscription.starting_phase,
                                                subscription.active_from, subscription.active_from)
                             .ok();
  if (!reachable) fields.refuse("timing", "range", "leads out of the calendar (years 0000 to 9999)");
}

}  // namespace

SubscriptionInput read_subscription(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  SubscriptionInput input;
  StoredSubscription& subscription = input.subscription;
  const auto plan = read_plan_reference(context, fields);
  const auto customer = read_customer(context, fields);
  const Timing timing = read_timing(fields, context.now());
  const auto starting_phase = fields.optional_text("startingPhase", json::kKeyText);
  const auto name = fields.optional_text("name", json::kLabelText);
  subscription.description = fields.optional_text("description", json::kDescriptionText);
  subscription.metadata = json::metadata_text(json::read_metadata(fields));
  read_alignment(fields, subscription);
  const auto anchor = fields.optional_instant("billingAnchor");
  if (customer.has_value()) input.customer = *customer;
  if (plan.has_value()) {
    subscription.plan = *plan;
    resolve_starting_phase(fields, starting_phase, subscription);
    resolve_dates(fields, timing, anchor, context.now(), subscription);
  }
  if (plan.has_value() && customer.has_value() &&
      customer->currency.value_or(plan->plan.currency) != plan->plan.currency) {
    fields.refuse("plan.key", "currency",
                  "is in " + plan->plan.currency + ", but the customer pays in " + *customer->currency);
  }
  fields.refuse_others();
  if (!context.violations.empty()) return input;
  subscription.customer_id = input.customer.id;
  subscription.name = name.value_or(subscription.plan.plan.name);
  return input;
}

}  // namespace tollgate::control
