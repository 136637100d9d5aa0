#pragma once

#include "base/limits.h"
#include "base/siphash.h"

#include <array>
#include <cstdint>

namespace tollgate {

/// Keys that the control plane does not know, remembered for a while (S4.3). Sets of four; the oldest of a set gives way,
/// so a flood of bad keys forgets bad keys and nothing else.
class NegativeCache {
 public:
  bool contains(const Hash128& hash, std::int64_t now, std::int64_t ttl_ms) const {
    for (std::size_t i = first(hash), end = i + kWays; i < end; ++i) {
      const Entry& entry = entries_[i];
      if (entry.at != kUnused && entry.hash == hash) return now - entry.at < ttl_ms;
    }
    return false;
  }

  void insert(const Hash128& hash, std::int64_t now) {
    std::size_t victim = first(hash);
    for (std::size_t i = victim, end = i + kWays; i < end; ++i) {
      const Entry& entry = entries_[i];
      if (entry.at == kUnused || entry.hash == hash) {
        victim = i;
        break;
      }
      if (entry.at < entries_[victim].at) victim = i;
    }
    entries_[victim] = {hash, now};
  }

  void erase(const Hash128& hash) {
    for (std::size_t i = first(hash), end = i + kWays; i < end; ++i) {
      if (entries_[i].hash == hash) entries_[i].at = kUnused;
    }
  }

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::int64_t kUnused = 0;  // zeroed memory is an empty table; no request is of 1970
  struct Entry {
    Hash128 hash;
    std::int64_t at = kUnused;
  };

  static std::size_t first(const Hash128& hash) {
    return static_cast<std::size_t>(hash.low) % (limits::kNegativeKeys / kWays) * kWays;
  }

  std::array<Entry, limits::kNegativeKeys> entries_{};
};

}  // namespace tollgate
