#include "metering/event.h"

#include "base/limits.h"

namespace tollgate::metering {

void check_event(const Event& event, Instant now, std::string_view path, Violations& violations) {
  if (!event.time.has_value()) return;
  if (event.time->ms < now.ms - limits::kMaxEventAgeMs) {
    violations.add(field_path(path, "time"), "too_old", "must not be more than 35 days ago");
  }
  if (event.time->ms > now.ms + limits::kMaxEventAheadMs) {
    violations.add(field_path(path, "time"), "in_future", "must not be more than 24 hours ahead");
  }
}

}  // namespace tollgate::metering
