#include "json/rating.h"

#include "json/price.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace tollgate::json {
namespace {

using billing::Rating;

void write_step(Writer<Text>& to, const billing::RatedStep& step) {
  to.begin_object();
  to.member("tier", static_cast<std::int64_t>(step.tier));
  if (step.unit_price.has_value() || !step.quantity.zero()) write_decimal(to, "quantity", step.quantity);
  if (step.unit_price.has_value()) write_decimal(to, "unitPrice", *step.unit_price);
  if (step.flat_price.has_value()) write_decimal(to, "flatPrice", *step.flat_price);
  if (step.package_size.has_value()) write_decimal(to, "packageSize", *step.package_size);
  write_decimal(to, "subtotal", step.subtotal);
  to.end_object();
}

/// Reads numbers; remembers whether one of them was none.
class Numbers {
 public:
  explicit Numbers(money::Currency currency) : currency_(currency) {}

  bool all_read() const { return all_read_; }

  template <class Number>
  Number read(Value value) {
    return accept(Number::parse(value.text()));
  }
  /// One that is left out stands for 0, or for none.
  template <class Number>
  std::optional<Number> read_optional(Value value) {
    return value.absent() ? std::nullopt : std::optional(read<Number>(value));
  }
  money::Amount read_amount(Value value) { return accept(money::Amount::parse(value.text(), currency_)); }

 private:
  template <class Number, class Error>
  Number accept(const Result<Number, Error>& number) {
    all_read_ = all_read_ && number.ok();
    return number.ok() ? *number : Number();
  }

  money::Currency currency_;
  bool all_read_ = true;
};

billing::RatedStep read_step(Value object, Numbers& numbers) {
  billing::RatedStep step;
  const std::string_view tier = object.member("tier").text();
  std::from_chars(tier.data(), tier.data() + tier.size(), step.tier);
  step.quantity = numbers.read_optional<Quantity>(object.member("quantity")).value_or(Quantity());
  step.unit_price = numbers.read_optional<money::Decimal>(object.member("unitPrice"));
  step.flat_price = numbers.read_optional<money::Decimal>(object.member("flatPrice"));
  step.package_size = numbers.read_optional<Quantity>(object.member("packageSize"));
  step.subtotal = numbers.read<money::Exact>(object.member("subtotal"));
  return step;
}

billing::Commitment read_commitment(Value word) {
  const auto& names = billing::kCommitmentNames;
  const auto found = std::find(std::begin(names), std::end(names), word.text());
  return found == std::end(names) ? billing::Commitment::none
                                  : static_cast<billing::Commitment>(found - std::begin(names));
}

}  // namespace

std::optional<Rating> read_rating(Value object, money::Currency currency) {
  Numbers numbers(currency);
  Rating rating;
  rating.usage = numbers.read<Quantity>(object.member("usage"));
  rating.free_quantity = numbers.read_optional<Quantity>(object.member("freeQuantity")).value_or(Quantity());
  for (Value step : object.member("steps")) rating.steps.push_back(read_step(step, numbers));
  rating.price = numbers.read<money::Exact>(object.member("price"));
  rating.discount = numbers.read_optional<money::Exact>(object.member("discount")).value_or(money::Exact());
  rating.commitment = read_commitment(object.member("commitment"));
  rating.before_rounding = numbers.read<money::Exact>(object.member("beforeRounding"));
  rating.total = numbers.read_amount(object.member("total"));
  return numbers.all_read() ? std::optional(std::move(rating)) : std::nullopt;
}

void write_rating(Writer<Text>& to, const Rating& rating) {
  to.begin_object();
  write_decimal(to, "usage", rating.usage);
  if (!rating.free_quantity.zero()) write_decimal(to, "freeQuantity", rating.free_quantity);
  to.key("steps");
  to.begin_array();
  for (const billing::RatedStep& step : rating.steps) write_step(to, step);
  to.end_array();
  write_decimal(to, "price", rating.price);
  if (!rating.discount.zero()) write_decimal(to, "discount", rating.discount);
  if (rating.commitment != billing::Commitment::none) {
    to.member("commitment", billing::kCommitmentNames[static_cast<std::size_t>(rating.commitment)]);
  }
  write_decimal(to, "beforeRounding", rating.before_rounding);
  write_decimal(to, "total", rating.total);
  to.end_object();
}

}  // namespace tollgate::json
