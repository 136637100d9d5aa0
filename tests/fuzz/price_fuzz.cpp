#include "billing/rating.h"
#include "json/calculator.h"
#include "json/price.h"
#include "json/rating.h"
#include "json/violations.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Any bytes as a calculator's question, with a usage in the first line. What is taken as a price must rate any usage
/// or say why not, by steps that add up, and must survive being written and read again.
namespace tollgate {
namespace {

std::string written(const catalog::Price& price) {
  json::Text text;
  json::Writer<json::Text> to(text);
  json::write_price(to, price);
  return text.take();
}

void check_round_trip(const catalog::Price& price) {
  const std::string text = written(price);
  json::Document document;
  TOLLGATE_ASSERT(document.parse(text).ok());
  Violations violations;
  const catalog::Price again = json::read_price(document.root(), "", violations);
  TOLLGATE_ASSERT(violations.empty() && written(again) == text);
}

void check_rating(const json::CalculatedPrice& price, Quantity usage) {
  const auto rating = billing::rate(price.price, price.discounts, usage, price.currency);
  if (!rating.ok()) {
    // A price that passed the rules covers all usage: only amounts beyond the range are left to go wrong.
    TOLLGATE_ASSERT(rating.error() == billing::BillingError::overflow ||
                    (rating.error() == billing::BillingError::negative_usage && usage.negative()));
    return;
  }
  money::Exact sum;
  for (const billing::RatedStep& step : rating->steps) sum = *sum.plus(step.subtotal);
  TOLLGATE_ASSERT(sum == rating->price);
  TOLLGATE_ASSERT(!rating->total.negative() && rating->total.currency() == price.currency);
  json::Text text;
  json::Writer<json::Text> to(text);
  json::write_rating(to, *rating);
  json::Document document;
  TOLLGATE_ASSERT(document.parse(text.view()).ok());
}

void check_refusal(const Violations& violations) {
  TOLLGATE_ASSERT(!violations.empty());
  json::Document document;
  TOLLGATE_ASSERT(document.parse(json::violations_text(violations)).ok());
}

void check_answer(const Result<std::string, Violations>& answer) {
  json::Document document;
  if (answer.ok()) TOLLGATE_ASSERT(document.parse(*answer).ok());
  if (!answer.ok()) check_refusal(answer.error());
}

void check(std::string_view usage, std::string_view question) {
  for (const auto& ask : {json::prorate, json::period_around, json::alignment, json::status_of}) {
    check_answer(ask(question));
  }
  const auto price = json::read_calculated_price(question);
  if (!price.ok()) return check_refusal(price.error());
  check_round_trip(price->price);
  check_answer(json::rate_usage(*price, usage));
  if (const auto quantity = Quantity::parse(usage); quantity.ok()) check_rating(*price, *quantity);
  for (const catalog::Tier& tier : price->price.tiers) {
    if (!tier.up_to.has_value()) continue;
    for (const std::int64_t aside : {-1, 0, 1}) check_rating(*price, tier.up_to->plus(Quantity::nanos(aside)));
  }
}

}  // namespace
}  // namespace tollgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  tollgate::check(text.substr(0, line), text.substr(line + 1));
  return 0;
}
