#include "metering/aggregate.h"

#include <algorithm>
#include <tuple>

namespace tollgate::metering {

bool Latest::after(const Latest& other) const {
  return std::tie(time, id, source) > std::tie(other.time, other.id, other.source);
}

bool Aggregate::merge(const Aggregate& other) {
  if (totals.has_value() && other.totals.has_value()) {
    const Quantity sum = totals->sum.plus(other.totals->sum);
    if (!sum.in_range()) return false;
    totals = Totals{sum, std::min(totals->min, other.totals->min), std::max(totals->max, other.totals->max)};
  } else if (other.totals.has_value()) {
    totals = other.totals;
  }
  if (other.latest.has_value() && (!latest.has_value() || other.latest->after(*latest))) latest = other.latest;
  count += other.count;
  return true;
}

Quantity average(Quantity sum, std::int64_t count) {
  TOLLGATE_ASSERT(count > 0 && !sum.negative());
  const Int128 quotient = sum.nanos() / count;
  const Int128 rest = sum.nanos() % count;
  return Quantity::nanos(quotient + (rest >= count - rest ? 1 : 0));
}

void DistinctSet::insert(Hash128 digest) {
  constexpr std::size_t kSmallest = 64;
  digests_.push_back(digest);
  if (digests_.size() >= std::max(kSmallest, 2 * compacted_)) compact();
}

void DistinctSet::merge(const DistinctSet& other) {
  for (const Hash128& digest : other.digests_) insert(digest);
}

const std::vector<Hash128>& DistinctSet::digests() {
  compact();
  return digests_;
}

void DistinctSet::compact() {
  std::sort(digests_.begin(), digests_.end(),
            [](const Hash128& a, const Hash128& b) { return std::tie(a.high, a.low) < std::tie(b.high, b.low); });
  digests_.erase(std::unique(digests_.begin(), digests_.end()), digests_.end());
  compacted_ = digests_.size();
}

}  // namespace tollgate::metering
