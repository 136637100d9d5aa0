#pragma once

#include "base/quantity.h"
#include "calendar/period.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tollgate::billing {

/// Prepaid usage: a pack that was bought, or one that was given (S7.10). It can be used from `effective_at` on and,
/// where it expires, until just before `expires_at`; what is left then is lost.
struct Grant {
  std::string id;
  Quantity remaining;         ///< at first all of it
  std::int32_t priority = 0;  ///< lower numbers are used first
  Instant effective_at;
  std::optional<Instant> expires_at;

  bool usable_at(Instant at) const { return effective_at <= at && (!expires_at.has_value() || at < *expires_at); }
};

/// The grants of one entitlement at some moment, and what was used beyond them: a request that costs more than what is
/// left completes (S2.6). Grants that come later make up for that first.
struct Credits {
  std::vector<Grant> grants;
  Quantity overdrawn;

  /// What is left at a moment to which everything was burned down; negative while it is overdrawn. Service stops at 0.
  Quantity balance(Instant at) const;
};

/// Usage of one of the spans that `burn_spans` gave.
struct SpanUsage {
  Period span;
  Quantity quantity;
};

/// The spans of [from, to) within which the same grants are usable: usage must be known for each of them, since what is
/// used while a grant is usable cannot be taken from one that is not. Contiguous and in order; none is empty.
std::vector<Period> burn_spans(std::span<const Grant> grants, Period period);

/// Takes usage from the grants that are usable in its span: lower priority number first, then the earliest expiry
/// (those without one last), then the earliest grant, then by id. A fold: what comes out is where the next spans go on,
/// and a function of the spans' totals alone, so that the order of events within them does not matter (M2).
Credits burn_down(Credits credits, std::span<const SpanUsage> usages);

}  // namespace tollgate::billing
