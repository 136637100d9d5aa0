#pragma once

#include "control/port/sql.h"
#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"
#include "metering/event.h"

#include <map>
#include <string_view>

namespace tollgate::control {

/// What a number of new events add to the high-water marks of those who sent them (S5): the exact sum of `data.total`
/// of every event of an edge instance that this ledger has taken in, for each event type. An edge instance is named in
/// the ids of its events, `<instance>-<number>` with the policy as source; events of others have no sender.
///
/// Collected in memory, so that a request costs one read and one write for all instances that it has events of.
class SenderBatch {
 public:
  /// `event` must live until `flush`; `data` is its data. An event without a total that can be read adds nothing.
  void add(const metering::Event& event, json::Value data);

  /// Adds everything to the database. The events are in it already: an instance that is not known, or is no longer, is
  /// counted from them. `received_at` is the machine's time, whatever clock the bucket has; who has sent nothing for
  /// `limits::kSenderForgottenMs` is forgotten, some at a time, whenever others come up.
  void flush(Sql& sql, Instant received_at);

 private:
  std::map<std::string_view, std::map<std::string_view, Quantity>> added_;  ///< by instance and type
};

/// Writes `highWater` as a member, `{instance: {type: total}}`, who sent last first. Of more than fit on a snapshot
/// (`limits::kMaxHighWaterSenders`, `kMaxHighWaterBytes`) some are left out, and `highWaterPartial` says so.
void write_high_water(json::Writer<json::Text>& to, Sql& sql);

}  // namespace tollgate::control
