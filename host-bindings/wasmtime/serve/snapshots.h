#pragma once

#include "host-bindings/common/snapshot_source.h"
#include "host-bindings/wasmtime/control/kv_store.h"
#include "host-bindings/wasmtime/serve/control_plane.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::serve {

/// Snapshots of one bucket: from KV, then from the control plane (S4.2). All three outlive this; the bucket's name is
/// settled before the first look-up.
class Snapshots final : public host::SnapshotSource {
 public:
  Snapshots(host::KvStore& kv, ControlPlane& plane, const std::string& bucket)
      : kv_(kv), plane_(plane), bucket_(bucket) {}

  host::Lookup kv_get(std::string_view digest, double now_ms) override;
  void kv_put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds,
              double now_ms) override;
  host::Lookup fetch(std::string_view digest, double now_ms) override;

 private:
  void tell_refused(int status);

  host::KvStore& kv_;
  ControlPlane& plane_;
  const std::string& bucket_;
  std::atomic<std::int64_t> told_ms_ = INT64_MIN;  ///< when it was last told that the credential is refused
};

}  // namespace tollgate::serve
