#pragma once

#include "calendar/period.h"

#include <cstdint>
#include <vector>

namespace tollgate::reference {

/// Every day from 1970-01-01 to 2401-12-31, found by turning one page of the calendar after the other.
inline const std::vector<Date>& every_day() {
  static const std::vector<Date> days = [] {
    const int kLength[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    std::vector<Date> list;
    for (int year = 1970; year < 2402; ++year) {
      const bool leap = year % 400 == 0 || (year % 100 != 0 && year % 4 == 0);
      for (int month = 1; month <= 12; ++month) {
        const int length = month == 2 && leap ? 29 : kLength[month - 1];
        for (int day = 1; day <= length; ++day) list.push_back({year, month, day});
      }
    }
    return list;
  }();
  return days;
}

/// The anchor as a place in `every_day` and a time of day.
struct Anchor {
  Date date;
  std::int64_t ms_of_day;

  std::int64_t day() const {
    std::int64_t day = 0;
    while (!(every_day()[static_cast<std::size_t>(day)] == date)) ++day;
    return day;
  }
};

/// Whether the recurrence has a bound on this day (units of days and months): the obvious reading of S8.
inline bool bound_on(const Date& today, const Date& tomorrow, std::int64_t days_from_anchor, const Date& anchor,
                     Cadence cadence) {
  if (cadence.unit == Cadence::Unit::day) return days_from_anchor % cadence.count == 0;
  const int months_from_anchor = (today.year - anchor.year) * 12 + today.month - anchor.month;
  if (months_from_anchor % cadence.count != 0) return false;
  const bool last_of_month = tomorrow.month != today.month;
  return today.day == anchor.day || (last_of_month && today.day < anchor.day);
}

/// All bounds of the recurrence from 1970 to 2401, by looking at every day (every hour, for hours) in turn.
inline std::vector<std::int64_t> period_bounds(const Anchor& anchor, Cadence cadence) {
  constexpr std::int64_t kHour = 3'600'000;
  const std::int64_t anchor_day = anchor.day();
  const std::vector<Date>& days = every_day();
  std::vector<std::int64_t> bounds;
  for (std::int64_t day = 0; day + 1 < static_cast<std::int64_t>(days.size()); ++day) {
    const auto index = static_cast<std::size_t>(day);
    if (cadence.unit == Cadence::Unit::hour) {
      for (std::int64_t hour = 0; hour < 24; ++hour) {
        const std::int64_t hours_from_anchor = (day - anchor_day) * 24 + hour - anchor.ms_of_day / kHour;
        if (hours_from_anchor % cadence.count != 0) continue;
        bounds.push_back(day * kMsPerDay + hour * kHour + anchor.ms_of_day % kHour);
      }
    } else if (bound_on(days[index], days[index + 1], day - anchor_day, anchor.date, cadence)) {
      bounds.push_back(day * kMsPerDay + anchor.ms_of_day);
    }
  }
  return bounds;
}

}  // namespace tollgate::reference
