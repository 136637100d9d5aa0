#pragma once

#include "control/http/context.h"
#include "control/http/list.h"

#include <optional>
#include <string_view>

namespace tollgate::control {

/// Which subscriptions a list is of: those that fulfil all that is there.
struct SubscriptionFilter {
  std::optional<std::string_view> customer_id;
  std::optional<std::string_view> plan_key;
  std::optional<std::string_view> status;  ///< one of `subscription::kStatusNames`
};

/// `{items, totalCount, page, pageSize}`.
Response list_stored_subscriptions(Context& context, const Page& page, const SubscriptionFilter& filter);

/// 200 with the subscription as it stands in the bucket, or 404.
Response subscription_answer(Context& context, std::string_view id);

}  // namespace tollgate::control
