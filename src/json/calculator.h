#pragma once

#include "base/result.h"
#include "base/violations.h"
#include "catalog/price.h"
#include "money/currency.h"

#include <string>
#include <string_view>

namespace tollgate::json {

// The questions of a price calculator and their answers, as text (wasm/ABI.md, "The rating module"). What is wrong with
// a question comes back by field; nothing here throws, and nothing rounds but money/round.h.

/// A price that usage can be rated with.
struct CalculatedPrice {
  catalog::Price price;
  catalog::Discounts discounts;
  money::Currency currency;
};

/// `{"price": …, "discounts"?: …, "currency": "USD"}`, checked by catalog/price_rules.h.
Result<CalculatedPrice, Violations> read_calculated_price(std::string_view question);

/// `usage` is a decimal. Answers `write_rating`'s object.
Result<std::string, Violations> rate_usage(const CalculatedPrice& price, std::string_view usage);
/// Only the total, for those who need no explanation: `8.70`.
Result<std::string, Violations> total_of_usage(const CalculatedPrice& price, std::string_view usage);

/// `{"fee", "from", "to", "at", "limit": decimal or null, "used", "currency"}` → `{"credit": "8.70"}` (S7.8).
Result<std::string, Violations> prorate(std::string_view question);
/// `{"anchor", "cadence", "at"}` → `{"from", "to"}` (S8).
Result<std::string, Violations> period_around(std::string_view question);
/// `{"plan", "rateCard"}`, two cadences → `{"aligned": true}` (S7.4).
Result<std::string, Violations> alignment(std::string_view question);
/// `{"activeFrom", "activeTo": instant or null, "now"}` → `{"status", "access"}` (S7.1).
Result<std::string, Violations> status_of(std::string_view question);

}  // namespace tollgate::json
