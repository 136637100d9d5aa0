#include "billing/credits.h"

#include <algorithm>
#include <tuple>

namespace tollgate::billing {
namespace {

bool used_before(const Grant& a, const Grant& b) {
  const Instant a_expiry = a.expires_at.value_or(kLastInstant);
  const Instant b_expiry = b.expires_at.value_or(kLastInstant);
  const bool a_stays = !a.expires_at.has_value();
  const bool b_stays = !b.expires_at.has_value();
  return std::tie(a.priority, a_expiry, a_stays, a.effective_at, a.id) <
         std::tie(b.priority, b_expiry, b_stays, b.effective_at, b.id);
}

/// Takes `quantity` from the usable grants in their order; what they do not have is overdrawn.
void burn(Credits& credits, Instant at, Quantity quantity) {
  Quantity open = credits.overdrawn.plus(quantity);
  for (Grant& grant : credits.grants) {
    if (!grant.usable_at(at)) continue;
    const Quantity taken = std::min(open, grant.remaining);
    grant.remaining = grant.remaining.minus(taken);
    open = open.minus(taken);
  }
  credits.overdrawn = open;
}

}  // namespace

Quantity Credits::balance(Instant at) const {
  Quantity sum = Quantity().minus(overdrawn);
  for (const Grant& grant : grants) {
    if (grant.usable_at(at)) sum = sum.plus(grant.remaining);
  }
  return sum;
}

std::vector<Period> burn_spans(std::span<const Grant> grants, Period period) {
  std::vector<Instant> bounds{period.from, period.to};
  const auto add = [&](Instant at) {
    if (period.from < at && at < period.to) bounds.push_back(at);
  };
  for (const Grant& grant : grants) {
    add(grant.effective_at);
    if (grant.expires_at.has_value()) add(*grant.expires_at);
  }
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  std::vector<Period> spans;
  for (std::size_t i = 1; i < bounds.size(); ++i) spans.push_back({bounds[i - 1], bounds[i]});
  return spans;
}

Credits burn_down(Credits credits, std::span<const SpanUsage> usages) {
  std::sort(credits.grants.begin(), credits.grants.end(), used_before);
  for (const SpanUsage& usage : usages) burn(credits, usage.span.from, usage.quantity);
  return credits;
}

}  // namespace tollgate::billing
