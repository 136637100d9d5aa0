#include "host-bindings/wasmtime/serve/domain_clock.h"

#include "host-bindings/wasmtime/control/machine_clock.h"
#include "json/document.h"

namespace tollgate::serve {
namespace {

/// How old the clock's position may be.
constexpr std::chrono::seconds kFresh{1};
/// How long a control plane that did not answer is left alone.
constexpr std::chrono::seconds kRetry{30};
/// How long one request waits for another's question; the clock then goes on from where it was.
constexpr std::chrono::milliseconds kPatience{500};

}  // namespace

DomainClock::DomainClock(const std::string& bucket, ControlPlane& plane)
    : plane_(plane), path_("/v3/metering/" + bucket + "/test-clock"), has_test_clock_(bucket != "production") {}

Instant DomainClock::now() const {
  const std::lock_guard lock(mutex_);
  if (!position_) return host::machine_now();
  if (position_->frozen) return position_->now;
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - position_->at);
  return {position_->now.ms + passed.count()};
}

void DomainClock::refresh() {
  if (!has_test_clock_) return;
  const std::unique_lock one_at_a_time(asking_, kPatience);
  if (!one_at_a_time.owns_lock()) return;
  const std::uint64_t moves = plane_.clock_moves();
  if (Steady::now() < ask_again_at_ && moves == moves_) return;
  moves_ = moves;
  std::optional<Position> position;
  const bool answered = ask(position);
  ask_again_at_ = Steady::now() + (answered ? kFresh : kRetry);
  // Without an answer the clock goes on from where it was; keys and quotas have their own rules for an outage.
  if (!answered) return;
  const std::lock_guard lock(mutex_);
  position_ = position;
}

bool DomainClock::ask(std::optional<Position>& position) {
  const auto answer = plane_.ask({"GET", path_});
  json::Document document;
  if (!answer.ok() || answer->status != 200 || !document.parse(answer->body).ok()) return false;
  const auto now = parse_instant(document.root().member("now").text());
  if (!now.ok()) return false;
  if (document.root().member("set").truth()) {
    position = Position{*now, Steady::now(), document.root().member("frozen").truth()};
  }
  return true;
}

}  // namespace tollgate::serve
