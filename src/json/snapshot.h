#pragma once

#include "json/reader.h"
#include "policy/names.h"
#include "policy/snapshot.h"

#include <cstddef>
#include <string_view>

namespace tollgate::json {

/// Whose snapshot is expected, and by whom.
struct SnapshotReader {
  const NameTable& names;     ///< entitlements under other names are left out
  std::string_view instance;  ///< whose high-water mark counts (S5)
  std::string_view bucket;    ///< empty: any
  std::string_view digest;    ///< 64 hexadecimal digits, of the key that was asked about; empty: any
};

/// Reads a subscription snapshot (S2.5, S4.1). Unknown members are ignored, `null` is the same as absent. Entitlements
/// that are of an unknown type, that are given twice, or that are too many, are left out and counted. False for
/// anything that is not a snapshot of this key and bucket: the control plane then counts as down (S4.4). Texts in
/// `snapshot` live until the reader opens another document. `text` must have `kPadding` bytes behind it.
bool read_snapshot(Reader& reader, const char* text, std::size_t length, const SnapshotReader& expected,
                   Snapshot& snapshot);

}  // namespace tollgate::json
