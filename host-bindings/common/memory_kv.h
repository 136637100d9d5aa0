#pragma once

#include "host-bindings/common/snapshot_source.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tollgate::host {

/// A KV in memory whose entries expire. For one process alone: tools and tests.
class MemoryKv {
 public:
  /// 404 where nothing is stored or what was stored has expired.
  Lookup get(std::string_view digest, double now_ms) const {
    const auto found = entries_.find(digest);
    if (found == entries_.end() || found->second.expires_at_ms <= now_ms) return {.status = 404};
    return {.status = 200, .body = found->second.body, .taken_at_ms = found->second.taken_at_ms};
  }

  void put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds, double now_ms) {
    entries_.insert_or_assign(std::string(digest), Entry{std::string(body), taken_at_ms, now_ms + seconds * 1000.0});
  }

 private:
  struct Entry {
    std::string body;
    double taken_at_ms = 0;
    double expires_at_ms = 0;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace tollgate::host
