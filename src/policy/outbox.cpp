#include "policy/outbox.h"

namespace tollgate {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

std::int64_t minute_of(std::int64_t time) { return time - (time % kMinuteMs + kMinuteMs) % kMinuteMs; }

}  // namespace

UsageEvent* Outbox::find_open(const KeyCache& cache, Index record, NameId meter, Subject subject, std::int64_t time) {
  for (Index at = cache.record(record).open_events; at != kNone; at = events_[at].next_open) {
    UsageEvent& event = events_[at];
    const bool same_minute = time >= event.minute && time - event.minute < kMinuteMs;
    if (event.meter == meter && event.subject == subject && same_minute) return &event;
  }
  return nullptr;
}

UsageEvent* Outbox::find_any_open(const KeyCache& cache, Index record, NameId meter, Subject subject) {
  for (Index at = cache.record(record).open_events; at != kNone; at = events_[at].next_open) {
    if (events_[at].meter == meter && events_[at].subject == subject) return &events_[at];
  }
  return nullptr;
}

bool Outbox::append(KeyCache& cache, Index record, NameId meter, Subject subject, Quantity total, std::int64_t time) {
  ++appended_;
  UsageEvent* const open = find_open(cache, record, meter, subject, time);
  if (open != nullptr && open->total.add_in_range(total)) [[likely]]
    return true;
  return append_new(cache, record, meter, subject, total, time);
}

bool Outbox::append_new(KeyCache& cache, Index record, NameId meter, Subject subject, Quantity total,
                        std::int64_t time) {
  const Index at = free_.take([this](Index free) { return events_[free].next; });
  if (at == kNone) {
    // Nothing gets out and every place is taken: what can still be merged, whatever its minute, is not lost.
    UsageEvent* const open = find_any_open(cache, record, meter, subject);
    if (open != nullptr && open->total.add_in_range(total)) return true;
    ++lost_;
    return false;
  }
  events_[at] = {total, time,   minute_of(time), ++last_sequence_, record, kNone, cache.record(record).open_events,
                 meter, subject};
  cache.record(record).open_events = at;
  cache.pin(record);
  (tail_ == kNone ? head_ : events_[tail_].next) = at;
  tail_ = at;
  ++size_;
  ++waiting_;
  return true;
}

void Outbox::close(KeyCache& cache, Index at) {
  Index* link = &cache.record(events_[at].record).open_events;
  while (*link != kNone && *link != at) link = &events_[*link].next_open;
  if (*link == at) *link = events_[at].next_open;  // otherwise it was out before and is closed already
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

bool Outbox::delivered(KeyCache& cache, std::uint32_t id) {
  Batch* const batch = find_batch(id);
  if (batch == nullptr) return false;
  for (Index at = batch->head; at != kNone;) {
    UsageEvent& event = events_[at];
    const Index next = event.next;
    cache.unpin(event.record);
    event = {};
    free_.give_back(at, event.next);
    at = next;
  }
  size_ -= batch->count;
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

Quantity Outbox::undelivered(const KeyCache& cache, Index record, NameId meter) const {
  Quantity sum;
  for (const UsageEvent& event : events_) {
    if (event.record != kNone && event.meter == meter && cache.same_subscription(event.record, record)) {
      sum = sum.plus(event.total);
    }
  }
  return sum;
}

}  // namespace tollgate
