#include "gateway/amount.h"

#include "base/text.h"

namespace tollgate::gateway {

std::optional<Quantity> amount_of(std::string_view text) {
  const auto quantity = Quantity::parse_rounding(trim(text));
  if (!quantity.ok() || quantity->negative()) return std::nullopt;
  return *quantity;
}

}  // namespace tollgate::gateway
