#include "json/price.h"

#include "base/limits.h"

namespace tollgate::json {
namespace {

using catalog::PriceType;
using money::Decimal;

std::string_view why(money::MoneyError error) {
  switch (error) {
    case money::MoneyError::too_many_digits: return "has more than 18 fractional digits";
    case money::MoneyError::out_of_range: return "must be below 10^18";
    case money::MoneyError::not_a_decimal:
    case money::MoneyError::overflow:
    case money::MoneyError::unknown_currency: break;
  }
  return "must be a decimal number, as a number or as a string";
}

/// `{"type": "flat", "amount": "10"}` inside a tier, or null.
std::optional<Decimal> read_tier_price(ObjectReader& tier, std::string_view name, std::string_view type) {
  const Value object = tier.optional_object(name);
  if (object.absent()) return std::nullopt;
  ObjectReader fields(object, tier.path(name), tier.violations());
  const std::string_view types[] = {type};
  fields.word("type", types);
  const Decimal amount = read_money(fields, "amount");
  fields.refuse_others();
  return amount;
}

catalog::Tier read_tier(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  catalog::Tier tier;
  tier.up_to = fields.optional_decimal("upToAmount");
  tier.flat_price = read_tier_price(fields, "flatPrice", "flat");
  tier.unit_price = read_tier_price(fields, "unitPrice", "unit");
  fields.refuse_others();
  return tier;
}

void read_tiers(ObjectReader& fields, catalog::Price& price) {
  price.mode = static_cast<catalog::TierMode>(fields.word("mode", catalog::kTierModeNames).value_or(0));
  const std::string path = fields.path("tiers");
  std::size_t index = 0;
  for (Value tier : fields.array("tiers", 1, limits::kMaxTiers)) {
    price.tiers.push_back(read_tier(tier, field_path(path, index++), fields.violations()));
  }
}

void read_commitments(ObjectReader& fields, catalog::Price& price) {
  const Value object = fields.optional_object("commitments");
  if (object.absent()) return;
  ObjectReader commitments(object, fields.path("commitments"), fields.violations());
  price.minimum_amount = read_optional_money(commitments, "minimumAmount");
  price.maximum_amount = read_optional_money(commitments, "maximumAmount");
  commitments.refuse_others();
}

void write_tier_price(Writer<Text>& to, std::string_view name, std::string_view type,
                      const std::optional<Decimal>& amount) {
  to.key(name);
  if (!amount.has_value()) {
    to.null();
    return;
  }
  to.begin_object();
  to.member("type", type);
  write_decimal(to, "amount", *amount);
  to.end_object();
}

void write_tiers(Writer<Text>& to, const catalog::Price& price) {
  to.member("mode", catalog::kTierModeNames[static_cast<std::size_t>(price.mode)]);
  to.key("tiers");
  to.begin_array();
  for (const catalog::Tier& tier : price.tiers) {
    to.begin_object();
    if (tier.up_to.has_value()) {
      write_decimal(to, "upToAmount", *tier.up_to);
    } else {
      to.key("upToAmount");
      to.null();
    }
    write_tier_price(to, "flatPrice", "flat", tier.flat_price);
    write_tier_price(to, "unitPrice", "unit", tier.unit_price);
    to.end_object();
  }
  to.end_array();
}

void write_commitments(Writer<Text>& to, const catalog::Price& price) {
  if (!price.minimum_amount.has_value() && !price.maximum_amount.has_value()) return;
  to.key("commitments");
  to.begin_object();
  if (price.minimum_amount.has_value()) write_decimal(to, "minimumAmount", *price.minimum_amount);
  if (price.maximum_amount.has_value()) write_decimal(to, "maximumAmount", *price.maximum_amount);
  to.end_object();
}

}  // namespace

std::optional<Decimal> read_optional_money(ObjectReader& fields, std::string_view name) {
  const auto digits = fields.optional_digits(name);
  if (!digits.has_value()) return std::nullopt;
  const auto amount = Decimal::parse(*digits);
  if (!amount.ok()) {
    fields.refuse(name, "decimal", why(amount.error()));
    return std::nullopt;
  }
  if (amount->negative()) {
    fields.refuse(name, "range", "must not be negative");
    return std::nullopt;
  }
  return *amount;
}

Decimal read_money(ObjectReader& fields, std::string_view name) {
  if (!fields.has(name)) fields.refuse_missing(name);
  return read_optional_money(fields, name).value_or(Decimal());
}

catalog::Price read_price(Value object, std::string_view path, Violations& violations) {
  ObjectReader fields(object, path, violations);
  catalog::Price price;
  const auto type = fields.word("type", catalog::kPriceTypeNames);
  if (!type.has_value()) return price;
  price.type = static_cast<PriceType>(*type);
  if (price.type == PriceType::tiered) {
    read_tiers(fields, price);
  } else if (price.type == PriceType::dynamic) {
    price.multiplier = read_optional_money(fields, "multiplier").value_or(Decimal::units(1));
  } else {
    price.amount = read_money(fields, "amount");
  }
  if (price.type == PriceType::package) price.quantity_per_package = fields.decimal("quantityPerPackage");
  if (price.type == PriceType::flat) {
    const auto term = fields.optional_word("paymentTerm", catalog::kPaymentTermNames);
    if (term.has_value()) price.payment_term = static_cast<catalog::PaymentTerm>(*term);
  }
  read_commitments(fields, price);
  fields.refuse_others();
  return price;
}

void write_price(Writer<Text>& to, const catalog::Price& price) {
  to.begin_object();
  to.member("type", catalog::kPriceTypeNames[static_cast<std::size_t>(price.type)]);
  if (price.type == PriceType::tiered) {
    write_tiers(to, price);
  } else if (price.type == PriceType::dynamic) {
    write_decimal(to, "multiplier", price.multiplier);
  } else {
    write_decimal(to, "amount", price.amount);
  }
  if (price.type == PriceType::package) write_decimal(to, "quantityPerPackage", price.quantity_per_package);
  if (price.payment_term.has_value()) {
    to.member("paymentTerm", catalog::kPaymentTermNames[static_cast<std::size_t>(*price.payment_term)]);
  }
  write_commitments(to, price);
  to.end_object();
}

catalog::Discounts read_discounts(ObjectReader& fields) {
  catalog::Discounts result;
  const Value object = fields.optional_object("discounts");
  if (object.absent()) return result;
  ObjectReader discounts(object, fields.path("discounts"), fields.violations());
  result.percentage = discounts.optional_decimal("percentage");
  if (const Value usage = discounts.optional_object("usage"); !usage.absent()) {
    ObjectReader free_of_charge(usage, discounts.path("usage"), fields.violations());
    result.quantity = free_of_charge.decimal("quantity");
    free_of_charge.refuse_others();
  }
  discounts.refuse_others();
  return result;
}

void write_discounts(Writer<Text>& to, const catalog::Discounts& discounts) {
  if (!discounts.percentage.has_value() && !discounts.quantity.has_value()) return;
  to.key("discounts");
  to.begin_object();
  if (discounts.percentage.has_value()) write_decimal(to, "percentage", *discounts.percentage);
  if (discounts.quantity.has_value()) {
    to.key("usage");
    to.begin_object();
    write_decimal(to, "quantity", *discounts.quantity);
    to.end_object();
  }
  to.end_object();
}

}  // namespace tollgate::json
