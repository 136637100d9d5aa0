#pragma once

#include "base/limits.h"
#include "base/siphash.h"

#include <array>
#include <cstdint>

namespace tollgate {

/// A key that the control plane said it does not know, or no more.
struct NegativeEntry {
  Hash128 hash;
  std::int64_t at = 0;        ///< when it said so; 0: an unused place, as no request is of 1970
  std::int64_t revision = 0;  ///< of the last snapshot that the key had here, 0 for none

  /// Whether the answer of a moment ago still stands, so that nobody is asked (S4.3).
  bool is_fresh(std::int64_t now, std::int64_t ttl_ms) const {
    return static_cast<std::uint64_t>(now - at) < static_cast<std::uint64_t>(ttl_ms);
  }
  /// Whether a cached snapshot is from before the key went (invariant S7).
  bool outdates(std::int64_t of_revision, std::int64_t taken_at) const {
    return taken_at <= at || (revision != 0 && of_revision != 0 && of_revision <= revision);
  }
};

/// Keys that are not known, remembered for a while, in fixed memory. Sets of four; the oldest of a set gives way, so a
/// flood of bad keys forgets bad keys and nothing else.
template <std::size_t kEntries>
class NegativeCache {
 public:
  /// Null when the key is not in it.
  const NegativeEntry* find(const Hash128& hash) const {
    for (std::size_t i = first(hash), end = i + kWays; i < end; ++i) {
      if (entries_[i].at != 0 && entries_[i].hash == hash) return &entries_[i];
    }
    return nullptr;
  }

  void insert(const NegativeEntry& entry) {
    std::size_t victim = first(entry.hash);
    for (std::size_t i = victim, end = i + kWays; i < end; ++i) {
      const NegativeEntry& here = entries_[i];
      if (here.at != 0 && here.hash == entry.hash) {
        victim = i;
        break;
      }
      if (here.at < entries_[victim].at) victim = i;  // an unused place is older than any
    }
    entries_[victim] = entry;
  }

  void erase(const Hash128& hash) {
    for (std::size_t i = first(hash), end = i + kWays; i < end; ++i) {
      if (entries_[i].hash == hash) entries_[i] = {};
    }
  }

 private:
  static constexpr std::size_t kWays = 4;

  static std::size_t first(const Hash128& hash) {
    return static_cast<std::size_t>(hash.low) % (kEntries / kWays) * kWays;
  }

  std::array<NegativeEntry, kEntries> entries_{};
};

}  // namespace tollgate
