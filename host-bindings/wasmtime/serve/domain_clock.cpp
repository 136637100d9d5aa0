#include "host-bindings/wasmtime/serve/domain_clock.h"

#include "host-bindings/wasmtime/control/machine_clock.h"
#include "json/document.h"

namespace tollgate::serve {
namespace {

using host::machine_now;

/// How old the clock's position may be.
constexpr std::int64_t kFreshMs = 1'000;
/// How long a control plane that did not answer is left alone.
constexpr std::int64_t kRetryMs = 30'000;

}  // namespace

DomainClock::DomainClock(const std::string& bucket, ControlPlane& plane)
    : plane_(plane), path_("/v3/metering/" + bucket + "/test-clock"), has_test_clock_(bucket != "production") {}

Instant DomainClock::now() const {
  const Instant real = machine_now();
  const std::lock_guard lock(mutex_);
  if (!position_) return real;
  return {position_->now.ms + (position_->frozen ? 0 : real.ms - position_->at.ms)};
}

void DomainClock::refresh() {
  if (!has_test_clock_) return;
  const std::lock_guard one_at_a_time(asking_);
  const std::uint64_t moves = plane_.clock_moves();
  if (machine_now() < ask_again_at_ && moves == moves_) return;
  moves_ = moves;
  std::optional<Position> position;
  const bool answered = ask(position);
  ask_again_at_ = {machine_now().ms + (answered ? kFreshMs : kRetryMs)};
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
    position = Position{*now, machine_now(), document.root().member("frozen").truth()};
  }
  return true;
}

}  // namespace tollgate::serve
