#include "control/lifecycle/top_ups.h"

#include "catalog/pack.h"
#include "control/bucket/customers.h"
#include "control/catalog/plan_invites.h"
#include "control/invoice/invoicing.h"
#include "control/subscription/input.h"
#include "control/usage/grant_routes.h"
#include "control/usage/grant_timer.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// A pack that is to be bought, and what all grants of it have in common.
struct TopUp {
  StoredPlan pack;
  StoredGrant terms;
};

/// What the pack entitles to, without what comes of storing it.
std::vector<StoredGrant> grants_in(const TopUp& bought) {
  const StoredPlan& pack = bought.pack;
  std::vector<StoredGrant> grants;
  for (const catalog::RateCard& card : pack.plan.phases.front().rate_cards) {
    if (!card.entitlement.has_value() || !card.entitlement->issue_after_reset->positive()) continue;
    StoredGrant grant = bought.terms;
    grant.feature_key = *card.feature_key;
    grant.name = pack.plan.name;
    grant.plan_id = pack.id;
    grant.amount = *card.entitlement->issue_after_reset;
    grants.push_back(std::move(grant));
  }
  return grants;
}

void check_pack(Context& context, json::ObjectReader& fields, const StoredSubscription& subscription,
                const StoredPlan& pack) {
  if (const auto why = catalog::why_no_pack(pack.plan); why.has_value()) {
    return fields.refuse("plan.key", "pack", "names no prepaid pack: the plan " + std::string(*why));
  }
  const std::string& currency = subscription.plan.plan.currency;
  if (pack.plan.currency != currency) {
    fields.refuse("plan.key", "currency", "is in " + pack.plan.currency + ", but the subscription in " + currency);
  }
  for (const catalog::RateCard& card : pack.plan.phases.front().rate_cards) {
    if (!card.entitlement.has_value() || can_be_granted(context, subscription, card.key)) continue;
    fields.refuse("plan.key", "hard_limit", "gives \"" + card.key + "\", on which the subscription has no hard limit");
  }
}

/// The pack that the body names, where it can be bought on top of the subscription; else there are violations.
std::optional<TopUp> read_top_up(Context& context, const StoredSubscription& subscription) {
  json::ObjectReader fields(context.body, "", context.violations);
  auto pack = read_plan_reference(context, fields);
  StoredGrant terms;
  terms.subscription_id = subscription.id;
  terms.effective_at = terms.created_at = context.now();
  read_terms(fields, terms);
  fields.refuse_others();
  if (!pack.has_value()) return std::nullopt;
  check_pack(context, fields, subscription, *pack);
  return TopUp{std::move(*pack), std::move(terms)};
}

Response top_up_answer(Context& context, const StoredPlan& pack, const std::vector<StoredGrant>& grants,
                       const std::optional<std::string>& invoice_id) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("plan");
  to.begin_object();
  write_plan_reference(to, pack);
  to.end_object();
  to.key("grants");
  to.begin_array();
  for (const StoredGrant& grant : grants) write_grant(to, grant, std::nullopt);
  to.end_array();
  const auto invoice = invoice_id.has_value() ? find_invoice(context.sql, *invoice_id) : std::nullopt;
  if (invoice.has_value()) {
    to.key("invoice");
    write_invoice(to, *invoice, nullptr);
  }
  to.end_object();
  return json_answer(201, text.take());
}

}  // namespace

Response create_top_up(Context& context) {
  Response refusal;
  const auto subscription = subscription_to_grant(context, refusal);
  if (!subscription.has_value()) return refusal;
  const auto bought = read_top_up(context, *subscription);
  if (!context.violations.empty()) return context.invalid_input();
  if (context.now() < subscription->active_from) {
    return context.conflict("subscription_scheduled", "The subscription has not begun.");
  }
  const auto customer = find_customer(context.sql, subscription->customer_id);
  if (!customer.has_value()) return context.not_found("customer");
  if (!may_subscribe(context, *customer, bought->pack)) return private_plan(context);
  std::vector<StoredGrant> grants = grants_in(*bought);
  const auto count = static_cast<std::int64_t>(grants.size());
  if (auto too_many = refuse_grants(context, *subscription, count); too_many.has_value()) return *too_many;
  const auto invoice_id = issue_pack_invoice(context, *subscription, bought->pack);
  for (StoredGrant& grant : grants) {
    grant.id = context.new_id();
    grant.invoice_id = invoice_id;
    insert_grant(context.sql, grant);
  }
  change_grants(context, *subscription);
  return top_up_answer(context, bought->pack, grants, invoice_id);
}

}  // namespace tollgate::control
