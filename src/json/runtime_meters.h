#pragma once

#include "base/text_buffer.h"
#include "json/reader.h"
#include "policy/runtime_meters.h"

#include <cstddef>

namespace tollgate::json {

/// Reads a runtime map as `write_runtime_meters` wrote it: `{key: {"value": number, "replaces": bool}}`. New keys are
/// made known to `names`. False with a sentence in `problem` for anything else.
bool read_runtime_meters(Reader& reader, const char* text, std::size_t length, NameTable& names, RuntimeMeters& meters,
                         TextBuffer& problem);

/// Applies `{"state": map or null, "set": {key: number}}`, or `"add"` instead of `"set"` (S2.6). False with a sentence
/// that names key, value and rule; `meters` is then of no use.
bool apply_meter_change(Reader& reader, const char* text, std::size_t length, NameTable& names, RuntimeMeters& meters,
                        TextBuffer& problem);

void write_runtime_meters(const RuntimeMeters& meters, const NameTable& names, TextBuffer& to);

}  // namespace tollgate::json
