#pragma once

#include "catalog/meter.h"
#include "control/ledger/meter_query.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::control {

/// The answer to a query (S3.3) out of what each ledger answered to `write_meter_query`'s body: `{from, to,
/// windowSize?, data: [{value, windowStart, windowEnd, subject, subscription, groupBy}]}`. Exact for every aggregation,
/// also across ledgers.
///
/// Windows without usage have no row. The whole span without a grouping always has its one row: 0 for SUM, COUNT and
/// UNIQUE_COUNT without events, null for the others. Windows that the span cuts off show the part that lies in it.
/// `value` is an exact decimal; of AVG, rounded half away from zero to nine fractional digits.
///
/// Nothing when a body is not a ledger's answer, or when the sum of several overflows (M9).
std::optional<std::string> merge_meter_answers(const MeterQuery& query, const catalog::Meter& meter,
                                               std::span<const std::string_view> bodies);

}  // namespace tollgate::control
