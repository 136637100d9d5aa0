#include "control/subscription/timing.h"

namespace tollgate::control {

std::optional<Timing> read_timing(json::ObjectReader& fields, Instant now) {
  const json::Value value = fields.take("timing");
  if (value.absent()) return std::nullopt;
  if (value.text() == "immediate") return Timing{};
  if (value.text() == "next_billing_cycle") return Timing{Timing::Kind::next_billing_cycle, {}};
  const auto at = parse_instant(value.text());
  if (!value.is(json::Kind::string) || !at.ok()) {
    fields.refuse("timing", "timing", "must be immediate, next_billing_cycle, or a date and time (RFC 3339)");
    return std::nullopt;
  }
  if (*at < now) fields.refuse("timing", "not_past", "must not lie in the past");
  return Timing{Timing::Kind::at, *at};
}

std::optional<Instant> moment_of(const Timing& timing, Instant now, Instant anchor, Cadence cadence) {
  switch (timing.kind) {
    case Timing::Kind::immediate: return now;
    case Timing::Kind::at: return timing.at;
    case Timing::Kind::next_billing_cycle: break;
  }
  const auto period = period_containing(anchor, cadence, now);
  if (!period.ok()) return std::nullopt;
  return period->to;
}

}  // namespace tollgate::control
