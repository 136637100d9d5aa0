#pragma once

#include "base/quantity.h"
#include "base/siphash.h"
#include "metering/aggregate.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::metering {

/// What has to be kept of an event so that a meter can be answered.
enum class MeasureKind : std::uint8_t {
  count,     ///< that it happened: COUNT
  number,    ///< its value in sum, smallest and largest: SUM, MIN, MAX, AVG
  latest,    ///< its value, its time and its name: LATEST
  distinct,  ///< which value it had: UNIQUE_COUNT
};

/// How usage can be broken down.
struct Dimension {
  std::string name;
  std::string path;
};

/// The part of a meter's definition that decides what is accumulated. Meters that agree in it share what is
/// accumulated; a meter whose definition changes becomes another measure, which the ledger works out from its events.
struct Measure {
  MeasureKind kind = MeasureKind::count;
  std::string event_type;
  std::string value_path;             ///< empty for `count`
  std::vector<Dimension> dimensions;  ///< sorted by name
};

/// What one event adds to one measure: as many requests as it is of, which is one unless it is a merged event (S3.1).
struct Measurement {
  std::int64_t count = 1;  ///< of requests
  Totals totals;           ///< `number`: of their values
  Quantity last;           ///< `latest`: the value of the last of them
  Hash128 distinct;        ///< `distinct`: half of the SHA-256 of the value as canonical JSON
  std::string dimensions;  ///< values of the dimensions in their order, as a JSON array of strings and nulls
};

}  // namespace tollgate::metering
