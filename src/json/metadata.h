#pragma once

#include "catalog/metadata.h"
#include "json/object_reader.h"

#include <string_view>

namespace tollgate::json {

/// Reads the optional member `metadata`: an object of texts (a number or a boolean is taken as its text). Days of grace
/// that are not a whole number ≥ 0 are refused here, where they are written (S2.4).
catalog::Metadata read_metadata(ObjectReader& fields);

/// Writes `metadata` into an object that is open; nothing when it is empty.
void write_metadata(Writer<Text>& to, const catalog::Metadata& metadata);

/// The same as a text of its own, for a column, and back.
std::string metadata_text(const catalog::Metadata& metadata);
catalog::Metadata metadata_from(std::string_view text);

}  // namespace tollgate::json
