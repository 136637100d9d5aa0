#pragma once

#include "base/violations.h"
#include "catalog/meter.h"
#include "json/document.h"
#include "metering/measure.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::json {

/// What has to be accumulated for a meter.
metering::Measure measure_of(const catalog::Meter& meter);

/// A measure as canonical JSON, and back. `read_measure` expects what `write_measure` wrote.
std::string write_measure(const metering::Measure& measure);
metering::Measure read_measure(Value definition);

/// What an event of this source with this `data` (absent: none) adds to the measure. Nothing, and a violation below
/// `path` (the event's), when the value is not there, or is not what can be accumulated (M9): a decimal ≥ 0 with at
/// most nine fractional digits, as a number or as a string, for sums and the like; any text, number or boolean for
/// `distinct`. A dimension that the data does not have, or has as an object, array or null, is null.
///
/// Every path from events to usage goes through here, so a merged event (json/merged_event.h) adds everywhere what its
/// requests would have added: to measures of kind `count`, and of kind `number` and `latest` over `$.total`. Which
/// values the requests had is not in it: to a measure of kind `distinct`, or over another path, it is one event,
/// whatever it was merged from.
std::optional<metering::Measurement> measure(std::string_view source, Value data, const metering::Measure& measure,
                                             std::string_view path, Violations& violations);

/// Whether the meter can count the event, an object as `read_event` takes it: the violations that `measure` would find.
/// Events of another type than the meter's concern it not.
void check_measurable(Value event, const catalog::Meter& meter, std::string_view path, Violations& violations);

}  // namespace tollgate::json
