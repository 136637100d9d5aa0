#include "host-bindings/wasmtime/serve/event_delivery.h"

#include "base/limits.h"
#include "gateway/refused_events.h"
#include "host-bindings/wasmtime/gateway/log.h"
#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tollgate::serve {
namespace {

using gateway::log;
using gateway::Severity;

/// Batches under way at once. The control plane of this process takes one at a time, one elsewhere takes several.
constexpr std::size_t kThreads = 4;
static_assert(kThreads <= limits::kBatchesInFlight);
constexpr std::chrono::milliseconds kInterval{200};
/// The wait after a failed try doubles up to this.
constexpr std::chrono::milliseconds kMostBackoff{30'000};
/// At the end nobody waits for longer before the next try.
constexpr std::chrono::milliseconds kLastBackoff{500};
constexpr const char* kBatchType = "application/cloudevents-batch+json";

std::chrono::milliseconds backoff(std::uint32_t failures) {
  return std::min(kInterval * (1U << std::min(failures, 16U)), kMostBackoff);
}

std::string batch_of(const std::vector<std::string>& events) {
  std::string batch = "[";
  for (const std::string& event : events) {
    if (batch.size() > 1) batch.push_back(',');
    batch.append(event);
  }
  return batch.append("]");
}

}  // namespace

EventDelivery::EventDelivery(host::Gate& gate, ControlPlane& plane, std::string bucket)
    : gate_(gate), plane_(plane), base_("/v3/metering/" + std::move(bucket)) {}

EventDelivery::~EventDelivery() { finish(std::chrono::milliseconds(0)); }

void EventDelivery::start() {
  // The first takes what there is; the others are there for full batches that wait meanwhile.
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this, i] { work(i == 0 ? 1 : limits::kBatchEvents); });
  }
}

std::uint64_t EventDelivery::finish(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(ending_, true)) deadline_ = Clock::now() + patience;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const auto [waiting, out] = gate_.owed();
  return waiting + out;
}

DeliveryCounters EventDelivery::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void EventDelivery::work(std::uint64_t at_least) {
  while (pause(at_least == 1)) {
    gate_.await_batch(kInterval);
    flush(at_least);
  }
  clear();
}

bool EventDelivery::pause(bool takes_all) {
  std::unique_lock lock(mutex_);
  // While sending fails, one of them tries whether it works again.
  if (takes_all && failures_ > 0) wake_.wait_until(lock, next_try_, [this] { return ending_; });
  if (!takes_all) wake_.wait(lock, [this] { return ending_ || failures_ == 0; });
  return !ending_;
}

void EventDelivery::clear() {
  for (;;) {
    flush(1);
    // Another thread's batch may come back.
    const auto [waiting, out] = gate_.owed();
    std::unique_lock lock(mutex_);
    if (waiting + out == 0 || Clock::now() >= deadline_) return;
    wake_.wait_until(lock, std::min(Clock::now() + kLastBackoff, deadline_));
  }
}

void EventDelivery::flush(std::uint64_t at_least) {
  while (const auto batch = gate_.next_batch(at_least)) {
    if (!carry(*batch)) return;
  }
}

bool EventDelivery::carry(const host::Gate::OutgoingBatch& batch) {
  std::unique_lock lock(mutex_);
  const std::uint32_t failures = failures_;
  lock.unlock();
  const bool delivered = deliver(batch.body);
  gate_.confirm(batch, delivered);
  lock.lock();
  if (!delivered) {
    failures_ = std::max(failures_, failures + 1);
    next_try_ = Clock::now() + backoff(failures_);
  } else if (failures == failures_) {
    // One that left before something failed does not say that it works again.
    failures_ = 0;
  }
  const bool works = failures_ == 0;
  lock.unlock();
  if (delivered) wake_.notify_all();
  return works;
}

bool EventDelivery::deliver(std::string_view body) {
  json::Document document;
  if (!document.parse(body).ok()) {
    log(Severity::error, "a batch of events is no JSON and stays where it is");
    return false;
  }
  std::vector<std::string> events;
  for (const json::Value event : document.root()) events.push_back(json::compact(event));
  std::vector<DeadLetter> letters;
  if (!post_events(events, letters)) return false;
  if (!std::all_of(letters.begin(), letters.end(), [this](const DeadLetter& letter) { return store(letter); })) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  counters_.accepted += events.size() - letters.size();
  counters_.rejected += letters.size();
  return true;
}

bool EventDelivery::post_events(const std::vector<std::string>& events, std::vector<DeadLetter>& letters) {
  const Answer answer = post("/events", kBatchType, batch_of(events));
  if (answer.outcome == Outcome::done) return true;
  if (answer.outcome == Outcome::again) {
    log(Severity::warn, "events were not delivered and will be sent again", {{"reason", answer.text}});
    return false;
  }
  gateway::SortedBatch sorted = gateway::sort_refused(events.size(), answer.status, answer.text);
  for (gateway::RefusedEvent& refused : sorted.refused)
    letters.push_back({events[refused.index], std::move(refused.reason)});
  std::vector<std::string> parts[2];
  for (std::size_t i = 0; i < sorted.again.size(); ++i) {
    parts[i < sorted.first_size ? 0 : 1].push_back(events[sorted.again[i]]);
  }
  return std::all_of(std::begin(parts), std::end(parts),
                     [&](const std::vector<std::string>& part) { return part.empty() || post_events(part, letters); });
}

/// Stores a dead letter in its bucket, where people find it.
bool EventDelivery::store(const DeadLetter& letter) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("reason", std::string_view(letter.reason));
  json.raw_member("event", letter.event);
  json.end_object();
  const Answer answer = post("/dead-letters", "application/json", text.take());
  log(Severity::error, "an event was refused by the ledger", {{"reason", letter.reason}});
  if (answer.outcome == Outcome::done) return true;
  log(Severity::error, "a dead letter was not stored, and its batch is sent again", {{"reason", answer.text}});
  return false;
}

EventDelivery::Answer EventDelivery::post(const std::string& path, const char* type, std::string body) {
  auto answer = plane_.ask({"POST", base_ + path, type, std::move(body)});
  if (!answer.ok()) return {Outcome::again, 0, answer.error()};
  const int status = answer->status;
  // The control plane says this and nothing else (S10): a 200 is of something in between, and commits nothing.
  if (status == 204) return {Outcome::done, status, {}};
  if (status == 400 || status == 413 || status == 422) return {Outcome::refused, status, std::move(answer->body)};
  return {Outcome::again, status, gateway::reason_of(status, answer->body)};
}

}  // namespace tollgate::serve
