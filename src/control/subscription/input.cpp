#include "control/subscription/input.h"

#include "base/limits.h"
#include "control/catalog/configuration.h"
#include "json/metadata.h"
#include "json/object_reader.h"
#include "subscription/change.h"

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

std::optional<bool> read_alignment(json::ObjectReader& fields) {
  const json::Value object = fields.optional_object("alignment");
  if (object.absent()) return std::nullopt;
  json::ObjectReader alignment(object, fields.path("alignment"), fields.violations());
  const auto must_align = alignment.optional_truth("billablesMustAlign");
  alignment.refuse_others();
  return must_align.value_or(false);
}

/// What bodies that create and bodies that change have in common.
struct Members {
  std::optional<StoredPlan> plan;
  std::optional<Timing> timing;
  std::optional<std::string> starting_phase;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> metadata;  ///< JSON
  std::optional<bool> billables_must_align;
  std::optional<Instant> anchor;
};

Members read_members(Context& context, json::ObjectReader& fields) {
  Members members;
  members.plan = read_plan_reference(context, fields);
  members.timing = read_timing(fields, context.now());
  members.starting_phase = fields.optional_text("startingPhase", json::kKeyText);
  members.name = fields.optional_text("name", json::kLabelText);
  members.description = fields.optional_text("description", json::kDescriptionText);
  const bool has_metadata = fields.has("metadata");
  const catalog::Metadata metadata = json::read_metadata(fields);
  if (has_metadata) members.metadata = json::metadata_text(metadata);
  members.billables_must_align = read_alignment(fields);
  members.anchor = fields.optional_instant("billingAnchor");
  return members;
}

void resolve_starting_phase(json::ObjectReader& fields, const Members& members, StoredSubscription& subscription) {
  if (!members.starting_phase.has_value()) return;
  const auto& phases = subscription.plan.plan.phases;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].key == *members.starting_phase) {
      subscription.starting_phase = i;
      return;
    }
  }
  fields.refuse("startingPhase", "exists", "names no phase of the plan");
}

/// The anchor of a subscription that begins at `from`, where the body sets none. `check_dates` finds phases that lead
/// out of the calendar.
Instant default_anchor(const StoredSubscription& subscription, Instant from) {
  const auto anchor = subscription::default_anchor(subscription.plan.plan, subscription.starting_phase, from);
  return anchor.ok() ? *anchor : from;
}

/// The dates are computed; `begin` is nothing where that led out of the calendar.
void check_dates(json::ObjectReader& fields, const std::optional<Instant>& begin,
                 const StoredSubscription& subscription) {
  const catalog::Plan& plan = subscription.plan.plan;
  const Instant from = subscription.active_from;
  const bool reachable = begin.has_value() &&
                         period_containing(subscription.billing_anchor, plan.billing_cadence.cadence, from).ok() &&
                         subscription::phase_at(plan, subscription.starting_phase, from, from).ok();
  if (!reachable) fields.refuse("timing", "range", "leads out of the calendar (years 0000 to 9999)");
}

void check_currency(json::ObjectReader& fields, const StoredPlan& plan, const std::string& pays_in) {
  if (pays_in == plan.plan.currency) return;
  fields.refuse("plan.key", "currency", "is in " + plan.plan.currency + ", but the customer pays in " + pays_in);
}

/// `activeFrom` from the timing, and the anchor.
void resolve_dates(json::ObjectReader& fields, const Members& members, Instant now, StoredSubscription& subscription) {
  const Timing timing = members.timing.value_or(Timing());
  if (timing.kind == Timing::Kind::next_billing_cycle && !members.anchor.has_value()) {
    fields.refuse("timing", "billing_anchor_required", "next_billing_cycle needs a billingAnchor to count from");
    return;
  }
  const auto begin =
      moment_of(timing, now, members.anchor.value_or(now), subscription.plan.plan.billing_cadence.cadence);
  subscription.active_from = begin.value_or(now);
  subscription.billing_anchor = members.anchor.value_or(default_anchor(subscription, subscription.active_from));
  check_dates(fields, begin, subscription);
}

Timing default_timing(Context& context, const StoredSubscription& current, const StoredPlan& plan) {
  const auto order = plan_order(context.sql);
  const auto direction = subscription::direction_of(order, current.plan.plan.key, plan.plan.key);
  const bool upgrade = direction == subscription::Direction::upgrade;
  return {upgrade ? Timing::Kind::immediate : Timing::Kind::next_billing_cycle, {}};
}

/// When the change takes effect, counted in the billing cycle that is under way.
void resolve_change_dates(json::ObjectReader& fields, const Members& members, Instant now,
                          const StoredSubscription& current, ChangeInput& input) {
  StoredSubscription& next = input.next;
  const auto begin = current.moment_of(input.timing, now);
  next.active_from = begin.value_or(now);
  const Instant kept = subscription::anchor_after_change(current.billing_anchor, next.plan.plan.billing_cadence.cadence,
                                                         next.active_from);
  next.billing_anchor = members.anchor.value_or(kept == next.active_from ? default_anchor(next, kept) : kept);
  check_dates(fields, begin, next);
}

/// The name that was given to it, unless that was its plan's.
std::string name_after_change(const StoredSubscription& current, const StoredPlan& plan) {
  return current.name == current.plan.plan.name ? plan.plan.name : current.name;
}

}  // namespace

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

SubscriptionInput read_subscription(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  SubscriptionInput input;
  StoredSubscription& subscription = input.subscription;
  const Members members = read_members(context, fields);
  const auto customer = read_customer(context, fields);
  if (customer.has_value()) input.customer = *customer;
  if (members.plan.has_value()) {
    subscription.plan = *members.plan;
    resolve_starting_phase(fields, members, subscription);
    resolve_dates(fields, members, context.now(), subscription);
    check_currency(fields, *members.plan, input.customer.currency.value_or(members.plan->plan.currency));
  }
  fields.refuse_others();
  subscription.customer_id = input.customer.id;
  subscription.name = members.name.value_or(subscription.plan.plan.name);
  subscription.description = members.description;
  subscription.metadata = members.metadata.value_or("{}");
  subscription.billables_must_align = members.billables_must_align.value_or(false);
  return input;
}

ChangeInput read_change(Context& context, const StoredSubscription& current, const StoredCustomer& customer) {
  json::ObjectReader fields(context.body, "", context.violations);
  ChangeInput input;
  StoredSubscription& next = input.next;
  const Members members = read_members(context, fields);
  if (members.plan.has_value()) {
    next.plan = *members.plan;
    resolve_starting_phase(fields, members, next);
    input.timing = members.timing.value_or(default_timing(context, current, next.plan));
    resolve_change_dates(fields, members, context.now(), current, input);
    check_currency(fields, next.plan, customer.currency.value_or(current.plan.plan.currency));
  }
  fields.refuse_others();
  next.customer_id = current.customer_id;
  next.previous_id = current.id;
  next.name = members.name.value_or(name_after_change(current, next.plan));
  next.description = members.description.has_value() ? members.description : current.description;
  next.metadata = members.metadata.value_or(current.metadata);
  next.billables_must_align = members.billables_must_align.value_or(current.billables_must_align);
  return input;
}

}  // namespace tollgate::control
