#pragma once

#include "billing/credits.h"
#include "billing/proration.h"
#include "json/document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::invoice {

// How a credit came about, as JSON that goes with it onto every line that uses it: with all that is needed to compute
// it again (docs/decisions/0010-invoices.md). Schemas `CreditOfChange` and `CreditOfInvoice` of docs/openapi.yaml.

/// What was consumed of a fee's period, as it is told: with at most six fractional digits.
struct ToldConsumed {
  Quantity time;
  std::optional<Quantity> quota;  ///< none: time alone counts

  static ToldConsumed of(const billing::Consumed& consumed);
};
/// `{"time": "0.5", "quota": "0.7"}`.
void write_consumed(json::Writer<json::Text>& to, const ToldConsumed& consumed);

/// What a change of plan gives back of one fee.
struct ReturnedFee {
  std::string phase;
  std::string card;
  money::Amount amount;  ///< as it was billed
  Period period;         ///< that it was billed for
  ToldConsumed consumed;
  money::Amount credit;
};

/// The entitlement that was used up furthest.
struct CountedQuota {
  std::string feature;
  std::optional<std::string> meter;  ///< the slug
  billing::QuotaUse use;
  std::vector<billing::SpanUsage> periods;  ///< what `use.used` adds up from
};

/// A change of plan at `at` gives back what is left of fees (S7.8).
struct ChangeOrigin {
  std::string subscription_id;  ///< that was changed
  Instant at;
  std::vector<ReturnedFee> fees;
  std::optional<CountedQuota> quota;  ///< none: time alone counts
};

/// An invoice, which is final, came to less than 0.
struct CarriedOrigin {
  std::string invoice_id;
  std::string number;
};

std::string origin_text(const ChangeOrigin& origin);
std::string origin_text(const CarriedOrigin& origin);

/// What of a change cannot be read.
enum class OriginFault : std::uint8_t {
  change,  ///< its instant or its quota
  fee,     ///< one of its fees
};

/// Reads what `origin_text` made.
Result<ChangeOrigin, OriginFault> read_change_origin(std::string_view text, money::Currency currency);
CarriedOrigin read_carried_origin(std::string_view text);

}  // namespace tollgate::invoice
