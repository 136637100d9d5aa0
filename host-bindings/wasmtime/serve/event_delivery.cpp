#include "host-bindings/wasmtime/serve/event_delivery.h"

#include "host-bindings/wasmtime/gateway/log.h"
#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"

#include <algorithm>
#include <utility>

namespace tollgate::serve {
namespace {

using gateway::log;
using gateway::Severity;

constexpr std::chrono::milliseconds kInterval{200};
/// The wait after a failed try doubles up to this.
constexpr std::chrono::milliseconds kMostBackoff{30'000};
constexpr std::size_t kMostReason = 1000;
/// Dead letters that wait; with more, batches wait in the gate.
constexpr std::size_t kMostDeadLetters = 1000;
constexpr const char* kBatchType = "application/cloudevents-batch+json";

/// What a problem body says, or what stands in place of one.
std::string detail_of(const std::string& body) {
  json::Document document;
  const bool says = document.parse(body).ok() && document.root().member("detail").is(json::Kind::string);
  return says ? std::string(document.root().member("detail").text()) : body;
}

}  // namespace

EventDelivery::EventDelivery(host::Gate& gate, ControlPlane& plane, std::string bucket)
    : gate_(gate), plane_(plane), base_("/v3/metering/" + std::move(bucket)) {}

EventDelivery::~EventDelivery() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EventDelivery::start() {
  thread_ = std::thread([this] { work(); });
}

void EventDelivery::work() {
  std::chrono::milliseconds wait = kInterval;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, wait, [this] { return stopped_; })) {
    lock.unlock();
    wait = flush() ? kInterval : std::min(2 * wait, kMostBackoff);
    lock.lock();
  }
  lock.unlock();
  if (!flush()) log(Severity::error, "events were left undelivered when this program ended");
}

bool EventDelivery::flush() {
  bool all_sent = send_dead_letters();
  gate_.drain([&](const host::EventBatch& batch) {
    const bool delivered = deliver(batch);
    all_sent = all_sent && delivered;
    return delivered;
  });
  return send_dead_letters() && all_sent;
}

bool EventDelivery::deliver(const host::EventBatch& batch) {
  std::string reason;
  const Outcome outcome = post("/events", kBatchType, std::string(batch.body), reason);
  if (outcome == Outcome::committed) return true;
  if (outcome == Outcome::refused && deliver_singly(batch.body)) return true;
  log(Severity::warn, "events were not delivered and will be sent again", {{"reason", reason}});
  return false;
}

bool EventDelivery::deliver_singly(std::string_view batch) {
  json::Document document;
  if (!document.parse(batch).ok() || dead_letters_.size() > kMostDeadLetters) return false;
  // Taken over as a whole or not at all: a batch that comes again must leave no letter twice.
  std::deque<DeadLetter> letters;
  for (const json::Value event : document.root()) {
    std::string text = json::compact(event);
    std::string reason;
    const Outcome outcome = post("/events", kBatchType, "[" + text + "]", reason);
    if (outcome == Outcome::again) return false;
    if (outcome == Outcome::refused) letters.push_back({std::move(text), std::move(reason)});
  }
  std::move(letters.begin(), letters.end(), std::back_inserter(dead_letters_));
  return true;
}

/// Stores dead letters in their bucket, where people find them.
bool EventDelivery::send_dead_letters() {
  while (!dead_letters_.empty()) {
    const auto& [event, reason] = dead_letters_.front();
    json::Text text;
    json::Writer json(text);
    json.begin_object();
    json.member("reason", std::string_view(reason));
    json.raw_member("event", event);
    json.end_object();
    log(Severity::error, "an event was refused by the ledger", {{"reason", reason}});
    std::string why;
    if (post("/dead-letters", "application/json", text.take(), why) != Outcome::committed) return false;
    dead_letters_.pop_front();
  }
  return true;
}

EventDelivery::Outcome EventDelivery::post(const std::string& path, const char* type, std::string body,
                                           std::string& reason) {
  const auto answer = plane_.ask({"POST", base_ + path, type, std::move(body)});
  if (!answer.ok()) {
    reason = answer.error();
    return Outcome::again;
  }
  if (answer->status >= 200 && answer->status < 300) return Outcome::committed;
  reason = (std::to_string(answer->status) + ": " + detail_of(answer->body)).substr(0, kMostReason);
  return answer->status == 400 || answer->status == 422 ? Outcome::refused : Outcome::again;
}

}  // namespace tollgate::serve
