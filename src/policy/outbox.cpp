#include "policy/outbox.h"

#include "base/divide.h"

#include <limits>

namespace tollgate {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

std::uint32_t minute_of(std::int64_t time) { return time < 0 ? 0 : static_cast<std::uint32_t>(time / kMinuteMs); }

/// The hour that an instant lies in, counted from the anchor of its subscription. Every period that is billed begins
/// with one.
std::int64_t hour_of(std::int64_t time, const SubscriptionRecord& subscription) {
  return div_floor(time - subscription.hour_offset, kMsPerHour);
}

/// Whether an hour of the subscription begins within a minute.
bool is_split(std::uint32_t minute, const SubscriptionRecord& subscription) {
  if (subscription.hour_offset % static_cast<std::uint32_t>(kMinuteMs) == 0) [[likely]]
    return false;
  const std::int64_t begin = std::int64_t{minute} * kMinuteMs;
  return hour_of(begin, subscription) != hour_of(begin + kMinuteMs - 1, subscription);
}

/// Adds one request to an event. False when its sum would leave the range.
bool merge(UsageEvent& event, Quantity total, std::int64_t time) {
  Quantity sum = event.total.get();
  if (!sum.add_in_range(total) || event.count == std::numeric_limits<std::uint32_t>::max()) return false;
  event.total.set(sum);
  ++event.count;
  const CompactQuantity value(total);
  const bool is_later = time >= event.time;
  if (is_later) event.time = time;
  if (value == event.last) return true;  // the usual case: all requests cost the same
  if (total < event.min.get()) event.min = value;
  if (total > event.max.get()) event.max = value;
  if (is_later) event.last = value;
  return true;
}

}  // namespace

Index& Outbox::open_events_of(KeyCache& cache, Index key, Index subscription) {
  return key != kNone ? cache.record(key).open_events : cache.subscriptions().record(subscription).open_events;
}

/// While places are plenty, events are merged by the minute; when delivery has stopped for a while, by the hour. Usage
/// of two hours of a subscription may be of two periods (invariant T3), and so may usage of before `not_before`.
Index Outbox::find_open(Index first, const Usage& usage, std::uint32_t minute,
                        const SubscriptionRecord& subscription) const {
  const bool is_short_of_room = limits::kOutboxEvents - room_taken_ < limits::kOutboxPressure;
  for (Index at = first; at != kNone; at = events_[at].next_open) {
    const UsageEvent& event = events_[at];
    if (event.meter != usage.meter || event.time < subscription.not_before) continue;
    const bool is_same_minute = event.minute == minute;
    if (is_same_minute && !event.is_split) return at;
    if ((is_same_minute || is_short_of_room) && hour_of(event.time, subscription) == hour_of(usage.time, subscription))
      return at;
  }
  return kNone;
}

bool Outbox::append(KeyCache& cache, const Usage& usage) {
  ++appended_;
  const Index subscription = cache.record(usage.record).subscription;
  const Index key = usage.subject == Subject::consumer ? usage.record : kNone;
  Index& open_events = open_events_of(cache, key, subscription);
  const SubscriptionRecord& shared = cache.subscriptions().record(subscription);
  const bool merges = usage.merges && usage.time >= shared.not_before;
  const std::uint32_t minute = minute_of(usage.time);
  const Index open = merges ? find_open(open_events, usage, minute, shared) : kNone;
  if (open != kNone && merge(events_[open], usage.total, usage.time)) [[likely]]
    return true;
  return append_new(cache, usage, minute, merges ? &open_events : nullptr);
}

bool Outbox::append_new(KeyCache& cache, const Usage& usage, std::uint32_t minute, Index* open_events) {
  if (room_taken_ == limits::kOutboxEvents) {
    ++lost_;
    return false;
  }
  ++room_taken_;
  const Index at = free_.take([this](Index free) { return events_[free].next; });
  TOLLGATE_ASSERT(at != kNone);  // there are as many as `room_taken_` counts
  UsageEvent& event = events_[at];
  const CompactQuantity value(usage.total);
  event.total = event.min = event.max = event.last = value;
  event.count = 1;
  event.time = usage.time;
  event.minute = minute;
  event.sequence = ++last_sequence_;
  event.subscription = cache.record(usage.record).subscription;
  event.key = usage.subject == Subject::consumer ? usage.record : kNone;
  event.next = kNone;
  event.meter = usage.meter;
  event.is_split = is_split(minute, cache.subscriptions().record(event.subscription));
  event.is_open = open_events != nullptr;
  if (event.is_open) {
    event.next_open = *open_events;
    *open_events = at;
  }
  cache.subscriptions().pin(event.subscription);
  if (event.key != kNone) cache.pin(event.key);
  (tail_ == kNone ? head_ : events_[tail_].next) = at;
  tail_ = at;
  ++size_;
  ++waiting_;
  return true;
}

void Outbox::close(KeyCache& cache, Index at) {
  UsageEvent& event = events_[at];
  if (!event.is_open) return;
  Index* link = &open_events_of(cache, event.key, event.subscription);
  while (*link != at) link = &events_[*link].next_open;
  *link = event.next_open;
  event.next_open = kNone;
  event.is_open = false;
}

std::size_t Outbox::free_batch() const {
  std::size_t place = 0;
  while (place < batches_.size() && batches_[place].id != 0) ++place;
  return place;
}

std::uint32_t Outbox::take_batch(std::size_t place, Index last, std::size_t count) {
  Batch& batch = batches_[place];
  if (++last_batch_ == 0) ++last_batch_;
  batch = {last_batch_, head_, last, count};
  head_ = events_[last].next;
  if (head_ == kNone) tail_ = kNone;
  events_[last].next = kNone;
  waiting_ -= count;
  return batch.id;
}

Outbox::Batch* Outbox::find_batch(std::uint32_t id) {
  for (Batch& batch : batches_) {
    if (id != 0 && batch.id == id) return &batch;
  }
  return nullptr;
}

void Outbox::forget(KeyCache& cache, Index at) {
  UsageEvent& event = events_[at];
  cache.subscriptions().note_sent(event.subscription, event.meter, event.total.get());
  cache.subscriptions().unpin(event.subscription);
  if (event.key != kNone) cache.unpin(event.key);
  event = {};
  free_.give_back(at, event.next);
}

bool Outbox::delivered(KeyCache& cache, std::uint32_t id) {
  Batch* const batch = find_batch(id);
  if (batch == nullptr) return false;
  for (Index at = batch->head; at != kNone;) {
    const Index next = events_[at].next;
    forget(cache, at);
    at = next;
  }
  size_ -= batch->count;
  room_taken_ -= batch->count;
  *batch = {};
  return true;
}

bool Outbox::failed(std::uint32_t id) {
  Batch* const batch = find_batch(id);
  if (batch == nullptr) return false;
  events_[batch->tail].next = head_;
  if (head_ == kNone) tail_ = batch->tail;
  head_ = batch->head;
  waiting_ += batch->count;
  *batch = {};
  return true;
}

}  // namespace tollgate
