#include "host-bindings/wasmtime/serve/snapshots.h"

#include "host-bindings/wasmtime/gateway/log.h"

#include <chrono>

namespace tollgate::serve {
namespace {

/// How often it is told that the credential is refused.
constexpr std::int64_t kNoticeMs = 60'000;

}  // namespace

host::Lookup Snapshots::kv_get(std::string_view digest, double /*now_ms*/) {
  return kv_.get(host::snapshot_name(bucket_, digest));
}

void Snapshots::kv_put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds,
                       double /*now_ms*/) {
  std::string error;
  if (kv_.put(host::snapshot_name(bucket_, digest), body, taken_at_ms, seconds, error)) return;
  gateway::log(gateway::Severity::error, "a snapshot could not be put into KV", {{"reason", error}});
}

/// Goes on for every key until somebody renews the credential: told once a minute.
void Snapshots::tell_refused(int status) {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_start).count();
  std::int64_t told_ms = told_ms_;
  const bool is_silent = told_ms == INT64_MIN || now_ms - told_ms >= kNoticeMs;
  if (!is_silent || !told_ms_.compare_exchange_strong(told_ms, now_ms)) return;
  gateway::log(gateway::Severity::error, "the control plane refuses the credential of this gateway",
               {{"status", std::to_string(status)}});
}

host::Lookup Snapshots::fetch(std::string_view digest, double /*now_ms*/) {
  auto answer = plane_.ask({"GET", "/v3/metering/" + bucket_ + "/snapshots/" + std::string(digest)});
  if (!answer.ok()) {
    gateway::log(gateway::Severity::error, "the control plane could not be asked for a snapshot",
                 {{"reason", answer.error()}});
    return {};
  }
  if (answer->status == 401 || answer->status == 403) tell_refused(answer->status);
  return {.status = answer->status, .body = std::move(answer->body)};
}

}  // namespace tollgate::serve
