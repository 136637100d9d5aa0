#pragma once

#include "base/limits.h"
#include "base/siphash.h"
#include "policy/index.h"

#include <cstdint>
#include <string_view>

namespace tollgate {

/// What the warm path reads of a cached key: one cache line. Instants are milliseconds. What the keys of one
/// subscription share, above all what is left of its quotas, stands once, in the `SubscriptionTable`.
struct KeyRecord {
  Hash128 hash;                   ///< of the key, under the instance's secret
  std::int64_t taken_at = 0;      ///< when the control plane made the key's snapshot, by whatever clock said so
  std::int64_t expires = 0;       ///< check 6
  std::int64_t retry_at = 0;      ///< after a failed look-up: no other before this
  std::int64_t rechecked_at = 0;  ///< when a refusal was last checked again (S4.5)
  std::uint32_t generation = 0;   ///< never 0 in a tag; counts the uses of this place
  Index subscription = kNone;     ///< in the subscription table
  Index link = kNone;             ///< list of free records
  Index open_events = kNone;      ///< events with this key's consumer as subject that can still be added to
  std::uint16_t pins = 0;         ///< requests and events that refer to this record: not evicted
  bool indexed = false;           ///< found by its hash; a record whose key moved to another subscription is not
  bool recently_used = false;
};

static_assert(sizeof(KeyRecord) == 64, "one cache line");

/// What events, refreshes and the host read of a cached key.
struct KeyDetails {
  std::int64_t revision = 0;  ///< of its snapshot; 0: the control plane does not count revisions
  std::uint8_t consumer_length = 0;
  char consumer[limits::kMaxConsumer];

  std::string_view consumer_name() const { return {consumer, consumer_length}; }
};

}  // namespace tollgate
