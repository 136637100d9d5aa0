#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "control/port/sql.h"
#include "json/document.h"

namespace tollgate::control {

/// `POST /ledger/ingest {events: [CloudEvent…], meters: [definition…], receivedAt?}`: takes events of this ledger's
/// subscription in. `meters` are those of the bucket that may count them; `receivedAt` is the machine's time where the
/// ledger lives in another.
///
/// All or nothing: 200 `{accepted, duplicates, conflicts: [{source, id}]}` means that every event of the request is in
/// the ledger, in every rollup and in its sender's high-water mark, once; 400 with all violations means that nothing
/// is: each event that stands in the way is named, and the others can be sent again without them. An event that is
/// there already is a duplicate when its payload is the same, and otherwise a conflict: kept apart, and not counted
/// (M4).
Response handle_ingest(const Request& request, Sql& sql, json::Value body);

}  // namespace tollgate::control
