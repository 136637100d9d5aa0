#pragma once

#include "base/quantity.h"

#include <optional>
#include <string_view>

namespace tollgate::gateway {

/// What an upstream says it used: a decimal of at least 0 and below 10^18, a number or a text that is one (S2.9). More
/// than nine fractional digits are rounded half away from zero. Nothing for any other text.
///
///     amount_of("0.30000000000000004") == Quantity::parse("0.3")
std::optional<Quantity> amount_of(std::string_view text);

}  // namespace tollgate::gateway
