#pragma once

#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"

#include <string>

namespace tollgate::json {

/// Writes a value in the one way that values with this meaning are written: no white space, members sorted by the bytes
/// of their names, numbers as the shortest decimal (`1.50` as `1.5`, `1e3` as `1000`; those that are no `Quantity` keep
/// their digits). Two payloads are the same if and only if their canonical texts are (M2, M4).
void write_canonical(Writer<Text>& to, Value value);
/// The same as a text of its own.
std::string canonical(Value value);

}  // namespace tollgate::json
