#pragma once

#include "catalog/price.h"
#include "catalog/rule_place.h"

namespace tollgate::catalog {

/// Adds every way in which a price contradicts itself or does not cover all usage: tiers out of order, a last tier with
/// an end, a tier without any price, a package of nothing, a minimum above the maximum (S7.6). What passes can be
/// rated.
void check_price(const Price& price, const Place& place);

/// A percentage beyond 100. `place` is what has the member `discounts`.
void check_discounts(const Discounts& discounts, const Place& place);

}  // namespace tollgate::catalog
