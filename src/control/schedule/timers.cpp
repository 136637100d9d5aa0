#include "control/schedule/timers.h"

namespace tollgate::control {
namespace {

std::string_view name(TimerKind kind) { return kTimerKindNames[static_cast<std::size_t>(kind)]; }

}  // namespace

void set_timer(Sql& sql, TimerKind kind, std::string_view subject, Instant due) {
  sql.exec(
      "INSERT INTO timers (kind, subject, due_at) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (kind, subject) DO UPDATE SET due_at = ?3, failures = 0",
      name(kind), subject, due);
}

void clear_timer(Sql& sql, TimerKind kind, std::string_view subject) {
  sql.exec("DELETE FROM timers WHERE kind = ? AND subject = ?", name(kind), subject);
}

std::optional<Instant> first_timer(Sql& sql) {
  return sql.query("SELECT min(due_at) FROM timers").first().optional_instant(0);
}

Instant next_timers_run(Context& context) {
  if (context.clock.advances_to.has_value()) return context.clock.real;
  const auto due = first_timer(context.sql);
  if (!due.has_value()) return kLastInstant;
  if (*due <= context.clock.now) return context.clock.real;
  return context.clock.real_time_of(*due).value_or(kLastInstant);
}

}  // namespace tollgate::control
