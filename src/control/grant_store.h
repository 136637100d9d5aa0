#pragma once

#include "billing/credits.h"
#include "control/context.h"
#include "control/list.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// Prepaid usage of one feature on one subscription (S7.10), given by hand or bought as part of a pack. Nothing of it
/// changes but what was voided and, when it moves along with a change of plan, what was used on subscriptions before.
struct StoredGrant {
  std::string id;
  std::string subscription_id;
  std::string feature_key;
  std::optional<std::string> name;
  std::optional<std::string> plan_id;     ///< the pack; none of one that was given
  std::optional<std::string> invoice_id;  ///< that bills the pack, where it costs something
  Quantity amount;                        ///< > 0
  Quantity voided;                        ///< taken back before it was used
  Quantity used_before;                   ///< on the subscriptions that it came along from
  std::int32_t priority = 0;              ///< 0 to `limits::kMaxGrantPriority`
  Instant effective_at;
  std::optional<Instant> expires_at;
  Instant created_at;

  /// As it is burned down on its subscription.
  billing::Grant burnable() const {
    return {id, amount.minus(voided).minus(used_before), priority, effective_at, expires_at};
  }
};

void insert_grant(Sql& sql, const StoredGrant& grant);
std::optional<StoredGrant> find_grant(Sql& sql, std::string_view subscription_id, std::string_view id);
/// Of a subscription, oldest first; of one feature only where that is given.
std::vector<StoredGrant> grants_of(Sql& sql, std::string_view subscription_id,
                                   std::optional<std::string_view> feature_key = std::nullopt);
/// A page of them, oldest first, and how many there are.
std::vector<StoredGrant> page_of_grants(Sql& sql, std::string_view subscription_id, const Page& page);
std::int64_t count_grants(Sql& sql, std::string_view subscription_id);
void void_grant(Sql& sql, std::string_view id, Quantity voided);
/// It goes on on another subscription.
void move_grant(Sql& sql, std::string_view id, std::string_view subscription_id, Quantity used_before);
/// The next instant after `now` at which one of the subscription's grants begins or expires.
std::optional<Instant> next_grant_bound(Sql& sql, std::string_view subscription_id, Instant now);
/// Whether the subscription has grants that can still be used at `at` or later.
bool has_lasting_grants(Sql& sql, std::string_view subscription_id, Instant at);

/// The grant as a value; `remaining` is what can still be used of it.
void write_grant(JsonWriter& to, const StoredGrant& grant, std::optional<Quantity> remaining);

}  // namespace tollgate::control
