#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "control/port/sql.h"
#include "json/document.h"

#include <cstdint>
#include <optional>

namespace tollgate::control {

/// `POST /ledger/query {meter: definition, from, to, …}` (the members of S3.3): 200 `{rows: […]}`, which
/// `merge_meter_answers` (control/ledger/meter_answer.h) turns into the answer to the query.
Response handle_query(const Request& request, Sql& sql, json::Value body);

/// What a caller is told when a ledger has refused the query that a bucket had checked: it gives too many rows (400),
/// or an overflow (422). Nothing for other statuses.
std::optional<Response> refused_query(const Request& request, std::int32_t ledger_status);

/// `POST /ledger/usage {periods: [{key, meter: definition, from, to}], highWater?: true}`: 200 `{usage: {key:
/// "12.5"}}`, the meter's value for each half-open period as an exact decimal; "0" where the meter has no value. Where
/// it is asked for, also what exactly that is all of: `highWater` and `highWaterPartial` (control/ledger/senders.h).
Response handle_usage(const Request& request, Sql& sql, json::Value body);

}  // namespace tollgate::control
