#pragma once

#include "host-bindings/wasmtime/gateway/routes.h"
#include "host-bindings/wasmtime/http/fields.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::gateway {

/// What became of reading meters out of a response.
struct MeterReading {
  std::vector<std::pair<std::string, std::string>> meters;  ///< amounts as decimals, digit by digit as they came
  std::vector<std::pair<std::string, std::string>> faults;  ///< meters whose value was missing or bad, and why
};

/// Reads the meters that stand in headers.
void read_headers(const Route& route, const http::Fields& fields, MeterReading& reading);
/// Reads the meters that stand in a JSON body; without a text, the body could not be had in whole.
void read_body(const Route& route, const std::optional<std::string>& text, MeterReading& reading);

/// Whether a meter of the route stands in the body.
bool reads_body(const Route& route);

}  // namespace tollgate::gateway
