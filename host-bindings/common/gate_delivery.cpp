#include "base/limits.h"
#include "host-bindings/common/gate.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tollgate::host {
namespace {

/// Takes a counter out of the flat object that `tg_stats` answers: its value, 0 when it is not there.
std::uint64_t take_counter(std::string& stats, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const std::size_t at = stats.find(key);
  if (at == std::string::npos) return 0;
  std::uint64_t value = 0;
  const char* const end = stats.data() + stats.size();
  const char* after = std::from_chars(stats.data() + at + key.size(), end, value).ptr;
  if (after != end && *after == ',') ++after;
  stats.erase(at, static_cast<std::size_t>(after - stats.data()) - at);
  return value;
}

}  // namespace

std::uint64_t Gate::drain(const Deliver& deliver) {
  std::uint64_t sent = 0;
  while (const auto batch = next_batch()) {
    const bool delivered = deliver({batch->body, batch->events});
    confirm(*batch, delivered);
    if (!delivered) break;
    sent += batch->events;
  }
  return sent;
}

std::optional<Gate::OutgoingBatch> Gate::next_batch(std::uint64_t at_least) {
  const Lock lock(mutex_);
  if (edge_ == nullptr || unsent_ < at_least) return std::nullopt;
  const auto length = edge_->drain(limits::kBatchEvents);
  if (!length.ok()) drop_instance();
  if (!length.ok() || *length == 0) return std::nullopt;
  const MailboxWords& mailbox = edge_->mailbox();
  OutgoingBatch batch{instance_, mailbox.batch, mailbox.events, std::string(edge_->output(*length))};
  unsent_ -= std::min<std::uint64_t>(unsent_, batch.events);
  out_ += batch.events;
  note_lost();
  return batch;
}

void Gate::confirm(const OutgoingBatch& batch, bool delivered) {
  const Lock lock(mutex_);
  out_ -= batch.events;
  ++(delivered ? counters_.batches_sent : counters_.batches_failed);
  if (delivered) counters_.events_sent += batch.events;
  if (edge_ == nullptr || batch.instance != instance_) {
    if (!delivered) counters_.lost_events += batch.events;
    return;
  }
  const auto confirmed = delivered ? edge_->delivered(batch.id) : edge_->failed(batch.id);
  if (!delivered) unsent_ += batch.events;
  if (!confirmed.ok()) drop_instance();
}

bool Gate::await_batch(std::chrono::milliseconds patience) {
  Lock lock(mutex_);
  return batch_signal_.wait_for(lock, patience, [this] { return unsent_ >= limits::kBatchEvents; });
}

Gate::Owed Gate::owed() const {
  const Lock lock(mutex_);
  return {unsent_, out_};
}

GateCounters Gate::counters() {
  const Lock lock(mutex_);
  note_lost();
  return counters_;
}

std::string Gate::stats() {
  const Lock lock(mutex_);
  return note_lost();
}

std::string Gate::note_lost() {
  if (edge_ == nullptr) return "{}";
  const auto length = edge_->stats();
  if (!length.ok()) {
    drop_instance();
    return "{}";
  }
  std::string stats(edge_->output(*length));
  const std::uint64_t lost = take_counter(stats, "eventsLost");
  counters_.lost_events += lost - std::exchange(module_lost_, lost);
  return stats;
}

}  // namespace tollgate::host
