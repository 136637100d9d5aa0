#include "json/calculator.h"

#include "billing/proration.h"
#include "catalog/plan.h"
#include "catalog/price_rules.h"
#include "json/instant.h"
#include "json/price.h"
#include "json/rating.h"
#include "subscription/lifecycle.h"

#include <span>

namespace tollgate::json {
namespace {

bool is_cadence(std::string_view text) { return parse_cadence(text).ok(); }

constexpr TextRule kCurrencyText = {3, 3, money::is_currency, "currency", "an ISO 4217 currency code"};
constexpr TextRule kCadenceText = {1, 16, is_cadence, "cadence", "an ISO 8601 duration of one unit, such as P1M"};

Violations violation(std::string_view field, std::string_view rule, std::string_view message) {
  Violations violations;
  violations.add(field, rule, message);
  return violations;
}

/// Reads a question's members with `read(fields)`; fails with everything that is wrong with them.
template <class Read>
auto answer_to(std::string_view question, Read read)
    -> Result<decltype(read(std::declval<ObjectReader&>())), Violations> {
  Document document;
  if (!document.parse(question).ok()) return fail(violation("", "json", "must be a JSON object"));
  Violations violations;
  ObjectReader fields(document.root(), "", violations);
  auto result = read(fields);
  fields.refuse_others();
  if (!violations.empty()) return fail(std::move(violations));
  return result;
}

Instant read_instant(ObjectReader& fields, std::string_view name) {
  if (!fields.has(name)) fields.refuse_missing(name);
  return fields.optional_instant(name).value_or(Instant());
}

/// Of a text that `kCadenceText` let pass; anything else is refused already.
Cadence read_cadence(ObjectReader& fields, std::string_view name) {
  const auto cadence = parse_cadence(fields.text(name, kCadenceText));
  return cadence.ok() ? *cadence : Cadence();
}

/// No currency where it is refused.
money::Currency read_currency(ObjectReader& fields) {
  return money::Currency::of(fields.text("currency", kCurrencyText)).value_or(money::Currency());
}

/// An object with the members that `write(to)` writes.
template <class Write>
std::string object_text(Write write) {
  Text text;
  Writer<Text> to(text);
  to.begin_object();
  write(to);
  to.end_object();
  return text.take();
}

Result<billing::Rating, Violations> rated(const CalculatedPrice& price, std::string_view usage) {
  const auto quantity = Quantity::parse(usage);
  if (!quantity.ok()) {
    return fail(
        violation("usage", "decimal", "must be a decimal number below 10^18 with up to nine fractional digits"));
  }
  auto rating = billing::rate(price.price, price.discounts, *quantity, price.currency);
  if (!rating.ok()) return fail(violation("usage", billing::name(rating.error()), "cannot be rated"));
  return std::move(*rating);
}

std::string prorated(ObjectReader& fields) {
  const money::Decimal fee = read_money(fields, "fee");
  const Period period{read_instant(fields, "from"), read_instant(fields, "to")};
  const Instant at = read_instant(fields, "at");
  const billing::QuotaUse quota{fields.optional_decimal("limit").value_or(Quantity()),
                                fields.optional_decimal("used").value_or(Quantity())};
  const money::Currency currency = read_currency(fields);
  if (period.to <= period.from) {
    fields.refuse("to", "range", "must be after from");
    return {};
  }
  const auto consumed = billing::consumed_of(period, at, std::span(&quota, 1));
  const money::Amount credit = billing::credit_of(fee, consumed, currency);
  return object_text([&](Writer<Text>& to) { write_decimal(to, "credit", credit); });
}

std::string period_text(ObjectReader& fields) {
  const Instant anchor = read_instant(fields, "anchor");
  const Cadence cadence = read_cadence(fields, "cadence");
  const auto period = period_containing(anchor, cadence, read_instant(fields, "at"));
  if (!period.ok()) {
    fields.refuse("at", "range", "has a period that leads out of the years 0000 to 9999");
    return {};
  }
  return object_text([&](Writer<Text>& to) { write_period_members(to, *period); });
}

std::string status_text(ObjectReader& fields) {
  const Instant from = read_instant(fields, "activeFrom");
  const auto to = fields.optional_instant("activeTo");
  const auto status = subscription::status_at(from, to, read_instant(fields, "now"));
  return object_text([&](Writer<Text>& text) {
    text.member("status", subscription::name(status));
    text.member("access", subscription::has_access(status));
  });
}

}  // namespace

Result<CalculatedPrice, Violations> read_calculated_price(std::string_view question) {
  return answer_to(question, [](ObjectReader& fields) {
    CalculatedPrice result;
    if (!fields.has("price")) fields.refuse_missing("price");
    if (const Value price = fields.optional_object("price"); !price.absent()) {
      result.price = read_price(price, "price", fields.violations());
      check_price(result.price, {"price", fields.violations()});
    }
    result.discounts = read_discounts(fields);
    check_discounts(result.discounts, {"", fields.violations()});
    result.currency = read_currency(fields);
    return result;
  });
}

Result<std::string, Violations> rate_usage(const CalculatedPrice& price, std::string_view usage) {
  const auto rating = rated(price, usage);
  if (!rating.ok()) return fail(rating.error());
  Text text;
  Writer<Text> to(text);
  write_rating(to, *rating);
  return text.take();
}

Result<std::string, Violations> total_of_usage(const CalculatedPrice& price, std::string_view usage) {
  const auto rating = rated(price, usage);
  if (!rating.ok()) return fail(rating.error());
  char text[money::Amount::kMaxText];
  return std::string(text, rating->total.write(text));
}

Result<std::string, Violations> prorate(std::string_view question) { return answer_to(question, prorated); }

Result<std::string, Violations> period_around(std::string_view question) { return answer_to(question, period_text); }

Result<std::string, Violations> alignment(std::string_view question) {
  return answer_to(question, [](ObjectReader& fields) {
    const Cadence plan = read_cadence(fields, "plan");
    const bool aligned = catalog::aligned(plan, read_cadence(fields, "rateCard"));
    return object_text([&](Writer<Text>& to) { to.member("aligned", aligned); });
  });
}

Result<std::string, Violations> status_of(std::string_view question) { return answer_to(question, status_text); }

}  // namespace tollgate::json
