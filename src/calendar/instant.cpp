#include "calendar/instant.h"

#include "base/divide.h"
#include "base/text.h"

namespace tollgate {
namespace {

constexpr std::int64_t kSecondsPerDay = kMsPerDay / kMsPerSecond;

// Years are counted from the 1st of March, so that a leap day is the last day of its year: the day of the year then
// depends on the month alone, and the calendar repeats every 400 years.
constexpr std::int64_t kDaysPerEra = 146'097;
constexpr std::int64_t kYearsPerEra = 400;
/// Days from 0000-03-01 to 1970-01-01.
constexpr std::int64_t kEpochFromMarch = 719'468;

/// Days before the first of a month, counted from March = 0: months of 31, 30, 31, 30, 31 days, repeated.
constexpr std::int64_t days_before_month(std::int64_t month_from_march) { return (153 * month_from_march + 2) / 5; }

constexpr std::int64_t days_before_year(std::int64_t year_of_era) {
  return year_of_era * 365 + year_of_era / 4 - year_of_era / 100;
}

/// Reads fixed-width numbers and separators from the front; remembers the first thing that was not there.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  std::int32_t digits(std::size_t count) {
    if (text_.size() < count) return failed();
    std::int32_t number = 0;
    for (char c : text_.substr(0, count)) {
      if (!is_digit(c)) return failed();
      number = number * 10 + (c - '0');
    }
    text_.remove_prefix(count);
    return number;
  }
  bool take(char expected) {
    if (text_.empty() || lower(text_.front()) != expected) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char separator) { ok_ = take(separator) && ok_; }
  /// The milliseconds of a fraction of any length; at least one digit.
  std::int32_t fraction() {
    std::int32_t ms = 0;
    std::int32_t weight = 100;
    std::size_t count = 0;
    for (; count < text_.size() && is_digit(text_[count]); ++count, weight /= 10) ms += weight * (text_[count] - '0');
    text_.remove_prefix(count);
    return count > 0 ? ms : failed();
  }
  bool ended() const { return ok_ && text_.empty(); }

 private:
  std::int32_t failed() {
    ok_ = false;
    return 0;
  }

  std::string_view text_;
  bool ok_ = true;
};

char* write_digits(char* to, std::int64_t number, int count) {
  for (int i = count; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
  return to + count;
}

}  // namespace

std::int64_t days_from_date(Date date) {
  const std::int64_t month_from_march = (date.month + 9) % 12;
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  return div_floor(year, kYearsPerEra) * kDaysPerEra + days_before_year(mod_floor(year, kYearsPerEra)) +
         days_before_month(month_from_march) + date.day - 1 - kEpochFromMarch;
}

Date date_from_days(std::int64_t days) {
  const std::int64_t shifted = days + kEpochFromMarch;
  const std::int64_t day_of_era = mod_floor(shifted, kDaysPerEra);
  // Without the leap days before it (one in 4 years, not in 100, again in 400) every year has 365 days.
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / (kDaysPerEra - 1)) / 365;
  const std::int64_t day_of_year = day_of_era - days_before_year(year_of_era);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t month = (month_from_march + 2) % 12 + 1;
  const std::int64_t year = div_floor(shifted, kDaysPerEra) * kYearsPerEra + year_of_era + (month <= 2 ? 1 : 0);
  return {static_cast<std::int32_t>(year), static_cast<std::int32_t>(month),
          static_cast<std::int32_t>(day_of_year - days_before_month(month_from_march) + 1)};
}

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

Result<Instant, InstantError> parse_instant(std::string_view text) {
  Cursor cursor(text);
  Date date;
  date.year = cursor.digits(4);
  cursor.expect('-');
  date.month = cursor.digits(2);
  cursor.expect('-');
  date.day = cursor.digits(2);
  cursor.expect('t');
  const std::int32_t hour = cursor.digits(2);
  cursor.expect(':');
  const std::int32_t minute = cursor.digits(2);
  cursor.expect(':');
  const std::int32_t second = cursor.digits(2);
  const std::int32_t ms = cursor.take('.') ? cursor.fraction() : 0;
  std::int32_t offset_sign = 0;
  std::int32_t offset_hour = 0;
  std::int32_t offset_minute = 0;
  if (!cursor.take('z')) {
    offset_sign = cursor.take('-') ? -1 : 1;
    if (offset_sign > 0) cursor.expect('+');
    offset_hour = cursor.digits(2);
    cursor.expect(':');
    offset_minute = cursor.digits(2);
  }
  if (!cursor.ended()) return fail(InstantError::malformed);

  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month) ||
      hour > 23 || minute > 59 || second > 60 || offset_hour > 23 || offset_minute > 59) {
    return fail(InstantError::out_of_range);
  }
  const std::int64_t seconds = days_from_date(date) * kSecondsPerDay + hour * 3600 + minute * 60 + second -
                               offset_sign * (offset_hour * 3600 + offset_minute * 60);
  // Second 60 exists at the end of a UTC day only, and is counted as the first one of the next day.
  if (second == 60 && mod_floor(seconds, kSecondsPerDay) != 0) return fail(InstantError::out_of_range);
  const Instant at{seconds * kMsPerSecond + ms};
  if (at < kFirstInstant || at > kLastInstant) return fail(InstantError::out_of_range);
  return at;
}

std::size_t write_instant(Instant at, char* to) {
  TOLLGATE_ASSERT(at >= kFirstInstant && at <= kLastInstant);
  const Date date = date_from_days(div_floor(at.ms, kMsPerDay));
  const std::int64_t ms_of_day = mod_floor(at.ms, kMsPerDay);
  const std::int64_t seconds = ms_of_day / kMsPerSecond;
  const std::int64_t ms = ms_of_day % kMsPerSecond;
  char* end = write_digits(to, date.year, 4);
  *end++ = '-';
  end = write_digits(end, date.month, 2);
  *end++ = '-';
  end = write_digits(end, date.day, 2);
  *end++ = 'T';
  end = write_digits(end, seconds / 3600, 2);
  *end++ = ':';
  end = write_digits(end, seconds / 60 % 60, 2);
  *end++ = ':';
  end = write_digits(end, seconds % 60, 2);
  if (ms != 0) {
    *end++ = '.';
    end = write_digits(end, ms, 3);
  }
  *end++ = 'Z';
  return static_cast<std::size_t>(end - to);
}

}  // namespace tollgate
