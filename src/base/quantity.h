#pragma once

#include "base/int128.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate {

/// Why a text is not a quantity.
enum class QuantityError : std::uint8_t {
  not_a_number,     ///< not in the grammar of a JSON number
  too_many_digits,  ///< more than nine fractional digits (S2.6)
  out_of_range,     ///< magnitude of 10^18 units or more
};

/// An amount of usage: a decimal with up to nine fractional digits, added and subtracted exactly (S2.6).
///
/// Held as a count of 10^-9 units in 128 bits. What is read from outside lies below 10^18 units in magnitude, so 10^11
/// of the largest can be summed before `add` could fail; a sum that would leave the range is refused, never wrapped.
///
///     Quantity::parse("0.1")->plus(*Quantity::parse("0.2")) == Quantity::parse("0.3")
class Quantity {
 public:
  static constexpr std::int64_t kNanosPerUnit = 1'000'000'000;
  /// Longest text that `write` makes: sign, 30 integer digits, point, nine digits.
  static constexpr std::size_t kMaxText = 41;

  constexpr Quantity() = default;
  static constexpr Quantity units(std::int64_t n) { return Quantity(Int128(n) * kNanosPerUnit); }
  static constexpr Quantity nanos(Int128 n) { return Quantity(n); }

  /// Reads a JSON number (`12`, `-0.5`, `1e3`) exactly. Trailing zeros do not count as digits.
  static Result<Quantity, QuantityError> parse(std::string_view text);
  /// Like `parse`, but digits beyond the ninth are dropped towards minus infinity. For balances that other systems
  /// computed in binary floating point; never for what is recorded or billed.
  static Result<Quantity, QuantityError> parse_rounding_down(std::string_view text);

  /// Like `parse`, but more digits are rounded half away from zero. For what other systems say of themselves (S2.9).
  static Result<Quantity, QuantityError> parse_rounding(std::string_view text);

  constexpr Int128 nanos() const { return nanos_; }
  constexpr bool positive() const { return nanos_ > 0; }
  constexpr bool negative() const { return nanos_ < 0; }
  constexpr bool zero() const { return nanos_ == 0; }
  /// Whole units, rounded towards minus infinity; the range of a 64-bit integer is the caller's duty.
  std::int64_t floor_units() const;

  /// Traps on overflow, which 10^11 inputs of the largest size cannot reach.
  constexpr Quantity plus(Quantity other) const {
    Int128 sum = 0;
    TOLLGATE_ASSERT(!__builtin_add_overflow(nanos_, other.nanos_, &sum));
    return Quantity(sum);
  }
  constexpr Quantity minus(Quantity other) const {
    Int128 difference = 0;
    TOLLGATE_ASSERT(!__builtin_sub_overflow(nanos_, other.nanos_, &difference));
    return Quantity(difference);
  }
  /// `minus` for amounts far inside the range, on the warm path. A balance starts below 10^18 units and falls by less
  /// than that for each request of an instance: it would take 10^11 requests between two snapshots to leave 128 bits.
  constexpr Quantity minus_in_range(Quantity other) const { return Quantity(nanos_ - other.nanos_); }
  /// Adds `other` when both are in range, neither is negative and the sum is in range; false, unchanged, when it is
  /// not.
  constexpr bool add_in_range(Quantity other) {
    const Int128 sum = nanos_ + other.nanos_;
    if (sum >= kLimit) return false;
    nanos_ = sum;
    return true;
  }
  /// True while the magnitude is one that `parse` accepts.
  constexpr bool in_range() const { return nanos_ < kLimit && nanos_ > -kLimit; }

  /// Writes the shortest decimal (`0.3`, `-12`, `1500`) and returns its length, at most `kMaxText`.
  std::size_t write(char* to) const;

  friend constexpr bool operator==(Quantity, Quantity) = default;
  friend constexpr auto operator<=>(Quantity, Quantity) = default;

 private:
  static constexpr Int128 kLimit = Int128(1'000'000'000) * 1'000'000'000 * kNanosPerUnit;
  explicit constexpr Quantity(Int128 nanos) : nanos_(nanos) {}
  static Result<Quantity, QuantityError> read(std::string_view text, bool round_down);

  Int128 nanos_ = 0;
};

}  // namespace tollgate
