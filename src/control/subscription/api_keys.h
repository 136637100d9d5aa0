#pragma once

#include "control/bucket/customers.h"
#include "control/http/context.h"
#include "control/http/list.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// A key as its owner sees it once (S6.3, S10).
struct IssuedKey {
  std::string id;
  std::string text;
  std::string consumer;
  Instant created_at;
  std::optional<Instant> expires_at;
};

/// A key to be made for a subscription.
struct KeyOrder {
  std::string consumer;  ///< of at most `limits::kMaxConsumer` characters
  std::optional<Instant> expires_at = {};
  std::optional<std::string> imported = {};  ///< a key made elsewhere, not known here yet
};

/// Makes a key, or takes over an imported one; only its SHA-256 stays here.
IssuedKey issue_api_key(Context& context, std::string_view subscription_id, const KeyOrder& order);

/// Writes `{id, key, consumer, createdAt, expiresAt?}` as a value; without `key` where it must not be shown.
void write_issued_key(JsonWriter& to, const IssuedKey& key, bool shown);

/// The consumer of a customer's first key: his key, or his id where the key is longer than the edge takes.
std::string consumer_of(const StoredCustomer& customer);

}  // namespace tollgate::control
