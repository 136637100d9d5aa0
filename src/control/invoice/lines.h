#pragma once

#include "billing/invoice.h"
#include "billing/rating.h"
#include "control/credit/purse.h"
#include "control/port/sql.h"
#include "control/subscription/store.h"
#include "money/amount.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

enum class LineKind : std::uint8_t {
  fee,
  usage,
  late_usage,  ///< what usage that became known after its period was billed adds to that bill (M7)
  credit,      ///< < 0: of a change of plan (S7.8), or carried from an invoice that came to less than 0
  carried,     ///< > 0: what the lines come to below 0, which becomes a credit
};
inline constexpr std::string_view kLineKindNames[] = {"fee", "usage", "late_usage", "credit", "carried"};

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
  std::string body;  ///< the line as JSON, with all that is needed to compute it again
};

/// Usage of a period that was billed and has changed since.
struct LateUsage {
  billing::DueLine line;
  Quantity billed;
  Quantity all;
};

/// Makes the lines of one subscription's invoices.
class LineMaker {
 public:
  LineMaker(Sql& sql, const StoredSubscription& subscription) : sql_(sql), subscription_(subscription) {}

  DrawnLine rated(const billing::DueLine& due, const billing::Rating& rating) const;
  DrawnLine late(const LateUsage& usage, const billing::LateRating& rating) const;
  /// What a credit takes off: off one fee, or (none given) off all lines together. `credit` is > 0, and the sum of
  /// `uses`.
  DrawnLine credit(const billing::DueLine* fee, money::Amount credit, const std::vector<CreditUse>& uses) const;
  /// `amount` is > 0.
  DrawnLine carried(money::Amount amount) const;

 private:
  void begin(JsonWriter& to, LineKind kind, std::string_view description, money::Amount amount) const;
  void write_card(JsonWriter& to, const billing::DueLine& due) const;
  void write_source(JsonWriter& to, const billing::DueLine& due) const;
  const catalog::RateCard& card_of(const billing::DueLine& due) const;

  Sql& sql_;
  const StoredSubscription& subscription_;
};

}  // namespace tollgate::control
