#include "control/usage/snapshot_text.h"

#include "base/limits.h"
#include "base/sha256.h"
#include "base/ulid.h"
#include "control/subscription/write.h"

#include <algorithm>
#include <utility>

namespace tollgate::control {
namespace {

using catalog::EntitlementType;

void write_bounded_members(JsonWriter& to, StoredSubscription subscription, const SnapshotFacts& facts, Instant now) {
  auto& description = subscription.plan.plan.description;
  if (description.has_value() && description->size() > limits::kMaxSnapshotMember) description.reset();
  write_subscription_members(to, subscription, now, facts.grace_starts_at);
}

// --- the longest -----------------------------------------------------------------------------------------------------

/// No instant is written longer.
constexpr Instant kLongestInstant{253'402'300'799'998};
constexpr std::int64_t kLongestNumber = std::int64_t{1} << 53;
/// Grants add up: 200 of them, of less than 10^18 each.
constexpr Quantity kLongestQuantity =
    Quantity().minus(Quantity::nanos(Int128(limits::kMaxGrants) * 1'000'000'000 * 1'000'000'000 * 1'000'000'000 - 1));

/// With the longest texts that a subscription can have of its own; a name may have characters of four bytes.
StoredSubscription longest_subscription(const catalog::Plan& plan) {
  StoredSubscription subscription;
  subscription.id = subscription.customer_id = std::string(Ulid::kLength, '7');
  subscription.plan = {subscription.id, kLongestNumber, catalog::PlanState::active, plan};
  subscription.name = std::string(4 * limits::kMaxLabel, 'x');
  subscription.payment = {subscription::PaymentStatus::pending, false, kLongestInstant, kLongestInstant, true};
  // Not begun, and to end: no status is longer than `scheduled`.
  subscription.active_from = subscription.billing_anchor = {86'400'001};
  subscription.active_to = Instant{2 * 86'400'001};
  subscription.revision = kLongestNumber;
  subscription.created_at = subscription.updated_at = kLongestInstant;
  return subscription;
}

EntitlementState longest_state(const catalog::RateCard& card) {
  const catalog::EntitlementTemplate& entitlement = *card.entitlement;
  EntitlementState state{card.key, &entitlement};
  if (entitlement.type != EntitlementType::metered) return state;
  state.balance = {kLongestQuantity, kLongestQuantity, kLongestQuantity, false};
  const bool limited = !entitlement.is_soft_limit || entitlement.issue_after_reset.has_value();
  if (limited) state.limit = kLongestQuantity;
  state.period = {kLongestInstant, kLongestInstant};
  state.next = NextPeriod{kLongestInstant, entitlement.issue_after_reset.value_or(Quantity())};
  return state;
}

std::size_t longest_snapshot(const StoredSubscription& subscription, const catalog::Phase& phase) {
  const std::string bucket(limits::kMaxBucketName, 'x');
  const std::string digest(Digest::kHexLength, '0');
  const std::string consumer(limits::kMaxConsumer, '"');
  const std::string high_water(limits::kMaxHighWaterBytes, ' ');
  SnapshotFacts facts{bucket, digest, consumer, kLongestInstant, limits::kMaxOverdueDays};
  facts.payment_due_at = facts.grace_starts_at = kLongestInstant;
  facts.high_water = high_water;
  facts.high_water_partial = true;
  for (const catalog::RateCard& card : phase.rate_cards) {
    if (card.entitlement.has_value()) facts.entitlements.push_back(longest_state(card));
  }
  return snapshot_text(subscription, facts, Instant()).size();
}

/// Names the first card that is too many; false where there is none.
bool refuse_too_many(const catalog::Phase& phase, std::string_view path, Violations& violations) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < phase.rate_cards.size(); ++i) {
    if (!phase.rate_cards[i].entitlement.has_value() || ++count <= limits::kMaxSnapshotEntitlements) continue;
    violations.add(field_path(field_path(path, i), "entitlementTemplate"), "too_many_entitlements",
                   "is one entitlement too many: a phase has at most " +
                       std::to_string(limits::kMaxSnapshotEntitlements) + ", which is what a gateway takes");
    return true;
  }
  return false;
}

}  // namespace

std::string snapshot_text(const StoredSubscription& subscription, const SnapshotFacts& facts, Instant now) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_bounded_members(to, subscription, facts, now);
  to.key("entitlements");
  to.begin_object();
  for (const EntitlementState& state : facts.entitlements) write_entitlement(to, state, EntitlementDetail::snapshot);
  to.end_object();
  to.member("maxPaymentOverdueDays", facts.grace_days);
  write_instant_member(to, "paymentDueAt", facts.payment_due_at);
  to.member("consumer", facts.consumer);
  write_instant_member(to, "keyExpiresAt", facts.key_expires_at);
  to.member("bucket", facts.bucket);
  to.member("keyDigest", facts.key_digest);
  if (!facts.high_water.empty()) to.raw_member("highWater", facts.high_water);
  if (facts.high_water_partial) to.member("highWaterPartial", true);
  to.end_object();
  return text.take();
}

void check_servable(const catalog::Plan& plan, Violations& violations) {
  const StoredSubscription subscription = longest_subscription(plan);
  for (std::size_t i = 0; i < plan.phases.size(); ++i) {
    const std::string path = field_path(field_path("phases", i), "rateCards");
    if (refuse_too_many(plan.phases[i], path, violations)) continue;
    const std::size_t longest = longest_snapshot(subscription, plan.phases[i]);
    if (longest <= limits::kMaxSnapshotBytes) continue;
    violations.add(path, "snapshot_size",
                   "entitle to more than a gateway takes: with the longest numbers a snapshot would have " +
                       std::to_string(longest) + " bytes of " + std::to_string(limits::kMaxSnapshotBytes) +
                       "; have fewer of them, or shorter keys and configurations");
  }
}

}  // namespace tollgate::control
