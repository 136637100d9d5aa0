#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "policy/names.h"
#include "policy/status_set.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate {

/// A meter of a policy and what each request adds to it. Zero: the quota is checked, nothing is added (S2.6).
struct PolicyMeter {
  Quantity cost;
  NameId name = 0;
};

/// Whose name an event carries as its `subject` (S3.1).
enum class Subject : std::uint8_t { subscription, consumer };

/// One instance of the policy with its options (S2.1), valid and with defaults filled in by `json::read_policies`. The
/// texts belong to the `Configuration` that holds the policy.
struct Policy {
  std::string_view name;
  std::string_view auth_header;  ///< lower case
  std::string_view auth_scheme;  ///< empty: the whole header is the key
  std::string_view upgrade_url;  ///< empty: none
  std::int64_t ttl_ms = 0;
  std::int64_t stale_ms = 0;
  std::int64_t recheck_ms = 0;  ///< a refusal by something older is checked again first (S4.5)
  StatusSet metered_statuses;
  std::array<PolicyMeter, limits::kMaxPolicyMeters> meter_list{};
  std::array<NameId, limits::kMaxPolicyEntitlements> required_list{};
  std::uint8_t meter_count = 0;
  std::uint8_t required_count = 0;
  bool has_meters = false;  ///< `meters` was given: there is no given and empty one
  bool quota_headers = false;
  bool serves_uncounted = false;  ///< what a full outbox means: let through and lost, instead of refused (S3.1)
  bool keeps_apart = false;       ///< an event for each request, instead of one for the equal ones of a minute
  Subject subject = Subject::subscription;

  std::span<const PolicyMeter> meters() const { return {meter_list.data(), meter_count}; }
  std::span<const NameId> required_entitlements() const { return {required_list.data(), required_count}; }
  bool meters_name(NameId id) const {
    for (const PolicyMeter& meter : meters()) {
      if (meter.name == id) return true;
    }
    return false;
  }
  bool needs_entitlements() const { return meter_count + required_count > 0; }
};

/// The policies of one instance and the texts that they refer to. Filled once by `json::read_policies`.
struct Configuration {
  std::array<Policy, limits::kMaxPolicies> policies{};
  std::size_t count = 0;
  std::size_t name_count = 0;  ///< keys that the policies name; those known beyond them were set at run time
  std::array<char, limits::kMaxConfigurationBytes> texts{};
  std::size_t text_size = 0;

  /// A copy of `text` that lives as long as the configuration. Texts of one configuration file always fit.
  std::string_view keep(std::string_view text) {
    TOLLGATE_ASSERT(text.size() <= texts.size() - text_size);
    char* const at = texts.data() + text_size;
    text.copy(at, text.size());
    text_size += text.size();
    return {at, text.size()};
  }
};

}  // namespace tollgate
