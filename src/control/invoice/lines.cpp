#include "control/invoice/lines.h"

#include "billing/fee.h"
#include "control/catalog/meter_store.h"
#include "json/price.h"
#include "json/rating.h"
#include "money/text.h"

namespace tollgate::control {
namespace {

constexpr std::string_view kCreditDescription = "Credit";
constexpr std::string_view kCarriedDescription = "Carried to the next invoice";

/// How the credit came about, and how much of it is used here.
void write_use(JsonWriter& to, const CreditUse& use) {
  to.begin_object();
  to.member("creditId", std::string_view(use.credit.id));
  to.member("granted", std::string_view(amount_text(use.credit.granted)));
  to.member("used", std::string_view(amount_text(use.used)));
  to.raw_member(kCreditKindNames[static_cast<std::size_t>(use.credit.kind)], use.credit.origin);
  to.end_object();
}

std::string_view payment_term(bool in_advance) { return catalog::kPaymentTermNames[in_advance ? 0 : 1]; }

}  // namespace

const catalog::RateCard& LineMaker::card_of(const billing::DueLine& due) const {
  return subscription_.plan.plan.phases[due.phase].rate_cards[due.card];
}

void LineMaker::begin(JsonWriter& to, LineKind kind, std::string_view description, money::Amount amount) const {
  to.begin_object();
  to.member("kind", kLineKindNames[static_cast<std::size_t>(kind)]);
  to.member("description", description);
  to.member("amount", std::string_view(amount_text(amount)));
}

void LineMaker::write_card(JsonWriter& to, const billing::DueLine& due) const {
  to.member("phase", std::string_view(subscription_.plan.plan.phases[due.phase].key));
  to.member("card", std::string_view(card_of(due).key));
  to.member("paymentTerm", payment_term(due.in_advance));
  if (!due.period.has_value()) return;
  to.key("period");
  to.begin_object();
  write_instant_member(to, "from", due.period->from);
  write_instant_member(to, "to", due.period->to);
  to.end_object();
}

/// All that the amount is computed from, but usage.
void LineMaker::write_source(JsonWriter& to, const billing::DueLine& due) const {
  const catalog::RateCard& card = card_of(due);
  write_card(to, due);
  if (card.feature_key.has_value()) to.member("feature", std::string_view(*card.feature_key));
  if (card.type == catalog::RateCardType::usage_based) {
    const auto meter = meter_of_feature(sql_, *card.feature_key);
    if (meter.has_value()) to.member("meter", std::string_view(meter->slug));
    const Period counted = billing::counted_period(due);
    if (counted.from != due.period->from) write_instant_member(to, "usageFrom", counted.from);
    if (counted.to != due.period->to) write_instant_member(to, "usageUntil", counted.to);
  }
  to.key("price");
  json::write_price(to, *card.price);
  json::write_discounts(to, card.discounts);
}

DrawnLine LineMaker::rated(const billing::DueLine& due, const billing::Rating& rating) const {
  const catalog::RateCard& card = card_of(due);
  const bool is_usage = card.type == catalog::RateCardType::usage_based;
  DrawnLine line{is_usage ? LineKind::usage : LineKind::fee, LineKey::of(due), std::nullopt, rating.total, {}};
  if (is_usage) line.usage = rating.usage;
  json::Text text;
  JsonWriter to(text);
  begin(to, line.kind, card.name, rating.total);
  write_source(to, due);
  if (is_usage) json::write_decimal(to, "usage", rating.usage);
  to.key("rating");
  json::write_rating(to, rating);
  to.end_object();
  line.body = text.take();
  return line;
}

DrawnLine LineMaker::late(const LateUsage& usage, const billing::LateRating& rating) const {
  json::Text text;
  JsonWriter to(text);
  begin(to, LineKind::late_usage, card_of(usage.line).name, rating.difference);
  write_source(to, usage.line);
  json::write_decimal(to, "usage", usage.all);
  json::write_decimal(to, "billedUsage", usage.billed);
  to.key("rating");
  json::write_rating(to, rating.corrected);
  to.key("billedRating");
  json::write_rating(to, rating.billed);
  to.end_object();
  return {LineKind::late_usage, LineKey::of(usage.line), usage.all, rating.difference, text.take()};
}

DrawnLine LineMaker::credit(const billing::DueLine* fee, money::Amount credit,
                            const std::vector<CreditUse>& uses) const {
  json::Text text;
  JsonWriter to(text);
  begin(to, LineKind::credit, kCreditDescription, credit.negated());
  if (fee != nullptr) write_card(to, *fee);
  to.key("sources");
  to.begin_array();
  for (const CreditUse& use : uses) write_use(to, use);
  to.end_array();
  to.end_object();
  return {LineKind::credit, std::nullopt, std::nullopt, credit.negated(), text.take()};
}

DrawnLine LineMaker::carried(money::Amount amount) const {
  json::Text text;
  JsonWriter to(text);
  begin(to, LineKind::carried, kCarriedDescription, amount);
  to.end_object();
  return {LineKind::carried, std::nullopt, std::nullopt, amount, text.take()};
}

}  // namespace tollgate::control
