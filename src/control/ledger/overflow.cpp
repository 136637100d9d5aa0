#include "control/ledger/overflow.h"

#include "control/ledger/rollups.h"
#include "json/measurement.h"

#include <utility>

namespace tollgate::control {
namespace {

using metering::Grain;

/// What one event adds to one rollup.
struct Addition {
  RollupKey key;
  metering::Aggregate aggregate;
};

/// Only sums overflow.
std::vector<Addition> additions_of(const Incoming& incoming, const KnownMeasures& measures, Instant now) {
  std::vector<Addition> additions;
  const metering::Event& event = incoming.event;
  const Instant time = event.time.value_or(now);
  for (const KnownMeasure& known : measures.all()) {
    if (event.type != known.measure.event_type || known.measure.kind != metering::MeasureKind::number) continue;
    Violations ignored;
    const auto measurement = json::measure(event.source, incoming.data, known.measure, incoming.path, ignored);
    if (!measurement.has_value()) continue;
    for (const Grain grain : {Grain::minute, Grain::hour, Grain::day}) {
      additions.push_back(
          {{known.key, grain, metering::rollup_start(grain, time), event.subject, measurement->dimensions},
           aggregate_of(known.measure.kind, event, time, *measurement)});
    }
  }
  return additions;
}

/// Adds all of them, or none where one does not fit.
bool add_all(std::map<RollupKey, metering::Aggregate>& rollups, const std::vector<Addition>& additions) {
  std::vector<std::pair<metering::Aggregate*, metering::Aggregate>> sums;
  for (const Addition& addition : additions) {
    metering::Aggregate& rollup = rollups[addition.key];
    sums.emplace_back(&rollup, rollup);
    if (!sums.back().second.merge(addition.aggregate)) return false;
  }
  for (auto& [rollup, sum] : sums) *rollup = std::move(sum);
  return true;
}

}  // namespace

std::vector<const Incoming*> overflowing_events(Sql& sql, const KnownMeasures& measures,
                                                const std::vector<const Incoming*>& events, Instant now) {
  std::vector<std::vector<Addition>> additions;
  std::map<RollupKey, metering::Aggregate> rollups;
  for (const Incoming* incoming : events) {
    for (const Addition& addition : additions.emplace_back(additions_of(*incoming, measures, now))) {
      rollups.try_emplace(addition.key);
    }
  }
  std::vector<const Incoming*> overflowing;
  if (!merge_stored_rollups(sql, rollups)) return events;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!add_all(rollups, additions[i])) overflowing.push_back(events[i]);
  }
  return overflowing;
}

}  // namespace tollgate::control
