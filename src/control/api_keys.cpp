#include "control/api_keys.h"

#include "base/sha256.h"

namespace tollgate::control {

IssuedKey issue_api_key(Context& context, std::string_view subscription_id, std::string_view consumer) {
  IssuedKey key{context.new_id(), {}, std::string(consumer), context.now()};
  while (!make_api_key(context.random.bytes<kApiKeySeedBytes>(), key.text)) {
  }
  context.sql.exec("INSERT INTO api_keys (id, subscription_id, digest, consumer, created_at) VALUES (?, ?, ?, ?, ?)",
                   key.id, subscription_id, digest_hex(key.text.view()), key.consumer, key.created_at);
  return key;
}

void write_issued_key(JsonWriter& to, const IssuedKey& key, bool shown) {
  to.begin_object();
  to.member("id", std::string_view(key.id));
  if (shown) to.member("key", key.text.view());
  to.member("consumer", std::string_view(key.consumer));
  write_instant_member(to, "createdAt", key.created_at);
  to.end_object();
}

std::string digest_hex(std::string_view text) {
  std::string hex(Digest::kHexLength, '0');
  sha256(text).write_hex(hex.data());
  return hex;
}

}  // namespace tollgate::control
