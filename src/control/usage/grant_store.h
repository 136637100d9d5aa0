#pragma once

#include "billing/credits.h"
#include "control/http/context.h"
#include "control/http/list.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// Prepaid usage of one feature on one subscription (S7.10), given by hand or bought as part of a pack. Nothing of it
/// changes but what was voided, what is known to be used for good, and where it is: it moves along with a change of
/// plan, and to the invoice that replaces a voided one.
struct StoredGrant {
  std::string id;
  std::string subscription_id;
  std::string feature_key;
  std::optional<std::string> name;
  std::optional<std::string> plan_id;     ///< the pack; none of one that was given
  std::optional<std::string> invoice_id;  ///< that bills the pack, where it costs something
  Quantity amount;                        ///< > 0
  Quantity voided;                        ///< taken back before it was used
  Quantity used_before;                   ///< on subscriptions that it came along from, and before what is settled
  std::int32_t priority = 0;              ///< 0 to `limits::kMaxGrantPriority`
  Instant effective_at;
  std::optional<Instant> expires_at;
  Instant created_at;

  /// What can be burned down: all that is not voided and not used for good.
  Quantity rest() const { return amount.minus(voided).minus(used_before); }
  billing::Grant burnable() const { return {id, rest(), priority, effective_at, expires_at}; }
  /// As much of it was used for good as leaves `remaining`.
  void use_up_to(Quantity remaining) { used_before = amount.minus(voided).minus(remaining); }
};

void insert_grant(Sql& sql, const StoredGrant& grant);
std::optional<StoredGrant> find_grant(Sql& sql, std::string_view subscription_id, std::string_view id);
/// A page of a subscription's, oldest first, and how many there are.
std::vector<StoredGrant> page_of_grants(Sql& sql, std::string_view subscription_id, const Page& page);
std::int64_t count_grants(Sql& sql, std::string_view subscription_id);
/// Those that something can still become of, oldest first; of one feature only where that is given. The others were
/// used up, voided or lost, and no late usage can change that any more: they stay listed, but take part in no balance.
std::vector<StoredGrant> grants_in_use(Sql& sql, std::string_view subscription_id,
                                       std::optional<std::string_view> feature_key = std::nullopt);
std::int64_t count_grants_in_use(Sql& sql, std::string_view subscription_id);
/// Those that an invoice bills, on whatever subscription they are by now.
std::vector<StoredGrant> grants_of_invoice(Sql& sql, std::string_view invoice_id);
/// They are billed by another invoice.
void move_to_invoice(Sql& sql, std::string_view from_invoice_id, std::string_view to_invoice_id);
/// Stores what may change of a grant but its invoice. Where nothing is left to burn down, it is in use no longer.
void update_grant(Sql& sql, const StoredGrant& grant);
/// What is left of it is lost for good.
void retire_grant(Sql& sql, std::string_view id);
/// The next instant after `now` at which one of the subscription's grants in use begins or expires.
std::optional<Instant> next_grant_bound(Sql& sql, std::string_view subscription_id, Instant now);
/// Whether the subscription has grants that can still be used at `at` or later.
bool has_lasting_grants(Sql& sql, std::string_view subscription_id, Instant at);

/// The grant as a value; `remaining` is what can still be used of it.
void write_grant(JsonWriter& to, const StoredGrant& grant, std::optional<Quantity> remaining);

}  // namespace tollgate::control
