#include "json/measurement.h"

#include "base/limits.h"
#include "base/sha256.h"
#include "json/canonical.h"
#include "json/merged_event.h"
#include "metering/property_path.h"

#include <algorithm>
#include <cstring>

namespace tollgate::json {
namespace {

using catalog::Aggregation;
using metering::Measure;
using metering::MeasureKind;
using metering::Measurement;

constexpr std::string_view kKindNames[] = {"count", "number", "latest", "distinct"};

/// The value of which a merged event tells what it comes to.
constexpr std::string_view kMergedPath = "$.total";

MeasureKind kind_of(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::count: break;
    case Aggregation::sum:
    case Aggregation::min:
    case Aggregation::max:
    case Aggregation::avg: return MeasureKind::number;
    case Aggregation::latest: return MeasureKind::latest;
    case Aggregation::unique_count: return MeasureKind::distinct;
  }
  return MeasureKind::count;
}

Value find(Value data, std::string_view path) {
  metering::PathSteps steps(path);
  while (const auto step = steps.next()) {
    data = step->name.empty() ? data.element(step->index) : data.member(step->name);
  }
  return data;
}

bool is_scalar(Value value) { return value.is(Kind::string) || value.is(Kind::number) || value.is(Kind::boolean); }

/// `$.usage.total` below `events[3]` is `events[3].data.usage.total`.
std::string data_path(std::string_view event, std::string_view path) {
  return field_path(event, "data").append(path.substr(1));
}

/// Adds a violation to the list and is false: no measurement.
bool refuse(Violations& violations, std::string_view event, std::string_view path, std::string_view rule,
            std::string_view message) {
  violations.add(data_path(event, path), rule, message);
  return false;
}

Hash128 digest_of(Value value) {
  const Digest digest = sha256(canonical(value));
  Hash128 half;
  std::memcpy(&half, digest.bytes.data(), sizeof half);
  return half;
}

bool read_measured(Value data, const Measure& measure, std::string_view path, Violations& violations,
                   Measurement& measurement) {
  if (measure.kind == MeasureKind::count) return true;
  const Value value = find(data, measure.value_path);
  if (value.absent() || value.is(Kind::null)) {
    return refuse(violations, path, measure.value_path, "required", "is required by the meter");
  }
  if (measure.kind == MeasureKind::distinct) {
    if (!is_scalar(value)) {
      return refuse(violations, path, measure.value_path, "type", "must be a text, a number or a boolean");
    }
    measurement.distinct = digest_of(value);
    return true;
  }
  const auto quantity = read_measured_value(value, data_path(path, measure.value_path), violations);
  if (!quantity.has_value()) return false;
  measurement.totals = {*quantity, *quantity, *quantity};
  measurement.last = *quantity;
  return true;
}

/// Whether a merged event stands for its requests in the measure: where requests are counted, and where it is their
/// total that is measured.
bool counts_requests(const Measure& measure) {
  return measure.kind == MeasureKind::count ||
         (measure.kind != MeasureKind::distinct && measure.value_path == kMergedPath);
}

/// Reads everything but the dimensions.
bool read_measurement(std::string_view source, Value data, const Measure& measure, std::string_view path,
                      Violations& violations, Measurement& measurement) {
  if (!counts_requests(measure) || !is_merged(source, data)) {
    return read_measured(data, measure, path, violations, measurement);
  }
  const auto merged = read_merged(data, path, violations);
  if (merged.has_value()) measurement = *merged;
  return merged.has_value();
}

/// Dimensions are texts; a number stands for its shortest decimal.
std::string dimension_text(Value value) {
  return value.is(Kind::number) ? canonical(value) : std::string(value.text());
}

bool read_dimensions(Value data, const Measure& measure, std::string_view path, Violations& violations,
                     Measurement& measurement) {
  Text text;
  Writer<Text> to(text);
  bool ok = true;
  to.begin_array();
  for (const metering::Dimension& dimension : measure.dimensions) {
    const Value value = find(data, dimension.path);
    if (!is_scalar(value)) {
      to.null();
      continue;
    }
    const std::string written = dimension_text(value);
    to.value(std::string_view(written));
    if (written.size() > limits::kMaxDimensionValue) {
      ok = refuse(violations, path, dimension.path, "length",
                  "must have at most " + std::to_string(limits::kMaxDimensionValue) + " bytes");
    }
  }
  to.end_array();
  measurement.dimensions = text.take();
  return ok;
}

}  // namespace

Measure measure_of(const catalog::Meter& meter) {
  Measure measure{kind_of(meter.aggregation), meter.event_type, meter.value_property, {}};
  for (const catalog::Dimension& dimension : meter.group_by)
    measure.dimensions.push_back({dimension.name, dimension.path});
  std::sort(measure.dimensions.begin(), measure.dimensions.end(),
            [](const metering::Dimension& a, const metering::Dimension& b) { return a.name < b.name; });
  return measure;
}

std::string write_measure(const Measure& measure) {
  Text text;
  Writer<Text> to(text);
  to.begin_object();
  to.key("dimensions");
  to.begin_object();
  for (const metering::Dimension& dimension : measure.dimensions) {
    to.member(dimension.name, std::string_view(dimension.path));
  }
  to.end_object();
  to.member("eventType", std::string_view(measure.event_type));
  to.member("kind", kKindNames[static_cast<std::size_t>(measure.kind)]);
  to.member("valuePath", std::string_view(measure.value_path));
  to.end_object();
  return text.take();
}

Measure read_measure(Value definition) {
  const auto* kind = std::find(std::begin(kKindNames), std::end(kKindNames), definition.member("kind").text());
  TOLLGATE_ASSERT(kind != std::end(kKindNames));
  Measure measure{static_cast<MeasureKind>(kind - std::begin(kKindNames)),
                  std::string(definition.member("eventType").text()),
                  std::string(definition.member("valuePath").text()),
                  {}};
  for (Value dimension : definition.member("dimensions")) {
    measure.dimensions.push_back({std::string(dimension.name()), std::string(dimension.text())});
  }
  return measure;
}

std::optional<Measurement> measure(std::string_view source, Value data, const Measure& measure, std::string_view path,
                                   Violations& violations) {
  Measurement measurement;
  const bool measured = read_measurement(source, data, measure, path, violations, measurement);
  const bool grouped = read_dimensions(data, measure, path, violations, measurement);
  if (!measured || !grouped) return std::nullopt;
  return measurement;
}

void check_measurable(Value event, const catalog::Meter& meter, std::string_view path, Violations& violations) {
  if (event.member("type").text() == meter.event_type) {
    const std::string_view source = event.member("source").text();
    static_cast<void>(measure(source, event.member("data"), measure_of(meter), path, violations));
  }
}

}  // namespace tollgate::json
