#include "host-bindings/wasmtime/serve/snapshots.h"

#include "host-bindings/wasmtime/gateway/log.h"

#include <algorithm>

namespace tollgate::serve {

host::Lookup Snapshots::kv_get(std::string_view digest, double now_ms) {
  host::Lookup found = kv_.get(host::snapshot_name(bucket_, digest));
  // Taken later than now is what a clock says that was put back.
  found.taken_at_ms = std::min(found.taken_at_ms, now_ms);
  return found;
}

void Snapshots::kv_put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds,
                       double /*now_ms*/) {
  std::string error;
  if (kv_.put(host::snapshot_name(bucket_, digest), body, taken_at_ms, seconds, error)) return;
  gateway::log(gateway::Severity::error, "a snapshot could not be put into KV", {{"reason", error}});
}

host::Lookup Snapshots::fetch(std::string_view digest, double now_ms) {
  auto answer = plane_.ask({"GET", "/v3/metering/" + bucket_ + "/snapshots/" + std::string(digest)});
  if (!answer.ok()) {
    gateway::log(gateway::Severity::error, "the control plane could not be asked for a snapshot",
                 {{"reason", answer.error()}});
    return {};
  }
  return {answer->status, std::move(answer->body), now_ms};
}

}  // namespace tollgate::serve
