#include "control/timers.h"

#include "base/limits.h"
#include "control/billing_timer.h"
#include "control/grant_timer.h"
#include "control/list.h"
#include "control/subscription_timer.h"

#include <array>
#include <optional>

namespace tollgate::control {
namespace {

using Handler = void (*)(Context&, std::string_view subject);

struct Kind {
  std::string_view name;  ///< as stored; kinds that fall due at one instant run in the order of these names
  Handler run;            ///< with the timer already cleared; may set it again, or ask other objects
};

/// In the order of `TimerKind`.
constexpr std::array<Kind, 4> kKinds = {{{"subscription", run_subscription_timer},
                                         {"billing", run_billing_timer},
                                         {"invoice", run_invoice_timer},
                                         {"grant", run_grant_timer}}};

const Kind& kind_of(TimerKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<Instant> first_due(Sql& sql) {
  return sql.query("SELECT min(due_at) FROM timers").first().optional_instant(0);
}

Instant last_instant_to_run(const DomainClock& clock) { return clock.advances_to.value_or(clock.now); }

/// Runs some timers of one instant.
void run_instant(Context& context, Instant due) {
  if (context.clock.advances_to.has_value() && due > context.clock.now) {
    context.clock.now = due;
    write_clock(context.sql, context.clock);
  }
  const Rows rows = context.sql.query(
      "SELECT kind, subject FROM timers WHERE due_at = ? ORDER BY kind, subject LIMIT ?", due, limits::kTimersPerRun);
  for (Row row : rows) {
    context.sql.exec("DELETE FROM timers WHERE kind = ? AND subject = ?", row.text(0), row.text(1));
    for (const Kind& kind : kKinds) {
      if (kind.name == row.text(0)) kind.run(context, row.text(1));
    }
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

void set_timer(Sql& sql, TimerKind kind, std::string_view subject, Instant due) {
  sql.exec(
      "INSERT INTO timers (kind, subject, due_at) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (kind, subject) DO UPDATE SET due_at = ?3",
      kind_of(kind).name, subject, due);
}

void clear_timer(Sql& sql, TimerKind kind, std::string_view subject) {
  sql.exec("DELETE FROM timers WHERE kind = ? AND subject = ?", kind_of(kind).name, subject);
}

Instant next_timers_run(Context& context) {
  if (context.clock.advances_to.has_value()) return context.clock.real;
  const auto due = first_due(context.sql);
  if (!due.has_value()) return kLastInstant;
  if (*due <= context.clock.now) return context.clock.real;
  return context.clock.real_time_of(*due).value_or(kLastInstant);
}

Response run_timers(Context& context) {
  const auto due = first_due(context.sql);
  if (due.has_value() && *due <= last_instant_to_run(context.clock)) {
    run_instant(context, *due);
    if (context.objects.waiting()) return context.objects.suspended();
    return timers_answer(true, std::nullopt);
  }
  if (context.clock.advances_to.has_value()) arrive(context);
  return timers_answer(false, due.has_value() ? context.clock.real_time_of(*due) : std::nullopt);
}

}  // namespace tollgate::control
