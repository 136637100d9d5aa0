#pragma once

#include "base/assert.h"

#include <cstddef>
#include <cstdint>

namespace tollgate {

/// A position in one of the fixed tables, from 1. Zero is no position, so that zeroed memory is an empty table: an
/// instance starts without writing to its megabytes.
using Index = std::uint16_t;
inline constexpr Index kNone = 0;

/// Hands out the positions 1 to `kCapacity` of a table. Free ones are chained through a link in the table's own
/// entries.
template <std::size_t kCapacity>
class FreeList {
 public:
  static_assert(kCapacity < UINT16_MAX);

  bool empty() const { return head_ == kNone && fresh_ == kCapacity; }

  /// A free position, `kNone` when there is none. `link_of(position)` reads the link of a free entry.
  template <class LinkOf>
  Index take(LinkOf link_of) {
    if (head_ == kNone) return fresh_ < kCapacity ? ++fresh_ : kNone;
    const Index at = head_;
    head_ = link_of(at);
    return at;
  }

  /// Takes a position back; `link` is the link of its entry.
  void give_back(Index at, Index& link) {
    link = head_;
    head_ = at;
  }

 private:
  Index head_ = kNone;
  Index fresh_ = 0;  // positions up to here have been used before
};

}  // namespace tollgate
