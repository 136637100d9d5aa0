#pragma once

#include "control/context.h"

#include <cstdint>
#include <string_view>

namespace tollgate::control {

/// What a bucket has to do when its time comes. A subject has at most one timer of each kind.
enum class TimerKind : std::uint8_t {
  subscription,  ///< a subscription begins, ends, or enters another phase; the subject is its id
  billing,       ///< something falls due on a subscription; the subject is its id
  invoice,       ///< the draft period of an invoice is over; the subject is its id
  grant,         ///< a grant of a subscription begins or expires; the subject is the subscription's id
  settlement,    ///< usage that burned down grants of a subscription is final; the subject is the subscription's id
};

/// Sets the subject's timer, in place of one that it has. `due` may be past: it is run at the next opportunity.
void set_timer(Sql& sql, TimerKind kind, std::string_view subject, Instant due);
void clear_timer(Sql& sql, TimerKind kind, std::string_view subject);

// Of the host, not of the API.
/// `POST /timers/run {"single"?: bool}`: runs timers that are due, in the order of their instants, and of those of one
/// instant at most `limits::kTimersPerRun`, or one; a clock that is being moved stands at that instant meanwhile.
/// Answers `{"more": bool, "nextAt"?: ms}`: whether it should be called again at once, and when the machine's clock
/// will be at the next one.
Response run_timers(Context& context);

/// `POST /timers/set-aside`: the single timer that would run next has failed twice, and would fail for ever: it is
/// tried again later, so that all others run. Says in `log` which one it is.
Response set_timer_aside(Context& context);

/// When timers are to be run next, by the machine's clock: at once where one is due or the clock is being moved,
/// `kLastInstant` where that cannot be said as things stand.
Instant next_timers_run(Context& context);

}  // namespace tollgate::control
