#include "json/rating.h"

#include "json/price.h"

namespace tollgate::json {
namespace {

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

}  // namespace

void write_rating(Writer<Text>& to, const billing::Rating& rating) {
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
