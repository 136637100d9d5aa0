// The credential header: what a client can send. A slow reading of S2.2's checks 1 to 3 and 5 says what must come out.

#include "base/text.h"
#include "edge_fixture.h"

#include <optional>
#include <string>

using namespace tollgate;

namespace {

constexpr std::int32_t kNoHeader = -1, kScheme = -2, kNoKey = -3, kInvalid = -5;

/// The refusal, or nothing for a key that is to be looked up.
std::optional<std::int32_t> expected(std::string_view header, std::string_view scheme) {
  if (header.size() > 1'024) return kInvalid;
  std::string text(trim(header));
  if (text.empty()) return kNoHeader;
  if (!scheme.empty()) {
    const std::size_t end = text.find(' ');
    if (!equal_ignoring_case(text.substr(0, end), scheme)) return kScheme;
    if (end == std::string::npos) return kNoKey;
    text.erase(0, text.find_first_not_of(' ', end));
  }
  if (text.size() > 512) return kInvalid;
  for (char c : text) {
    if (c <= ' ' || c >= '\x7f' || c == ',') return kInvalid;
  }
  return std::nullopt;
}

fuzz::Edge& edge() {
  static fuzz::Edge instance = [] {
    fuzz::Edge started;
    started.start();
    fuzz::require(started.configure(R"([
      {"name": "bearer", "policyType": "monetization-inbound", "handler": {"options": {"meters": {"a": 1}}}},
      {"name": "bare", "policyType": "monetization-inbound", "handler": {"options": {"authScheme": ""}}}])") == 2);
    return started;
  }();
  return instance;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  constexpr double kNow = 1'768'471'200'000;
  constexpr std::string_view kSchemes[] = {"Bearer", ""};
  for (std::uint32_t policy = 0; policy < 2; ++policy) {
    const std::uint32_t length = edge().put(header);
    const std::int32_t result = tg_check(policy, length, kNow);
    const auto refusal = expected(header.substr(0, length), kSchemes[policy]);
    fuzz::require(result == refusal.value_or(0));
    if (result == 0) {
      fuzz::require(tg_abandon(edge().mailbox.handle) == 0);
    } else {
      // Path and request id are the client's, too: escaped, bounded, never an error.
      const std::int32_t body = tg_problem(result, policy, edge().put(header), kNow);
      fuzz::require(edge().output(body).ends_with("}") && edge().mailbox.status == 403);
    }
  }
  return 0;
}
