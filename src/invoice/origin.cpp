#include "invoice/origin.h"

#include "json/instant.h"
#include "json/price.h"

namespace tollgate::invoice {
namespace {

using money::Amount;
using Writer = json::Writer<json::Text>;

void write_fee(Writer& to, const ReturnedFee& fee) {
  to.begin_object();
  to.member("phase", std::string_view(fee.phase));
  to.member("card", std::string_view(fee.card));
  json::write_decimal(to, "amount", fee.amount);
  to.key("period");
  to.begin_object();
  json::write_period_members(to, fee.period);
  to.end_object();
  to.key("consumed");
  write_consumed(to, fee.consumed);
  json::write_decimal(to, "credit", fee.credit);
  to.end_object();
}

void write_quota(Writer& to, const CountedQuota& quota) {
  to.begin_object();
  to.member("feature", std::string_view(quota.feature));
  if (quota.meter.has_value()) to.member("meter", std::string_view(*quota.meter));
  json::write_decimal(to, "limit", quota.use.limit);
  json::write_decimal(to, "used", quota.use.used);
  to.key("periods");
  to.begin_array();
  for (const billing::SpanUsage& usage : quota.periods) {
    to.begin_object();
    json::write_period_members(to, usage.span);
    json::write_decimal(to, "usage", usage.quantity);
    to.end_object();
  }
  to.end_array();
  to.end_object();
}

/// The object that `write(to)` writes the members of.
template <class Write>
std::string object_text(Write write) {
  json::Text text;
  Writer to(text);
  to.begin_object();
  write(to);
  to.end_object();
  return text.take();
}

std::optional<CountedQuota> read_quota(json::Value value) {
  const auto limit = Quantity::parse(value.member("limit").text());
  const auto used = Quantity::parse(value.member("used").text());
  const json::Value periods = value.member("periods");
  if (!limit.ok() || !used.ok() || !limit->positive() || periods.size() == 0) return std::nullopt;
  CountedQuota quota{std::string(value.member("feature").text()), std::nullopt, {*limit, *used}, {}};
  if (const json::Value meter = value.member("meter"); !meter.absent()) quota.meter = meter.text();
  for (json::Value period : periods) {
    const auto span = json::read_period(period);
    const auto usage = Quantity::parse(period.member("usage").text());
    if (!span.has_value() || !usage.ok()) return std::nullopt;
    quota.periods.push_back({*span, *usage});
  }
  return quota;
}

std::optional<ToldConsumed> read_consumed(json::Value value) {
  const auto time = Quantity::parse(value.member("time").text());
  if (!time.ok()) return std::nullopt;
  const json::Value told = value.member("quota");
  if (told.absent()) return ToldConsumed{*time, std::nullopt};
  const auto quota = Quantity::parse(told.text());
  return quota.ok() ? std::optional(ToldConsumed{*time, *quota}) : std::nullopt;
}

std::optional<ReturnedFee> read_fee(json::Value value, money::Currency currency) {
  const auto amount = Amount::parse(value.member("amount").text(), currency);
  const auto period = json::read_period(value.member("period"));
  const auto consumed = read_consumed(value.member("consumed"));
  const auto credit = Amount::parse(value.member("credit").text(), currency);
  if (!amount.ok() || !period.has_value() || !consumed.has_value() || !credit.ok()) return std::nullopt;
  return ReturnedFee{std::string(value.member("phase").text()),
                     std::string(value.member("card").text()),
                     *amount,
                     *period,
                     *consumed,
                     *credit};
}

}  // namespace

ToldConsumed ToldConsumed::of(const billing::Consumed& consumed) {
  const auto told = [](money::Fraction fraction) { return Quantity::parse(billing::fraction_text(fraction)).value(); };
  return {told(consumed.time), consumed.quota.has_value() ? std::optional(told(*consumed.quota)) : std::nullopt};
}

void write_consumed(Writer& to, const ToldConsumed& consumed) {
  to.begin_object();
  json::write_decimal(to, "time", consumed.time);
  if (consumed.quota.has_value()) json::write_decimal(to, "quota", *consumed.quota);
  to.end_object();
}

std::string origin_text(const ChangeOrigin& origin) {
  return object_text([&](Writer& to) {
    to.member("subscriptionId", std::string_view(origin.subscription_id));
    json::write_instant_member(to, "at", origin.at);
    to.key("fees");
    to.begin_array();
    for (const ReturnedFee& fee : origin.fees) write_fee(to, fee);
    to.end_array();
    if (!origin.quota.has_value()) return;
    to.key("quota");
    write_quota(to, *origin.quota);
  });
}

std::string origin_text(const CarriedOrigin& origin) {
  return object_text([&](Writer& to) {
    to.member("invoiceId", std::string_view(origin.invoice_id));
    to.member("number", std::string_view(origin.number));
  });
}

Result<ChangeOrigin, OriginFault> read_change_origin(std::string_view text, money::Currency currency) {
  json::Document document;
  if (!document.parse(text).ok()) return fail(OriginFault::change);
  const json::Value change = document.root();
  const auto at = parse_instant(change.member("at").text());
  const json::Value quota = change.member("quota");
  ChangeOrigin origin{std::string(change.member("subscriptionId").text()), {}, {}, read_quota(quota)};
  if (!at.ok() || (!quota.absent() && !origin.quota.has_value())) return fail(OriginFault::change);
  origin.at = *at;
  for (json::Value value : change.member("fees")) {
    auto fee = read_fee(value, currency);
    if (!fee.has_value()) return fail(OriginFault::fee);
    origin.fees.push_back(std::move(*fee));
  }
  return origin;
}

CarriedOrigin read_carried_origin(std::string_view text) {
  json::Document document;
  if (!document.parse(text).ok()) return {};
  const json::Value root = document.root();
  return {std::string(root.member("invoiceId").text()), std::string(root.member("number").text())};
}

}  // namespace tollgate::invoice
