#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `POST subscriptions/{id}/top-ups`: takes `{plan: {key, version?}, priority?, expiresAt?}`, a prepaid pack
/// (catalog/pack.h), and adds what it entitles to as grants to the running subscription. Its fee is billed at once, on
/// an invoice of its own (S7.10).
Response create_top_up(Context& context);

}  // namespace tollgate::control
