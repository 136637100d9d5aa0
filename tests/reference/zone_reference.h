#pragma once

#include "metering/window.h"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

namespace tollgate::reference {

/// A time zone as the C library reads it from the compiled database itself, file by file. One at a time: it is the
/// process's. Tests run in the root of the checkout.
class ZoneReference {
 public:
  explicit ZoneReference(const std::string& name) {
    const auto folder = std::filesystem::absolute(kPackage) / "zoneinfo";
    BOOST_REQUIRE(std::filesystem::exists(folder / name));
    setenv("TZDIR", folder.c_str(), 1);
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
  }

  /// All names of the database. `Factory` is no place.
  static std::vector<std::string> names() {
    std::ifstream file(std::string(kPackage) + "/zones");
    std::vector<std::string> list;
    for (std::string name; std::getline(file, name);) {
      if (name != "Factory") list.push_back(name);
    }
    BOOST_REQUIRE(list.size() > 500);
    return list;
  }

  std::tm at(std::int64_t seconds) const {
    std::tm local{};
    BOOST_REQUIRE(localtime_r(&seconds, &local) != nullptr);
    return local;
  }
  std::int64_t offset(std::int64_t seconds) const { return at(seconds).tm_gmtoff; }
  /// Year and day of the year.
  std::tuple<int, int> date(std::int64_t seconds) const {
    const std::tm local = at(seconds);
    return {local.tm_year, local.tm_yday};
  }
  /// What clocks show down to the hour or minute, and by which offset.
  std::tuple<long, int, int, int, int> reading(metering::WindowSize size, std::int64_t seconds) const {
    const std::tm local = at(seconds);
    const bool minutes = size == metering::WindowSize::minute;
    return {local.tm_gmtoff, local.tm_year, local.tm_yday, local.tm_hour, minutes ? local.tm_min : 0};
  }

  /// The window that contains an instant, where offsets are whole minutes and no midnight is skipped or comes twice.
  std::int64_t window_start(metering::WindowSize size, std::int64_t ms) const {
    std::int64_t seconds = ms / 60'000 * 60;
    if (size == metering::WindowSize::day || size == metering::WindowSize::month) return midnight(size, seconds, 0);
    while (reading(size, seconds - 60) == reading(size, seconds)) seconds -= 60;
    return seconds * 1000;
  }
  std::int64_t window_end(metering::WindowSize size, std::int64_t ms) const {
    std::int64_t seconds = ms / 60'000 * 60;
    if (size == metering::WindowSize::day || size == metering::WindowSize::month) return midnight(size, seconds, 1);
    while (reading(size, seconds + 60) == reading(size, seconds)) seconds += 60;
    return (seconds + 60) * 1000;
  }

 private:
  std::int64_t midnight(metering::WindowSize size, std::int64_t seconds, int later) const {
    const std::tm local = at(seconds);
    std::tm date{};
    date.tm_year = local.tm_year;
    date.tm_mon = local.tm_mon + (size == metering::WindowSize::month ? later : 0);
    date.tm_mday = size == metering::WindowSize::month ? 1 : local.tm_mday + later;
    date.tm_isdst = -1;
    return std::mktime(&date) * 1000;
  }

  static constexpr const char* kPackage = ".deps/tzdata/tzdata";
};

}  // namespace tollgate::reference
