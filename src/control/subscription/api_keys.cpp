#include "control/subscription/api_keys.h"

#include "base/api_key.h"
#include "base/limits.h"
#include "base/sha256.h"

namespace tollgate::control {
namespace {

std::string new_key(Context& context) {
  ApiKeyText text;
  while (!make_api_key(context.random.bytes<kApiKeySeedBytes>(), text)) {
  }
  return std::string(text.view());
}

}  // namespace

IssuedKey issue_api_key(Context& context, std::string_view subscription_id, const KeyOrder& order) {
  IssuedKey key{context.new_id(), order.imported.has_value() ? *order.imported : new_key(context), order.consumer,
                context.now(), order.expires_at};
  context.sql.exec(
      "INSERT INTO api_keys (id, subscription_id, digest, consumer, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      key.id, subscription_id, digest_hex(key.text), key.consumer, key.expires_at, key.created_at);
  return key;
}

void write_issued_key(JsonWriter& to, const IssuedKey& key, bool shown) {
  to.begin_object();
  to.member("id", std::string_view(key.id));
  if (shown) to.member("key", std::string_view(key.text));
  to.member("consumer", std::string_view(key.consumer));
  write_instant_member(to, "createdAt", key.created_at);
  write_instant_member(to, "expiresAt", key.expires_at);
  to.end_object();
}

std::string consumer_of(const StoredCustomer& customer) {
  return customer.key.size() <= limits::kMaxConsumer ? customer.key : customer.id;
}

}  // namespace tollgate::control
