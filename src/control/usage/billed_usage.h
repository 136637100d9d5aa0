#pragma once

#include "billing/due.h"
#include "billing/invoice.h"
#include "control/http/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// The usage that bills are made of, asked of one subscription's ledger: exactly the half-open periods (S8), all of
/// them at once.
///
///     BilledUsage usage(context, subscription.id);
///     usage.ask(billing::usages_needed(subscription, lines));
///     if (context.objects.waiting()) return;
///     if (usage.outcome() == BilledUsage::Outcome::answered) draw_up(…, usage.answers(), …);
class BilledUsage {
 public:
  enum class Outcome : std::uint8_t {
    answered,     ///< all that could be asked is answered
    overflow,     ///< the ledger cannot add the usage up (M9)
    unavailable,  ///< the ledger did not answer; what is under way, too
  };

  BilledUsage(Context& context, std::string_view subscription_id)
      : context_(context), subscription_id_(subscription_id) {}

  /// Needs of features without a meter are left out, and so not among the answers.
  void ask(const std::vector<billing::UsageNeed>& needs);

  Outcome outcome() const { return outcome_; }
  const std::vector<billing::Usage>& answers() const { return answers_; }

 private:
  struct Question {
    billing::UsageNeed need;
    std::string meter;  ///< JSON of its definition
  };

  void ask_some(const Question* questions, std::size_t count);
  void read(const Answer& answer, const Question* questions, std::size_t count);

  Context& context_;
  std::string subscription_id_;
  Outcome outcome_ = Outcome::answered;
  std::vector<billing::Usage> answers_;
};

}  // namespace tollgate::control
