#pragma once

#include "wasm/edge_abi.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace tollgate::fuzz {

/// A property that must hold for every input: ends the run, and libFuzzer keeps the input.
inline void require(bool holds, const char* property = nullptr) {
  if (holds) return;
  if (property != nullptr) std::fprintf(stderr, "ERROR: not so: %s\n", property);
  std::abort();
}

/// The module's native build, started and configured.
class Edge {
 public:
  Edge() : mailbox(*tg_mailbox()) {}

  void start() {
    std::memset(input(), 7, 32);
    require(tg_init() == 0);
  }
  std::int32_t configure(std::string_view policies, std::uint32_t key_format = TG_KEY_ANY) {
    return tg_configure(put(policies), key_format);
  }
  /// Puts at most what fits, and returns how much that is.
  std::uint32_t put(std::string_view text) {
    return static_cast<std::uint32_t>(text.copy(input(), mailbox.input_capacity));
  }
  std::string_view output(std::int32_t length) const {
    require(length >= 0 && static_cast<std::uint32_t>(length) <= mailbox.output_capacity);
    return {reinterpret_cast<const char*>(mailbox.output), static_cast<std::size_t>(length)};
  }
  std::string_view sentence() const { return reinterpret_cast<const char*>(mailbox.output); }

  tg_mailbox_t& mailbox;

 private:
  char* input() { return reinterpret_cast<char*>(mailbox.input); }
};

}  // namespace tollgate::fuzz
