#pragma once

#include "control/ledger/measures.h"
#include "control/ledger/meter_query.h"
#include "control/ledger/usage_table.h"
#include "control/port/sql.h"

namespace tollgate::control {

/// Reads what the query asks for from the rollups of one measure: day rollups as far as the span and the windows allow,
/// finer ones towards their ends and where windows of a time zone divide them, and single events only within broken
/// minutes. `subscription` is the ledger's. False when a sum overflows (M9).
bool read_usage(Sql& sql, const KnownMeasure& known, const MeterQuery& query, std::string_view subscription,
                UsageTable& table);

}  // namespace tollgate::control
