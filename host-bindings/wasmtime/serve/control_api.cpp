#include "host-bindings/wasmtime/serve/control_api.h"

#include "base/limits.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::serve {
namespace {

/// What the module looks at.
constexpr std::array<const char*, 4> kHeaders = {"authorization", "content-type", "idempotency-key", "if-match"};
/// One byte more than the module takes, so that it is the module that says 413.
constexpr std::size_t kMostBodyBytes = limits::kMaxBodyBytes + 1;
/// What is read of a body that is too large, so that its sender gets to see the answer.
constexpr std::uint64_t kMostReadOut = 64 * kMostBodyBytes;
constexpr std::chrono::milliseconds kReadOutPatience{10'000};

/// The body, or its first bytes where it is too large. False where it broke off.
bool read_bounded(http::Exchange& exchange, std::string& body) {
  std::array<char, 32 * 1024> room;
  while (body.size() < kMostBodyBytes) {
    const auto got = exchange.read_body(std::span(room).first(std::min(room.size(), kMostBodyBytes - body.size())));
    if (!got.ok()) return false;
    if (*got == 0) return true;
    body.append(room.data(), *got);
  }
  exchange.read_out(kMostReadOut, kReadOutPatience);
  return true;
}

}  // namespace

void serve_control(http::Exchange& exchange, const http::Target& target, host::ControlHost& control) {
  host::ApiRequest request;
  request.method = exchange.request().method;
  request.path = target.path;
  request.target = target.path + target.query;
  for (const char* name : kHeaders) {
    request.headers.emplace_back(name, exchange.request().fields.joined(name).value_or(""));
  }
  // Nobody is left to be answered.
  if (!read_bounded(exchange, request.body)) return;
  control::Response response = control.serve(request);
  http::ResponseHead head{response.status, {}};
  for (auto& [name, value] : response.headers) head.fields.add(std::move(name), std::move(value));
  head.fields.set("cache-control", "no-store");
  exchange.respond(head, response.body);
}

}  // namespace tollgate::serve
