#pragma once

#include "control/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// What a service key may do (S6.2). A set of roles is their sum.
enum class ServiceRole : std::uint8_t {
  admin = 1,
  read_only = 2,  ///< every read
  edge = 4,       ///< snapshots, events, dead letters
  portal = 8,     ///< what a customer does for himself
};

constexpr std::uint8_t operator|(ServiceRole a, ServiceRole b) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr std::uint8_t operator|(std::uint8_t a, ServiceRole b) {
  return static_cast<std::uint8_t>(a | static_cast<std::uint8_t>(b));
}

/// The key that works out of the box on a developer's machine, and nowhere else.
inline constexpr std::string_view kLocalAdminKey = "tg_admin_local";

/// Who holds the key of `Authorization: Bearer …`. Otherwise nothing, and `refusal` is 401 (missing, wrong) or 403 (a
/// key of another bucket). Keys are looked up by their SHA-256 and compared in constant time.
///
/// The operator's own key (`Settings::admin_key`) is admin of every bucket. Outside local mode it counts only when it
/// has at least 32 characters, so that neither the default key nor a typed one ever opens a deployed system.
std::optional<ServiceRole> authenticate(const Context& context, Response& refusal);

// Routes under `service-keys`, for admins: POST {name, role} → 201 with the key, shown once; GET; DELETE /{id}.
Response create_service_key(Context& context);
Response list_service_keys(Context& context);
Response delete_service_key(Context& context);

}  // namespace tollgate::control
