#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "control/port/sql.h"

namespace tollgate::control {

/// Answers a request to a ledger object, which only our own objects make: `POST /ledger/ingest`, `/ledger/query`,
/// `/ledger/usage` with a JSON body. The router has refused everybody else, and runs each request in one transaction.
Response handle_ledger(const Request& request, Sql& sql);

}  // namespace tollgate::control
