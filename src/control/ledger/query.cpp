#include "control/ledger/query.h"

#include "base/limits.h"
#include "control/http/problem.h"
#include "control/ledger/ledger.h"
#include "control/ledger/senders.h"
#include "control/ledger/usage.h"
#include "json/measurement.h"
#include "json/meter.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

using JsonWriter = json::Writer<json::Text>;

constexpr json::TextRule kUsageKeyText = {1, limits::kMaxLabel, nullptr, "format", ""};

Response refuse_overflow(const Request& request) {
  return problem(request, 422, "usage_overflow", "The usage adds up to 10^18 or more.");
}

Response refuse_rows(const Request& request) {
  Violations violations;
  violations.add("windowSize", "too_many_rows", "must give fewer rows: choose a shorter span or larger windows");
  return invalid(request, violations);
}

/// One period of `handle_usage`.
struct UsagePeriod {
  std::string key;
  catalog::Meter meter;
  MeterQuery query;
};

UsagePeriod read_period(json::Value object, std::string_view path, Violations& violations) {
  json::ObjectReader fields(object, path, violations);
  UsagePeriod period;
  period.key = fields.text("key", kUsageKeyText);
  period.meter = json::read_meter(fields.take("meter"), fields.path("meter"), violations);
  for (const std::string_view bound : {"from", "to"}) {
    if (!fields.has(bound)) fields.refuse_missing(bound);
  }
  period.query.period.from = fields.optional_instant("from").value_or(kFirstInstant);
  period.query.period.to = fields.optional_instant("to").value_or(kLastInstant);
  if (period.query.period.from > period.query.period.to) fields.refuse("to", "range", "must not be earlier than from");
  fields.refuse_others();
  return period;
}

/// False when it overflows.
bool usage_of(Sql& sql, KnownMeasures& measures, const UsagePeriod& period, Quantity& usage) {
  const auto index = measures.require(json::measure_of(period.meter));
  if (!index.has_value()) return false;
  UsageTable table;
  if (!read_usage(sql, measures.all()[*index], period.query, {}, table)) return false;
  usage = table.empty() ? Quantity() : table.begin()->second.value(period.meter.aggregation).value_or(Quantity());
  return true;
}

}  // namespace

Response handle_query(const Request& request, Sql& sql, json::Value body) {
  Violations violations;
  json::ObjectReader fields(body, "", violations);
  const catalog::Meter meter = json::read_meter(fields.take("meter"), "meter", violations);
  const MeterQuery query = read_meter_query(fields, request.now, meter);
  fields.refuse_others();
  if (!violations.empty()) return invalid(request, violations);

  KnownMeasures measures(sql);
  UsageTable table;
  const auto index = measures.require(json::measure_of(meter));
  if (!index.has_value() || !read_usage(sql, measures.all()[*index], query, subscription_of(request), table)) {
    return refuse_overflow(request);
  }
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("rows");
  write_usage_rows(to, table);
  to.end_object();
  if (text.view().size() > limits::kMaxLedgerAnswerBytes) return refuse_rows(request);
  return json_answer(200, text.take());
}

std::optional<Response> refused_query(const Request& request, std::int32_t ledger_status) {
  if (ledger_status == 400) return refuse_rows(request);
  if (ledger_status == 422) return refuse_overflow(request);
  return std::nullopt;
}

Response handle_usage(const Request& request, Sql& sql, json::Value body) {
  Violations violations;
  json::ObjectReader fields(body, "", violations);
  std::vector<UsagePeriod> periods;
  for (json::Value object : fields.array("periods", 0, limits::kMaxUsagePeriods)) {
    periods.push_back(read_period(object, field_path("periods", periods.size()), violations));
  }
  const bool with_high_water = fields.optional_truth("highWater").value_or(false);
  fields.refuse_others();
  if (!violations.empty()) return invalid(request, violations);

  KnownMeasures measures(sql);
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("usage");
  to.begin_object();
  for (const UsagePeriod& period : periods) {
    Quantity usage;
    if (!usage_of(sql, measures, period, usage)) return refuse_overflow(request);
    char digits[Quantity::kMaxText];
    to.member(period.key, std::string_view(digits, usage.write(digits)));
  }
  to.end_object();
  if (with_high_water) write_high_water(to, sql);
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace tollgate::control
