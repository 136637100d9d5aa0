#pragma once

#include "catalog/meter.h"
#include "control/ledger/meter_query.h"
#include "tests/reference/zone_reference.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// Usage by the obvious method: look at every event for every answer. Its own arithmetic (big integers), its own
/// calendar (the standard library's, and the C library's of other time zones) and its own JSON.
namespace tollgate::reference {

using boost::multiprecision::cpp_int;

struct UsageEvent {
  std::string source;
  std::string id;
  std::string type;
  std::string subject;
  std::string subscription;
  std::int64_t time_ms = 0;
  std::int64_t value_nanos = 0;
  std::string who;                                ///< the value that UNIQUE_COUNT counts
  std::map<std::string, std::string> dimensions;  ///< those it has
};

/// A decimal out of a count of 10^-9.
inline std::string decimal(const cpp_int& nanos) {
  const cpp_int unit = 1'000'000'000;
  std::string fraction = cpp_int(nanos % unit).str();
  fraction.insert(0, 9 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return cpp_int(nanos / unit).str() + (fraction.empty() ? "" : "." + fraction);
}

inline std::int64_t window_start(metering::WindowSize size, std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds(ms)};
  const year_month_day date(floor<days>(at));
  switch (size) {
    case metering::WindowSize::minute: return ms - ms % 60'000;
    case metering::WindowSize::hour: return ms - ms % 3'600'000;
    case metering::WindowSize::day: return ms - ms % 86'400'000;
    case metering::WindowSize::month: break;
  }
  return sys_time<milliseconds>(sys_days(date.year() / date.month() / 1)).time_since_epoch().count();
}

inline std::int64_t window_end(metering::WindowSize size, std::int64_t ms) {
  std::int64_t end = ms;
  while (window_start(size, end) <= window_start(size, ms))
    end += size == metering::WindowSize::month ? 86'400'000 : 60'000;
  return window_start(size, end);
}

/// The value of a meter over some events, as JSON.
inline std::string value_of(catalog::Aggregation aggregation, const std::vector<const UsageEvent*>& events) {
  using catalog::Aggregation;
  cpp_int sum = 0;
  std::set<std::string> who;
  const UsageEvent* latest = nullptr;
  std::set<std::int64_t> sorted;
  for (const UsageEvent* event : events) {
    sum += event->value_nanos;
    who.insert(event->who);
    sorted.insert(event->value_nanos);
    const auto age = [](const UsageEvent* e) { return std::tuple(e->time_ms, e->id, e->source); };
    if (latest == nullptr || age(event) > age(latest)) latest = event;
  }
  if (aggregation == Aggregation::sum) return decimal(sum);
  if (aggregation == Aggregation::count) return std::to_string(events.size());
  if (aggregation == Aggregation::unique_count) return std::to_string(events.empty() ? 0 : who.size());
  if (events.empty()) return "null";
  if (aggregation == Aggregation::min) return decimal(*sorted.begin());
  if (aggregation == Aggregation::max) return decimal(*sorted.rbegin());
  if (aggregation == Aggregation::latest) return decimal(latest->value_nanos);
  return decimal((2 * sum + events.size()) / (2 * cpp_int(events.size())));
}

inline std::string instant_text(std::int64_t ms) {
  char text[kInstantText];
  return {text, write_instant({ms}, text)};
}

/// The answer of S3.3.
inline std::string answer(const catalog::Meter& meter, const control::MeterQuery& query,
                          const std::vector<UsageEvent>& events) {
  const auto chosen = [](const std::vector<std::string>& filter, const std::string& value) {
    return filter.empty() || std::find(filter.begin(), filter.end(), value) != filter.end();
  };
  std::optional<ZoneReference> zone;
  if (query.time_zone.name() != "UTC") zone.emplace(std::string(query.time_zone.name()));
  const auto start_of_window = [&](std::int64_t ms) {
    return zone ? zone->window_start(*query.window_size, ms) : window_start(*query.window_size, ms);
  };
  const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  // Window start, subject, subscription, and the dimensions as JSON: in this order rows are sorted.
  using Group =
      std::tuple<std::int64_t, std::optional<std::string>, std::optional<std::string>, std::vector<std::string>>;
  std::map<Group, std::vector<const UsageEvent*>> groups;
  if (!query.window_size && !query.by_subject && !query.by_subscription && query.dimensions.empty()) {
    groups[{query.period.from.ms, {}, {}, {}}];
  }
  for (const UsageEvent& event : events) {
    if (event.type != meter.event_type || event.time_ms < query.period.from.ms || event.time_ms >= query.period.to.ms ||
        !chosen(query.subjects, event.subject)) {
      continue;
    }
    Group group;
    std::get<0>(group) = query.period.from.ms;
    if (query.window_size) std::get<0>(group) = std::max(query.period.from.ms, start_of_window(event.time_ms));
    if (query.by_subject) std::get<1>(group) = event.subject;
    if (query.by_subscription) std::get<2>(group) = event.subscription;
    for (const std::string& name : query.dimensions) {
      const auto value = event.dimensions.find(name);
      std::get<3>(group).push_back(value == event.dimensions.end() ? "null" : quoted(value->second));
    }
    groups[group].push_back(&event);
  }
  const auto end_of_window = [&](std::int64_t start) {
    return zone ? zone->window_end(*query.window_size, start) : window_end(*query.window_size, start);
  };
  std::string text =
      "{\"from\":" + quoted(instant_text(query.period.from.ms)) + ",\"to\":" + quoted(instant_text(query.period.to.ms));
  if (query.window_size) text += ",\"windowSize\":" + quoted(std::string(metering::name(*query.window_size)));
  text += ",\"data\":[";
  bool first = true;
  for (const auto& [group, members] : groups) {
    const auto& [start, subject, subscription, dimensions] = group;
    std::int64_t end = query.period.to.ms;
    if (query.window_size) end = std::min(end, end_of_window(start));
    text += std::string(first ? "" : ",") + "{\"value\":" + value_of(meter.aggregation, members) +
            ",\"windowStart\":" + quoted(instant_text(start)) + ",\"windowEnd\":" + quoted(instant_text(end)) +
            ",\"subject\":" + (subject ? quoted(*subject) : "null") +
            ",\"subscription\":" + (subscription ? quoted(*subscription) : "null") + ",\"groupBy\":{";
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
      text += (i == 0 ? "" : ",") + quoted(query.dimensions[i]) + ":" + dimensions[i];
    }
    text += "}}";
    first = false;
  }
  return text + "]}";
}

}  // namespace tollgate::reference
