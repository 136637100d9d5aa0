#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"
#include "control/usage/grant_store.h"
#include "json/object_reader.h"

#include <optional>
#include <string_view>

namespace tollgate::control {

// The routes under `subscriptions/{id}/grants` (S7.10).
/// Takes `{featureKey, amount, priority?, effectiveAt?, expiresAt?, name?}`: prepaid usage of a feature that the
/// subscription has a hard limit on.
Response create_grant(Context& context);
/// Each with what remains of it.
Response list_grants(Context& context);
/// Voids what is left of a grant; what was used of it stays used, and the grant in the list.
Response delete_grant(Context& context);

/// Reads `priority` and `expiresAt`, which whoever makes a grant may give, into one whose beginning is known.
void read_terms(json::ObjectReader& fields, StoredGrant& grant);
/// The subscription that the path names, where it is not over; else the refusal.
std::optional<StoredSubscription> subscription_to_grant(Context& context, Response& refusal);
/// 409 where the subscription cannot have `more` grants.
std::optional<Response> refuse_grants(Context& context, const StoredSubscription& subscription, std::int64_t more);
/// Voids what is left of the grants that an invoice bills, on whatever subscription they are by now. Else, without a
/// ledger's answer, what to answer instead.
std::optional<Response> void_grants_of(Context& context, std::string_view invoice_id);
/// Whether the subscription's phase has a hard limit on the feature, by now or when it begins.
bool can_be_granted(Context& context, const StoredSubscription& subscription, std::string_view feature_key);

}  // namespace tollgate::control
