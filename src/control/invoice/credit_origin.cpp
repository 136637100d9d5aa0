#include "control/invoice/credit_origin.h"

#include "control/catalog/meter_store.h"
#include "control/http/list.h"
#include "json/price.h"
#include "money/text.h"

namespace tollgate::control {
namespace {

void write_period(JsonWriter& to, Period period) {
  write_instant_member(to, "from", period.from);
  write_instant_member(to, "to", period.to);
}

/// The entitlement that was used up furthest, and the periods from which its use is counted.
void write_quota(JsonWriter& to, Sql& sql, const Quota& quota) {
  to.begin_object();
  to.member("feature", std::string_view(quota.feature_key));
  const auto meter = meter_of_feature(sql, quota.feature_key);
  if (meter.has_value()) to.member("meter", std::string_view(meter->slug));
  json::write_decimal(to, "limit", quota.use.limit);
  json::write_decimal(to, "used", quota.use.used);
  to.key("periods");
  to.begin_array();
  for (const billing::SpanUsage& usage : quota.periods) {
    to.begin_object();
    write_period(to, usage.span);
    json::write_decimal(to, "usage", usage.quantity);
    to.end_object();
  }
  to.end_array();
  to.end_object();
}

void write_fee(JsonWriter& to, const catalog::Phase& phase, const billing::FeeCredit& fee) {
  to.begin_object();
  to.member("phase", std::string_view(phase.key));
  to.member("card", std::string_view(phase.rate_cards[fee.card].key));
  to.member("amount", std::string_view(amount_text(fee.fee)));
  to.key("period");
  to.begin_object();
  write_period(to, fee.period);
  to.end_object();
  to.key("consumed");
  write_consumed(to, fee.consumed);
  to.member("credit", std::string_view(amount_text(fee.credit)));
  to.end_object();
}

}  // namespace

void write_consumed(JsonWriter& to, const billing::Consumed& consumed) {
  to.begin_object();
  to.member("time", std::string_view(billing::fraction_text(consumed.time)));
  if (consumed.quota.has_value()) to.member("quota", std::string_view(billing::fraction_text(*consumed.quota)));
  to.end_object();
}

std::string change_origin(Sql& sql, const StoredSubscription& previous, Instant at, const billing::ChangeCredit& credit,
                          std::span<const Quota> quotas) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("subscriptionId", std::string_view(previous.id));
  write_instant_member(to, "at", at);
  to.key("fees");
  to.begin_array();
  for (const billing::FeeCredit& fee : credit.fees) write_fee(to, previous.plan.plan.phases[credit.phase], fee);
  to.end_array();
  if (credit.consumed.quota.has_value()) {
    to.key("quota");
    write_quota(to, sql, quotas[credit.consumed.quota_index]);
  }
  to.end_object();
  return text.take();
}

std::string carried_origin(const StoredInvoice& invoice) {
  TOLLGATE_ASSERT(invoice.number.has_value());
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("invoiceId", std::string_view(invoice.id));
  to.member("number", std::string_view(*invoice.number));
  to.end_object();
  return text.take();
}

}  // namespace tollgate::control
