#include "control/usage/grant_routes.h"

#include "base/limits.h"
#include "control/usage/entitlements.h"
#include "control/usage/grant_timer.h"
#include "control/usage/prepaid_usage.h"

#include <algorithm>
#include <map>

namespace tollgate::control {
namespace {

StoredGrant read_grant(Context& context, const StoredSubscription& subscription) {
  json::ObjectReader fields(context.body, "", context.violations);
  StoredGrant grant;
  grant.subscription_id = subscription.id;
  grant.feature_key = fields.text("featureKey", json::kKeyText);
  grant.amount = fields.decimal("amount");
  grant.effective_at = fields.optional_instant("effectiveAt").value_or(context.now());
  read_terms(fields, grant);
  grant.name = fields.optional_text("name", json::kLabelText);
  fields.refuse_others();
  if (!context.violations.empty()) return grant;
  if (!grant.amount.positive()) fields.refuse("amount", "positive", "must be greater than 0");
  if (grant.effective_at < context.now()) fields.refuse("effectiveAt", "not_past", "must not lie in the past");
  if (!can_be_granted(context, subscription, grant.feature_key)) {
    fields.refuse("featureKey", "hard_limit", "names nothing that the subscription has a hard limit on");
  }
  return grant;
}

/// What can still be used of a grant.
Quantity remaining_of(const StoredGrant& grant, const std::vector<billing::Grant>& left, Instant now) {
  if (grant.expires_at.has_value() && *grant.expires_at <= now) return {};
  const auto found =
      std::find_if(left.begin(), left.end(), [&](const billing::Grant& one) { return one.id == grant.id; });
  return found == left.end() ? Quantity() : found->remaining;
}

/// What is left of all grants of a subscription. Nothing where the context waits, or there is no answer: then
/// `refusal`.
std::optional<std::vector<billing::Grant>> grants_left(Context& context, const StoredSubscription& subscription,
                                                       Response& refusal) {
  Entitlements entitlements(context, subscription);
  entitlements.add_grants_of_other_features();
  entitlements.ask();
  if (entitlements.known()) return entitlements.grants();
  refusal = context.objects.waiting() ? context.objects.suspended() : ledger_unavailable(context);
  return std::nullopt;
}

/// Voids what is left of grants of one subscription; else there is something else to answer.
std::optional<Response> void_grants(Context& context, const StoredSubscription& subscription,
                                    std::vector<StoredGrant> grants) {
  Response refusal;
  const auto left = grants_left(context, subscription, refusal);
  if (!left.has_value()) return refusal;
  for (StoredGrant& grant : grants) {
    grant.voided = grant.voided.plus(remaining_of(grant, *left, context.now()));
    update_grant(context.sql, grant);
  }
  change_grants(context, subscription);
  return std::nullopt;
}

Response grants_answer(Context& context, const Page& page, const std::vector<billing::Grant>& left) {
  const std::string_view subscription_id = context.parameters[0];
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("items");
  to.begin_array();
  for (const StoredGrant& grant : page_of_grants(context.sql, subscription_id, page)) {
    write_grant(to, grant, remaining_of(grant, left, context.now()));
  }
  to.end_array();
  to.member("totalCount", count_grants(context.sql, subscription_id));
  to.member("page", page.number);
  to.member("pageSize", page.size);
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace

void read_terms(json::ObjectReader& fields, StoredGrant& grant) {
  grant.priority =
      static_cast<std::int32_t>(fields.optional_integer("priority", 0, limits::kMaxGrantPriority).value_or(0));
  grant.expires_at = fields.optional_instant("expiresAt");
  if (grant.expires_at.has_value() && *grant.expires_at <= grant.effective_at) {
    fields.refuse("expiresAt", "range", "must be later than the grant begins");
  }
}

std::optional<StoredSubscription> subscription_to_grant(Context& context, Response& refusal) {
  auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) {
    refusal = context.not_found("subscription");
  } else if (subscription->status(context.now()) == subscription::Status::inactive) {
    refusal = context.conflict("subscription_inactive", "The subscription has ended; nothing of it can be used.");
  } else {
    return subscription;
  }
  return std::nullopt;
}

std::optional<Response> refuse_grants(Context& context, const StoredSubscription& subscription, std::int64_t more) {
  if (count_grants_in_use(context.sql, subscription.id) + more <= limits::kMaxGrants) return std::nullopt;
  return context.conflict("too_many_grants", "A subscription can have " + std::to_string(limits::kMaxGrants) +
                                                 " grants of which something is left or was until six weeks ago.");
}

std::optional<Response> void_grants_of(Context& context, std::string_view invoice_id) {
  std::map<std::string, std::vector<StoredGrant>> by_subscription;
  for (StoredGrant& grant : grants_of_invoice(context.sql, invoice_id)) {
    by_subscription[grant.subscription_id].push_back(std::move(grant));
  }
  for (auto& [subscription_id, grants] : by_subscription) {
    const auto subscription = find_subscription(context.sql, subscription_id);
    if (!subscription.has_value()) continue;
    if (auto refusal = void_grants(context, *subscription, std::move(grants)); refusal.has_value()) return refusal;
  }
  return std::nullopt;
}

bool can_be_granted(Context& context, const StoredSubscription& subscription, std::string_view feature_key) {
  const auto& phases = subscription.plan.plan.phases;
  return hard_limit(phases[subscription.phase(context.now()).index], feature_key) != nullptr;
}

Response create_grant(Context& context) {
  Response refusal;
  const auto subscription = subscription_to_grant(context, refusal);
  if (!subscription.has_value()) return refusal;
  StoredGrant grant = read_grant(context, *subscription);
  if (!context.violations.empty()) return context.invalid_input();
  if (auto too_many = refuse_grants(context, *subscription, 1); too_many.has_value()) return *too_many;
  grant.id = context.new_id();
  grant.created_at = context.now();
  insert_grant(context.sql, grant);
  change_grants(context, *subscription);
  json::Text text;
  JsonWriter to(text);
  write_grant(to, grant, std::nullopt);
  return json_answer(201, text.take());
}

Response list_grants(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  Response refusal;
  const auto left = grants_left(context, *subscription, refusal);
  return left.has_value() ? grants_answer(context, page, *left) : refusal;
}

Response delete_grant(Context& context) {
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  auto grant = find_grant(context.sql, subscription->id, context.parameters[1]);
  if (!grant.has_value()) return context.not_found("grant");
  auto refusal = void_grants(context, *subscription, {std::move(*grant)});
  return refusal.has_value() ? std::move(*refusal) : no_content();
}

}  // namespace tollgate::control
