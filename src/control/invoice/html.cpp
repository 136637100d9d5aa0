#include "control/credit/text.h"
#include "control/invoice/export.h"
#include "json/document.h"
#include "money/text.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<style>
@page { size: A4; margin: 18mm 16mm; }
:root { color-scheme: light; }
body { font: 10.5pt/1.45 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #1b1f24; background: #fff;
  margin: 0 auto; max-width: 178mm; padding: 12mm 6mm; overflow-wrap: anywhere; }
header { display: flex; justify-content: space-between; align-items: baseline; margin-bottom: 9mm; }
h1 { font-size: 20pt; font-weight: 650; margin: 0; }
.status { font-size: 9pt; letter-spacing: .06em; text-transform: uppercase; border: 1px solid; border-radius: 3px;
  padding: 1mm 2.5mm; color: #57606a; }
.status.paid { color: #1a7f37; }
.status.void, .status.uncollectible { color: #b42318; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 6mm; margin: 0; }
dt { color: #57606a; }
dd { margin: 0; }
.about { display: grid; grid-template-columns: 2fr 3fr; gap: 8mm; margin-bottom: 10mm; }
.about h2, .note h2 { font-size: 9pt; font-weight: 600; text-transform: uppercase; letter-spacing: .06em;
  color: #57606a;
  margin: 0 0 2mm; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: 9pt; font-weight: 600; color: #57606a; border-bottom: 1.5px solid #1b1f24;
  padding: 0 0 2mm; }
td { vertical-align: top; padding: 2.5mm 0 0; }
tbody { break-inside: avoid; border-bottom: 1px solid #d0d7de; }
tbody tr:last-child td { padding-bottom: 2.5mm; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-left: 5mm; }
.detail td { color: #57606a; font-size: 9pt; padding-top: .6mm; }
.detail td:first-child { padding-left: 4mm; }
.small { color: #57606a; font-size: 9pt; }
tfoot td { font-size: 13pt; font-weight: 650; padding-top: 4mm; }
.note { margin-top: 9mm; break-inside: avoid; }
p.small { margin-top: 9mm; }
</style>
)";

/// A sheet under construction. Everything that comes from outside of it is escaped.
class Sheet {
 public:
  void raw(std::string_view markup) { html_.append(markup); }
  void text(std::string_view text) {
    for (const char c : text) {
      switch (c) {
        case '&': html_ += "&amp;"; break;
        case '<': html_ += "&lt;"; break;
        case '>': html_ += "&gt;"; break;
        case '"': html_ += "&quot;"; break;
        case '\'': html_ += "&#39;"; break;
        default: html_ += c;
      }
    }
  }
  void element(std::string_view open, std::string_view content, std::string_view close) {
    raw(open);
    text(content);
    raw(close);
  }
  void term(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    element("<dt>", name, "</dt>");
    element("<dd>", value, "</dd>\n");
  }
  std::string take() { return std::move(html_); }

 private:
  std::string html_;
};

std::string instant_text(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

/// `2026-02-15T10:00:00Z` as people read it: `2026-02-15`, with the time where it is not midnight.
std::string moment(std::string_view instant) {
  const std::string_view time = instant.substr(std::min<std::size_t>(11, instant.size()), 5);
  std::string text(instant.substr(0, 10));
  if (!time.empty() && time != "00:00") text.append(" ").append(time);
  return text;
}

std::string label_of(json::Value line) {
  std::string label(line.member("description").text());
  if (line.member("kind").text() == "late_usage") label += " (usage that came late)";
  if (line.member("kind").text() == "credit" && !line.member("card").absent()) {
    label.append(" on ").append(line.member("card").text());
  }
  return label;
}

void add_detail(Sheet& sheet, std::string_view label, std::string_view amount) {
  sheet.element("<tr class=\"detail\"><td colspan=\"2\">", label, "</td>");
  sheet.element("<td class=\"number\">", amount, "</td></tr>\n");
}

/// A decimal of the invoice; 0 for what is none.
Quantity quantity_of(json::Value decimal) {
  const auto quantity = Quantity::parse(decimal.text());
  return quantity.ok() ? *quantity : Quantity();
}

std::string quantity_text(Quantity quantity) {
  char text[Quantity::kMaxText];
  return {text, quantity.write(text)};
}

std::string step_label(json::Value step, bool tiered) {
  std::string label;
  // People count tiers from 1.
  const Quantity number = quantity_of(step.member("tier")).plus(Quantity::units(1));
  if (tiered) label.append("Tier ").append(quantity_text(number)).append(": ");
  if (const json::Value price = step.member("unitPrice"); !price.absent()) {
    const json::Value quantity = step.member("quantity");
    label.append(quantity.absent() ? "0" : quantity.text()).append(" × ").append(price.text());
  }
  if (const json::Value flat = step.member("flatPrice"); !flat.absent()) {
    label.append(step.member("unitPrice").absent() ? "flat " : " + flat ").append(flat.text());
  }
  return label;
}

/// How the rating came about, where there is more to say than the amount itself.
void add_rating(Sheet& sheet, json::Value line) {
  const json::Value rating = line.member("rating");
  const bool tiered = line.member("price").member("type").text() == "tiered";
  if (const json::Value free = rating.member("freeQuantity"); !free.absent()) {
    add_detail(sheet, "Included free: " + std::string(free.text()), "");
  }
  for (json::Value step : rating.member("steps")) {
    add_detail(sheet, step_label(step, tiered), step.member("subtotal").text());
  }
  if (const json::Value discount = rating.member("discount"); !discount.absent()) {
    const std::string percentage(line.member("discounts").member("percentage").text());
    add_detail(sheet, "Discount of " + percentage + " %", "−" + std::string(discount.text()));
  }
  if (const json::Value commitment = rating.member("commitment"); !commitment.absent()) {
    const bool at_least = commitment.text() == "minimum";
    add_detail(sheet, at_least ? "Minimum amount" : "Maximum amount", rating.member("beforeRounding").text());
  }
  const std::string_view exact = rating.member("beforeRounding").text();
  const std::string_view total = rating.member("total").text();
  if (exact.size() > total.size()) add_detail(sheet, "Rounded from " + std::string(exact), total);
}

/// Of late usage only what is new.
std::string quantity_on(json::Value line) {
  if (line.member("kind").text() != "late_usage") return std::string(line.member("usage").text());
  return quantity_text(quantity_of(line.member("usage")).minus(quantity_of(line.member("billedUsage"))));
}

void add_line(Sheet& sheet, json::Value line) {
  const json::Value period = line.member("period");
  sheet.raw("<tbody>\n<tr><td>");
  sheet.text(label_of(line));
  if (!period.absent()) {
    sheet.raw("<br><span class=\"small\">");
    sheet.text(moment(period.member("from").text()) + " – " + moment(period.member("to").text()));
    sheet.raw("</span>");
  }
  sheet.element("</td><td class=\"number\">", quantity_on(line), "</td>");
  sheet.element("<td class=\"number\">", line.member("amount").text(), "</td></tr>\n");
  const json::Value rating = line.member("rating");
  const std::string_view kind = line.member("kind").text();
  const bool is_plain = rating.member("discount").absent() && rating.member("commitment").absent();
  if (kind == "usage" || (kind == "fee" && !is_plain)) add_rating(sheet, line);
  for (const std::string& text : credit_texts(line)) add_detail(sheet, text, "");
  if (kind == "late_usage") {
    add_detail(sheet, "All usage of the period: " + std::string(line.member("usage").text()),
               rating.member("total").text());
    add_detail(sheet, "Billed before: " + std::string(line.member("billedUsage").text()),
               "−" + std::string(line.member("billedRating").member("total").text()));
  }
  sheet.raw("</tbody>\n");
}

void add_parties(Sheet& sheet, const StoredInvoice& invoice, json::Value parties) {
  const json::Value customer = parties.member("customer");
  sheet.raw("<section class=\"about\">\n<div><h2>Bill to</h2>");
  sheet.element("<strong>", customer.member("name").text(), "</strong><br>");
  sheet.element("", customer.member("primaryEmail").text(), "");
  sheet.element("<br><span class=\"small\">Customer ", customer.member("key").text(), "</span></div>\n<dl>");
  sheet.term("Date", moment(instant_text(invoice.due_at)));
  if (invoice.finalized_at.has_value()) sheet.term("Issued", moment(instant_text(*invoice.finalized_at)));
  if (invoice.paid_at.has_value()) sheet.term("Paid", moment(instant_text(*invoice.paid_at)));
  sheet.term("Plan", parties.member("plan").member("name").text());
  sheet.term("Subscription", invoice.subscription_id);
  sheet.term("Currency", invoice.total.currency().code());
  sheet.raw("</dl>\n</section>\n");
}

void add_table(Sheet& sheet, const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines) {
  sheet.raw(
      "<table>\n<thead><tr><th>Description</th><th class=\"number\">Quantity</th><th class=\"number\">Amount</th>"
      "</tr></thead>\n");
  for (const invoice::DrawnLine& line : lines) {
    json::Document document;
    if (document.parse(line.body).ok()) add_line(sheet, document.root());
  }
  sheet.raw("<tfoot><tr><td colspan=\"2\">Total</td>");
  sheet.element("<td class=\"number\">",
                amount_text(invoice.total) + " " + std::string(invoice.total.currency().code()),
                "</td></tr></tfoot>\n</table>\n");
}

void add_note(Sheet& sheet, std::string_view title, std::string_view text) {
  sheet.element("<section class=\"note\"><h2>", title, "</h2>");
  sheet.element("<p>", text, "</p></section>\n");
}

void add_notes(Sheet& sheet, const StoredInvoice& invoice) {
  if (invoice.voided_at.has_value()) {
    add_note(sheet, "Void",
             "Since " + moment(instant_text(*invoice.voided_at)) + ": " + invoice.void_reason.value_or(""));
  }
  if (invoice.replaces_id.has_value())
    add_note(sheet, "Replacement", "In place of invoice " + *invoice.replaces_id + ".");
  if (invoice.replaced_by.has_value()) add_note(sheet, "Replaced", "Issued again as " + *invoice.replaced_by + ".");
  json::Document failure;
  if (invoice.failure.has_value() && failure.parse(*invoice.failure).ok()) {
    const std::string_view line = failure.root().member("line").text();
    std::string reason(failure.root().member("detail").text());
    if (!line.empty()) reason.append(" Line: ").append(line).append(".");
    add_note(sheet, "Not final", reason);
  }
}

}  // namespace

std::string invoice_html(const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>& lines) {
  json::Document parties;
  static_cast<void>(parties.parse(invoice.parties));
  const std::string title = invoice.number.has_value() ? "Invoice " + *invoice.number : "Draft invoice";
  Sheet sheet;
  sheet.raw(kHead);
  sheet.element("<title>", title, "</title>\n</head>\n<body>\n");
  sheet.element("<header><h1>", title, "</h1>");
  sheet.element("<span class=\"status ", name(invoice.status), "\">");
  sheet.element("", name(invoice.status), "</span></header>\n");
  add_parties(sheet, invoice, parties.root());
  add_table(sheet, invoice, lines);
  add_notes(sheet, invoice);
  sheet.raw("<p class=\"small\">Times are in UTC; a period ends just before its second time.</p>\n");
  sheet.raw("</body>\n</html>\n");
  return sheet.take();
}

}  // namespace tollgate::control
