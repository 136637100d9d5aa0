#pragma once

#include "base/violations.h"
#include "calendar/instant.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::metering {

/// A usage event: a CloudEvent 1.0 with the attributes of S3.1. `source` and `id` together name it once and for all
/// (M1).
struct Event {
  std::string id;
  std::string source;
  std::string type;             ///< what a meter's `eventType` asks for
  std::string subject;          ///< the subscription, or the consumer whose key was used
  std::string subscription;     ///< whose usage it is
  std::optional<Instant> time;  ///< absent: when the ledger received it first
  std::string data;             ///< canonical JSON (json/canonical.h); empty when the event has none
};

/// Adds a violation where the event's time is not one that a ledger takes: `too_old` beyond `kMaxEventAgeMs` (M6),
/// `in_future` beyond `kMaxEventAheadMs`. `path` is where the event stands in the body.
void check_event(const Event& event, Instant now, std::string_view path, Violations& violations);

}  // namespace tollgate::metering
