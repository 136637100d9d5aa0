#include "control/ledger/meter_answer.h"

#include "control/http/list.h"
#include "control/ledger/usage_table.h"

#include <algorithm>

namespace tollgate::control {
namespace {

void write_text_or_null(JsonWriter& to, std::string_view name, const std::optional<std::string>& text) {
  to.key(name);
  text.has_value() ? to.value(std::string_view(*text)) : to.null();
}

Instant window_end(const MeterQuery& query, Instant start) {
  if (!query.window_size.has_value()) return query.period.to;
  return std::min(query.period.to, metering::window_containing(*query.window_size, query.time_zone, start).to);
}

void write_dimensions(JsonWriter& to, const MeterQuery& query, std::string_view values) {
  json::Document document;
  static_cast<void>(document.parse(values));
  to.key("groupBy");
  to.begin_object();
  for (std::size_t i = 0; i < query.dimensions.size(); ++i) {
    to.key(query.dimensions[i]);
    json::write(to, document.root().element(i));
  }
  to.end_object();
}

void write_row(JsonWriter& to, const MeterQuery& query, const catalog::Meter& meter, const UsageKey& key,
               Usage& usage) {
  to.begin_object();
  to.key("value");
  const auto value = usage.value(meter.aggregation);
  value.has_value() ? to.value(*value) : to.null();
  write_instant_member(to, "windowStart", key.window_start);
  write_instant_member(to, "windowEnd", window_end(query, key.window_start));
  write_text_or_null(to, "subject", key.subject);
  write_text_or_null(to, "subscription", key.subscription);
  write_dimensions(to, query, key.dimensions);
  to.end_object();
}

bool has_one_row(const MeterQuery& query) {
  return !query.window_size.has_value() && !query.by_subject && !query.by_subscription && query.dimensions.empty();
}

}  // namespace

std::optional<std::string> merge_meter_answers(const MeterQuery& query, const catalog::Meter& meter,
                                               std::span<const std::string_view> bodies) {
  UsageTable table;
  if (has_one_row(query)) table[{query.period.from, {}, {}, "[]"}];
  for (const std::string_view body : bodies) {
    json::Document document;
    if (!document.parse(body).ok() || !read_usage_rows(document.root().member("rows"), table)) return std::nullopt;
  }
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_instant_member(to, "from", query.period.from);
  write_instant_member(to, "to", query.period.to);
  if (query.window_size.has_value()) {
    to.member("windowSize", metering::name(*query.window_size));
  }
  to.key("data");
  to.begin_array();
  for (auto& [key, usage] : table) write_row(to, query, meter, key, usage);
  to.end_array();
  to.end_object();
  return text.take();
}

}  // namespace tollgate::control
