#pragma once

#include "base/text_buffer.h"
#include "json/reader.h"
#include "policy/policy.h"

#include <cstddef>

namespace tollgate::json {

/// Reads a `policies.json` (S2.1), the bare array or `{"policies": […]}`, into an empty configuration. False when
/// anything in it is wrong: `problem` then holds one sentence that names policy, option, value and rule, and nothing of
/// the configuration may be used. `text` must have `kPadding` bytes behind it.
bool read_policies(Reader& reader, const char* text, std::size_t length, NameTable& names, Configuration& configuration,
                   TextBuffer& problem);

}  // namespace tollgate::json
