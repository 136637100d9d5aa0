#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

namespace tollgate::bench {

/// A benchmark that cannot go on has no number to show.
[[noreturn]] inline void give_up(const std::string& message) {
  std::cerr << "bench: " << message << '\n';
  std::exit(2);
}

}  // namespace tollgate::bench
