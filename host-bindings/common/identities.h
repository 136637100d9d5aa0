#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::host {

/// Who called: what the API behind a gateway is told.
struct Identity {
  std::string consumer;  ///< the key's consumer; the subscription's id where the key has none
  std::string subscription;
};

/// Who stands behind the records of one instance's cache (S2.5). One place for each record, so that a name lives
/// exactly as long as what it belongs to; the tag tells whether a place still belongs to it (wasm/ABI.md, "A request").
class Identities {
 public:
  Identities();

  /// Keeps what `snapshot`, the text behind the record `tag`, says. Text that says nothing is skipped.
  void put(std::uint32_t tag, std::string_view snapshot);
  /// Null where the record has been replaced.
  const Identity* find(std::uint32_t tag) const;

 private:
  struct Entry {
    std::uint32_t tag = 0;  ///< 0: empty; no record has it
    Identity identity;
  };
  std::vector<Entry> entries_;
};

}  // namespace tollgate::host
