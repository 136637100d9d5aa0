#pragma once

#include "control/http/context.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// One of the bucket's settings.
struct Setting {
  std::string_view name;  ///< a constant
  std::string value;      ///< JSON
};
/// All four, with the defaults of those that nobody has set.
std::vector<Setting> all_settings(Sql& sql);
/// Reads a body that sets some of them, at least one.
std::vector<Setting> read_settings(json::Value body, Violations& violations);
/// Stores them; the others are kept. The grace days show on snapshots, which are then written again.
void store_settings(Context& context, const std::vector<Setting>& settings);

// The routes of S10 under `monetization-configuration`.
Response get_configuration(Context& context);
Response put_configuration(Context& context);
Response delete_configuration(Context& context);

/// Whether a customer may have several subscriptions in effect (S7.7).
bool multiple_subscriptions_enabled(Sql& sql);
/// Keys of plans from the lowest to the highest (S7.7).
std::vector<std::string> plan_order(Sql& sql);
/// The bucket's days of grace (S2.4).
std::int64_t bucket_overdue_days(Sql& sql);

}  // namespace tollgate::control
