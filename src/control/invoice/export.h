#pragma once

#include "control/http/context.h"
#include "control/invoice/store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

enum class InvoiceFormat : std::uint8_t { json, csv, html };
inline constexpr std::string_view kInvoiceFormatNames[] = {"json", "csv", "html"};

/// Reads `format` from the query; anything else there is a violation.
InvoiceFormat read_format(Context& context);

/// The invoice as a table of its lines (RFC 4180, one row for each line) or as a page to print (A4, self-contained).
Response exported(const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines, InvoiceFormat format);

/// The two of them as text.
std::string invoice_csv(const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines);
std::string invoice_html(const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines);

}  // namespace tollgate::control
