#include "host-bindings/common/identities.h"

#include "base/limits.h"

#include <simdjson.h>

namespace tollgate::host {
namespace {

/// A tag has the place of its record, 1 to `kCachedKeys`, in its low bits.
constexpr std::uint32_t kPlaceMask = 0x1fff;
static_assert(limits::kCachedKeys < kPlaceMask);

}  // namespace

Identities::Identities() : entries_(limits::kCachedKeys + 1) {}

void Identities::put(std::uint32_t tag, std::string_view snapshot) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view subscription;
  if (parser.parse(snapshot.data(), snapshot.size()).get(document) != simdjson::SUCCESS ||
      document["id"].get(subscription) != simdjson::SUCCESS) {
    return;
  }
  std::string_view consumer = subscription;
  // A key without a consumer leaves the subscription's id there.
  static_cast<void>(document["consumer"].get(consumer));
  entries_[(tag & kPlaceMask) % entries_.size()] = {tag, {std::string(consumer), std::string(subscription)}};
}

const Identity* Identities::find(std::uint32_t tag) const {
  const Entry& entry = entries_[(tag & kPlaceMask) % entries_.size()];
  return tag != 0 && entry.tag == tag ? &entry.identity : nullptr;
}

}  // namespace tollgate::host
