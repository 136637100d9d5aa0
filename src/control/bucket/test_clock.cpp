#include "control/bucket/test_clock.h"

#include "base/limits.h"
#include "calendar/duration.h"
#include "control/http/list.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

const json::TextRule kDurationText = {2, 32, nullptr, {}, {}};

Response clock_answer(const DomainClock& clock) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_instant_member(to, "now", clock.now);
  to.member("set", clock.set);
  to.member("frozen", clock.frozen);
  write_instant_member(to, "advancingTo", clock.advances_to);
  to.end_object();
  return json_answer(200, text.take());
}

Response not_in_production(const Context& context) {
  return problem(context.request, 403, "not_in_production", "Production has no test clock: its time is the real one.");
}

/// Has the clock go to `target`; the host runs what falls due until then before anybody reads the answer.
Response move_clock(Context& context, Instant target, bool frozen) {
  DomainClock clock = context.clock;
  clock.set = true;
  clock.frozen = frozen;
  clock.advances_to = target;
  write_clock(context.sql, clock);
  clock.now = target;
  clock.advances_to.reset();
  Response response = clock_answer(clock);
  response.work = Work::first;
  return response;
}

/// Where the clock stands, or is on its way to: nobody's move is cut short by somebody else's.
Instant place_of(const DomainClock& clock) { return clock.advances_to.value_or(clock.now); }

void check_range(json::ObjectReader& fields, std::string_view field, Instant now, Instant target) {
  if (target.ms - now.ms > limits::kMaxAdvanceMs) fields.refuse(field, "range", "must lie within ten years");
  if (target.ms < 0) fields.refuse(field, "range", "must not lie before 1970, where the times in ids begin");
}

bool has_subscriptions(Sql& sql) { return !sql.query("SELECT 1 FROM subscriptions LIMIT 1").empty(); }

/// Where `to` or `by` leads.
std::optional<Instant> read_target(json::ObjectReader& fields, Instant now) {
  const auto to = fields.optional_instant("to");
  const auto by = fields.optional_text("by", kDurationText);
  if (fields.has("to") == fields.has("by")) {
    fields.refuse("to", "exactly_one", "exactly one of to and by is required");
    return std::nullopt;
  }
  if (to.has_value()) {
    if (*to < now) fields.refuse("to", "not_past", "must not lie before the clock's time");
    return to;
  }
  if (!by.has_value()) return std::nullopt;
  const auto duration = parse_duration(*by);
  const auto target = duration.ok() ? add(now, *duration) : fail(DurationError::malformed);
  if (target.ok()) return *target;
  fields.refuse("by", "duration", "must be an ISO 8601 duration such as P1M, P14D or PT90S");
  return std::nullopt;
}

}  // namespace

Response get_test_clock(Context& context) {
  if (!takes_test_clock(context.bucket())) return not_in_production(context);
  return clock_answer(context.clock);
}

Response put_test_clock(Context& context) {
  if (!takes_test_clock(context.bucket())) return not_in_production(context);
  json::ObjectReader fields(context.body, "", context.violations);
  const Instant place = place_of(context.clock);
  const Instant now = fields.optional_instant("now").value_or(place);
  if (!fields.has("now") && !fields.has("frozen")) fields.refuse_missing("now");
  const bool frozen = fields.optional_truth("frozen").value_or(false);
  fields.refuse_others();
  check_range(fields, "now", place, now);
  if (!context.violations.empty()) return context.invalid_input();
  if (now >= place) return move_clock(context, now, frozen);
  if (has_subscriptions(context.sql)) {
    return context.conflict(
        "clock_backwards",
        "The clock cannot go back: the bucket has subscriptions, which have lived through that time.");
  }
  DomainClock clock = context.clock;
  clock.now = now;
  clock.set = true;
  clock.frozen = frozen;
  write_clock(context.sql, clock);
  return clock_answer(clock);
}

Response advance_test_clock(Context& context) {
  if (!takes_test_clock(context.bucket())) return not_in_production(context);
  json::ObjectReader fields(context.body, "", context.violations);
  const Instant place = place_of(context.clock);
  const auto target = read_target(fields, place);
  fields.refuse_others();
  if (target.has_value()) check_range(fields, fields.has("to") ? "to" : "by", place, *target);
  if (!context.violations.empty()) return context.invalid_input();
  return move_clock(context, *target, context.clock.frozen);
}

}  // namespace tollgate::control
