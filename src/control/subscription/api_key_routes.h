#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 under `subscriptions/{id}/api-keys` (S6.3).
/// Takes `{consumer?, expiresAt?, key?}`; a `key` that was made elsewhere is imported, by admins only. The consumer is
/// that of the subscription's first key by default.
Response create_api_key(Context& context);
Response list_api_keys(Context& context);
/// Revokes a key at once: its KV entry is to be deleted, and the snapshots of the subscription's other keys get a new
/// revision.
Response delete_api_key(Context& context);
/// Takes `{consumer?, transitionSeconds? | expiresAt?}`: makes a new key of a consumer, and has his other keys expire
/// after the transition time, or at a time, or now. A key that expires earlier by itself is left alone.
Response roll_api_keys(Context& context);

}  // namespace tollgate::control
