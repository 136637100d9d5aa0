#pragma once

#include "catalog/feature.h"
#include "control/catalog/configuration.h"
#include "control/catalog/meter_store.h"
#include "control/catalog/plan_store.h"
#include "control/http/context.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// What a bucket sells and by which rules: all that a promotion copies. Who buys, who is invited, drafts, archived
/// features and versions, keys and billing profiles stay where they are.
struct Catalog {
  std::vector<DescribedMeter> meters;
  std::vector<catalog::Feature> features;  ///< in use
  std::vector<PlanVersion> plans;          ///< for sale
  std::vector<Setting> settings;
};

/// The catalog of the bucket that this is.
Catalog read_catalog(Sql& sql);

/// The catalog that another bucket has exported. Nothing where the text is not of that form.
std::optional<Catalog> parse_catalog(std::string_view text);

// Of the host, not of the API.
/// `POST /catalog/export`: answers `{meters, features, plans: [{version, definition}], settings}`, members as bodies
/// that create them have. 413 where that is more than one document may have (`limits::kMaxDocumentBytes`).
Response export_catalog(Context& context);

}  // namespace tollgate::control
