#pragma once

#include "policy/index.h"

#include <array>
#include <cstddef>

namespace tollgate {

/// Equal places for coroutine frames, in fixed memory: no heap. Taking one when none is left, or one too large for a
/// place, is a bug: whoever starts a coroutine owns one of as many lookups as there are places.
template <std::size_t kPlaces, std::size_t kBytes>
class FramePool {
 public:
  void* take(std::size_t bytes) {
    TOLLGATE_ASSERT(bytes <= kBytes);
    const Index at = free_.take([this](Index free) { return places_[free].link; });
    TOLLGATE_ASSERT(at != kNone);
    return places_[at].bytes;
  }

  void give_back(void* frame) {
    const auto offset = static_cast<std::byte*>(frame) - places_[0].bytes;
    const auto at = static_cast<Index>(static_cast<std::size_t>(offset) / sizeof(Place));
    free_.give_back(at, places_[at].link);
  }

 private:
  struct Place {
    alignas(16) std::byte bytes[kBytes];
    Index link;
  };
  std::array<Place, kPlaces + 1> places_{};
  FreeList<kPlaces> free_;
};

}  // namespace tollgate
