#pragma once

#include "control/port/request.h"
#include "control/port/sql.h"

#include <optional>

namespace tollgate::control {

/// The time that a bucket lives in. That is the machine's time, unless a test clock was set (S10, `test-clock`), which
/// runs on from what it was set to, or stands still.
struct DomainClock {
  Instant real;                        ///< the machine's now
  Instant now;                         ///< the domain's now
  bool set = false;                    ///< there is a test clock
  bool frozen = false;                 ///< it stands still between two requests that move it
  std::optional<Instant> advances_to;  ///< it is being moved: it stands at the last instant whose timers have run

  /// When the machine's clock will show what the domain's shows at `at`; nothing while the domain's stands still.
  std::optional<Instant> real_time_of(Instant at) const {
    if (frozen) return std::nullopt;
    return Instant{real.ms + (at.ms - now.ms)};
  }
};

/// The clock of the bucket that the request is for. Production has no test clock, and ledgers are told the domain's
/// time by their bucket.
DomainClock read_clock(Sql& sql, const Request& request);

/// Makes `clock` the bucket's clock from `clock.real` on.
void write_clock(Sql& sql, const DomainClock& clock);

/// Whether the bucket may have a test clock at all.
bool takes_test_clock(std::string_view bucket);

}  // namespace tollgate::control
