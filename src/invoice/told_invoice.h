#pragma once

#include "invoice/line_json.h"

#include <optional>
#include <string>
#include <vector>

namespace tollgate::invoice {

/// A line as an invoice tells it: word by word, and as a line where it can be read as one.
struct ToldLine {
  std::string kind;
  std::string card;
  std::string amount;
  std::string usage;
  Result<Line, LineFault> line = fail(LineFault::head);
};

/// An invoice as `GET invoices/{id}` tells it.
struct ToldInvoice {
  std::string id;
  std::string number;  ///< empty of a draft
  std::string status;
  std::string subscription_id;
  std::string customer_id;
  money::Currency currency;
  std::string total;
  std::vector<ToldLine> lines;

  bool is_void() const { return status == "void"; }
};

/// Nothing where it is no invoice.
std::optional<ToldInvoice> read_invoice(json::Value invoice);

}  // namespace tollgate::invoice
