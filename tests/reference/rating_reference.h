#pragma once

#include "catalog/price.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::reference {

using BigInt = boost::multiprecision::cpp_int;

/// How many fractional digits the whole numbers of a `PlainLine` stand for.
struct Digits {
  int usage = 0;
  int price = 0;
  int percentage = 0;
};

template <class Int>
struct PlainTier {
  std::optional<Int> up_to;
  std::optional<Int> flat;
  std::optional<Int> unit;
};

/// A price in plain whole numbers: no type of ours takes part.
template <class Int>
struct PlainLine {
  Digits digits;
  catalog::PriceType type = catalog::PriceType::flat;
  catalog::TierMode mode = catalog::TierMode::graduated;
  std::vector<PlainTier<Int>> tiers;
  Int amount = 0;      ///< or the multiplier
  Int package = 1;     ///< in digits of usage
  Int percentage = 0;  ///< taken off
  Int free = 0;
  std::optional<Int> minimum;
  std::optional<Int> maximum;
};

template <class Int>
Int ten_to(int n) {
  Int power = 1;
  while (n-- > 0) power *= 10;
  return power;
}

/// S7.6 one unit after the other: each unit looks for its tier, each package is opened when a unit finds none open.
/// Usage has no fractional digits here. In digits of the price.
template <class Int>
Int price_unit_by_unit(const PlainLine<Int>& line, Int usage) {
  const auto tier_of = [&](Int unit) {
    std::size_t i = 0;
    while (line.tiers[i].up_to.has_value() && unit > *line.tiers[i].up_to) ++i;
    return i;
  };
  using catalog::PriceType;
  Int sum = 0;
  if (line.type == PriceType::flat) sum = line.amount;
  if (line.type == PriceType::package) {
    Int room = 0;
    for (Int unit = 1; unit <= usage; ++unit, --room) {
      if (room > 0) continue;
      sum += line.amount;
      room = line.package;
    }
  }
  if (line.type == PriceType::unit || line.type == PriceType::dynamic) {
    for (Int unit = 1; unit <= usage; ++unit) sum += line.amount;
  }
  if (line.type == PriceType::tiered) {
    const bool graduated = line.mode == catalog::TierMode::graduated;
    std::size_t entered = graduated ? 0 : tier_of(usage);
    sum = line.tiers[entered].flat.value_or(0);
    for (Int unit = 1; unit <= usage; ++unit) {
      if (graduated) {
        // A unit beyond the tier enters the next ones.
        for (const std::size_t tier = tier_of(unit); entered < tier;) sum += line.tiers[++entered].flat.value_or(0);
      }
      sum += line.tiers[entered].unit.value_or(0);
    }
  }
  return sum;
}

/// S7.6 by what of the usage overlaps each tier: for usage with fractional digits. In digits of usage and price
/// together.
template <class Int>
Int price_by_overlap(const PlainLine<Int>& line, Int usage) {
  using catalog::PriceType;
  const Int one = ten_to<Int>(line.digits.usage);
  if (line.type == PriceType::flat) return line.amount * one;
  if (line.type == PriceType::package) return (usage + line.package - 1) / line.package * line.amount * one;
  if (line.type == PriceType::unit || line.type == PriceType::dynamic) return usage * line.amount;
  Int sum = 0;
  for (std::size_t i = 0; i < line.tiers.size(); ++i) {
    const PlainTier<Int>& tier = line.tiers[i];
    const Int from = i == 0 ? Int(0) : *line.tiers[i - 1].up_to;
    const bool entered = i == 0 || usage > from;
    const bool holds_all = entered && (!tier.up_to.has_value() || usage <= *tier.up_to);
    if (line.mode == catalog::TierMode::volume) {
      if (holds_all) sum += usage * tier.unit.value_or(0) + tier.flat.value_or(0) * one;
    } else if (entered) {
      const Int to = holds_all ? usage : *tier.up_to;
      sum += (to - from) * tier.unit.value_or(0) + tier.flat.value_or(0) * one;
    }
  }
  return sum;
}

/// What is owed in minor units: free usage, `price`, percentage, maximum, minimum, and then the only rounding.
template <class Int, class PriceOf>
Int total_minor(const PlainLine<Int>& line, Int usage, int minor_digits, PriceOf price) {
  const Int charged = usage > line.free ? Int(usage - line.free) : Int(0);
  const Int hundred = 100 * ten_to<Int>(line.digits.percentage);
  const Int full = ten_to<Int>(line.digits.usage) * hundred;  // what a price in its own digits is multiplied with
  Int exact = price(line, charged) * (hundred - line.percentage);
  if (line.maximum.has_value() && exact > *line.maximum * full) exact = *line.maximum * full;
  if (line.minimum.has_value() && exact < *line.minimum * full) exact = *line.minimum * full;
  const Int minor = full * ten_to<Int>(line.digits.price - minor_digits);
  const Int whole = exact / minor;
  return 2 * (exact - whole * minor) >= minor ? Int(whole + 1) : whole;
}

/// Half away from zero on paper: a decimal text is cut behind `digits` fractional digits, and one is carried up where
/// the first digit that was cut is 5 or more.
inline std::string rounded_on_paper(std::string text, std::size_t digits) {
  if (text.find('.') == std::string::npos) text += '.';
  const std::size_t point = text.find('.');
  while (text.size() < point + 1 + digits + 1) text += '0';
  const bool up = text[point + 1 + digits] >= '5';
  text.resize(point + 1 + digits);
  if (digits == 0) text.pop_back();
  std::size_t i = text.size();
  for (bool carry = up; carry;) {
    if (i == 0) {
      text.insert(text.begin(), '1');
      break;
    }
    if (text[--i] == '.') continue;
    carry = text[i] == '9';
    text[i] = carry ? '0' : static_cast<char>(text[i] + 1);
  }
  return text;
}

}  // namespace tollgate::reference
