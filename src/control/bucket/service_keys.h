#pragma once

#include "control/http/context.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// Who holds the key of `Authorization: Bearer …`. Otherwise nothing, and `refusal` is 401 (missing, wrong) or 403 (a
/// key of another bucket). Keys are looked up by their SHA-256 and compared in constant time.
///
/// The operator's own key (`Settings::admin_key`) is admin of every bucket. Outside local mode it counts only when it
/// has at least 32 characters, so that neither the default key nor a typed one ever opens a deployed system.
std::optional<Caller> authenticate(const Request& request, Sql& sql, Response& refusal);

// Routes under `service-keys`, for admins: POST {name, role} → 201 with the key, shown once; GET; DELETE /{id}.
Response create_service_key(Context& context);
Response list_service_keys(Context& context);
Response delete_service_key(Context& context);

}  // namespace tollgate::control
