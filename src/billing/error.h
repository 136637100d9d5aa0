#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::billing {

/// Why something cannot be billed. It concerns one line, one credit or one invoice; the rest is billed all the same.
enum class BillingError : std::uint8_t {
  overflow,          ///< an amount lies beyond what money/amount.h holds
  unknown_currency,  ///< the plan's currency is not one of ISO 4217
  invalid_price,     ///< the price does not cover its usage: see catalog/price_rules.h
  negative_usage,    ///< usage below 0 has no price
  usage_missing,     ///< a line needs the usage of a period that nobody handed over
  out_of_calendar,   ///< a period leads out of the years 0000 to 9999
  too_many_lines,    ///< more than `limits::kMaxDueLines` fall due in the span asked for
};
inline constexpr std::string_view kBillingErrorNames[] = {"overflow",       "unknown_currency", "invalid_price",
                                                          "negative_usage", "usage_missing",    "out_of_calendar",
                                                          "too_many_lines"};

constexpr std::string_view name(BillingError error) { return kBillingErrorNames[static_cast<std::size_t>(error)]; }

}  // namespace tollgate::billing
