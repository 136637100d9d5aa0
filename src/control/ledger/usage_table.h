#pragma once

#include "calendar/instant.h"
#include "catalog/meter.h"
#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"
#include "metering/aggregate.h"

#include <compare>
#include <map>
#include <optional>
#include <string>

namespace tollgate::control {

/// What usage is broken down by. What a query does not break down by has no value.
struct UsageKey {
  Instant window_start;
  std::optional<std::string> subject;
  std::optional<std::string> subscription;
  std::string dimensions = "[]";  ///< values of the query's dimensions in their order, as a JSON array

  friend auto operator<=>(const UsageKey&, const UsageKey&) = default;
};

/// The usage of one row, not yet one number: rows of several ledgers can still be merged exactly.
struct Usage {
  metering::Aggregate aggregate;
  metering::DistinctSet distinct;

  /// False when the sum overflows (M9).
  bool merge(const Usage& other);
  /// What the meter says. Nothing where there was no event, for an aggregation that then has no value.
  std::optional<Quantity> value(catalog::Aggregation aggregation);
};

using UsageTable = std::map<UsageKey, Usage>;

/// The rows as a JSON array for another object of ours, and back. `read_usage_rows` merges them into `table`; false for
/// an array that `write_usage_rows` did not write, and for an overflow.
void write_usage_rows(json::Writer<json::Text>& to, UsageTable& table);
bool read_usage_rows(json::Value rows, UsageTable& table);

}  // namespace tollgate::control
