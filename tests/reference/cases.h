#pragma once

#include <iostream>
#include <string_view>

namespace tollgate::reference {

/// How many random cases a comparison runs: all of them in an optimised build, a hundredth under sanitizers, which look
/// at every step of each.
constexpr int cases(int all) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return all / 100;
#endif
#endif
  return all;
}

/// Says how many there were; a comparison that quietly ran none would prove nothing.
inline void report_cases(std::string_view what, long count) {
  std::cerr << what << ": " << count << " random cases agree with the reference\n";
}

}  // namespace tollgate::reference
