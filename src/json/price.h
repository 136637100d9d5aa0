#pragma once

#include "catalog/price.h"
#include "json/object_reader.h"
#include "money/decimal.h"

#include <optional>
#include <string_view>

namespace tollgate::json {

/// Reads a price (S7.6) from the object at `path`. Which of its members may be there depends on `type`; others are
/// refused.
catalog::Price read_price(Value object, std::string_view path, Violations& violations);
/// Writes it as a value; amounts are decimal strings.
void write_price(Writer<Text>& to, const catalog::Price& price);

/// The optional member `discounts` of a rate card.
catalog::Discounts read_discounts(ObjectReader& fields);
/// Nothing where nothing is taken off.
void write_discounts(Writer<Text>& to, const catalog::Discounts& discounts);

/// A decimal ≥ 0 as prices have them, as a number or as a string.
std::optional<money::Decimal> read_optional_money(ObjectReader& fields, std::string_view name);
money::Decimal read_money(ObjectReader& fields, std::string_view name);

/// Writes a number that has `kMaxText` and `write` (Quantity, money::Decimal, money::Amount) as JSON's string.
template <class Number>
void write_decimal(Writer<Text>& to, std::string_view name, const Number& number) {
  char text[Number::kMaxText];
  to.member(name, std::string_view(text, number.write(text)));
}

}  // namespace tollgate::json
