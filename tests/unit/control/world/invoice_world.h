#pragma once

#include "tests/unit/control/world/plane.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// A flat fee of 29.00 a month, 10 000 requests included, each further token 0.01.
inline constexpr std::string_view kProCards = R"(
  {"type":"flat_fee","key":"api_requests","name":"Requests","featureKey":"api_requests","billingCadence":"P1M",
   "price":{"type":"flat","amount":"29.00"},
   "entitlementTemplate":{"type":"metered","issueAfterReset":10000,"isSoftLimit":false}},
  {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
   "price":{"type":"unit","amount":"0.01"},"entitlementTemplate":{"type":"metered","isSoftLimit":true}})";
/// 99.00 a month, nothing else.
inline constexpr std::string_view kBigCards = R"(
  {"type":"flat_fee","key":"big","name":"Big","billingCadence":"P1M","price":{"type":"flat","amount":"99.00"}})";
/// 9.00 a month.
inline constexpr std::string_view kSmallCards = R"(
  {"type":"flat_fee","key":"small","name":"Small","billingCadence":"P1M","price":{"type":"flat","amount":"9.00"}})";

/// A plane with the plans `pro`, `big` and `small`, whose time only these tests move.
struct InvoiceWorld : Plane {
  InvoiceWorld();

  /// A subscription of acme; its id.
  std::string subscribe_to(std::string_view plan_key, std::string_view more = {});
  /// Moves the time, and lets happen what falls due on the way.
  void go(std::string_view to);
  /// Usage at some moment that is not ahead.
  void use(std::string_view subscription, std::string_view meter, std::string_view total, std::string_view when);
  /// `number status date total` of all invoices of a subscription, in their order.
  std::vector<std::string> invoices(std::string_view subscription);
  /// One of them with its lines, counted from 0.
  Reply invoice(std::string_view subscription, std::size_t index);
  /// `kind amount` of its lines.
  std::vector<std::string> lines(std::string_view subscription, std::size_t index);
  Reply change(std::string_view subscription, std::string_view plan_key, std::string_view timing);

 private:
  int events_ = 0;
};

using Texts = std::vector<std::string>;

}  // namespace tollgate::test
