#include "base/limits.h"
#include "json/canonical.h"
#include "json/event.h"
#include "json/measurement.h"

#include <cstddef>
#include <cstdint>
#include <string>

/// Any bytes as the body of an ingest. What is taken must survive being written and read again, must be within its
/// bounds, and must measure to what may be added up.
namespace tollgate {
namespace {

std::string written(const metering::Event& event) {
  json::Text text;
  json::Writer<json::Text> to(text);
  json::write_event(to, event);
  return text.take();
}

void check_round_trip(const metering::Event& event) {
  const std::string text = written(event);
  json::Document document;
  TOLLGATE_ASSERT(document.parse(text).ok());
  Violations violations;
  const metering::Event again = json::read_event(document.root(), "", violations);
  TOLLGATE_ASSERT(violations.empty());
  TOLLGATE_ASSERT(written(again) == text);
  TOLLGATE_ASSERT(again.time == event.time && again.data == event.data);
}

void check_bounds(const metering::Event& event) {
  TOLLGATE_ASSERT(!event.id.empty() && event.id.size() <= limits::kMaxEventId);
  TOLLGATE_ASSERT(!event.source.empty() && event.source.size() <= limits::kMaxEventSource);
  TOLLGATE_ASSERT(!event.type.empty() && event.type.size() <= limits::kMaxEventType);
  TOLLGATE_ASSERT(!event.subject.empty() && event.subject.size() <= limits::kMaxEventSubject);
  TOLLGATE_ASSERT(!event.subscription.empty() && event.subscription.size() <= limits::kMaxSubscriptionId);
  TOLLGATE_ASSERT(event.data.size() <= limits::kMaxEventData);
}

void check_measurements(std::string_view source, json::Value data) {
  using catalog::Aggregation;
  for (const Aggregation aggregation : {Aggregation::sum, Aggregation::count, Aggregation::unique_count}) {
    const catalog::Meter meter{"m", "api_requests", aggregation, "$.total", {{"model", "$.a.b[0].c"}, {"x", "$"}}};
    Violations violations;
    const auto measurement = json::measure(source, data, json::measure_of(meter), "e", violations);
    TOLLGATE_ASSERT(measurement.has_value() == violations.empty());
    if (!measurement.has_value()) continue;
    TOLLGATE_ASSERT(measurement->count >= 1 && measurement->totals.min <= measurement->totals.max);
    TOLLGATE_ASSERT(!measurement->totals.min.negative() && measurement->totals.sum.in_range());
    json::Document dimensions;
    TOLLGATE_ASSERT(dimensions.parse(measurement->dimensions).ok() && dimensions.root().size() == 2);
  }
}

void check(json::Value value) {
  Violations violations;
  const metering::Event event = json::read_event(value, "events[0]", violations);
  for (const Violation& violation : violations.all()) TOLLGATE_ASSERT(violation.field.starts_with("events[0]"));
  check_measurements(value.member("source").text(), value.member("data"));
  if (!violations.empty()) return;
  check_bounds(event);
  check_round_trip(event);
}

}  // namespace
}  // namespace tollgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tollgate;
  json::Document document;
  if (!document.parse({reinterpret_cast<const char*>(bytes), size}).ok()) return 0;
  const std::string text = json::canonical(document.root());
  json::Document again;
  // Escapes can make the canonical text longer than what may be parsed, up to six characters for one.
  if (again.parse(text).ok()) TOLLGATE_ASSERT(json::canonical(again.root()) == text);
  check(document.root());
  for (json::Value element : document.root()) check(element);
  return 0;
}
