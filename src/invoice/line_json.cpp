#include "invoice/line_json.h"

#include "json/instant.h"
#include "json/price.h"
#include "json/rating.h"

#include <algorithm>
#include <iterator>

namespace tollgate::invoice {
namespace {

using money::Amount;
using Writer = json::Writer<json::Text>;

std::string_view payment_term(bool in_advance) { return catalog::kPaymentTermNames[in_advance ? 0 : 1]; }

void write_text(Writer& to, std::string_view name, const std::optional<std::string>& text) {
  if (text.has_value()) to.member(name, std::string_view(*text));
}

void write_quantity(Writer& to, std::string_view name, const std::optional<Quantity>& quantity) {
  if (quantity.has_value()) json::write_decimal(to, name, *quantity);
}

void write_rating(Writer& to, std::string_view name, const std::optional<billing::Rating>& rating) {
  if (!rating.has_value()) return;
  to.key(name);
  json::write_rating(to, *rating);
}

void write_card(Writer& to, const LineCard& card) {
  to.member("phase", std::string_view(card.phase));
  to.member("card", std::string_view(card.card));
  to.member("paymentTerm", payment_term(card.in_advance));
  if (!card.period.has_value()) return;
  to.key("period");
  to.begin_object();
  json::write_period_members(to, *card.period);
  to.end_object();
}

void write_terms(Writer& to, const LineTerms& terms) {
  write_text(to, "feature", terms.feature);
  write_text(to, "meter", terms.meter);
  json::write_instant_member(to, "usageFrom", terms.usage_from);
  json::write_instant_member(to, "usageUntil", terms.usage_until);
  to.key("price");
  json::write_price(to, terms.price);
  json::write_discounts(to, terms.discounts);
}

/// How each credit came about, and how much of it is used here.
void write_sources(Writer& to, const std::vector<CreditShare>& sources) {
  to.key("sources");
  to.begin_array();
  for (const CreditShare& share : sources) {
    to.begin_object();
    to.member("creditId", std::string_view(share.credit_id));
    json::write_decimal(to, "granted", share.granted);
    json::write_decimal(to, "used", share.used);
    to.raw_member(name(share.kind), share.origin);
    to.end_object();
  }
  to.end_array();
}

std::optional<std::string> read_text(json::Value text) {
  if (text.absent()) return std::nullopt;
  return std::string(text.text());
}

std::optional<Instant> read_instant(json::Value instant) {
  const auto at = parse_instant(instant.text());
  return at.ok() ? std::optional(*at) : std::nullopt;
}

std::optional<LineCard> read_card(json::Value line) {
  const json::Value term = line.member("paymentTerm");
  const json::Value period = line.member("period");
  LineCard card{std::string(line.member("phase").text()), std::string(line.member("card").text()),
                term.text() == payment_term(true), json::read_period(period)};
  const bool is_term = card.in_advance || term.text() == payment_term(false);
  if (card.phase.empty() || card.card.empty() || !is_term) return std::nullopt;
  if (!period.absent() && !card.period.has_value()) return std::nullopt;
  return card;
}

std::optional<LineTerms> read_terms(json::Value line) {
  Violations violations;
  json::ObjectReader fields(line, "", violations);
  LineTerms terms{read_text(line.member("feature")),
                  read_text(line.member("meter")),
                  read_instant(line.member("usageFrom")),
                  read_instant(line.member("usageUntil")),
                  json::read_price(fields.take("price"), "price", violations),
                  json::read_discounts(fields)};
  if (!violations.empty()) return std::nullopt;
  return terms;
}

/// Reads a member into `quantity`; false where it is no quantity.
bool read_quantity(json::Value value, std::optional<Quantity>& quantity) {
  const auto read = Quantity::parse(value.text());
  if (read.ok()) quantity = *read;
  return read.ok();
}

using Fault = std::optional<LineFault>;

/// What is used of each source comes first: that alone says what the line comes to.
Fault read_sources(json::Value sources, money::Currency currency, std::vector<CreditShare>& shares) {
  if (sources.size() == 0) return LineFault::sources;
  bool all_granted = true;
  for (json::Value source : sources) {
    const auto used = Amount::parse(source.member("used").text(), currency);
    if (!used.ok() || !used->positive()) return LineFault::sources;
    const auto granted = Amount::parse(source.member("granted").text(), currency);
    all_granted = all_granted && granted.ok();
    const json::Value change = source.member(name(CreditKind::change));
    const CreditKind kind = change.absent() ? CreditKind::carried : CreditKind::change;
    const json::Value origin = source.member(name(kind));
    shares.push_back({kind, std::string(source.member("creditId").text()),
                      granted.ok() ? *granted : Amount::zero(currency), *used,
                      origin.absent() ? std::string() : json::compact(origin)});
  }
  return all_granted ? Fault() : LineFault::granted;
}

/// Fees and usage.
Fault read_rated(json::Value value, money::Currency currency, Line& line) {
  const bool is_usage = line.kind != LineKind::fee;
  if (!line.card.has_value() || (is_usage && !line.card->period.has_value())) return LineFault::head;
  line.terms = read_terms(value);
  if (!line.terms.has_value()) return LineFault::price;
  if (is_usage && !read_quantity(value.member("usage"), line.usage)) return LineFault::usage;
  line.rating = json::read_rating(value.member("rating"), currency);
  if (line.kind != LineKind::late_usage) return {};
  if (!read_quantity(value.member("billedUsage"), line.billed_usage)) return LineFault::usage;
  line.billed_rating = json::read_rating(value.member("billedRating"), currency);
  return {};
}

Fault read_parts(json::Value value, money::Currency currency, Line& line) {
  const auto found = std::find(std::begin(kLineKindNames), std::end(kLineKindNames), value.member("kind").text());
  const auto amount = Amount::parse(value.member("amount").text(), currency);
  if (found == std::end(kLineKindNames) || !amount.ok()) return LineFault::head;
  line.kind = static_cast<LineKind>(found - std::begin(kLineKindNames));
  line.description = value.member("description").text();
  line.amount = *amount;
  const bool is_of_card = !value.member("card").absent();
  if (is_of_card) line.card = read_card(value);
  if (is_of_card && !line.card.has_value()) return LineFault::head;
  switch (line.kind) {
    case LineKind::fee:
    case LineKind::usage:
    case LineKind::late_usage: return read_rated(value, currency, line);
    case LineKind::credit: return read_sources(value.member("sources"), currency, line.sources);
    case LineKind::carried: break;
  }
  return {};
}

}  // namespace

std::string line_text(const Line& line) {
  json::Text text;
  Writer to(text);
  to.begin_object();
  to.member("kind", name(line.kind));
  to.member("description", std::string_view(line.description));
  json::write_decimal(to, "amount", line.amount);
  if (line.card.has_value()) write_card(to, *line.card);
  if (line.terms.has_value()) write_terms(to, *line.terms);
  write_quantity(to, "usage", line.usage);
  write_quantity(to, "billedUsage", line.billed_usage);
  write_rating(to, "rating", line.rating);
  write_rating(to, "billedRating", line.billed_rating);
  if (line.kind == LineKind::credit) write_sources(to, line.sources);
  to.end_object();
  return text.take();
}

Result<Line, LineFault> read_line(json::Value line, money::Currency currency) {
  Line read;
  if (const Fault fault = read_parts(line, currency, read); fault.has_value()) return fail(*fault);
  return read;
}

}  // namespace tollgate::invoice
