#include "host-bindings/wasmtime/cli/audit_command.h"

#include "base/text.h"
#include "host-bindings/wasmtime/cli/audit_text.h"
#include "host-bindings/wasmtime/http/client.h"
#include "invoice/audit.h"
#include "json/instant.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

namespace tollgate::cli {
namespace {

constexpr int kEqual = 0;
constexpr int kDifferent = 1;
constexpr int kCannotTell = 2;

constexpr std::size_t kMostAnswerBytes = 64 * 1024 * 1024;

/// One bucket of a running control plane.
class ControlPlane {
 public:
  ControlPlane(http::Url url, const AuditArguments& arguments)
      : url_(std::move(url)), key_(arguments.key), bucket_(arguments.bucket), client_(open_, {}) {}

  /// The body of a 200; else a sentence.
  Result<bool, std::string> ask(std::string_view method, const std::string& path, const std::string& body,
                                json::Document& answer) {
    const std::string base = url_.path.back() == '/' ? url_.path.substr(0, url_.path.size() - 1) : url_.path;
    http::OutgoingRequest request;
    request.origin = url_.origin;
    request.head = {std::string(method), base + "/v3/metering/" + bucket_ + "/" + path, {}};
    request.head.fields.add("authorization", "Bearer " + key_);
    if (!body.empty()) {
      request.head.fields.add("content-type", "application/json");
      request.body = body_of(body);
    }
    auto response = client_.send(request);
    if (!response.ok()) return fail(response.error());
    std::string text;
    if (!read(*response, text)) return fail(std::string("the answer broke off"));
    const bool is_json = answer.parse(text).ok();
    if (response->head.status == 200 && is_json) return true;
    const std::string detail = is_json ? ": " + std::string(answer.root().member("detail").text()) : "";
    return fail(std::string(method) + " " + path + " was answered " + std::to_string(response->head.status) + detail);
  }

  Result<invoice::ToldInvoice, std::string> invoice(std::string_view reference) {
    json::Document answer;
    const auto asked = ask("GET", "invoices/" + std::string(reference), "", answer);
    if (!asked.ok()) return fail(asked.error());
    auto told = invoice::read_invoice(answer.root());
    if (!told.has_value()) return fail(std::string("the answer is no invoice"));
    return std::move(*told);
  }

 private:
  static http::Body body_of(const std::string& text) {
    http::Body body;
    body.length = text.size();
    body.read = [rest = std::string_view(text)](std::span<char> room) mutable -> Result<std::size_t, http::IoError> {
      const std::size_t length = std::min(rest.size(), room.size());
      std::memcpy(room.data(), rest.data(), length);
      rest.remove_prefix(length);
      return length;
    };
    return body;
  }
  static bool read(const http::IncomingResponse& response, std::string& text) {
    std::array<char, 16 * 1024> room;
    while (response.body.exists() && text.size() < kMostAnswerBytes) {
      const auto got = response.body.read(room);
      if (!got.ok()) return false;
      if (*got == 0) return true;
      text.append(room.data(), *got);
    }
    return !response.body.exists();
  }

  http::Url url_;
  std::string key_;
  std::string bucket_;
  http::OpenStreams open_;
  http::Client client_;
};

/// What the audit asks for, asked when it is needed. Invoices are fetched once.
class RemoteSource final : public invoice::AuditSource {
 public:
  explicit RemoteSource(ControlPlane& plane) : plane_(plane) {}

  Result<Quantity, std::string> usage(const invoice::LedgerSpan& span) override {
    json::Text text;
    json::Writer<json::Text> to(text);
    to.begin_object();
    to.key("filterSubscription");
    to.begin_array();
    to.value(span.subscription);
    to.end_array();
    json::write_period_members(to, span.period);
    to.end_object();
    json::Document answer;
    const std::string path = "meters/" + std::string(span.meter) + "/query";
    if (const auto asked = plane_.ask("POST", path, text.take(), answer); !asked.ok()) return fail(asked.error());
    const json::Value data = answer.root().member("data");
    if (data.size() == 0 || data.element(0).member("value").is(json::Kind::null)) return Quantity();
    const auto value = Quantity::parse(data.element(0).member("value").text());
    if (!value.ok()) return fail(std::string("the ledger's answer is no quantity"));
    return *value;
  }

  Result<const std::vector<invoice::ToldInvoice>*, std::string> invoices(std::string_view customer) override {
    if (customer_ == customer) return &invoices_;
    invoices_.clear();
    constexpr std::size_t kPageSize = 100;
    for (std::size_t page = 1;; ++page) {
      json::Document list;
      const std::string path = "invoices?customerId=" + std::string(customer) +
                               "&pageSize=" + std::to_string(kPageSize) + "&page=" + std::to_string(page);
      if (const auto asked = plane_.ask("GET", path, "", list); !asked.ok()) return fail(asked.error());
      const json::Value items = list.root().member("items");
      for (json::Value item : items) {
        auto one = plane_.invoice(item.member("id").text());
        if (!one.ok()) return fail(one.error());
        invoices_.push_back(std::move(*one));
      }
      if (items.size() < kPageSize) break;
    }
    customer_ = customer;
    return &invoices_;
  }

  Result<std::optional<Instant>, std::string> end_of(std::string_view subscription) override {
    json::Document answer;
    const auto asked = plane_.ask("GET", "subscriptions/" + std::string(subscription), "", answer);
    if (!asked.ok()) return fail(asked.error());
    const auto end = parse_instant(answer.root().member("activeTo").text());
    return end.ok() ? std::optional(*end) : std::nullopt;
  }

 private:
  ControlPlane& plane_;
  std::string customer_;  ///< whose invoices they are; empty before they are fetched
  std::vector<invoice::ToldInvoice> invoices_;
};

int cannot_tell(const std::string& message) {
  std::cerr << "tollgate: " << message << '\n';
  return kCannotTell;
}

/// What stands in a path as one segment: an id or a number.
bool is_reference(std::string_view text) {
  const auto fits = [](char c) { return c == '-' || is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

void add_audit_options(CLI::App& command, AuditArguments& arguments) {
  command.add_option("invoice", arguments.invoice, "The invoice: its id or its number")->required();
  command.add_option("--url", arguments.url, "A control plane, such as http://127.0.0.1:8787")->required();
  command.add_option("--key", arguments.key, "A service key that may read; better in the environment")
      ->envname("TOLLGATE_ADMIN_KEY")
      ->required();
  command.add_option("--bucket", arguments.bucket, "The bucket of the invoice")
      ->check(CLI::IsMember({"working-copy", "preview", "production"}))
      ->capture_default_str();
}

int audit(const AuditArguments& arguments, bool json) {
  auto url = http::parse_url(arguments.url);
  if (!url.has_value()) return cannot_tell("--url takes an address like http://127.0.0.1:8787");
  if (!is_reference(arguments.invoice)) return cannot_tell("the invoice is named by its id or its number");
  ControlPlane plane(std::move(*url), arguments);
  const auto invoice = plane.invoice(arguments.invoice);
  if (!invoice.ok()) return cannot_tell(invoice.error());
  RemoteSource source(plane);
  const auto audited = invoice::audit_invoice(*invoice, source);
  if (!audited.ok()) return cannot_tell(audited.error());
  std::cout << (json ? audit_json(*audited) : audit_text(*audited));
  return audited->equal ? kEqual : kDifferent;
}

}  // namespace tollgate::cli
