#pragma once

#include "json/reader.h"
#include "policy/names.h"
#include "policy/snapshot.h"

#include <cstddef>

namespace tollgate::json {

/// Reads a subscription snapshot (S2.5, S4.1). Entitlements that no policy of the instance names are skipped, unknown
/// members are ignored, `null` is the same as absent. False for anything that is not a snapshot: the control plane then counts as
/// down (S4.4). Texts in `snapshot` live until the reader opens another document. `text` must have `kPadding` bytes behind it.
bool read_snapshot(Reader& reader, const char* text, std::size_t length, const NameTable& names, Snapshot& snapshot);

}  // namespace tollgate::json
