#include "control/entitlements.h"

#include "base/limits.h"
#include "control/feature_store.h"
#include "control/meter_store.h"
#include "json/meter.h"
#include "subscription/balance.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using catalog::EntitlementType;

/// Names the usage of one period in a request to a ledger.
std::string usage_key(std::string_view key, std::size_t period) {
  return std::string(key).append("#").append(std::to_string(period));
}

std::string meter_text(const catalog::Meter& meter) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  json::write_meter_members(to, meter);
  to.end_object();
  return text.take();
}

/// The period around `at` and, where overage is carried on, those of the phase before it; the current one last.
std::vector<Period> periods_of(const StoredSubscription& subscription, const catalog::EntitlementTemplate& entitlement,
                               const subscription::PhaseSpan& phase, Instant at) {
  const auto& cadence = entitlement.usage_period.value_or(subscription.plan.plan.billing_cadence).cadence;
  const std::size_t most = entitlement.preserve_overage_at_reset ? limits::kMaxCarriedPeriods + 1 : 1;
  std::vector<Period> periods;
  while (periods.size() < most) {
    const auto period =
        subscription::usage_period(subscription.billing_anchor, cadence, phase, subscription.active_to, at);
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
    : context_(context), subscription_(&subscription), in_effect_(subscription::has_access(subscription.status(at))) {
  const subscription::PhaseSpan phase = subscription.phase(at);
  for (const catalog::RateCard& card : subscription.plan.plan.phases[phase.index].rate_cards) {
    add(card, phase, subscription.moment(at));
  }
}

void Entitlements::add(const catalog::RateCard& card, const subscription::PhaseSpan& phase, Instant at) {
  if (!card.entitlement.has_value()) return;
  Item item{card.key, *card.entitlement, {}, {}, {}};
  if (item.entitlement.type == EntitlementType::metered) {
    const auto feature = find_feature_ever(context_.sql, *card.feature_key);
    if (!feature.has_value() || !feature->meter_slug.has_value()) return;
    const auto meter = find_meter(context_.sql, *feature->meter_slug);
    if (!meter.has_value()) return;
    item.meter = meter_text(*meter);
    item.periods = periods_of(*subscription_, item.entitlement, phase, at);
    if (item.periods.empty()) return;
  }
  items_.push_back(std::move(item));
}

std::string Entitlements::usage_request() const {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("periods");
  to.begin_array();
  for (const Item& item : items_) {
    for (std::size_t i = 0; i < item.periods.size(); ++i) {
      to.begin_object();
      to.member("key", std::string_view(usage_key(item.key, i)));
      to.raw_member("meter", item.meter);
      write_instant_member(to, "from", item.periods[i].from);
      write_instant_member(to, "to", item.periods[i].to);
      to.end_object();
    }
  }
  to.end_array();
  to.end_object();
  return text.take();
}

void Entitlements::ask() {
  const bool metered = std::any_of(items_.begin(), items_.end(), [](const Item& item) { return !item.meter.empty(); });
  if (!metered) {
    known_ = true;
    return;
  }
  const Answer* answer =
      context_.objects.ask_ledger(ledger_name(context_, subscription_->id), "/ledger/usage", usage_request());
  known_ = answer != nullptr && answer->status == 200 && read_usage(answer->body);
}

bool Entitlements::read_usage(std::string_view body) {
  json::Document document;
  if (!document.parse(body).ok()) return false;
  const json::Value usage = document.root().member("usage");
  for (Item& item : items_) {
    for (std::size_t i = 0; i < item.periods.size(); ++i) {
      const auto quantity = Quantity::parse(usage.member(usage_key(item.key, i)).text());
      if (!quantity.ok()) return false;
      item.usages.push_back(*quantity);
    }
  }
  return true;
}

void Entitlements::write(JsonWriter& to, Detail detail) const {
  TOLLGATE_ASSERT(known_);
  to.key("entitlements");
  to.begin_object();
  for (const Item& item : items_) {
    to.key(item.key);
    to.begin_object();
    to.member("type", catalog::kEntitlementTypeNames[static_cast<std::size_t>(item.entitlement.type)]);
    if (item.entitlement.type == EntitlementType::metered) {
      write_metered(to, item, detail);
    } else {
      to.member("hasAccess", detail == Detail::snapshot || in_effect_);
      if (item.entitlement.type == EntitlementType::static_config) to.raw_member("config", item.entitlement.config);
    }
    to.end_object();
  }
  to.end_object();
}

void Entitlements::write_metered(JsonWriter& to, const Item& item, Detail detail) const {
  const subscription::Balance balance = subscription::balance_of(item.entitlement, item.usages);
  to.member("hasAccess", balance.has_access && (detail == Detail::snapshot || in_effect_));
  to.member("balance", balance.balance);
  to.member("usage", balance.usage);
  to.member("overage", balance.overage);
  if (detail != Detail::snapshot) return;
  to.member("isSoftLimit", item.entitlement.is_soft_limit);
  if (item.entitlement.issue_after_reset.has_value()) to.member("limit", *item.entitlement.issue_after_reset);
  to.key("period");
  to.begin_object();
  write_instant_member(to, "from", item.periods.back().from);
  write_instant_member(to, "to", item.periods.back().to);
  to.end_object();
}

std::vector<billing::QuotaUse> Entitlements::quotas() const {
  TOLLGATE_ASSERT(known_);
  std::vector<billing::QuotaUse> quotas;
  for (const Item& item : items_) {
    const auto& grant = item.entitlement.issue_after_reset;
    if (!grant.has_value()) continue;
    quotas.push_back({*grant, grant->minus(subscription::balance_of(item.entitlement, item.usages).balance)});
  }
  return quotas;
}

Response ledger_unavailable(const Context& context) {
  return problem(context.request, 503, "ledger_unavailable", "The subscription's ledger did not answer; try again.");
}

std::string ledger_name(const Context& context, std::string_view subscription_id) {
  return std::string(context.bucket()).append("/").append(subscription_id);
}

}  // namespace tollgate::control
