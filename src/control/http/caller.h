#pragma once

#include <cstdint>

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

/// Who is asking.
struct Caller {
  ServiceRole role = ServiceRole::admin;
  bool is_operator = false;  ///< holds the operator's key, which is admin of every bucket
};

}  // namespace tollgate::control
