#pragma once

#include "base/quantity.h"
#include "money/decimal.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tollgate::catalog {

enum class PriceType : std::uint8_t { flat, unit, tiered, package, dynamic };
inline constexpr std::string_view kPriceTypeNames[] = {"flat", "unit", "tiered", "package", "dynamic"};

enum class TierMode : std::uint8_t { graduated, volume };
inline constexpr std::string_view kTierModeNames[] = {"graduated", "volume"};

enum class PaymentTerm : std::uint8_t { in_advance, in_arrears };
inline constexpr std::string_view kPaymentTermNames[] = {"in_advance", "in_arrears"};

/// Units up to and including `up_to` at `unit_price`; entering the tier adds `flat_price` (S7.6).
struct Tier {
  std::optional<Quantity> up_to;  ///< none on the last tier only
  std::optional<money::Decimal> flat_price;
  std::optional<money::Decimal> unit_price;
};

/// What a rate card costs (S7.6). Amounts are decimals in the plan's currency, ≥ 0.
struct Price {
  PriceType type = PriceType::flat;
  money::Decimal amount;                               ///< flat, unit, package
  std::optional<PaymentTerm> payment_term;             ///< flat; none: in advance, or in arrears on a usage-based card
  TierMode mode = TierMode::graduated;                 ///< tiered
  std::vector<Tier> tiers;                             ///< tiered: at least one, ascending
  Quantity quantity_per_package = Quantity::units(1);  ///< package: > 0
  money::Decimal multiplier = money::Decimal::units(1);  ///< dynamic
  std::optional<money::Decimal> minimum_amount;
  std::optional<money::Decimal> maximum_amount;
};

/// What is taken off a price (S7.6).
struct Discounts {
  std::optional<Quantity> percentage;  ///< 0 to 100
  std::optional<Quantity> quantity;    ///< given free before pricing
};

/// Whether no usage can ever make it cost anything (S7.4: a price of 0 is free).
bool is_free(const Price& price);

}  // namespace tollgate::catalog
