#pragma once

#include "control/request.h"
#include "control/response.h"
#include "control/sql.h"

#include <string_view>

namespace tollgate::control {

/// Answers a request to a ledger object, which only our own objects make: `POST /ledger/ingest`, `/ledger/query`,
/// `/ledger/usage` with a JSON body. The router has refused everybody else, and runs each request in one transaction.
Response handle_ledger(const Request& request, Sql& sql);

/// The subscription whose ledger a request is for: the last part of the object's name.
inline std::string_view subscription_of(const Request& request) {
  return request.object.substr(request.object.rfind('/') + 1);
}

}  // namespace tollgate::control
