#pragma once

#include "calendar/instant.h"
#include "gateway/problem.h"
#include "gateway/response_meters.h"
#include "gateway/router.h"
#include "host-bindings/common/gate.h"
#include "host-bindings/wasmtime/http/client.h"
#include "host-bindings/wasmtime/http/exchange.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
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
  std::atomic<std::uint64_t> preflights = 0;
  std::atomic<std::uint64_t> too_large = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> upstream_failures = 0;
  std::atomic<std::uint64_t> response_meters_missing = 0;
};

/// Serves the routes: finds the route, lets the policy decide, passes the request on, meters the response; the rules
/// are those of src/gateway. The description is that of the Worker (host-bindings/workers/README.md, "What happens to a
/// request"). May be called by several threads at once.
class Gateway {
 public:
  /// `gate` and `routes` outlive the gateway.
  Gateway(host::Gate& gate, const Routes& routes, GatewayOptions options);

  /// Answers the request.
  void serve(http::Exchange& exchange, const http::Target& target);

  const GatewayCounters& counters() const { return counters_; }

 private:
  /// What a route needs at hand.
  struct Bound {
    Fetch fetch;
    http::Origin origin;  ///< of an upstream that is an address
  };
  /// One request on its way through.
  struct Passage {
    http::Exchange& exchange;
    const http::Target& target;
    const Route& route;
    std::string path;  ///< what the upstream is sent
    host::Ticket ticket = {};
    std::string quota_headers = {};
    bool is_too_long = false;  ///< its body proved so while it was passed on
  };

  const Bound& bound_of(const Passage& passage) const {
    return bound_[static_cast<std::size_t>(&passage.route - routes_.routes.data())];
  }
  bool answer_preflight(http::Exchange& exchange, const http::Target& target);
  void decide(Passage& passage);
  void pass(Passage& passage);
  http::OutgoingRequest forwarded(Passage& passage);
  http::Fields forwarded_fields(const Passage& passage);
  http::Body forwarded_body(Passage& passage) const;
  void answer(Passage& passage, const http::IncomingResponse& response);
  http::ResponseHead handed_on(const Passage& passage, const http::ResponseHead& head) const;
  void relay(Passage& passage, const http::IncomingResponse& response, const http::ResponseHead& head,
             ResponseReader* reader);
  void tell_missing(const Route& route, const MeterReading& reading);
  void finish(const Passage& passage, int status, const std::string& meters);

  void refuse_length(http::Exchange& exchange, const http::Target& target, const Route* route);
  void refuse_upstream(Passage& passage, const std::string& reason);
  /// An answer of the gateway's own; `route` may be null.
  void respond(http::Exchange& exchange, const http::Target& target, const Route* route, GatewayProblem problem,
               std::string_view subject = {});
  void send(http::Exchange& exchange, const Route* route, int status, http::Fields fields, std::string_view body);

  host::Gate& gate_;
  const Routes& routes_;
  GatewayOptions options_;
  Router router_;
  std::vector<Bound> bound_;  ///< in the order of `routes_`
  GatewayCounters counters_;
};

}  // namespace tollgate::gateway
