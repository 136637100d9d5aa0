#pragma once

#include "billing/prepaid.h"
#include "billing/proration.h"
#include "control/context.h"
#include "control/list.h"
#include "control/subscription_store.h"
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

/// What a subscription is entitled to, at the moment of the request or another one: the entitlement templates of the phase in effect,
/// with the usage of their periods from the subscription's ledger (S7.5).
///
///     Entitlements entitlements(context, subscription);
///     entitlements.ask();
///     if (context.objects.waiting()) return context.objects.suspended();
///     if (!entitlements.known()) return ledger_unavailable(context);
///     entitlements.write(to, Entitlements::Detail::access);
class Entitlements {
 public:
  enum class Detail : std::uint8_t {
    access,    ///< what `/access` answers; nothing is accessible while the subscription is not in effect
    snapshot,  ///< what the edge gets: also the limit, its kind and the period; the edge looks at the dates itself
  };

  Entitlements(Context& context, const StoredSubscription& subscription)
      : Entitlements(context, subscription, context.now()) {}
  /// The same at another moment.
  Entitlements(Context& context, const StoredSubscription& subscription, Instant at);

  /// Also looks at features that the phase does not entitle to but that there are grants of: for `grants`.
  void add_grants_of_other_features();
  /// Asks the ledger for all usage that counts. Nothing is asked where nothing is metered, and nothing known where more
  /// usage than one balance can be made of waits to be settled.
  void ask();
  /// Whether the ledger has answered, and with an answer.
  bool known() const { return known_; }
  /// Writes `entitlements` as a member. Call it when `known()`.
  void write(JsonWriter& to, Detail detail) const;
  /// What is left of the subscription's grants (S7.10), expired ones included. Call it when `known()`.
  std::vector<billing::Grant> grants() const;
  /// What is used of each allowance, overage that was carried into the period included. Call it when `known()`.
  std::vector<Quota> quotas() const;

 private:
  struct Item {
    std::string key;
    catalog::EntitlementTemplate entitlement;
    std::string meter;            ///< JSON of its definition
    Period period;                ///< the current one
    std::vector<Period> periods;  ///< the current one last, before it those whose overage is carried on
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
  /// False where there is no answer, or none of use.
  bool ask_some(std::span<const Question> questions);
  static std::string usage_request(std::span<const Question> questions);
  billing::PrepaidState prepaid_state(const Item& item) const;
  subscription::Balance balance_of(const Item& item) const;
  static std::vector<billing::SpanUsage> carrying_periods(const Item& item);
  void write_metered(JsonWriter& to, const Item& item, Detail detail) const;

  Context& context_;
  const StoredSubscription* subscription_;
  Instant at_;
  bool in_effect_ = false;
  bool known_ = false;
  bool too_much_ = false;
  std::vector<Item> items_;
};

/// 503: the usage is in a ledger that did not answer.
Response ledger_unavailable(const Context& context);

/// The name of a subscription's ledger object.
std::string ledger_name(const Context& context, std::string_view subscription_id);

}  // namespace tollgate::control
