#include "control/ledger/measures.h"

#include "base/sha256.h"
#include "control/ledger/events.h"
#include "control/ledger/rollups.h"
#include "json/measurement.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// Half of a SHA-256: short enough to stand in every row, and nobody finds two definitions that share it.
std::string key_of(const std::string& definition) {
  char digits[Digest::kHexLength];
  sha256(definition).write_hex(digits);
  return std::string(digits, Digest::kHexLength / 2);
}

constexpr int kEventsPerFlush = 1000;

}  // namespace

KnownMeasures::KnownMeasures(Sql& sql) : sql_(sql) {
  const Rows rows = sql_.query("SELECT key, definition FROM measures ORDER BY key");
  for (const Row row : rows) {
    json::Document definition;
    if (!definition.parse(row.text(1)).ok()) continue;
    measures_.push_back({std::string(row.text(0)), json::read_measure(definition.root())});
  }
}

std::optional<std::size_t> KnownMeasures::require(const metering::Measure& measure) {
  const std::string definition = json::write_measure(measure);
  const std::string key = key_of(definition);
  const auto found =
      std::find_if(measures_.begin(), measures_.end(), [&](const KnownMeasure& m) { return m.key == key; });
  if (found != measures_.end()) return static_cast<std::size_t>(found - measures_.begin());
  sql_.exec("INSERT INTO measures (key, definition) VALUES (?, ?)", key, definition);
  measures_.push_back({key, measure});
  if (!work_out(measures_.back())) return std::nullopt;
  return measures_.size() - 1;
}

bool KnownMeasures::work_out(const KnownMeasure& known) {
  EventReader reader(sql_, known.measure.event_type, {kFirstInstant, kLastInstant});
  RollupBatch batch;
  metering::Event event;
  for (int count = 1; reader.next(event); ++count) {
    // Events came before the meter, so they need not fit it; those that do not are not its business.
    Violations ignored;
    const auto measurement = json::measure(event.source, reader.data(), known.measure, "", ignored);
    if (!measurement.has_value()) continue;
    if (!batch.add(known.key, known.measure.kind, event, *event.time, *measurement)) return false;
    if (count % kEventsPerFlush == 0 && !batch.flush(sql_)) return false;
  }
  return batch.flush(sql_);
}

}  // namespace tollgate::control
