#include "control/ledger/senders.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/ulid.h"
#include "control/port/statement_json.h"
#include "json/merged_event.h"

#include <algorithm>
#include <string>
#include <vector>

namespace tollgate::control {
namespace {

using JsonWriter = json::Writer<json::Text>;
using Totals = std::map<std::string, Quantity, std::less<>>;

/// A page of events to count.
constexpr std::size_t kPageEvents = 1000;

constexpr Quantity kMostTotal = Quantity::units(1'000'000'000'000'000'000).minus(Quantity::nanos(1));

/// The instance that an id names; empty where it names none.
std::string_view instance_of(std::string_view id) {
  if (id.size() < Ulid::kLength + 2 || id[Ulid::kLength] != '-') return {};
  const std::string_view number = id.substr(Ulid::kLength + 1);
  const std::string_view instance = id.substr(0, Ulid::kLength);
  return std::all_of(number.begin(), number.end(), is_digit) && is_ulid(instance) ? instance : std::string_view();
}

Quantity total_of(json::Value data) {
  const auto total = Quantity::parse(data.member("total").text());
  return total.ok() && !total->negative() ? *total : Quantity();
}

/// No event adds more than a sum of events may reach; all that an instance ever sent could.
void add_to(Quantity& total, Quantity more) {
  if (!total.add_in_range(more)) total = kMostTotal;
}

Totals read_totals(std::string_view text) {
  json::Document document;
  static_cast<void>(document.parse(text));
  Totals totals;
  for (const json::Value total : document.root()) {
    const auto quantity = Quantity::parse(total.text());
    totals.emplace(total.name(), quantity.ok() ? *quantity : Quantity());
  }
  return totals;
}

std::string written(const Totals& totals) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  for (const auto& [type, total] : totals) to.member(type, total);
  to.end_object();
  return text.take();
}

/// What the events of the ledger say: whoever was forgotten, or comes for the first time, is as if he had always been
/// known.
Totals counted(Sql& sql, std::string_view instance) {
  const std::string end = std::string(instance).append(".");  // follows '-'
  std::string after = std::string(instance).append("-");
  Totals totals;
  for (;;) {
    const Rows page =
        sql.query("SELECT id, type, data FROM events WHERE source = ? AND id > ? AND id < ? ORDER BY id LIMIT ?",
                  json::kPolicySource, after, end, static_cast<std::int64_t>(kPageEvents));
    for (const Row row : page) {
      json::Document data;
      static_cast<void>(data.parse(row.text(2)));
      if (!instance_of(row.text(0)).empty()) add_to(totals[std::string(row.text(1))], total_of(data.root()));
    }
    if (page.size() < kPageEvents) return totals;
    after = page.at(page.size() - 1).text(0);
  }
}

void forget_others(Sql& sql, Instant received_at, std::int64_t most) {
  sql.exec(
      "DELETE FROM senders WHERE instance IN"
      " (SELECT instance FROM senders WHERE received_ms < ? ORDER BY received_ms LIMIT ?)",
      received_at.ms - limits::kSenderForgottenMs, most);
}

/// A sender as it is to be stored.
struct Sender {
  std::string_view instance;
  Totals totals;
  bool known = false;
};

void read_known(Sql& sql, std::vector<Sender>& senders) {
  for_each_json_array(
      senders, [](JsonWriter& to, const Sender& sender) { to.value(sender.instance); },
      [&](const std::string& names, std::size_t first) {
        const Rows rows = sql.query(
            "SELECT k.key, s.totals FROM json_each(?) AS k CROSS JOIN senders AS s WHERE s.instance = k.value ->> 0",
            names);
        for (const Row row : rows) {
          Sender& sender = senders[first + static_cast<std::size_t>(row.number(0))];
          sender.totals = read_totals(row.text(1));
          sender.known = true;
        }
      });
}

void store(Sql& sql, const std::vector<Sender>& senders, Instant received_at) {
  for_each_json_array(
      senders,
      [&](JsonWriter& to, const Sender& sender) {
        to.value(sender.instance);
        to.value(std::string_view(written(sender.totals)));
        to.value(received_at.ms);
      },
      [&](const std::string& rows, std::size_t) {
        sql.exec(
            "INSERT INTO senders (instance, totals, received_ms) SELECT value ->> 0, value ->> 1, value ->> 2"
            " FROM json_each(?) WHERE true ON CONFLICT (instance) DO UPDATE SET totals = excluded.totals,"
            " received_ms = max(received_ms, excluded.received_ms)",
            rows);
      });
}

}  // namespace

void SenderBatch::add(const metering::Event& event, json::Value data) {
  if (event.source != json::kPolicySource) return;
  const std::string_view instance = instance_of(event.id);
  const Quantity total = total_of(data);
  if (!instance.empty() && total.positive()) add_to(added_[instance][event.type], total);
}

void SenderBatch::flush(Sql& sql, Instant received_at) {
  if (added_.empty()) return;
  std::vector<Sender> senders;
  senders.reserve(added_.size());
  for (const auto& [instance, added] : added_) senders.push_back({instance, {}});
  read_known(sql, senders);
  std::int64_t new_ones = 0;
  for (Sender& sender : senders) {
    if (!sender.known) {
      sender.totals = counted(sql, sender.instance);
      ++new_ones;
    } else {
      for (const auto& [type, total] : added_[sender.instance]) add_to(sender.totals[std::string(type)], total);
    }
  }
  store(sql, senders, received_at);
  // The table grows by new ones only: for each of them others may go.
  if (new_ones > 0) forget_others(sql, received_at, new_ones + limits::kForgottenSenders);
  added_.clear();
}

void write_high_water(JsonWriter& to, Sql& sql) {
  constexpr auto kMost = static_cast<std::int64_t>(limits::kMaxHighWaterSenders);
  const Rows rows =
      sql.query("SELECT instance, totals FROM senders ORDER BY received_ms DESC, instance DESC LIMIT ?", kMost + 1);
  std::size_t count = 0;
  std::size_t bytes = std::string_view("{}").size();
  to.key("highWater");
  to.begin_object();
  for (const Row row : rows) {
    const std::string_view totals = row.text(1);
    const std::size_t more = std::string_view(R"("":,)").size() + Ulid::kLength + totals.size();
    if (count == limits::kMaxHighWaterSenders || bytes + more > limits::kMaxHighWaterBytes) continue;
    to.raw_member(row.text(0), totals);
    bytes += more;
    ++count;
  }
  to.end_object();
  if (count < rows.size()) to.member("highWaterPartial", true);
}

}  // namespace tollgate::control
