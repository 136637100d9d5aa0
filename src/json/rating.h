#pragma once

#include "billing/rating.h"
#include "json/document.h"

#include <optional>

namespace tollgate::json {

/// Writes what a line comes to and how it came about as a value (S8): every decimal as a string, in the order in which
/// it was computed. Members that play no part are left out.
///
///     {"usage":"1200","freeQuantity":"100",
///      "steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"},
///               {"tier":1,"quantity":"100","unitPrice":"0.05","subtotal":"5"}],
///      "price":"105","discount":"10.5","commitment":"maximum","beforeRounding":"90","total":"90.00"}
void write_rating(Writer<Text>& to, const billing::Rating& rating);
/// Reads what that wrote; nothing where it is no rating.
std::optional<billing::Rating> read_rating(Value object, money::Currency currency);

}  // namespace tollgate::json
