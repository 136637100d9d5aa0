#pragma once

#include "base/compact_quantity.h"
#include "base/limits.h"
#include "policy/key_cache.h"
#include "policy/policy.h"

#include <array>
#include <cstdint>

namespace tollgate {

/// Usage of one meter, to be sent as one CloudEvent (S3.1): of one request, or of several that were merged, with what
/// every aggregation needs of them (invariant M11). Its `sequence`, with the instance's name, is the event's id: given
/// once, kept on every try (invariant M1).
///
/// Packed to 84 bytes: there are thirteen thousand in 4 MiB.
struct __attribute__((packed, aligned(4))) UsageEvent {
  CompactQuantity total;
  CompactQuantity min;
  CompactQuantity max;
  CompactQuantity last;  ///< of the latest request in it
  std::uint32_t count = 0;
  std::int64_t time = 0;  ///< of the latest request in it, milliseconds
  std::uint64_t sequence = 0;
  std::uint32_t minute = 0;    ///< since 1970: what it covers
  Index subscription = kNone;  ///< pinned until delivered
  Index key = kNone;           ///< of an event whose subject is the consumer: pinned as well
  Index next = kNone;          ///< in the queue or in a batch
  Index next_open = kNone;     ///< of the same subscription, or key
  NameId meter = 0;
  bool is_open = false;   ///< more can be merged into it
  bool is_split = false;  ///< an hour of its subscription begins within its minute
};

/// What a request adds to the outbox.
struct Usage {
  Index record = kNone;  ///< of the key that made the request
  NameId meter = 0;
  Subject subject = Subject::subscription;
  bool merges = true;
  Quantity total;
  std::int64_t time = 0;  ///< when the request came
};

/// Events of one instance on their way out, in fixed memory.
///
/// Events of one subscription, meter and minute share a place until they are first handed out; of one key's, where the
/// subject is its consumer. A batch that failed is handed out again as it was. A request reserves the places that it
/// may need before it is let through, so nothing that was let through is dropped for lack of room (invariant M10).
class Outbox {
 public:
  /// Keeps `places` for a request. False when there are not so many.
  bool reserve(std::size_t places) {
    if (room_taken_ + places > limits::kOutboxEvents) [[unlikely]]
      return false;
    room_taken_ += places;
    return true;
  }
  void release(std::size_t places) { room_taken_ -= places; }

  /// The usual case of `append`, kept short: an event of a subscription takes one more request that costs what its
  /// others did. False, and nothing has changed, when there is none. `open_events` is the subscription's list, and
  /// `period_from` when its latest period began.
  bool append_alike(Index open_events, NameId meter, Quantity total, std::int64_t time, std::int64_t period_from) {
    Index at = open_events;
    while (at != kNone && events_[at].meter != meter) at = events_[at].next_open;
    UsageEvent& event = events_[at];
    const std::int64_t since = time - std::int64_t{event.minute} * kMinuteMs;
    const bool is_alike = event.is_open && !event.is_split && event.last.get() == total &&
                          static_cast<std::uint64_t>(since) < static_cast<std::uint64_t>(kMinuteMs) &&
                          event.time >= period_from && time >= event.time;
    Quantity sum = event.total.get();
    if (!is_alike || !sum.add_in_range(total) || event.count == UINT32_MAX) return false;
    event.total.set(sum);
    ++event.count;
    event.time = time;
    ++appended_;
    return true;
  }
  /// Records usage. Takes a place that nobody has reserved: a request's own ones are to be released before. False when
  /// it was lost, which is counted.
  bool append(KeyCache& cache, const Usage& usage);

  /// Takes up to `max` events out as a batch and calls `visit(event)` for each until it returns false; that event and
  /// the rest stay. Returns the batch's id, 0 when there is none to take or too many batches are out.
  template <class Visit>
  std::uint32_t drain(KeyCache& cache, std::size_t max, Visit visit) {
    const std::size_t place = free_batch();
    if (place == batches_.size()) return 0;
    Index last = kNone;
    std::size_t taken = 0;
    for (Index at = head_; at != kNone && taken < max && visit(events_[at]); at = events_[at].next) {
      close(cache, at);
      last = at;
      ++taken;
    }
    return taken == 0 ? 0 : take_batch(place, last, taken);
  }

  /// The batch has reached its sink: its events are forgotten. False when no such batch is out.
  bool delivered(KeyCache& cache, std::uint32_t batch);
  /// The batch has not: its events are next again. False when no such batch is out.
  bool failed(std::uint32_t batch);

  /// Events that wait or are out in a batch.
  std::size_t size() const { return size_; }
  /// Events that wait to be drained.
  std::size_t waiting() const { return waiting_; }
  /// Places that requests under way have reserved.
  std::size_t reserved() const { return room_taken_ - size_; }
  std::uint64_t appended() const { return appended_; }
  std::uint64_t merged() const { return appended_ - last_sequence_ - lost_; }
  std::uint64_t lost() const { return lost_; }
  /// Counts events that will not be recorded: their request has lost its place.
  void note_lost(std::size_t events) {
    appended_ += events;
    lost_ += events;
  }

 private:
  static constexpr std::int64_t kMinuteMs = 60'000;

  struct Batch {
    std::uint32_t id = 0;  ///< 0: free
    Index head = kNone;
    Index tail = kNone;
    std::size_t count = 0;
  };

  std::size_t free_batch() const;
  std::uint32_t take_batch(std::size_t place, Index last, std::size_t count);
  Batch* find_batch(std::uint32_t id);
  static Index& open_events_of(KeyCache& cache, Index key, Index subscription);
  void close(KeyCache& cache, Index at);
  Index find_open(Index first, const Usage& usage, std::uint32_t minute, const SubscriptionRecord& subscription) const;
  /// `open_events`: the list in which more can be merged into it, null where nothing may be.
  bool append_new(KeyCache& cache, const Usage& usage, std::uint32_t minute, Index* open_events);
  void forget(KeyCache& cache, Index at);

  std::array<UsageEvent, limits::kOutboxEvents + 1> events_{};
  std::array<Batch, limits::kBatchesInFlight> batches_{};
  FreeList<limits::kOutboxEvents> free_;  // chained through next
  Index head_ = kNone;
  Index tail_ = kNone;
  std::uint64_t last_sequence_ = 0;
  std::uint32_t last_batch_ = 0;
  std::size_t size_ = 0;
  std::size_t waiting_ = 0;
  std::size_t room_taken_ = 0;  // by events and by reservations
  std::uint64_t appended_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace tollgate
