#include "catalog/metadata.h"

#include "base/limits.h"
#include "base/text.h"

namespace tollgate::catalog {

std::optional<std::int64_t> overdue_days(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t days = 0;
  for (char c : text) {
    if (!is_digit(c)) return std::nullopt;
    days = days * 10 + (c - '0');
  }
  if (days > limits::kMaxOverdueDays) return std::nullopt;
  return days;
}

std::optional<std::int64_t> overdue_days(const Metadata& metadata) {
  for (std::string_view key : {kOverdueDaysKey, kOverdueDaysAlias}) {
    for (const auto& [name, text] : metadata) {
      if (name == key) return overdue_days(text);
    }
  }
  return std::nullopt;
}

}  // namespace tollgate::catalog
