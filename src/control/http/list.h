#pragma once

#include "control/http/context.h"
#include "json/instant.h"
#include "json/text.h"
#include "json/writer.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace tollgate::control {

using JsonWriter = json::Writer<json::Text>;

/// Which part of a list is asked for (S10): `page` from 1, `pageSize` up to `limits::kMaxPageSize`.
struct Page {
  std::int64_t number = 1;
  std::int64_t size = 0;

  std::int64_t offset() const { return (number - 1) * size; }
};

/// What is asked of SQL for a list: how many there are, and those of a page. There is a pair for each index that a
/// filter can use: with a choice of columns in one statement, all rows would be read.
struct ListStatements {
  Statement count;
  Statement page;
};

/// Reads `page` and `pageSize` from the query. Any parameter that is neither these nor one of `others` is refused by
/// name: a filter that is ignored shows the wrong list.
Page read_page(Context& context, std::initializer_list<std::string_view> others = {});

/// The value of a parameter of the query.
std::optional<std::string_view> query_parameter(const Context& context, std::string_view name);

/// The same of one that is `true` or `false`; adds a violation for anything else.
std::optional<bool> truth_parameter(Context& context, std::string_view name);

/// The answer `{items, totalCount, page, pageSize}`. `write_item(JsonWriter&, Row)` writes one item as a value.
template <class WriteItem>
Response list_answer(const Page& page, const Rows& total, const Rows& rows, WriteItem write_item) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("items");
  to.begin_array();
  for (Row row : rows) write_item(to, row);
  to.end_array();
  to.member("totalCount", total.first().number(0));
  to.member("page", page.number);
  to.member("pageSize", page.size);
  to.end_object();
  return json_answer(200, text.take());
}

/// The answer that consists of one item.
template <class WriteItem>
Response item_answer(int status, Row row, WriteItem write_item) {
  json::Text text;
  JsonWriter to(text);
  write_item(to, row);
  return json_answer(status, text.take());
}

/// Nothing for a NULL column.
void write_optional_member(JsonWriter& to, std::string_view name, Row row, std::size_t column);

}  // namespace tollgate::control
