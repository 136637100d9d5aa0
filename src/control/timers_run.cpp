#include "control/timers_run.h"

#include "base/limits.h"
#include "control/http/list.h"
#include "control/invoice/billing_timer.h"
#include "control/lifecycle/timer.h"
#include "control/schedule/timers.h"
#include "control/usage/grant_timer.h"
#include "control/usage/settlement_timer.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace tollgate::control {
namespace {

/// Runs a timer that is cleared already; may set it again, or ask other objects.
using Handler = void (*)(Context&, std::string_view subject);

/// In the order of `TimerKind`.
constexpr Handler kHandlers[] = {run_subscription_timer, run_billing_timer, run_invoice_timer, run_grant_timer,
                                 run_settlement_timer};
static_assert(std::size(kHandlers) == std::size(kTimerKindNames));

/// Null for a kind that this code does not know: of a newer version of it, say.
Handler handler_of(std::string_view kind) {
  const auto* found = std::find(std::begin(kTimerKindNames), std::end(kTimerKindNames), kind);
  return found == std::end(kTimerKindNames) ? nullptr : kHandlers[found - std::begin(kTimerKindNames)];
}

/// The first instant that has a timer to run.
std::optional<Instant> instant_to_run(Context& context) {
  const auto due = first_timer(context.sql);
  const Instant last = context.clock.advances_to.value_or(context.clock.now);
  return due.has_value() && *due <= last ? due : std::nullopt;
}

Rows timers_at(Sql& sql, Instant due, std::int64_t most) {
  return sql.query("SELECT kind, subject, failures FROM timers WHERE due_at = ? ORDER BY kind, subject LIMIT ?", due,
                   most);
}

std::int64_t retry_ms(std::int64_t failures) {
  std::int64_t wait = limits::kTimerRetryMs;
  for (std::int64_t i = 1; i < failures && wait < limits::kMaxTimerRetryMs; ++i) wait *= 2;
  return std::min(wait, limits::kMaxTimerRetryMs);
}

/// Has a timer of `timers_at` tried again later, and names it for the operator.
std::string set_aside(Context& context, Instant due, const Row& timer) {
  const std::int64_t failures = timer.number(2) + 1;
  context.sql.exec("UPDATE timers SET due_at = ?, failures = ? WHERE kind = ? AND subject = ?",
                   Instant{std::max(due, context.clock.now).ms + retry_ms(failures)}, failures, timer.text(0),
                   timer.text(1));
  return std::string(timer.text(0)) + " of " + std::string(timer.text(1)) + ", failures: " + std::to_string(failures);
}

/// Runs some timers of one instant. Sets aside those of unknown kinds, and says in `log` which ones.
void run_instant(Context& context, Instant due, std::int64_t most, std::string& log) {
  if (context.clock.advances_to.has_value() && due > context.clock.now) {
    context.clock.now = due;
    write_clock(context.sql, context.clock);
  }
  for (Row row : timers_at(context.sql, due, most)) {
    const Handler handler = handler_of(row.text(0));
    if (handler == nullptr) {
      log.append(log.empty() ? "A timer is of an unknown kind and is tried again later: " : "; ");
      log.append(set_aside(context, due, row));
      continue;
    }
    context.sql.exec("DELETE FROM timers WHERE kind = ? AND subject = ?", row.text(0), row.text(1));
    handler(context, row.text(1));
  }
}

/// The clock has arrived where it was moved to.
void arrive(Context& context) {
  context.clock.now = *context.clock.advances_to;
  context.clock.advances_to.reset();
  write_clock(context.sql, context.clock);
}

Response timers_answer(bool more, const std::optional<Instant>& next_at) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("more", more);
  if (next_at.has_value()) to.member("nextAt", next_at->ms);
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace

Response run_timers(Context& context) {
  if (const auto due = instant_to_run(context); due.has_value()) {
    std::string log;
    run_instant(context, *due, context.body.member("single").truth() ? 1 : limits::kTimersPerRun, log);
    if (context.objects.waiting()) return context.objects.suspended();
    Response response = timers_answer(true, std::nullopt);
    response.log = std::move(log);
    return response;
  }
  if (context.clock.advances_to.has_value()) arrive(context);
  const auto next = first_timer(context.sql);
  return timers_answer(false, next.has_value() ? context.clock.real_time_of(*next) : std::nullopt);
}

Response set_timer_aside(Context& context) {
  Response response = json_answer(200, "{}");
  const auto due = instant_to_run(context);
  if (!due.has_value()) return response;
  const Rows rows = timers_at(context.sql, *due, 1);
  response.log = "A timer cannot be run and is tried again later: " + set_aside(context, *due, rows.first());
  return response;
}

}  // namespace tollgate::control
