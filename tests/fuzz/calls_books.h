#pragma once

#include "base/quantity.h"
#include "edge_fixture.h"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::fuzz {

/// A subscription of the calls fuzzer: so many `requests` in all, a hard limit; `tokens` without end.
struct Plan {
  std::string_view id;
  std::int64_t limit = 0;
};

inline constexpr std::array<Plan, 3> kPlans = {{
    {"01KNVXHQG356VA7T7W0V9N21GA", 5},
    {"01KNVXHQG356VA7T7W0V9N21GB", 2},
    {"01KNVXHQG356VA7T7W0V9N21GC", 1'000'000},
}};

/// What the seed of `Edge::start` makes an instance call itself.
inline constexpr std::string_view kInstance = "070W3GE1R70W3GE1R70W3GE1R7";

enum Meter : std::uint8_t { kRequests, kTokens, kMeters };

/// What may be owed to one subscription: kept by the obvious sums, to hold the module's books to.
class Books {
 public:
  /// A request was let through that costs one. A <= L: what was recorded and what is reserved stay within the limit,
  /// but for requests whose reservation had run out before they were finished (S2.9).
  void admit(std::size_t plan) {
    ++reserved_[plan];
    ++open_[plan];
    require(recorded_requests(plan) + reserved_[plan] <= kPlans[plan].limit + late_[plan], "A <= L");
  }
  /// One was refused for its quota: there was none left.
  void refuse(std::size_t plan) const {
    require(recorded_requests(plan) + open_[plan] >= kPlans[plan].limit, "who is refused has spent the quota");
  }
  /// Its reservation has run out; it may still be finished.
  void expire(std::size_t plan) { --reserved_[plan]; }
  void end(std::size_t plan, bool was_reserved) {
    --open_[plan];
    if (was_reserved) --reserved_[plan];
  }
  /// What a finished request has used.
  void record(std::size_t plan, Meter meter, Quantity amount, bool in_time) {
    recorded_[plan][meter] = recorded_[plan][meter].plus(amount);
    if (meter == kRequests && !in_time) ++late_[plan];
  }

  /// Batches of events, as S3.1 and M1 want them.
  void drained(std::uint32_t batch, std::string_view body, std::uint32_t events, std::uint32_t max);
  /// Whether the batch was out.
  bool delivered(std::uint32_t batch) { return end_batch(batch, true); }
  bool failed(std::uint32_t batch) { return end_batch(batch, false); }
  const std::map<std::uint32_t, std::vector<std::string>>& out() const { return out_; }

  /// Nothing was lost, nothing was made up.
  void check_all_delivered() const;

  /// A snapshot's balance and high-water marks as the ledger has them at one of the moments since it began: a batch
  /// that was handed out may have been taken in, whatever the instance heard of that.
  struct View {
    Quantity balance;
    std::array<Quantity, kMeters> seen;
  };
  View view(std::size_t plan, std::size_t moment) const;

 private:
  std::int64_t recorded_requests(std::size_t plan) const { return recorded_[plan][kRequests].floor_units(); }
  void take_in(const std::string& id, const std::string& text);
  bool end_batch(std::uint32_t batch, bool delivered);

  using Amounts = std::array<Quantity, kMeters>;
  std::array<std::int64_t, kPlans.size()> reserved_{};
  std::array<std::int64_t, kPlans.size()> open_{};  ///< with those whose reservation has run out
  std::array<std::int64_t, kPlans.size()> late_{};  ///< finished after it had
  std::array<Amounts, kPlans.size()> recorded_{};
  std::array<Amounts, kPlans.size()> delivered_{};
  std::array<std::vector<Amounts>, kPlans.size()> moments_{};  ///< what the ledger had seen, after each event
  std::map<std::string, std::string> events_;                  ///< id -> text, of all that were ever handed out
  std::set<std::string> waiting_;                              ///< ids of those that came back
  std::map<std::uint32_t, std::vector<std::string>> out_;      ///< batch -> ids
};

}  // namespace tollgate::fuzz
