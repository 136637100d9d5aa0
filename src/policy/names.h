#pragma once

#include "base/limits.h"
#include "base/text.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate {

/// A meter or entitlement key known to one instance, by number.
using NameId = std::uint8_t;

static_assert(limits::kMaxNames <= 256, "a NameId is a byte");

/// The meter and entitlement keys that an instance knows: those that its configuration names, then those that code sets
/// at run time. Bounded, never shrinks. Only keys in here are kept from a snapshot, which bounds its record.
class NameTable {
 public:
  /// -1 where the name is not known.
  int find(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (view(static_cast<NameId>(i)) == name) return static_cast<int>(i);
    }
    return -1;
  }

  /// The number of the name, made known if it was not; -1 when the table is full. 1 to `kMaxNameLength` bytes.
  int intern(std::string_view name) {
    if (const int known = find(name); known >= 0) return known;
    if (count_ == limits::kMaxNames) return -1;
    Name& entry = names_[count_];
    entry.length = static_cast<std::uint8_t>(name.copy(entry.text, limits::kMaxNameLength));
    return static_cast<int>(count_++);
  }

  std::string_view view(NameId id) const { return {names_[id].text, names_[id].length}; }
  std::size_t size() const { return count_; }

 private:
  struct Name {
    std::uint8_t length;
    char text[limits::kMaxNameLength];
  };
  std::array<Name, limits::kMaxNames> names_{};
  std::size_t count_ = 0;
};

/// What a meter or entitlement key may be: 1 to `kMaxNameLength` bytes without control characters. The catalog is
/// stricter (S7.2); a policy also meters keys that other control planes made.
constexpr bool is_meter_key(std::string_view key) {
  return !key.empty() && key.size() <= limits::kMaxNameLength && !has_control(key);
}

}  // namespace tollgate
