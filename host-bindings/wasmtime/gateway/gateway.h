#pragma once

#include "calendar/instant.h"
#include "host-bindings/common/gate.h"
#include "host-bindings/wasmtime/gateway/problem.h"
#include "host-bindings/wasmtime/gateway/response_meters.h"
#include "host-bindings/wasmtime/gateway/router.h"
#include "host-bindings/wasmtime/http/client.h"
#include "host-bindings/wasmtime/http/exchange.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::gateway {

/// Answers a request that was let through; fails with a sentence for the log.
using Fetch = std::function<Result<http::IncomingResponse, std::string>(const http::OutgoingRequest&)>;

struct GatewayOptions {
  std::string build_id;          ///< shown in problems; may be empty
  std::function<Instant()> now;  ///< the time that the bucket lives in
  std::function<Fetch(const Upstream&)> fetch_for;
};

/// What the gateway counts, beside the counters of its gate.
struct GatewayCounters {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> unrouted = 0;
  std::atomic<std::uint64_t> too_large = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> upstream_failures = 0;
  std::atomic<std::uint64_t> response_meters_missing = 0;
};

/// Serves the routes: finds the route, lets the policy decide, passes the request on, meters the response. The
/// description is that of the Worker (host-bindings/workers/README.md, "What happens to a request"). May be called by
/// several threads at once.
class Gateway {
 public:
  /// `gate` and `routes` outlive the gateway.
  Gateway(host::Gate& gate, const Routes& routes, GatewayOptions options);

  /// Answers the request.
  void serve(http::Exchange& exchange, const http::Target& target);

  const GatewayCounters& counters() const { return counters_; }

 private:
  /// A route with what it needs at hand.
  struct BoundRoute {
    const Route* route = nullptr;
    std::int64_t policy = -1;  ///< index; -1 for an open route
    std::string credential_header;
    Fetch fetch;
    bool reads_body = false;
  };
  /// One request on its way through.
  struct Passage {
    http::Exchange& exchange;
    const http::Target& target;
    const BoundRoute& bound;
    host::Ticket ticket = {};
    std::string quota_headers = {};
    bool is_too_long = false;  ///< its body proved so while it was passed on
  };

  void decide(Passage& passage);
  void pass(Passage& passage);
  http::OutgoingRequest forwarded(Passage& passage);
  http::Fields forwarded_fields(const Passage& passage);
  http::Body forwarded_body(Passage& passage) const;
  void answer(Passage& passage, const http::IncomingResponse& response);
  void relay(Passage& passage, const http::IncomingResponse& response, http::ResponseHead head,
             std::optional<MeterReading> reading);
  void finish_reading(const Passage& passage, int status, const MeterReading& reading);
  void finish(const Passage& passage, int status, const std::string& meters);

  void refuse_route(http::Exchange& exchange, const http::Target& target, const std::set<std::string>& allow);
  void refuse_length(http::Exchange& exchange, const http::Target& target);
  void refuse_upstream(Passage& passage, const std::string& reason);
  void respond(http::Exchange& exchange, const http::Target& target, const Problem& problem,
               http::Fields fields = problem_fields());
  void send(http::Exchange& exchange, int status, http::Fields fields, std::string_view body);

  host::Gate& gate_;
  const Routes& routes_;
  GatewayOptions options_;
  Router router_;
  std::vector<BoundRoute> bound_;  ///< in the order of `routes_`
  GatewayCounters counters_;
};

}  // namespace tollgate::gateway
