#pragma once

#include "catalog/feature.h"
#include "control/context.h"

#include <optional>
#include <string_view>

namespace tollgate::control {

// The routes of S10 under `features`. A feature is never updated; archiving frees its key for another one.
Response create_feature(Context& context);
Response list_features(Context& context);
Response get_feature(Context& context);
Response archive_feature(Context& context);

/// The feature that is in use under a key, not archived.
std::optional<catalog::Feature> find_feature(Sql& sql, std::string_view key);
/// The same, archived ones too: what a published plan means by a key. The newest counts.
std::optional<catalog::Feature> find_feature_ever(Sql& sql, std::string_view key);

}  // namespace tollgate::control
