#pragma once

#include "catalog/feature.h"
#include "control/context.h"
#include "control/feature_lookup.h"
#include "control/list.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// Reads a body that creates a feature; that its meter is there is for `check_feature` to say.
catalog::Feature read_feature(json::Value body, Violations& violations);
/// Writes the same members into an object that is open.
void write_feature_members(JsonWriter& to, const catalog::Feature& feature);
/// Refuses a feature whose meter is not there.
void check_feature(const FeatureLookup& lookup, const catalog::Feature& feature, Violations& violations);

/// The feature that is in use under a key, not archived.
std::optional<catalog::Feature> find_feature(Sql& sql, std::string_view key);
/// The same, archived ones too: what a published plan means by a key. The newest counts.
std::optional<catalog::Feature> find_feature_ever(Sql& sql, std::string_view key);
std::vector<catalog::Feature> features_in_use(Sql& sql);
/// Of a row that begins with the columns key, name, meter_slug, metadata.
catalog::Feature feature_from(Row row);

/// Adds a feature whose key no other in use has; its id.
std::string insert_feature(Context& context, const catalog::Feature& feature);

}  // namespace tollgate::control
