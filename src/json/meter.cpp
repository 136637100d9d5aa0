#include "json/meter.h"

#include "base/limits.h"
#include "base/text.h"
#include "catalog/key.h"
#include "metering/property_path.h"

namespace tollgate::json {
namespace {

using catalog::Aggregation;

bool is_event_type(std::string_view text) {
  return std::string_view(text).find(' ') == text.npos && !has_control(text);
}

const TextRule kEventTypeText = {1, limits::kMaxEventType, is_event_type, "event_type",
                                 "an event type without blanks and control characters"};
const TextRule kJsonPathText = {1, limits::kMaxJsonPath, metering::is_property_path, "json_path",
                                "a JSONPath of child steps, such as $.total"};

bool is_built_in(std::string_view dimension) { return dimension == "subject" || dimension == "subscription"; }

std::vector<catalog::Dimension> read_dimensions(ObjectReader& fields) {
  std::vector<catalog::Dimension> dimensions;
  const Value group_by = fields.optional_object("groupBy");
  if (group_by.size() > limits::kMaxDimensions) {
    fields.refuse("groupBy", "length", "must have at most " + std::to_string(limits::kMaxDimensions) + " members");
    return dimensions;
  }
  if (group_by.absent()) return dimensions;
  ObjectReader paths(group_by, fields.path("groupBy"), fields.violations());
  for (Value entry : group_by) {
    if (!catalog::is_key(entry.name()) || is_built_in(entry.name())) {
      paths.refuse(entry.name(), "key_format",
                   "must be named by lower-case letters, digits and underscores, and not subject or subscription");
    }
    dimensions.push_back({std::string(entry.name()), paths.text(entry.name(), kJsonPathText)});
  }
  return dimensions;
}

}  // namespace

catalog::Meter read_meter(ObjectReader& fields) {
  catalog::Meter meter;
  meter.slug = fields.text("slug", kKeyText);
  meter.event_type = fields.text("eventType", kEventTypeText);
  const auto aggregation = fields.word("aggregation", catalog::kAggregationNames);
  meter.aggregation = static_cast<Aggregation>(aggregation.value_or(0));
  const bool named = fields.has("valueProperty");
  meter.value_property = fields.optional_text("valueProperty", kJsonPathText).value_or(std::string());
  if (aggregation.has_value()) {
    const bool counts = meter.aggregation == Aggregation::count;
    if (named && counts) fields.refuse("valueProperty", "not_allowed", "COUNT counts events and takes no value");
    if (!named && !counts) fields.refuse_missing("valueProperty");
  }
  meter.group_by = read_dimensions(fields);
  return meter;
}

catalog::Meter read_meter(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  return read_meter(fields);
}

void write_meter_members(Writer<Text>& to, const catalog::Meter& meter) {
  to.member("slug", std::string_view(meter.slug));
  to.member("eventType", std::string_view(meter.event_type));
  to.member("aggregation", catalog::name(meter.aggregation));
  if (!meter.value_property.empty()) to.member("valueProperty", std::string_view(meter.value_property));
  if (meter.group_by.empty()) return;
  to.key("groupBy");
  to.begin_object();
  for (const catalog::Dimension& dimension : meter.group_by) {
    to.member(dimension.name, std::string_view(dimension.path));
  }
  to.end_object();
}

std::string meter_text(const catalog::Meter& meter) {
  Text text;
  Writer<Text> to(text);
  to.begin_object();
  write_meter_members(to, meter);
  to.end_object();
  return text.take();
}

}  // namespace tollgate::json
