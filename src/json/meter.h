#pragma once

#include "base/violations.h"
#include "catalog/meter.h"
#include "json/document.h"
#include "json/object_reader.h"
#include "json/text.h"
#include "json/writer.h"

#include <string>
#include <string_view>

namespace tollgate::json {

/// Reads the members of a meter (`slug`, `eventType`, `aggregation`, `valueProperty`, `groupBy`) from the object at
/// `path`. What is missing or wrong is added to `violations`; other members are not looked at.
catalog::Meter read_meter(Value object, std::string_view path, Violations& violations);
/// The same for an object that has further members.
catalog::Meter read_meter(ObjectReader& fields);

/// Writes the same members into an object that is open.
void write_meter_members(Writer<Text>& to, const catalog::Meter& meter);
/// The object that has them.
std::string meter_text(const catalog::Meter& meter);

}  // namespace tollgate::json
