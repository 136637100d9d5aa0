#pragma once

#include "catalog/price.h"
#include "json/object_reader.h"

#include <string_view>

namespace tollgate::json {

/// Reads a price (S7.6) from the object at `path`. Which of its members may be there depends on `type`; others are
/// refused.
catalog::Price read_price(Value object, std::string_view path, Violations& violations);

/// Writes it as a value; amounts are decimal strings.
void write_price(Writer<Text>& to, const catalog::Price& price);

/// Writes a decimal as JSON's string.
void write_decimal(Writer<Text>& to, std::string_view name, Quantity amount);

}  // namespace tollgate::json
