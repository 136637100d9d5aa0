#include "tests/conformance/status_code_suite.h"

namespace tollgate::conformance {
namespace {

constexpr const char* kSnapshot = R"({
  "id": "01KNVXHQG356VA7T7W0V9N21GH", "customerId": "01KNVXHQG356VA7T7W0V9N21GJ", "name": "Pro", "status": "active",
  "currency": "USD", "plan": {"id": "01KNVXHQG356VA7T7W0V9N21GK", "key": "pro", "name": "Pro", "version": 1},
  "entitlements": {"requests": {
    "type": "metered", "isSoftLimit": false, "hasAccess": true, "balance": 1000000, "usage": 0, "overage": 0}},
  "paymentStatus": {"status": "paid", "isFirstPayment": false, "lastPaymentSucceededAt": "2026-01-01T00:00:00Z"},
  "billingCadence": "P1M", "billingAnchor": "2025-10-01T00:00:00Z", "nextBillingDate": "2026-02-01T00:00:00Z",
  "activeFrom": "2025-10-01T00:00:00Z", "maxPaymentOverdueDays": 3, "consumer": "acme-prod",
  "createdAt": "2025-10-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"})";

void add_requests(CaseReader& fields, std::string_view name, bool metered, PolicyCase& to) {
  const Instant now = *parse_instant("2026-01-15T10:00:00Z");
  for (const json::Value code : fields.array(name)) {
    const auto status = Quantity::parse(code.text());
    if (!code.is(json::Kind::number) || !status.ok() || status->negative()) {
      fields.mistake(name, "must be status codes");
      continue;
    }
    CaseRequest request;
    request.now_ms = static_cast<double>(now.ms);
    request.headers = {{"authorization", "Bearer k1"}};
    request.status = static_cast<std::uint32_t>(status->floor_units());
    to.requests.push_back(request);
    ExpectedAnswer expected{.allowed = true};
    if (metered) expected.events = {{"requests", Quantity::units(1)}};
    to.expect.push_back(expected);
  }
}

}  // namespace

PolicyCase read_status_code_case(json::Value value, Mistakes& mistakes) {
  CaseReader fields(value, "case \"" + std::string(value.member("name").text()) + "\"", mistakes);
  PolicyCase result;
  result.name = fields.text("name");
  fields.any("spec");
  const json::Value codes = fields.any("value");
  if (codes.absent()) fields.mistake("value", "is missing");
  if (!codes.absent()) {
    result.options = R"({"meters":{"requests":1},"quota":"cached","meterOnStatusCodes":)" + json::compact(codes) + "}";
  }
  result.keys = {{"k1", {.status = 200, .body = kSnapshot}}};

  CaseReader expect(fields.object("expect"), fields.where() + " expect", mistakes);
  if (expect.has("error")) {
    result.config_error = expect.truth("error");
    if (!result.config_error) expect.mistake("error", "must be true");
  } else {
    add_requests(expect, "in", true, result);
    add_requests(expect, "out", false, result);
  }
  expect.refuse_others();
  fields.refuse_others();
  return result;
}

}  // namespace tollgate::conformance
