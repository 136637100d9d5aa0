#include "control/ledger/rollups.h"

#include "control/port/statement_json.h"

#include <vector>

namespace tollgate::control {
namespace {

using metering::Aggregate;
using metering::Grain;
using metering::MeasureKind;

using JsonWriter = json::Writer<json::Text>;

void write_key(JsonWriter& to, const RollupKey& key) {
  to.value(key.measure);
  to.value(minutes(key.grain));
  to.value(key.start.ms);
  to.value(std::string_view(key.subject));
  to.value(std::string_view(key.dimensions));
}

/// Decimals cross as text: SQLite would read a number as binary floating point.
void write_decimal(JsonWriter& to, Quantity quantity) {
  char text[Quantity::kMaxText];
  to.value(std::string_view(text, quantity.write(text)));
}

void write_aggregate(JsonWriter& to, const Aggregate& aggregate) {
  to.value(aggregate.count);
  if (aggregate.totals.has_value()) {
    write_decimal(to, aggregate.totals->sum);
    write_decimal(to, aggregate.totals->min);
    write_decimal(to, aggregate.totals->max);
  } else {
    for (int column = 0; column < 3; ++column) to.null();
  }
  if (!aggregate.latest.has_value()) return;  // the columns that the array does not reach are null
  write_decimal(to, aggregate.latest->value);
  to.value(aggregate.latest->time.ms);
  to.value(std::string_view(aggregate.latest->id));
  to.value(std::string_view(aggregate.latest->source));
}

}  // namespace

bool RollupBatch::add(std::string_view measure, MeasureKind kind, const metering::Event& event, Instant time,
                      const metering::Measurement& measurement) {
  RollupKey key{measure, Grain::minute, metering::rollup_start(Grain::minute, time), event.subject,
                measurement.dimensions};
  if (kind == MeasureKind::distinct) {
    distinct_.emplace(std::move(key), hex(measurement.distinct));
    return true;
  }
  return rollups_[std::move(key)].merge(aggregate_of(kind, event, time, measurement));
}

bool RollupBatch::flush(Sql& sql) {
  if (!roll_up() || !merge_stored_rollups(sql, rollups_)) return false;
  write_rollups(sql);
  write_distinct(sql);
  rollups_.clear();
  distinct_.clear();
  return true;
}

bool RollupBatch::roll_up() {
  std::map<RollupKey, Aggregate> coarser;
  std::set<std::pair<RollupKey, std::string>> coarser_distinct;
  for (const Grain grain : {Grain::hour, Grain::day}) {
    const auto coarsened = [&](RollupKey key) {
      key.grain = grain;
      key.start = metering::rollup_start(grain, key.start);
      return key;
    };
    for (const auto& [key, aggregate] : rollups_) {
      if (!coarser[coarsened(key)].merge(aggregate)) return false;
    }
    for (const auto& [key, digest] : distinct_) coarser_distinct.emplace(coarsened(key), digest);
  }
  rollups_.merge(coarser);
  distinct_.merge(coarser_distinct);
  return true;
}

void RollupBatch::write_rollups(Sql& sql) const {
  for_each_json_array(
      rollups_,
      [](JsonWriter& to, const auto& entry) {
        write_key(to, entry.first);
        write_aggregate(to, entry.second);
      },
      [&](const std::string& rows, std::size_t) {
        sql.exec(
            "INSERT OR REPLACE INTO rollups SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,"
            " value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12"
            " FROM json_each(?)",
            rows);
      });
}

void RollupBatch::write_distinct(Sql& sql) const {
  for_each_json_array(
      distinct_,
      [](JsonWriter& to, const auto& entry) {
        write_key(to, entry.first);
        to.value(std::string_view(entry.second));
      },
      [&](const std::string& rows, std::size_t) {
        sql.exec(
            "INSERT OR IGNORE INTO distinct_values SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3,"
            " value ->> 4, value ->> 5 FROM json_each(?)",
            rows);
      });
}

bool merge_stored_rollups(Sql& sql, std::map<RollupKey, metering::Aggregate>& rollups) {
  std::vector<std::pair<const RollupKey, Aggregate>*> added;
  added.reserve(rollups.size());
  for (auto& entry : rollups) added.push_back(&entry);
  bool ok = true;
  for_each_json_array(
      added, [](JsonWriter& to, const auto* entry) { write_key(to, entry->first); },
      [&](const std::string& keys, std::size_t first) {
        const Rows stored = sql.query(
            "SELECT k.key, r.count, r.sum, r.min, r.max, r.latest, r.latest_ms, r.latest_id, r.latest_source"
            " FROM json_each(?) AS k CROSS JOIN rollups AS r"
            " WHERE r.measure = k.value ->> 0 AND r.grain_minutes = k.value ->> 1 AND r.start_ms = k.value ->> 2"
            " AND r.subject = k.value ->> 3 AND r.dimensions = k.value ->> 4",
            keys);
        for (const Row row : stored) {
          ok = added[first + static_cast<std::size_t>(row.number(0))]->second.merge(read_aggregate(row, 1)) && ok;
        }
      });
  return ok;
}

Aggregate aggregate_of(MeasureKind kind, const metering::Event& event, Instant time,
                       const metering::Measurement& measurement) {
  Aggregate one;
  one.count = measurement.count;
  if (kind == MeasureKind::number) one.totals = measurement.totals;
  if (kind == MeasureKind::latest) one.latest = metering::Latest{time, event.id, event.source, measurement.last};
  return one;
}

Aggregate read_aggregate(const Row& row, std::size_t column) {
  Aggregate aggregate;
  aggregate.count = row.number(column);
  if (!row.is_null(column + 1)) {
    aggregate.totals = metering::Totals{row.quantity(column + 1), row.quantity(column + 2), row.quantity(column + 3)};
  }
  if (!row.is_null(column + 4)) {
    aggregate.latest = metering::Latest{row.instant(column + 5), std::string(row.text(column + 6)),
                                        std::string(row.text(column + 7)), row.quantity(column + 4)};
  }
  return aggregate;
}

std::int64_t minutes(Grain grain) { return metering::width_ms(grain) / metering::width_ms(Grain::minute); }

std::string hex(Hash128 digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::uint64_t half : {digest.high, digest.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[half >> shift & 15];
  }
  return text;
}

Hash128 digest_from_hex(std::string_view text) {
  Hash128 digest;
  for (char c : text) {
    const auto nibble = static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    digest.high = digest.high << 4 | digest.low >> 60;
    digest.low = digest.low << 4 | nibble;
  }
  return digest;
}

}  // namespace tollgate::control
