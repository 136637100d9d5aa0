#pragma once

#include "base/api_key.h"
#include "control/context.h"
#include "control/list.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// A key as its owner sees it once (S6.3, S10).
struct IssuedKey {
  std::string id;
  ApiKeyText text;
  std::string consumer;
  Instant created_at;
};

/// Makes a key for a subscription; only its SHA-256 stays here.
IssuedKey issue_api_key(Context& context, std::string_view subscription_id, std::string_view consumer);

/// Writes `{id, key, consumer, createdAt}` as a value; without `key` where it must not be shown.
void write_issued_key(JsonWriter& to, const IssuedKey& key, bool shown);

/// `sha256(text)` in lower-case hexadecimal digits.
std::string digest_hex(std::string_view text);

}  // namespace tollgate::control
