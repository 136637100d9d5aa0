#include "control/ledger/usage.h"

#include "control/ledger/events.h"
#include "control/ledger/rollups.h"
#include "json/measurement.h"

#include <algorithm>
#include <utility>

namespace tollgate::control {
namespace {

using metering::Grain;
using metering::MeasureKind;

constexpr int kPageRows = 1000;

/// Collects rollups and events into the rows of the query.
class Collector {
 public:
  Collector(const KnownMeasure& known, const MeterQuery& query, std::string_view subscription, UsageTable& table)
      : known_(known), query_(query), subscription_(subscription), table_(table) {
    for (std::size_t i = 0; i < known.measure.dimensions.size(); ++i) {
      if (std::binary_search(query.dimensions.begin(), query.dimensions.end(), known.measure.dimensions[i].name)) {
        chosen_.push_back(i);
      }
    }
  }

  /// Whether a rollup lies within one window. One that does not is noted, to be read at a finer grain. All rollups of a
  /// span are asked about in the order of time.
  bool takes(Instant start, Grain grain) {
    const Period rollup{start, {start.ms + metering::width_ms(grain)}};
    const bool fits = !query_.window_size.has_value() || rollup.to <= window_at(start).to;
    // Between two that follow each other without one that was taken, there is no usage.
    if (!fits && follows_divided_) divided_.back().to = rollup.to;
    if (!fits && !follows_divided_) divided_.push_back(rollup);
    follows_divided_ = !fits;
    return fits;
  }
  /// The stretches of what was not taken since the last call, in the order of time.
  std::vector<Period> take_divided() {
    follows_divided_ = false;
    return std::exchange(divided_, {});
  }

  bool add(Instant start, std::string_view subject, std::string_view dimensions, const Usage& usage) {
    if (!query_.subjects.empty() && !std::binary_search(query_.subjects.begin(), query_.subjects.end(), subject)) {
      return true;
    }
    UsageKey key;
    key.window_start = window_start(start);
    if (query_.by_subject) key.subject = subject;
    if (query_.by_subscription) key.subscription = subscription_;
    key.dimensions = chosen(dimensions);
    return table_[std::move(key)].merge(usage);
  }

 private:
  const Period& window_at(Instant at) {
    if (!window_.contains(at)) window_ = metering::window_containing(*query_.window_size, query_.time_zone, at);
    return window_;
  }

  /// Windows at both ends of the span are cut off by it.
  Instant window_start(Instant at) {
    if (!query_.window_size.has_value()) return query_.period.from;
    return std::max(query_.period.from, window_at(at).from);
  }

  /// The array without the dimensions that the query does not break down by.
  std::string chosen(std::string_view dimensions) const {
    if (chosen_.size() == known_.measure.dimensions.size()) return std::string(dimensions);
    if (chosen_.empty()) return "[]";
    json::Document document;
    static_cast<void>(document.parse(dimensions));
    json::Text text;
    json::Writer<json::Text> to(text);
    to.begin_array();
    for (const std::size_t index : chosen_) json::write(to, document.root().element(index));
    to.end_array();
    return text.take();
  }

  const KnownMeasure& known_;
  const MeterQuery& query_;
  std::string_view subscription_;
  UsageTable& table_;
  std::vector<std::size_t> chosen_;  ///< places of the query's dimensions among the measure's
  Period window_;                    ///< the one that was looked up last
  std::vector<Period> divided_;
  bool follows_divided_ = false;
};

/// Where the next page goes on: after the row that was read last.
struct Cursor {
  Instant start;
  std::string subject;  ///< no subject is empty, so a page after (`from`, "", "") begins with the span
  std::string dimensions;
  std::string digest;  ///< of distinct values only
};

/// Visits the rows of all pages that `query` gives for one cursor after the other. False as soon as `visit` is.
template <class Query, class Visit>
bool read_pages(Instant from, Query query, Visit visit) {
  Cursor after{from, {}, {}, {}};
  while (true) {
    const Rows page = query(after);
    for (const Row row : page) {
      if (!visit(row)) return false;
    }
    if (page.size() < kPageRows) return true;
    const Row last = page.at(page.size() - 1);
    after = {last.instant(0), std::string(last.text(1)), std::string(last.text(2)), std::string(last.text(3))};
  }
}

bool read_rollups(Sql& sql, const std::string& measure, const metering::Span& span, Collector& collector) {
  return read_pages(
      span.period.from,
      [&](const Cursor& after) {
        return sql.query(
            "SELECT start_ms, subject, dimensions, count, sum, min, max, latest, latest_ms, latest_id, latest_source"
            " FROM rollups WHERE measure = ? AND grain_minutes = ? AND start_ms < ?"
            " AND (start_ms, subject, dimensions) > (?, ?, ?) ORDER BY start_ms, subject, dimensions LIMIT ?",
            measure, minutes(span.grain), span.period.to, after.start, after.subject, after.dimensions, kPageRows);
      },
      [&](Row row) {
        if (!collector.takes(row.instant(0), span.grain)) return true;
        Usage usage;
        usage.aggregate = read_aggregate(row, 3);
        return collector.add(row.instant(0), row.text(1), row.text(2), usage);
      });
}

bool read_distinct(Sql& sql, const std::string& measure, const metering::Span& span, Collector& collector) {
  return read_pages(
      span.period.from,
      [&](const Cursor& after) {
        return sql.query(
            "SELECT start_ms, subject, dimensions, digest FROM distinct_values"
            " WHERE measure = ? AND grain_minutes = ? AND start_ms < ?"
            " AND (start_ms, subject, dimensions, digest) > (?, ?, ?, ?)"
            " ORDER BY start_ms, subject, dimensions, digest LIMIT ?",
            measure, minutes(span.grain), span.period.to, after.start, after.subject, after.dimensions, after.digest,
            kPageRows);
      },
      [&](Row row) {
        if (!collector.takes(row.instant(0), span.grain)) return true;
        Usage usage;
        usage.distinct.insert(digest_from_hex(row.text(3)));
        return collector.add(row.instant(0), row.text(1), row.text(2), usage);
      });
}

bool read_events(Sql& sql, const metering::Measure& measure, Period period, Collector& collector) {
  EventReader reader(sql, measure.event_type, period);
  metering::Event event;
  while (reader.next(event)) {
    Violations ignored;
    const auto measurement = json::measure(event.source, reader.data(), measure, "", ignored);
    if (!measurement.has_value()) continue;
    Usage usage;
    if (measure.kind == MeasureKind::distinct) {
      usage.distinct.insert(measurement->distinct);
    } else {
      usage.aggregate = aggregate_of(measure.kind, event, *event.time, *measurement);
    }
    if (!collector.add(*event.time, event.subject, measurement->dimensions, usage)) return false;
  }
  return true;
}

bool read_span(Sql& sql, const KnownMeasure& known, const metering::Span& span, Collector& collector) {
  if (span.grain == Grain::event) return read_events(sql, known.measure, span.period, collector);
  const bool ok = known.measure.kind == MeasureKind::distinct ? read_distinct(sql, known.key, span, collector)
                                                              : read_rollups(sql, known.key, span, collector);
  if (!ok) return false;
  for (const Period& divided : collector.take_divided()) {
    if (!read_span(sql, known, {metering::finer(span.grain), divided}, collector)) return false;
  }
  return true;
}

}  // namespace

bool read_usage(Sql& sql, const KnownMeasure& known, const MeterQuery& query, std::string_view subscription,
                UsageTable& table) {
  Collector collector(known, query, subscription, table);
  const Grain coarsest = query.window_size.has_value() ? metering::coarsest_within(*query.window_size) : Grain::day;
  for (const metering::Span& span : metering::split(query.period, coarsest)) {
    if (!read_span(sql, known, span, collector)) return false;
  }
  return true;
}

}  // namespace tollgate::control
