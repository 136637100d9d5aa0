#pragma once

#include "catalog/meter.h"
#include "control/http/context.h"
#include "control/http/list.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// A meter with what people call it, as bodies give it.
struct DescribedMeter {
  catalog::Meter meter;
  std::string name;  ///< the slug, where the body has none
  std::optional<std::string> description;
};

/// Reads a body that creates or replaces a meter.
DescribedMeter read_described_meter(json::Value body, Violations& violations);
/// Writes the same members into an object that is open.
void write_described_meter(JsonWriter& to, const DescribedMeter& meter);
/// Refuses a replacement that would change what recorded usage means (S3.2): slug, event type, aggregation and value
/// stay as they are.
void refuse_other_counting(const catalog::Meter& present, const catalog::Meter& wanted, Violations& violations);

/// The meter's definition by its id or slug.
std::optional<catalog::Meter> find_meter(Sql& sql, std::string_view id_or_slug);
/// The meter that counts a feature, also one that was archived; as JSON, for the ledger to be asked.
std::optional<catalog::Meter> meter_of_feature(Sql& sql, std::string_view feature_key);
std::optional<std::string> meter_text_of_feature(Sql& sql, std::string_view feature_key);
/// All meters that count events of a type; none where nobody does.
std::vector<catalog::Meter> meters_of_type(Sql& sql, std::string_view event_type);
std::vector<DescribedMeter> all_meters(Sql& sql);
/// Of a row that begins with the columns definition, name, description.
DescribedMeter described_meter(Row row);

/// Adds a meter whose slug is free; its id.
std::string insert_meter(Context& context, const DescribedMeter& meter);
/// Replaces what may change of the meter with this slug.
void replace_meter(Context& context, const DescribedMeter& meter);

}  // namespace tollgate::control
