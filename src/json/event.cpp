#include "json/event.h"

#include "base/limits.h"
#include "base/text.h"
#include "json/canonical.h"
#include "json/merged_event.h"
#include "json/object_reader.h"

#include <algorithm>

namespace tollgate::json {
namespace {

bool without_control(std::string_view text) { return !has_control(text); }

bool is_json_media_type(std::string_view text) {
  const std::string_view type = trim(text.substr(0, text.find(';')));
  const auto ends_with = [&](std::string_view suffix) {
    return type.size() > suffix.size() && equal_ignoring_case(type.substr(type.size() - suffix.size()), suffix);
  };
  return equal_ignoring_case(type, "application/json") || ends_with("+json");
}

constexpr TextRule text_of(std::size_t longest) {
  return {1, longest, without_control, "no_control_characters", "text without control characters"};
}

constexpr TextRule kIdText = text_of(limits::kMaxEventId);
constexpr TextRule kSourceText = text_of(limits::kMaxEventSource);
constexpr TextRule kTypeText = text_of(limits::kMaxEventType);
constexpr TextRule kSubjectText = text_of(limits::kMaxEventSubject);
constexpr TextRule kSubscriptionText = text_of(limits::kMaxSubscriptionId);
constexpr TextRule kSchemaText = text_of(limits::kMaxUrl);
constexpr TextRule kMediaTypeText = {1, limits::kMaxLabel, is_json_media_type, "media_type", "application/json"};

constexpr std::string_view kContextAttributes[] = {
    "specversion", "id",   "source",          "type",       "subject",     "subscription",
    "time",        "data", "datacontenttype", "dataschema", "data_base64",
};

bool is_extension_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kMaxNameLength &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); });
}

/// What CloudEvents' type system has, as JSON writes it.
bool is_attribute_value(Value value) {
  if (value.is(Kind::number)) return value.text().find_first_of(".eE") == std::string_view::npos;
  return value.is(Kind::string) || value.is(Kind::boolean) || value.is(Kind::null);
}

void check_extensions(Value object, std::string_view path, ObjectReader& fields) {
  if (object.size() > limits::kMaxEventAttributes) {
    fields.violations().add(path, "length",
                            "must have at most " + std::to_string(limits::kMaxEventAttributes) + " attributes");
    return;
  }
  for (Value attribute : object) {
    const std::string_view name = attribute.name();
    if (std::find(std::begin(kContextAttributes), std::end(kContextAttributes), name) != std::end(kContextAttributes)) {
      continue;
    }
    if (!is_extension_name(name)) {
      fields.refuse(name, "attribute_name", "must be named by lower-case letters and digits");
    } else if (!is_attribute_value(attribute)) {
      fields.refuse(name, "type", "must be a text, a whole number or a boolean");
    }
  }
}

void check_version(ObjectReader& fields) {
  const Value version = fields.take("specversion");
  if (version.absent()) {
    fields.refuse_missing("specversion");
  } else if (!version.is(Kind::string) || version.text() != "1.0") {
    fields.refuse("specversion", "one_of", "must be \"1.0\"");
  }
}

std::string read_data(ObjectReader& fields, std::string_view source, std::string_view path) {
  if (fields.has("data_base64")) fields.refuse("data_base64", "not_allowed", "must be JSON in data");
  const Value data = fields.take("data");
  if (data.absent()) return {};
  std::string text = canonical(data);
  if (text.size() > limits::kMaxEventData) {
    fields.refuse("data", "length", "must have at most " + std::to_string(limits::kMaxEventData) + " bytes");
  }
  if (is_merged(source, data)) static_cast<void>(read_merged(data, path, fields.violations()));
  return text;
}

}  // namespace

metering::Event read_event(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  metering::Event event;
  if (!object.is(Kind::object)) return event;
  check_version(fields);
  event.id = fields.text("id", kIdText);
  event.source = fields.text("source", kSourceText);
  event.type = fields.text("type", kTypeText);
  event.subject = fields.text("subject", kSubjectText);
  event.subscription = fields.text("subscription", kSubscriptionText);
  event.time = fields.optional_instant("time");
  fields.optional_text("datacontenttype", kMediaTypeText);
  fields.optional_text("dataschema", kSchemaText);
  event.data = read_data(fields, event.source, path);
  check_extensions(object, path, fields);
  return event;
}

void write_event(Writer<Text>& to, const metering::Event& event) {
  to.begin_object();
  to.member("specversion", "1.0");
  to.member("id", std::string_view(event.id));
  to.member("source", std::string_view(event.source));
  to.member("type", std::string_view(event.type));
  to.member("subject", std::string_view(event.subject));
  to.member("subscription", std::string_view(event.subscription));
  if (event.time.has_value()) {
    char text[kInstantText];
    to.member("time", std::string_view(text, write_instant(*event.time, text)));
  }
  if (!event.data.empty()) to.raw_member("data", event.data);
  to.end_object();
}

}  // namespace tollgate::json
