#pragma once

#include "control/port/sql.h"
#include "metering/measure.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tollgate::control {

/// A measure and its key in `measures` and `rollups`.
struct KnownMeasure {
  std::string key;
  metering::Measure measure;
};

/// The measures of which this ledger keeps rollups. Every one of them is kept up for every event, so that rollups are
/// always complete; one that is asked for first after events have come is worked out from those.
class KnownMeasures {
 public:
  explicit KnownMeasures(Sql& sql);

  /// The measure's place in `all()`. Nothing when a sum overflows while it is worked out (M9).
  std::optional<std::size_t> require(const metering::Measure& measure);

  /// References into it hold until the next `require`.
  std::span<const KnownMeasure> all() const { return measures_; }

 private:
  bool work_out(const KnownMeasure& known);

  Sql& sql_;
  std::vector<KnownMeasure> measures_;
};

}  // namespace tollgate::control
