// A snapshot from KV or the control plane: taken or garbage, and whatever was taken can be decided on, consumed,
// described and delivered.

#include "edge_fixture.h"

using namespace tollgate;

namespace {

constexpr double kNow = 1'768'471'200'000;

fuzz::Edge& edge() {
  static fuzz::Edge instance = [] {
    fuzz::Edge started;
    started.start();
    fuzz::require(started.configure(R"([
      {"name": "all", "policyType": "monetization-inbound", "handler": {"options":
        {"meters": {"api_requests": 1, "tokens": 0.5}, "requiredEntitlements": ["bulk_export"], "quotaHeaders": true,
         "subject": "consumer"}}},
      {"name": "none", "policyType": "monetization-inbound", "handler": {"options": {}}}])") == 2);
    return started;
  }();
  return instance;
}

/// One request for the key; every call that a host could make on the way.
void request(std::uint32_t policy, std::string_view snapshot, double now) {
  std::int32_t result = tg_check(policy, edge().put("Bearer k1"), now);
  while (result == 0) {
    const std::uint32_t handle = edge().mailbox.handle;
    result = tg_resume(handle, edge().mailbox.effect == TG_EFFECT_KV_GET ? 404 : 200, edge().put(snapshot), now, now);
    fuzz::require(result != TG_STALE);
  }
  edge().output(tg_quota_headers(result, policy, now));
  if (result < 0) {
    edge().output(tg_problem(result, policy, edge().put("/\0req"), now));
    return;
  }
  fuzz::require(tg_record(static_cast<std::uint32_t>(result)) != 0);
  edge().output(tg_explain(policy, edge().put("Bearer k1"), now));
  fuzz::require(tg_finish(static_cast<std::uint32_t>(result), 200, 0) >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view snapshot(reinterpret_cast<const char*>(data), size);
  static double clock = kNow;
  clock += 10'000'000;  // beyond every TTL and every use of a stale snapshot: each input is fetched anew
  request(0, snapshot, clock);
  request(1, snapshot, clock);
  while (tg_drain(100) > 0) fuzz::require(tg_delivered(edge().mailbox.batch) == 0);
  return 0;
}
