#pragma once

#include "control/http/context.h"

#include <cstdint>
#include <optional>
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
/// As stored; kinds that fall due at one instant run in the order of these names.
inline constexpr std::string_view kTimerKindNames[] = {"subscription", "billing", "invoice", "grant", "settlement"};

/// Sets the subject's timer, in place of one that it has. `due` may be past: it is run at the next opportunity.
void set_timer(Sql& sql, TimerKind kind, std::string_view subject, Instant due);
void clear_timer(Sql& sql, TimerKind kind, std::string_view subject);

/// When the first of them is due, by the domain's clock.
std::optional<Instant> first_timer(Sql& sql);

/// When timers are to be run next, by the machine's clock: at once where one is due or the clock is being moved,
/// `kLastInstant` where that cannot be said as things stand.
Instant next_timers_run(Context& context);

}  // namespace tollgate::control
