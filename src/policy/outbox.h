#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "policy/key_cache.h"
#include "policy/policy.h"

#include <array>
#include <cstdint>

namespace tollgate {

/// Usage of one meter by one key, to be sent as one CloudEvent (S3.1). Its `sequence`, with the instance's name, is the
/// event's id: given once, kept on every try (invariant M1).
struct UsageEvent {
  Quantity total;
  std::int64_t time = 0;    ///< of the first request in it, milliseconds
  std::int64_t minute = 0;  ///< start of the minute that it covers
  std::uint64_t sequence = 0;
  Index record = kNone;     ///< pinned until delivered
  Index next = kNone;       ///< in the queue or in a batch
  Index next_open = kNone;  ///< of the same record
  NameId meter = 0;
  Subject subject = Subject::subscription;
};

/// Events of one instance on their way out, in fixed memory.
///
/// Equal ones of one minute (key, meter, subject) are merged until they are first handed out. A batch that failed is handed
/// out again as it was. When the outbox is full of unmergeable events, usage is lost and counted: that takes
/// `limits::kOutboxEvents` keys active while nothing can be delivered.
class Outbox {
 public:
  /// Records usage; the record is pinned for as long as the event lives. False when it was lost.
  bool append(KeyCache& cache, Index record, NameId meter, Subject subject, Quantity total, std::int64_t time);

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

  /// The batch has reached the queue: its events are forgotten. False when no such batch is out.
  bool delivered(KeyCache& cache, std::uint32_t batch);
  /// The batch has not: its events are next again. False when no such batch is out.
  bool failed(std::uint32_t batch);

  /// Usage of a meter by the keys of a subscription that is recorded here and not yet delivered.
  Quantity undelivered(const KeyCache& cache, Index record, NameId meter) const;

  /// Events that wait or are out in a batch.
  std::size_t size() const { return size_; }
  /// Events that wait to be drained.
  std::size_t waiting() const { return waiting_; }
  std::uint64_t appended() const { return appended_; }
  std::uint64_t merged() const { return appended_ - last_sequence_ - lost_; }
  std::uint64_t lost() const { return lost_; }

 private:
  struct Batch {
    std::uint32_t id = 0;  ///< 0: free
    Index head = kNone;
    Index tail = kNone;
    std::size_t count = 0;
  };

  std::size_t free_batch() const;
  std::uint32_t take_batch(std::size_t place, Index last, std::size_t count);
  Batch* find_batch(std::uint32_t id);
  void close(KeyCache& cache, Index at);
  UsageEvent* find_open(const KeyCache& cache, Index record, NameId meter, Subject subject, std::int64_t time);
  UsageEvent* find_any_open(const KeyCache& cache, Index record, NameId meter, Subject subject);
  bool append_new(KeyCache& cache, Index record, NameId meter, Subject subject, Quantity total, std::int64_t time);

  std::array<UsageEvent, limits::kOutboxEvents + 1> events_{};
  std::array<Batch, limits::kBatchesInFlight> batches_{};
  FreeList<limits::kOutboxEvents> free_;  // chained through next
  Index head_ = kNone;
  Index tail_ = kNone;
  std::uint64_t last_sequence_ = 0;
  std::uint32_t last_batch_ = 0;
  std::size_t size_ = 0;
  std::size_t waiting_ = 0;
  std::uint64_t appended_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace tollgate
