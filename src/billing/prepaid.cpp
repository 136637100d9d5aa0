#include "billing/prepaid.h"

#include <algorithm>
#include <utility>

namespace tollgate::billing {
namespace {

Grant grant_of(const Allowance& allowance) {
  return {{}, allowance.quantity, allowance.priority, allowance.period.from, allowance.period.to};
}

/// Takes the usages that lie in the period off the front.
std::span<const SpanUsage> take_front(std::span<const SpanUsage>& usages, Period period) {
  std::size_t count = 0;
  while (count < usages.size() && usages[count].span.from < period.to) ++count;
  const auto front = usages.first(count);
  usages = usages.subspan(count);
  return front;
}

Quantity sum_of(std::span<const SpanUsage> usages) {
  Quantity sum;
  for (const SpanUsage& usage : usages) sum = sum.plus(usage.quantity);
  return sum;
}

}  // namespace

std::vector<Period> spans_needed(const Prepaid& prepaid, Instant at) {
  std::vector<Period> needed;
  for (const Allowance& allowance : prepaid.allowances) {
    for (const Period& span : burn_spans({prepaid.grants, {}}, allowance.period)) {
      if (span.from <= at) needed.push_back(span);
    }
  }
  return needed;
}

PrepaidState state_of(Prepaid prepaid, std::span<const SpanUsage> usages, Instant at) {
  PrepaidState state;
  Credits credits{std::move(prepaid.grants), {}};
  for (const Allowance& allowance : prepaid.allowances) {
    if (allowance.period.from > at) break;
    // The one before has ended; it has no id.
    std::erase_if(credits.grants, [](const Grant& grant) { return grant.id.empty(); });
    if (!allowance.carries_overdraft) credits.overdrawn = {};
    credits.grants.push_back(grant_of(allowance));
    const auto used = take_front(usages, allowance.period);
    credits = burn_down(std::move(credits), used);
    state.usage = sum_of(used);
  }
  state.balance = credits.balance(at);
  state.overdrawn = credits.overdrawn;
  std::erase_if(credits.grants, [](const Grant& grant) { return grant.id.empty(); });
  state.grants = std::move(credits.grants);
  return state;
}

}  // namespace tollgate::billing
