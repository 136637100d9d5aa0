#include "control/usage/entitlement_state.h"

#include "base/limits.h"

namespace tollgate::control {
namespace {

using catalog::EntitlementType;

void write_periods(JsonWriter& to, const EntitlementState& state) {
  to.key("period");
  to.begin_object();
  write_instant_member(to, "from", state.period.from);
  if (state.period.to < kLastInstant) write_instant_member(to, "to", state.period.to);
  to.end_object();
  if (!state.next.has_value()) return;
  to.key("nextPeriod");
  to.begin_object();
  write_instant_member(to, "to", state.next->to);
  to.member("balance", state.next->balance);
  to.end_object();
}

void write_config(JsonWriter& to, const std::string& config, EntitlementDetail detail) {
  if (detail == EntitlementDetail::snapshot && config.size() > limits::kMaxSnapshotMember) {
    to.member("configOmitted", true);
  } else {
    to.raw_member("config", config);
  }
}

}  // namespace

void write_entitlement(JsonWriter& to, const EntitlementState& state, EntitlementDetail detail) {
  const catalog::EntitlementTemplate& entitlement = *state.entitlement;
  to.key(state.key);
  to.begin_object();
  to.member("type", catalog::kEntitlementTypeNames[static_cast<std::size_t>(entitlement.type)]);
  to.member("hasAccess", state.has_access);
  if (entitlement.type == EntitlementType::static_config) write_config(to, entitlement.config, detail);
  if (entitlement.type == EntitlementType::metered) {
    to.member("balance", state.balance.balance);
    to.member("usage", state.balance.usage);
    to.member("overage", state.balance.overage);
    if (detail == EntitlementDetail::snapshot) {
      to.member("isSoftLimit", entitlement.is_soft_limit);
      if (state.limit.has_value()) to.member("limit", *state.limit);
      write_periods(to, state);
    }
  }
  to.end_object();
}

}  // namespace tollgate::control
