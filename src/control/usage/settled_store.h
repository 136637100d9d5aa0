#pragma once

#include "billing/prepaid.h"
#include "control/port/sql.h"

#include <optional>
#include <string_view>

namespace tollgate::control {

// How the burn-down of each feature of a subscription stood at an instant before which usage is final (S7.10, M6). What
// was used of the grants by then stands with them (control/usage/grant_store.h).

std::optional<billing::Settled> find_settled(Sql& sql, std::string_view subscription_id, std::string_view feature_key);
/// In place of what was settled before.
void keep_settled(Sql& sql, std::string_view subscription_id, std::string_view feature_key,
                  const billing::Settled& settled);
/// Nothing goes on from it any more.
void forget_settled(Sql& sql, std::string_view subscription_id, std::string_view feature_key);

}  // namespace tollgate::control
