#include "control/ledger/usage_table.h"

#include "control/ledger/rollups.h"

namespace tollgate::control {
namespace {

using catalog::Aggregation;
using metering::Aggregate;

using JsonWriter = json::Writer<json::Text>;

void write_optional_text(JsonWriter& to, std::string_view name, const std::optional<std::string>& text) {
  if (text.has_value()) to.member(name, std::string_view(*text));
}

std::optional<std::string> optional_text(json::Value value) {
  if (!value.is(json::Kind::string)) return std::nullopt;
  return std::string(value.text());
}

void write_usage(JsonWriter& to, Usage& usage) {
  to.member("count", usage.aggregate.count);
  if (const auto& totals = usage.aggregate.totals; totals.has_value()) {
    to.member("sum", totals->sum);
    to.member("min", totals->min);
    to.member("max", totals->max);
  }
  if (const auto& latest = usage.aggregate.latest; latest.has_value()) {
    to.member("latest", latest->value);
    to.member("latestMs", latest->time.ms);
    to.member("latestId", std::string_view(latest->id));
    to.member("latestSource", std::string_view(latest->source));
  }
  if (usage.distinct.digests().empty()) return;
  to.key("distinct");
  to.begin_array();
  for (const Hash128& digest : usage.distinct.digests()) to.value(std::string_view(hex(digest)));
  to.end_array();
}

/// Reads members of a row and remembers whether all were what they should be.
class RowReader {
 public:
  explicit RowReader(json::Value row) : row_(row) {}

  Quantity quantity(std::string_view name) {
    const auto quantity = Quantity::parse(row_.member(name).text());
    ok_ = ok_ && quantity.ok();
    return quantity.ok() ? *quantity : Quantity();
  }
  std::int64_t integer(std::string_view name) {
    const Quantity number = quantity(name);
    ok_ = ok_ && number == Quantity::units(number.floor_units());
    return number.floor_units();
  }
  bool has(std::string_view name) const { return !row_.member(name).absent(); }
  bool ok() const { return ok_; }

 private:
  json::Value row_;
  bool ok_ = true;
};

bool read_usage(json::Value row, Usage& usage) {
  RowReader reader(row);
  Aggregate& aggregate = usage.aggregate;
  aggregate.count = reader.integer("count");
  if (reader.has("sum")) {
    aggregate.totals = metering::Totals{reader.quantity("sum"), reader.quantity("min"), reader.quantity("max")};
  }
  if (reader.has("latest")) {
    aggregate.latest = metering::Latest{{reader.integer("latestMs")},
                                        std::string(row.member("latestId").text()),
                                        std::string(row.member("latestSource").text()),
                                        reader.quantity("latest")};
  }
  for (json::Value digest : row.member("distinct")) usage.distinct.insert(digest_from_hex(digest.text()));
  return reader.ok();
}

}  // namespace

bool Usage::merge(const Usage& other) {
  distinct.merge(other.distinct);
  return aggregate.merge(other.aggregate);
}

std::optional<Quantity> Usage::value(Aggregation aggregation) {
  const auto& totals = aggregate.totals;
  switch (aggregation) {
    case Aggregation::count: return Quantity::units(aggregate.count);
    case Aggregation::unique_count: return Quantity::units(static_cast<std::int64_t>(distinct.digests().size()));
    case Aggregation::sum: return totals.has_value() ? totals->sum : Quantity();
    case Aggregation::min: return totals.has_value() ? std::optional(totals->min) : std::nullopt;
    case Aggregation::max: return totals.has_value() ? std::optional(totals->max) : std::nullopt;
    case Aggregation::avg:
      return totals.has_value() ? std::optional(metering::average(totals->sum, aggregate.count)) : std::nullopt;
    case Aggregation::latest: break;
  }
  return aggregate.latest.has_value() ? std::optional(aggregate.latest->value) : std::nullopt;
}

void write_usage_rows(JsonWriter& to, UsageTable& table) {
  to.begin_array();
  for (auto& [key, usage] : table) {
    to.begin_object();
    to.member("windowMs", key.window_start.ms);
    write_optional_text(to, "subject", key.subject);
    write_optional_text(to, "subscription", key.subscription);
    to.member("dimensions", std::string_view(key.dimensions));
    write_usage(to, usage);
    to.end_object();
  }
  to.end_array();
}

bool read_usage_rows(json::Value rows, UsageTable& table) {
  if (!rows.is(json::Kind::array)) return false;
  for (json::Value row : rows) {
    UsageKey key;
    key.window_start = {RowReader(row).integer("windowMs")};
    key.subject = optional_text(row.member("subject"));
    key.subscription = optional_text(row.member("subscription"));
    key.dimensions = row.member("dimensions").text();
    Usage usage;
    if (!read_usage(row, usage) || !table[std::move(key)].merge(usage)) return false;
  }
  return true;
}

}  // namespace tollgate::control
