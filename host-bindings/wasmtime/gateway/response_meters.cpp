#include "host-bindings/wasmtime/gateway/response_meters.h"

#include "base/quantity.h"
#include "base/text.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

/// What a meter may be (S2.6): the shortest text of a decimal that is not negative. The module checks it again; this
/// tells which of several is bad.
std::optional<std::string> decimal_of(std::string_view text) {
  const auto quantity = Quantity::parse(text);
  if (!quantity.ok() || quantity->negative()) return std::nullopt;
  char digits[Quantity::kMaxText];
  return std::string(digits, quantity->write(digits));
}

}  // namespace

void read_headers(const Route& route, const http::Fields& fields, MeterReading& reading) {
  for (const auto& [meter, path, header] : route.response_meters) {
    if (path) continue;
    const auto value = fields.joined(header);
    const auto amount = value ? decimal_of(trim(*value)) : std::nullopt;
    if (!value) {
      reading.faults.emplace_back(meter, "there is no header " + header);
    } else if (amount) {
      reading.meters.emplace_back(meter, *amount);
    } else {
      reading.faults.emplace_back(meter, "the header " + header + " is not a decimal of at least 0");
    }
  }
}

void read_body(const Route& route, const std::optional<std::string>& text, MeterReading& reading) {
  json::Document document;
  const bool is_json = text && document.parse(*text).ok();
  for (const auto& [meter, path, header] : route.response_meters) {
    if (!path) continue;
    const json::Value value = is_json ? value_at(document.root(), *path) : json::Value();
    const auto amount = value.is(json::Kind::number) ? decimal_of(value.text()) : std::nullopt;
    if (amount) {
      reading.meters.emplace_back(meter, *amount);
    } else if (!text) {
      reading.faults.emplace_back(meter, "the body was cut short or is too long");
    } else if (!is_json) {
      reading.faults.emplace_back(meter, "the body is not JSON");
    } else {
      reading.faults.emplace_back(
          meter, value.absent() ? "the path leads nowhere" : "the value is not a decimal of at least 0");
    }
  }
}

bool reads_body(const Route& route) {
  return std::any_of(route.response_meters.begin(), route.response_meters.end(),
                     [](const ResponseMeter& meter) { return meter.path.has_value(); });
}

}  // namespace tollgate::gateway
