#include "control/invoice/plan_simulation.h"

#include "base/limits.h"
#include "billing/due.h"
#include "control/catalog/plan_invites.h"
#include "control/invoice/gather.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"
#include "control/usage/billed_usage.h"
#include "control/usage/entitlements.h"
#include "json/object_reader.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// Reads `from` and `to` as the dates of a subscription.
void read_span(json::ObjectReader& fields, StoredSubscription& subscription) {
  for (const std::string_view bound : {"from", "to"}) {
    if (!fields.has(bound)) fields.refuse_missing(bound);
  }
  const Instant from = fields.optional_instant("from").value_or(Instant());
  const Instant to = fields.optional_instant("to").value_or(Instant{from.ms + 1});
  if (to <= from) fields.refuse("to", "range", "must be later than from");
  if (to.ms - from.ms > limits::kMaxSimulatedMs) fields.refuse("to", "range", "must be at most 732 days after from");
  subscription.active_from = subscription.billing_anchor = from;
  subscription.active_to = to;
}

std::size_t read_phase(json::ObjectReader& fields, const catalog::Plan& plan) {
  const auto key = fields.optional_text("startingPhase", json::kKeyText);
  const auto& phases = plan.phases;
  if (!key.has_value()) return phases.size() - 1;
  const auto found =
      std::find_if(phases.begin(), phases.end(), [&](const catalog::Phase& phase) { return phase.key == *key; });
  if (found != phases.end()) return static_cast<std::size_t>(found - phases.begin());
  fields.refuse("startingPhase", "exists", "names no phase of the plan");
  return 0;
}

/// The subscription as it would have been on the plan; violations otherwise.
StoredSubscription read_simulated(Context& context, StoredPlan plan) {
  json::ObjectReader fields(context.body, "", context.violations);
  const std::string id = fields.text("subscriptionId", json::kUlidText);
  StoredSubscription subscription;
  if (const auto found = find_subscription(context.sql, id); found.has_value()) {
    subscription.id = found->id;
    subscription.customer_id = found->customer_id;
  } else if (fields.has("subscriptionId")) {
    fields.refuse("subscriptionId", "exists", "names no subscription of this bucket");
  }
  subscription.plan = std::move(plan);
  subscription.starting_phase = read_phase(fields, subscription.plan.plan);
  read_span(fields, subscription);
  fields.refuse_others();
  return subscription;
}

Response simulation_answer(const StoredSubscription& subscription, const invoice::DrawnInvoice& drawn) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("planId", std::string_view(subscription.plan.id));
  to.member("subscriptionId", std::string_view(subscription.id));
  write_instant_member(to, "from", subscription.active_from);
  write_instant_member(to, "to", subscription.active_to);
  write_drawn(to, drawn);
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace

Response simulate_plan(Context& context) {
  auto plan = find_plan(context.sql, context.parameters[0]);
  if (!plan.has_value() || !may_see(context, plan_viewer(context), *plan)) return context.not_found("plan");
  const StoredSubscription subscription = read_simulated(context, std::move(*plan));
  if (!context.violations.empty()) return context.invalid_input();
  invoice::InvoiceInput input;
  input.subscription = billing_view(subscription);
  auto due = billing::lines_due(input.subscription, subscription.active_from, {subscription.active_to->ms + 1});
  if (due.ok()) input.due = std::move(*due);
  // What the subscription used before or after the span is no usage of the span.
  for (billing::DueLine& line : input.due) line.opening = line.closing = false;
  const auto needs = billing::usages_needed(input.subscription, input.due);
  if (!due.ok() || needs.size() > limits::kMaxSimulatedPeriods) {
    context.violations.add("to", "too_many_periods", "must give fewer periods: choose a shorter span");
    return context.invalid_input();
  }
  BilledUsage usage(context, subscription.id);
  usage.ask(needs);
  if (context.objects.waiting()) return context.objects.suspended();
  if (usage.outcome() == BilledUsage::Outcome::unavailable) return ledger_unavailable(context);
  input.usages = usage.answers();
  gather_meters(context.sql, input);
  return simulation_answer(subscription, invoice::draw_invoice(input));
}

}  // namespace tollgate::control
