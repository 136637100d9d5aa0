#pragma once

#include "base/violations.h"
#include "json/document.h"
#include "metering/measure.h"

#include <optional>
#include <string_view>

namespace tollgate::json {

/// The `source` of the edge's own events (S3.1). From nobody else is an event taken for a merged one.
inline constexpr std::string_view kPolicySource = "monetization-policy";

/// Whether an event is of several requests (S3.1): it comes from the policy and its data has exactly the members
/// `total`, `count`, `min`, `max`, `last`. Whatever merely looks alike is one event of one request.
bool is_merged(std::string_view source, Value data);

/// What the requests of a merged event come to, so that every aggregation says what it would say of them one by one
/// (M11). Nothing, and a violation below `path` (the event's) for each member that cannot be true: `count` is a whole
/// number from 1 to `limits::kMaxMergedRequests`, the others are decimals as a meter reads them; min ≤ max, min ≤ last
/// ≤ max, and count × min ≤ total ≤ count × max.
std::optional<metering::Measurement> read_merged(Value data, std::string_view path, Violations& violations);

/// A decimal ≥ 0 below 10^18 with at most nine fractional digits, as a number or as a string (S2.6, M9). Nothing, and a
/// violation of `field`, for anything else.
std::optional<Quantity> read_measured_value(Value value, std::string_view field, Violations& violations);

}  // namespace tollgate::json
