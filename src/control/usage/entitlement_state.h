#pragma once

#include "catalog/entitlement.h"
#include "control/http/list.h"
#include "subscription/balance.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::control {

/// Who reads what an entitlement is worth.
enum class EntitlementDetail : std::uint8_t {
  access,    ///< what `/access` answers; nothing is accessible while the subscription is not in effect
  snapshot,  ///< what the edge gets: also the limit, its kind and the periods; the edge looks at the dates itself
};

/// What the period after the current one begins with.
struct NextPeriod {
  Instant to;
  Quantity balance;
};

/// An entitlement at some moment.
struct EntitlementState {
  std::string_view key;
  const catalog::EntitlementTemplate* entitlement = nullptr;
  bool has_access = false;
  // Of a metered one:
  subscription::Balance balance = {};
  std::optional<Quantity> limit = {};
  Period period = {};
  std::optional<NextPeriod> next = {};
};

/// Writes it as a member under its key. On a snapshot, the configuration of a static one that is longer than
/// `limits::kMaxSnapshotMember` is left out, and `configOmitted` says so (S4.1).
void write_entitlement(JsonWriter& to, const EntitlementState& state, EntitlementDetail detail);

}  // namespace tollgate::control
