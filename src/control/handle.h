#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "control/port/sql.h"

namespace tollgate::control {

/// Answers one request to one object: the whole control module behind one function. The caller runs it in a transaction
/// and commits exactly when `Response::commits()`; with `Response::needs` it rolls back, asks the ledgers and calls
/// again.
///
/// Requests of the API (`Entry::api`) are authenticated and routed (S6.2, S10). Requests of the host are `POST /start`
/// (brings the schema up to date; once per object and instance, before anything else), and for buckets `POST /seed`,
/// `/outbox/take`, `/outbox/settle`; for ledgers `/ledger/…`.
Response handle(const Request& request, SqlPort& port);

}  // namespace tollgate::control
