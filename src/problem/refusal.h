#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate {

/// Why a request is refused. The first fifteen are the rows of S2.2, in the order in which they are checked.
enum class Refusal : std::uint8_t {
  none = 0,
  no_header = 1,
  invalid_scheme = 2,
  no_key = 3,
  authorization_failed = 4,  ///< remembered as unknown, answered 401, or nobody to ask
  key_invalid = 5,           ///< unknown, revoked or malformed
  key_expired = 6,
  subscription_expired = 7,
  payment_status_missing = 8,
  payment_not_made = 9,
  payment_overdue = 10,
  entitlements_missing = 11,
  entitlement_denied = 12,  ///< names an entitlement
  meter_unknown = 13,       ///< names a meter
  meter_disabled = 14,      ///< names a meter
  quota_exhausted = 15,     ///< names a meter
  overloaded = 16,          ///< more requests in progress than the instance can hold; nothing was decided
  undeliverable = 17,       ///< what the request would use could not be recorded (S3.1)
};

inline constexpr int kRefusals = 18;
inline constexpr std::uint16_t kUnavailable = 503;

/// What is said of a refusal: one row of the table.
struct RefusalText {
  std::string_view code;    ///< stable and machine-readable, snake_case
  std::uint16_t status;     ///< HTTP status
  std::string_view title;   ///< the status in words
  std::string_view before;  ///< `detail` up to the name of the meter or entitlement, or all of it
  std::string_view after;   ///< `detail` after the name; empty where the refusal names nothing
};

/// The row of `refusal`, which must not be `none`.
const RefusalText& text_of(Refusal refusal);

/// Whether the refusal names a meter or an entitlement.
inline bool names_something(Refusal refusal) { return !text_of(refusal).after.empty(); }

}  // namespace tollgate
