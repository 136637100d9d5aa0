#include "control/lifecycle/change.h"

#include "control/catalog/plan_invites.h"
#include "control/invoice/change_credit.h"
#include "control/lifecycle/timer.h"
#include "control/subscription/input.h"
#include "control/subscription/store.h"
#include "control/subscription/write.h"
#include "control/usage/entitlements.h"
#include "invoice/origin.h"
#include "money/text.h"

#include <utility>

namespace tollgate::control {
namespace {

/// A change that may be made, of which nothing is stored yet.
struct Change {
  StoredSubscription current;
  StoredSubscription next;
  Timing timing;
};

/// Whether the subscription is about to be replaced, or to replace another one: then that change has to be withdrawn
/// before there can be another.
bool is_part_of_change(Context& context, const StoredSubscription& subscription) {
  const auto is_scheduled = [&](const StoredSubscription& one) {
    return one.status(context.now()) == subscription::Status::scheduled;
  };
  const auto next = find_successor(context.sql, subscription);
  return (next.has_value() && is_scheduled(*next)) ||
         (subscription.previous_id.has_value() && is_scheduled(subscription));
}

/// Why the change cannot be made, if it cannot.
std::optional<Response> refuse(Context& context, const Change& change, const StoredCustomer& customer) {
  if (change.current.status(context.now()) == subscription::Status::inactive) {
    return context.conflict("subscription_inactive", "The subscription has ended already.");
  }
  if (is_part_of_change(context, change.current)) {
    return context.conflict("change_scheduled",
                            "A change of the subscription is scheduled; unschedule-cancelation on the one that it "
                            "replaces withdraws it.");
  }
  if (change.current.active_to.has_value() && change.next.active_from > *change.current.active_to) {
    return context.conflict("ends_before_change", "The subscription ends before the change would take effect.");
  }
  if (!may_subscribe(context, customer, change.next.plan)) return private_plan(context);
  return refuse_overlap(context, customer.id, change.next.active_from, change.current.id);
}

/// The change that the request asks for; else `refusal`.
std::optional<Change> requested_change(Context& context, Response& refusal) {
  auto current = find_subscription(context.sql, context.parameters[0]);
  const auto customer = current.has_value() ? find_customer(context.sql, current->customer_id) : std::nullopt;
  if (!customer.has_value()) {
    refusal = context.not_found("subscription");
    return std::nullopt;
  }
  ChangeInput input = read_change(context, *current, *customer);
  if (!context.violations.empty()) {
    refusal = context.invalid_input();
    return std::nullopt;
  }
  Change change{std::move(*current), std::move(input.next), input.timing};
  if (auto reason = refuse(context, change, *customer); reason.has_value()) {
    refusal = std::move(*reason);
    return std::nullopt;
  }
  return change;
}

void begin_next(Context& context, const StoredSubscription& current, StoredSubscription& next) {
  next.id = context.new_id();
  next.payment = subscription::payment_in_place_of(subscription::payment_at_begin(next.plan.plan, next.starting_phase),
                                                   current.payment);
  next.created_at = next.updated_at = context.now();
  insert_subscription(context.sql, next);
  schedule_subscription(context, next);
}

Response change_answer(Context& context, const Change& change) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  for (const auto& [name, id] : {std::pair("current", &change.current.id), std::pair("next", &change.next.id)}) {
    const auto stored = find_subscription(context.sql, *id);
    to.key(name);
    write_subscription(to, stored.value_or(change.current), context.now());
  }
  to.end_object();
  return json_answer(200, text.take());
}

Response credit_answer(const Change& change, std::string_view credit, const billing::Consumed& consumed) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("currency", std::string_view(change.current.plan.plan.currency));
  to.member("credit", credit);
  write_instant_member(to, "effectiveAt", change.next.active_from);
  to.key("consumed");
  write_consumed(to, invoice::ToldConsumed::of(consumed));
  to.end_object();
  return json_answer(200, text.take());
}

/// The cycle that was paid for is used to its end: nothing is left of it.
Response nothing_left(const Change& change) {
  const auto currency = money::Currency::of(change.current.plan.plan.currency).value_or(money::Currency());
  const billing::Consumed all{money::Fraction::of(1, 1), std::nullopt, 0};
  return credit_answer(change, amount_text(money::Amount::zero(currency)), all);
}

}  // namespace

Response change_subscription(Context& context) {
  Response refusal;
  auto change = requested_change(context, refusal);
  if (!change.has_value()) return refusal;
  StoredSubscription& current = change->current;
  begin_next(context, current, change->next);
  current.active_to = change->next.active_from;
  current.next_id = change->next.id;
  change_end(context, current);
  if (change->next.active_from <= context.now()) hand_over_keys(context, current.id, change->next.id);
  return change_answer(context, *change);
}

Response estimate_change_credit(Context& context) {
  Response refusal;
  const auto change = requested_change(context, refusal);
  if (!change.has_value()) return refusal;
  if (change->timing.kind == Timing::Kind::next_billing_cycle) return nothing_left(*change);
  const StoredSubscription& current = change->current;
  const Instant at = change->next.active_from;
  Entitlements entitlements(context, current, at);
  entitlements.ask();
  if (context.objects.waiting()) return context.objects.suspended();
  if (!entitlements.known()) return ledger_unavailable(context);
  const bool at_once = at <= context.now();
  const billing::ChangeTiming timing = at_once ? billing::ChangeTiming::immediate : billing::ChangeTiming::scheduled;
  const auto credit = change_credit(context, current, at, timing, entitlements.quotas());
  if (!credit.ok()) {
    return context.conflict("not_billable",
                            "The credit cannot be computed: " + std::string(name(credit.error())) + ".");
  }
  return credit_answer(*change, amount_text(credit->credit), credit->consumed);
}

}  // namespace tollgate::control
