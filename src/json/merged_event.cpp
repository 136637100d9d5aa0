#include "json/merged_event.h"

#include "base/limits.h"

#include <algorithm>

namespace tollgate::json {
namespace {

constexpr std::string_view kMembers[] = {"total", "count", "min", "max", "last"};

/// Reads the members of the data; false as soon as one of them is no number that it could be.
class MembersReader {
 public:
  MembersReader(Value data, std::string_view path, Violations& violations)
      : data_(data), path_(field_path(path, "data")), violations_(violations) {}

  Quantity value(std::string_view name) {
    const auto quantity = read_measured_value(data_.member(name), field_path(path_, name), violations_);
    ok_ = ok_ && quantity.has_value();
    return quantity.value_or(Quantity());
  }

  std::int64_t count() {
    const Quantity quantity = value("count");
    const std::int64_t count = quantity.floor_units();
    const bool whole = quantity == Quantity::units(count) && count >= 1 && count <= limits::kMaxMergedRequests;
    if (ok_ && !whole) {
      refuse("count", "range", "must be a whole number from 1 to " + std::to_string(limits::kMaxMergedRequests));
    }
    return count;
  }

  void refuse(std::string_view name, std::string_view rule, std::string_view message) {
    violations_.add(field_path(path_, name), rule, message);
    ok_ = false;
  }

  bool ok() const { return ok_; }

 private:
  Value data_;
  std::string path_;
  Violations& violations_;
  bool ok_ = true;
};

}  // namespace

bool is_merged(std::string_view source, Value data) {
  return source == kPolicySource && data.is(Kind::object) && data.size() == std::size(kMembers) &&
         std::all_of(std::begin(kMembers), std::end(kMembers),
                     [&](std::string_view name) { return !data.member(name).absent(); });
}

std::optional<metering::Measurement> read_merged(Value data, std::string_view path, Violations& violations) {
  MembersReader members(data, path, violations);
  metering::Measurement merged;
  merged.count = members.count();
  merged.totals = {members.value("total"), members.value("min"), members.value("max")};
  merged.last = members.value("last");
  if (!members.ok()) return std::nullopt;
  // In range by `kMaxMergedRequests`: 10^9 × 10^27 nanos.
  const auto times = [&](Quantity each) { return Quantity::nanos(each.nanos() * merged.count); };
  const auto& [total, min, max] = merged.totals;
  if (min > max) members.refuse("min", "merged", "must not be greater than max");
  if (merged.last < min || merged.last > max) members.refuse("last", "merged", "must lie between min and max");
  if (total < times(min) || total > times(max)) {
    members.refuse("total", "merged", "must lie between count times min and count times max");
  }
  if (!members.ok()) return std::nullopt;
  return merged;
}

std::optional<Quantity> read_measured_value(Value value, std::string_view field, Violations& violations) {
  const auto refuse = [&](std::string_view rule, std::string_view message) {
    violations.add(field, rule, message);
    return std::nullopt;
  };
  if (!value.is(Kind::number) && !value.is(Kind::string)) {
    return refuse("type", "must be a decimal number, as a number or as a string");
  }
  const auto quantity = Quantity::parse(value.text());
  if (quantity.ok() && !quantity->negative()) return *quantity;
  if (quantity.ok()) return refuse("range", "must not be negative");
  switch (quantity.error()) {
    case QuantityError::out_of_range: return refuse("range", "must be below 10^18");
    case QuantityError::too_many_digits: return refuse("decimal", "has more than nine fractional digits");
    case QuantityError::not_a_number: break;
  }
  return refuse("decimal", "must be a decimal number");
}

}  // namespace tollgate::json
