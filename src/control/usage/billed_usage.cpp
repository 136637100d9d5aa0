#include "control/usage/billed_usage.h"

#include "base/limits.h"
#include "control/catalog/meter_store.h"
#include "control/usage/entitlements.h"

#include <algorithm>
#include <map>

namespace tollgate::control {
namespace {

constexpr std::int32_t kOverflow = 422;  // of a ledger, see control/ledger/query.h

void write_question(JsonWriter& to, std::string_view key, std::string_view meter, const Period& period) {
  to.begin_object();
  to.member("key", key);
  to.raw_member("meter", meter);
  write_instant_member(to, "from", period.from);
  write_instant_member(to, "to", period.to);
  to.end_object();
}

}  // namespace

void BilledUsage::ask(const std::vector<billing::UsageNeed>& needs) {
  std::map<std::string_view, std::optional<std::string>> meters;
  std::vector<Question> questions;
  for (const billing::UsageNeed& need : needs) {
    const auto [meter, is_new] = meters.try_emplace(need.feature_key);
    if (is_new) meter->second = meter_text_of_feature(context_.sql, need.feature_key);
    if (meter->second.has_value()) questions.push_back({need, *meter->second});
  }
  for (std::size_t first = 0; first < questions.size(); first += limits::kMaxUsagePeriods) {
    ask_some(questions.data() + first, std::min(questions.size() - first, limits::kMaxUsagePeriods));
  }
}

void BilledUsage::ask_some(const Question* questions, std::size_t count) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("periods");
  to.begin_array();
  for (std::size_t i = 0; i < count; ++i) {
    write_question(to, std::to_string(i), questions[i].meter, questions[i].need.period);
  }
  to.end_array();
  to.end_object();
  const Answer* answer =
      context_.objects.ask_ledger(ledger_name(context_, subscription_id_), "/ledger/usage", text.take());
  if (answer != nullptr && answer->status == 200) return read(*answer, questions, count);
  outcome_ = answer != nullptr && answer->status == kOverflow ? Outcome::overflow : Outcome::unavailable;
}

void BilledUsage::read(const Answer& answer, const Question* questions, std::size_t count) {
  json::Document document;
  if (!document.parse(answer.body).ok()) {
    outcome_ = Outcome::unavailable;
    return;
  }
  const json::Value usage = document.root().member("usage");
  for (std::size_t i = 0; i < count; ++i) {
    const auto quantity = Quantity::parse(usage.member(std::to_string(i)).text());
    if (!quantity.ok()) {
      outcome_ = Outcome::unavailable;
      return;
    }
    answers_.push_back({questions[i].need, *quantity});
  }
}

}  // namespace tollgate::control
