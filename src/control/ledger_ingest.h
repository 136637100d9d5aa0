#pragma once

#include "control/request.h"
#include "control/response.h"
#include "control/sql.h"
#include "json/document.h"

namespace tollgate::control {

/// `POST /ledger/ingest {events: [CloudEvent…], meters: [definition…]}`: takes events of this ledger's subscription in.
/// `meters` are those of the bucket that may count them.
///
/// All or nothing: 200 `{accepted, duplicates, conflicts: [{source, id}]}` means that every event of the request is in the ledger
/// and in every rollup, once; 400 with all violations means that nothing is. An event that is there already is a duplicate when its
/// payload is the same, and otherwise a conflict: kept apart, and not counted (M4).
Response handle_ingest(const Request& request, Sql& sql, json::Value body);

}  // namespace tollgate::control
