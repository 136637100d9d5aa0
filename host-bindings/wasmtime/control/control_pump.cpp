// What a control host does in the background: timers that are due, and what the outboxes hold (wasm/ABI.md).

#include "host-bindings/wasmtime/control/control_host.h"
#include "host-bindings/wasmtime/control/machine_clock.h"
#include "json/document.h"
#include "json/writer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

namespace tollgate::host {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kRetryMs = 30'000;
constexpr std::int64_t kLongestWaitMs = 24 * 3'600'000;
constexpr int kAnyNumber = std::numeric_limits<int>::max();

template <class Number>
Number number_of(json::Value value, Number otherwise) {
  const std::string_view text = value.text();
  Number number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Why an effect failed; empty when it did not.
std::string perform_effect(KvStore& kv, std::string_view bucket, json::Value effect) {
  const std::string name = snapshot_name(bucket, effect.member("target").text());
  std::string error;
  if (effect.member("kind").text() == "kv_put") {
    kv.put(name, effect.member("body").text(), number_of(effect.member("takenAt"), 0.0),
           number_of(effect.member("ttlSeconds"), std::uint32_t{0}), error);
  } else {
    kv.remove(name, error);
  }
  return error;
}

/// One entry of a list of `POST /outbox/settle`.
void append_outcome(json::Text& list, json::Value effect, const std::string& error) {
  if (!list.view().empty()) list.append(',');
  json::Writer json(list);
  json.begin_object();
  json.raw_member("id", effect.member("id").text());
  json.raw_member("generation", effect.member("generation").text());
  if (!error.empty()) json.member("error", std::string_view(error));
  json.end_object();
}

}  // namespace

void ControlHost::start() {
  pump_thread_ = std::thread([this] { work(); });
}

/// A request of the pump to a bucket; fails with why it was not done.
Result<bool, std::string> ControlHost::ask_pump(const Bucket& bucket, std::string_view path, std::string_view body,
                                                json::Document& answer) {
  const auto response = ask_host(control::Role::bucket, bucket.name, path, body, machine_now());
  if (!response.ok()) return fail(response.error());
  if (response->status == 200 && answer.parse(response->body).ok()) return true;
  return fail(std::string(path).append(": ").append(response->body));
}

/// Runs due timers, in at most so many transactions. When the next is due.
Result<std::int64_t, std::string> ControlHost::run_timers(Bucket& bucket, int transactions) {
  std::unique_lock lock(mutex_);
  const std::uint64_t sayings = bucket.sayings;
  lock.unlock();
  std::int64_t next = 0;
  bool single = false;
  for (int i = 0; i < transactions; ++i) {
    json::Document document;
    const auto run = ask_pump(bucket, "/timers/run", single ? R"({"single":true})" : "{}", document);
    if (!run.ok()) {
      // Of many, one at a time from now on; the one that fails by itself must not keep the others waiting.
      options_.on_error("a timer failed", run.error());
      if (single) {
        const auto aside = ask_pump(bucket, "/timers/set-aside", "{}", document);
        if (!aside.ok()) return fail(aside.error());
      }
      single = true;
      continue;
    }
    if (document.root().member("more").truth()) continue;
    next = number_of(document.root().member("nextAt"), kNever);
    break;
  }
  lock.lock();
  // A request that came meanwhile may know of an earlier one.
  bucket.next_timer = bucket.sayings == sayings ? next : std::min(bucket.next_timer, next);
  return next;
}

/// Performs what is due in the outbox, until nothing is. When something will be.
Result<std::int64_t, std::string> ControlHost::run_outbox(Bucket& bucket) {
  for (;;) {
    json::Document document;
    if (const auto taken = ask_pump(bucket, "/outbox/take", "{}", document); !taken.ok()) return fail(taken.error());
    json::Text done;
    json::Text failed;
    for (const json::Value effect : document.root().member("effects")) {
      const std::string error = perform_effect(kv_, bucket.name, effect);
      append_outcome(error.empty() ? done : failed, effect, error);
    }
    const std::string outcomes = "{\"done\":[" + done.take() + "],\"failed\":[" + failed.take() + "]}";
    const auto settled = ask_pump(bucket, "/outbox/settle", outcomes, document);
    if (!settled.ok()) return fail(settled.error());
    const std::int64_t next = number_of(document.root().member("nextAt"), kNever);
    if (next > machine_now().ms) return next;
  }
}

void ControlHost::pump(Bucket& bucket) {
  const std::lock_guard one_at_a_time(bucket.pumping);
  {
    const std::lock_guard lock(mutex_);
    bucket.wake_at = kNever;
  }
  const auto timers = run_timers(bucket, kAnyNumber);
  const auto outbox = timers.ok() ? run_outbox(bucket) : timers;
  if (outbox.ok()) return wake_pump_at(bucket, std::min(*timers, *outbox));
  options_.on_error("the pump stopped", outbox.error());
  {
    // Whoever comes before the next try sees to the timers himself.
    const std::lock_guard lock(mutex_);
    bucket.next_timer = 0;
  }
  wake_pump_at(bucket, machine_now().ms + kRetryMs);
}

void ControlHost::wake_pump_at(Bucket& bucket, std::int64_t time) {
  {
    const std::lock_guard lock(mutex_);
    bucket.wake_at = std::min(bucket.wake_at, time);
  }
  wake_.notify_all();
}

void ControlHost::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const auto sooner = [](const Bucket& a, const Bucket& b) { return a.wake_at < b.wake_at; };
    Bucket& next = *std::min_element(buckets_.begin(), buckets_.end(), sooner);
    const std::int64_t now = machine_now().ms;
    if (next.wake_at <= now) {
      lock.unlock();
      pump(next);
      lock.lock();
    } else if (next.wake_at == kNever) {
      wake_.wait(lock);
    } else {
      // Its clock counts nanoseconds in 64 bits: the year 3000 is beyond what it can wait for.
      wake_.wait_for(lock, std::chrono::milliseconds(std::min(next.wake_at - now, kLongestWaitMs)));
    }
  }
}

}  // namespace tollgate::host
