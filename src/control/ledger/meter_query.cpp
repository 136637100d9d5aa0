#include "control/ledger/meter_query.h"

#include "base/divide.h"
#include "base/limits.h"
#include "control/http/list.h"
#include "json/meter.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using metering::WindowSize;

void sort_uniquely(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// The texts of an optional array, in its order.
std::vector<std::string> read_texts(json::ObjectReader& fields, std::string_view name, std::size_t most) {
  std::vector<std::string> texts;
  std::size_t index = 0;
  for (json::Value element : fields.optional_array(name, 0, most)) {
    if (element.is(json::Kind::string)) {
      texts.emplace_back(element.text());
    } else {
      fields.violations().add(field_path(fields.path(name), index), "type", "must be a string");
    }
    ++index;
  }
  return texts;
}

bool is_time_zone(std::string_view name) { return TimeZone::find(name).ok(); }

constexpr json::TextRule kTimeZoneText = {1, limits::kMaxTimeZoneName, is_time_zone, "time_zone",
                                          "a time zone of the IANA database, such as Europe/Berlin or UTC"};

TimeZone read_time_zone(json::ObjectReader& fields) {
  const auto name = fields.optional_text("windowTimeZone", kTimeZoneText);
  return name.has_value() ? *TimeZone::find(*name) : TimeZone();
}

bool is_dimension(const catalog::Meter& meter, std::string_view name) {
  return std::any_of(meter.group_by.begin(), meter.group_by.end(),
                     [&](const catalog::Dimension& dimension) { return dimension.name == name; });
}

void read_grouping(json::ObjectReader& fields, const catalog::Meter& meter, MeterQuery& query) {
  std::vector<std::string> names = read_texts(fields, "groupBy", limits::kMaxDimensions + 2);
  sort_uniquely(names);
  for (std::string& name : names) {
    if (name == "subject") {
      query.by_subject = true;
    } else if (name == "subscription") {
      query.by_subscription = true;
    } else if (is_dimension(meter, name)) {
      query.dimensions.push_back(std::move(name));
    } else {
      fields.refuse("groupBy", "one_of", "must name subject, subscription or dimensions of the meter, not " + name);
    }
  }
}

void check_windows(json::ObjectReader& fields, const MeterQuery& query) {
  if (!query.window_size.has_value() || *query.window_size == WindowSize::month) return;
  const std::int64_t width = metering::width_ms(metering::coarsest_within(*query.window_size));
  if ((query.period.to.ms - query.period.from.ms) / width <= limits::kMaxQueryWindows) return;
  fields.refuse("windowSize", "too_many_windows",
                "must give at most " + std::to_string(limits::kMaxQueryWindows) +
                    " windows: choose from and to closer together, or larger windows");
}

void write_texts(JsonWriter& to, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  to.key(name);
  to.begin_array();
  for (const std::string& text : texts) to.value(std::string_view(text));
  to.end_array();
}

/// The default end. `to` is exclusive, and what has just happened is to be seen, also where the clock stands still.
Instant second_after(Instant now) { return {(div_floor(now.ms, kMsPerSecond) + 1) * kMsPerSecond}; }

}  // namespace

MeterQuery read_meter_query(json::ObjectReader& fields, Instant now, const catalog::Meter& meter) {
  MeterQuery query;
  query.period.from = fields.optional_instant("from").value_or(Instant{0});
  query.period.to = fields.optional_instant("to").value_or(second_after(now));
  if (query.period.from >= query.period.to) fields.refuse("to", "range", "must be later than from");
  const auto size = fields.optional_word("windowSize", metering::kWindowSizeNames);
  if (size.has_value()) query.window_size = static_cast<WindowSize>(*size);
  query.time_zone = read_time_zone(fields);
  read_grouping(fields, meter, query);
  query.subjects = read_texts(fields, "filterSubject", limits::kMaxQuerySubjects);
  sort_uniquely(query.subjects);
  query.subscriptions = read_texts(fields, "filterSubscription", limits::kMaxLedgersPerRequest);
  check_windows(fields, query);
  return query;
}

MeterQuery read_meter_query(json::Value body, Instant now, const catalog::Meter& meter, Violations& violations) {
  json::ObjectReader fields(body, "", violations);
  const MeterQuery query = read_meter_query(fields, now, meter);
  fields.refuse_others();
  return query;
}

void write_meter_query(JsonWriter& to, const MeterQuery& query, const catalog::Meter& meter) {
  to.begin_object();
  to.key("meter");
  to.begin_object();
  json::write_meter_members(to, meter);
  to.end_object();
  write_instant_member(to, "from", query.period.from);
  write_instant_member(to, "to", query.period.to);
  if (query.window_size.has_value()) {
    to.member("windowSize", metering::name(*query.window_size));
    to.member("windowTimeZone", query.time_zone.name());
  }
  std::vector<std::string> grouping = query.dimensions;
  if (query.by_subject) grouping.emplace_back("subject");
  if (query.by_subscription) grouping.emplace_back("subscription");
  write_texts(to, "groupBy", grouping);
  write_texts(to, "filterSubject", query.subjects);
  to.end_object();
}

}  // namespace tollgate::control
