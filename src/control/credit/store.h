#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"
#include "invoice/purse.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

// Credits belong to a subscription and go along when it is changed. They are used oldest first, until nothing is left.

/// What the subscription has in its plan's currency. Credits that would add up to more than an amount wait until the
/// others are used.
invoice::Credits credits_of(Sql& sql, const StoredSubscription& subscription);
/// Where a credit comes from.
struct CreditSource {
  invoice::CreditKind kind = invoice::CreditKind::change;
  std::string invoice_id;  ///< that billed the fees which are given back, or came to less than 0
  std::string origin;      ///< invoice/origin.h
};
/// Nothing for an amount of 0.
void grant_credit(Context& context, std::string_view subscription_id, money::Amount amount, const CreditSource& source);
/// Takes what an invoice uses of what `credits_of` gave, each credit once.
void use_credits(Sql& sql, std::string_view invoice_id, const std::vector<invoice::CreditUse>& uses);
/// The invoice is void: what it used can be used again.
void give_credits_back(Sql& sql, std::string_view invoice_id);
/// Invoices that use some of the credits that come from an invoice: their numbers, of drafts their ids; empty where
/// none does.
std::string users_of_credits_from(Sql& sql, std::string_view invoice_id);
/// The invoice is void: what it carried on is no more, nor what was given back of fees on it. Nobody may be using it.
void revoke_credits_from(Sql& sql, std::string_view invoice_id);
/// What is left in the currency of both goes to the subscription that takes the other one's place.
void move_credits(Sql& sql, const StoredSubscription& from, const StoredSubscription& to);

}  // namespace tollgate::control
