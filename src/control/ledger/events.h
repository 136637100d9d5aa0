#pragma once

#include "calendar/period.h"
#include "control/port/sql.h"
#include "json/document.h"
#include "metering/event.h"

#include <string>
#include <string_view>

namespace tollgate::control {

/// Reads the events of one type and period in the order of time, source and id, a page at a time, so that memory stays
/// bounded however many there are.
class EventReader {
 public:
  EventReader(Sql& sql, std::string_view type, Period period);

  /// The next event, its time set; false after the last one. `data()` is its data, parsed, until the next call.
  bool next(metering::Event& event);
  json::Value data() const { return data_.root(); }

 private:
  Sql& sql_;
  std::string type_;
  Period period_;
  Rows page_;
  std::size_t index_ = 0;
  std::string source_;  ///< with `id_` and `period_.from`: the event that was read last
  std::string id_;
  json::Document data_;
};

}  // namespace tollgate::control
