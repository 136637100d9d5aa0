#pragma once

#include <string_view>

namespace tollgate::catalog {

/// Whether the text is the code of a currency in circulation (ISO 4217, list one; three upper-case letters).
bool is_currency(std::string_view code);

}  // namespace tollgate::catalog
