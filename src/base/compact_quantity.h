#pragma once

#include "base/quantity.h"

#include <cstdint>

namespace tollgate {

/// A quantity in twelve bytes instead of sixteen, for tables that hold tens of thousands. Holds every magnitude below
/// 2^95 nanos, which is 39 times the largest that `Quantity::parse` takes; a balance that is overdrawn beyond that
/// stays there, as nobody's allowance is as large.
class __attribute__((packed, aligned(4))) CompactQuantity {
 public:
  constexpr CompactQuantity() = default;
  explicit constexpr CompactQuantity(Quantity quantity) { set(quantity); }

  constexpr Quantity get() const {
    const auto bits = static_cast<Uint128>(static_cast<std::uint64_t>(std::int64_t{high_})) << 64 | low_;
    return Quantity::nanos(static_cast<Int128>(bits));
  }
  constexpr void set(Quantity quantity) {
    const Int128 nanos = quantity.nanos();
    const auto high = static_cast<std::int64_t>(nanos >> 64);
    if (high > INT32_MAX || high < INT32_MIN) [[unlikely]] {
      high_ = high < 0 ? INT32_MIN : INT32_MAX;
      low_ = high < 0 ? 0 : UINT64_MAX;
      return;
    }
    low_ = static_cast<std::uint64_t>(nanos);
    high_ = static_cast<std::int32_t>(high);
  }

  friend constexpr bool operator==(const CompactQuantity&, const CompactQuantity&) = default;

 private:
  std::uint64_t low_ = 0;
  std::int32_t high_ = 0;
};

static_assert(sizeof(CompactQuantity) == 12);

}  // namespace tollgate
