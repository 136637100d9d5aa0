#include "control/ledger/events.h"

namespace tollgate::control {
namespace {

/// An event has up to 8 KiB of data.
constexpr int kPageEvents = 200;

}  // namespace

EventReader::EventReader(Sql& sql, std::string_view type, Period period) : sql_(sql), type_(type), period_(period) {}

bool EventReader::next(metering::Event& event) {
  if (index_ == page_.size()) {
    page_ = sql_.query(
        "SELECT source, id, subject, time_ms, data FROM events WHERE type = ? AND time_ms < ?"
        " AND (time_ms, source, id) > (?, ?, ?) ORDER BY time_ms, source, id LIMIT ?",
        type_, period_.to, period_.from, source_, id_, kPageEvents);
    index_ = 0;
    if (page_.empty()) return false;
  }
  const Row row = page_.at(index_++);
  event.type = type_;
  event.source = row.text(0);
  event.id = row.text(1);
  event.subject = row.text(2);
  event.time = row.instant(3);
  event.data = row.text(4);
  source_ = event.source;
  id_ = event.id;
  period_.from = *event.time;
  // An event without data has an empty text, which is no document and leaves the value absent.
  static_cast<void>(data_.parse(event.data));
  return true;
}

}  // namespace tollgate::control
