#include "calls_world.h"

#include "base/sha256.h"

#include <algorithm>

namespace tollgate::fuzz {
namespace {

std::string written(Quantity amount) {
  char text[Quantity::kMaxText];
  return {text, amount.write(text)};
}

}  // namespace

std::string digest_of(std::string_view key) {
  std::string digest(Digest::kHexLength, '0');
  sha256(key).write_hex(digest.data());
  return digest;
}

std::string text_of(Reply reply, std::size_t key, std::uint8_t detail, const Books& books) {
  if (reply == Reply::garbage) return "{\"id\":";
  if (reply != Reply::snapshot && reply != Reply::of_another_key) return {};
  const std::size_t plan = std::min(kKeys[key].plan, kPlans.size() - 1);
  const Books::View view = books.view(plan, detail);
  const std::string named = reply == Reply::snapshot ? digest_of(kKeys[key].name) : digest_of("of somebody else");
  return R"({"id":")" + std::string(kPlans[plan].id) + R"(","keyDigest":")" + named +
         R"(","activeFrom":"2025-01-01T00:00:00Z","paymentStatus":{"status":"paid","isFirstPayment":false},)" +
         R"("revision":)" + std::to_string(detail % 3) + R"(,"entitlements":{"requests":{"type":"metered",)" +
         R"("isSoftLimit":false,"hasAccess":true,"balance":)" + written(view.balance) +
         R"(},"tokens":{"type":"metered","isSoftLimit":true,"hasAccess":true,"balance":0}},"highWater":{")" +
         std::string(kInstance) + R"(":{"requests":)" + written(view.seen[kRequests]) + R"(,"tokens":)" +
         written(view.seen[kTokens]) + "}}}";
}

}  // namespace tollgate::fuzz
