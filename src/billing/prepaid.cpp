#include "billing/prepaid.h"

#include <algorithm>
#include <utility>

namespace tollgate::billing {
namespace {

/// While an allowance is burned down, it is the grant without an id.
bool is_allowance(const Grant& grant) { return grant.id.empty(); }

Grant grant_of(const Allowance& allowance, Quantity remaining) {
  return {{}, remaining, allowance.priority, allowance.period.from, allowance.period.to};
}

/// Takes the usages that lie in the period off the front.
std::span<const SpanUsage> take_front(std::span<const SpanUsage>& usages, Period period) {
  std::size_t count = 0;
  while (count < usages.size() && usages[count].span.from < period.to) ++count;
  const auto front = usages.first(count);
  usages = usages.subspan(count);
  return front;
}

/// A burn-down under way.
class BurnDown {
 public:
  explicit BurnDown(Prepaid& prepaid) : settled_(prepaid.settled), credits_{std::move(prepaid.grants), {}} {
    if (!settled_.has_value()) return;
    credits_.overdrawn = settled_->overdrawn;
    usage_ = settled_->usage;
  }

  void burn(const Allowance& allowance, std::span<const SpanUsage> usages) {
    begin(allowance);
    for (const SpanUsage& used : usages) usage_ = usage_.plus(used.quantity);
    credits_ = burn_down(std::move(credits_), usages);
  }

  Quantity usage() const { return usage_; }
  Quantity balance(Instant at) const { return credits_.balance(at); }
  Quantity overdrawn() const { return credits_.overdrawn; }
  /// What is left of the last allowance.
  Quantity allowance() const {
    const auto found = std::find_if(credits_.grants.begin(), credits_.grants.end(), is_allowance);
    return found == credits_.grants.end() ? Quantity() : found->remaining;
  }
  std::vector<Grant> take_grants() {
    std::erase_if(credits_.grants, is_allowance);
    return std::move(credits_.grants);
  }

 private:
  void begin(const Allowance& allowance) {
    std::erase_if(credits_.grants, is_allowance);  // the one before has ended
    const bool goes_on = settled_.has_value() && allowance.period.from < settled_->until;
    if (!goes_on && !allowance.carries_overdraft) credits_.overdrawn = {};
    credits_.grants.push_back(grant_of(allowance, goes_on ? settled_->allowance : allowance.quantity));
    usage_ = goes_on ? settled_->usage : Quantity();
  }

  std::optional<Settled> settled_;
  Credits credits_;
  Quantity usage_;
};

/// Burns down the allowances that begin before `end`.
BurnDown burn_before(Prepaid& prepaid, std::span<const SpanUsage> usages, Instant end) {
  BurnDown burning(prepaid);
  for (const Allowance& allowance : prepaid.allowances) {
    if (allowance.period.from >= end) break;
    burning.burn(allowance, take_front(usages, allowance.period));
  }
  return burning;
}

/// The spans of the allowances that begin before `end`, each allowance cut off at `cut`.
std::vector<Period> spans_of(const Prepaid& prepaid, Instant end, Instant cut) {
  const Instant since = prepaid.settled.has_value() ? prepaid.settled->until : kFirstInstant;
  std::vector<Period> spans;
  for (const Allowance& allowance : prepaid.allowances) {
    const Period period{std::max(allowance.period.from, since), std::min(allowance.period.to, cut)};
    if (period.to <= period.from) continue;
    for (const Period& span : burn_spans(prepaid.grants, period)) {
      if (span.from < end) spans.push_back(span);
    }
  }
  return spans;
}

}  // namespace

std::vector<Period> spans_needed(const Prepaid& prepaid, Instant at) {
  return spans_of(prepaid, {at.ms + 1}, {kLastInstant.ms + 1});
}

PrepaidState state_of(Prepaid prepaid, std::span<const SpanUsage> usages, Instant at) {
  BurnDown burning = burn_before(prepaid, usages, {at.ms + 1});
  PrepaidState state{burning.balance(at), burning.usage(), burning.overdrawn(), {}};
  state.grants = burning.take_grants();
  return state;
}

std::optional<Instant> last_bound(const Prepaid& prepaid, Instant at) {
  const std::vector<Period> spans = spans_needed(prepaid, at);
  if (spans.empty()) return std::nullopt;
  return spans.back().to <= at ? spans.back().to : spans.back().from;
}

std::vector<Period> spans_before(const Prepaid& prepaid, Instant until) { return spans_of(prepaid, until, until); }

Prepaid settle(Prepaid prepaid, std::span<const SpanUsage> usages, Instant until) {
  BurnDown burning = burn_before(prepaid, usages, until);
  prepaid.settled = Settled{until, burning.overdrawn(), burning.allowance(), burning.usage()};
  prepaid.grants = burning.take_grants();
  std::erase_if(prepaid.allowances, [&](const Allowance& allowance) { return allowance.period.to <= until; });
  return prepaid;
}

}  // namespace tollgate::billing
