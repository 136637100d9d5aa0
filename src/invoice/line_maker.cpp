#include "invoice/line_maker.h"

#include "invoice/line_json.h"

#include <utility>

namespace tollgate::invoice {
namespace {

constexpr std::string_view kCreditDescription = "Credit";
constexpr std::string_view kCarriedDescription = "Carried to the next invoice";

Line new_line(LineKind kind, std::string_view description, money::Amount amount) {
  Line line;
  line.kind = kind;
  line.description = description;
  line.amount = amount;
  return line;
}

DrawnLine drawn(const Line& line, std::optional<LineKey> key = {}) {
  return {line.kind, key, line.usage, line.amount, line_text(line)};
}

}  // namespace

LineCard LineMaker::card_on(const billing::DueLine& due) const {
  return {subscription_.plan->phases[due.phase].key, due.card_of(subscription_).key, due.in_advance, due.period};
}

LineTerms LineMaker::terms_of(const billing::DueLine& due) const {
  const catalog::RateCard& card = due.card_of(subscription_);
  LineTerms terms{card.feature_key, {}, {}, {}, *card.price, card.discounts};
  if (card.type != catalog::RateCardType::usage_based) return terms;
  for (const CountingMeter& meter : meters_) {
    if (meter.feature_key == *card.feature_key) terms.meter = meter.slug;
  }
  const Period counted = billing::counted_period(due);
  if (counted.from != due.period->from) terms.usage_from = counted.from;
  if (counted.to != due.period->to) terms.usage_until = counted.to;
  return terms;
}

DrawnLine LineMaker::rated(const billing::DueLine& due, billing::Rating rating) const {
  const catalog::RateCard& card = due.card_of(subscription_);
  const bool is_usage = card.type == catalog::RateCardType::usage_based;
  Line line = new_line(is_usage ? LineKind::usage : LineKind::fee, card.name, rating.total);
  line.card = card_on(due);
  line.terms = terms_of(due);
  if (is_usage) line.usage = rating.usage;
  line.rating = std::move(rating);
  return drawn(line, LineKey::of(due));
}

DrawnLine LineMaker::late(const ComparedUsage& usage, billing::LateRating rating) const {
  Line line = new_line(LineKind::late_usage, usage.line.card_of(subscription_).name, rating.difference);
  line.card = card_on(usage.line);
  line.terms = terms_of(usage.line);
  line.usage = usage.all;
  line.billed_usage = usage.billed;
  line.rating = std::move(rating.corrected);
  line.billed_rating = std::move(rating.billed);
  return drawn(line, LineKey::of(usage.line));
}

DrawnLine LineMaker::credit(const billing::DueLine* fee, money::Amount credit,
                            const std::vector<CreditUse>& uses) const {
  Line line = new_line(LineKind::credit, kCreditDescription, credit.negated());
  if (fee != nullptr) line.card = card_on(*fee);
  for (const auto& [source, used] : uses) {
    line.sources.push_back({source.kind, source.id, source.granted, used, source.origin});
  }
  return drawn(line);
}

DrawnLine LineMaker::carried(money::Amount amount) const {
  return drawn(new_line(LineKind::carried, kCarriedDescription, amount));
}

}  // namespace tollgate::invoice
