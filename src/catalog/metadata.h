#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::catalog {

/// What callers attach to plans, features, customers and subscriptions: names and texts, in the order given.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// Metadata keys with a meaning (S2.4, S7.3), each with an alias.
inline constexpr std::string_view kOverdueDaysKey = "zuplo_max_payment_overdue_days";
inline constexpr std::string_view kOverdueDaysAlias = "tollgate_max_payment_overdue_days";
inline constexpr std::string_view kPrivatePlanKey = "zuplo_private_plan";
inline constexpr std::string_view kPrivatePlanAlias = "tollgate_private_plan";

/// A whole number of days from 0 to `limits::kMaxOverdueDays`; nothing for any other text.
std::optional<std::int64_t> overdue_days(std::string_view text);
/// What the metadata says of the days of grace; nothing where it says nothing.
std::optional<std::int64_t> overdue_days(const Metadata& metadata);

}  // namespace tollgate::catalog
