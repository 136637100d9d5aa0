#pragma once

#include "host-bindings/wasmtime/gateway/gateway.h"
#include "host-bindings/wasmtime/serve/control_plane.h"
#include "host-bindings/wasmtime/serve/event_delivery.h"

#include <string>

namespace tollgate::serve {

/// What health is asked about. Everything outlives it.
struct Serving {
  host::Gate& gate;
  gateway::Gateway& gateway;
  host::ControlHost& control;
  ControlPlane& plane;
  EventDelivery& delivery;
  std::string bucket;
  std::string admin_key;  ///< empty: nobody is told more
  bool local = false;
};

/// `GET /healthz`: 200 when the bucket answers, else 503. With the admin key it tells the counters as well, and, on a
/// developer's machine, the key that was seeded: once.
void serve_health(http::Exchange& exchange, const Serving& serving);

}  // namespace tollgate::serve
