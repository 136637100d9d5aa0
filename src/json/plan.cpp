#include "json/plan.h"

#include "base/limits.h"
#include "json/metadata.h"
#include "json/price.h"
#include "money/currency.h"

namespace tollgate::json {
namespace {

using catalog::EntitlementType;
using catalog::NamedCadence;

bool is_duration(std::string_view text) { return parse_cadence(text).ok(); }

const TextRule kCurrencyText = {3, 3, money::is_currency, "currency", "an ISO 4217 currency code"};
const TextRule kCadenceText = {1, 16, is_duration, "cadence",
                               "an ISO 8601 duration of one unit, such as PT1H, P1D, P2W, P1M or P1Y"};
const TextRule kBillingCadenceText = {1, 16, catalog::is_billing_cadence, "cadence",
                                      "one of PT1H, P1D, P1W, P2W, P4W, P1M, P3M, P6M, P12M, P1Y"};

/// Of a text that was checked; the empty text stands for one that could not be read.
NamedCadence named(std::string text) {
  const auto cadence = parse_cadence(text);
  return {std::move(text), cadence.ok() ? *cadence : Cadence()};
}

std::optional<NamedCadence> read_cadence(ObjectReader& fields, std::string_view name) {
  auto text = fields.optional_text(name, kCadenceText);
  if (!text.has_value()) return std::nullopt;
  return named(std::move(*text));
}

void read_static(ObjectReader& fields, catalog::EntitlementTemplate& entitlement) {
  const Value config = fields.take("config");
  if (config.absent()) {
    fields.refuse_missing("config");
    return;
  }
  entitlement.config = compact(config);
  if (entitlement.config.size() > limits::kMaxStaticConfig) {
    fields.refuse("config", "length",
                  "must have at most " + std::to_string(limits::kMaxStaticConfig) + " bytes of JSON");
  }
}

void read_metered(ObjectReader& fields, catalog::EntitlementTemplate& entitlement) {
  entitlement.issue_after_reset = fields.optional_decimal("issueAfterReset");
  entitlement.resets = fields.optional_truth("resets").value_or(true);
  entitlement.is_soft_limit = fields.optional_truth("isSoftLimit").value_or(false);
  entitlement.preserve_overage_at_reset = fields.optional_truth("preserveOverageAtReset").value_or(false);
  entitlement.usage_period = read_cadence(fields, "usagePeriod");
}

catalog::EntitlementTemplate read_entitlement(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  catalog::EntitlementTemplate entitlement;
  const auto type = fields.word("type", catalog::kEntitlementTypeNames);
  if (!type.has_value()) return entitlement;
  entitlement.type = static_cast<EntitlementType>(*type);
  if (entitlement.type == EntitlementType::static_config) read_static(fields, entitlement);
  if (entitlement.type == EntitlementType::metered) read_metered(fields, entitlement);
  fields.refuse_others();
  return entitlement;
}

catalog::RateCard read_rate_card(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  catalog::RateCard card;
  card.type = static_cast<catalog::RateCardType>(fields.word("type", catalog::kRateCardTypeNames).value_or(0));
  card.key = fields.text("key", kKeyText);
  card.name = fields.text("name", kLabelText);
  card.description = fields.optional_text("description", kDescriptionText);
  card.feature_key = fields.optional_text("featureKey", kKeyText);
  card.billing_cadence = read_cadence(fields, "billingCadence");
  if (const Value price = fields.optional_object("price"); !price.absent()) {
    card.price = read_price(price, fields.path("price"), violations);
  }
  if (const Value entitlement = fields.optional_object("entitlementTemplate"); !entitlement.absent()) {
    card.entitlement = read_entitlement(entitlement, fields.path("entitlementTemplate"), violations);
  }
  card.discounts = read_discounts(fields);
  fields.refuse_others();
  return card;
}

catalog::Phase read_phase(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  catalog::Phase phase;
  phase.key = fields.text("key", kKeyText);
  phase.name = fields.text("name", kLabelText);
  phase.description = fields.optional_text("description", kDescriptionText);
  phase.duration = read_cadence(fields, "duration");
  const std::string cards = fields.path("rateCards");
  std::size_t index = 0;
  for (Value card : fields.array("rateCards", 0, limits::kMaxRateCards)) {
    phase.rate_cards.push_back(read_rate_card(card, field_path(cards, index++), violations));
  }
  fields.refuse_others();
  return phase;
}

void read_proration(ObjectReader& fields, catalog::Plan& plan) {
  const Value object = fields.optional_object("proRatingConfig");
  if (object.absent()) return;
  static constexpr std::string_view kModes[] = {"max_consumption_based"};
  ObjectReader config(object, fields.path("proRatingConfig"), fields.violations());
  if (!config.has("enabled")) config.refuse_missing("enabled");
  plan.proration_enabled = config.optional_truth("enabled");
  config.optional_word("mode", kModes);
  config.refuse_others();
}

void write_optional(Writer<Text>& to, std::string_view name, const std::optional<std::string>& text) {
  if (text.has_value()) to.member(name, std::string_view(*text));
}

void write_optional(Writer<Text>& to, std::string_view name, const std::optional<NamedCadence>& cadence) {
  if (cadence.has_value()) to.member(name, std::string_view(cadence->text));
}

void write_entitlement(Writer<Text>& to, const catalog::EntitlementTemplate& entitlement) {
  to.begin_object();
  to.member("type", catalog::kEntitlementTypeNames[static_cast<std::size_t>(entitlement.type)]);
  if (entitlement.type == EntitlementType::static_config) to.raw_member("config", entitlement.config);
  if (entitlement.type == EntitlementType::metered) {
    if (entitlement.issue_after_reset.has_value()) to.member("issueAfterReset", *entitlement.issue_after_reset);
    if (!entitlement.resets) to.member("resets", false);
    to.member("isSoftLimit", entitlement.is_soft_limit);
    to.member("preserveOverageAtReset", entitlement.preserve_overage_at_reset);
    write_optional(to, "usagePeriod", entitlement.usage_period);
  }
  to.end_object();
}

void write_rate_card(Writer<Text>& to, const catalog::RateCard& card) {
  to.begin_object();
  to.member("type", catalog::kRateCardTypeNames[static_cast<std::size_t>(card.type)]);
  to.member("key", std::string_view(card.key));
  to.member("name", std::string_view(card.name));
  write_optional(to, "description", card.description);
  write_optional(to, "featureKey", card.feature_key);
  write_optional(to, "billingCadence", card.billing_cadence);
  if (card.price.has_value()) {
    to.key("price");
    write_price(to, *card.price);
  }
  if (card.entitlement.has_value()) {
    to.key("entitlementTemplate");
    write_entitlement(to, *card.entitlement);
  }
  write_discounts(to, card.discounts);
  to.end_object();
}

void write_phase(Writer<Text>& to, const catalog::Phase& phase) {
  to.begin_object();
  to.member("key", std::string_view(phase.key));
  to.member("name", std::string_view(phase.name));
  write_optional(to, "description", phase.description);
  write_optional(to, "duration", phase.duration);
  to.key("rateCards");
  to.begin_array();
  for (const catalog::RateCard& card : phase.rate_cards) write_rate_card(to, card);
  to.end_array();
  to.end_object();
}

}  // namespace

catalog::Plan read_plan(Value body, Violations& violations) {
  ObjectReader fields(body, "", violations);
  catalog::Plan plan;
  plan.key = fields.text("key", kKeyText);
  plan.name = fields.text("name", kLabelText);
  plan.description = fields.optional_text("description", kDescriptionText);
  plan.currency = fields.text("currency", kCurrencyText);
  plan.billing_cadence = named(fields.text("billingCadence", kBillingCadenceText));
  std::size_t index = 0;
  for (Value phase : fields.array("phases", 1, limits::kMaxPhases)) {
    plan.phases.push_back(read_phase(phase, field_path("phases", index++), violations));
  }
  plan.metadata = read_metadata(fields);
  read_proration(fields, plan);
  plan.payment_method_required = fields.optional_truth("paymentMethodRequired");
  fields.refuse_others();
  return plan;
}

void write_plan_members(Writer<Text>& to, const catalog::Plan& plan) {
  to.member("key", std::string_view(plan.key));
  to.member("name", std::string_view(plan.name));
  write_optional(to, "description", plan.description);
  to.member("currency", std::string_view(plan.currency));
  to.member("billingCadence", std::string_view(plan.billing_cadence.text));
  to.key("phases");
  to.begin_array();
  for (const catalog::Phase& phase : plan.phases) write_phase(to, phase);
  to.end_array();
  write_metadata(to, plan.metadata);
  if (plan.proration_enabled.has_value()) {
    to.key("proRatingConfig");
    to.begin_object();
    to.member("enabled", *plan.proration_enabled);
    to.member("mode", "max_consumption_based");
    to.end_object();
  }
  if (plan.payment_method_required.has_value()) to.member("paymentMethodRequired", *plan.payment_method_required);
}

}  // namespace tollgate::json
