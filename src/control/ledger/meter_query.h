#pragma once

#include "base/violations.h"
#include "calendar/period.h"
#include "calendar/time_zone.h"
#include "catalog/meter.h"
#include "json/document.h"
#include "json/object_reader.h"
#include "json/text.h"
#include "json/writer.h"
#include "metering/window.h"

#include <optional>
#include <string>
#include <vector>

namespace tollgate::control {

/// What a query of a meter asks for (S3.3).
struct MeterQuery {
  Period period;
  std::optional<metering::WindowSize> window_size;  ///< absent: one row for the whole span
  TimeZone time_zone;                               ///< whose clocks the windows follow
  bool by_subject = false;
  bool by_subscription = false;
  std::vector<std::string> dimensions;     ///< names, sorted: the meter's own that usage is broken down by
  std::vector<std::string> subjects;       ///< `filterSubject`, sorted; empty: all
  std::vector<std::string> subscriptions;  ///< `filterSubscription`, as given; empty: all
};

/// Reads `from`, `to`, `windowSize`, `windowTimeZone`, `groupBy`, `filterSubject`, `filterSubscription`; what is wrong
/// goes to the violations of `fields`. Without `from` a span begins with 1970, without `to` it ends now, without a time
/// zone windows are UTC's.
MeterQuery read_meter_query(json::ObjectReader& fields, Instant now, const catalog::Meter& meter);
/// The same from a body that holds nothing else.
MeterQuery read_meter_query(json::Value body, Instant now, const catalog::Meter& meter, Violations& violations);

/// Writes the body of a `POST /ledger/query`: the query and the meter.
void write_meter_query(json::Writer<json::Text>& to, const MeterQuery& query, const catalog::Meter& meter);

}  // namespace tollgate::control
