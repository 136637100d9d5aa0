#include "control/usage/snapshots.h"

#include "base/sha256.h"
#include "base/text.h"
#include "control/bucket/customers.h"
#include "control/catalog/configuration.h"
#include "control/usage/snapshot_text.h"

#include <algorithm>

namespace tollgate::control {
namespace {

bool is_digest(std::string_view text) {
  return text.size() == Digest::kHexLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

/// The first of customer, plan and bucket that says something (S2.4).
std::int64_t grace_days(Sql& sql, const StoredSubscription& subscription) {
  const auto customer = find_customer(sql, subscription.customer_id);
  if (customer.has_value()) {
    if (const auto days = catalog::overdue_days(customer->metadata); days.has_value()) return *days;
  }
  if (const auto days = catalog::overdue_days(subscription.plan.plan.metadata); days.has_value()) return *days;
  return bucket_overdue_days(sql);
}

/// Whether another subscription takes over at its end, so that its keys go on.
bool goes_on(Context& context, const StoredSubscription& subscription) {
  const auto next = find_successor(context.sql, subscription);
  return next.has_value() && next->active_from == subscription.active_to &&
         next->status(context.now()) != subscription::Status::inactive;
}

}  // namespace

Response get_snapshot(Context& context) {
  const std::string_view digest = context.parameters[0];
  if (!is_digest(digest)) {
    context.violations.add("digest", "sha256_hex", "must be 64 lower-case hexadecimal digits");
    return context.invalid_input();
  }
  auto snapshot = SnapshotBuilder::of_key(context, digest);
  if (!snapshot.has_value()) return context.not_found("key");
  snapshot->ask();
  if (context.objects.waiting()) return context.objects.suspended();
  auto text = snapshot->text();
  if (!text.has_value()) return ledger_unavailable(context);
  return json_answer(200, std::move(*text));
}

SnapshotBuilder::SnapshotBuilder(Context& context, StoredSubscription subscription, std::string_view digest_hex,
                                 Row key)
    : context_(&context),
      subscription_(std::make_unique<StoredSubscription>(std::move(subscription))),
      entitlements_(std::make_unique<Entitlements>(context, *subscription_)),
      digest_(digest_hex),
      consumer_(key.text(1)),
      key_expires_at_(key.optional_instant(2)) {}

std::optional<SnapshotBuilder> SnapshotBuilder::of_key(Context& context, std::string_view digest_hex) {
  const Rows rows =
      context.sql.query("SELECT subscription_id, consumer, expires_at FROM api_keys WHERE digest = ?", digest_hex);
  if (rows.empty()) return std::nullopt;
  auto subscription = find_subscription(context.sql, rows.first().text(0));
  if (!subscription.has_value()) return std::nullopt;
  // The edge keeps what it knows for a while: told of an end, it would refuse requests between it and the next
  // snapshot.
  if (goes_on(context, *subscription)) subscription->active_to.reset();
  return SnapshotBuilder(context, std::move(*subscription), digest_hex, rows.first());
}

std::optional<std::string> SnapshotBuilder::text() const {
  if (!entitlements_->known()) return std::nullopt;
  const Instant now = context_->now();
  SnapshotFacts facts{context_->bucket(), digest_, consumer_, key_expires_at_,
                      grace_days(context_->sql, *subscription_)};
  facts.payment_due_at = subscription_->payment_due_at(now);
  facts.grace_starts_at = subscription_->grace_starts_at(now);
  facts.entitlements = entitlements_->states(EntitlementDetail::snapshot);
  facts.high_water = entitlements_->high_water();
  facts.high_water_partial = entitlements_->high_water_partial();
  return snapshot_text(*subscription_, facts, now);
}

}  // namespace tollgate::control
