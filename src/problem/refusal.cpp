#include "problem/refusal.h"

#include "base/assert.h"

namespace tollgate {
namespace {

constexpr std::uint16_t kForbidden = 403;
constexpr std::string_view kForbiddenTitle = "Forbidden";
constexpr std::string_view kUnavailableTitle = "Service Unavailable";

// Existing customers match on these sentences: not a letter changes (S2.2).
constexpr RefusalText kTexts[kRefusals] = {
    {},
    {"authorization_header_missing", kForbidden, kForbiddenTitle, "No Authorization Header", {}},
    {"authorization_scheme_invalid", kForbidden, kForbiddenTitle, "Invalid Authorization Scheme", {}},
    {"key_missing", kForbidden, kForbiddenTitle, "No key present", {}},
    {"authorization_failed", kForbidden, kForbiddenTitle, "Authorization Failed", {}},
    {"key_invalid", kForbidden, kForbiddenTitle, "API Key is invalid or does not have access to the API", {}},
    {"key_expired", kForbidden, kForbiddenTitle, "API Key has expired.", {}},
    {"subscription_expired", kForbidden, kForbiddenTitle, "API Key has an expired subscription.", {}},
    {"payment_status_missing", kForbidden, kForbiddenTitle, "Subscription payment status is not available.", {}},
    {"payment_not_made", kForbidden, kForbiddenTitle, "Payment has not been made.", {}},
    {"payment_overdue", kForbidden, kForbiddenTitle, "Payment is overdue. Please update your payment method.", {}},
    {"entitlements_missing", kForbidden, kForbiddenTitle, "Subscription entitlements are not available.", {}},
    {"entitlement_denied", kForbidden, kForbiddenTitle, "The required \"",
     "\" entitlement is not allowed or its quota has been exhausted."},
    {"meter_unknown", kForbidden, kForbiddenTitle, "API Key does not have \"",
     "\" meter provided by the subscription."},
    {"meter_disabled", kForbidden, kForbiddenTitle, "API Key does not have access to \"", "\" meter."},
    {"quota_exhausted", kForbidden, kForbiddenTitle, "API Key has exceeded the allowed limit for \"", "\" meter."},
    {"overloaded", kUnavailable, kUnavailableTitle, "The gateway has too many requests in progress.", {}},
    {"usage_undeliverable", kUnavailable, kUnavailableTitle, "Usage cannot be recorded at the moment. Try again.", {}},
};

}  // namespace

const RefusalText& text_of(Refusal refusal) {
  const auto row = static_cast<unsigned>(refusal);
  TOLLGATE_ASSERT(row > 0 && row < kRefusals);
  return kTexts[row];
}

}  // namespace tollgate
