#pragma once

#include "calls_books.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::fuzz {

/// What comes of an effect.
enum class Reply : std::uint8_t { snapshot, not_found, unauthorized, unavailable, garbage, of_another_key, kReplies };

inline constexpr std::string_view kPolicies = R"([
  {"name": "both", "policyType": "monetization-inbound", "handler": {"options": {
    "meters": {"requests": 1, "tokens": 0}}}},
  {"name": "requests", "policyType": "monetization-inbound", "handler": {"options": {
    "meters": {"requests": 1}, "recheckDeniedSeconds": 60}}},
  {"name": "tokens", "policyType": "monetization-inbound", "handler": {"options": {
    "meters": {"tokens": 0.5}, "merge": false, "subject": "consumer"}}}])";

inline constexpr std::size_t kNobody = kPlans.size();
struct Key {
  std::string_view name;
  std::size_t plan;  ///< kNobody: no such key exists
  bool revocable;    ///< the control plane may say that it is not there
};
inline constexpr std::array<Key, 7> kKeys = {{
    {"k0", 0, false},
    {"k1", 0, false},
    {"k2", 0, false},
    {"k3", 1, false},
    {"k4", 1, false},
    {"k5", 2, true},
    {"nobody", kNobody, true},
}};

/// What a policy of kPolicies costs before anything is set.
struct Cost {
  bool requests;
  Quantity tokens;
};
inline constexpr std::array<Cost, 3> kCosts = {{
    {true, Quantity()},
    {true, Quantity()},
    {false, Quantity::nanos(Quantity::kNanosPerUnit / 2)},
}};

/// Meters that a response sets; the last is refused.
struct Setting {
  std::string_view change;
  bool replaces;
  Quantity tokens;
};
inline constexpr std::array<Setting, 4> kSettings = {{
    {"", false, Quantity()},
    {R"({"state":null,"set":{"tokens":3}})", true, Quantity::units(3)},
    {R"({"state":null,"add":{"tokens":0.125}})", false, Quantity::nanos(Quantity::kNanosPerUnit / 8)},
    {"{", false, Quantity()},
}};

/// The name of a key in KV and at the control plane.
std::string digest_of(std::string_view key);

/// The body of a reply about one of kKeys; `detail` chooses what of the past a snapshot shows.
std::string text_of(Reply reply, std::size_t key, std::uint8_t detail, const Books& books);

}  // namespace tollgate::fuzz
