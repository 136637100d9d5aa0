#pragma once

#include "control/http/list.h"
#include "control/subscription/store.h"

#include <optional>

namespace tollgate::control {

/// Writes the members that a subscription and its snapshot share (S2.5, S10) into an object that is open.
void write_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now,
                                std::optional<Instant> grace_starts_at = std::nullopt);
/// `paymentStatus` (S2.4); only snapshots tell when grace starts.
void write_payment_status(JsonWriter& to, const StoredSubscription& subscription,
                          std::optional<Instant> grace_starts_at = std::nullopt);
/// The members of a subscription: those and the ones that its snapshots do not have.
void write_whole_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now);
/// The subscription as a value.
void write_subscription(JsonWriter& to, const StoredSubscription& subscription, Instant now);

}  // namespace tollgate::control
