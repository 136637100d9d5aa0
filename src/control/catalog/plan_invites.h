#pragma once

#include "control/bucket/customers.h"
#include "control/catalog/plan_store.h"
#include "control/http/context.h"

#include <optional>
#include <string>

namespace tollgate::control {

// The routes of S10 under `plan-invites`. An invitation is to the plan's key, so it holds for later versions too.
Response create_plan_invite(Context& context);
Response list_plan_invites(Context& context);
Response delete_plan_invite(Context& context);

/// Whether the caller may put this customer on this plan (S7.9): on a private plan, admins may, and for everybody else
/// the customer's `primaryEmail` has to be invited. If not, the answer is `private_plan`.
bool may_subscribe(Context& context, const StoredCustomer& customer, const StoredPlan& plan);
/// 403 `plan_private`.
Response private_plan(const Context& context);

/// Who looks at the catalog: the portal sees private plans only in the name of somebody who is invited, and so does
/// anybody else who asks what that person sees (`?email=`). Drafts are shown to neither.
struct PlanViewer {
  bool sees_all = true;
  std::optional<std::string> email;  ///< folded
};
PlanViewer plan_viewer(const Context& context);
bool may_see(Context& context, const PlanViewer& viewer, const StoredPlan& plan);

/// A draft that is deleted takes the invitations with it, unless another version of the plan is there to carry them.
void release_invites(Sql& sql, const StoredPlan& draft);

}  // namespace tollgate::control
