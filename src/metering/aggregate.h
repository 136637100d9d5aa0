#pragma once

#include "base/quantity.h"
#include "base/siphash.h"
#include "calendar/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::metering {

/// The value of the youngest event; of several at the same moment, of the one with the greatest id, then source.
struct Latest {
  Instant time;
  std::string id;
  std::string source;
  Quantity value;

  /// Whether this is younger than `other`.
  bool after(const Latest& other) const;
};

/// Sum, smallest and largest of some values; there is at least one.
struct Totals {
  Quantity sum;
  Quantity min;
  Quantity max;
};

/// What some events come to. Merging is commutative and associative, so neither order nor batching of events shows
/// (M2).
struct Aggregate {
  std::int64_t count = 0;
  std::optional<Totals> totals;  ///< of measures of kind `number`
  std::optional<Latest> latest;  ///< of measures of kind `latest`

  /// False when the sum would leave the range of a `Quantity` that can be read back (M9); nothing has changed then.
  bool merge(const Aggregate& other);
};

/// `sum` ÷ `count`, rounded half away from zero to nine fractional digits. `count` is positive, `sum` is not negative.
Quantity average(Quantity sum, std::int64_t count);

/// A set of digests. Grows by appending and gets rid of doubles when it has doubled.
class DistinctSet {
 public:
  void insert(Hash128 digest);
  void merge(const DistinctSet& other);
  /// Sorted, without doubles.
  const std::vector<Hash128>& digests();

 private:
  void compact();

  std::vector<Hash128> digests_;
  std::size_t compacted_ = 0;
};

}  // namespace tollgate::metering
