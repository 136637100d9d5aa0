#include "json/metadata.h"

#include "base/limits.h"
#include "base/text.h"

namespace tollgate::json {
namespace {

bool is_scalar(Value value) { return value.is(Kind::string) || value.is(Kind::number) || value.is(Kind::boolean); }

bool is_overdue_days(std::string_view name) {
  return name == catalog::kOverdueDaysKey || name == catalog::kOverdueDaysAlias;
}

void check_entry(ObjectReader& entries, Value entry) {
  const std::string_view name = entry.name();
  if (name.empty() || count_characters(name) > limits::kMaxNameLength) {
    entries.refuse(name, "length", "must have a name of 1 to 64 characters");
  } else if (!is_scalar(entry)) {
    entries.refuse(name, "type", "must be a string, a number or a boolean");
  } else if (count_characters(entry.text()) > limits::kMaxMetadataValue) {
    entries.refuse(name, "length", "must have at most " + std::to_string(limits::kMaxMetadataValue) + " characters");
  } else if (is_overdue_days(name) && !catalog::overdue_days(entry.text()).has_value()) {
    entries.refuse(name, "range",
                   "must be a whole number of days from 0 to " + std::to_string(limits::kMaxOverdueDays));
  }
}

}  // namespace

catalog::Metadata read_metadata(ObjectReader& fields) {
  catalog::Metadata metadata;
  const Value object = fields.optional_object("metadata");
  if (object.absent()) return metadata;
  if (object.size() > limits::kMaxMetadataEntries) {
    fields.refuse("metadata", "length",
                  "must have at most " + std::to_string(limits::kMaxMetadataEntries) + " members");
    return metadata;
  }
  ObjectReader entries(object, fields.path("metadata"), fields.violations());
  for (Value entry : object) {
    check_entry(entries, entry);
    metadata.emplace_back(entry.name(), entry.text());
  }
  return metadata;
}

void write_metadata(Writer<Text>& to, const catalog::Metadata& metadata) {
  if (metadata.empty()) return;
  to.raw_member("metadata", metadata_text(metadata));
}

std::string metadata_text(const catalog::Metadata& metadata) {
  Text text;
  Writer<Text> writer(text);
  writer.begin_object();
  for (const auto& [name, value] : metadata) writer.member(name, std::string_view(value));
  writer.end_object();
  return text.take();
}

catalog::Metadata metadata_from(std::string_view text) {
  catalog::Metadata metadata;
  Document document;
  if (!document.parse(text).ok()) return metadata;
  for (Value entry : document.root()) metadata.emplace_back(entry.name(), entry.text());
  return metadata;
}

}  // namespace tollgate::json
