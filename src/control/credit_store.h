#pragma once

#include "control/context.h"
#include "control/invoice_draw.h"
#include "control/subscription_store.h"

#include <cstdint>
#include <string_view>

namespace tollgate::control {

/// Where a credit of money comes from, and so what it may reduce.
enum class CreditKind : std::uint8_t {
  change,   ///< of a change of plan (S7.8): fees in advance
  carried,  ///< of an invoice that came to less than 0: anything
};
inline constexpr std::string_view kCreditKindNames[] = {"change", "carried"};

// Credits belong to a subscription and go along when it is changed. They are used oldest first, until nothing is left.

/// What the subscription has in its plan's currency.
Credits credits_of(Sql& sql, const StoredSubscription& subscription);
/// `source` is the id of the subscription or invoice that it is given for; nothing for an amount of 0.
void grant_credit(Context& context, std::string_view subscription_id, CreditKind kind, std::string_view source,
                  money::Amount amount);
/// Takes what an invoice uses; not more than `credits_of` gave.
void use_credits(Sql& sql, std::string_view invoice_id, std::string_view subscription_id, const Credits& used);
/// The invoice is void: what it used can be used again.
void give_credits_back(Sql& sql, std::string_view invoice_id);
/// The invoice is void: what it carried on is no more. False, with nothing changed, where some of it was used already.
bool revoke_credit(Sql& sql, std::string_view source);
/// What is left in the currency of both goes to the subscription that takes the other one's place.
void move_credits(Sql& sql, const StoredSubscription& from, const StoredSubscription& to);

}  // namespace tollgate::control
