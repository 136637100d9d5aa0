#include "invoice/told_invoice.h"

#include <utility>

namespace tollgate::invoice {

std::optional<ToldInvoice> read_invoice(json::Value invoice) {
  const auto text = [&](std::string_view name) { return std::string(invoice.member(name).text()); };
  const auto currency = money::Currency::of(text("currency"));
  if (!currency.has_value() || text("id").empty()) return std::nullopt;
  ToldInvoice told{text("id"),         text("number"), text("status"), text("subscriptionId"),
                   text("customerId"), *currency,      text("total"),  {}};
  for (json::Value value : invoice.member("lines")) {
    const auto word = [&](std::string_view name) { return std::string(value.member(name).text()); };
    told.lines.push_back({word("kind"), word("card"), word("amount"), word("usage"), read_line(value, *currency)});
  }
  return told;
}

}  // namespace tollgate::invoice
