#pragma once

#include "control/port/sql.h"
#include "metering/aggregate.h"
#include "metering/event.h"
#include "metering/measure.h"
#include "metering/window.h"

#include <compare>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace tollgate::control {

/// Which rollup: the primary key of `rollups`.
struct RollupKey {
  std::string_view measure;  ///< key of the measure, owned by whoever adds it
  metering::Grain grain = metering::Grain::minute;
  Instant start;
  std::string subject;
  std::string dimensions;

  friend auto operator<=>(const RollupKey&, const RollupKey&) = default;
};

/// What a number of new events add to the rollups: collected in memory, so that a batch costs one read and one write
/// for all rollups that it touches, not for each event.
class RollupBatch {
 public:
  /// `measure` must live until `flush`. False when the sum would overflow (M9): the batch is then to be dropped.
  bool add(std::string_view measure, metering::MeasureKind kind, const metering::Event& event, Instant time,
           const metering::Measurement& measurement);

  /// Adds everything to the database and empties the batch. False as above; the request is to be refused, which rolls
  /// back.
  bool flush(Sql& sql);

 private:
  bool roll_up();
  void write_rollups(Sql& sql) const;
  void write_distinct(Sql& sql) const;

  std::map<RollupKey, metering::Aggregate> rollups_;
  std::set<std::pair<RollupKey, std::string>> distinct_;
};

/// Merges what the database has of these rollups into them. False when a sum would overflow.
bool merge_stored_rollups(Sql& sql, std::map<RollupKey, metering::Aggregate>& rollups);

/// What one event comes to.
metering::Aggregate aggregate_of(metering::MeasureKind kind, const metering::Event& event, Instant time,
                                 const metering::Measurement& measurement);

/// The aggregate in the columns `count, sum, min, max, latest, latest_ms, latest_id, latest_source`, from `column` on.
metering::Aggregate read_aggregate(const Row& row, std::size_t column);

/// The column `grain_minutes`.
std::int64_t minutes(metering::Grain grain);

/// How `distinct_values` and ledgers among themselves write a digest: 32 hexadecimal digits.
std::string hex(Hash128 digest);
Hash128 digest_from_hex(std::string_view text);

}  // namespace tollgate::control
