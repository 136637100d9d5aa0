#include "control/usage/settlement_timer.h"

#include "base/divide.h"
#include "base/limits.h"
#include "control/catalog/meter_store.h"
#include "control/schedule/timers.h"
#include "control/usage/billed_usage.h"
#include "control/usage/grant_store.h"
#include "control/usage/grant_timer.h"
#include "control/usage/prepaid_usage.h"
#include "control/usage/settled_store.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// A feature with usage that is to be settled, and from when on it is not.
struct OpenFeature {
  std::string key;
  Instant since;
};

/// Without grants, only overage that is carried on still depends on what they were.
bool carries_now(Context& context, const StoredSubscription& subscription, std::string_view feature_key) {
  const subscription::PhaseSpan phase = subscription.phase(context.now());
  const auto* entitlement = hard_limit(subscription.plan.plan.phases[phase.index], feature_key);
  return entitlement != nullptr && entitlement->preserve_overage_at_reset;
}

std::vector<OpenFeature> open_features(Context& context, const StoredSubscription& subscription) {
  std::vector<OpenFeature> open;
  const Rows with_grants = context.sql.query(
      "SELECT g.feature_key, max(min(g.effective_at), ifnull(max(s.settled_until), ?2)) FROM grants g"
      " LEFT JOIN settled_usage s ON s.subscription_id = g.subscription_id AND s.feature_key = g.feature_key"
      " WHERE g.subscription_id = ?1 AND g.in_use = 1 GROUP BY g.feature_key",
      subscription.id, subscription.active_from);
  for (Row row : with_grants) open.push_back({std::string(row.text(0)), row.instant(1)});
  const Rows without = context.sql.query(
      "SELECT feature_key, settled_until FROM settled_usage s WHERE subscription_id = ?1 AND NOT EXISTS"
      " (SELECT 1 FROM grants WHERE subscription_id = ?1 AND in_use = 1 AND feature_key = s.feature_key)",
      subscription.id);
  for (Row row : without) {
    if (carries_now(context, subscription, row.text(0))) open.push_back({std::string(row.text(0)), row.instant(1)});
  }
  return open;
}

/// When there is a week's usage to settle.
std::optional<Instant> next_settlement(const std::vector<OpenFeature>& open) {
  const auto first = std::min_element(open.begin(), open.end(),
                                      [](const OpenFeature& a, const OpenFeature& b) { return a.since < b.since; });
  if (first == open.end()) return std::nullopt;
  return Instant{first->since.ms + limits::kSettlementMs + limits::kFinalUsageMs};
}

/// Settles one feature as far as its usage is final.
class Settling {
 public:
  enum class Outcome : std::uint8_t {
    settled,
    unchanged,    ///< there is nothing to settle, or no way to
    unavailable,  ///< the ledger did not answer; what is under way, too
  };

  Settling(Context& context, const StoredSubscription& subscription, const OpenFeature& feature)
      : context_(context), subscription_(subscription), feature_(feature) {}

  Outcome run() {
    // Not beyond the end of the subscription: its last allowance is what it is judged by.
    const Instant final_until = subscription_.moment({context_.now().ms - limits::kFinalUsageMs});
    if (final_until <= feature_.since) return Outcome::unchanged;
    usage_ = prepaid_of(context_.sql, subscription_, feature_.key, final_until);
    if (usage_.prepaid.grants.empty() && !usage_.prepaid.settled.has_value()) {
      forget_settled(context_.sql, subscription_.id, feature_.key);
      return Outcome::unchanged;
    }
    const Instant since = usage_.prepaid.settled.has_value() ? usage_.prepaid.settled->until : feature_.since;
    const auto spans = choose_spans(final_until);
    return until_ <= since ? Outcome::unchanged : settle(spans);
  }

 private:
  /// Where usage can be divided (billing/prepaid.h), at most at `final_until`. Where any instant will do it is the
  /// beginning of a day, which the ledger has ready.
  Instant dividing_instant(Instant final_until) const {
    const auto meter = meter_of_feature(context_.sql, feature_.key);
    if (!meter.has_value()) return feature_.since;
    if (catalog::adds_up(meter->aggregation)) return {div_floor(final_until.ms, kMsPerDay) * kMsPerDay};
    return billing::last_bound(usage_.prepaid, final_until).value_or(final_until);
  }

  std::vector<Period> choose_spans(Instant final_until) {
    until_ = std::min(dividing_instant(final_until), usage_.until);
    std::vector<Period> spans = billing::spans_before(usage_.prepaid, until_);
    if (spans.size() <= limits::kMaxSettledSpans) return spans;
    until_ = spans[limits::kMaxSettledSpans].from;
    spans.resize(limits::kMaxSettledSpans);
    return spans;
  }

  Outcome settle(const std::vector<Period>& spans) {
    std::vector<billing::UsageNeed> needs;
    needs.reserve(spans.size());
    for (const Period& span : spans) needs.push_back({feature_.key, span});
    BilledUsage ledger(context_, subscription_.id);
    ledger.ask(needs);
    if (ledger.outcome() == BilledUsage::Outcome::unavailable) return Outcome::unavailable;
    if (ledger.outcome() == BilledUsage::Outcome::overflow) return Outcome::unchanged;
    std::vector<billing::SpanUsage> usages;
    for (const billing::Usage& usage : ledger.answers()) usages.push_back({usage.of.period, usage.quantity});
    store(billing::settle(std::move(usage_.prepaid), usages, until_));
    return Outcome::settled;
  }

  void store(const billing::Prepaid& prepaid) {
    keep_settled(context_.sql, subscription_.id, feature_.key, *prepaid.settled);
    for (const billing::Grant& left : prepaid.grants) {
      auto grant = find_grant(context_.sql, subscription_.id, left.id);
      if (!grant.has_value()) continue;
      grant->use_up_to(left.remaining);
      update_grant(context_.sql, *grant);
      if (left.expires_at.has_value() && *left.expires_at <= until_) retire_grant(context_.sql, left.id);
    }
  }

  Context& context_;
  const StoredSubscription& subscription_;
  const OpenFeature& feature_;
  PrepaidUsage usage_;
  Instant until_;
};

}  // namespace

void schedule_settlement(Context& context, const StoredSubscription& subscription) {
  const auto next = next_settlement(open_features(context, subscription));
  if (next.has_value()) {
    set_timer(context.sql, TimerKind::settlement, subscription.id, *next);
  } else {
    clear_timer(context.sql, TimerKind::settlement, subscription.id);
  }
}

void run_settlement_timer(Context& context, std::string_view subscription_id) {
  const auto subscription = find_subscription(context.sql, subscription_id);
  // Grants that are still to come from the subscription before have been usable since this one began. They set the
  // timer.
  if (!subscription.has_value() || takes_over(context, *subscription)) return;
  bool any_settled = false;
  bool any_unavailable = false;
  for (const OpenFeature& feature : open_features(context, *subscription)) {
    const auto outcome = Settling(context, *subscription, feature).run();
    any_settled |= outcome == Settling::Outcome::settled;
    any_unavailable |= outcome == Settling::Outcome::unavailable;
  }
  if (context.objects.waiting()) return;
  auto next = next_settlement(open_features(context, *subscription));
  const bool is_over = subscription->status(context.now()) == subscription::Status::inactive;
  if (!next.has_value() || (is_over && !any_settled && !any_unavailable)) return;
  if (!any_settled) next = std::max(*next, Instant{context.now().ms + limits::kSettlementMs});
  if (any_unavailable) next = Instant{context.now().ms + limits::kBillingRetryMs};
  set_timer(context.sql, TimerKind::settlement, subscription_id, *next);
}

}  // namespace tollgate::control
