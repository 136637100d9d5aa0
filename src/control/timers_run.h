#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// Of the host, not of the API.
/// `POST /timers/run {"single"?: bool}`: runs timers that are due, in the order of their instants, and of those of one
/// instant at most `limits::kTimersPerRun`, or one; a clock that is being moved stands at that instant meanwhile.
/// Answers `{"more": bool, "nextAt"?: ms}`: whether it should be called again at once, and when the machine's clock
/// will be at the next one. A timer of a kind that is not known is no reason to stop: it is set aside, as below, and
/// told in `log`.
Response run_timers(Context& context);

/// `POST /timers/set-aside`: the single timer that would run next has failed twice, and would fail for ever: it is
/// tried again later, so that all others run. Says in `log` which one it is.
Response set_timer_aside(Context& context);

}  // namespace tollgate::control
