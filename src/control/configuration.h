#pragma once

#include "control/context.h"

#include <cstdint>

namespace tollgate::control {

// The routes of S10 under `monetization-configuration`.
Response get_configuration(Context& context);
Response put_configuration(Context& context);
Response delete_configuration(Context& context);

/// Whether a customer may have several subscriptions in effect (S7.7).
bool multiple_subscriptions_enabled(Sql& sql);
/// The bucket's days of grace (S2.4).
std::int64_t bucket_overdue_days(Sql& sql);

}  // namespace tollgate::control
