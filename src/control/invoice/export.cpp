#include "control/invoice/export.h"

#include "control/credit/text.h"
#include "control/http/list.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr std::string_view kHeader =
    "number,invoice,date,status,currency,line,kind,description,phase,card,feature,from,to,usage,billedUsage,amount,"
    "explanation\r\n";

/// A field, quoted where it has to be. Programs for spreadsheets take what begins with one of `=+-@` for a formula:
/// text gets an apostrophe in front of it, as they expect of text.
void append_text(std::string& csv, std::string_view text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) csv += '"';
  if (formula) csv += '\'';
  for (const char c : text) csv.append(c == '"' ? 2 : 1, c);
  if (quoted) csv += '"';
  csv += ',';
}

/// A number as it is: it may begin with a minus sign.
void append_number(std::string& csv, std::string_view number) { csv.append(number).append(","); }

std::string instant_text(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

/// Of a credit, which no other column explains.
std::string explanation(json::Value line) {
  std::string all;
  for (const std::string& text : credit_texts(line)) all.append(all.empty() ? "" : "; ").append(text);
  return all;
}

void append_line(std::string& csv, const StoredInvoice& invoice, std::size_t number, json::Value line) {
  append_text(csv, invoice.number.value_or(""));
  append_text(csv, invoice.id);
  append_text(csv, instant_text(invoice.due_at));
  append_text(csv, name(invoice.status));
  append_text(csv, invoice.total.currency().code());
  append_number(csv, std::to_string(number));
  for (const std::string_view member : {"kind", "description", "phase", "card", "feature"}) {
    append_text(csv, line.member(member).text());
  }
  append_text(csv, line.member("period").member("from").text());
  append_text(csv, line.member("period").member("to").text());
  append_number(csv, line.member("usage").text());
  append_number(csv, line.member("billedUsage").text());
  append_number(csv, line.member("amount").text());
  append_text(csv, explanation(line));
  csv.pop_back();
  csv += "\r\n";
}

}  // namespace

InvoiceFormat read_format(Context& context) {
  for (const auto& [name, value] : context.target.query) {
    if (name != "format") context.violations.add(name, "unknown_parameter", "is not a parameter that is known here");
  }
  const auto format = query_parameter(context, "format");
  if (!format.has_value()) return InvoiceFormat::json;
  const auto& names = kInvoiceFormatNames;
  const auto found = std::find(std::begin(names), std::end(names), *format);
  if (found == std::end(names)) {
    context.violations.add("format", "one_of", "must be one of json, csv, html");
    return InvoiceFormat::json;
  }
  return static_cast<InvoiceFormat>(found - std::begin(names));
}

std::string invoice_csv(const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines) {
  std::string csv(kHeader);
  std::size_t number = 0;
  for (const invoice::DrawnLine& line : lines) {
    json::Document document;
    if (document.parse(line.body).ok()) append_line(csv, invoice, ++number, document.root());
  }
  return csv;
}

Response exported(const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines, InvoiceFormat format) {
  const bool csv = format == InvoiceFormat::csv;
  Response response;
  response.status = 200;
  response.body = csv ? invoice_csv(invoice, lines) : invoice_html(invoice, lines);
  response.headers.emplace_back("content-type", csv ? "text/csv; charset=utf-8" : "text/html; charset=utf-8");
  if (csv) {
    response.headers.emplace_back("content-disposition",
                                  "attachment; filename=\"" + invoice.number.value_or(invoice.id) + ".csv\"");
  } else {
    response.headers.emplace_back("content-security-policy",
                                  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox");
  }
  return response;
}

}  // namespace tollgate::control
