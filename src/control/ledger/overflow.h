#pragma once

#include "control/ledger/measures.h"
#include "control/port/sql.h"
#include "json/document.h"
#include "metering/event.h"

#include <string>
#include <vector>

namespace tollgate::control {

/// An event of a request.
struct Incoming {
  metering::Event event;
  json::Value data;
  std::string path;  ///< `events[3]`
};

/// Those of the events, none of which is in the rollups yet, that bring a sum to 10^18 or more (M9): taken in one by
/// one in their order, each that a sum cannot take is left out, and the others fit together. Costs a look at every
/// rollup that they touch; nobody asks before a sum has overflowed.
std::vector<const Incoming*> overflowing_events(Sql& sql, const KnownMeasures& measures,
                                                const std::vector<const Incoming*>& events, Instant now);

}  // namespace tollgate::control
