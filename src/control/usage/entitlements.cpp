#include "control/usage/entitlements.h"

#include "base/limits.h"
#include "control/catalog/meter_store.h"
#include "control/usage/grant_store.h"
#include "control/usage/prepaid_usage.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using catalog::EntitlementType;

/// The period around `at` and, where overage is carried on, those of the phase before it; the current one last.
std::vector<Period> periods_of(const StoredSubscription& subscription, const catalog::EntitlementTemplate& entitlement,
                               const subscription::PhaseSpan& phase, Instant at) {
  const std::size_t most = entitlement.preserve_overage_at_reset ? limits::kMaxCarriedPeriods + 1 : 1;
  std::vector<Period> periods;
  while (periods.size() < most) {
    const auto period = period_around(subscription, entitlement, phase, at);
    if (!period.ok()) break;
    periods.push_back(*period);
    if (period->from <= phase.from) break;
    at = {period->from.ms - 1};
  }
  std::reverse(periods.begin(), periods.end());
  return periods;
}

}  // namespace

Entitlements::Entitlements(Context& context, const StoredSubscription& subscription, Instant at)
    : context_(context),
      subscription_(&subscription),
      at_(subscription.moment(at)),
      in_effect_(subscription::has_access(subscription.status(at))) {
  const subscription::PhaseSpan phase = subscription.phase(at);
  for (const catalog::RateCard& card : subscription.plan.plan.phases[phase.index].rate_cards) add(card, phase);
}

void Entitlements::add(const catalog::RateCard& card, const subscription::PhaseSpan& phase) {
  if (!card.entitlement.has_value()) return;
  Item item;
  item.key = card.key;
  item.entitlement = *card.entitlement;
  if (item.entitlement.type == EntitlementType::metered) {
    item.meter = meter_text_of_feature(context_.sql, *card.feature_key).value_or(std::string());
    if (item.meter.empty() || !add_periods(item, phase)) return;
  }
  items_.push_back(std::move(item));
}

bool Entitlements::add_periods(Item& item, const subscription::PhaseSpan& phase) {
  item.periods = periods_of(*subscription_, item.entitlement, phase, at_);
  if (item.periods.empty()) return false;
  item.period = item.periods.back();
  if (!item.entitlement.is_soft_limit) add_prepaid(item);
  item.next_to = next_period_end(item, phase);
  return true;
}

// The edge rolls a quota over by itself at the end of its period (S4.5), so it is told what then is true for certain.
// What is not: overage that is carried on, which usage until then decides; grants, which may be bought or expire; what
// a plan says after a scheduled change. A phase or a subscription that ends in the next period cuts it short.
std::optional<Instant> Entitlements::next_period_end(const Item& item, const subscription::PhaseSpan& phase) const {
  const Instant end = item.period.to;
  const bool open = item.entitlement.resets && !item.entitlement.preserve_overage_at_reset && !item.prepaid.has_value();
  const auto goes_on = [&](const std::optional<Instant>& last) { return !last.has_value() || *last > end; };
  if (!open || !goes_on(phase.to) || !goes_on(subscription_->active_to)) return std::nullopt;
  if (subscription_->next_id.has_value()) return std::nullopt;
  const auto next = period_around(*subscription_, item.entitlement, phase, end);
  return next.ok() && next->from == end ? std::optional(next->to) : std::nullopt;
}

void Entitlements::add_prepaid(Item& item) {
  PrepaidUsage usage = prepaid_of(context_.sql, *subscription_, item.key, at_);
  billing::Prepaid& prepaid = usage.prepaid;
  if (item.entitlement.resets && prepaid.grants.empty() && !prepaid.settled.has_value()) return;
  if (!usage.is_whole_at(at_)) too_much_ = true;
  item.periods = billing::spans_needed(prepaid, at_);
  item.prepaid = std::move(prepaid);
}

void Entitlements::add_grants_of_other_features() {
  for (const StoredGrant& grant : grants_in_use(context_.sql, subscription_->id)) {
    const bool is_here = std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
      return item.prepaid.has_value() && item.key == grant.feature_key;
    });
    if (is_here) continue;
    Item item;
    item.key = grant.feature_key;
    item.in_phase = false;
    item.meter = meter_text_of_feature(context_.sql, grant.feature_key).value_or(std::string());
    add_prepaid(item);
    items_.push_back(std::move(item));
  }
}

void Entitlements::ask(EntitlementDetail detail) {
  if (too_much_) return;
  std::vector<Question> questions;
  for (Item& item : items_) {
    item.usages.assign(item.periods.size(), Quantity());
    for (std::size_t i = 0; i < item.periods.size(); ++i) questions.push_back({&item, i});
  }
  known_ = true;
  for (std::size_t first = 0; first < questions.size(); first += limits::kMaxUsagePeriods) {
    const std::size_t count = std::min(questions.size() - first, limits::kMaxUsagePeriods);
    // Where several are asked, usage may come in between: the first knows of the least.
    const bool with_high_water = detail == EntitlementDetail::snapshot && first == 0;
    if (!ask_some(std::span(questions).subspan(first, count), with_high_water)) known_ = false;
  }
}

bool Entitlements::ask_some(std::span<const Question> questions, bool with_high_water) {
  const Answer* answer = context_.objects.ask_ledger(ledger_name(context_, subscription_->id), "/ledger/usage",
                                                     usage_request(questions, with_high_water));
  json::Document document;
  if (answer == nullptr || answer->status != 200 || !document.parse(answer->body).ok()) return false;
  const json::Value usage = document.root().member("usage");
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto quantity = Quantity::parse(usage.member(std::to_string(i)).text());
    if (!quantity.ok()) return false;
    questions[i].item->usages[questions[i].period] = *quantity;
  }
  if (!with_high_water) return true;
  high_water_ = json::compact(document.root().member("highWater"));
  high_water_partial_ = document.root().member("highWaterPartial").truth();
  return true;
}

std::string Entitlements::usage_request(std::span<const Question> questions, bool with_high_water) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("periods");
  to.begin_array();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto& [item, period] = questions[i];
    to.begin_object();
    to.member("key", std::string_view(std::to_string(i)));
    to.raw_member("meter", item->meter);
    write_instant_member(to, "from", item->periods[period].from);
    write_instant_member(to, "to", item->periods[period].to);
    to.end_object();
  }
  to.end_array();
  if (with_high_water) to.member("highWater", true);
  to.end_object();
  return text.take();
}

std::vector<EntitlementState> Entitlements::states(EntitlementDetail detail) const {
  TOLLGATE_ASSERT(known_);
  std::vector<EntitlementState> states;
  const bool in_effect = detail == EntitlementDetail::snapshot || in_effect_;
  for (const Item& item : items_) {
    if (!item.in_phase) continue;
    EntitlementState& state = states.emplace_back(EntitlementState{item.key, &item.entitlement, in_effect});
    if (item.entitlement.type == EntitlementType::metered) add_metered(state, item);
  }
  return states;
}

void Entitlements::add_metered(EntitlementState& state, const Item& item) const {
  const std::optional<Quantity>& allowance = item.entitlement.issue_after_reset;
  state.balance = balance_of(item);
  state.has_access = state.has_access && state.balance.has_access;
  state.limit = allowance;
  // What the period has had by now, from whatever grant.
  if (item.prepaid.has_value()) state.limit = state.balance.balance.plus(state.balance.usage);
  state.period = item.period;
  if (item.next_to.has_value()) state.next = NextPeriod{*item.next_to, allowance.value_or(Quantity())};
}

void Entitlements::write(JsonWriter& to) const {
  to.key("entitlements");
  to.begin_object();
  for (const EntitlementState& state : states(EntitlementDetail::access)) {
    write_entitlement(to, state, EntitlementDetail::access);
  }
  to.end_object();
}

billing::PrepaidState Entitlements::prepaid_state(const Item& item) const {
  std::vector<billing::SpanUsage> usages;
  usages.reserve(item.periods.size());
  for (std::size_t i = 0; i < item.periods.size(); ++i) usages.push_back({item.periods[i], item.usages[i]});
  return billing::state_of(*item.prepaid, usages, at_);
}

subscription::Balance Entitlements::balance_of(const Item& item) const {
  if (!item.prepaid.has_value()) return subscription::balance_of(item.entitlement, item.usages);
  const billing::PrepaidState state = prepaid_state(item);
  return {state.balance, state.usage, state.overdrawn, state.balance.positive()};
}

std::vector<billing::Grant> Entitlements::grants() const {
  TOLLGATE_ASSERT(known_);
  std::vector<billing::Grant> grants;
  for (const Item& item : items_) {
    if (!item.prepaid.has_value()) continue;
    for (billing::Grant& grant : prepaid_state(item).grants) grants.push_back(std::move(grant));
  }
  return grants;
}

/// The periods since nothing was carried on, the current one last.
std::vector<billing::SpanUsage> Entitlements::carrying_periods(const Item& item) {
  std::vector<billing::SpanUsage> periods;
  Quantity carried;
  for (std::size_t i = 0; i < item.periods.size(); ++i) {
    if (!carried.positive()) periods.clear();
    periods.push_back({item.periods[i], item.usages[i]});
    const Quantity overage = item.usages[i].plus(carried).minus(*item.entitlement.issue_after_reset);
    carried = item.entitlement.preserve_overage_at_reset ? overage : Quantity();
  }
  return periods;
}

std::vector<Quota> Entitlements::quotas() const {
  TOLLGATE_ASSERT(known_);
  std::vector<Quota> quotas;
  for (const Item& item : items_) {
    const auto& allowance = item.entitlement.issue_after_reset;
    if (!allowance.has_value() || !item.entitlement.resets) continue;
    const subscription::Balance balance = balance_of(item);
    if (item.prepaid.has_value()) {
      quotas.push_back({item.key, {*allowance, balance.usage}, {{item.period, balance.usage}}});
    } else {
      quotas.push_back({item.key, {*allowance, allowance->minus(balance.balance)}, carrying_periods(item)});
    }
  }
  return quotas;
}

std::vector<billing::QuotaUse> uses_of(const std::vector<Quota>& quotas) {
  std::vector<billing::QuotaUse> uses;
  uses.reserve(quotas.size());
  for (const Quota& quota : quotas) uses.push_back(quota.use);
  return uses;
}

}  // namespace tollgate::control
