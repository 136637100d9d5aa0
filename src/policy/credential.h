#pragma once

#include "base/api_key.h"
#include "base/limits.h"
#include "base/text.h"
#include "policy/policy.h"
#include "problem/refusal.h"

#include <string_view>

namespace tollgate {

/// What stands in a credential header: a key that was not looked at yet, or the reason why there is none.
struct Credential {
  std::string_view key;  ///< borrowed from the header
  Refusal refusal = Refusal::none;
};

/// Takes the key out of a credential header (S2.1, checks 1-3). The key itself is not judged: one that is in the cache
/// was well formed when it got there; any other must pass `well_formed` before anybody is asked (check 5, invariant
/// S4).
inline Credential split_credential(const Policy& policy, std::string_view header) {
  if (header.size() > limits::kMaxCredential) return {{}, Refusal::key_invalid};
  std::string_view key = trim(header);
  if (key.empty()) return {{}, Refusal::no_header};
  const std::string_view scheme = policy.auth_scheme;
  if (scheme.empty()) return {key, Refusal::none};
  // Most clients write the scheme as the configuration does: that is the cheaper comparison.
  if (!has_short_prefix(key, scheme) && !equal_ignoring_case(key.substr(0, scheme.size()), scheme)) {
    return {{}, Refusal::invalid_scheme};
  }
  key.remove_prefix(scheme.size());
  if (key.empty()) return {{}, Refusal::no_key};
  if (key.front() != ' ') return {{}, Refusal::invalid_scheme};
  do {
    key.remove_prefix(1);
  } while (key.front() == ' ');  // ends: the header was trimmed, so its last character is no blank
  return {key, Refusal::none};
}

}  // namespace tollgate
