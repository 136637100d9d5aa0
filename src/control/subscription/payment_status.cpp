#include "control/subscription/payment_status.h"

#include "control/schedule/outbox.h"
#include "control/subscription/list.h"
#include "control/subscription/store.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

/// A payment that has not been tried yet cannot have ended: a date ahead would be grace without end.
std::optional<Instant> read_past(json::ObjectReader& fields, std::string_view name, Instant now) {
  const auto at = fields.optional_instant(name);
  if (at.has_value() && *at > now) fields.refuse(name, "not_future", "must not lie in the future");
  return at;
}

subscription::PaymentReport read_report(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  subscription::PaymentReport report;
  const auto status = fields.word("status", subscription::kPaymentStatusNames);
  report.status = static_cast<subscription::PaymentStatus>(status.value_or(0));
  report.failed_at = read_past(fields, "lastPaymentFailedAt", context.now());
  report.succeeded_at = read_past(fields, "lastPaymentSucceededAt", context.now());
  report.access_blocked = fields.optional_truth("accessBlocked");
  fields.refuse_others();
  return report;
}

}  // namespace

Response put_payment_status(Context& context) {
  auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  const subscription::PaymentReport report = read_report(context);
  if (!context.violations.empty()) return context.invalid_input();
  subscription->payment = subscription::reported(subscription->payment, report, context.now());
  update_payment(context.sql, *subscription);
  change_snapshots(context, subscription->id);
  return subscription_answer(context, subscription->id);
}

}  // namespace tollgate::control
