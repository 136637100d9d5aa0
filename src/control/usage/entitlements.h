#pragma once

#include "billing/prepaid.h"
#include "billing/proration.h"
#include "control/http/context.h"
#include "control/http/list.h"
#include "control/subscription/store.h"
#include "control/usage/entitlement_state.h"
#include "subscription/balance.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tollgate::control {

/// What is used of an allowance.
struct Quota {
  std::string feature_key;
  billing::QuotaUse use;
  /// What `use.used` adds up from: the current period last, before it those whose overage was carried on into it.
  std::vector<billing::SpanUsage> periods;
};
/// As the credit of a change is computed from them.
std::vector<billing::QuotaUse> uses_of(const std::vector<Quota>& quotas);

/// What a subscription is entitled to, at the moment of the request or another one: the entitlement templates of the
/// phase in effect, with the usage of their periods from the subscription's ledger (S7.5).
///
///     Entitlements entitlements(context, subscription);
///     entitlements.ask();
///     if (context.objects.waiting()) return context.objects.suspended();
///     if (!entitlements.known()) return ledger_unavailable(context);
///     entitlements.write(to);
class Entitlements {
 public:
  Entitlements(Context& context, const StoredSubscription& subscription)
      : Entitlements(context, subscription, context.now()) {}
  /// The same at another moment.
  Entitlements(Context& context, const StoredSubscription& subscription, Instant at);

  /// Also looks at features that the phase does not entitle to but that there are grants of: for `grants`.
  void add_grants_of_other_features();
  /// Asks the ledger for all usage that counts. Nothing is asked where nothing is metered, and nothing known where more
  /// usage than one balance can be made of waits to be settled. For a snapshot the ledger is also asked what its usage
  /// is all of.
  void ask(EntitlementDetail detail = EntitlementDetail::access);
  /// Whether the ledger has answered, and with an answer.
  bool known() const { return known_; }
  /// Those of the phase. They look into this. Call it when `known()`.
  std::vector<EntitlementState> states(EntitlementDetail detail) const;
  /// Writes `entitlements` as a member, for `/access`. Call it when `known()`.
  void write(JsonWriter& to) const;
  /// What a snapshot says of who has sent the usage: JSON (control/ledger/senders.h), empty where no ledger was asked.
  std::string_view high_water() const { return high_water_; }
  bool high_water_partial() const { return high_water_partial_; }
  /// What is left of the subscription's grants (S7.10), expired ones included. Call it when `known()`.
  std::vector<billing::Grant> grants() const;
  /// What is used of each allowance, overage that was carried into the period included. Call it when `known()`.
  std::vector<Quota> quotas() const;

 private:
  struct Item {
    std::string key;
    catalog::EntitlementTemplate entitlement;
    std::string meter;               ///< JSON of its definition
    Period period;                   ///< the current one
    std::optional<Instant> next_to;  ///< where the one after it ends, if it begins with its allowance whatever happens
    std::vector<Period> periods;     ///< the current one last, before it those whose overage is carried on
    std::vector<Quantity> usages;
    /// Where grants or the lack of a reset ask for more than one usage a period: then `periods` are its spans.
    std::optional<billing::Prepaid> prepaid;
    bool in_phase = true;
  };
  struct Question {
    Item* item;
    std::size_t period;
  };

  void add(const catalog::RateCard& card, const subscription::PhaseSpan& phase);
  /// False where they lead out of the calendar.
  bool add_periods(Item& item, const subscription::PhaseSpan& phase);
  void add_prepaid(Item& item);
  std::optional<Instant> next_period_end(const Item& item, const subscription::PhaseSpan& phase) const;
  /// False where there is no answer, or none of use.
  bool ask_some(std::span<const Question> questions, bool with_high_water);
  static std::string usage_request(std::span<const Question> questions, bool with_high_water);
  billing::PrepaidState prepaid_state(const Item& item) const;
  subscription::Balance balance_of(const Item& item) const;
  static std::vector<billing::SpanUsage> carrying_periods(const Item& item);
  void add_metered(EntitlementState& state, const Item& item) const;

  Context& context_;
  const StoredSubscription* subscription_;
  Instant at_;
  bool in_effect_ = false;
  bool known_ = false;
  bool too_much_ = false;
  std::vector<Item> items_;
  std::string high_water_;
  bool high_water_partial_ = false;
};

}  // namespace tollgate::control
