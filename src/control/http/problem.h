#pragma once

#include "base/violations.h"
#include "control/port/request.h"
#include "control/port/response.h"

#include <string_view>

namespace tollgate::control {

/// An answer in `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `instance` (the path),
/// `code` (stable, for machines), `trace`.
Response problem(const Request& request, int status, std::string_view code, std::string_view detail);

/// 400 with every violation in `invalidParameters` (S10). `violations` is not empty.
Response invalid(const Request& request, const Violations& violations);

/// The same with further members, which are written as an object's: `"a":1,"b":[]`.
Response problem(const Request& request, int status, std::string_view code, std::string_view detail,
                 std::string_view members);

/// An answer in `application/json`.
Response json_answer(int status, std::string body);

/// 204.
Response no_content();

}  // namespace tollgate::control
