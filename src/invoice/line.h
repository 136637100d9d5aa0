#pragma once

#include "billing/due.h"
#include "billing/rating.h"
#include "invoice/purse.h"
#include "money/amount.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::invoice {

enum class LineKind : std::uint8_t {
  fee,
  usage,
  late_usage,  ///< what usage that became known after its period was billed adds to that bill (M7)
  credit,      ///< < 0: of a change of plan (S7.8), or carried from an invoice that came to less than 0
  carried,     ///< > 0: what the lines come to below 0, which becomes a credit
};
inline constexpr std::string_view kLineKindNames[] = {"fee", "usage", "late_usage", "credit", "carried"};

constexpr std::string_view name(LineKind kind) { return kLineKindNames[static_cast<std::size_t>(kind)]; }

/// The rate card that a line bills, and the period.
struct LineCard {
  std::string phase;  ///< key of the plan's phase
  std::string card;   ///< key of the rate card
  bool in_advance = false;
  std::optional<Period> period;  ///< none: a one-time fee
};

/// What a line was rated with, beside its usage.
struct LineTerms {
  std::optional<std::string> feature;
  std::optional<std::string> meter;    ///< of usage: the slug
  std::optional<Instant> usage_from;   ///< where usage counts from, if not from the period's beginning
  std::optional<Instant> usage_until;  ///< where it counts to, if not to the period's end
  catalog::Price price;
  catalog::Discounts discounts;
};

/// What a line uses of one credit.
struct CreditShare {
  CreditKind kind = CreditKind::change;
  std::string credit_id;
  money::Amount granted;  ///< all of the credit
  money::Amount used;     ///< here
  std::string origin;     ///< JSON: how the credit came about (invoice/origin.h)

  friend bool operator==(const CreditShare&, const CreditShare&) = default;
};

/// A line with its own proof: all that is needed to compute it again.
struct Line {
  LineKind kind = LineKind::fee;
  std::string description;
  money::Amount amount;
  std::optional<LineCard> card;                  ///< none: a credit off all lines, what is carried on
  std::optional<LineTerms> terms;                ///< of fees and usage
  std::optional<Quantity> usage;                 ///< that was rated; of late usage, all of it
  std::optional<Quantity> billed_usage;          ///< of late usage: what was billed before
  std::optional<billing::Rating> rating;         ///< of fees and usage
  std::optional<billing::Rating> billed_rating;  ///< of late usage: of what was billed before
  std::vector<CreditShare> sources;              ///< of credits: oldest first
};

/// What a line is known by within its subscription, so that it is never billed twice (billing/due.h).
struct LineKey {
  std::size_t phase = 0;
  std::size_t card = 0;
  Instant begins_at;  ///< `kFirstInstant` for a one-time fee: there is one in its phase

  static LineKey of(const billing::DueLine& line) {
    return {line.phase, line.card, line.period.has_value() ? line.period->from : kFirstInstant};
  }
  friend auto operator<=>(const LineKey&, const LineKey&) = default;
};

/// A line as it stands on an invoice.
struct DrawnLine {
  LineKind kind = LineKind::fee;
  std::optional<LineKey> key;     ///< what it bills; of late usage, what it corrects
  std::optional<Quantity> usage;  ///< that was rated; of late usage, all of it
  money::Amount amount;
  std::string body;  ///< the line as JSON (invoice/line_json.h)
};

}  // namespace tollgate::invoice
