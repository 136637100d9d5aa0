#pragma once

#include "base/limits.h"
#include "json/text.h"
#include "json/writer.h"

#include <cstddef>
#include <ranges>
#include <string>

namespace tollgate::control {

/// Writes items as JSON arrays to be bound to statements over `json_each`, so that many rows cost one statement. As a
/// value that a statement can bind is bounded, there may be several arrays: `run(array, first)` gets each of them with
/// the index of its first item.
///
///     for_each_json_array(keys, [](auto& to, const Key& key) { … to.value(key.id); … },
///                         [&](const std::string& array, std::size_t) { sql.exec("… FROM json_each(?)", array); });
template <std::ranges::input_range Items, class Write, class Run>
void for_each_json_array(const Items& items, Write write, Run run) {
  auto item = std::ranges::begin(items);
  for (std::size_t index = 0; item != std::ranges::end(items);) {
    const std::size_t first = index;
    json::Text text;
    json::Writer<json::Text> to(text);
    to.begin_array();
    for (; item != std::ranges::end(items) && text.view().size() < limits::kMaxStatementJson; ++item, ++index) {
      to.begin_array();
      write(to, *item);
      to.end_array();
    }
    to.end_array();
    run(text.take(), first);
  }
}

}  // namespace tollgate::control
