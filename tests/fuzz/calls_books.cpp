#include "calls_books.h"

#include "json/document.h"

#include <algorithm>

namespace tollgate::fuzz {
namespace {

constexpr std::size_t kMaxBatch = 100;
constexpr std::size_t kMaxBatchesOut = 16;

Quantity amount_of(json::Value data, std::string_view name) {
  const auto amount = Quantity::parse(data.member(name).text());
  require(amount.ok(), "amounts of an event are decimals");
  return *amount;
}

/// A merged event says enough for every aggregation, and nothing that contradicts itself (M11).
void check_merged(json::Value data) {
  if (data.size() == 1) return;
  require(data.size() == 5, "an event has one amount or five");
  const Quantity total = amount_of(data, "total");
  const Quantity min = amount_of(data, "min");
  const Quantity max = amount_of(data, "max");
  const Quantity last = amount_of(data, "last");
  const std::int64_t count = amount_of(data, "count").floor_units();
  require(count >= 2 && min <= last && last <= max, "min <= last <= max of two or more");
  require(min.nanos() * count <= total.nanos() && total.nanos() <= max.nanos() * count, "the total is in between");
}

struct Parsed {
  std::size_t plan = 0;
  Meter meter = kRequests;
  Quantity total;
};

Parsed parse_event(const std::string& text) {
  json::Document document;
  require(document.parse(text).ok(), "an event is JSON");
  const json::Value event = document.root();
  const auto plan = std::find_if(kPlans.begin(), kPlans.end(),
                                 [&](const Plan& one) { return one.id == event.member("subscription").text(); });
  require(plan != kPlans.end(), "an event is of a subscription");
  const std::string_view type = event.member("type").text();
  require(type == "requests" || type == "tokens", "an event is of a meter");
  const json::Value data = event.member("data");
  check_merged(data);
  const Quantity total = amount_of(data, "total");
  require(total.positive(), "nothing is recorded for a total of 0");
  return {static_cast<std::size_t>(plan - kPlans.begin()), type == "requests" ? kRequests : kTokens, total};
}

}  // namespace

void Books::drained(std::uint32_t batch, std::string_view body, std::uint32_t events, std::uint32_t max) {
  json::Document document;
  require(document.parse(body).ok(), "a batch is JSON");
  require(document.root().size() == events && events > 0, "a batch has as many events as is said");
  require(events <= std::min<std::size_t>(max, kMaxBatch), "a batch has no more events than were asked for");
  require(!out_.contains(batch) && out_.size() < kMaxBatchesOut, "a batch is new, and the seventeenth waits");
  std::vector<std::string>& ids = out_[batch];
  for (const json::Value event : document.root()) {
    const std::string id(event.member("id").text());
    require(id.starts_with(std::string(kInstance) + "-"), "an id is of this instance");
    take_in(id, json::compact(event));
    ids.push_back(id);
  }
}

/// M1: an id is new, or the event came back and is the same.
void Books::take_in(const std::string& id, const std::string& text) {
  const auto [known, is_new] = events_.try_emplace(id, text);
  require(is_new || waiting_.erase(id) == 1, "an event is out once");
  require(known->second == text, "an event says the same on every try");
  if (!is_new) return;
  const Parsed event = parse_event(text);
  std::vector<Amounts>& moments = moments_[event.plan];
  Amounts seen = moments.empty() ? Amounts{} : moments.back();
  seen[event.meter] = seen[event.meter].plus(event.total);
  moments.push_back(seen);
}

bool Books::end_batch(std::uint32_t batch, bool delivered) {
  const auto found = out_.find(batch);
  if (found == out_.end()) return false;
  for (const std::string& id : found->second) {
    if (!delivered) {
      waiting_.insert(id);
      continue;
    }
    const Parsed event = parse_event(events_[id]);
    Quantity& sum = delivered_[event.plan][event.meter];
    sum = sum.plus(event.total);
  }
  out_.erase(found);
  return true;
}

void Books::check_all_delivered() const {
  require(out_.empty() && waiting_.empty(), "all batches are delivered");
  require(delivered_ == recorded_, "what was delivered is what was recorded");
}

Books::View Books::view(std::size_t plan, std::size_t moment) const {
  const std::vector<Amounts>& moments = moments_[plan];
  const std::size_t which = moment % (moments.size() + 1);
  const Amounts seen = which < moments.size() ? moments[which] : Amounts{};
  return {Quantity::units(kPlans[plan].limit).minus(seen[kRequests]), seen};
}

}  // namespace tollgate::fuzz
