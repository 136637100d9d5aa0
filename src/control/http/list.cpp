#include "control/http/list.h"

#include "base/limits.h"
#include "base/text.h"

#include <algorithm>

namespace tollgate::control {
namespace {

std::int64_t read_number(Context& context, std::string_view name, std::int64_t otherwise, std::int64_t most) {
  const auto text = query_parameter(context, name);
  if (!text.has_value()) return otherwise;
  std::int64_t n = 0;
  const bool digits = !text->empty() && text->size() <= 9 && std::all_of(text->begin(), text->end(), is_digit);
  if (digits) {
    for (char c : *text) n = n * 10 + (c - '0');
  }
  if (n >= 1 && n <= most) return n;
  context.violations.add(name, "range", "must be a whole number from 1 to " + std::to_string(most));
  return otherwise;
}

}  // namespace

Page read_page(Context& context, std::initializer_list<std::string_view> others) {
  constexpr std::int64_t kMostPages = 1'000'000;
  for (const auto& [name, value] : context.target.query) {
    const bool known =
        name == "page" || name == "pageSize" || std::find(others.begin(), others.end(), name) != others.end();
    if (!known) context.violations.add(name, "unknown_parameter", "is not a parameter that is known here");
  }
  Page page;
  page.number = read_number(context, "page", 1, kMostPages);
  page.size = read_number(context, "pageSize", limits::kDefaultPageSize, limits::kMaxPageSize);
  return page;
}

std::optional<std::string_view> query_parameter(const Context& context, std::string_view name) {
  for (const auto& [key, value] : context.target.query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<bool> truth_parameter(Context& context, std::string_view name) {
  const auto text = query_parameter(context, name);
  if (!text.has_value()) return std::nullopt;
  if (*text != "true" && *text != "false") context.violations.add(name, "one_of", "must be one of true, false");
  return *text == "true";
}

void write_optional_member(JsonWriter& to, std::string_view name, Row row, std::size_t column) {
  if (!row.is_null(column)) to.member(name, row.text(column));
}

}  // namespace tollgate::control
