#pragma once

#include "invoice/line.h"
#include "json/document.h"

#include <cstdint>
#include <string>

namespace tollgate::invoice {

/// The line as JSON, schema `InvoiceLine` of docs/openapi.yaml:
///
///     {"kind":"fee","description":"Base fee","amount":"29.00","phase":"default","card":"base",
///      "paymentTerm":"in_advance","period":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},
///      "price":{"type":"flat","amount":"29"},"rating":{…}}
std::string line_text(const Line& line);

/// What of a line cannot be read.
enum class LineFault : std::uint8_t {
  head,     ///< kind, amount, card or period
  price,    ///< price or discounts
  usage,    ///< what was used, or what of it was billed before
  sources,  ///< a credit without sources, or without what is used of one
  granted,  ///< what a source is a part of
};

/// Reads what `line_text` made. Members that it does not know are passed over. A rating that cannot be read is left
/// out, since it follows from the rest.
Result<Line, LineFault> read_line(json::Value line, money::Currency currency);

}  // namespace tollgate::invoice
