#include "base/quantity.h"

#include "base/number_text.h"

namespace tollgate {
namespace {

constexpr int kFractionDigits = 9;
constexpr std::uint64_t kMaxWhole = 999'999'999'999'999'999;  // 18 digits

}  // namespace

Result<Quantity, QuantityError> Quantity::read(std::string_view text, bool round_down) {
  NumberText number;
  if (!split_number(text, number)) return fail(QuantityError::not_a_number);

  // Whole units and billionths are gathered apart: each fits into 64 bits, and one wide multiplication joins them.
  std::uint64_t whole = 0;
  std::uint64_t billionths = 0;
  int fraction_digits = 0;
  bool dropped = false;
  std::int64_t weight = number.first_weight();
  for (std::size_t i = 0; i < number.digits(); ++i, --weight) {
    const unsigned digit = number.digit(i);
    if (weight >= 0) {
      if (whole >= kMaxWhole / 10 + 1) return fail(QuantityError::out_of_range);
      whole = whole * 10 + digit;
    } else if (weight >= -kFractionDigits) {
      for (; fraction_digits < -weight - 1; ++fraction_digits) billionths *= 10;
      billionths = billionths * 10 + digit;
      ++fraction_digits;
    } else {
      dropped = dropped || digit != 0;
    }
  }
  for (; weight >= 0 && whole != 0; --weight) {
    if (whole >= kMaxWhole / 10 + 1) return fail(QuantityError::out_of_range);
    whole *= 10;
  }
  for (; fraction_digits < kFractionDigits; ++fraction_digits) billionths *= 10;
  if (dropped && !round_down) return fail(QuantityError::too_many_digits);
  if (whole > kMaxWhole) return fail(QuantityError::out_of_range);
  const Int128 nanos = Int128(whole) * kNanosPerUnit + static_cast<std::int64_t>(billionths);
  const Quantity quantity(number.negative ? -nanos - (dropped ? 1 : 0) : nanos);
  if (!quantity.in_range()) return fail(QuantityError::out_of_range);
  return quantity;
}

Result<Quantity, QuantityError> Quantity::parse(std::string_view text) { return read(text, false); }

Result<Quantity, QuantityError> Quantity::parse_rounding_down(std::string_view text) { return read(text, true); }

Result<Quantity, QuantityError> Quantity::parse_rounding(std::string_view text) {
  NumberText number;
  if (!split_number(text, number)) return fail(QuantityError::not_a_number);
  const std::string_view magnitude = number.negative ? text.substr(1) : text;
  const auto down = read(magnitude, true);
  if (!down.ok()) return down;
  // The first digit that was dropped decides.
  const std::int64_t tenth = number.first_weight() + kFractionDigits + 1;
  const bool up = tenth >= 0 && tenth < static_cast<std::int64_t>(number.digits()) &&
                  number.digit(static_cast<std::size_t>(tenth)) >= 5;
  const Quantity rounded(down->nanos() + (up ? 1 : 0));
  if (!rounded.in_range()) return fail(QuantityError::out_of_range);
  return number.negative ? Quantity(-rounded.nanos()) : rounded;
}

std::int64_t Quantity::floor_units() const {
  const Int128 whole = nanos_ / kNanosPerUnit;
  return static_cast<std::int64_t>(nanos_ < 0 && whole * kNanosPerUnit != nanos_ ? whole - 1 : whole);
}

std::size_t Quantity::write(char* to) const {
  char reversed[kMaxText];
  std::size_t n = 0;
  const Uint128 magnitude = nanos_ < 0 ? -static_cast<Uint128>(nanos_) : static_cast<Uint128>(nanos_);
  // Nearly every quantity fits into 64 bits, where a division is one instruction.
  const bool narrow = magnitude <= UINT64_MAX;
  const auto nanos_per_unit = static_cast<std::uint64_t>(kNanosPerUnit);
  Uint128 whole = narrow ? static_cast<std::uint64_t>(magnitude) / nanos_per_unit : magnitude / nanos_per_unit;
  auto billionths = static_cast<std::uint32_t>(magnitude - whole * nanos_per_unit);
  if (billionths != 0) {
    for (int place = 0; place < kFractionDigits; ++place, billionths /= 10) {
      const char digit = static_cast<char>('0' + billionths % 10);
      if (n > 0 || digit != '0') reversed[n++] = digit;
    }
    reversed[n++] = '.';
  }
  for (; whole > UINT64_MAX; whole /= 10) reversed[n++] = static_cast<char>('0' + static_cast<int>(whole % 10));
  auto rest = static_cast<std::uint64_t>(whole);
  do {
    reversed[n++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  std::size_t length = 0;
  if (nanos_ < 0) to[length++] = '-';
  while (n > 0) to[length++] = reversed[--n];
  return length;
}

}  // namespace tollgate
