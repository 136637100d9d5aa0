#pragma once

#include "wasm/edge_abi.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::host {

/// What came of a look-up: an HTTP status (200 with the snapshot, 404: not there, 401), or `TG_UNREACHABLE`.
struct Lookup {
  std::int32_t status = TG_UNREACHABLE;
  std::string body = {};   ///< of a 200: the snapshot (S4.1)
  double taken_at_ms = 0;  ///< of a KV read with 200: when the control plane made the snapshot
};

/// Where the snapshots of keys come from (S4.2): what a host gives the `Gate` to perform effects with. Keys are named
/// by the 64 hexadecimal digits of their SHA-256. All calls may block; each belongs to one request.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  virtual Lookup kv_get(std::string_view digest, double now_ms) = 0;
  /// Keeps `body` for `seconds`, with `taken_at_ms` beside it. May fail in silence: KV is a cache.
  virtual void kv_put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds,
                      double now_ms) = 0;
  virtual Lookup fetch(std::string_view digest, double now_ms) = 0;
};

}  // namespace tollgate::host
