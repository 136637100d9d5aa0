#pragma once

#include "catalog/meter.h"
#include "control/context.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tollgate::control {

// The routes of S10 under `meters`.
Response create_meter(Context& context);
Response list_meters(Context& context);
Response get_meter(Context& context);
/// Name, description and dimensions; what decides how usage is counted stays as it is (S3.2).
Response update_meter(Context& context);
Response delete_meter(Context& context);
/// Usage of one or more subscriptions from their ledgers (S3.3).
Response query_meter(Context& context);

/// The meter's definition by its id or slug.
std::optional<catalog::Meter> find_meter(Sql& sql, std::string_view id_or_slug);
/// All meters that count events of a type; none where nobody does.
std::vector<catalog::Meter> meters_of_type(Sql& sql, std::string_view event_type);

}  // namespace tollgate::control
