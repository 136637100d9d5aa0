#pragma once

#include "base/sha256.h"
#include "host-bindings/common/memory_kv.h"
#include "tests/conformance/policy_case.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tollgate::conformance {

/// The name of a key in KV and at the control plane.
inline std::string digest_of(std::string_view key) {
  std::string digest(Digest::kHexLength, '0');
  sha256(key).write_hex(digest.data());
  return digest;
}

/// The world of one case: a KV that starts empty, and a control plane that knows the keys of the case.
class CaseSource final : public host::SnapshotSource {
 public:
  explicit CaseSource(const std::map<std::string, host::Lookup>& keys) {
    for (const auto& [key, answer] : keys) answers_.emplace(digest_of(key), answer);
  }

  void change(ControlPlane change) {
    if (change != ControlPlane::unchanged) down_ = change == ControlPlane::down;
  }
  std::uint32_t lookups() const { return lookups_; }

  host::Lookup kv_get(std::string_view digest, double now_ms) override { return kv_.get(digest, now_ms); }
  void kv_put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds,
              double now_ms) override {
    kv_.put(digest, body, taken_at_ms, seconds, now_ms);
  }
  host::Lookup fetch(std::string_view digest, double) override {
    ++lookups_;
    if (down_) return {};
    const auto found = answers_.find(digest);
    return found != answers_.end() ? found->second : host::Lookup{.status = 404};
  }

 private:
  std::map<std::string, host::Lookup, std::less<>> answers_;
  host::MemoryKv kv_;
  bool down_ = false;
  std::uint32_t lookups_ = 0;
};

}  // namespace tollgate::conformance
